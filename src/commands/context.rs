//! What a command handler works with.
use crate::commands::services::Services;
use crate::domain::audit::{AuditEntry, AuditEvent};
use crate::store::{CommandRecord, End, LeasedJob, Step, StoreError};

/// What a run of a job ends with: it has been recorded, perhaps with a job that follows and is ours now; an
/// error means that nothing was recorded.
pub type Ended = Result<Option<LeasedJob>, StoreError>;
/// Writes down how far a command got, under the same lease, with what the audit log says of that.
pub(crate) async fn write_down(
    services: &Services,
    job: &LeasedJob,
    record: &CommandRecord,
    progress: String,
    event: Option<AuditEvent>,
) -> Result<(), StoreError> {
    let now = services.clock.now();
    let step = Step::new(now, End::Continues).progress(&record.accepted.id, progress);
    let entry = event.map(|event| entry_of(record, event, now));
    services.store.record(job, entry.into_iter().fold(step, Step::audit)).await.map(|_| ())
}

pub(crate) fn entry_of(record: &CommandRecord, event: AuditEvent, at: jiff::Timestamp) -> AuditEntry {
    let accepted = &record.accepted;
    AuditEntry {
        at,
        actor: Some(accepted.actor.clone()),
        space_id: Some(accepted.thread.space_id.as_str().to_owned()),
        message_id: Some(accepted.message_id.as_str().to_owned()),
        command_id: Some(accepted.id.to_string()),
        event,
    }
}
