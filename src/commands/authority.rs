//! The authority for a change, right before it: the right, the person and the age of the decision.
//!
//! The person was looked up when the command was accepted. A command that waited (for a rate limit, after a failure, over
//! a restart) looks them up again, uncached: they may have left the organization meanwhile.

use super::context::CommandContext;
use super::failure::Failure;
use crate::domain::Actor;
use crate::policy::{Denied, FreshDecision, Grant, RightMarker};
use crate::webex::{SentAs, WebexError};

/// The evidence for a change: the right to it, and a recent decision.
#[derive(Debug)]
pub(crate) struct Authority<R: RightMarker> {
    pub(crate) grant: Grant<R>,
    pub(crate) decision: FreshDecision,
}

/// How recently the person must have been looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PersonRead {
    /// Just now, if the command has waited.
    Now,
    /// At most a minute ago: for the later devices of one change of many.
    WithinAMinute,
}

/// The authority of the requester for a change that is about to be made.
pub(crate) async fn for_change<R: RightMarker>(
    ctx: &CommandContext<'_>,
    read: PersonRead,
) -> Result<Authority<R>, Failure> {
    let decision = ctx.fresh_decision()?;
    let grant = match requester(ctx, read).await? {
        Some(actor) => ctx.services.policy.authorize::<R>(&actor)?,
        None => ctx.authorize::<R>()?,
    };
    Ok(Authority { grant, decision })
}

/// The requester as Webex has them now; `None` if the command has not waited since they were looked up.
pub(crate) async fn requester(ctx: &CommandContext<'_>, read: PersonRead) -> Result<Option<Actor>, Failure> {
    if !ctx.has_waited() {
        return Ok(None);
    }
    let (senders, id) = (&ctx.services.senders, &ctx.actor().person_id);
    let person = match read {
        PersonRead::Now => senders.person_now(id).await,
        PersonRead::WithinAMinute => senders.person(id).await,
    };
    // A rate limit of the bot does not delay changes: the admin credential may see the person too.
    let person = match person {
        Err(error) if error.requested_wait().is_some() => {
            ctx.services.admin.person(id).await.map_err(|_| error)
        }
        person => person,
    };
    match person {
        Ok(person) => Ok(Some(person)),
        // Removed from Webex, and with that from the organization.
        Err(WebexError::NotFound(_)) => Err(Denied::OtherOrganization.into()),
        Err(error) => {
            let command_id = ctx.record.accepted.id.as_str();
            tracing::warn!(command_id, %error, "could not look up the requester of a change again");
            Err(Failure::Unchecked(error))
        }
    }
}

/// Whether calls can still be sent as an earlier one was. Anything else would be another change, or prove nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SentBefore {
    AsNow,
    /// The admin credential is another one since.
    OtherCredential,
    /// Steward no longer serves the organization that the command named: its devices may not even be read.
    NotServed,
}

/// Compares an earlier call with the settings. A command without an organization went to the one in the settings.
pub(crate) fn sent_before(ctx: &CommandContext<'_>, sent_as: &SentAs) -> SentBefore {
    let (admin, policy) = (&ctx.services.admin, &ctx.services.policy);
    let is_named = ctx.record.accepted.command.org().is_some();
    if is_named && sent_as.org_id.as_ref().is_some_and(|org| !policy.serves(org)) {
        SentBefore::NotServed
    } else if admin.is_credential_of(sent_as) {
        SentBefore::AsNow
    } else {
        SentBefore::OtherCredential
    }
}
