//! The HTTP transport of all calls to Webex: address, token, timeouts, size limits, and the meaning of the status.
//!
//! It never follows a redirect (a token must not reach another host), never retries (jobs wait durably), and never
//! logs a token or a body. Each call first asks the rate limiter of its credential; see [`super::rate_limit`].

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, LINK, RETRY_AFTER};
use reqwest::multipart::Form;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use url::Url;

use super::cursor::{Cursor, next_target};
use super::error::{NoAnswerError, NoConnection, ResponseInfo, WebexError, WebexNotFound};
use super::patience::Patience;
use super::proxy;
use super::rate_limit::{Credential, Permit, RateLimiter, RateLimiters, retry_after};
use crate::domain::clock::{Clock, Readings};
use crate::policy::FreshDecision;
use crate::telemetry::clock_check::ClockCheck;
use crate::telemetry::metrics::Metrics;

/// Most bytes read of a successful response; a page of a thousand devices has about a million.
const LARGEST_BODY: usize = 16 << 20;
/// Most bytes read of an error response, which may be HTML, empty, truncated or endless.
const LARGEST_ERROR_BODY: usize = 64 << 10;

/// The header with the tracking id.
const TRACKING_ID: &str = "trackingid";
/// Longest tracking id in characters; Webex's have fewer than 60.
const LONGEST_TRACKING_ID: usize = 100;

/// Longest time that a change may wait for its rate limiter. The change was decided and recorded right before, and a
/// worker that waits longer may lose its lease. Reads may wait longer.
const LONGEST_QUEUEING: Duration = Duration::from_secs(5);

/// How long to wait for Webex. Its admin API can be slow: 5 seconds would be too short for a response.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For a whole response.
    pub answer: Duration,
    /// For the token of a change. A change that cannot be sent soon must be decided again.
    pub token: Duration,
    /// For another process that is renewing the tokens. A job without a token after that is tried again later.
    pub renewal_elsewhere: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            answer: Duration::from_mins(1),
            token: Duration::from_secs(5),
            renewal_elsewhere: Duration::from_secs(10),
        }
    }
}

/// The HTTP client, shared by the clients of both credentials.
#[derive(Debug, Clone)]
pub struct Transport {
    http: reqwest::Client,
    base: Url,
    /// The address of Webex and of the proxy on the way, for errors.
    route: Arc<str>,
    clock: Arc<dyn Clock>,
    clock_check: Arc<ClockCheck>,
    limiters: RateLimiters,
    /// The rate limiter of the client's credential; calls without a credential are not limited.
    limiter: Option<Arc<RateLimiter>>,
    answer_timeout: Duration,
    token_timeout: Duration,
    renewal_timeout: Duration,
}

/// A call to make.
#[derive(Debug, Clone)]
pub(super) struct Call<'a> {
    method: Method,
    /// Segments below the base address. Each is percent-encoded, so that a segment cannot become two.
    path: &'a [&'a str],
    query: &'a [(&'a str, &'a str)],
    org: Option<&'a str>,
    /// The decision behind a change.
    decision: Option<FreshDecision>,
    body: Option<Vec<u8>>,
    content_type: &'static str,
    /// The page of a list, which replaces path and query.
    page: Option<&'a Cursor>,
}

impl<'a> Call<'a> {
    pub(super) fn new(method: Method, path: &'a [&'a str]) -> Self {
        let content_type = "application/json";
        Self { method, path, query: &[], org: None, decision: None, body: None, content_type, page: None }
    }

    pub(super) fn get(path: &'a [&'a str]) -> Self {
        Self::new(Method::GET, path)
    }

    pub(super) fn page(cursor: &'a Cursor) -> Self {
        Self { page: Some(cursor), ..Self::get(&[]) }
    }

    pub(super) fn is_read(&self) -> bool {
        self.method == Method::GET
    }

    /// All query parameters of a call that is not a page of a list.
    pub(super) fn parameters(&self) -> Vec<(&'a str, &'a str)> {
        self.query.iter().copied().chain(self.org.map(|org| ("orgId", org))).collect()
    }

    pub(super) fn query(self, query: &'a [(&'a str, &'a str)]) -> Self {
        Self { query, ..self }
    }

    /// Names the organization that the call is about.
    pub(super) fn org(self, org: Option<&'a str>) -> Self {
        Self { org, ..self }
    }

    /// Makes the call a change that is sent only while this decision is fresh.
    pub(super) fn decided(self, decision: FreshDecision) -> Self {
        Self { decision: Some(decision), ..self }
    }

    /// Whether the decision behind the change is still fresh; true for a call that needs none.
    pub(super) fn is_timely(&self, now: Readings) -> bool {
        self.decision.is_none_or(|decision| decision.holds(now))
    }

    pub(super) fn json(self, body: &impl Serialize) -> Self {
        // A body that cannot be serialized is left out, and Webex then refuses the call.
        Self { body: serde_json::to_vec(body).ok(), ..self }
    }

    /// Sets another media type than that of plain JSON.
    pub(super) fn content_type(self, content_type: &'static str) -> Self {
        Self { content_type, ..self }
    }
}

