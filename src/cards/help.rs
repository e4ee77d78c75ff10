//! What a person can ask.

use serde::Serialize;

use super::{SafeText, View, wording};

/// One command as help shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HelpEntry<'a> {
    /// How it is written, as `delete device <id>`.
    pub syntax: &'a str,
    /// What it does, in a sentence.
    pub summary: &'a str,
    /// A line that would work.
    pub example: &'a str,
}

/// The commands that one person may use here.
#[derive(Debug, Clone, Copy)]
pub struct Help<'a> {
    /// The commands, in the order of the grammar.
    pub entries: &'a [HelpEntry<'a>],
    /// Whether the person has any right here; who has none is told whom to turn to.
    pub has_rights: bool,
}

#[derive(Serialize)]
struct Context {
    entries: Vec<Entry>,
    limits: Option<SafeText>,
}

#[derive(Serialize)]
struct Entry {
    syntax: SafeText,
    summary: SafeText,
    example: SafeText,
}

impl View for Help<'_> {
    const TEMPLATE: &'static str = "help.card.json";

    fn context(&self) -> impl Serialize {
        let entry = |entry: &HelpEntry<'_>| Entry {
            syntax: SafeText::text(entry.syntax),
            summary: SafeText::sentence(entry.summary),
            example: SafeText::text(entry.example),
        };
        Context {
            entries: self.entries.iter().map(entry).collect(),
            limits: (!self.has_rights).then(|| SafeText::sentence(wording::NO_RIGHTS_HERE)),
        }
    }
}
