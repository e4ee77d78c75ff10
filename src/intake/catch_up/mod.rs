//! What is made up for after an absence: messages that Webex could not deliver, or not here. Pure.
//!
//! While Steward is down Webex has nowhere to deliver to, and nothing says that it tries again; a webhook that it has
//! switched off delivers nothing. So after either, Steward looks through its spaces for what was said to it in that time.
//! Nothing that is found that way is carried out, however young: who wrote it may long have found another way. It
//! is answered, with the request to send it again.
//!
//! The search is a chain of jobs, each an [`Errand`]: list a page of the spaces; for each space in which something
//! was said, look at a page of what was said there. So it survives crashes, waits where Webex asks to wait, and
//! one replica does it.

pub(crate) mod run;
mod step;

use jiff::{SignedDuration, Timestamp};

pub use step::{Errand, Stage};

use crate::domain::{MessageId, PersonId};
use crate::store::{Attendance, NewJob};
use crate::webex::{ChatMessage, Space};

/// How long nobody may have noted that Steward is there without its having been away: it is noted twice a minute.
const ABSENCE: SignedDuration = SignedDuration::from_secs(45);
/// How far beyond the absence is looked, because clocks differ.
const MARGIN: SignedDuration = SignedDuration::from_mins(1);
/// How far back is looked at most: whoever wrote earlier does not wait for an answer any more.
const LONGEST: SignedDuration = SignedDuration::from_hours(7 * 24);
/// What is younger is left alone: its delivery may be on its way.
const YOUNG: SignedDuration = SignedDuration::from_mins(1);
/// When the search begins: what was said just before Steward was back is not young any more then, even when
/// setting the webhooks right took a while.
const DELAY: SignedDuration = SignedDuration::from_secs(90);

/// Whether Webex's deliveries have reached Steward since it was last sure of that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hearing {
    /// It has just begun to hear, and nobody has heard in its place: what was said meanwhile is lost, however short
    /// that was.
    Begins,
    /// They have, as far as is known.
    Good,
    /// The webhook for messages was missing, off or altered.
    Lost,
}

/// The job that looks for what was missed, if anything may have been. A first start has missed nothing.
#[must_use]
pub fn job_after(last: &Attendance, hearing: Hearing, now: Timestamp) -> Option<NewJob> {
    let absence = if hearing == Hearing::Begins { SignedDuration::ZERO } else { ABSENCE };
    let away = last.attended_at.filter(|at| now.duration_since(*at) > absence);
    let deaf = last.tended_at.filter(|_| hearing == Hearing::Lost);
    let since = away.into_iter().chain(deaf).min()?;
    let since =
        since.saturating_sub(MARGIN).unwrap_or(since).max(now.saturating_sub(LONGEST).unwrap_or(since));
    let errand = Errand { since, asked_at: now, stage: Stage::Spaces { page: None } };
    Some(errand.job(now.saturating_add(DELAY).unwrap_or(now)))
}

/// Whether something may have been missed in a space.
#[must_use]
pub fn is_worth_a_look(space: &Space, since: Timestamp) -> bool {
    space.last_activity.is_none_or(|at| at >= since)
}

/// What was said to the bot by people, of a page with the newest first, and whether earlier pages are of
/// interest.
#[must_use]
pub fn said_since<'a>(
    page: &'a [ChatMessage],
    since: Timestamp,
    bot: &PersonId,
    now: Timestamp,
) -> (Vec<&'a MessageId>, bool) {
    let is_young = |at: Timestamp| now.duration_since(at) < YOUNG;
    let reaches_further = page.iter().all(|message| message.created.is_none_or(|at| at >= since));
    let said = page
        .iter()
        .filter(|message| message.created.is_some_and(|at| at >= since && !is_young(at)))
        .filter(|message| message.person_id != *bot && !message.is_by_a_bot)
        .map(|message| &message.id);
    (said.collect(), reaches_further)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-04-02T{text}Z").parse().unwrap()
    }

    fn since(attended: Option<&str>, tended: Option<&str>, hearing: Hearing) -> Option<Timestamp> {
        let last = Attendance { attended_at: attended.map(at), tended_at: tended.map(at) };
        let job = job_after(&last, hearing, at("09:00:00"))?;
        assert_eq!(job.due_at, at("09:01:30"));
        Some(Errand::parse(&job.subject).unwrap().since)
    }

    #[test]
    fn an_absence_is_made_up_for_when_nobody_can_have_noted_anything() {
        let good = |attended| since(Some(attended), Some("03:00:00"), Hearing::Good);
        assert_eq!(good("08:59:59"), None);
        assert_eq!(good("08:59:15"), None);
        assert_eq!(good("08:59:14"), Some(at("08:58:14")));
        assert_eq!(good("01:00:00"), Some(at("00:59:00")));
        assert_eq!(good("09:30:00"), None, "the clock went back");
    }

    #[test]
    fn who_begins_alone_was_away_however_short_that_was() {
        let begins = |attended| since(attended, Some("03:00:00"), Hearing::Begins);
        assert_eq!(begins(Some("08:59:59")), Some(at("08:58:59")));
        assert_eq!(begins(Some("01:00:00")), Some(at("00:59:00")));
        assert_eq!(begins(Some("09:00:00")), None, "no time has gone by");
        assert_eq!(begins(None), None, "it was never there");
    }

    #[test]
    fn a_webhook_that_was_off_is_made_up_for_since_it_was_last_seen_on() {
        let lost = |attended, tended| since(Some(attended), tended, Hearing::Lost);
        assert_eq!(lost("08:59:59", Some("08:55:00")), Some(at("08:54:00")));
        assert_eq!(lost("08:30:00", Some("08:55:00")), Some(at("08:29:00")), "away too");
        assert_eq!(lost("08:59:59", None), None, "it was never on");
    }

    #[test]
    fn a_first_start_makes_up_for_nothing_and_nothing_is_made_up_for_beyond_a_week() {
        assert_eq!(since(None, None, Hearing::Lost), None);
        assert_eq!(since(None, None, Hearing::Good), None);
        let long_ago = Attendance { attended_at: Some(Timestamp::UNIX_EPOCH), tended_at: None };
        let job = job_after(&long_ago, Hearing::Good, at("09:00:00")).unwrap();
        assert_eq!(Errand::parse(&job.subject).unwrap().since, at("09:00:00") - LONGEST);
        assert!(job_after(&long_ago, Hearing::Lost, Timestamp::MAX).is_some());
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
    fn only_what_people_said_in_that_time_is_found() {
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
            let (said, further) = said_since(&page, at(since), &bot, at("09:00:00"));
            (said.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(" "), further)
        };
        assert_eq!(found("08:40:00"), ("message2 message6".to_owned(), true));
        assert_eq!(found("08:40:01"), ("message2".to_owned(), false));
        assert_eq!(found("08:59:20"), (String::new(), false));
    }

    #[test]
    fn a_space_where_nothing_was_said_since_is_not_looked_at() {
        let space = |last_activity: Option<&str>| Space {
            id: crate::domain::SpaceId::parse("space").unwrap(),
            in_group: true,
            last_activity: last_activity.map(at),
        };
        assert!(is_worth_a_look(&space(Some("08:40:00")), at("08:40:00")));
        assert!(is_worth_a_look(&space(None), at("08:40:00")));
        assert!(!is_worth_a_look(&space(Some("08:39:59")), at("08:40:00")));
    }
}
