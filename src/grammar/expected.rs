//! The parts of a line that errors name as expected.

use std::fmt;

/// The word before a reason, as errors print it.
pub(super) const BECAUSE: &str = "because";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// One of these fixed words.
    Words(&'static str),
    Device,
    Workspace,
    Person,
    Mac,
    Model,
    Target,
    Org,
    Filter,
    /// This part, but only once.
    Once(&'static str),
    PageNumber,
    Tags,
    Code,
    Reason,
    /// The end of the line, or one of these.
    EndOr(Clauses),
}

/// Parts that may follow the object of a command, in any order and each at most once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Clauses {
    /// `because "REASON"`
    pub(super) because: bool,
    /// `model MODEL`
    pub(super) model: bool,
    /// `in org NAME`
    pub(super) org: bool,
}

impl Clauses {
    pub(super) const ORG: Self = Self { because: false, model: false, org: true };

    /// The words that begin the clauses.
    pub(super) fn words(self) -> impl Iterator<Item = &'static str> {
        let words = [(self.because, BECAUSE), (self.model, "model"), (self.org, "in org")];
        words.into_iter().filter_map(|(is_allowed, word)| is_allowed.then_some(word))
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Words(words) => return write!(f, "\"{words}\""),
            Self::Once(word) => return write!(f, "\"{word}\" only once"),
            Self::EndOr(clauses) => {
                let words: Vec<_> = clauses.words().map(|word| format!("\"{word}\"")).collect();
                let or = if words.is_empty() { "" } else { " or " };
                return write!(f, "{}{or}the end of the line", words.join(", "));
            }
            Self::Device => "one device (by its id, serial number, MAC address or name)",
            Self::Workspace => "one workspace (by its name or id)",
            Self::Person => "one person (by the email address or the name)",
            Self::Mac => "a MAC address",
            Self::Model => "one model (such as \"DMS Cisco 8865\")",
            Self::Target => "\"workspace\" or \"person\"",
            Self::Org => "the name of one organization",
            Self::Filter => "a filter such as status:offline",
            Self::PageNumber => "a page from page:1 to page:1000",
            Self::Tags => "tags to add or remove (such as +pilot -spare)",
            Self::Code => "the code on a card (such as K7Q2-M9)",
            Self::Reason => "the reason in double quotes",
        })
    }
}
