//! The grammar as tables of lines: commands, errors with their answers, and properties of every line.

mod arguments;
mod commands_page;
mod corrections;
mod properties;
mod refused;
mod stored;
mod understood;
mod values;

use super::error::{ErrorKind, InvalidValue};
use super::expected::{Clauses, Expected};
use super::table::COMMANDS;
use super::text::InvalidText;
use super::*;
use crate::domain::{DeviceId, Mac, PlanCode, Reference};
use crate::filter::{Filter, Sort};
use crate::policy::Right;

/// `ciscospark://us/DEVICE/1`
const ID: &str = "Y2lzY29zcGFyazovL3VzL0RFVklDRS8x";
/// `ciscospark://us/ROOM/12`
const ROOM: &str = "Y2lzY29zcGFyazovL3VzL1JPT00vMTI";

fn id() -> Reference {
    DeviceId::parse(ID).unwrap().into()
}

fn named(text: &str) -> Reference {
    Reference::parse(text).unwrap()
}

fn org(text: &str) -> Option<OrgName> {
    OrgName::parse(text).ok()
}

fn show(device: Reference) -> Command {
    Command::ShowDevice { device, org: None }
}

fn delete(reason: Option<&str>) -> Command {
    Command::DeleteDevice { device: id(), reason: reason.map(|text| Reason::parse(text).unwrap()), org: None }
}

fn help(topic: Option<&str>) -> Command {
    Command::Help { topic: topic.map(|text| text.to_owned().try_into().unwrap()) }
}

fn list(filter: &str) -> Command {
    Command::ListDevices {
        filter: Filter::parse(filter).unwrap(),
        sort: None,
        csv: false,
        page: None,
        org: None,
    }
}

fn change(add: &[&str], remove: &[&str]) -> TagChange {
    let tags = |texts: &[&str]| texts.iter().map(|text| Tag::parse(text).unwrap()).collect();
    TagChange::new(tags(add), tags(remove)).unwrap()
}

fn workspace(text: &str) -> ProvisionTarget {
    ProvisionTarget::Workspace(WorkspaceReference::parse(text).unwrap())
}

fn person(text: &str) -> ProvisionTarget {
    ProvisionTarget::Person(crate::domain::EmailAddress::parse(text).unwrap())
}

fn activate(place: ProvisionTarget, model: Option<&str>) -> Command {
    Command::Activate { place, model: model.map(|text| Model::parse(text).unwrap()), org: None }
}

fn code() -> PlanCode {
    PlanCode::parse("K7Q2-M9").unwrap()
}

/// The line with `ID` and `ROOM` replaced.
fn filled(line: &str) -> String {
    line.replace("ID", ID).replace("ROOM", ROOM)
}

/// For each line: the line, the error, its position, and the advice.
fn answers(lines: &[&str]) -> String {
    let answer = |line: &&str| {
        let filled = filled(line);
        let error = parse(&filled).expect_err(line);
        let at = &filled[error.span()];
        format!("> {line}\n  {error}\n  at [{at}]\n  {}\n", error.advice().unwrap_or_default())
    };
    lines.iter().map(answer).collect::<String>().replace(ID, "ID").replace(ROOM, "ROOM")
}
