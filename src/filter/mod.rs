//! Filters select many devices: `status:offline last-seen:>90d tag:retire -tag:keep`. Here they are parsed, matched and
//! printed, and lists of devices are sorted, counted and cut into pages.
//!
//! ```text
//! filter = term { space term }                       a device must match every term
//! term   = ["-"] key ":" value { "," value }         "-" negates; one of the values is enough
//! value  = plain | quoted                            quotes hold spaces and commas; a quote inside is doubled
//! ```
//!
//! | keys | values |
//! | --- | --- |
//! | `name serial ip product software channel` | a text |
//! | `tag error capability` | a text; the device may have several |
//! | `workspace location` | a name or an id |
//! | `person` | a name, an email address or an id |
//! | `status type platform capability managed-by maintenance` | the values that Webex documents ([`Key::known`]); any other value in quotes |
//! | `mac` | an address in any notation, or its beginning with `*` |
//! | `id` | a device id |
//! | `created first-seen last-seen` | an age such as `>90d` (more than 90 days ago) or `<2h`, in `m h d w`; or a date in UTC such as `<2025-01-31`, or `2025-01-31` for that day |
//!
//! A text matches as a whole, ignoring case: `product:"Room Bar"` is not the Room Bar Pro, because people delete what a
//! filter selects. `*` matches any characters and `?` one, inside quotes too. The manufacturer may be left out:
//! `Room Bar` is `Cisco Room Bar`. Every key also takes `none` (the device has no such value; `never` for times) and
//! `any` (it has one); in quotes these are texts.
//!
//! # Missing values
//!
//! A device that lacks a time matches no comparison with it, negated or not:
//!
//! | | seen 100 days ago | seen today | never seen |
//! | --- | --- | --- | --- |
//! | `last-seen:>90d` | yes | no | no |
//! | `-last-seen:>90d` | no | yes | **no** |
//! | `last-seen:never` | no | no | yes |
//!
//! With all other keys, a negated term selects devices without the value: `-tag:keep` selects untagged devices. If the
//! name of a workspace, location or person could not be read, no term about that name matches, negated or not.
//!
//! Pure: the caller looks up names ([`Filter::needs`] says which) and passes the time.

mod address;
mod error;
mod exclusion;
mod explain;
mod field;
mod key;
mod matching;
mod page;
mod parse;
mod pattern;
mod sort;
mod suggest;
mod term;
#[cfg(test)]
mod tests;
mod time;
mod webex_query;
mod widen;

pub use error::FilterError;
pub(crate) use exclusion::{IdleExclusion, IdleExclusions};
pub use explain::KeyHelp;
pub use field::RelatedNames;
pub use key::Key;
pub(crate) use page::PageCollector;
pub(crate) use parse::{has_filter_key, looks_like_filter};
pub use sort::{Sort, SortRank};
pub(crate) use suggest::{distance, excerpt, is_like, quoted};
pub use term::{Filter, NeededNames};
