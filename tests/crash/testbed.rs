//! The testbed of every crash: a simulated Webex, a database, and the commands sent.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::time::Duration;

use serde_json::Value;
use steward::sim::{ADMIN_TOKEN, BOT_TOKEN, DeliveryOutcome, DeliveryRecord, Sim, SimOptions};
use tempfile::TempDir;

use crate::postgres::new_database;
use crate::records::Records;

/// The limit of all waits, reached only by failing tests.
const PATIENCE: Duration = Duration::from_mins(4);
/// Few enough commands to finish before the next rate limit.
const A_FEW: usize = 20;
const POLL_PERIOD: Duration = Duration::from_millis(50);

#[derive(Debug, Clone)]
pub enum Database {
    Sqlite,
    Postgres(String),
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        })
    }
}

pub struct Testbed {
    pub sim: Sim,
    database: String,
    /// All messages and presses of Ana; unacknowledged ones are sent again.
    sent: HashSet<String>,
    /// The device to delete, by message.
    pub orders: HashMap<String, String>,
    _directory: TempDir,
}

impl Testbed {
    pub async fn new(database: &Database, devices: usize) -> Self {
        let sim = Sim::start(SimOptions { devices, ..SimOptions::default() }).await.unwrap();
        let directory = TempDir::new().unwrap();
        let database = match database {
            Database::Sqlite => format!("sqlite://{}/steward.db", directory.path().display()),
            Database::Postgres(server) => new_database(server).await,
        };
        Self { sim, database, sent: HashSet::new(), orders: HashMap::new(), _directory: directory }
    }

    /// The environment of a Steward on this testbed, except its listen address.
    pub fn variables(&self, public_url: String) -> Vec<(&'static str, String)> {
        vec![
            ("STEWARD_PUBLIC_URL", public_url),
            ("STEWARD_DATABASE_URL", self.database.clone()),
            ("STEWARD_WEBEX_API", self.sim.api_base()),
            ("STEWARD_BOT_TOKEN", BOT_TOKEN.to_owned()),
            ("STEWARD_ADMIN_TOKEN", ADMIN_TOKEN.to_owned()),
            ("STEWARD_WEBHOOK_SECRET", "a secret of the crash campaign".to_owned()),
            ("STEWARD_ADMINS", self.sim.cast().ana.email),
        ]
    }

    pub async fn records(&self) -> Records {
        Records::open(&self.database).await
    }

    /// As [`Records::end_leases_of_the_dead`].
    pub async fn end_leases_of_the_dead(&self) {
        Records::end_leases_of_the_dead(&self.database).await;
    }

    /// Devices of the served organization.
    pub fn devices(&self, wanted: usize) -> Vec<String> {
        let ours = self.sim.cast().example_org;
        let devices = self.sim.devices().into_iter().filter(|device| device["orgId"] == ours.as_str());
        let devices: Vec<String> =
            devices.filter_map(|device| device["id"].as_str().map(str::to_owned)).take(wanted).collect();
        assert_eq!(devices.len(), wanted, "there are not that many devices");
        devices
    }

    /// Ana asks for the deletion of a device.
    pub fn order(&mut self, device: &str) {
        let message = self.say(&format!("delete device {device}"), None);
        self.orders.insert(message, device.to_owned());
    }

    /// Ana writes a line, in a thread or not. Returns the message.
    pub fn say(&mut self, text: &str, thread: Option<&str>) -> String {
        let cast = self.sim.cast();
        let message = self.sim.say(&cast.ana, &cast.operations, text, thread);
        self.sent.insert(message.clone());
        message
    }

    /// Ana presses the button of a message that has these inputs.
    pub fn press(&mut self, message: &str, inputs: &Value) {
        let press = self.sim.press(&self.sim.cast().ana, message, inputs).unwrap();
        self.sent.insert(press["id"].as_str().unwrap().to_owned());
    }

    /// Waits until messages and presses are delivered to Steward.
    pub async fn until_webhooks_are_registered(&self) {
        let is_told_of =
            |resource: &str| self.sim.webhooks().iter().any(|webhook| webhook["resource"] == resource);
        let hears = async || is_told_of("messages") && is_told_of("attachmentActions");
        self.until("the webhooks are registered", hears).await;
    }

