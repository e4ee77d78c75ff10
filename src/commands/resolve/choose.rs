//! Resolves a reference to exactly one device, or to a card with the devices to choose from: those that match, or
//! similar ones if none does.

use super::device::{DeviceResolution, MatchedDevice, find_device};
use super::nearest::Similar;
use super::record::MatchedBy;
use super::search::{Resolution, SearchExtent};
use crate::cards::{self, Candidate, Choice, ChoiceRow, DeviceWithNames, LookedUpBy, NotFound, Sought};
use crate::commands::context::CommandContext;
use crate::commands::failure::Failure;
use crate::commands::reply::{Answer, Buttons};
use crate::domain::audit::AuditEvent;
use crate::domain::{Count, Device, DeviceFacts, OrgScope, Reference};
use crate::filter::{Filter, RelatedNames};
use crate::grammar::Command;
use crate::plan::{ButtonAction, ButtonRef, ShownRow};

/// The device that matches the reference.
pub(crate) async fn device(
    ctx: &CommandContext<'_>,
    scope: &OrgScope,
    reference: &Reference,
) -> Result<Result<MatchedDevice, Answer>, Failure> {
    let resolution: Result<DeviceResolution, _> = find_device(&ctx.services.admin, scope, reference).await;
    ctx.services.note_admin_credential(&resolution);
    Ok(match resolution? {
        Resolution::One(candidate) => Ok(*candidate),
        Resolution::Several { candidates, count, .. } => {
            Err(choice(ctx, scope, reference, &candidates, count).await)
        }
        Resolution::None { similar, searched } => {
            Err(not_found(ctx, scope, reference, &similar, searched).await)
        }
    })
}

/// The card that lists the candidates, as many as fit, each with a button. `count` includes those that do not fit.
async fn choice(
    ctx: &CommandContext<'_>,
    scope: &OrgScope,
    reference: &Reference,
    candidates: &[MatchedDevice],
    count: Count,
) -> Answer {
    let devices: Vec<&Device> = candidates.iter().map(|candidate| &candidate.device).collect();
    let offered = Offered::new(ctx, scope, &devices).await;
    let command = &ctx.record.accepted.command;
    let view = Choice {
        sought: Sought::Device,
        reference: reference.as_str(),
        verb: command.name(),
        rest: &rest_of(command).unwrap_or_default(),
        candidates: &offered.rows(),
        count,
        only_among: None,
        example: None,
        cancel: None,
        now: ctx.now(),
    };
    Answer::of(ctx, &view).buttons(offered.buttons)
}

async fn not_found(
    ctx: &CommandContext<'_>,
    scope: &OrgScope,
    reference: &Reference,
    similar: &Similar<Device>,
    searched: SearchExtent,
) -> Answer {
    let looked_up_by: &[LookedUpBy] = match searched {
        SearchExtent::IdOnly => &[LookedUpBy::Id],
        _ if reference.as_id().is_some() => &[LookedUpBy::Id, LookedUpBy::Serial, LookedUpBy::Name],
        _ if reference.as_mac().is_some() => &[LookedUpBy::Serial, LookedUpBy::Mac, LookedUpBy::Name],
        _ => &[LookedUpBy::Serial, LookedUpBy::Name],
    };
    let devices: Vec<&Device> = similar.records.iter().collect();
    let offered = Offered::new(ctx, scope, &devices).await;
    let all = similar.has_more.then(|| list_of_all(ctx, reference, &devices)).flatten();
    let view = NotFound {
        sought: Sought::Device,
        reference: reference.as_str(),
        looked_up_by,
        similar: &offered.rows(),
        only_among: None,
        all: all.as_deref(),
        now: ctx.now(),
    };
    let event = AuditEvent::NothingFound { reference: reference.as_str().to_owned() };
    Answer::of(ctx, &view).buttons(offered.buttons).audit(ctx, event).without_a_device()
}