/// How a response is read.
#[derive(Clone, Copy)]
struct Reading<'a> {
    is_read: bool,
    /// The token of the call, which the response may repeat and nothing may show.
    secret: Option<&'a SecretString>,
}

/// A successful response.
#[derive(Debug)]
pub(super) struct Success {
    pub(super) info: ResponseInfo,
    links: Vec<String>,
    body: Vec<u8>,
}

impl Success {
    /// The link to the next page of a list.
    pub(super) fn next(&self) -> Option<&str> {
        self.links.iter().find_map(|header| next_target(header))
    }

    pub(super) fn body(&self) -> &[u8] {
        &self.body
    }

    pub(super) fn parse<T: DeserializeOwned>(self) -> Result<T, WebexError> {
        serde_json::from_slice(&self.body).map_err(|error| unreadable(self.info, error.to_string()))
    }
}

impl Transport {
    /// A transport to `base`, such as `https://webexapis.com/v1`.
    ///
    /// # Errors
    /// When TLS cannot be set up, for example on a machine without root certificates.
    pub(crate) fn new(
        base: Url,
        timeouts: Timeouts,
        clock: Arc<dyn Clock>,
        metrics: &Arc<Metrics>,
    ) -> Result<Self, reqwest::Error> {
        // Fails if the process has installed a provider already, which works as well.
        rustls::crypto::ring::default_provider().install_default().ok();
        #[expect(clippy::disallowed_methods, reason = "the one client for Webex, limited here")]
        let http = reqwest::Client::builder()
            .user_agent(concat!("steward/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(timeouts.connect)
            .tcp_nodelay(true)
            .build()?;
        let limiters = RateLimiters::new(&clock, metrics);
        let route = proxy::route_to(&base).into();
        Ok(Self {
            http,
            base,
            route,
            clock_check: Arc::new(ClockCheck::new(clock.clone())),
            clock,
            limiters,
            limiter: None,
            answer_timeout: timeouts.answer,
            token_timeout: timeouts.token,
            renewal_timeout: timeouts.renewal_elsewhere,
        })
    }

    /// Longest time that the token of a change may take.
    pub(super) fn token_timeout(&self) -> Duration {
        self.token_timeout
    }

    /// Longest wait for another process that is renewing the tokens.
    pub(crate) fn renewal_timeout(&self) -> Duration {
        self.renewal_timeout
    }

    /// The clock of this machine next to that of Webex.
    pub(crate) fn clock_check(&self) -> &Arc<ClockCheck> {
        &self.clock_check
    }

    /// The current time by the clock of this machine and by that of Webex.
    pub(super) fn readings(&self) -> Readings {
        self.clock_check.readings()
    }

    /// The rate limiters, whose pauses are shared with other processes.
    pub(crate) fn rate_limiters(&self) -> RateLimiters {
        self.limiters.clone()
    }

    /// The same transport for calls with this credential.
    pub(super) fn with(self, credential: Credential) -> Self {
        let limiter = self.limiters.of(credential).clone();
        Self { limiter: Some(limiter), ..self }
    }

    /// Sends the call, unless its credential is paused.
    pub(super) async fn send(&self, bearer: &SecretString, call: Call<'_>) -> Result<Success, WebexError> {
        let is_read = call.is_read();
        let permit = self.permit(is_read).await?;
        let mut request = self
            .http
            .request(call.method.clone(), self.address_of(&call))
            .query(call.query)
            .bearer_auth(bearer.expose_secret());
        if let Some(org) = call.org {
            request = request.query(&[("orgId", org)]);
        }
        if let Some(body) = call.body {
            request = request.header(CONTENT_TYPE, call.content_type).body(body);
        }
        let reading = Reading { is_read, secret: Some(bearer) };
        let result = self.execute(request, reading, self.answer_timeout).await;
        let result = result.map_err(|error| error.or_foreign(is_read));
        release(permit, &result);
        result
    }

    async fn permit(&self, is_read: bool) -> Result<Option<Permit<'_>>, WebexError> {
        let Some(limiter) = &self.limiter else { return Ok(None) };
        limiter.acquire((!is_read).then_some(LONGEST_QUEUEING)).await.map(Some)
    }

    /// Posts a form without a token, as the token endpoint requires.
    pub(super) async fn post_form(
        &self,
        path: &[&str],
        fields: &[(&str, &str)],
    ) -> Result<Success, WebexError> {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self.http.post(self.address_of(&Call::get(path))).body(form);
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.execute(request, Reading { is_read: false, secret: None }, self.answer_timeout).await
    }

    /// Posts a multipart form. Its parts may be read from the disk meanwhile, so it has its own timeout.
    pub(super) async fn post_parts(
        &self,
        bearer: &SecretString,
        path: &[&str],
        parts: Form,
        timeout: Duration,
    ) -> Result<Success, WebexError> {
        let request = self.http.post(self.address_of(&Call::get(path))).bearer_auth(bearer.expose_secret());
        let permit = self.permit(false).await?;
        let reading = Reading { is_read: false, secret: Some(bearer) };
        let result = self.execute(request.multipart(parts), reading, timeout).await;
        let result = result.map_err(|error| error.or_foreign(false));
        release(permit, &result);
        result
    }

    /// Calls Webex without a token, to see whether it is there. Returns what is left of the time for the response.
    pub(super) async fn get_without_token(&self, path: &[&str]) -> Result<(Response, Patience), WebexError> {
        let mut patience = Patience::of(self.answer_timeout);
        let request = self.http.get(self.address_of(&Call::get(path)));
        let response = self.begin(request, &mut patience).await?;
        Ok((response, patience))
    }

    async fn execute(
        &self,
        request: RequestBuilder,
        reading: Reading<'_>,
        timeout: Duration,
    ) -> Result<Success, WebexError> {
        let mut patience = Patience::of(timeout);
        let response = self.begin(request, &mut patience).await?;
        self.read(response, reading, patience).await
    }

    /// Sends a request and waits for the head of the response, whose date shows the time at Webex.
    async fn begin(&self, request: RequestBuilder, patience: &mut Patience) -> Result<Response, WebexError> {
        let sent = self.clock.now();
        match patience.wait(request.send()).await {
            Some(Ok(response)) => {
                if let Some(date) = date_of(response.headers()) {
                    self.clock_check.note(date, sent);
                }
                Ok(response)
            }
            Some(Err(error)) if error.is_connect() || error.is_builder() => {
                let route = Some(self.route.clone());
                Err(WebexError::Unreachable(NoConnection { route, error: error.without_url() }))
            }
            Some(Err(error)) => Err(WebexError::NoAnswer(NoAnswerError::Broken(error.without_url()))),
            None => Err(WebexError::NoAnswer(NoAnswerError::TooLate)),
        }
    }

    /// The address of a call without its query.
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

    /// Reads the response. For a read, a truncated response counts as none. For a change, the status alone proves that
    /// the change was carried out.
    async fn read(
        &self,
        response: Response,
        Reading { is_read, secret }: Reading<'_>,
        mut patience: Patience,
    ) -> Result<Success, WebexError> {
        let (status, headers) = (response.status(), response.headers().clone());
        let limit = if status.is_success() { LARGEST_BODY } else { LARGEST_ERROR_BODY };
        let body = match patience.wait(read_at_most(response, limit)).await {
            Some(body) => body.map_err(|error| NoAnswerError::Broken(error.without_url())),
            None => Err(NoAnswerError::TooLate),
        };
        if !status.is_success() {
            let body = body.ok().flatten().unwrap_or_default();
            return Err(self.error(status, &headers, info(status, &headers, &body, secret)));
        }
        // The body of a read may be long, and its tracking id does not matter.
        let tracked = body.as_ref().ok().and_then(Option::as_deref).filter(|_| !is_read);
        let info =
            ResponseInfo { message: None, ..info(status, &headers, tracked.unwrap_or_default(), secret) };
        match body {
            Ok(Some(body)) => Ok(Success { info, links: links(&headers), body }),
            Ok(None) => Err(unreadable(info, "the body is too large")),
            Err(error) if is_read => Err(WebexError::NoAnswer(error)),
            Err(error) => Err(unreadable(info, error.to_string())),
        }
    }

    fn error(&self, status: StatusCode, headers: &HeaderMap, answer: ResponseInfo) -> WebexError {
        match status.as_u16() {
            404 | 410 => match WebexNotFound::of(answer) {
                Ok(not_found) => WebexError::NotFound(not_found),
                Err(foreign) => WebexError::ForeignNotFound(foreign),
            },
            423 | 429 => {
                let header = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
                // A date in the header is by Webex's clock, too.
                let now = date_of(headers).unwrap_or_else(|| self.clock.now());
                WebexError::Busy { answer, retry_after: retry_after(header, now) }
            }
            500..=599 => WebexError::ServerError(answer),
            _ => WebexError::Refused(answer),
        }
    }
}

fn release(permit: Option<Permit<'_>>, result: &Result<Success, WebexError>) {
    if let Some(permit) = permit {
        permit.release(result.as_ref().map(|_| ()));
    }
}

fn links(headers: &HeaderMap) -> Vec<String> {
    headers.get_all(LINK).iter().filter_map(|link| link.to_str().ok().map(str::to_owned)).collect()
}

/// A record that was asked for by its id; an error if it is another one, as a proxy or cache on the way may send.
pub(super) fn asked_for<T, Id: PartialEq>(
    info: ResponseInfo,
    record: T,
    id_of: impl FnOnce(&T) -> &Id,
    asked: &Id,
) -> Result<T, WebexError> {
    if id_of(&record) == asked {
        Ok(record)
    } else {
        Err(unreadable(info, "it is the record of something else"))
    }
}

pub(super) fn unreadable(answer: ResponseInfo, what: impl Into<String>) -> WebexError {
    WebexError::Unreadable { answer, what: what.into() }
}

/// The body, or nothing when it is longer than `limit`.
pub(super) async fn read_at_most(
    mut response: Response,
    limit: usize,
) -> Result<Option<Vec<u8>>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > limit {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}

/// Webex's error body (Webex, *REST API Basics*); other bodies read as an empty one.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct ErrorBody {
    message: Option<String>,
    tracking_id: Option<String>,
}

