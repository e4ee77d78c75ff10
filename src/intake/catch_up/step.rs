//! One step of a catch-up, and its stored form: the subject of a job.

use std::fmt;

use jiff::Timestamp;

use crate::domain::SpaceId;
use crate::store::{JobKind, NewJob};

/// One step of a catch-up. Its text is stored and must not change.
///
/// ```text
/// SINCE ASKED spaces [PAGE]                  times in milliseconds since 1970
/// SINCE ASKED (group|direct) SPACE [PAGE]    ids and page addresses contain no spaces
/// ```
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
        /// `None` for the first page.
        page: Option<String>,
    },
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
                page: words.next().map(str::to_owned),
            },
            _ => return None,
        };
        words.next().is_none().then_some(Self { since, asked_at, target })
    }
}

impl fmt::Display for CatchUpStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ", self.since.as_millisecond(), self.asked_at.as_millisecond())?;
        let page = match &self.target {
            CatchUpTarget::Spaces { page } => {
                f.write_str("spaces")?;
                page
            }
            CatchUpTarget::Space { id, in_group, page } => {
                write!(f, "{} {id}", if *in_group { "group" } else { "direct" })?;
                page
            }
        };
        page.as_ref().map_or(Ok(()), |page| write!(f, " {page}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_text_of_a_step_does_not_change() {
        let page = || Some("https://webexapis.com/v1/rooms?max=100&cursor=100".to_owned());
        let space = |in_group, page| CatchUpTarget::Space {
            id: SpaceId::parse("space+1/=").unwrap(),
            in_group,
            page,
        };
        for (target, stored) in [
            (CatchUpTarget::Spaces { page: None }, "1000 2000 spaces"),
            (
                CatchUpTarget::Spaces { page: page() },
                "1000 2000 spaces https://webexapis.com/v1/rooms?max=100&cursor=100",
            ),
            (space(true, None), "1000 2000 group space+1/="),
            (
                space(false, page()),
                "1000 2000 direct space+1/= https://webexapis.com/v1/rooms?max=100&cursor=100",
            ),
        ] {
            let time = |millis| Timestamp::from_millisecond(millis).unwrap();
            let step = CatchUpStep { since: time(1000), asked_at: time(2000), target };
            assert_eq!(step.to_string(), stored);
            assert_eq!(CatchUpStep::parse(stored), Some(step));
        }
    }

    #[test]
    fn other_texts_are_not_steps() {
        for text in ["", "1000", "1000 2000", "1000 2000 rooms", "1 2 group", "1 2 group s p x", "x 2 spaces"]
        {
            assert_eq!(CatchUpStep::parse(text), None, "{text}");
        }
    }
}
