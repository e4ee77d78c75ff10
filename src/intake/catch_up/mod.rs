//! Catch-up after a delivery gap: finds messages that were sent to Steward but never delivered.
//!
//! While Steward is down its webhooks fail, and Webex documents no retries; a disabled webhook delivers nothing. After
//! either, Steward searches its spaces for messages from that time. Their commands are not carried out, however recent:
//! the authors may have found another way. Steward asks them to send the command again.
//!
//! The search is a chain of jobs, each a [`CatchUpStep`]: list a page of the spaces; for each space with new messages,
//! read a page of them. This way it survives crashes, respects rate limits, and runs once for all replicas. The rules
//! in this file are pure, `step` is the stored form of a job, `run` makes the calls, and `thread` looks for an answer
//! that Steward has no record of.

mod run;
mod step;
mod thread;

use jiff::{SignedDuration, Timestamp};

pub(crate) use run::run;
pub(crate) use step::{CatchUpStep, CatchUpTarget, SpaceSoFar};
pub(super) use thread::earlier_answer;

use crate::domain::{MessageId, PersonId};
use crate::store::{Heartbeat, NewJob};
use crate::webex::{ChatMessage, Space};

/// A heartbeat older than this is a gap: it is renewed twice a minute.
const HEARTBEAT_GAP: SignedDuration = SignedDuration::from_secs(45);
/// How far the search reaches back before the gap, because clocks differ.
const MARGIN: SignedDuration = SignedDuration::from_mins(1);
/// The longest gap that is searched: the author of an older message no longer expects an answer.
const MAX_GAP: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A message younger than this may still be delivered.
const MIN_MESSAGE_AGE: SignedDuration = SignedDuration::from_mins(1);
/// Most answers in a space, besides the one for all other missed messages.
const MOST_ANSWERS: u64 = 20;
/// The delay of the search: a message from just before the restart is old enough by then, even if the repair of the
/// webhooks took a while.
const DELAY: SignedDuration = SignedDuration::from_secs(90);

/// Why deliveries may have been missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryGap {
    /// This process has just started and no other one was running: deliveries since the last run are lost, however
    /// short the downtime was.
    SinceLastRun,
    /// Only an old heartbeat would show a gap.
    None,
    /// The webhook for messages was missing, disabled or changed.
    WebhookDown,
}

/// The job that searches for missed messages, if there may be any. A first start has no gap.
pub fn job_after(last: &Heartbeat, gap: DeliveryGap, now: Timestamp) -> Option<NewJob> {
    let max_age = if gap == DeliveryGap::SinceLastRun { SignedDuration::ZERO } else { HEARTBEAT_GAP };
    let down = last.up_at.filter(|at| now.duration_since(*at) > max_age);
    let undelivered = last.webhooks_ok_at.filter(|_| gap == DeliveryGap::WebhookDown);
    let since = down.into_iter().chain(undelivered).min()?;
    let since =
        since.saturating_sub(MARGIN).unwrap_or(since).max(now.saturating_sub(MAX_GAP).unwrap_or(since));
    let step = CatchUpStep { since, asked_at: now, target: CatchUpTarget::Spaces { page: None } };
    Some(step.job(now.saturating_add(DELAY).unwrap_or(now)))
}

/// Whether a message in this space may be undelivered.
fn may_have_missed(space: &Space, since: Timestamp) -> bool {
    space.last_activity.is_none_or(|at| at >= since)
}

/// How many of these missed messages get an answer of their own, in a space where so many got one before. The rest gets
/// one answer together: a space must not fill up with answers to things said hours ago.
fn answers_left(missed: usize, answered: u64) -> usize {
    missed.min(usize::try_from(MOST_ANSWERS.saturating_sub(answered)).unwrap_or(usize::MAX))
}

