//! The methods of a running simulation for tests, benches and the demo: act as a person, inspect the state, and change
//! it.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::Sim;
use super::cast::{self, Cast, Person};
use super::dispatch::{DeliveryOutcome, DeliveryRecord};
use super::error::ApiResult;
use super::faults::FaultRule;
use super::journal::RequestRecord;
use super::model::Model;
use super::model::messages::RawMessage;
use super::model::stored::{IssuedCode, SentFile};

impl Sim {
    /// The people, bots, spaces and tokens of the initial population.
    pub fn cast(&self) -> Cast {
        self.state.cast.clone()
    }

    /// Posts a text as a person and returns the id of the message. In a group space the bot is mentioned first.
    ///
    /// # Panics
    ///
    /// If Webex would have refused the message; [`Sim::post`] returns the refusal.
    pub fn say(&self, person: &Person, space_id: &str, text: &str, parent_id: Option<&str>) -> String {
        match self.state.say(person, space_id, text, parent_id) {
            Ok(message) => message["id"].as_str().unwrap_or_default().to_owned(),
            Err(error) => panic!("{} could not post {text:?}: {}", person.name, error.message),
        }
    }

    /// `POST /messages` as a person, without HTTP: the message, or the status and body of the refusal.
    pub fn post(&self, person: &Person, body: &Value) -> Result<Value, (u16, Value)> {
        self.try_change(|model| model.post_message(&person.id, body))
    }

    /// Stores a message with exactly this content, as a client that bypasses the API would, and returns it.
    pub fn post_raw_message(
        &self,
        person: &Person,
        space_id: &str,
        message: RawMessage,
    ) -> Result<Value, (u16, Value)> {
        self.try_change(|model| model.post_raw(&person.id, space_id, message))
    }

    /// `POST /attachment/actions` as a person, without HTTP: presses a button of a card with these inputs.
    pub fn press(&self, person: &Person, message_id: &str, inputs: &Value) -> Result<Value, (u16, Value)> {
        let body = json!({ "type": "submit", "messageId": message_id, "inputs": inputs });
        self.try_change(|model| model.press(&person.id, &body))
    }

    fn try_change(&self, work: impl FnOnce(&mut Model) -> ApiResult<Value>) -> Result<Value, (u16, Value)> {
        self.state.change(work).map_err(|error| (error.status.as_u16(), error.body("")))
    }

    /// All messages of a space, oldest first, including those that a bot cannot read.
    pub fn messages(&self, space_id: &str) -> Vec<Value> {
        self.state.model().all_messages(space_id)
    }

    /// The file of a message, by its id or its URL.
    pub fn file(&self, id: &str) -> Option<SentFile> {
        let id = id.rsplit('/').next().unwrap_or(id);
        self.state.model().file(id).cloned()
    }

    /// All devices of all organizations, without deleted ones.
    pub fn devices(&self) -> Vec<Value> {
        self.state.model().devices.all().collect()
    }

    /// A device, unless it is deleted.
    pub fn device(&self, id: &str) -> Option<Value> {
        self.state.model().devices.find(id)
    }

    /// A workspace, if it exists.
    pub fn workspace(&self, id: &str) -> Option<Value> {
        self.state.model().workspaces.find(id)
    }

    /// The activation codes that were created, oldest first.
    pub fn activation_codes(&self) -> Vec<IssuedCode> {
        self.state.model().activation_codes().to_vec()
    }

    /// The most concurrent additions so far to one workspace or person.
    pub fn most_additions_at_once(&self) -> usize {
        self.state.journal.most_additions()
    }

    /// The bot's webhooks as the API shows them, secrets included, oldest first.
    pub fn webhooks(&self) -> Vec<Value> {
        self.state.model().webhooks_of(&self.state.cast.bot.id)
    }

