//! Carrying out `tag devices`: the devices of a filter are frozen in a plan, and tagged one after another once it is
//! confirmed.
//!
//! How far it got is written down after each device, together with the audit entry about it, so who goes on after a
//! crash or a wait goes on with the next. Before a device is changed its tags are written down: one that was changed and
//! not yet counted is read again, found to be so, and counted as changed. Nobody finds two hundred devices in an audit log by one entry with counts, so
//! each that was changed has its own.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::cards::{self, DevicesTagged, MOST_TROUBLES, Notice, TagTrouble, TagsProof, TroubledDevice};
use crate::commands::context::{Ended, entry_of};
use crate::commands::delete_device::state::cause_before_deleting;
use crate::commands::list_devices::Listed;
use crate::commands::plan::propose;
use crate::commands::reply::{Answer, Failure, give};
use crate::commands::resolve::organization::scope_of;
use crate::commands::retry;
use crate::commands::services::{Services, message};
use crate::commands::tag_device::{Tagged, Tags, change_tags};
use crate::domain::{Cause, OrgScope, PlanCode};
use crate::filter::Filter;
use crate::grammar::{OrgName, TagChange};
use crate::plan::{self, NamedDevice, Plan, Task};
use crate::policy::{Grant, Tagging};
use crate::store::{CommandRecord, End, LeasedJob, OutgoingId, Step, StoreError};
use crate::webex::WebexError;

/// Devices that one command changes at most.
const MOST_DEVICES: usize = 200;
/// How long after the confirmation a device may still be begun with.
const LONGEST: SignedDuration = SignedDuration::from_mins(15);
/// How often a device is tried when the same call may well succeed later.
const TRIES: u32 = 3;
/// Devices in a row that came to nothing although they were tried so often: then the next will not fare better.
const MOST_IN_A_ROW: u32 = 3;

/// What the command asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) filter: &'a Filter,
    pub(crate) change: &'a TagChange,
    pub(crate) org: Option<&'a OrgName>,
}

pub(crate) async fn run(
    services: &Services,
    job: &LeasedJob,
    record: &CommandRecord,
    asked: Asked<'_>,
) -> Ended {
    match record.accepted.id.plan() {
        None => give(services, job, record, proposal(services, record, asked)).await,
        Some(code) => carry_out(services, job, record, code).await,
    }
}

/// Freezes the devices that match now, and asks.
async fn proposal(services: &Services, record: &CommandRecord, asked: Asked<'_>) -> Result<Answer, Failure> {
    services.policy.authorize::<Tagging>(&record.accepted.actor)?;
    let scope = scope_of(services, asked.org).await?;
    let mut listed = Listed::begin(services, &scope, asked.filter, asked.filter.needs()).await?;
    // A device is listed twice when others are added meanwhile.
    let (mut devices, mut known) = (Vec::new(), HashSet::new());
    while let Some(page) = listed.next().await? {
        for (device, _) in page {
            if known.insert(device.id.clone()) && devices.len() < MOST_DEVICES {
                devices.push(NamedDevice { id: device.id, name: device.display_name });
            }
        }
    }
    let filter = asked.filter.to_string();
    match known.len() {
        0 => Err(Answer::of(&Notice::no_device_to_tag(&filter)).into()),
        count if count > MOST_DEVICES => {
            Err(Answer::of(&Notice::too_many_to_tag(count, MOST_DEVICES, &filter)).into())
        }
        _ => {
            let (filter, change, unreadable) = (asked.filter, asked.change, listed.unreadable());
            let tagging = propose::Tagging { filter, devices, change, unreadable };
            Ok(propose::tags(services, record, &scope, &tagging))
        }
    }
}

async fn carry_out(services: &Services, job: &LeasedJob, record: &CommandRecord, code: PlanCode) -> Ended {
    let id = &record.accepted.id;
    let corrupt =
        |what: &dyn std::fmt::Display| StoreError::Corrupt { what: format!("command {id}: {what}") };
    let plan = services.store.plan(code).await?.ok_or_else(|| corrupt(&"there is no such plan"))?;
    let Task::TagDevices { filter, devices, change } = plan.task.clone() else {
        return Err(corrupt(&"its plan changes no tags"));
    };
    let progress = match &record.progress {
        Some(stored) => serde_json::from_value(stored.clone()).map_err(|error| corrupt(&error))?,
        None => Progress::default(),
    };
    let scope = plan.org.clone().map_or(OrgScope::Default, OrgScope::Org);
    Run { services, job, record, plan, scope, filter, devices, change, progress }.on().await
}