/// The missed messages of people in a page, which is sorted newest first, and whether the next page reaches into the
/// gap as well.
fn missed_messages<'a>(
    page: &'a [ChatMessage],
    since: Timestamp,
    bot: &PersonId,
    now: Timestamp,
) -> (Vec<&'a MessageId>, bool) {
    let is_young = |at: Timestamp| now.duration_since(at) < MIN_MESSAGE_AGE;
    let reaches_further = page.iter().all(|message| message.created.is_none_or(|at| at >= since));
    let missed = page
        .iter()
        .filter(|message| message.created.is_some_and(|at| at >= since && !is_young(at)))
        .filter(|message| message.person_id != *bot && !message.is_by_a_bot)
        .map(|message| &message.id);
    (missed.collect(), reaches_further)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-04-02T{text}Z").parse().unwrap()
    }

    fn since(up: Option<&str>, webhooks_ok: Option<&str>, gap: DeliveryGap) -> Option<Timestamp> {
        let last = Heartbeat { up_at: up.map(at), webhooks_ok_at: webhooks_ok.map(at) };
        let job = job_after(&last, gap, at("09:00:00"))?;
        assert_eq!(job.due_at, at("09:01:30"));
        Some(CatchUpStep::parse(&job.subject).unwrap().since)
    }

    #[test]
    fn a_missed_heartbeat_is_a_gap() {
        let good = |up| since(Some(up), Some("03:00:00"), DeliveryGap::None);
        assert_eq!(good("08:59:59"), None);
        assert_eq!(good("08:59:15"), None);
        assert_eq!(good("08:59:14"), Some(at("08:58:14")));
        assert_eq!(good("01:00:00"), Some(at("00:59:00")));
        assert_eq!(good("09:30:00"), None, "the clock went back");
    }

    #[test]
    fn a_start_with_no_other_process_is_a_gap_however_short_the_downtime_was() {
        let begins = |up| since(up, Some("03:00:00"), DeliveryGap::SinceLastRun);
        assert_eq!(begins(Some("08:59:59")), Some(at("08:58:59")));
        assert_eq!(begins(Some("01:00:00")), Some(at("00:59:00")));
        assert_eq!(begins(Some("09:00:00")), None, "no time has passed");
        assert_eq!(begins(None), None, "it never ran");
    }

    #[test]
    fn the_gap_of_a_disabled_webhook_begins_when_it_was_last_seen_enabled() {
        let lost = |up, webhooks_ok| since(Some(up), webhooks_ok, DeliveryGap::WebhookDown);
        assert_eq!(lost("08:59:59", Some("08:55:00")), Some(at("08:54:00")));
        assert_eq!(lost("08:30:00", Some("08:55:00")), Some(at("08:29:00")), "it was down as well");
        assert_eq!(lost("08:59:59", None), None, "it was never enabled");
    }

    #[test]
    fn a_first_start_has_no_gap_and_the_longest_gap_is_a_week() {
        assert_eq!(since(None, None, DeliveryGap::WebhookDown), None);
        assert_eq!(since(None, None, DeliveryGap::None), None);
        let long_ago = Heartbeat { up_at: Some(Timestamp::UNIX_EPOCH), webhooks_ok_at: None };
        let job = job_after(&long_ago, DeliveryGap::None, at("09:00:00")).unwrap();
        assert_eq!(CatchUpStep::parse(&job.subject).unwrap().since, at("09:00:00") - MAX_GAP);
        assert!(job_after(&long_ago, DeliveryGap::WebhookDown, Timestamp::MAX).is_some());
    }

    #[test]
    fn a_space_gets_twenty_answers_at_most() {
        for (missed, answered, answers) in
            [(0, 0, 0), (3, 0, 3), (20, 0, 20), (100, 0, 20), (100, 19, 1), (100, 20, 0), (1, 30, 0)]
        {
            assert_eq!(answers_left(missed, answered), answers, "{missed} {answered}");
        }
    }

    fn message(number: u32, person: &str, created: &str) -> ChatMessage {
        ChatMessage {
            id: MessageId::parse(&format!("message{number}")).unwrap(),
            parent_id: None,
            space_id: crate::domain::SpaceId::parse("space").unwrap(),
            in_group: true,
            person_id: PersonId::parse(person).unwrap(),
            is_by_a_bot: person == "robot",
            mentions: Vec::new(),
            is_undecryptable: false,
            text: None,
            html: None,
            created: (!created.is_empty()).then(|| at(created)),
        }
    }

    #[test]
    fn only_messages_of_people_from_the_gap_are_found() {
        let page = [
            message(1, "ana", "08:59:30"),
            message(2, "ana", "08:59:00"),
            message(3, "steward", "08:50:00"),
            message(4, "robot", "08:49:00"),
            message(5, "ben", ""),
            message(6, "ben", "08:40:00"),
        ];
        let bot = PersonId::parse("steward").unwrap();
        let found = |since| {
            let (missed, further) = missed_messages(&page, at(since), &bot, at("09:00:00"));
            (missed.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(" "), further)
        };
        assert_eq!(found("08:40:00"), ("message2 message6".to_owned(), true));
        assert_eq!(found("08:40:01"), ("message2".to_owned(), false));
        assert_eq!(found("08:59:20"), (String::new(), false));
    }

    #[test]
    fn a_space_without_messages_since_then_is_skipped() {
        let space = |last_activity: Option<&str>| Space {
            id: crate::domain::SpaceId::parse("space").unwrap(),
            in_group: true,
            last_activity: last_activity.map(at),
        };
        assert!(may_have_missed(&space(Some("08:40:00")), at("08:40:00")));
        assert!(may_have_missed(&space(None), at("08:40:00")));
        assert!(!may_have_missed(&space(Some("08:39:59")), at("08:40:00")));
    }
}
