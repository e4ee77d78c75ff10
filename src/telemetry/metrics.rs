//! Counters and gauges. Labels are Steward's own words: never an id, a name or any other text from outside.

use std::fmt;

use jiff::Timestamp;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Metric, Registry};

use crate::domain::OutcomeKind;

/// The names and values of `N` labels.
type Labels<const N: usize> = [(&'static str, &'static str); N];

/// All metrics, and the registry that writes them out.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    deliveries: Family<Labels<1>, Counter>,
    last_delivery: Gauge,
    probes: Family<Labels<1>, Counter>,
    other_requests: Counter,
    commands: Family<Labels<2>, Counter>,
    deletions: Family<Labels<1>, Counter>,
    limited_answers: Family<Labels<2>, Counter>,
    jobs: Family<Labels<2>, Counter>,
    parked_jobs: Gauge,
    calls: Family<Labels<2>, Counter>,
    pauses: Family<Labels<1>, Counter>,
    call_limits: Family<Labels<1>, Gauge>,
    renewals: Family<Labels<1>, Counter>,
    credential_seconds: Family<Labels<1>, Gauge>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("steward");
        let to = &mut registry;
        Self {
            deliveries: register(to, "deliveries", "Webhook deliveries, by result"),
            last_delivery: register(
                to,
                "last_delivery_seconds",
                "When Webex last delivered something, in seconds since 1970; 0 if never",
            ),
            probes: register(to, "public_address_probes", "Probes of the public address, by result"),
            other_requests: register(to, "other_requests", "Requests to paths that Steward does not serve"),
            commands: register(to, "commands", "Lines of chat, by command and decision"),
            deletions: register(to, "deletions", "Deletions, by outcome"),
            limited_answers: register(
                to,
                "limited_answers",
                "Hints and refusals, by the limit that applies to them and by whether it withheld them",
            ),
            jobs: register(to, "job_runs", "Job runs, by kind and result"),
            parked_jobs: register(
                to,
                "parked_jobs",
                "Jobs that failed for good and wait for an operator, when last counted",
            ),
            calls: register(to, "webex_calls", "Calls to Webex, by credential and result"),
            pauses: register(to, "webex_pauses", "Pauses that Webex asked for, by credential"),
            call_limits: register(
                to,
                "webex_call_limit",
                "Calls to Webex that may be in flight at once, by credential",
            ),
            renewals: register(to, "credential_renewals", "Renewals of the admin credential, by result"),
            credential_seconds: register(
                to,
                "admin_credential_seconds_left",
                "Seconds until the tokens of the Service App expire unless they are renewed first",
            ),
            registry,
        }
    }
}

fn register<M: Metric + Clone + Default>(registry: &mut Registry, name: &str, help: &str) -> M {
    let metric = M::default();
    registry.register(name, help, metric.clone());
    metric
}

impl Metrics {
    pub(crate) fn delivery(&self, result: &'static str) {
        self.deliveries.get_or_create(&[("result", result)]).inc();
    }

    pub(crate) fn last_delivery(&self, at: Option<Timestamp>) {
        self.last_delivery.set(at.map_or(0, Timestamp::as_second));
    }

    /// Counts a probe of the public address: `ok`, or the part of the way that is broken.
    pub(crate) fn probe(&self, result: &'static str) {
        self.probes.get_or_create(&[("result", result)]).inc();
    }

    pub(crate) fn other_request(&self) {
        self.other_requests.inc();
    }

    pub(crate) fn command(&self, command: &'static str, result: &'static str) {
        self.commands.get_or_create(&[("command", command), ("result", result)]).inc();
    }

    pub(crate) fn deletion(&self, outcome: OutcomeKind) {
        self.deletions.get_or_create(&[("outcome", outcome.as_str())]).inc();
    }

    pub(crate) fn limited_answer(&self, limit: &'static str, is_withheld: bool) {
        let result = if is_withheld { "withheld" } else { "posted" };
        self.limited_answers.get_or_create(&[("limit", limit), ("result", result)]).inc();
    }

    pub(crate) fn job(&self, kind: &'static str, result: &'static str) {
        self.jobs.get_or_create(&[("kind", kind), ("result", result)]).inc();
    }

    pub(crate) fn parked_jobs(&self, jobs: i64) {
        self.parked_jobs.set(jobs);
    }

    /// Counts a call that has ended, or that was not made because of a pause.
    pub(crate) fn webex_call(&self, credential: &'static str, result: &'static str) {
        self.calls.get_or_create(&[("credential", credential), ("result", result)]).inc();
    }

    pub(crate) fn webex_pause(&self, credential: &'static str) {
        self.pauses.get_or_create(&[("credential", credential)]).inc();
    }

    pub(crate) fn webex_call_limit(&self, credential: &'static str, limit: u32) {
        self.call_limits.get_or_create(&[("credential", credential)]).set(limit.into());
    }

    pub(crate) fn renewal(&self, result: &'static str) {
        self.renewals.get_or_create(&[("result", result)]).inc();
    }

    /// Sets the seconds until each token of the Service App expires; negative once it has.
    pub(crate) fn credential_ends_in(&self, access: i64, refresh: i64) {
        self.credential_seconds.get_or_create(&[("token", "access")]).set(access);
        self.credential_seconds.get_or_create(&[("token", "refresh")]).set(refresh);
    }

    /// All metrics in the text format of OpenMetrics.
    pub(crate) fn exposition(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
