//! One small function for each row of the table: what follows the name of a command.

use super::arguments::{Arguments, Clauses};
use super::error::ParseError;
use super::expected::Expected;
use super::help::Topic;
use super::tags::TagChange;
use super::text::Tag;
use super::word::Word;
use super::{Command, ProvisionTarget};
use crate::domain::quotes::taken_out_of_quotes;
use crate::domain::{Mac, PlanCode};
use crate::filter::{Filter, Sort, Term};

/// Nobody leafs further; a sorted list keeps all rows up to the page that is shown.
const LAST_PAGE: u32 = 1000;

const ORG: Clauses = Clauses { because: false, model: false, org: true };

/// `help [TOPIC]`
pub(super) fn help(arguments: &mut Arguments<'_>) -> Result<Command, ParseError> {
    let topic = match arguments.rest() {
        [] => None,
        words => Some(Topic::from_words(arguments.line(), words)?),
    };
    Ok(Command::Help { topic })
}

/// `about`
#[expect(clippy::unnecessary_wraps, reason = "all rows of the table read in the same way")]
pub(super) fn about(_: &mut Arguments<'_>) -> Result<Command, ParseError> {
    Ok(Command::About)
}

/// `whoami`
#[expect(clippy::unnecessary_wraps, reason = "all rows of the table read in the same way")]
pub(super) fn whoami(_: &mut Arguments<'_>) -> Result<Command, ParseError> {
    Ok(Command::WhoAmI)
}

/// `list devices [FILTER…] [sort:KEY] [page:N] [csv] [in org NAME]`, in any order
pub(super) fn list_devices(arguments: &mut Arguments<'_>) -> Result<Command, ParseError> {
    let mut filter = Filter::default();
    let (mut sort, mut csv, mut page, mut org) = (None, false, None, None);
    while let Some(word) = arguments.peek() {
        if word.is("csv") {
            arguments.fixed("csv")?;
            if csv {
                return Err(arguments.unexpected(Expected::Once("csv"), None));
            }
            csv = true;
        } else if arguments.is_at_org() && org.is_none() {
            org = Some(arguments.org()?);
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
        } else {
            arguments.filter(&mut filter)?;
        }
    }
    Ok(Command::ListDevices { filter, sort, csv, page, org })
}

/// What stands after a key that is no filter.
fn after<'a>(key: &str, word: &Word<'a>) -> Option<&'a str> {
    let (before, after) = word.raw.split_once(':')?;
    before.eq_ignore_ascii_case(key).then_some(after)
}

/// `show device REF [in org NAME]`
pub(super) fn show_device(arguments: &mut Arguments<'_>) -> Result<Command, ParseError> {
    let device = arguments.device()?;
    Ok(Command::ShowDevice { device, org: arguments.clauses(ORG)?.org })
}

/// `delete device REF [because "REASON"] [in org NAME]`
pub(super) fn delete_device(arguments: &mut Arguments<'_>) -> Result<Command, ParseError> {
    let device = arguments.device()?;
    let said = arguments.clauses(Clauses { because: true, ..ORG })?;
    Ok(Command::DeleteDevice { device, reason: said.reason, org: said.org })
}

/// `tag device REF +new -old … [in org NAME]`
pub(super) fn tag_device(arguments: &mut Arguments<'_>) -> Result<Command, ParseError> {
    let device = arguments.device()?;
    let (mut tags, mut org) = (TagWords::default(), None);
    while arguments.peek().is_some() {
        if arguments.is_at_org() && org.is_none() {
            org = Some(arguments.org()?);
        } else {
            let word = arguments.next(Expected::Tags)?;
            let change = signed(word).ok_or_else(|| arguments.unexpected(Expected::Tags, None))?;
            tags.take(change, arguments, word)?;
        }
    }
    Ok(Command::TagDevice { device, change: tags.finish(arguments)?, org })
}

/// `tag devices FILTER… +new -old … [in org NAME]`, in any order
pub(super) fn tag_devices(arguments: &mut Arguments<'_>) -> Result<Command, ParseError> {
    let (mut filter, mut tags, mut org) = (Filter::default(), TagWords::default(), None);
    while let Some(word) = arguments.peek() {
        if arguments.is_at_org() && org.is_none() {
            org = Some(arguments.org()?);
        } else if let Some(change) = signed(word) {
            arguments.next(Expected::Tags)?;
            tags.take(change, arguments, word)?;
        } else {
            arguments.filter(&mut filter)?;
        }
    }
    // All devices are named by name:* and never by leaving something out.
    if filter.is_empty() {
        return Err(arguments.incomplete(Expected::Filter));
    }
    Ok(Command::TagDevices { filter, change: tags.finish(arguments)?, org })
}

