//! Faults on demand: rules that make single requests or deliveries go wrong.
//!
//! Rules are tried in order, and the first match applies. A rule defines the requests it matches (method, path), how
//! often it applies, and the fault. A rule never invents an effect: a request either reached the model or it did not,
//! regardless of the response.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The body of a faulty answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FaultBody {
    /// An error body as Webex documents it.
    #[default]
    Json,
    /// The HTML page of a gateway.
    Html,
    Empty,
    /// JSON that ends too early.
    TruncatedJson,
    /// Ten megabytes.
    Huge,
}

/// Whether the request does its work before the fault strikes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Effect {
    /// The request never reaches the model.
    #[default]
    None,
    /// The model carries the request out, then the fault strikes.
    Before,
}

/// How long a deleted device can still be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Lingering {
    /// For this many more answers that show it.
    Reads(u32),
    Forever,
}

/// A fault of a webhook delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryFault {
    /// The same delivery is sent twice, at the same time.
    Duplicate,
    /// It is never sent, and no failure is counted.
    Lose,
    /// It is sent only when the next one has arrived. It counts as in progress until then.
    Overtake,
}

/// One rule. Made with [`FaultRule::on`] and the methods that follow, or read from the control endpoint's JSON.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FaultRule {
    /// The method to match; any if absent.
    method: Option<String>,
    /// The path below `/v1` to match (`*` stands for any characters); any if absent.
    path: Option<String>,
    /// How many matching requests pass before the rule applies.
    skip: u32,
    /// How often the rule applies; without limit if absent.
    times: Option<u32>,
    /// Applies to one in this many matching requests, scattered but always the same ones; to all if absent.
    one_in: Option<u64>,
    /// How many requests have matched so far.
    #[serde(skip)]
    matched: u64,
    /// The status answered in place of the real one.
    pub(super) status: Option<u16>,
    /// The `Retry-After` header, with any content.
    pub(super) retry_after: Option<String>,
    /// The body answered with `status`.
    pub(super) body: FaultBody,
    /// The body answered, with `status` or 200.
    pub(super) json: Option<Value>,
    /// The answer has no tracking id, as one of a gateway between Webex and the client.
    pub(super) untracked: bool,
    pub(super) effect: Effect,
    /// How long the request waits before anything else happens.
    pub(super) latency_ms: u64,
    /// How long the answer is held back after the request has had its effect, if it has any.
    pub(super) answer_latency_ms: u64,
    /// The connection ends without an answer.
    pub(super) drop: bool,
    /// There is never an answer; the connection stays open.
    pub(super) hang: bool,
    /// A device deleted by this request can still be read.
    pub(super) listed_after_delete: Option<Lingering>,
    /// The rule is about webhook deliveries and not about requests.
    delivery: Option<DeliveryFault>,
}

/// Defines methods that each set one field of a rule.
macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident($($argument:ident: $type:ty)?): $field:ident = $value:expr;)*) => {
        $(
            $(#[$doc])*
            pub fn $name(self $(, $argument: $type)?) -> Self {
                Self { $field: $value, ..self }
            }
        )*
    };
}

impl FaultRule {
    /// A rule for requests with this method and this path below `/v1` (`*` stands for any characters).
    pub fn on(method: &str, path: &str) -> Self {
        Self { method: Some(method.to_owned()), ..Self::on_path(path) }
    }

    /// A rule for requests to this path below `/v1`, with any method.
    pub fn on_path(path: &str) -> Self {
        Self { path: Some(path.to_owned()), ..Self::default() }
    }

    /// A rule for every request.
    pub fn on_everything() -> Self {
        Self::default()
    }

    /// A rule for webhook deliveries.
    pub fn on_deliveries(fault: DeliveryFault) -> Self {
        Self { delivery: Some(fault), ..Self::default() }
    }

