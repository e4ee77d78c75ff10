//! The observable state of a world: answers, devices, calls, metrics, the audit log.

use serde_json::Value;
use steward::domain::audit::{AuditEntry, AuditEvent};
use steward::sim::{DeliveryRecord, RequestRecord};
use steward::store::JobCounts;

use super::answer::Answer;
use super::http::{Reply, read};
use super::service::World;

impl World {
    /// Sends a GET request to Steward.
    pub async fn get(&self, path: &str) -> Reply {
        read(self.http.get(self.url(path))).await
    }

    /// A metric such as `deliveries_total{result="wrong"}`; 0 if it is missing.
    pub async fn metric(&self, name: &str) -> u64 {
        let prefix = format!("steward_{name} ");
        let metrics = self.get("/metrics").await.body;
        metrics.lines().find_map(|line| line.strip_prefix(&prefix)).map_or(0, |count| count.parse().unwrap())
    }

    /// Calls the simulated Webex directly.
    pub async fn webex(&self, token: &str, method: &str, path: &str, body: Option<Value>) -> Reply {
        let url = format!("{}{path}", self.sim.api_base());
        let mut request = self.http.request(method.parse().unwrap(), url).bearer_auth(token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        read(request).await
    }

    /// The posts of the bot in the thread of a message, oldest first.
    pub fn answers_to(&self, message: &str) -> Vec<Answer> {
        self.posted(|answer| answer.parent.as_deref() == Some(message))
    }

    /// The posts of the bot outside threads, oldest first.
    pub fn answers_outside_threads(&self) -> Vec<Answer> {
        self.posted(|answer| answer.parent.is_none())
    }

    /// All posts of the bot, oldest first.
    pub fn all_answers(&self) -> Vec<Answer> {
        self.posted(|_| true)
    }

    fn posted(&self, wanted: impl Fn(&Answer) -> bool) -> Vec<Answer> {
        let spaces = [&self.cast.operations, &self.cast.direct_ana, &self.cast.direct_ben];
        let answers: Vec<Answer> = spaces
            .into_iter()
            .flat_map(|space| self.sim.messages(space))
            .filter(|posted| posted["personId"] == self.cast.bot.id.as_str())
            .map(|posted| Answer::of(&posted))
            .filter(wanted)
            .collect();
        self.seen.lock().unwrap().extend(answers.iter().map(|answer| answer.id.clone()));
        answers
    }

    /// The posts of the bot in the thread of a message, without the notice that its command takes long.
    pub fn results_of(&self, message: &str) -> Vec<Answer> {
        self.answers_to(message).into_iter().filter(|answer| !answer.announces_a_wait()).collect()
    }

    /// The only answer besides such a notice.
    pub fn the_result_of(&self, message: &str) -> Answer {
        let mut results = self.results_of(message);
        assert_eq!(results.len(), 1, "expected one result, found {results:#?}");
        results.remove(0)
    }

    /// The only answer.
    pub fn the_answer_to(&self, message: &str) -> Answer {
        let mut answers = self.answers_to(message);
        assert_eq!(answers.len(), 1, "expected one answer, found {answers:#?}");
        answers.remove(0)
    }

    /// A room device of Example Corp with serial, MAC and workspace.
    pub fn a_device(&self) -> Value {
        let has = |device: &Value, field: &str| device[field].as_str().is_some_and(|text| !text.is_empty());
        let good = |device: &Value| {
            device["orgId"] == self.cast.example_org.as_str()
                && device["type"] == "roomdesk"
                && ["workspaceId", "serial", "mac", "product"].iter().all(|field| has(device, field))
        };
        self.sim.devices().into_iter().find(good).unwrap()
    }

    pub fn a_device_id(&self) -> String {
        self.a_device()["id"].as_str().unwrap().to_owned()
    }

    pub fn device_exists(&self, id: &str) -> bool {
        self.sim.device(id).is_some()
    }

    /// The number of calls to Webex with this method and this part in the path.
    pub fn calls(&self, method: &str, path: &str) -> usize {
        self.sim
            .requests()
            .iter()
            .filter(|call| call.method == method && call.path.contains(path) && call.token_kind.is_some())
            .count()
    }

    /// The number of DELETEs of devices.
    pub fn deletes(&self) -> usize {
        self.calls("DELETE", "/devices")
    }

    /// The number of DELETEs of one device.
    pub fn deletes_of(&self, device: &str) -> usize {
        self.calls("DELETE", device)
    }

    /// All calls about devices, oldest first.
    pub fn device_calls(&self) -> Vec<RequestRecord> {
        self.sim.requests().into_iter().filter(|call| call.path.contains("/devices")).collect()
    }

    /// The calls about devices with their status: `GET 200`, `DELETE 204`; `-` for a lost answer.
    pub fn device_traffic(&self) -> Vec<String> {
        let status = |call: &RequestRecord| call.status.map_or("-".to_owned(), |status| status.to_string());
        self.device_calls().iter().map(|call| format!("{} {}", call.method, status(call))).collect()
    }

    /// The last delivery not about the bot's own posts.
    pub fn last_delivery(&self) -> DeliveryRecord {
        let by_people = |delivery: &DeliveryRecord| {
            let body: Value = serde_json::from_slice(&delivery.body).unwrap();
            body["data"]["personId"] != self.cast.bot.id.as_str()
        };
        self.sim.deliveries().into_iter().rfind(by_people).unwrap()
    }

    /// The audit entries, without those about admins pinned at the start and about token renewals; those are in
    /// `whole_audit`.
    pub async fn audit(&self) -> Vec<AuditEntry> {
        let mut entries = self.whole_audit().await;
        entries.retain(|entry| {
            let event = &entry.event;
            !matches!(event, AuditEvent::IdentityPinned { .. } | AuditEvent::CredentialRenewed { .. })
        });
        entries
    }

    pub async fn whole_audit(&self) -> Vec<AuditEntry> {
        self.app().store().audit_entries(1000).await.unwrap()
    }

    /// The names of the audit entries.
    pub async fn audited(&self) -> Vec<&'static str> {
        self.audit().await.iter().map(|entry| entry.event.name()).collect()
    }

    pub async fn jobs(&self) -> JobCounts {
        self.app().store().job_counts().await.unwrap()
    }

    /// The rules of all refused commands.
    pub async fn refusals(&self) -> Vec<String> {
        let rule = |entry: AuditEntry| match entry.event {
            AuditEvent::CommandRefused { rule, .. } => Some(rule),
            _ => None,
        };
        self.audit().await.into_iter().filter_map(rule).collect()
    }
}