/// When Webex sent a response, by its own clock; none if the date is missing or malformed.
pub(super) fn date_of(headers: &HeaderMap) -> Option<Timestamp> {
    let date = headers.get(DATE)?.to_str().ok()?;
    httpdate::parse_http_date(date).ok()?.try_into().ok()
}

/// A tracking id without anything but printable ASCII, of a bounded length; none if nothing is left.
pub(super) fn tracking_id(text: &str) -> Option<String> {
    let id: String = text.trim().chars().filter(char::is_ascii_graphic).take(LONGEST_TRACKING_ID).collect();
    (!id.is_empty()).then_some(id)
}

/// The tracking id in the header.
pub(super) fn tracking_id_in(headers: &HeaderMap) -> Option<String> {
    headers.get(TRACKING_ID).and_then(|value| value.to_str().ok()).and_then(tracking_id)
}

/// Status, tracking id and message without the secret. It is taken out before anything is cut off.
fn info(status: StatusCode, headers: &HeaderMap, body: &[u8], secret: Option<&SecretString>) -> ResponseInfo {
    let body: ErrorBody = serde_json::from_slice(body).unwrap_or_default();
    let secret = secret.map(SecretString::expose_secret).filter(|secret| !secret.is_empty());
    let redacted =
        |text: &str| secret.map_or_else(|| text.to_owned(), |secret| text.replace(secret, "[redacted]"));
    let header = headers.get(TRACKING_ID).and_then(|value| value.to_str().ok());
    let in_header = header.and_then(|id| tracking_id(&redacted(id)));
    ResponseInfo {
        status: status.as_u16(),
        tracking_id: in_header.or_else(|| tracking_id(&redacted(&body.tracking_id?))),
        message: body.message.map(|message| redacted(&message).chars().take(300).collect()),
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn read(header: &str, body: &str) -> ResponseInfo {
        let mut headers = HeaderMap::new();
        headers.insert(TRACKING_ID, HeaderValue::from_str(header).unwrap());
        info(StatusCode::FORBIDDEN, &headers, body.as_bytes(), Some(&SecretString::from("hush-hush")))
    }

    #[test]
    fn a_tracking_id_is_printable_and_bounded() {
        let long = "x".repeat(300);
        for (header, in_body, expected) in [
            ("T_1", "T_2", Some("T_1")),
            ("", "T_2", Some("T_2")),
            ("  ", " T_2\n\u{202e}", Some("T_2")),
            (" \t", "  ", None),
            ("", "ä", None),
            (long.as_str(), "", Some(&long[..LONGEST_TRACKING_ID])),
        ] {
            let body = serde_json::json!({ "message": "No.", "trackingId": in_body }).to_string();
            assert_eq!(read(header, &body).tracking_id.as_deref(), expected, "{header:?} {in_body:?}");
        }
    }

    #[test]
    fn the_token_of_a_call_is_taken_out_before_anything_is_cut_off() {
        let message = format!("{} Bearer hush-hush", "x".repeat(285));
        let body = serde_json::json!({ "message": message }).to_string();
        let read = read("T_hush-hush", &body);
        assert_eq!(read.tracking_id.as_deref(), Some("T_[redacted]"));
        assert!(!read.message.unwrap().contains("hush"));
    }

    #[test]
    fn a_missing_or_malformed_date_is_none() {
        let date_in = |date: &str| date_of(&HeaderMap::from_iter([(DATE, date.parse().unwrap())]));
        assert_eq!(date_in("Thu, 02 Apr 2026 09:15:30 GMT"), "2026-04-02T09:15:30Z".parse().ok());
        assert_eq!((date_in("yesterday"), date_of(&HeaderMap::new())), (None, None));
    }
}
