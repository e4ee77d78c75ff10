//! Tests of the simulation through its HTTP endpoints.

mod conversation;
mod devices;
mod faults;
mod files;
mod onboarding;
mod organizations;
mod paging;
mod tags;
mod tokens;
mod webhooks;

use std::sync::Arc;

use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::Value;

use super::cast::join;
use super::model::stored::AccountKind;
use super::{ADMIN_TOKEN, BOT_TOKEN, Person, Sim, SimOptions};
use crate::domain::clock::ManualClock;

const ADMIN: &str = ADMIN_TOKEN;
const BOT: &str = BOT_TOKEN;

/// A simulation whose clock stands still until it is advanced, and a client.
struct TestSim {
    sim: Sim,
    clock: ManualClock,
    client: reqwest::Client,
}

/// An answer, read to its end.
#[derive(Debug)]
struct ReceivedAnswer {
    status: StatusCode,
    headers: axum::http::HeaderMap,
    text: String,
}

impl ReceivedAnswer {
    async fn read(response: reqwest::Response) -> Result<Self, reqwest::Error> {
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(Self { status, headers, text: response.text().await? })
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    fn id(&self) -> String {
        self.json()["id"].as_str().unwrap().to_owned()
    }
}

impl TestSim {
    async fn with_devices(devices: usize) -> Self {
        let clock = ManualClock::starting_at("2026-04-02T08:00:00Z".parse::<Timestamp>().unwrap());
        let options = SimOptions { devices, clock: Arc::new(clock.clone()), ..SimOptions::default() };
        let sim = Sim::start(options).await.unwrap();
        #[expect(clippy::disallowed_methods, reason = "a test calls the simulation, which is on loopback")]
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { sim, clock, client }
    }

    async fn start() -> Self {
        Self::with_devices(10).await
    }

    /// Sends a request; `path` is below `/v1`.
    async fn try_call(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<ReceivedAnswer, reqwest::Error> {
        let url = format!("{}{path}", self.sim.api_base());
        let request = self.client.request(method.parse().unwrap(), url).bearer_auth(token);
        let request = if let Some(body) = body { request.json(body) } else { request };
        ReceivedAnswer::read(request.send().await?).await
    }

    async fn call(&self, token: &str, method: &str, path: &str) -> ReceivedAnswer {
        self.try_call(token, method, path, None).await.unwrap()
    }

    async fn send(&self, token: &str, method: &str, path: &str, body: Value) -> ReceivedAnswer {
        self.try_call(token, method, path, Some(&body)).await.unwrap()
    }

    async fn post(&self, person: &Person, body: Value) -> ReceivedAnswer {
        self.send(&person.token, "POST", "/messages", body).await
    }
}

/// Changes that only these tests need.
impl Sim {
    /// Adds a person in no space yet, described by name, address, display name and organization.
    fn add_person(&self, described: [&str; 4]) -> Person {
        self.state.change(|model| join(model, AccountKind::Person, described))
    }

    fn withhold_scope(&self, scope: &str) {
        self.state.change(|model| model.withhold_scope(scope));
    }
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let test = TestSim::start().await;
    let listen = test.sim.address();
    let error = Sim::start(SimOptions { listen, ..SimOptions::default() }).await.unwrap_err();
    assert!(error.to_string().starts_with(&format!("cannot listen on {listen}: ")), "{error}");
}
