//! What Steward is.

use serde::Serialize;

use super::{SafeText, View, wording};

/// Name, version and purpose.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// The version that runs.
    pub version: &'a str,
}

#[derive(Serialize)]
struct Context {
    what_it_is: SafeText,
    version: SafeText,
    where_help_is: SafeText,
}

impl View for About<'_> {
    const TEMPLATE: &'static str = "about.card.json";

    fn context(&self) -> impl Serialize {
        Context {
            what_it_is: SafeText::sentence(wording::WHAT_IT_IS),
            version: SafeText::word(self.version),
            where_help_is: SafeText::sentence(wording::WHERE_HELP_IS),
        }
    }
}