    /// Waits until everything is acknowledged. Unacknowledged deliveries are sent again; commands that Webex never
    /// sent, because it had disabled the webhook, are written again. Returns the number of both.
    pub async fn until_all_are_accepted(&mut self) -> usize {
        let mut again = 0;
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            self.sim.settled().await;
            let deliveries = self.latest_deliveries();
            let never_sent: Vec<String> =
                self.orders.keys().filter(|order| !deliveries.contains_key(*order)).cloned().collect();
            for order in &never_sent {
                let device = self.orders.remove(order).unwrap();
                self.order(&device);
            }
            if never_sent.is_empty() && self.lost().is_empty() {
                return again;
            }
            assert!(tokio::time::Instant::now() < deadline, "some deliveries are never taken");
            again += never_sent.len() + self.resend_lost().await;
            pause().await;
        }
    }

    /// Sends unacknowledged deliveries again, in place of an admin who repeats the command. Returns how many are
    /// acknowledged now.
    pub async fn resend_lost(&self) -> usize {
        let mut taken = 0;
        for delivery in self.lost() {
            taken += usize::from(self.sim.redeliver(&delivery).await == 200);
        }
        taken
    }

    /// The failed deliveries, one for each message or press.
    fn lost(&self) -> Vec<DeliveryRecord> {
        let lost = self.latest_deliveries().into_iter().filter(|(sent, (delivery, accepted))| {
            !accepted && delivery.outcome != DeliveryOutcome::UnderWay && self.sent.contains(sent)
        });
        lost.map(|(_, (delivery, _))| delivery).collect()
    }

    /// The latest delivery about each message and press, and whether any was acknowledged.
    fn latest_deliveries(&self) -> HashMap<String, (DeliveryRecord, bool)> {
        let mut latest: HashMap<String, (DeliveryRecord, bool)> = HashMap::new();
        for delivery in self.sim.deliveries() {
            let body: Value = serde_json::from_slice(&delivery.body).unwrap();
            let message = body["data"]["id"].as_str().unwrap_or_default().to_owned();
            let accepted = matches!(delivery.outcome, DeliveryOutcome::Answered(200));
            let known = latest.entry(message).or_insert_with(|| (delivery.clone(), false));
            *known = (delivery, known.1 || accepted);
        }
        latest
    }

    /// The answers in the thread of each command, oldest first, without announcements of waits.
    pub fn answers(&self) -> HashMap<String, Vec<String>> {
        let mut answers: HashMap<String, Vec<String>> = HashMap::new();
        for message in self.sim.messages(&self.sim.cast().operations) {
            let order = message["parentId"].as_str().filter(|order| self.orders.contains_key(*order));
            if let Some(order) = order {
                let text = message["text"].as_str().unwrap_or_default();
                if ["… Waiting for", "… Still working"].iter().any(|wait| text.starts_with(wait)) {
                    continue;
                }
                answers.entry(order.to_owned()).or_default().push(text.to_owned());
            }
        }
        answers
    }

    /// Waits until all work is done.
    pub async fn until_all_is_done(&self) {
        let is_done = async || self.answers().len() == self.orders.len() && self.is_quiet().await;
        self.until("all work is done", is_done).await;
    }

    /// Whether no delivery is on its way (those about Steward's own posts included), and no job is left but
    /// follow-ups.
    pub async fn is_quiet(&self) -> bool {
        self.sim.settled().await;
        self.records().await.open_jobs().await == 0
    }

    /// Repeats failed commands like an admin who was given a time to try again, a few at a time, until every device
    /// is gone. Returns the number of repetitions.
    pub async fn repeat_until_all_are_gone(&mut self, devices: &[String]) -> usize {
        let mut sent = 0;
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let left = devices.iter().filter(|device| self.sim.device(device).is_some());
            let left: Vec<String> = left.take(A_FEW).cloned().collect();
            if left.is_empty() {
                return sent;
            }
            assert!(tokio::time::Instant::now() < deadline, "some devices are never deleted");
            for device in &left {
                self.order(device);
            }
            sent += left.len();
            self.until_all_are_accepted().await;
            self.until_all_is_done().await;
        }
    }

    pub async fn until(&self, what: &str, holds: impl AsyncFn() -> bool) {
        let waited = tokio::time::timeout(PATIENCE, async {
            while !holds().await {
                pause().await;
            }
        });
        if waited.await.is_err() {
            let (answers, open) = (self.answers().len(), self.records().await.open_jobs().await);
            panic!(
                "timed out waiting until {what}: {answers} of {} answered, {open} jobs open",
                self.orders.len()
            );
        }
    }
}

async fn pause() {
    tokio::time::timeout(POLL_PERIOD, std::future::pending::<()>()).await.ok();
}
