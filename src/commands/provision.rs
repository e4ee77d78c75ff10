//! The common parts of `activate` and `add device`: the destination of the device, the side effects, and the locks: one
//! change of a workspace or person at a time, and one addition at a time.
//!
//! The intent is committed before the call, with the place. A run that finds it continues with that place, whatever its
//! name means by then.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::context::CommandContext;
use super::failure::{Failure, not_done, runs_again};
use super::reply::Answer;
use super::resolve;
use crate::cards::{self, Notice, PressRefusal, SideEffect};
use crate::domain::audit::{AuditEvent, ChangeResult};
use crate::domain::text::comparison_key;
use crate::domain::{ChangeTarget, Device, OrgScope, PlaceFacts, PlaceId, PlanCode};
use crate::grammar::{Command, Model, OrgName, ProvisionTarget};
use crate::plan::{ShownRow, Task};
use crate::webex::{SentAs, WebexError};

/// The name of the database lock for additions. Stored: it must not change.
const ADDITIONS: &str = "additions";
/// How long the lock lasts at most: longer than a call to Webex.
const LONGEST_LOCK: SignedDuration = SignedDuration::from_secs(90);

/// The addition that was begun. Stored: the names must not change.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct ProvisionProgress {
    /// Whether the request to Webex may have been sent.
    pub(crate) begun: bool,
    /// The workspace or person. Older versions did not store it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<Box<PlaceFacts>>,
    /// How the request was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sent_as: Option<SentAs>,
}

impl ProvisionProgress {
    /// The progress right before the request is sent.
    pub(crate) fn begun(ctx: &CommandContext<'_>, scope: &OrgScope, destination: &Destination) -> Self {
        let sent_as = ctx.services.admin.sends_as(scope);
        Self { begun: true, place: Some(Box::new(destination.0.clone())), sent_as: Some(sent_as) }
    }

    /// The place of a request that may have been sent, and how it was sent.
    pub(crate) fn sent_to(&self) -> Option<(SentAs, Destination)> {
        let place = self.place.as_deref().filter(|_| self.begun)?;
        Some((self.sent_as.clone()?, Destination(place.clone())))
    }
}

/// The workspace or person that gets the device.
#[derive(Debug)]
pub(crate) struct Destination(PlaceFacts);

impl Destination {
    /// Looks up the workspace or person in the command, or answers with those to choose from. A confirmed plan holds the
    /// place that its card showed: only that one is taken, and only if it has not changed.
    pub(crate) async fn find(
        ctx: &CommandContext<'_>,
        place: &ProvisionTarget,
        org: Option<&OrgName>,
    ) -> Result<Result<(OrgScope, Self), Answer>, Failure> {
        if let Some(code) = ctx.record.accepted.id.plan() {
            return Self::confirmed(ctx, code).await;
        }
        let scope = match resolve::organization(ctx, org).await? {
            Ok(scope) => scope,
            Err(answer) => return Ok(Err(answer)),
        };
        let found = match &ctx.record.accepted.shown {
            Some(ShownRow::Place(shown)) => Self::chosen(ctx, &scope, shown).await?,
            _ => Self::look_up(ctx, &scope, place).await?,
        };
        Ok(found.map(|destination| (scope, destination)))
    }

    async fn look_up(
        ctx: &CommandContext<'_>,
        scope: &OrgScope,
        place: &ProvisionTarget,
    ) -> Result<Result<Self, Answer>, Failure> {
        Ok(match place {
            ProvisionTarget::Workspace(reference) => {
                let workspace = resolve::workspace(ctx, scope, reference).await?;
                let listed =
                    workspace.map(|workspace| PlaceFacts::of_workspace(workspace, reference.as_str()));
                match listed {
                    Ok(listed) => Self::read_itself(ctx, scope, &listed).await?,
                    Err(answer) => Err(answer),
                }
            }
            // Nothing changes for a person before a confirmation, and then the person is read again.
            ProvisionTarget::Person(reference) => {
                let person = resolve::person(ctx, scope, reference).await?;
                person.map(|person| Self(PlaceFacts::of_person(person)))
            }
        })
    }

    /// The workspace itself, locked and read, because its entry in a list may be out of date: its side effects decide
    /// whether the requester must confirm.
    async fn read_itself(
        ctx: &CommandContext<'_>,
        scope: &OrgScope,
        listed: &PlaceFacts,
    ) -> Result<Result<Self, Answer>, Failure> {
        Ok(match lock_and_read(ctx, scope, listed).await? {
            Some(found) if comparison_key(&found.name) == comparison_key(&listed.name) => Ok(Self(found)),
            found => {
                let name = found.as_ref().map(|found| found.name.as_str());
                Err(Answer::of(ctx, &Notice::unlike_its_list_entry(&listed.name, name)))
            }
        })
    }

