//! The grammar of `list devices`.

use super::arguments::Arguments;
use super::command::Command;
use super::error::ParseError;
use super::expected::Expected;
use super::spec::CommandSpec;
use super::usage::Permission;
use super::word::Word;
use crate::filter::{Filter, Sort};
use crate::policy::Right;

pub(super) static LIST_DEVICES: CommandSpec = CommandSpec {
    name: "list devices",
    syntax: "list devices [FILTER…] [sort:KEY] [page:N] [csv] [in org NAME]",
    summary: "Lists devices; FILTER looks like status:offline, name:BER-*, -tag:keep or last-seen:>90d; csv sends all of them as a file; \"help filters\" explains the filters",
    example: "list devices status:offline last-seen:>90d sort:-last-seen",
    permission: Permission::Right(Right::Read),
    aliases: &[],
    read,
};

/// The last page that people can request: a sorted list keeps all devices up to the page in memory.
const LAST_PAGE: u32 = 1000;

fn read(arguments: &mut Arguments<'_>) -> Result<Command, ParseError> {
    let mut filter = Filter::default();
    let (mut sort, mut csv, mut page, mut org) = (None, false, None, None);
    while let Some(word) = arguments.peek() {
        if word.is("csv") {
            arguments.fixed("csv")?;
            if csv {
                return Err(arguments.unexpected(Expected::Once("csv"), None));
            }
            csv = true;
        } else if let Some(number) = after("page", word) {
            arguments.next(Expected::PageNumber)?;
            if page.is_some() {
                return Err(arguments.unexpected(Expected::Once("page:"), None));
            }
            page = number.parse().ok().filter(|number| (1..=LAST_PAGE).contains(number));
            if page.is_none() {
                return Err(arguments.unexpected(Expected::PageNumber, None));
            }
        } else if let Some(key) = after("sort", word) {
            arguments.next(Expected::Filter)?;
            if sort.is_some() {
                return Err(arguments.unexpected(Expected::Once("sort:"), None));
            }
            let at = word.span.end - key.len();
            sort = Some(Sort::parse(key, at).map_err(|error| arguments.invalid_filter(error))?);
        } else if !arguments.org_if_next(&mut org)? {
            arguments.filter_term(&mut filter)?;
        }
    }
    Ok(Command::ListDevices { filter, sort, csv, page, org })
}

/// The value after a key that is not a filter.
fn after<'a>(key: &str, word: &Word<'a>) -> Option<&'a str> {
    let (before, after) = word.raw.split_once(':')?;
    before.eq_ignore_ascii_case(key).then_some(after)
}
