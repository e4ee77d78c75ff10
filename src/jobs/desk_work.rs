//! Commands for which something must be found, listed or changed beyond one device that is named by its id.

use super::Ended;
use crate::cards::{self, Notice, Tone};
use crate::desk::{Desk, message};
use crate::store::{Claimed, CommandRecord, End, OutgoingId, Step};

/// Ends the command and says that it is not carried out.
pub(super) async fn run(desk: &Desk, claimed: &Claimed, record: &CommandRecord) -> Ended {
    let card = cards::render(&Notice {
        tone: Tone::Warning,
        headline: "? Not supported yet".to_owned(),
        sentences: vec![
            "Steward understands this command and cannot carry it out yet. Nothing was done.".to_owned(),
        ],
        pointer: None,
        example: None,
    });
    let now = desk.clock.now();
    let id = &record.accepted.id;
    let step = Step::new(now, End::Done).ended(id, None).post(message(
        OutgoingId::answer_to(id),
        &record.accepted.thread,
        &card,
        now,
    ));
    desk.store.record(claimed, step).await
}
