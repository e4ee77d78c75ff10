//! Faults on demand: rules that make single requests or deliveries go wrong.
//!
//! Rules are looked at in order and the first that matches applies. A rule says what it matches (method, path), how
//! often it applies, and what happens. A rule never makes up an effect: a request either reached the model or it did
//! not, whatever its sender is told.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

/// What the body of a faulty answer looks like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultBody {
    /// An error body as Webex documents it.
    #[default]
    Json,
    /// A gateway's page.
    Html,
    /// Nothing.
    Empty,
    /// JSON that ends too early.
    TruncatedJson,
    /// Ten megabytes.
    Huge,
}

/// Whether the request does its work before the fault strikes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The request never reaches the model.
    #[default]
    None,
    /// The model carries the request out, then the fault strikes.
    Before,
}

/// How long a deleted device can still be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lingering {
    /// For this many more answers that show it.
    Reads(u32),
    /// For good.
    Forever,
}

/// What goes wrong with a webhook delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryFault {
    /// The same delivery is sent twice, at the same time.
    Duplicate,
    /// It is never sent, and nobody notices.
    Lose,
    /// It is sent only when the next one has arrived. It counts as under way until then.
    Overtake,
}

/// One rule. Made with [`FaultRule::on`] and the methods that follow, or read from the control endpoint's JSON.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FaultRule {
    /// The method it is about; any if absent.
    pub method: Option<String>,
    /// The path below `/v1` it is about (`*` stands for any characters); any if absent.
    pub path: Option<String>,
    /// How many requests pass before it begins.
    pub skip: u32,
    /// How often it applies; for good if absent.
    pub times: Option<u32>,
    /// It applies to one in this many matching requests, scattered but always the same ones; to all if absent.
    pub one_in: Option<u64>,
    /// How many requests have matched so far.
    #[serde(skip)]
    matched: u64,
    /// The status answered in place of the real one.
    pub status: Option<u16>,
    /// The `Retry-After` header, with any content.
    pub retry_after: Option<String>,
    /// The body answered with `status`.
    pub body: FaultBody,
    /// Whether the request takes effect first.
    pub effect: Effect,
    /// How long the request waits before anything else happens.
    pub latency_ms: u64,
    /// How long the answer is held back after the request has had its effect, if it has any.
    pub answer_latency_ms: u64,
    /// The connection ends without an answer.
    pub drop: bool,
    /// There is never an answer; the connection stays open.
    pub hang: bool,
    /// A device deleted by this request can still be read.
    pub listed_after_delete: Option<Lingering>,
    /// The rule is about webhook deliveries and not about requests.
    pub delivery: Option<DeliveryFault>,
}

impl FaultRule {
    /// A rule for requests with this method and this path below `/v1` (`*` stands for any characters).
    #[must_use]
    pub fn on(method: &str, path: &str) -> Self {
        Self { method: Some(method.to_owned()), path: Some(path.to_owned()), ..Self::default() }
    }

    /// A rule for every request.
    #[must_use]
    pub fn on_everything() -> Self {
        Self::default()
    }

    /// A rule for requests to this path below `/v1`, with any method.
    #[must_use]
    pub fn on_path(path: &str) -> Self {
        Self { path: Some(path.to_owned()), ..Self::default() }
    }

    /// A rule for webhook deliveries.
    #[must_use]
    pub fn on_deliveries(fault: DeliveryFault) -> Self {
        Self { delivery: Some(fault), ..Self::default() }
    }

    /// Answers with this status.
    #[must_use]
    pub fn status(self, status: u16) -> Self {
        Self { status: Some(status), ..self }
    }

    /// Answers with this `Retry-After` header.
    #[must_use]
    pub fn retry_after(self, value: &str) -> Self {
        Self { retry_after: Some(value.to_owned()), ..self }
    }

    /// Answers with a page of html.
    #[must_use]
    pub fn html_body(self) -> Self {
        Self { body: FaultBody::Html, ..self }
    }

    /// Answers without a body.
    #[must_use]
    pub fn empty_body(self) -> Self {
        Self { body: FaultBody::Empty, ..self }
    }

    /// Answers with JSON that ends too early.
    #[must_use]
    pub fn truncated_body(self) -> Self {
        Self { body: FaultBody::TruncatedJson, ..self }
    }

    /// Answers with ten megabytes.
    #[must_use]
    pub fn huge_body(self) -> Self {
        Self { body: FaultBody::Huge, ..self }
    }

    /// Lets the request take effect first.
    #[must_use]
    pub fn after_effect(self) -> Self {
        Self { effect: Effect::Before, ..self }
    }

    /// Lets the request wait first, in real milliseconds.
    #[must_use]
    pub fn delayed_ms(self, latency_ms: u64) -> Self {
        Self { latency_ms, ..self }
    }

    /// Holds the answer back after the effect, in real milliseconds.
    #[must_use]
    pub fn answer_delayed_ms(self, answer_latency_ms: u64) -> Self {
        Self { answer_latency_ms, ..self }
    }

    /// Ends the connection without an answer.
    #[must_use]
    pub fn dropping_connection(self) -> Self {
        Self { drop: true, ..self }
    }

    /// Never answers.
    #[must_use]
    pub fn hanging(self) -> Self {
        Self { hang: true, ..self }
    }

    /// Keeps a deleted device readable for `reads` more answers.
    #[must_use]
    pub fn still_readable(self, reads: u32) -> Self {
        Self { listed_after_delete: Some(Lingering::Reads(reads)), ..self }
    }

