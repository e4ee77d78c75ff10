//! Carrying out `show device`.

use jiff::{SignedDuration, Timestamp};

use crate::cards::{self, Card, Notice, ShownDevice};
use crate::deletion::{LONGEST_WAIT, cause_before_deleting};
use crate::domain::DeviceId;
use crate::policy::{Reading, Right};
use crate::store::{Claimed, CommandRecord, End, NewMessage, OutgoingId, Step, StoreError};
use crate::webex::WebexError;

use super::Desk;

/// Reads before the person hears that it does not work now.
const READS: u32 = 4;

pub(super) async fn run(
    desk: &Desk,
    claimed: &Claimed,
    record: &CommandRecord,
    device_id: &DeviceId,
) -> Result<(), StoreError> {
    let actor = &record.accepted.actor;
    let card = match desk.policy.authorize::<Reading>(actor) {
        Err(denied) => cards::render(&Notice::denied(denied)),
        Ok(_) => match desk.admin.device(device_id).await {
            Ok(device) => {
                let (workspace, owner) = desk.names_around(&device).await;
                cards::render(&ShownDevice {
                    device: &device,
                    workspace_name: workspace.as_deref(),
                    owner_name: owner.as_deref(),
                    may_delete: desk.policy.allows(actor, Right::Delete),
                    now: desk.clock.now(),
                })
            }
            Err(error) => match worth_waiting(&error, claimed, record, desk.clock.now()) {
                Some(at) => {
                    let end = End::Again { at, note: error.to_string() };
                    return desk.store.record(claimed, Step::new(desk.clock.now(), end)).await;
                }
                None => not_shown(desk, &error),
            },
        },
    };
    let now = desk.clock.now();
    let step = Step::new(now, End::Done).ended(&record.accepted.id, None).post(NewMessage {
        id: OutgoingId::answer_to(&record.accepted.id),
        space_id: record.accepted.space_id.clone(),
        parent_id: record.accepted.thread_root.clone(),
        text: card.text().to_owned(),
        card: Some(card.content().clone()),
        at: now,
    });
    desk.store.record(claimed, step).await
}

/// When to read again, if that is soon enough for somebody who waits.
fn worth_waiting(
    error: &WebexError,
    claimed: &Claimed,
    record: &CommandRecord,
    now: Timestamp,
) -> Option<Timestamp> {
    if !error.may_pass() || claimed.attempt >= READS {
        return None;
    }
    let pause = error.asked_to_wait().unwrap_or(SignedDuration::from_secs(1));
    (now + pause <= record.accepted.accepted_at + LONGEST_WAIT).then_some(now + pause)
}

fn not_shown(desk: &Desk, error: &WebexError) -> Card {
    if error.rejects_the_token() {
        desk.admin_credential_was_rejected();
    }
    if !matches!(error, WebexError::NotFound(_)) {
        tracing::warn!(%error, "a device could not be shown");
    }
    let now = desk.clock.now();
    let answer = error.answer();
    let tracking_id = answer.and_then(|answer| answer.tracking_id.as_deref());
    let cause = cause_before_deleting(error, now);
    cards::render(&Notice::not_shown(&cause, answer.map(|answer| answer.status), tracking_id, now))
}