    setters! {
        /// Answers with this status.
        status(status: u16): status = Some(status);
        /// Answers with this `Retry-After` header.
        retry_after(value: &str): retry_after = Some(value.to_owned());
        /// Answers with an HTML page.
        html_body(): body = FaultBody::Html;
        /// Answers with this body, and with 200 unless another status is set.
        json_body(body: Value): json = Some(body);
        /// Answers without a tracking id.
        untracked(): untracked = true;
        /// Answers without a body.
        empty_body(): body = FaultBody::Empty;
        /// Answers with JSON that ends too early.
        truncated_body(): body = FaultBody::TruncatedJson;
        /// Answers with ten megabytes.
        huge_body(): body = FaultBody::Huge;
        /// Lets the request take effect first.
        after_effect(): effect = Effect::Before;
        /// Lets the request wait first, in real milliseconds.
        delayed_ms(latency_ms: u64): latency_ms = latency_ms;
        /// Holds the answer back after the effect, in real milliseconds.
        answer_delayed_ms(latency_ms: u64): answer_latency_ms = latency_ms;
        /// Ends the connection without an answer.
        dropping_connection(): drop = true;
        /// Never answers.
        hanging(): hang = true;
        /// Keeps a deleted device readable for `reads` more answers.
        still_readable(reads: u32): listed_after_delete = Some(Lingering::Reads(reads));
        /// Keeps a deleted device readable forever.
        readable_forever(): listed_after_delete = Some(Lingering::Forever);
        /// Applies to one request only.
        once(): times = Some(1);
        /// Applies to this many requests.
        times(times: u32): times = Some(times);
        /// Lets this many matching requests pass first.
        skipping(skip: u32): skip = skip;
        /// Applies to one in this many requests, scattered.
        one_in(many: u64): one_in = Some(many);
    }

    /// Whether the rule replaces the model's response, if there is one.
    pub(super) fn replaces_answer(&self) -> bool {
        self.status.is_some() || self.json.is_some() || self.drop || self.hang
    }

    /// Counts a request that has just matched, and decides whether the rule applies to it.
    fn is_due(&mut self) -> bool {
        self.matched += 1;
        self.one_in.is_none_or(|many| scattered(self.matched).is_multiple_of(many.max(1)))
    }

    fn matches_request(&self, method: &str, path: &str) -> bool {
        let path = path.strip_prefix("/v1").unwrap_or(path);
        let method_fits = self.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method));
        let path_fits =
            self.path.as_ref().is_none_or(|wanted| fits(wanted.strip_prefix("/v1").unwrap_or(wanted), path));
        self.delivery.is_none() && method_fits && path_fits
    }
}

/// A pseudorandom number, the same for the same input (the last step of `SplitMix64`).
fn scattered(number: u64) -> u64 {
    let mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// Whether a path matches a pattern in which `*` stands for zero or more characters.
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
pub(super) struct FaultRules(Mutex<Vec<FaultRule>>);

impl FaultRules {
    /// Appends a rule.
    pub(super) fn add(&self, rule: FaultRule) {
        self.lock().push(rule);
    }

    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    /// The rules that can still apply.
    pub(super) fn all(&self) -> Vec<FaultRule> {
        self.lock().clone()
    }

    /// The rule for a request, counted as used.
    pub(super) fn for_request(&self, method: &str, path: &str) -> Option<FaultRule> {
        self.take(|rule| rule.matches_request(method, path))
    }

    /// The fault of the next delivery, if any; the rule is counted as used.
    pub(super) fn for_delivery(&self) -> Option<DeliveryFault> {
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
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
        let faults = FaultRules::default();
        faults.add(FaultRule::on("DELETE", "/devices/*").status(503).skipping(1).once());
        assert!(faults.for_request("GET", "/v1/devices/1").is_none());
        assert!(faults.for_request("DELETE", "/v1/devices/1").is_none(), "the first one is skipped");
        assert!(faults.for_request("DELETE", "/v1/devices/1").is_some());
        assert!(faults.for_request("DELETE", "/v1/devices/1").is_none());
    }

    #[test]
    fn a_rule_for_one_in_ten_applies_to_about_a_tenth() {
        let faults = FaultRules::default();
        faults.add(FaultRule::on("GET", "*").status(500).one_in(10));
        let hits = (0..1000).filter(|_| faults.for_request("GET", "/v1/devices").is_some()).count();
        assert!((70..130).contains(&hits), "{hits}");
    }

    #[test]
    fn a_rule_is_read_from_the_json_of_the_control_endpoint() {
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
