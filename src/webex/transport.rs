//! One call to Webex: base address, token, time limits, bounded bodies, and a verdict on the status.
//!
//! It never follows a redirect (a token must not travel to another host), never retries (waits are durable
//! and belong to the jobs), and never logs a token or a body. Before it makes a call it asks the budget of the
//! credential, which all workers share: see [`super::throttle`].

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, LINK, RETRY_AFTER};
use reqwest::multipart::Form;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use url::Url;

use super::error::{ResponseInfo, WebexError};
use super::link;
use super::paging::Cursor;
use super::retry_after::retry_after;
use super::throttle::{Credential, Gate, RateLimiters};
use crate::domain::clock::Clock;
use crate::telemetry::metrics::Metrics;

/// Bytes of a good answer that are read at most; a page of a thousand devices is about one megabyte.
const LARGEST_BODY: usize = 16 << 20;
/// Bytes of an error's body that are looked at; it may be HTML, empty, cut short or endless.
const LARGEST_ERROR_BODY: usize = 64 << 10;

/// How long a call that changes something may stand in line: it was decided on and written down just before, and who
/// stands for longer may have lost the lease in the meantime (see [`crate::worker`]). Reads may wait.
const LONGEST_LINE: Duration = Duration::from_secs(5);

/// How long to wait for Webex. Slow admin answers are real: 5 seconds would be too short.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For a whole answer.
    pub answer: Duration,
    /// For the token of a call that changes something. Who has decided on such a call must decide again when it
    /// could not be made soon.
    pub token: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            answer: Duration::from_mins(1),
            token: Duration::from_secs(5),
        }
    }
}

/// The way to Webex, shared by both clients.
#[derive(Debug, Clone)]
pub struct Transport {
    http: reqwest::Client,
    base: Url,
    clock: Arc<dyn Clock>,
    pauses: RateLimiters,
    /// The way in for calls with the one credential of a client; calls without one are not counted against any.
    gate: Option<Arc<Gate>>,
    token_limit: Duration,
}

/// What a call sends.
#[derive(Debug, Clone)]
pub(super) struct Call<'a> {
    method: Method,
    /// Segments below the base address; each is percent-encoded, so none can become two.
    path: &'a [&'a str],
    query: &'a [(&'a str, &'a str)],
    body: Option<Vec<u8>>,
    content_type: &'static str,
    /// The page of a list, in place of path and query.
    page: Option<&'a Cursor>,
}

impl<'a> Call<'a> {
    pub(super) fn new(method: Method, path: &'a [&'a str]) -> Self {
        Self { method, path, query: &[], body: None, content_type: "application/json", page: None }
    }

    pub(super) fn page(cursor: &'a Cursor) -> Self {
        Self { page: Some(cursor), ..Self::get(&[]) }
    }

    pub(super) fn get(path: &'a [&'a str]) -> Self {
        Self::new(Method::GET, path)
    }

    pub(super) fn is_read(&self) -> bool {
        self.method == Method::GET
    }

    pub(super) fn query(self, query: &'a [(&'a str, &'a str)]) -> Self {
        Self { query, ..self }
    }

    pub(super) fn json(self, body: &impl Serialize) -> Self {
        // What does not serialize is left out, and Webex says what it misses.
        Self { body: serde_json::to_vec(body).ok(), ..self }
    }

    /// JSON of a kind that goes by a name of its own.
    pub(super) fn content_type(self, content_type: &'static str) -> Self {
        Self { content_type, ..self }
    }
}

/// A good answer.
#[derive(Debug)]
pub(super) struct Good {
    pub(super) answered: ResponseInfo,
    /// The `Link` headers.
    links: Vec<String>,
    body: Vec<u8>,
}