/// How far it got. Stored: the names must not change.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Progress {
    /// The device that comes next, by its place in the plan.
    next: usize,
    /// How often it was tried.
    tries: u32,
    /// Its tags before the first time that they may have been set.
    #[serde(default)]
    before: Option<Vec<String>>,
    /// How many before it came to nothing in a row.
    in_a_row: u32,
    changed: u64,
    already: u64,
    unproven: u64,
    failed: u64,
    /// The first devices with which something went wrong.
    troubles: Vec<Trouble>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Trouble {
    /// By its place in the plan.
    device: usize,
    what: TagTrouble,
}

impl Progress {
    fn after(&mut self, proof: TagsProof) {
        match proof {
            TagsProof::Verified => self.changed += 1,
            TagsProof::AlreadySo => self.already += 1,
            TagsProof::Differs => self.note(TagTrouble::Differs),
            TagsProof::NotRead => self.note(TagTrouble::NotRead),
        }
        self.go_on(0);
    }

    fn after_failure(&mut self, error: &WebexError) {
        let status = error.answer().map(|answer| answer.status);
        self.note(match (error, status) {
            (WebexError::NotFound(_), _) => TagTrouble::Gone,
            (_, Some(403)) => TagTrouble::NotPermitted,
            (_, Some(status)) => TagTrouble::Status(status),
            (_, None) => TagTrouble::NoAnswer,
        });
        self.go_on(if error.may_pass() { self.in_a_row + 1 } else { 0 });
    }

    fn note(&mut self, what: TagTrouble) {
        if what.is_only_unproven() {
            self.unproven += 1;
        } else {
            self.failed += 1;
        }
        if self.troubles.len() < MOST_TROUBLES {
            self.troubles.push(Trouble { device: self.next, what });
        }
    }

    fn go_on(&mut self, in_a_row: u32) {
        self.next += 1;
        self.tries = 0;
        self.before = None;
        self.in_a_row = in_a_row;
    }
}

struct Run<'a> {
    services: &'a Services,
    job: &'a LeasedJob,
    record: &'a CommandRecord,
    plan: Plan,
    scope: OrgScope,
    filter: Filter,
    devices: Vec<NamedDevice>,
    change: TagChange,
    progress: Progress,
}

/// What comes after a device.
enum After {
    /// The next one.
    Next(Option<Box<Tagged>>),
    /// The same one, then.
    Again(Timestamp, String),
    /// The end, for this reason.
    Stop(Cause),
}

