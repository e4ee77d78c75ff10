//! One job of a search, and the text that it is stored as.

use std::fmt;

use jiff::Timestamp;

use crate::domain::SpaceId;
use crate::store::{JobKind, NewJob};

/// What one job of a search is to do. Its text is the subject of the job: stored, so it must not change.
///
/// ```text
/// SINCE ASKED spaces [PAGE]                  moments in milliseconds since 1970
/// SINCE ASKED (group|direct) SPACE [PAGE]    neither ids nor addresses of pages have blanks
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Errand {
    /// What was said from then on.
    pub since: Timestamp,
    /// When the search was asked for: two searches for the same time are two.
    pub asked_at: Timestamp,
    /// Where to look.
    pub stage: Stage,
}

/// Where an errand looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// For the spaces in which something was said.
    Spaces {
        /// The page of the list; the first one without it.
        page: Option<String>,
    },
    /// In a space, for what was said to the bot.
    Space {
        /// Which.
        id: SpaceId,
        /// A group space rather than a direct one.
        in_group: bool,
        /// The page of the list; the first one without it.
        page: Option<String>,
    },
}

impl Errand {
    /// Another errand of the same search.
    #[must_use]
    pub fn then(&self, stage: Stage) -> Self {
        Self { stage, ..self.clone() }
    }

    /// The job that runs it.
    #[must_use]
    pub fn job(&self, due_at: Timestamp) -> NewJob {
        NewJob { kind: JobKind::CatchUp, subject: self.to_string(), due_at }
    }

    /// Reads the stored text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let mut moment = || Timestamp::from_millisecond(words.next()?.parse().ok()?).ok();
        let (since, asked_at) = (moment()?, moment()?);
        let stage = match words.next()? {
            "spaces" => Stage::Spaces { page: words.next().map(str::to_owned) },
            kind @ ("group" | "direct") => Stage::Space {
                id: SpaceId::parse(words.next()?).ok()?,
                in_group: kind == "group",
                page: words.next().map(str::to_owned),
            },
            _ => return None,
        };
        words.next().is_none().then_some(Self { since, asked_at, stage })
    }
}

impl fmt::Display for Errand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ", self.since.as_millisecond(), self.asked_at.as_millisecond())?;
        let page = match &self.stage {
            Stage::Spaces { page } => {
                f.write_str("spaces")?;
                page
            }
            Stage::Space { id, in_group, page } => {
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
    fn an_errand_is_stored_as_a_text_that_does_not_change() {
        let page = || Some("https://webexapis.com/v1/rooms?max=100&cursor=100".to_owned());
        let space =
            |in_group, page| Stage::Space { id: SpaceId::parse("space+1/=").unwrap(), in_group, page };
        for (stage, stored) in [
            (Stage::Spaces { page: None }, "1000 2000 spaces"),
            (
                Stage::Spaces { page: page() },
                "1000 2000 spaces https://webexapis.com/v1/rooms?max=100&cursor=100",
            ),
            (space(true, None), "1000 2000 group space+1/="),
            (
                space(false, page()),
                "1000 2000 direct space+1/= https://webexapis.com/v1/rooms?max=100&cursor=100",
            ),
        ] {
            let moment = |millis| Timestamp::from_millisecond(millis).unwrap();
            let errand = Errand { since: moment(1000), asked_at: moment(2000), stage };
            assert_eq!(errand.to_string(), stored);
            assert_eq!(Errand::parse(stored), Some(errand));
        }
    }

    #[test]
    fn what_is_no_errand_is_none() {
        for text in ["", "1000", "1000 2000", "1000 2000 rooms", "1 2 group", "1 2 group s p x", "x 2 spaces"]
        {
            assert_eq!(Errand::parse(text), None, "{text}");
        }
    }
}