/// Whether a tag is added, and the text behind the sign. A word with a minus that looks like a term of a filter is
/// one, also if there is a slip in its key: read as a tag it would leave out what was to be protected.
fn signed<'a>(word: &Word<'a>) -> Option<(bool, &'a str)> {
    match word.raw.split_at_checked(1)? {
        ("+", tag) => Some((true, tag)),
        ("-", tag) if tag.starts_with('"') || !Term::is_meant_by(tag) => Some((false, tag)),
        _ => None,
    }
}

#[derive(Default)]
struct TagWords {
    add: Vec<Tag>,
    remove: Vec<Tag>,
}

impl TagWords {
    fn take(
        &mut self,
        (adds, text): (bool, &str),
        arguments: &Arguments<'_>,
        word: &Word<'_>,
    ) -> Result<(), ParseError> {
        let bare = taken_out_of_quotes(text).unwrap_or(text.into());
        let tag = Tag::parse(&bare).map_err(|error| arguments.invalid(word, error))?;
        let list = if adds { &mut self.add } else { &mut self.remove };
        if !list.contains(&tag) {
            list.push(tag);
        }
        // Said where it is said the second time.
        if self.add.iter().any(|tag| self.remove.contains(tag)) {
            let both = TagChange::new(self.add.clone(), self.remove.clone());
            both.map_err(|error| arguments.invalid(word, error))?;
        }
        Ok(())
    }

    fn finish(self, arguments: &Arguments<'_>) -> Result<TagChange, ParseError> {
        TagChange::new(self.add, self.remove).map_err(|_| arguments.incomplete(Expected::Tags))
    }
}

/// `activate workspace REF [model M] [in org NAME]`
pub(super) fn activate_workspace(arguments: &mut Arguments<'_>) -> Result<Command, ParseError> {
    let place = ProvisionTarget::Workspace(arguments.workspace()?);
    activate(place, arguments)
}

/// `activate person EMAIL [model M] [in org NAME]`
pub(super) fn activate_person(arguments: &mut Arguments<'_>) -> Result<Command, ParseError> {
    let place = ProvisionTarget::Person(arguments.person()?);
    activate(place, arguments)
}

fn activate(place: ProvisionTarget, arguments: &mut Arguments<'_>) -> Result<Command, ParseError> {
    let said = arguments.clauses(Clauses { model: true, ..ORG })?;
    Ok(Command::Activate { place, model: said.model, org: said.org })
}

/// `add device mac MAC model M to workspace REF [in org NAME]`, or `to person EMAIL`
pub(super) fn add_device(arguments: &mut Arguments<'_>) -> Result<Command, ParseError> {
    arguments.fixed("mac")?;
    let word = arguments.next(Expected::Mac)?;
    let mac = Mac::parse(&word.text).map_err(|error| arguments.invalid(word, error))?;
    arguments.fixed("model")?;
    let model = arguments.model()?;
    arguments.fixed("to")?;
    let kind = arguments.next(Expected::Target)?;
    let place = if kind.is("workspace") {
        ProvisionTarget::Workspace(arguments.workspace()?)
    } else if kind.is("person") {
        ProvisionTarget::Person(arguments.person()?)
    } else {
        return Err(arguments.unexpected(Expected::Target, None));
    };
    Ok(Command::AddDevice { mac, model, place, org: arguments.clauses(ORG)?.org })
}

/// `confirm CODE`
pub(super) fn confirm(arguments: &mut Arguments<'_>) -> Result<Command, ParseError> {
    Ok(Command::Confirm { code: code(arguments)? })
}

/// `cancel CODE`
pub(super) fn cancel(arguments: &mut Arguments<'_>) -> Result<Command, ParseError> {
    Ok(Command::Cancel { code: code(arguments)? })
}

fn code(arguments: &mut Arguments<'_>) -> Result<PlanCode, ParseError> {
    let word = arguments.next(Expected::Code)?;
    PlanCode::parse(&word.text).map_err(|error| arguments.invalid(word, error))
}
