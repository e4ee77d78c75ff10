//! The language of commands: from a chat message to a [`Command`], or to a [`ParseError`] for its author.
//!
//! [`addressed_line`] turns a message into one plain line, without the mention of the bot and with the quotes, dashes
//! and spaces of a keyboard (phones send others). [`parse()`] reads that line:
//!
//! ```text
//! line    = command                               nothing before it, nothing after it
//! command = ( "help" | "/help" | "?" | "help me" ) [TOPIC]
//!         | "about" | "version"
//!         | "whoami" | "who am i"
//!         | "list devices" { FILTER | "sort:" ["-"] KEY | "page:" N | "csv" | ORG }
//!         | "show device" REF [ORG]
//!         | DELETE REF { "because" REASON | ORG }
//!         | "tag device" REF { TAG | ORG }
//!         | "tag devices" { FILTER | TAG | ORG }
//!         | "activate" TARGET { "model" MODEL | ORG }
//!         | "add device mac" MAC "model" MODEL "to" TARGET [ORG]
//!         | "confirm" CODE | "cancel" CODE
//! DELETE  = "delete device" | "remove device" | "rm device"
//! ORG     = "in org" NAME
//! TARGET  = "workspace" REF | "person" EMAIL
//! TOPIC   = the first words of a command: delete, rm device; or "filters"
//! REF     = an id, a serial number, a MAC address, the address of a page in Control Hub, or a name: one word, or a
//!           text in double quotes
//! FILTER  = ["-"] KEY ":" VALUE, see [`crate::filter`]
//! TAG     = ("+" | "-") one word, or a text in double quotes
//! REASON  = a text of 1 to 500 characters in double quotes
//! ```
//!
//! Parts in braces come in any order, with at most one reason, model, organization, order and page. A word such as
//! `-tag:keep`, with a key of the filters before a colon, is a filter that excludes; any other word with a minus is a
//! tag to remove, and so is `-"tag:keep"`. A double quote inside double quotes is doubled:
//! `show device "55"" display"`.
//!
//! Fixed words may be in upper or lower case, but never in quotes. The whole line must parse or nothing happens:
//! `please do NOT delete device X` is not a command. A line with hidden characters inside a word is none either.
//!
//! An error has the line that was probably meant, in the person's own words, if there is one that parses ([`correction`]).
//!
//! Each command has a file with its [`CommandSpec`] and the function that reads its arguments; the commands about the
//! bot itself are in `table`. Pure: nothing here looks up a device or knows the author, so an error cannot reveal more
//! than the line contains. Texts found in a line come from outside; excerpts are cut, and the renderer escapes them.

mod activate;
mod add_device;
mod arguments;
mod command;
mod confirm;
mod correction;
mod delete_device;
mod error;
mod expected;
mod filter_help;
mod line;
mod list_devices;
mod markup;
mod mention;
mod not_offered;
mod parse;
mod plain_words;
mod print;
mod rewrite;
mod several;
mod show_device;
mod spec;
mod table;
mod tag_device;
mod tags;
#[cfg(test)]
mod tests;
mod text;
mod usage;
mod word;

pub use command::{Command, ProvisionTarget, Topic};
pub use correction::parse;
pub use error::ParseError;
pub use filter_help::{FilterHelp, filter_help};
pub use mention::{Addressee, SpaceKind, addressed_line};
pub use spec::CommandSpec;
pub use table::help_for;
pub use tags::TagChange;
pub use text::{Model, OrgName, Reason, Tag, WorkspaceReference};
pub use usage::Permission;
