//! What is said in a world, and what else is sent to Steward.

use steward::sim::{DeliveryFault, FaultRule, Person, RawMessage};

use super::{Answer, Letter, Reply, World, read};

impl World {
    /// Says something in the space *AV Operations*, mentioning the bot, and lets it be delivered.
    pub async fn say(&self, person: &Person, text: &str) -> String {
        self.say_in(person, &self.cast.operations, text, None).await
    }

    /// Says something in any space, perhaps in a thread.
    pub async fn say_in(&self, person: &Person, space: &str, text: &str, root: Option<&str>) -> String {
        let message = self.sim.say(person, space, text, root);
        if person.id == self.cast.bot.id {
            self.looked_at.lock().unwrap().push(message.clone());
        }
        self.settle().await;
        message
    }

    /// Says something in the thread of this message in *AV Operations*.
    pub async fn reply(&self, person: &Person, root: &str, text: &str) -> String {
        self.say_in(person, &self.cast.operations, text, Some(root)).await
    }

    /// Says something and reads the one answer to it.
    pub async fn ask(&self, person: &Person, text: &str) -> Answer {
        let message = self.say(person, text).await;
        self.the_answer_to(&message)
    }

    /// Ana asks for a device to be deleted, without looking at the answer.
    pub async fn delete(&self, device: &str) -> String {
        self.say(&self.cast.ana, &format!("delete device {device}")).await
    }

    /// Stores a message in *AV Operations* as an odd client would, and lets it be delivered.
    pub async fn say_raw(&self, person: &Person, message: RawMessage) -> String {
        let posted = self.sim.post_raw_message(person, &self.cast.operations, message).unwrap();
        self.settle().await;
        posted["id"].as_str().unwrap().to_owned()
    }

    /// Says something that Webex never delivers; answers the message and what the delivery would have been.
    pub fn say_unheard(&self, person: &Person, text: &str) -> (String, Letter) {
        self.sim.fault(FaultRule::on_deliveries(DeliveryFault::Lose).once());
        let message = self.sim.say(person, &self.cast.operations, text, None);
        let body = format!(
            r#"{{"id":"webhook-1","name":"Steward: messages","resource":"messages","event":"created","data":{{"id":"{message}","roomId":"{}","roomType":"group","personId":"{}","personEmail":"{}"}}}}"#,
            self.cast.operations, person.id, person.email
        );
        (message, Letter::of(body))
    }

    /// Sends a delivery to Steward over HTTP.
    pub async fn deliver(&self, letter: &Letter) -> Reply {
        self.sending(letter).await
    }

    /// The same as something to be done later.
    pub fn sending(&self, letter: &Letter) -> impl Future<Output = Reply> + use<> {
        let mut request = self.http.post(self.url("/webhooks/webex")).body(letter.body.clone());
        for (name, value) in &letter.headers {
            request = request.header(name, value);
        }
        read(request)
    }
}