impl Transport {
    /// Prepares the way to `base`, such as `https://webexapis.com/v1`.
    ///
    /// # Errors
    /// When the TLS machinery cannot be set up, as on a machine without root certificates.
    pub fn new(
        base: Url,
        limits: Timeouts,
        clock: Arc<dyn Clock>,
        metrics: &Arc<Metrics>,
    ) -> Result<Self, reqwest::Error> {
        // The second and later calls find the provider installed, which is just as good.
        rustls::crypto::ring::default_provider().install_default().ok();
        #[expect(clippy::disallowed_methods, reason = "the one client for Webex, limited here")]
        let http = reqwest::Client::builder()
            .user_agent(concat!("steward/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(limits.connect)
            .timeout(limits.answer)
            .tcp_nodelay(true)
            .build()?;
        let pauses = RateLimiters::new(&clock, metrics);
        Ok(Self { http, base, clock, pauses, gate: None, token_limit: limits.token })
    }

    /// How long the token of a call that changes something may take.
    pub(super) fn token_limit(&self) -> Duration {
        self.token_limit
    }

    /// The pauses that Webex has asked for, to be shared with other processes.
    #[must_use]
    pub fn rate_limiters(&self) -> RateLimiters {
        self.pauses.clone()
    }

    /// The same way for calls with this credential.
    pub(super) fn with(self, credential: Credential) -> Self {
        let gate = self.pauses.gate(credential).clone();
        Self { gate: Some(gate), ..self }
    }

    /// Makes the call, unless Webex has asked all calls with this credential to wait.
    pub(super) async fn send(&self, bearer: &SecretString, call: Call<'_>) -> Result<Good, WebexError> {
        let is_read = call.is_read();
        self.in_turn(is_read, self.exchange(bearer, call)).await
    }

    /// Makes an exchange when it is its turn among the calls with the same credential.
    async fn in_turn(
        &self,
        is_read: bool,
        exchange: impl Future<Output = Result<Good, WebexError>>,
    ) -> Result<Good, WebexError> {
        let Some(gate) = &self.gate else { return exchange.await };
        let at_most = (!is_read).then_some(LONGEST_LINE);
        let place = gate.enter(at_most).await?;
        let result = exchange.await;
        place.leave(result.as_ref().map(|_| ()));
        result
    }

    async fn exchange(&self, bearer: &SecretString, call: Call<'_>) -> Result<Good, WebexError> {
        let is_read = call.is_read();
        let request = self
            .http
            .request(call.method.clone(), self.address_of(&call))
            .query(call.query)
            .bearer_auth(bearer.expose_secret());
        let request = match call.body {
            Some(body) => request.header(CONTENT_TYPE, call.content_type).body(body),
            None => request,
        };
        self.conclude(request, is_read).await
    }

    /// Posts a form without any token: the token endpoint's way.
    pub(super) async fn post_form(&self, path: &[&str], fields: &[(&str, &str)]) -> Result<Good, WebexError> {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let address = self.address_of(&Call::new(Method::POST, path));
        let request = self.http.post(address).body(form);
        self.conclude(request.header(CONTENT_TYPE, "application/x-www-form-urlencoded"), false).await
    }

    /// Posts parts, one of which may be read from a disk while it goes out; that may take longer than other calls.
    pub(super) async fn post_parts(
        &self,
        bearer: &SecretString,
        path: &[&str],
        parts: Form,
        at_most: Duration,
    ) -> Result<Good, WebexError> {
        let address = self.address_of(&Call::new(Method::POST, path));
        let request = self.http.post(address).bearer_auth(bearer.expose_secret());
        let request = request.timeout(at_most).multipart(parts);
        self.in_turn(false, self.conclude(request, false)).await
    }

    async fn conclude(&self, request: RequestBuilder, is_read: bool) -> Result<Good, WebexError> {
        match request.send().await {
            Ok(response) => self.judge(response, is_read).await,
            Err(error) if error.is_connect() || error.is_builder() => {
                Err(WebexError::Unreachable(error.without_url()))
            }
            Err(error) => Err(WebexError::NoAnswer(error.without_url())),
        }
    }

    pub(super) async fn fetch<T: DeserializeOwned>(
        &self,
        bearer: &SecretString,
        call: Call<'_>,
    ) -> Result<T, WebexError> {
        self.send(bearer, call).await?.parse()
    }

    /// The address of a call, but for its query.
    pub(super) fn address_of(&self, call: &Call<'_>) -> Url {
        if let Some(cursor) = call.page {
            return cursor.address().clone();
        }
        let mut address = self.base.clone();
        if let Ok(mut segments) = address.path_segments_mut() {
            segments.pop_if_empty().extend(call.path);
        }
        address
    }

    pub(super) fn base(&self) -> &Url {
        &self.base
    }

    /// An answer that breaks off is none, for a read. For anything else the status says that it was carried
    /// out.
    async fn judge(&self, response: Response, is_read: bool) -> Result<Good, WebexError> {
        let (status, headers) = (response.status(), response.headers().clone());
        let limit = if status.is_success() { LARGEST_BODY } else { LARGEST_ERROR_BODY };
        let read = read_at_most(response, limit).await;
        if status.is_success() {
            let answered = answered(status, &headers, &[]);
            return match read {
                Ok(Some(body)) => Ok(Good { answered, links: links(&headers), body }),
                Ok(None) => Err(unreadable(answered, "the body is too large")),
                Err(error) if is_read => Err(WebexError::NoAnswer(error.without_url())),
                Err(error) => Err(unreadable(answered, &error.without_url().to_string())),
            };
        }
        let body = read.ok().flatten().unwrap_or_default();
        Err(self.error(status, &headers, &body))
    }

    fn error(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> WebexError {
        let answer = answered(status, headers, body);
        match status.as_u16() {
            404 | 410 => WebexError::NotFound(answer),
            423 | 429 => {
                let header = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
                WebexError::Busy { answer, retry_after: retry_after(header, self.clock.now()) }
            }
            500..=599 => WebexError::ServerError(answer),
            _ => WebexError::Refused(answer),
        }
    }
}

impl Good {
    /// Where the next page of a list is said to be.
    pub(super) fn next(&self) -> Option<&str> {
        self.links.iter().find_map(|header| link::next_target(header))
    }

    pub(super) fn body(&self) -> &[u8] {
        &self.body
    }

    pub(super) fn parse<T: DeserializeOwned>(self) -> Result<T, WebexError> {
        serde_json::from_slice(&self.body).map_err(|error| unreadable(self.answered, &error.to_string()))
    }
}

fn links(headers: &HeaderMap) -> Vec<String> {
    headers.get_all(LINK).iter().filter_map(|link| link.to_str().ok().map(str::to_owned)).collect()
}

pub(super) fn unreadable(answer: ResponseInfo, what: &str) -> WebexError {
    WebexError::Unreadable { answer, what: what.to_owned() }
}

/// The body, or nothing when it is longer than `limit`.
async fn read_at_most(mut response: Response, limit: usize) -> Result<Option<Vec<u8>>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > limit {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}

/// Webex's error body, when it is one (Webex, *REST API Basics*).
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct ErrorBody {
    message: Option<String>,
    tracking_id: Option<String>,
}

fn answered(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> ResponseInfo {
    let said: ErrorBody = serde_json::from_slice(body).unwrap_or_default();
    let tracking_id = headers.get("trackingid").and_then(|value| value.to_str().ok()).map(str::to_owned);
    ResponseInfo {
        status: status.as_u16(),
        tracking_id: tracking_id.or(said.tracking_id).map(|id| id.chars().take(120).collect()),
        message: said.message.map(|message| message.chars().take(300).collect()),
    }
}