    /// The place of a confirmed plan, locked and read again.
    async fn confirmed(
        ctx: &CommandContext<'_>,
        code: PlanCode,
    ) -> Result<Result<(OrgScope, Self), Answer>, Failure> {
        let plan = ctx.services.store.plan(code).await?;
        let plan = plan.ok_or_else(|| ctx.corrupt(&"there is no such plan"))?;
        let Task::Provision { place: shown, .. } = &plan.task else {
            return Ok(Err(Answer::of(ctx, &Notice::press_refused(PressRefusal::Outdated))));
        };
        let scope = ctx.scope_of(&plan)?;
        if !ctx.services.admin.may_carry_out(plan.credential.as_deref()) {
            return Ok(Err(Answer::of(ctx, &Notice::credential_changed())));
        }
        Ok(match lock_and_read(ctx, &scope, shown).await? {
            Some(found) if found == **shown => Ok((scope, Self(found))),
            found => Err(Answer::of(ctx, &Notice::place_changed(shown, found.as_ref()))),
        })
    }

    /// The place of a pressed button, locked and read again: it is taken only if it is still as the card showed it.
    async fn chosen(
        ctx: &CommandContext<'_>,
        scope: &OrgScope,
        shown: &PlaceFacts,
    ) -> Result<Result<Self, Answer>, Failure> {
        let found = lock_and_read(ctx, scope, shown).await?;
        let seen = found.clone().map(|found| found.limited_to(shown));
        Ok(match found {
            Some(found) if seen.as_ref() == Some(shown) => Ok(Self(found)),
            _ => Err(Answer::of(ctx, &Notice::place_changed(shown, seen.as_ref()))),
        })
    }

    pub(crate) fn id(&self) -> &PlaceId {
        &self.0.id
    }

    pub(crate) fn name(&self) -> &str {
        &self.0.name
    }

    /// Its facts, for a plan.
    pub(crate) fn facts(&self) -> &PlaceFacts {
        &self.0
    }

    pub(crate) fn on_cards(&self) -> cards::AssignedTo<'_> {
        match self.0.id {
            PlaceId::Workspace(_) => cards::AssignedTo::Workspace(&self.0.name),
            PlaceId::Person(_) => cards::AssignedTo::Person(&self.0.name),
        }
    }

    /// The destination in audit entries. Stored: the words must not change.
    pub(crate) fn in_audit_log(&self) -> String {
        match &self.0.id {
            PlaceId::Workspace(id) => format!("workspace {id}"),
            PlaceId::Person(id) => format!("person {id}"),
        }
    }

    /// Whether the device belongs to this workspace or person.
    pub(crate) fn has(&self, device: &Device) -> bool {
        match &self.0.id {
            PlaceId::Workspace(id) => device.workspace_id.as_ref() == Some(id),
            PlaceId::Person(id) => device.person_id.as_ref() == Some(id),
        }
    }

    pub(crate) fn takes_phones(&self) -> bool {
        self.0.supported_devices.as_deref() == Some("phones")
    }

    /// Everything that changes along with a device added here (Webex, *Devices*: Create a Device Activation Code).
    pub(crate) fn side_effects(&self, model: Option<&Model>) -> Vec<SideEffect<'_>> {
        let mut effects = Vec::new();
        if let Some(from @ ("none" | "thirdPartySipCalling")) = self.0.calling_type.as_deref() {
            effects.push(SideEffect::CallingTypeReset { from });
        }
        if matches!(self.0.id, PlaceId::Person(_)) {
            effects.push(SideEffect::CallingStandard);
        }
        if self.takes_phones() || model.is_some_and(is_a_phone) {
            effects.push(SideEffect::FactoryReset);
        }
        effects
    }
}

/// Locks and reads the workspace or person that a card or a list has shown; `None` if Webex no longer finds it, or finds
/// another one.
async fn lock_and_read(
    ctx: &CommandContext<'_>,
    scope: &OrgScope,
    shown: &PlaceFacts,
) -> Result<Option<PlaceFacts>, Failure> {
    ctx.lock(ChangeTarget::place(&shown.id)).await?;
    let found = read(ctx, scope, shown).await;
    ctx.services.note_admin_credential(&found);
    Ok(found?)
}