/// The line that lists all devices with this text in their names, unless the similar ones were found in another way.
fn list_of_all(ctx: &CommandContext<'_>, reference: &Reference, similar: &[&Device]) -> Option<String> {
    let filter = Filter::part_of_name(reference.as_str())?;
    let is_part = |device: &&Device| filter.matches(device, &RelatedNames::default(), ctx.now());
    let org = ctx.record.accepted.command.org().cloned();
    let list = || Command::ListDevices { filter: filter.clone(), sort: None, csv: false, page: None, org };
    similar.iter().all(is_part).then(|| list().to_string())
}

/// Devices on a card, each with a button that repeats the command for it.
struct Offered<'a> {
    devices: Vec<(&'a Device, RelatedNames, Option<ButtonRef>)>,
    buttons: Buttons<'a>,
}

impl<'a> Offered<'a> {
    /// As many of the devices as fit a card.
    async fn new(ctx: &CommandContext<'a>, scope: &OrgScope, devices: &[&'a Device]) -> Self {
        let mut buttons = Buttons::new(ctx);
        let mut offered = Vec::new();
        for device in devices.iter().take(cards::MOST_CANDIDATES) {
            let related = ctx.services.related_names(scope, device).await;
            let command = with_device(&ctx.record.accepted.command, device.id.clone().into());
            let choose = command.map(|command| {
                let shown = ShownRow::Device(Box::new(facts_shown(ctx, scope, device, &related)));
                let action = ButtonAction::Command { command, shown: Some(shown) };
                buttons.for_the_requester(action, None)
            });
            offered.push((*device, related, choose));
        }
        Self { devices: offered, buttons }
    }

    fn rows(&self) -> Vec<ChoiceRow<'_>> {
        let rows = self.devices.iter().map(|(device, related, choose)| ChoiceRow {
            candidate: Candidate::Device(with_names(device, related)),
            choose: choose.as_ref().map(ButtonRef::as_str),
        });
        rows.collect()
    }
}

/// The same command for another device.
fn with_device(command: &Command, device: Reference) -> Option<Command> {
    let mut command = command.clone();
    match &mut command {
        Command::ShowDevice { device: named, .. }
        | Command::DeleteDevice { device: named, .. }
        | Command::TagDevice { device: named, .. } => *named = device,
        _ => return None,
    }
    Some(command)
}

/// The text of a command behind its reference, such as ` +pilot`.
fn rest_of(command: &Command) -> Option<String> {
    let line = with_device(command, Reference::parse("REF").ok()?)?.to_string();
    line.split_once(" REF").map(|(_, rest)| rest.to_owned())
}

/// The matched property, as the cards name it.
pub(crate) fn found_by(by: MatchedBy) -> LookedUpBy {
    match by {
        MatchedBy::Id => LookedUpBy::Id,
        MatchedBy::Serial => LookedUpBy::Serial,
        MatchedBy::Mac => LookedUpBy::Mac,
        MatchedBy::Email => LookedUpBy::Email,
        MatchedBy::Name => LookedUpBy::Name,
    }
}

/// The facts that a card shows of a device, to be held against the device right before it is changed.
pub(crate) fn facts_shown(
    ctx: &CommandContext<'_>,
    scope: &OrgScope,
    device: &Device,
    related: &RelatedNames,
) -> DeviceFacts {
    let facts = DeviceFacts::of(device);
    DeviceFacts {
        workspace_name: related.workspace.clone(),
        owner_name: related.person.clone(),
        org_id: facts.org_id.or_else(|| ctx.services.admin.org_of(scope).cloned()),
        ..facts
    }
}

/// A device with the names related to it, for a card.
pub(crate) fn with_names<'a>(device: &'a Device, related: &'a RelatedNames) -> DeviceWithNames<'a> {
    DeviceWithNames {
        device,
        workspace_name: related.workspace.as_deref(),
        location_name: related.location.as_deref(),
        owner_name: related.person.as_deref(),
    }
}
