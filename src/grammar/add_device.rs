//! The grammar of `add device`.

use super::arguments::Arguments;
use super::command::Command;
use super::error::ParseError;
use super::expected::{Clauses, Expected};
use super::spec::CommandSpec;
use super::usage::Permission;
use crate::policy::Right;

pub(super) static ADD_DEVICE: CommandSpec = CommandSpec {
    name: "add device",
    syntax: "add device mac MAC model MODEL to workspace REF [in org NAME], or to person EMAIL",
    summary: "Adds a phone by its MAC address",
    example: "add device mac 11:22:33:44:AA:FF model \"DMS Cisco 8865\" to workspace Lobby",
    permission: Permission::Right(Right::Provision),
    aliases: &[],
    read,
};

fn read(arguments: &mut Arguments<'_>) -> Result<Command, ParseError> {
    arguments.fixed("mac")?;
    let mac = arguments.mac()?;
    arguments.fixed("model")?;
    let model = arguments.model()?;
    arguments.fixed("to")?;
    let kind = arguments.next(Expected::Target)?;
    let place = if kind.is("workspace") {
        arguments.workspace()?
    } else if kind.is("person") {
        arguments.person()?
    } else {
        return Err(arguments.unexpected(Expected::Target, None));
    };
    Ok(Command::AddDevice { mac, model, place, org: arguments.clauses(Clauses::ORG)?.org })
}
