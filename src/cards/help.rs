//! `help`, `about` and `whoami`.

use super::card::{Tone, View};
use super::safe_text::{SafeText, given};
use super::template::{Fields, fields};
use super::text;
use crate::domain::{Actor, EmailAddress, OrgId};
use crate::policy::{Denied, Right};

/// One command as help shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HelpEntry<'a> {
    pub(crate) syntax: &'a str,
    pub(crate) summary: &'a str,
    pub(crate) example: &'a str,
}

/// The commands that one person may use here.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Help<'a> {
    /// In the order of the grammar.
    pub(crate) entries: &'a [HelpEntry<'a>],
    /// Whether the person has any right here; if not, the card says how to get access.
    pub(crate) has_rights: bool,
}

impl View for Help<'_> {
    const TEMPLATE: &'static str = "help.card.json";

    fn fields(&self) -> Fields {
        fields! {
            headline_text: text::HELP_HEADLINE,
            subtitle: text::HOW_TO_ASK,
            entries: entries(self.entries),
            limits: (!self.has_rights).then_some(text::NO_RIGHTS_HERE),
        }
    }
}

/// The filters of lists.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FiltersHelp<'a> {
    /// In the order of the documentation.
    pub(crate) entries: &'a [HelpEntry<'a>],
}

impl View for FiltersHelp<'_> {
    const TEMPLATE: &'static str = "help.card.json";

    fn fields(&self) -> Fields {
        fields! {
            headline_text: text::FILTERS_HEADLINE,
            subtitle: text::HOW_TO_FILTER,
            entries: entries(self.entries),
            limits: text::MORE_ABOUT_FILTERS,
        }
    }
}

fn entries(entries: &[HelpEntry<'_>]) -> Vec<Fields> {
    let entry = |entry: &HelpEntry<'_>| {
        fields! {
            syntax: SafeText::text(entry.syntax),
            summary: SafeText::sentence(entry.summary),
            example: SafeText::text(entry.example),
        }
    };
    entries.iter().map(entry).collect()
}

/// Name, version and purpose.
#[derive(Debug, Clone, Copy)]
pub(crate) struct About<'a> {
    pub(crate) version: &'a str,
}

impl View for About<'_> {
    const TEMPLATE: &'static str = "about.card.json";

    fn fields(&self) -> Fields {
        fields! {
            what_it_is: text::WHAT_IT_IS,
            version: SafeText::word(self.version),
            where_help_is: text::WHERE_HELP_IS,
        }
    }
}

/// A person and their rights.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WhoAmI<'a> {
    pub(crate) actor: &'a Actor,
    /// The rights, or the reason for having none.
    pub(crate) rights: Result<&'a [Right], Denied>,
}

impl View for WhoAmI<'_> {
    const TEMPLATE: &'static str = "whoami.card.json";

    fn fields(&self) -> Fields {
        let rights: Vec<_> = self.rights.unwrap_or_default().iter().map(|right| right.as_str()).collect();
        let all = rights.join(", ");
        let way_forward = text::way_forward(self.rights.err().unwrap_or(Denied::NotAnAdmin));
        fields! {
            name: given(Some(&self.actor.display_name)).map(SafeText::text),
            email: self.actor.email.as_ref().map(EmailAddress::as_str).map(SafeText::text),
            person_id: SafeText::id(self.actor.person_id.as_str()),
            org_id: self.actor.org_id.as_ref().map(OrgId::as_str).map(SafeText::id),
            rights: SafeText::text(if rights.is_empty() { "none" } else { &all }),
            tone: if rights.is_empty() { Tone::Warning } else { Tone::Good },
            way_forward: rights.is_empty().then_some(way_forward),
        }
    }
}
