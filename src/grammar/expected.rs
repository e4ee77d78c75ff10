//! What would have fit into a line, and why a word is not what it stands for.

use std::fmt;

use super::arguments::Clauses;
use super::error::quoted;
use super::tags::InvalidTagChange;
use super::text::InvalidText;
use crate::domain::email::InvalidEmail;
use crate::domain::{InvalidMac, InvalidPlanCode, InvalidReference};

/// What would have fit into a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// These fixed words.
    Words(&'static str),
    /// A device, by whatever it is known by.
    Device,
    /// A workspace.
    Workspace,
    /// A person's address.
    Address,
    /// A MAC address.
    Mac,
    /// A model.
    Model,
    /// `workspace` or `person`.
    Target,
    /// An organization.
    Org,
    /// A term of a filter.
    Filter,
    /// Nothing that says this once more.
    Once(&'static str),
    /// The number of a page of a list.
    PageNumber,
    /// Tags to add or to remove.
    Tags,
    /// The code of a plan.
    Code,
    /// A text in quotes.
    QuotedReason,
    /// Nothing, or one of these.
    EndOr(Clauses),
}

/// Why a word is not what it stands for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidValue {
    /// No device can be called so.
    #[error(transparent)]
    Reference(#[from] InvalidReference),
    /// No name or tag.
    #[error(transparent)]
    Text(#[from] InvalidText),
    /// No change of tags.
    #[error(transparent)]
    Tags(#[from] InvalidTagChange),
    /// No address of a person.
    #[error(transparent)]
    Address(#[from] InvalidEmail),
    /// No MAC address.
    #[error(transparent)]
    Mac(#[from] InvalidMac),
    /// No code of a plan.
    #[error(transparent)]
    Code(#[from] InvalidPlanCode),
}

impl InvalidValue {
    /// With what was found, where the error does not say it.
    pub(super) fn in_place(&self, found: &str) -> String {
        match self {
            Self::Reference(_) | Self::Text(_) => format!("{self} in {}", quoted(found)),
            Self::Tags(_) | Self::Address(_) => self.to_string(),
            Self::Code(_)
                if (6..=7).contains(&found.len())
                    && found.contains(['0', '1', 'i', 'I', 'l', 'L', 'o', 'O', 'u', 'U']) =>
            {
                format!("{self}, found {} (no code has a 0, 1, I, L, O or U in it)", quoted(found))
            }
            Self::Mac(_) | Self::Code(_) => format!("{self}, found {}", quoted(found)),
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Words(words) => write!(f, "\"{words}\""),
            Self::Device => f.write_str("one device (its id, serial number, MAC address or name)"),
            Self::Workspace => f.write_str("one workspace (its name or id)"),
            Self::Address => f.write_str("the e-mail address of a person"),
            Self::Mac => f.write_str("a MAC address"),
            Self::Model => f.write_str("one model (as \"DMS Cisco 8865\")"),
            Self::Target => f.write_str("\"workspace\" or \"person\""),
            Self::Org => f.write_str("the name of one organization"),
            Self::Filter => f.write_str("a filter such as status:offline"),
            Self::PageNumber => f.write_str("a page from page:1 to page:1000"),
            Self::Once(word) => write!(f, "\"{word}\" only once"),
            Self::Tags => f.write_str("tags to add or to remove (as +pilot -spare)"),
            Self::Code => f.write_str("the code of a plan (as K7Q2-M9)"),
            Self::QuotedReason => f.write_str("the reason in double quotes"),
            Self::EndOr(clauses) => {
                let said = [
                    (clauses.because, "because \"reason\""),
                    (clauses.model, "model \"name\""),
                    (clauses.org, "in org \"name\""),
                ];
                let said: Vec<_> = said.into_iter().filter_map(|(may, words)| may.then_some(words)).collect();
                f.write_str("the end of the command")?;
                match said.split_last() {
                    Some((last, [])) => write!(f, " or {last}"),
                    Some((last, others)) => write!(f, ", {} or {last}", others.join(", ")),
                    None => Ok(()),
                }
            }
        }
    }
}
