//! Carrying out `show device`.

use jiff::{SignedDuration, Timestamp};

use super::{Ended, entry_of};
use crate::audit::Event;
use crate::cards::{self, Card, Notice, ShownDevice};
use crate::deletion::{LONGEST_WAIT, cause_before_deleting};
use crate::desk::{Desk, message};
use crate::domain::{Device, DeviceFacts, DeviceId};
use crate::policy::{Reading, Right};
use crate::store::{Claimed, CommandRecord, End, OutgoingId, Step};
use crate::webex::WebexError;

/// Reads before the person hears that it does not work now.
const READS: u32 = 4;

pub(super) async fn run(
    desk: &Desk,
    claimed: &Claimed,
    record: &CommandRecord,
    device_id: &DeviceId,
) -> Ended {
    let actor = &record.accepted.actor;
    let card = match desk.policy.authorize::<Reading>(actor) {
        Err(denied) => cards::render(&Notice::denied(denied)),
        Ok(_) => match read(desk, device_id).await {
            Ok(device) => {
                let (workspace, owner) = desk.names_around(&DeviceFacts::of(&device)).await;
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
    let id = &record.accepted.id;
    let step = Step::new(now, End::Done)
        .ended(id, None)
        .audit(entry_of(record, Event::DeviceShown { device_id: device_id.clone() }, now))
        .post(message(OutgoingId::answer_to(id), &record.accepted.thread, &card, now));
    desk.store.record(claimed, step).await
}

async fn read(desk: &Desk, device_id: &DeviceId) -> Result<Device, WebexError> {
    let answer = desk.admin.device(device_id).await;
    desk.note_admin_credential(&answer);
    answer
}

/// When to read again, if that is soon enough for somebody who waits.
fn worth_waiting(
    error: &WebexError,
    claimed: &Claimed,
    record: &CommandRecord,
    now: Timestamp,
) -> Option<Timestamp> {
    let asked = error.asked_to_wait();
    // Runs that only waited as they were told are bounded by the time.
    if !error.may_pass() || (asked.is_none() && claimed.attempt >= READS) {
        return None;
    }
    let pause = asked.unwrap_or(SignedDuration::from_secs(1));
    (now + pause <= record.accepted.accepted_at + LONGEST_WAIT).then_some(now + pause)
}

fn not_shown(desk: &Desk, error: &WebexError) -> Card {
    if !error.is_paused() && !matches!(error, WebexError::NotFound(_)) {
        tracing::warn!(%error, "a device could not be shown");
    }
    let now = desk.clock.now();
    let answer = error.answer();
    let tracking_id = answer.and_then(|answer| answer.tracking_id.as_deref());
    let cause = cause_before_deleting(error, now);
    cards::render(&Notice::not_shown(&cause, answer.map(|answer| answer.status), tracking_id, now))
}
