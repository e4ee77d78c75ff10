//! How a text is written in a line so that it is read as the same text.

use std::fmt;

use crate::domain::text::Quoted;
use crate::filter::Term;

/// Words that mean something where a name may stand or end.
pub(super) const FIXED: [&str; 5] = ["because", "in", "model", "to", "csv"];

/// A name, in quotes unless it is a plain word that means nothing else.
pub(super) struct Name<'a>(pub(super) &'a str);

/// A tag, in quotes unless it is a plain word.
pub(super) struct TagWord<'a>(pub(super) &'a str);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |c: char| c.is_alphanumeric() || "-_.:=@".contains(c);
        let is_plain = self.0.starts_with(char::is_alphanumeric)
            && self.0.chars().all(plain)
            && !FIXED.iter().any(|word| word.eq_ignore_ascii_case(self.0))
            && !Term::has_a_key(self.0);
        write_text(f, self.0, is_plain)
    }
}

impl fmt::Display for TagWord<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |c: char| c.is_alphanumeric() || "-_.".contains(c);
        write_text(f, self.0, !self.0.is_empty() && self.0.chars().all(plain))
    }
}

fn write_text(f: &mut fmt::Formatter<'_>, text: &str, is_plain: bool) -> fmt::Result {
    if is_plain { f.write_str(text) } else { write!(f, "{}", Quoted(text)) }
}
