//! A fake Webex server for tests of the clients: it records every call and answers it with the test's function.

use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, LINK};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::transport::{Timeouts, Transport};
use crate::domain::OrgId;
use crate::domain::clock::{Clock as _, SystemClock};

/// A recorded call.
#[derive(Debug, Clone)]
pub(crate) struct ReceivedCall {
    /// The address of the API on this server.
    pub(crate) base: String,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) content_type: Option<String>,
    pub(crate) body: Bytes,
}

impl ReceivedCall {
    /// The value of this query parameter.
    pub(crate) fn query_value(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn number(&self, name: &str) -> Option<usize> {
        self.query_value(name)?.parse().ok()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The call in a line: `GET /devices?max=500`.
    pub(crate) fn line(&self) -> String {
        let query: Vec<String> = self.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{} {}{mark}{}", self.method, self.path, query.join("&"))
    }
}

/// The answer to a call.
#[derive(Debug)]
pub(crate) struct FakeAnswer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    /// The link to the next page.
    pub(crate) next: Option<String>,
}

impl FakeAnswer {
    pub(crate) fn json(body: Value) -> Self {
        Self { status: 200, body, next: None }
    }

    /// Webex's own error with this status.
    pub(crate) fn status(status: u16) -> Self {
        let body = json!({ "message": "It did not work.", "trackingId": format!("T_{status}") });
        Self { status, body, next: None }
    }

    pub(crate) fn items(items: impl Into<Value>) -> Self {
        Self::json(json!({ "items": items.into() }))
    }

    pub(crate) fn next(self, next: impl Into<String>) -> Self {
        Self { next: Some(next.into()), ..self }
    }
}

/// The running server.
#[derive(Debug)]
pub(crate) struct FakeServer {
    pub(crate) transport: Transport,
    calls: Arc<Mutex<Vec<ReceivedCall>>>,
}

impl FakeServer {
    pub(crate) async fn new(
        answer: impl Fn(&ReceivedCall) -> FakeAnswer + Clone + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/v1", listener.local_addr().unwrap());
        let url = base.parse().unwrap();
        let calls = Arc::<Mutex<Vec<ReceivedCall>>>::default();
        let record = calls.clone();
        let service = Router::new().fallback(move |request: Request| async move {
            let call = read(request, base).await;
            let answer = answer(&call);
            record.lock().unwrap().push(call);
            respond(answer)
        });
        tokio::spawn(async move { axum::serve(listener, service).await });
        let transport =
            Transport::new(url, Timeouts::default(), Arc::new(SystemClock), &Arc::default()).unwrap();
        Self { transport, calls }
    }

    pub(crate) fn calls(&self) -> Vec<ReceivedCall> {
        self.calls.lock().unwrap().clone()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.calls().iter().map(ReceivedCall::line).collect()
    }
}

async fn read(request: Request, base: String) -> ReceivedCall {
    let (head, body) = request.into_parts();
    let query = head.uri.query().unwrap_or_default();
    ReceivedCall {
        base,
        method: head.method,
        path: head.uri.path().trim_start_matches("/v1").to_owned(),
        query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        content_type: head.headers.get(CONTENT_TYPE).map(|value| value.to_str().unwrap().to_owned()),
        body: axum::body::to_bytes(body, usize::MAX).await.unwrap(),
    }
}

fn respond(answer: FakeAnswer) -> Response {
    let mut response = (StatusCode::from_u16(answer.status).unwrap(), Json(answer.body)).into_response();
    response.headers_mut().insert("trackingid", "T_FAKE".parse().unwrap());
    if let Some(next) = answer.next {
        response.headers_mut().insert(LINK, format!("<{next}>; rel=\"next\"").parse().unwrap());
    }
    response
}

/// A grant, as the policy issues it to an admin.
pub(crate) fn granted<R: crate::policy::RightMarker>() -> crate::policy::Grant<R> {
    let ana = crate::domain::PersonId::parse("ana").unwrap();
    let acme = OrgId::parse("acme").unwrap();
    let actor = crate::domain::Actor {
        person_id: ana.clone(),
        org_id: Some(acme.clone()),
        email: None,
        display_name: "Ana".to_owned(),
        is_machine: false,
    };
    crate::policy::Policy::new([ana], [acme]).authorize(&actor).unwrap()
}

/// A decision made just now.
pub(crate) fn decided() -> crate::policy::FreshDecision {
    let now = SystemClock.now();
    let now = crate::domain::clock::Readings { wall: now, webex: None };
    crate::policy::FreshDecision::judge(now.wall, now).unwrap()
}