impl Run<'_> {
    /// Goes on from where it stands, until it has ended or must wait.
    async fn on(mut self) -> Ended {
        let Ok(grant) = self.services.policy.authorize::<Tagging>(&self.record.accepted.actor) else {
            return self.end(Some(&Cause::RightWithdrawn)).await;
        };
        if retry::is_given_up(self.job) {
            return self.end(Some(&Cause::Unexpected)).await;
        }
        while let Some(device) = self.devices.get(self.progress.next).cloned() {
            let now = self.services.clock.now();
            if now > self.latest() {
                return self.end(Some(&Cause::TooLate)).await;
            }
            match self.tag(&grant, &device).await? {
                After::Next(tagged) => self.write_down(tagged.as_deref()).await?,
                After::Again(at, note) => {
                    let step = Step::new(self.services.clock.now(), End::Again { at, note });
                    return self.record(step).await;
                }
                After::Stop(cause) => return self.end(Some(&cause)).await,
            }
        }
        self.end(None).await
    }

    /// When the last device may be begun with.
    fn latest(&self) -> Timestamp {
        self.record.accepted.accepted_at + LONGEST
    }

    async fn tag(&mut self, grant: &Grant<Tagging>, device: &NamedDevice) -> Result<After, StoreError> {
        let earlier = self.progress.before.clone();
        let tags = Tags {
            scope: &self.scope.clone(),
            device: &device.id,
            change: &self.change.clone(),
            before: earlier.as_deref(),
        };
        let services = self.services;
        let tagged = change_tags(services, grant, tags, async |before, event| {
            self.progress.before = Some(before.to_vec());
            let now = self.services.clock.now();
            let step = Step::new(now, End::Continues).audit(entry_of(self.record, event, now));
            self.record(step).await.map(|_| ())
        });
        let error = match tagged.await {
            Ok(tagged) => {
                self.progress.after(tagged.proof());
                return Ok(After::Next(Some(Box::new(tagged))));
            }
            Err(Failure::Webex(error)) => error,
            Err(Failure::Store(error)) => return Err(error),
            Err(Failure::Io(_) | Failure::Said(_) | Failure::NotYet) => {
                return Ok(After::Stop(Cause::Unexpected));
            }
        };
        let now = self.services.clock.now();
        let command = self.record.accepted.id.as_str();
        if let Some(wait) = error.asked_to_wait() {
            // Nothing was set, whatever somebody else sets meanwhile.
            self.progress.before = None;
            return Ok(if now + wait <= self.latest() {
                After::Again(now + wait, error.to_string())
            } else {
                After::Stop(cause_before_deleting(&error, now))
            });
        }
        tracing::warn!(%error, command, "the tags of a device could not be changed");
        if error.rejects_the_token() {
            return Ok(After::Stop(Cause::CredentialRejected));
        }
        self.progress.tries += 1;
        if error.may_pass() && self.progress.tries < TRIES {
            let pause = crate::domain::backoff::pause_after(self.progress.tries, device.id.as_str());
            return Ok(After::Again(now + pause, error.to_string()));
        }
        self.progress.after_failure(&error);
        Ok(if self.progress.in_a_row >= MOST_IN_A_ROW {
            After::Stop(Cause::Unexpected)
        } else {
            After::Next(None)
        })
    }

    async fn write_down(&mut self, tagged: Option<&Tagged>) -> Result<(), StoreError> {
        let now = self.services.clock.now();
        let mut step = Step::new(now, End::Continues);
        if let Some(event) = tagged.and_then(Tagged::event) {
            step = step.audit(entry_of(self.record, event, now));
        }
        let started = self.plan.on(plan::Event::Started, now);
        if let Some(transition) = started {
            step = step.move_plan(transition);
        }
        self.record(step).await?;
        if let Some(transition) = started {
            self.plan.state = transition.to();
        }
        Ok(())
    }

    async fn record(&self, step: Step) -> Ended {
        let id = &self.record.accepted.id;
        let stored = serde_json::to_string(&self.progress)
            .map_err(|error| StoreError::Corrupt { what: format!("the progress of {id}: {error}") })?;
        self.services.store.record(self.job, step.progress(id, stored)).await
    }

    /// The result, with why the rest was not tried, if it was not.
    async fn end(&self, stopped: Option<&Cause>) -> Ended {
        let now = self.services.clock.now();
        let accepted = &self.record.accepted;
        let called = |trouble: &Trouble| {
            let device = self.devices.get(trouble.device)?;
            Some(device.name.as_deref().unwrap_or(device.id.as_str()))
        };
        let troubles: Vec<TroubledDevice<'_>> = self
            .progress
            .troubles
            .iter()
            .filter_map(|trouble| Some(TroubledDevice { called: called(trouble)?, trouble: trouble.what }))
            .collect();
        let (add, remove) = propose::tags_of(&self.change);
        let card = cards::render(&DevicesTagged {
            filter: &self.filter.to_string(),
            add: &add,
            remove: &remove,
            changed: self.progress.changed,
            already: self.progress.already,
            unproven: self.progress.unproven,
            failed: self.progress.failed,
            not_tried: self.devices.len().saturating_sub(self.progress.next) as u64,
            troubles: &troubles,
            stopped,
            code: &self.plan.code.to_string(),
            actor: &accepted.actor,
            now,
        });
        let mut step = Step::new(now, End::Done).ended(&accepted.id, None).post(message(
            OutgoingId::answer_to(&accepted.id),
            &accepted.thread,
            &card,
            now,
        ));
        if let Some(ended) = self.plan.on(plan::Event::Ended, now) {
            step = step.move_plan(ended);
        }
        self.record(step).await
    }
}