    /// All requests to `/v1`, oldest first.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.state.journal.last(usize::MAX)
    }

    /// Counts requests to `/v1` without copying them.
    pub fn count_requests(&self, matches: impl Fn(&RequestRecord) -> bool) -> usize {
        self.state.journal.count(matches)
    }

    /// The number of messages that were posted and accepted. Cheap to call.
    pub fn count_posts(&self) -> usize {
        self.state.journal.posts()
    }

    /// All deliveries to webhooks, oldest first.
    pub fn deliveries(&self) -> Vec<DeliveryRecord> {
        self.state.dispatcher.last(usize::MAX)
    }

    /// Waits until no webhook delivery is in progress.
    pub async fn settled(&self) {
        self.state.dispatcher.settled().await;
    }

    /// Adds a device with these fields and defaults for the rest (a connected room device of Example Corp); returns its
    /// id.
    pub fn add_device(&self, fields: &Value) -> String {
        self.state.add_device(fields)
    }

    /// Removes a device, as an administrator in Control Hub would. Returns whether it existed.
    pub fn remove_device(&self, id: &str) -> bool {
        self.state.change(|model| model.devices.remove(id))
    }

    /// Changes fields of a device; `null` removes a field. Returns whether the device exists.
    pub fn change_device(&self, id: &str, fields: &Value) -> bool {
        self.state.change(|model| model.devices.change(id, fields)).is_some()
    }

    /// Adds a workspace with these fields and defaults for the rest (for collaboration devices of Example Corp);
    /// returns its id.
    pub fn add_workspace(&self, fields: &Value) -> String {
        self.state.add_workspace(fields)
    }

    /// Changes fields of a workspace; `null` removes a field. Returns whether the workspace exists.
    pub fn change_workspace(&self, id: &str, fields: &Value) -> bool {
        self.state.change(|model| model.workspaces.change(id, fields)).is_some()
    }

    /// Removes a workspace with its devices. Returns whether it existed.
    pub fn remove_workspace(&self, id: &str) -> bool {
        self.state.change(|model| model.remove_workspace(id))
    }

    /// Changes the `displayName`, the `email` or the `orgId` of a person. Returns whether the person exists.
    pub fn change_person(&self, id: &str, fields: &Value) -> bool {
        self.state.change(|model| model.change_account(id, fields))
    }

    /// Removes a person from Webex. Returns whether the person existed.
    pub fn remove_person(&self, id: &str) -> bool {
        self.state.change(|model| model.remove_account(id))
    }

    /// Makes a person an administrator of their organization; returns an admin token of theirs.
    pub fn admin_token_of(&self, person: &Person) -> String {
        let token = format!("sim-admin-token-{}", person.name);
        self.state.change(|model| cast::add_admin_token(model, person, &token));
        token
    }

    /// Lets the dates of responses be this much ahead of the clock from now on, as if the clock were slow.
    pub fn set_dates_ahead(&self, by: SignedDuration) {
        self.state.set_dates_ahead(by);
    }

    /// Makes each refresh token of the Service App valid for one use from now on.
    pub fn rotate_refresh_tokens(&self) {
        self.state.change(|model| model.change_service_app(|app| app.rotates = true));
    }

    /// Makes access tokens of the Service App valid for this many seconds from now on.
    pub fn shorten_access_tokens(&self, seconds: i64) {
        self.state.change(|model| model.change_service_app(|app| app.access_seconds = seconds));
    }

    /// Invalidates the access tokens of the Service App early; its refresh tokens stay valid.
    pub fn end_access_tokens(&self) {
        self.state.change(Model::end_access_tokens);
    }

    /// Revokes the authorization of the Service App, as an administrator can: none of its tokens is valid.
    pub fn withdraw_service_app(&self) {
        self.state.change(Model::withdraw_service_app);
    }

    /// Issues new tokens for the Service App, as the developer portal does; returns the refresh token.
    pub fn issue_refresh_token(&self) -> String {
        self.state.change(Model::issue_refresh_token)
    }

    /// Makes Example Corp a partner that also administers Partner Ltd, or ends that.
    pub fn give_partner_access(&self, given: bool) {
        self.state.give_partner_access(given);
    }

    /// Refuses files larger than this from now on.
    pub fn limit_files(&self, bytes: usize) {
        self.state.change(|model| model.file_limit = bytes);
    }

    /// Cuts pages of devices at this length from now on, regardless of the requested length.
    pub fn limit_pages(&self, devices: usize) {
        self.state.change(|model| model.device_pages.limit(devices));
    }

    /// Starts or stops to put an empty page between any two pages of devices.
    pub fn leave_gaps_between_pages(&self, gaps: bool) {
        self.state.change(|model| model.device_pages.gaps = gaps);
    }

    /// Makes the links to next pages of devices lead to this host (`evil.example.com:80`) from now on.
    pub fn lead_next_pages_to(&self, host: &str) {
        self.state.change(|model| model.device_pages.next_host = Some(host.to_owned()));
    }

    /// Deactivates a webhook as a hundred failures would. Returns whether it exists.
    pub fn disable_webhook(&self, id: &str) -> bool {
        self.state.change(|model| model.disable_webhook(id))
    }

    /// Sends the bytes and headers of a delivery once more; returns the receiver's status, or 0 without an answer.
    pub async fn redeliver(&self, record: &DeliveryRecord) -> u16 {
        match self.state.dispatcher.repeat(record, self.state.clock.now()).await {
            DeliveryOutcome::Answered(status) => status,
            DeliveryOutcome::UnderWay | DeliveryOutcome::Failed(_) => 0,
        }
    }

    /// Appends a fault rule.
    pub fn fault(&self, rule: FaultRule) {
        self.state.faults.add(rule);
    }

    /// Removes all fault rules.
    pub fn clear_faults(&self) {
        self.state.faults.clear();
    }
}
