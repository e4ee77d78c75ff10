//! A bare bot: it makes the same calls as Steward, with the same bodies, and does nothing else.

use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};
use steward::cards::{self, Button, DeletionResult};
use steward::domain::clock::{Clock as _, SystemClock};
use steward::domain::{Actor, Cause, DeviceFacts, DeviceId, EmailAddress, Outcome, PersonId, WorkspaceId};
use steward::http::WEBHOOK_PATH;
use steward::sim::{ADMIN_TOKEN, BOT_TOKEN, Sim};
use steward::webex::event::WebhookEvent;
use steward::webex::signature::{WebhookSecret, WebhookSecrets, verify};
use tokio::net::TcpListener;
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use crate::bots::SECRET;

/// The bare bot.
#[derive(Clone)]
struct Plain {
    http: reqwest::Client,
    base: String,
    me: PersonId,
    admin: String,
    /// The only requester, looked up once; Steward looks people up once a minute.
    person: Arc<OnceCell<Value>>,
    secrets: Arc<WebhookSecrets>,
    form: Arc<Form>,
}

pub async fn plain(sim: Sim, _database: String, stop: CancellationToken) -> Result<()> {
    rustls::crypto::ring::default_provider().install_default().ok();
    #[expect(clippy::disallowed_methods, reason = "the bare bot's own client")]
    let http = reqwest::Client::builder().no_proxy().tcp_nodelay(true).build()?;
    let current = WebhookSecret::new(&SECRET.to_owned().into())?;
    let plain = Plain {
        http,
        base: sim.api_base(),
        me: PersonId::parse(&sim.cast().bot.id)?,
        admin: sim.cast().ana.email,
        person: Arc::default(),
        form: Arc::new(Form::of_a_deletion(&sim)?),
        secrets: Arc::new(WebhookSecrets { current, previous: None, require_sha2: false }),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let webhook = json!({
        "name": "plain", "targetUrl": format!("http://{}{WEBHOOK_PATH}", listener.local_addr()?),
        "resource": "messages", "event": "created", "secret": SECRET,
    });
    plain.call(Method::POST, BOT_TOKEN, "/webhooks", Some(webhook.to_string())).await?;
    let router = Router::new().route(WEBHOOK_PATH, post(receive)).with_state(plain);
    tokio::select! {
        served = async { axum::serve(listener, router).await } => served?,
        () = stop.cancelled() => {}
    }
    Ok(())
}

async fn receive(State(bot): State<Plain>, headers: HeaderMap, body: Bytes) -> StatusCode {
    if verify(&bot.secrets, &headers, &body).is_err() {
        return StatusCode::UNAUTHORIZED;
    }
    if let Some(envelope) = WebhookEvent::parse(&body).filter(|envelope| !envelope.is_by_a_bot(&bot.me)) {
        tokio::spawn(async move {
            if let Err(error) = bot.carry_out(&envelope).await {
                eprintln!("the bare bot failed: {error:#}");
            }
        });
    }
    StatusCode::OK
}

impl Plain {
    async fn call(
        &self,
        method: Method,
        token: &str,
        path: &str,
        body: Option<String>,
    ) -> Result<(u16, Value)> {
        let mut request = self.http.request(method, format!("{}{path}", self.base)).bearer_auth(token);
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        let answer = request.send().await?;
        let (status, body) = (answer.status().as_u16(), answer.bytes().await?);
        Ok((status, serde_json::from_slice(&body).unwrap_or_default()))
    }

    async fn get(&self, token: &str, path: &str) -> Result<(u16, Value)> {
        self.call(Method::GET, token, path, None).await
    }

    async fn carry_out(&self, envelope: &WebhookEvent) -> Result<()> {
        let (id, person) = (&envelope.data.id, envelope.data.person_id.as_deref().unwrap_or_default());
        let person = self.person.get_or_try_init(async || {
            let (_, person) = self.get(BOT_TOKEN, &format!("/people/{person}")).await?;
            anyhow::Ok(person)
        });
        let path = format!("/messages/{id}");
        let ((_, message), person) = tokio::try_join!(self.get(BOT_TOKEN, &path), person)?;
        ensure!(person["emails"][0] == self.admin.as_str(), "another person asked");
        let device = message["text"].as_str().and_then(|text| text.rsplit(' ').next()).unwrap_or_default();
        let path = format!("/devices/{device}");
        let (_, facts) = self.get(ADMIN_TOKEN, &path).await?;
        let workspace = format!("/workspaces/{}", facts["workspaceId"].as_str().unwrap_or_default());
        let ((deleted, _), (_, workspace)) = tokio::try_join!(
            self.call(Method::DELETE, ADMIN_TOKEN, &path, None),
            self.get(ADMIN_TOKEN, &workspace)
        )?;
        let (proof, _) = self.get(ADMIN_TOKEN, &path).await?;
        ensure!(deleted == 204 && proof == 404, "not deleted: {deleted}, {proof}");
        let answer = self.form.filled(&message, &facts, &workspace);
        self.call(Method::POST, BOT_TOKEN, "/messages", Some(answer)).await?;
        Ok(())
    }
}

/// Steward's message with the card about a deletion, with gaps for the facts. The rest is prepared, so that posting
/// costs the bare bot as little as possible.
struct Form {
    /// Parts of the message, each with the number of the fact after it.
    parts: Vec<(String, Option<usize>)>,
}

/// The beginning and end of a gap, around the number of its fact.
const HOLE: (&str, &str) = ("A-FACT-THAT-DIFFERS-NUMBER-", "-STANDS-HERE-INSTEAD");
/// A tracking id of typical length.
const TRACKING_ID: &str = "ROUTERGW_00000000-0000-0000-0000-000000000000";

impl Form {
    fn of_a_deletion(sim: &Sim) -> Result<Self> {
        let hole = |number: usize| format!("{}{number}{}", HOLE.0, HOLE.1);
        let facts = DeviceFacts {
            id: DeviceId::parse(&hole(2))?,
            name: Some(hole(3)),
            product: Some(hole(4)),
            kind: None,
            serial: Some(hole(5)),
            mac: Some(hole(6)),
            workspace_id: Some(WorkspaceId::parse("workspace")?),
            workspace_name: Some(hole(7)),
            owner_id: None,
            owner_name: None,
            org_id: None,
        };
        let ana = sim.cast().ana;
        let actor = Actor {
            person_id: PersonId::parse(&ana.id)?,
            org_id: None,
            email: EmailAddress::parse(&ana.email).ok(),
            display_name: ana.email,
            is_machine: false,
        };
        let tracking_id = Some(TRACKING_ID.to_owned());
        let outcome =
            Outcome { cause: Cause::Deleted, status: Some(204), tracking_id, at: SystemClock.now() };
        let card = cards::render(&DeletionResult {
            facts: Some(&facts),
            device_id: &facts.id,
            outcome: &outcome,
            actor: &actor,
            reason: None,
            replace: Some(Button::activate_replacement("q3Vd9PZs1mJ0yK7cT4uXbA")),
            may_activate: true,
            clock: None,
        });
        let content_type = "application/vnd.microsoft.card.adaptive";
        let message = json!({
            "roomId": hole(0),
            "parentId": hole(1),
            "text": card.text(),
            "attachments": [{ "contentType": content_type, "content": card.content() }],
        });
        let message = message.to_string();
        let mut parts = Vec::new();
        let mut rest = message.as_str();
        while let Some((before, after)) = rest.split_once(HOLE.0) {
            let (number, after) = after.split_once(HOLE.1).context("a hole has no end")?;
            parts.push((before.to_owned(), Some(number.parse()?)));
            rest = after;
        }
        parts.push((rest.to_owned(), None));
        Ok(Self { parts })
    }

    fn filled(&self, message: &Value, device: &Value, workspace: &Value) -> String {
        let facts = [
            &message["roomId"],
            &message["id"],
            &device["id"],
            &device["displayName"],
            &device["product"],
            &device["serial"],
            &device["mac"],
            &workspace["displayName"],
        ];
        let facts = facts.map(|fact| json_of(fact.as_str().unwrap_or("-")));
        let mut filled = String::with_capacity(8 << 10);
        for (part, fact) in &self.parts {
            filled.push_str(part);
            filled.push_str(fact.map_or("", |number| &facts[number]));
        }
        filled
    }
}

/// A text as JSON without the quotes.
fn json_of(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}