async fn read(
    ctx: &CommandContext<'_>,
    scope: &OrgScope,
    shown: &PlaceFacts,
) -> Result<Option<PlaceFacts>, WebexError> {
    let admin = &ctx.services.admin;
    let found = match &shown.id {
        PlaceId::Workspace(id) => {
            let workspace = admin.workspace_in(scope, id).await;
            workspace.map(|workspace| PlaceFacts::of_workspace(workspace, &shown.name))
        }
        PlaceId::Person(id) => admin.person_in(scope, id).await.map(PlaceFacts::of_person),
    };
    match found {
        Ok(found) => Ok(Some(found).filter(|found| found.id == shown.id)),
        Err(WebexError::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Phones have a number at the end: `Cisco 9861`, `DMS Cisco 8865` (Webex, *Device Configurations*: supported devices).
fn is_a_phone(model: &Model) -> bool {
    let last = model.as_str().split(' ').next_back().unwrap_or_default();
    last.len() >= 4 && last.chars().take(4).all(|c| c.is_ascii_digit())
}

/// Fails while another process adds a device, before Webex is asked anything.
pub(crate) async fn wait_for_other_processes(ctx: &CommandContext<'_>) -> Result<(), Failure> {
    let (store, owner) = (&ctx.services.store, ctx.record.accepted.id.as_str());
    // While this process adds a device, the lock is its own.
    let Ok(_local) = ctx.services.additions.try_lock() else { return Ok(()) };
    if store.is_shared() && store.is_locked_by_another(ADDITIONS, owner, ctx.now(), LONGEST_LOCK).await? {
        return Err(Failure::Locked { target: None, holder: None });
    }
    Ok(())
}

/// Runs `work` while no other command changes the same place, and none adds a device, in this process or another one on
/// the same database. `work` fails only if it has sent nothing.
pub(crate) async fn one_at_a_time<T>(
    ctx: &CommandContext<'_>,
    destination: &Destination,
    work: impl AsyncFnOnce() -> Result<Result<T, WebexError>, Failure>,
) -> Result<Result<T, WebexError>, Failure> {
    let _local = ctx.services.additions.lock().await;
    ctx.lock(ChangeTarget::place(destination.id())).await?;
    let done = one_at_a_time_in_all_processes(ctx, work).await;
    let is_unknown = matches!(&done, Ok(Err(error)) if error.leaves_outcome_unknown());
    if !is_unknown {
        // A lock that cannot be released ends with the command. What Webex answered must not get lost.
        ctx.settled().await.ok();
    }
    done
}

async fn one_at_a_time_in_all_processes<T>(
    ctx: &CommandContext<'_>,
    work: impl AsyncFnOnce() -> Result<T, Failure>,
) -> Result<T, Failure> {
    let services = ctx.services;
    if !services.store.is_shared() {
        return work().await;
    }
    let (owner, now) = (ctx.record.accepted.id.as_str(), ctx.now());
    if !services.store.acquire_lock(ADDITIONS, owner, now, now + LONGEST_LOCK).await? {
        return Err(Failure::Locked { target: None, holder: None });
    }
    let done = work().await;
    // A lock that cannot be released expires.
    services.store.release_lock(ADDITIONS, owner).await.ok();
    done
}

/// The verdict on a request that Webex certainly did not carry out. Only after a requested wait is it tried again.
pub(crate) async fn not_provisioned(
    ctx: &CommandContext<'_>,
    destination: &Destination,
    error: WebexError,
) -> Result<Answer, Failure> {
    let ended = ended(destination, ChangeResult::NotMade);
    let answer = match error {
        error if error.requested_wait().is_some() && runs_again(ctx, &error) => {
            // The next run has an intent of its own.
            ctx.settle_progress(&ProvisionProgress::default(), Some(ended), None).await?;
            return Err(error.into());
        }
        WebexError::Refused(answer) if answer.status == 400 => {
            let command_id = ctx.record.accepted.id.as_str();
            tracing::warn!(command_id, %answer, "Webex refused to add or activate a device");
            let is_activation = matches!(ctx.record.accepted.command, Command::Activate { .. });
            let is_person = matches!(destination.id(), PlaceId::Person(_));
            let tracking_id = answer.tracking_id.as_deref();
            Answer::of(ctx, &Notice::not_provisioned(is_activation, is_person, tracking_id))
        }
        error => not_done(ctx, &error),
    };
    Ok(answer.audit(ctx, ended))
}

/// The end of an intended change of a place, for the audit log.
pub(crate) fn ended(destination: &Destination, result: ChangeResult) -> AuditEvent {
    AuditEvent::ChangeEnded { device_id: None, place: Some(destination.in_audit_log()), result }
}
