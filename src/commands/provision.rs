//! The common parts of `activate` and `add device`: the destination of the device, the side effects, and the lock that
//! allows one addition at a time.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::context::CommandContext;
use super::failure::{Failure, not_done};
use super::reply::Answer;
use super::resolve;
use crate::cards::{self, Notice, SideEffect};
use crate::domain::{Device, OrgScope, PlaceId, Workspace};
use crate::grammar::{Command, Model, ProvisionTarget};
use crate::webex::WebexError;

/// The name of the database lock for additions. Stored: it must not change.
const ADDITIONS: &str = "additions";
/// How long the lock lasts at most: longer than a call to Webex.
const LONGEST_LOCK: SignedDuration = SignedDuration::from_secs(90);

/// Whether the request to Webex may have been sent. Stored: the name must not change.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct ProvisionProgress {
    pub(crate) begun: bool,
}

/// The workspace or person that gets the device.
pub(crate) struct Destination {
    pub(crate) id: PlaceId,
    pub(crate) name: String,
    workspace: Option<Workspace>,
}

impl Destination {
    /// Looks up the workspace or person in the command, or answers with those to choose from.
    pub(crate) async fn find(
        ctx: &CommandContext<'_>,
        scope: &OrgScope,
        place: &ProvisionTarget,
    ) -> Result<Result<Self, Answer>, Failure> {
        Ok(match place {
            ProvisionTarget::Workspace(reference) => {
                let workspace = resolve::workspace(ctx, scope, reference).await?;
                workspace.map(|workspace| Self {
                    id: PlaceId::Workspace(workspace.id.clone()),
                    name: workspace.name.clone().unwrap_or_else(|| reference.to_string()),
                    workspace: Some(workspace),
                })
            }
            ProvisionTarget::Person(email) => {
                let person = resolve::person(ctx, scope, email).await?;
                person.map(|person| Self {
                    name: person.label().to_owned(),
                    id: PlaceId::Person(person.person_id),
                    workspace: None,
                })
            }
        })
    }

    pub(crate) fn on_cards(&self) -> cards::AssignedTo<'_> {
        match self.id {
            PlaceId::Workspace(_) => cards::AssignedTo::Workspace(&self.name),
            PlaceId::Person(_) => cards::AssignedTo::Person(&self.name),
        }
    }

    /// The destination in audit entries. Stored: the words must not change.
    pub(crate) fn in_audit_log(&self) -> String {
        match &self.id {
            PlaceId::Workspace(id) => format!("workspace {id}"),
            PlaceId::Person(id) => format!("person {id}"),
        }
    }

    /// Whether the device belongs to this workspace or person.
    pub(crate) fn has(&self, device: &Device) -> bool {
        match &self.id {
            PlaceId::Workspace(id) => device.workspace_id.as_ref() == Some(id),
            PlaceId::Person(id) => device.person_id.as_ref() == Some(id),
        }
    }

    pub(crate) fn takes_phones(&self) -> bool {
        let supported = self.workspace.as_ref().and_then(|workspace| workspace.supported_devices.as_deref());
        supported == Some("phones")
    }

    /// Everything that changes along with a device added here (Webex, *Devices*: Create a Device Activation Code).
    pub(crate) fn side_effects(&self, model: Option<&Model>) -> Vec<SideEffect<'_>> {
        let mut effects = Vec::new();
        if let Some(workspace) = &self.workspace
            && let Some(from @ ("none" | "thirdPartySipCalling")) = workspace.calling_type.as_deref()
        {
            effects.push(SideEffect::CallingTypeReset { from });
        }
        if matches!(self.id, PlaceId::Person(_)) {
            effects.push(SideEffect::CallingStandard);
        }
        if self.takes_phones() || model.is_some_and(is_a_phone) {
            effects.push(SideEffect::FactoryReset);
        }
        effects
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
    if store.is_shared() && store.is_locked_by_another(ADDITIONS, owner, ctx.now()).await? {
        return Err(Failure::Locked);
    }
    Ok(())
}

/// Runs `work` while no other command adds a device, in this process or another one on the same database.
pub(crate) async fn one_at_a_time<T>(
    ctx: &CommandContext<'_>,
    work: impl AsyncFnOnce() -> Result<T, Failure>,
) -> Result<T, Failure> {
    let services = ctx.services;
    let _local = services.additions.lock().await;
    if !services.store.is_shared() {
        return work().await;
    }
    let (owner, now) = (ctx.record.accepted.id.as_str(), ctx.now());
    if !services.store.acquire_lock(ADDITIONS, owner, now, now + LONGEST_LOCK).await? {
        return Err(Failure::Locked);
    }
    let done = work().await;
    // A lock that cannot be released expires.
    services.store.release_lock(ADDITIONS, owner).await.ok();
    done
}

/// The verdict on a request that failed. Only a requested wait proves that nothing was done, so only then is it tried
/// again.
pub(crate) fn not_provisioned(
    ctx: &CommandContext<'_>,
    destination: &Destination,
    error: WebexError,
) -> Result<Answer, Failure> {
    match error {
        error if error.requested_wait().is_some() => Err(error.into()),
        WebexError::Refused(answer) if answer.status == 400 => {
            let command_id = ctx.record.accepted.id.as_str();
            tracing::warn!(command_id, %answer, "Webex refused to add or activate a device");
            let is_activation = matches!(ctx.record.accepted.command, Command::Activate { .. });
            let is_person = matches!(destination.id, PlaceId::Person(_));
            let tracking_id = answer.tracking_id.as_deref();
            Ok(Answer::of(ctx, &Notice::not_provisioned(is_activation, is_person, tracking_id)))
        }
        error => Ok(not_done(ctx, &error)),
    }
}
