//! The grammar of `confirm` and `cancel`.

use super::command::Command;
use super::spec::CommandSpec;
use super::usage::Permission;

pub(super) static CONFIRM: CommandSpec = CommandSpec {
    name: "confirm",
    syntax: "confirm CODE",
    summary: "Confirms what a card asks; CODE is on the card",
    example: "confirm K7Q2-M9",
    permission: Permission::ByPlan,
    aliases: &[],
    read: |arguments| Ok(Command::Confirm { code: arguments.code()? }),
};

pub(super) static CANCEL: CommandSpec = CommandSpec {
    name: "cancel",
    syntax: "cancel CODE",
    summary: "Cancels what a card asks; CODE is on the card",
    example: "cancel K7Q2-M9",
    permission: Permission::ByPlan,
    aliases: &[],
    read: |arguments| Ok(Command::Cancel { code: arguments.code()? }),
};
