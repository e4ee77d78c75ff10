//! Messages of people, and webhook requests sent by hand.

use std::sync::atomic::Ordering;

use steward::sim::{DeliveryFault, FaultRule, Person, RawMessage};

use super::answer::Answer;
use super::http::{Reply, read};
use super::service::World;
use super::webhook_request::WebhookRequest;

/// How many lines that are no permitted command are answered in a minute, in each space.
pub const LINES_A_MINUTE: usize = 10;

impl World {
    /// Writes in the space *AV Operations*, mentioning the bot, and settles.
    pub async fn say(&self, person: &Person, text: &str) -> String {
        self.say_in(person, &self.cast.operations, text, None).await
    }

    /// Writes in any space, in a thread or not.
    pub async fn say_in(&self, person: &Person, space: &str, text: &str, root: Option<&str>) -> String {
        let message = self.sim.say(person, space, text, root);
        if person.id == self.cast.bot.id {
            self.seen.lock().unwrap().push(message.clone());
        }
        self.settle().await;
        message
    }

    /// Writes in the thread of a message in *AV Operations*.
    pub async fn reply(&self, person: &Person, root: &str, text: &str) -> String {
        self.say_in(person, &self.cast.operations, text, Some(root)).await
    }

    /// Writes a line and returns its only answer. Any number of lines is answered, as if they were minutes apart.
    pub async fn ask(&self, person: &Person, text: &str) -> Answer {
        if self.asked.fetch_add(1, Ordering::SeqCst) % LINES_A_MINUTE == LINES_A_MINUTE - 1 {
            self.execute("DELETE FROM hints WHERE person_id LIKE '% in %'").await;
        }
        let message = self.say(person, text).await;
        self.the_answer_to(&message)
    }

    /// Ana asks for a deletion by id; the answer is not read.
    pub async fn delete(&self, device: &str) -> String {
        self.say(&self.cast.ana, &format!("delete device {device}")).await
    }

    /// Stores a message in *AV Operations* exactly as given, and settles.
    pub async fn say_raw(&self, person: &Person, message: RawMessage) -> String {
        let posted = self.sim.post_raw_message(person, &self.cast.operations, message).unwrap();
        self.settle().await;
        posted["id"].as_str().unwrap().to_owned()
    }

    /// Writes a line that Webex never delivers. Returns the message and the missing delivery.
    pub fn say_undelivered(&self, person: &Person, text: &str) -> (String, WebhookRequest) {
        self.sim.fault(FaultRule::on_deliveries(DeliveryFault::Lose).once());
        let message = self.sim.say(person, &self.cast.operations, text, None);
        let body = format!(
            r#"{{"id":"webhook-1","name":"Steward: messages","resource":"messages","event":"created","data":{{"id":"{message}","roomId":"{}","roomType":"group","personId":"{}","personEmail":"{}"}}}}"#,
            self.cast.operations, person.id, person.email
        );
        (message, WebhookRequest::unsigned(body))
    }

    /// Sends a webhook request to Steward.
    pub async fn deliver(&self, request: &WebhookRequest) -> Reply {
        self.sending(request).await
    }

    /// As `deliver`, but the future borrows nothing.
    pub fn sending(&self, request: &WebhookRequest) -> impl Future<Output = Reply> + use<> {
        let mut post = self.http.post(self.url("/webhooks/webex")).body(request.body.clone());
        for (name, value) in &request.headers {
            post = post.header(name, value);
        }
        read(post)
    }
}
