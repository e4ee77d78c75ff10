//! What is counted. Labels are words of ours: never an id, a name or anything else from outside.

use std::fmt;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::domain::OutcomeKind;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ResultLabel {
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CommandLabels {
    command: &'static str,
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct JobLabels {
    kind: &'static str,
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabels {
    credential: &'static str,
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CredentialLabel {
    credential: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TokenLabel {
    token: &'static str,
}

/// The counters, with the registry they are read from.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    deliveries: Family<ResultLabel, Counter>,
    commands: Family<CommandLabels, Counter>,
    deletions: Family<OutcomeLabel, Counter>,
    jobs: Family<JobLabels, Counter>,
    parked_jobs: Gauge,
    calls: Family<CallLabels, Counter>,
    pauses: Family<CredentialLabel, Counter>,
    call_limits: Family<CredentialLabel, Gauge>,
    renewals: Family<ResultLabel, Counter>,
    credential_seconds: Family<TokenLabel, Gauge>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("steward");
        let deliveries = Family::default();
        let commands = Family::default();
        let deletions = Family::default();
        let jobs = Family::default();
        let parked_jobs = Gauge::default();
        let calls = Family::default();
        let pauses = Family::default();
        let call_limits = Family::default();
        let renewals = Family::default();
        let credential_seconds = Family::default();
        registry.register("deliveries", "Webhook deliveries, by what became of them", deliveries.clone());
        registry.register("commands", "Lines of chat, by command and decision", commands.clone());
        registry.register("deletions", "Deletions, by outcome", deletions.clone());
        registry.register("job_runs", "Runs of jobs, by kind and how they ended", jobs.clone());
        registry.register(
            "parked_jobs",
            "Jobs that were given up and wait for an operator, when last counted",
            parked_jobs.clone(),
        );
        registry.register("webex_calls", "Calls to Webex, by credential and how they ended", calls.clone());
        registry.register("webex_pauses", "Pauses that Webex asked for, by credential", pauses.clone());
        registry.register(
            "webex_call_limit",
            "Calls to Webex that may be under way at the same time, by credential",
            call_limits.clone(),
        );
        registry.register(
            "credential_renewals",
            "Renewals of the admin credential, by result",
            renewals.clone(),
        );
        registry.register(
            "admin_credential_seconds_left",
            "Seconds until the tokens of the Service App end, unless they are renewed before",
            credential_seconds.clone(),
        );
        Self {
            registry,
            deliveries,
            commands,
            deletions,
            jobs,
            parked_jobs,
            calls,
            pauses,
            call_limits,
            renewals,
            credential_seconds,
        }
    }
}

impl Metrics {
    /// A delivery came in.
    pub fn delivery(&self, result: &'static str) {
        self.deliveries.get_or_create(&ResultLabel { result }).inc();
    }

    /// A line was understood and decided on.
    pub fn command(&self, command: &'static str, result: &'static str) {
        self.commands.get_or_create(&CommandLabels { command, result }).inc();
    }

    /// It is known what became of a deletion.
    pub fn deletion(&self, outcome: OutcomeKind) {
        self.deletions.get_or_create(&OutcomeLabel { outcome: outcome.as_str() }).inc();
    }

    /// A job was run.
    pub fn job(&self, kind: &'static str, result: &'static str) {
        self.jobs.get_or_create(&JobLabels { kind, result }).inc();
    }

    /// So many jobs are parked.
    pub fn parked_jobs(&self, jobs: i64) {
        self.parked_jobs.set(jobs);
    }

    /// A call to Webex has ended, or was not made.
    pub fn webex_call(&self, credential: &'static str, result: &'static str) {
        self.calls.get_or_create(&CallLabels { credential, result }).inc();
    }

    /// A pause of a credential has begun.
    pub fn webex_pause(&self, credential: &'static str) {
        self.pauses.get_or_create(&CredentialLabel { credential }).inc();
    }

    /// So many calls with a credential may be under way at the same time.
    pub fn webex_call_limit(&self, credential: &'static str, limit: u32) {
        self.call_limits.get_or_create(&CredentialLabel { credential }).set(limit.into());
    }

    /// The admin credential was renewed, or not.
    pub fn renewal(&self, result: &'static str) {
        self.renewals.get_or_create(&ResultLabel { result }).inc();
    }

    /// For how many seconds the tokens of the Service App are still good; negative when they have ended.
    pub fn credential_ends_in(&self, access: i64, refresh: i64) {
        self.credential_seconds.get_or_create(&TokenLabel { token: "access" }).set(access);
        self.credential_seconds.get_or_create(&TokenLabel { token: "refresh" }).set(refresh);
    }

    /// Everything, in the text format of OpenMetrics.
    pub fn exposition(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
