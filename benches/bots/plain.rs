//! A bare bot: the same calls as Steward's, and nothing else.

use std::sync::Arc;

use anyhow::{Result, ensure};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use reqwest::Method;
use serde_json::{Value, json};
use steward::domain::PersonId;
use steward::http::WEBHOOK_PATH;
use steward::intake::envelope::Envelope;
use steward::signature::{WebhookSecret, WebhookSecrets, verify};
use steward::sim::{ADMIN_TOKEN, BOT_TOKEN, Sim};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::bots::SECRET;

/// The bare bot.
#[derive(Clone)]
struct Plain {
    http: reqwest::Client,
    base: String,
    me: PersonId,
    admin: String,
    secrets: Arc<WebhookSecrets>,
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
        secrets: Arc::new(WebhookSecrets { current, previous: None, require_sha2: false }),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let webhook = json!({
        "name": "plain", "targetUrl": format!("http://{}{WEBHOOK_PATH}", listener.local_addr()?),
        "resource": "messages", "event": "created", "secret": SECRET,
    });
    plain.call(Method::POST, BOT_TOKEN, "/webhooks", Some(webhook)).await?;
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
    if let Some(envelope) = Envelope::parse(&body).filter(|envelope| !envelope.is_by_a_bot(&bot.me)) {
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
        body: Option<Value>,
    ) -> Result<(u16, Value)> {
        let mut request = self.http.request(method, format!("{}{path}", self.base)).bearer_auth(token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await?;
        let (status, body) = (answer.status().as_u16(), answer.bytes().await?);
        Ok((status, serde_json::from_slice(&body).unwrap_or_default()))
    }

    async fn get(&self, token: &str, path: &str) -> Result<(u16, Value)> {
        self.call(Method::GET, token, path, None).await
    }

    async fn carry_out(&self, envelope: &Envelope) -> Result<()> {
        let (id, person) = (&envelope.data.id, envelope.data.person_id.as_deref().unwrap_or_default());
        let paths = (format!("/messages/{id}"), format!("/people/{person}"));
        let (message, person) =
            tokio::try_join!(self.get(BOT_TOKEN, &paths.0), self.get(BOT_TOKEN, &paths.1))?;
        ensure!(person.1["emails"][0] == self.admin.as_str(), "somebody else asked");
        let device = message.1["text"].as_str().and_then(|text| text.rsplit(' ').next()).unwrap_or_default();
        let path = format!("/devices/{device}");
        let (_, facts) = self.get(ADMIN_TOKEN, &path).await?;
        let workspace = format!("/workspaces/{}", facts["workspaceId"].as_str().unwrap_or_default());
        let ((deleted, _), (_, workspace)) = tokio::try_join!(
            self.call(Method::DELETE, ADMIN_TOKEN, &path, None),
            self.get(ADMIN_TOKEN, &workspace)
        )?;
        let (proof, _) = self.get(ADMIN_TOKEN, &path).await?;
        ensure!(deleted == 204 && proof == 404, "not deleted: {deleted}, {proof}");
        let answer = answer(&message.1, &facts, &workspace);
        self.call(Method::POST, BOT_TOKEN, "/messages", Some(answer)).await?;
        Ok(())
    }
}

/// A card with the same facts as Steward's.
fn answer(message: &Value, device: &Value, workspace: &Value) -> Value {
    let facts = [
        ("Name", &device["displayName"]),
        ("Product", &device["product"]),
        ("Workspace", &workspace["displayName"]),
        ("Serial", &device["serial"]),
        ("MAC", &device["mac"]),
        ("Device id", &device["id"]),
        ("Asked by", &message["personEmail"]),
    ];
    let facts: Vec<Value> =
        facts.into_iter().map(|(title, value)| json!({ "title": title, "value": value })).collect();
    json!({
        "roomId": message["roomId"],
        "parentId": message["id"],
        "text": format!("Gone: {}", device["displayName"]),
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "content": {
                "type": "AdaptiveCard",
                "version": "1.3",
                "body": [
                    { "type": "TextBlock", "text": "Gone: deleted and proven", "weight": "Bolder", "wrap": true },
                    { "type": "FactSet", "facts": facts },
                ],
            },
        }],
    })
}
