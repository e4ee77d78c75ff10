//! One step of a catch-up, and its stored form: the subject of a job.

use std::fmt;

use jiff::Timestamp;

use crate::domain::{MessageId, SpaceId};
use crate::store::{JobKind, NewJob};

/// One step of a catch-up. Its text is stored and must not change.
///
/// ```text
/// SINCE ASKED spaces [PAGE]                  times in milliseconds since 1970
/// SINCE ASKED (group|direct) SPACE [BEFORE [ANSWERED LEFT]]    ids and page addresses contain no spaces
/// ```
///
/// Older versions stored the address of a page as `BEFORE`; such a list is read from its start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CatchUpStep {
    /// The start of the gap.
    pub(crate) since: Timestamp,
    /// The start of the search: distinguishes two searches of the same gap.
    pub(crate) asked_at: Timestamp,
    pub(crate) target: CatchUpTarget,
}

/// The list that a step reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CatchUpTarget {
    /// The spaces, to find those with new messages.
    Spaces {
        /// `None` for the first page.
        page: Option<String>,
    },
    /// The messages to the bot in a space.
    Space {
        id: SpaceId,
        in_group: bool,
        /// Where the page begins, and what the pages before it held.
        so_far: SpaceSoFar,
    },
}

/// The progress of the search in one space, newest messages first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SpaceSoFar {
    /// The page begins before this message; `None` for the first page.
    pub(crate) before: Option<MessageId>,
    /// Missed messages that get an answer each.
    pub(crate) answered: u64,
    /// Missed messages beyond those, which get one answer together.
    pub(crate) left: u64,
}

impl CatchUpStep {
    /// Another step of the same search.
    pub(crate) fn then(&self, target: CatchUpTarget) -> Self {
        Self { target, ..self.clone() }
    }

    pub(crate) fn job(&self, due_at: Timestamp) -> NewJob {
        NewJob { kind: JobKind::CatchUp, subject: self.to_string(), due_at }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let mut time = || Timestamp::from_millisecond(words.next()?.parse().ok()?).ok();
        let (since, asked_at) = (time()?, time()?);
        let target = match words.next()? {
            "spaces" => CatchUpTarget::Spaces { page: words.next().map(str::to_owned) },
            kind @ ("group" | "direct") => CatchUpTarget::Space {
                id: SpaceId::parse(words.next()?).ok()?,
                in_group: kind == "group",
                so_far: SpaceSoFar {
                    before: words.next().and_then(|before| MessageId::parse(before).ok()),
                    answered: words.next().map_or(Some(0), |count| count.parse().ok())?,
                    left: words.next().map_or(Some(0), |count| count.parse().ok())?,
                },
            },
            _ => return None,
        };
        words.next().is_none().then_some(Self { since, asked_at, target })
    }
}

impl fmt::Display for CatchUpStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ", self.since.as_millisecond(), self.asked_at.as_millisecond())?;
        match &self.target {
            CatchUpTarget::Spaces { page } => {
                f.write_str("spaces")?;
                page.as_ref().map_or(Ok(()), |page| write!(f, " {page}"))
            }
            CatchUpTarget::Space { id, in_group, so_far } => {
                write!(f, "{} {id}", if *in_group { "group" } else { "direct" })?;
                let SpaceSoFar { before, answered, left } = so_far;
                before.as_ref().map_or(Ok(()), |before| write!(f, " {before} {answered} {left}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_text_of_a_step_does_not_change() {
        let page = || Some("https://webexapis.com/v1/rooms?max=100&cursor=100".to_owned());
        let space = |in_group, so_far| CatchUpTarget::Space {
            id: SpaceId::parse("space+1/=").unwrap(),
            in_group,
            so_far,
        };
        let so_far =
            SpaceSoFar { before: Some(MessageId::parse("message+7/=").unwrap()), answered: 20, left: 85 };
        for (target, stored) in [
            (CatchUpTarget::Spaces { page: None }, "1000 2000 spaces"),
            (
                CatchUpTarget::Spaces { page: page() },
                "1000 2000 spaces https://webexapis.com/v1/rooms?max=100&cursor=100",
            ),
            (space(true, SpaceSoFar::default()), "1000 2000 group space+1/="),
            (space(false, so_far), "1000 2000 direct space+1/= message+7/= 20 85"),
        ] {
            let time = |millis| Timestamp::from_millisecond(millis).unwrap();
            let step = CatchUpStep { since: time(1000), asked_at: time(2000), target };
            assert_eq!(step.to_string(), stored);
            assert_eq!(CatchUpStep::parse(stored), Some(step));
        }
    }

    #[test]
    fn a_page_stored_by_an_older_version_is_read_from_the_start() {
        let stored = "1000 2000 group space https://webexapis.com/v1/messages?max=100&cursor=100";
        let CatchUpTarget::Space { so_far, .. } = CatchUpStep::parse(stored).unwrap().target else {
            panic!("it reads a space")
        };
        assert_eq!(so_far, SpaceSoFar::default());
    }

    #[test]
    fn other_texts_are_not_steps() {
        for text in [
            "",
            "1000",
            "1000 2000",
            "1000 2000 rooms",
            "1 2 group",
            "1 2 group s p x",
            "1 2 group s p 1 2 3",
            "x 2 spaces",
        ] {
            assert_eq!(CatchUpStep::parse(text), None, "{text}");
        }
    }
}