    /// Keeps a deleted device readable for good.
    #[must_use]
    pub fn readable_forever(self) -> Self {
        Self { listed_after_delete: Some(Lingering::Forever), ..self }
    }

    /// Applies to one request only.
    #[must_use]
    pub fn once(self) -> Self {
        self.times(1)
    }

    /// Applies to this many requests.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    /// Lets this many matching requests pass first.
    #[must_use]
    pub fn skipping(self, skip: u32) -> Self {
        Self { skip, ..self }
    }

    /// Applies to one in this many requests, scattered.
    #[must_use]
    pub fn one_in(self, many: u64) -> Self {
        Self { one_in: Some(many), ..self }
    }

    /// Whether it is the turn of the request that has just matched.
    fn is_due(&mut self) -> bool {
        self.matched += 1;
        self.one_in.is_none_or(|many| scattered(self.matched).is_multiple_of(many.max(1)))
    }

    /// Whether the answer of the model, if there is one, is replaced.
    #[must_use]
    pub fn replaces_answer(&self) -> bool {
        self.status.is_some() || self.drop || self.hang
    }

    fn matches_request(&self, method: &str, path: &str) -> bool {
        let asked = path.strip_prefix("/v1").unwrap_or(path);
        let method_fits = self.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method));
        let path_fits =
            self.path.as_ref().is_none_or(|wanted| fits(wanted.strip_prefix("/v1").unwrap_or(wanted), asked));
        self.delivery.is_none() && method_fits && path_fits
    }
}

/// A number that looks like chance and is the same each time (the last step of `SplitMix64`).
fn scattered(number: u64) -> u64 {
    let mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// Whether a path fits a pattern in which `*` stands for any characters, also for none.
fn fits(pattern: &str, path: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == path,
        Some((start, rest)) => path
            .strip_prefix(start)
            .is_some_and(|path| path.char_indices().any(|(at, _)| fits(rest, &path[at..])) || fits(rest, "")),
    }
}

/// The rules in force.
#[derive(Debug, Default)]
pub struct Faults {
    rules: Mutex<Vec<FaultRule>>,
}

impl Faults {
    /// Adds a rule behind the others.
    pub fn add(&self, rule: FaultRule) {
        self.lock().push(rule);
    }

    /// Forgets all rules.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// The rules that still have something to do.
    #[must_use]
    pub fn rules(&self) -> Vec<FaultRule> {
        self.lock().clone()
    }

    /// The rule for a request, counted as used.
    #[must_use]
    pub fn for_request(&self, method: &str, path: &str) -> Option<FaultRule> {
        self.take(|rule| rule.matches_request(method, path))
    }

    /// What goes wrong with the next delivery, counted as used.
    #[must_use]
    pub fn for_delivery(&self) -> Option<DeliveryFault> {
        self.take(|rule| rule.delivery.is_some()).and_then(|rule| rule.delivery)
    }

    fn take(&self, matches: impl Fn(&FaultRule) -> bool) -> Option<FaultRule> {
        let mut rules = self.lock();
        for index in 0..rules.len() {
            let rule = &mut rules[index];
            if rule.times == Some(0) || !matches(rule) || !rule.is_due() {
                continue;
            }
            if rule.skip > 0 {
                rule.skip -= 1;
                continue;
            }
            let applied = rule.clone();
            rule.times = rule.times.map(|times| times - 1);
            if rule.times == Some(0) {
                rules.remove(index);
            }
            return Some(applied);
        }
        None
    }

    fn lock(&self) -> MutexGuard<'_, Vec<FaultRule>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, path, expected) in [
            ("/devices/*", "/devices/abc", true),
            ("/devices/*", "/devices", false),
            ("/devices*", "/devices", true),
            ("/messages", "/messages/abc", false),
            ("*/actions*", "/attachment/actions/1", true),
            ("*", "/", true),
        ] {
            assert_eq!(fits(pattern, path), expected, "{pattern} on {path}");
        }
    }

    #[test]
    fn a_rule_skips_then_applies_and_then_is_gone() {
        let faults = Faults::default();
        faults.add(FaultRule::on("DELETE", "/devices/*").status(503).skipping(1).once());
        assert!(faults.for_request("GET", "/v1/devices/1").is_none());
        assert!(faults.for_request("DELETE", "/v1/devices/1").is_none(), "the first one is let through");
        assert!(faults.for_request("DELETE", "/v1/devices/1").is_some());
        assert!(faults.for_request("DELETE", "/v1/devices/1").is_none());
    }

    #[test]
    fn a_rule_for_one_in_ten_applies_to_about_a_tenth() {
        let faults = Faults::default();
        faults.add(FaultRule::on("GET", "*").status(500).one_in(10));
        let hits = (0..1000).filter(|_| faults.for_request("GET", "/v1/devices").is_some()).count();
        assert!((70..130).contains(&hits), "{hits}");
    }

    #[test]
    fn a_rule_reads_from_the_json_that_the_control_endpoint_takes() {
        let rule: FaultRule = serde_json::from_str(
            r#"{"method":"DELETE","path":"/devices/*","status":503,"effect":"before","body":"html",
                "retry_after":"soon","listed_after_delete":{"reads":2},"times":1}"#,
        )
        .unwrap();
        assert_eq!(rule.effect, Effect::Before);
        assert_eq!(rule.listed_after_delete, Some(Lingering::Reads(2)));
        assert!(serde_json::from_str::<FaultRule>(r#"{"statsu":503}"#).is_err());
    }
}
