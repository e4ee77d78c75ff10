//! From a reference to the one device that is meant, or to an answer that helps to name it.

use super::device::find_device;
use super::near::Near;
use super::search::{By, Candidate, LookedUp, Resolution};
use crate::cards::{self, Choice, DeviceWithNames, LookedUpBy, NotFoundDevice};
use crate::commands::context::CommandContext;
use crate::commands::failure::Failure;
use crate::commands::reply::{Answer, Buttons};
use crate::domain::{Count, Device, OrgScope, Reference};
use crate::filter::RelatedNames;
use crate::grammar::Command;
use crate::plan::{ButtonAction, ButtonRef};

/// The device that a reference means, with the property that it fits.
pub(crate) async fn device(
    ctx: &CommandContext<'_>,
    scope: &OrgScope,
    reference: &Reference,
) -> Result<Result<Candidate, Answer>, Failure> {
    let resolution = find_device(&ctx.services.admin, scope, reference).await;
    ctx.services.note_admin_credential(&resolution);
    Ok(match resolution? {
        Resolution::One(candidate) => Ok(*candidate),
        Resolution::Several { candidates, count } => {
            Err(choice(ctx, scope, reference, &candidates, count).await)
        }
        Resolution::None { nearest, looked_up } => Err(not_found(ctx, reference, &nearest, looked_up)),
    })
}

/// Every candidate with a button of its own, as far as a card has room for buttons; `count` is their number in all.
pub(crate) async fn choice(
    ctx: &CommandContext<'_>,
    scope: &OrgScope,
    reference: &Reference,
    candidates: &[Candidate],
    count: Count,
) -> Answer {
    let mut buttons = Buttons::new(ctx);
    let mut shown = Vec::new();
    for candidate in candidates.iter().take(cards::MOST_CANDIDATES) {
        let command = with_device(&ctx.record.accepted.command, candidate.device.id.clone().into());
        let choose =
            command.map(|command| buttons.for_the_requester(ButtonAction::Command { command }, None));
        let around = ctx.services.surroundings(scope, &candidate.device).await;
        shown.push((candidate, around, choose));
    }
    let rows: Vec<cards::ChoiceRow<'_>> = shown
        .iter()
        .map(|(candidate, around, choose)| cards::ChoiceRow {
            device: in_place(&candidate.device, around),
            choose: choose.as_ref().map(ButtonRef::as_str),
        })
        .collect();
    let view = Choice {
        reference: reference.as_str(),
        verb: ctx.record.accepted.command.name(),
        candidates: &rows,
        count,
        cancel: None,
        now: ctx.now(),
    };
    Answer::of(ctx, &view).buttons(buttons)
}

fn not_found(
    ctx: &CommandContext<'_>,
    reference: &Reference,
    nearest: &[Near],
    looked_up: LookedUp,
) -> Answer {
    let ways: &[LookedUpBy] = match looked_up {
        LookedUp::ById => &[LookedUpBy::Id],
        LookedUp::Everywhere { .. } if reference.as_mac().is_some() => {
            &[LookedUpBy::Serial, LookedUpBy::Mac, LookedUpBy::Name]
        }
        LookedUp::Everywhere { .. } => &[LookedUpBy::Serial, LookedUpBy::Name],
    };
    let near: Vec<cards::SimilarDevice<'_>> = nearest
        .iter()
        .map(|near| {
            let (text, other) = (Some(near.text.as_str()), near.other.as_deref());
            let (name, serial) = if near.is_serial { (other, text) } else { (text, other) };
            cards::SimilarDevice { name, serial }
        })
        .collect();
    Answer::of(ctx, &NotFoundDevice { reference: reference.as_str(), looked_up_by: ways, near: &near })
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

/// The property of the device that the reference fits, in the words of the cards.
pub(crate) fn found_by(by: By) -> LookedUpBy {
    match by {
        By::Id => LookedUpBy::Id,
        By::Serial => LookedUpBy::Serial,
        By::Mac => LookedUpBy::Mac,
        By::Name => LookedUpBy::Name,
    }
}

/// A device with the names around it, for a card.
pub(crate) fn in_place<'a>(device: &'a Device, around: &'a RelatedNames) -> DeviceWithNames<'a> {
    DeviceWithNames {
        device,
        workspace_name: around.workspace.as_deref(),
        location_name: around.location.as_deref(),
        owner_name: around.person.as_deref(),
    }
}
