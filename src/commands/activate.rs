//! `activate workspace REF` and `activate person REF`: makes an activation code for a device.
//!
//! If other settings change along with the device, the command becomes a plan whose card lists them. The code is sent
//! only to the requester, in a 1:1 message; it is never stored and never logged.

use std::time::Duration;

use backon::{ConstantBuilder, Retryable as _};
use jiff::SignedDuration;
use secrecy::ExposeSecret as _;

use super::authority::{self, Authority, PersonRead};
use super::context::CommandContext;
use super::failure::Failure;
use super::plan::propose;
use super::provision::{
    Destination, ProvisionProgress, ended, not_provisioned, one_at_a_time, wait_for_other_processes,
};
use super::reply::Answer;
use super::resolve::resolved;
use crate::cards::{self, Activation, ActivationCodeCard, Notice, Provision};
use crate::domain::audit::{AuditEvent, ChangeResult};
use crate::grammar::{Model, OrgName, ProvisionTarget};
use crate::policy::ProvisionRight;
use crate::webex::{ActivationCode, WebexError};

/// The longest rate limit after which the direct message with the code is tried once more.
const LONGEST_WAIT_FOR_THE_MESSAGE: SignedDuration = SignedDuration::from_secs(3);

pub(crate) async fn run(
    ctx: &CommandContext<'_>,
    place: &ProvisionTarget,
    model: Option<&Model>,
    org: Option<&OrgName>,
) -> Result<Answer, Failure> {
    // A code cannot be read back later, so only a new command makes another one.
    if let Some(progress) = ctx.progress::<ProvisionProgress>()?.filter(|progress| progress.begun) {
        return Ok(unclear(ctx, progress.sent_to().as_ref().map(|(_, destination)| destination)));
    }
    ctx.authorize::<ProvisionRight>()?;
    let decision = ctx.fresh_decision()?;
    wait_for_other_processes(ctx).await?;
    let (scope, destination) = resolved!(Destination::find(ctx, place, org).await?);
    if destination.takes_phones() && model.is_none() {
        return Ok(Answer::of(ctx, &Notice::phone_needs_a_model(destination.name())));
    }
    let side_effects = destination.side_effects(model);
    let provision = Provision {
        place: destination.on_cards(),
        model: model.map(Model::as_str),
        mac: None,
        side_effects: &side_effects,
        actor: ctx.actor(),
    };
    if !side_effects.is_empty() && !ctx.is_confirmed() {
        return Ok(propose::provision(ctx, decision, &scope, destination.facts(), provision));
    }
    let made = one_at_a_time(ctx, &destination, async || {
        let Authority { grant, decision } = authority::for_change(ctx, PersonRead::Now).await?;
        let intended = AuditEvent::ActivationIntended { place: destination.in_audit_log() };
        let begun = ProvisionProgress::begun(ctx, &scope, &destination);
        ctx.save_progress(&begun, Some(intended), None).await?;
        let model = model.map(Model::as_str);
        Ok(ctx.services.admin.activation_code(&grant, decision, &scope, destination.id(), model).await)
    })
    .await?;
    ctx.services.note_admin_credential(&made);
    match made {
        Ok(code) => Ok(send(ctx, &destination, provision, &code).await),
        Err(error) => {
            if error.leaves_outcome_unknown() {
                let command_id = ctx.record.accepted.id.as_str();
                tracing::warn!(command_id, %error, "unknown whether an activation code was made");
                return Ok(unclear(ctx, Some(&destination)));
            }
            not_provisioned(ctx, &destination, error).await
        }
    }
}

/// Ends a command that failed too often.
pub(crate) fn give_up(ctx: &CommandContext<'_>) -> Result<Answer, Failure> {
    let progress = ctx.progress::<ProvisionProgress>()?.filter(|progress| progress.begun);
    Ok(match progress {
        Some(progress) => unclear(ctx, progress.sent_to().as_ref().map(|(_, destination)| destination)),
        None => Answer::of(ctx, &Notice::given_up()),
    })
}

/// The answer if Webex may have made a code. Older versions did not store for which place.
fn unclear(ctx: &CommandContext<'_>, destination: Option<&Destination>) -> Answer {
    let answer = Answer::of(ctx, &Notice::code_unclear());
    match destination {
        Some(destination) => answer.audit(ctx, ended(destination, ChangeResult::Unknown)),
        None => answer,
    }
}

/// Sends the code to the requester 1:1, and answers in the thread without it.
async fn send(
    ctx: &CommandContext<'_>,
    destination: &Destination,
    provision: Provision<'_>,
    code: &ActivationCode,
) -> Answer {
    let now = ctx.now();
    let expires = code.expires_at;
    let card =
        cards::render(&ActivationCodeCard { code: code.code.expose_secret(), provision, expires, now });
    let person = &ctx.actor().person_id;
    let post = || ctx.services.bot_client.post_to_person(person, card.text(), Some(card.content()));
    let once_more = ConstantBuilder::default().with_max_times(1);
    let sent = post
        .retry(once_more)
        .when(|error| short_wait(error).is_some())
        .adjust(|error, _| short_wait(error))
        .await;
    ctx.services.note_bot_token(&sent);
    let made = AuditEvent::ActivationCodeMade { place: destination.in_audit_log() };
    match sent {
        Ok(_) => Answer::of(ctx, &Activation { provision, expires, now }).audit(ctx, made),
        Err(error) => {
            let command_id = ctx.record.accepted.id.as_str();
            tracing::warn!(command_id, %error, "could not send an activation code to its requester");
            let notice = if error.leaves_outcome_unknown() {
                Notice::code_maybe_sent()
            } else {
                Notice::code_not_sent()
            };
            Answer::of(ctx, &notice).audit(ctx, made)
        }
    }
}

/// The wait that Webex asks for, if the run can sit it out: the code is never stored, so it cannot be sent by a later run.
fn short_wait(error: &WebexError) -> Option<Duration> {
    let wait = error.requested_wait().filter(|wait| *wait <= LONGEST_WAIT_FOR_THE_MESSAGE)?;
    Duration::try_from(wait).ok()
}
