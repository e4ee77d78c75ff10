//! From a reference to the one device that is meant, or to an answer that helps to name it.

use crate::cards::{self, Choice, DeviceWithNames, LookedUpBy, NotFoundDevice};
use crate::commands::reply::{Answer, Buttons, Failure};
use crate::commands::resolve::{By, Candidate, LookedUp, Near, Resolution, find_device};
use crate::commands::services::Services;
use crate::domain::{Count, OrgScope, Reference};
use crate::filter::Surroundings;
use crate::grammar::Command;
use crate::plan::ButtonAction;
use crate::store::CommandRecord;

/// The device that a reference means, with by what it does.
pub(crate) async fn the_device(
    services: &Services,
    record: &CommandRecord,
    scope: &OrgScope,
    reference: &Reference,
) -> Result<Candidate, Failure> {
    let resolution = find_device(&services.admin, scope, reference).await;
    services.note_admin_credential(&resolution);
    match resolution? {
        Resolution::One(candidate) => Ok(*candidate),
        Resolution::Several { candidates, count } => {
            let several = Several { candidates: &candidates, count };
            Err(choice(services, record, scope, reference, several).await.into())
        }
        Resolution::None { nearest, looked_up } => Err(not_found(reference, &nearest, looked_up).into()),
    }
}

/// The devices that a reference fits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Several<'a> {
    /// Those that were kept to choose from.
    pub(crate) candidates: &'a [Candidate],
    /// How many there are.
    pub(crate) count: Count,
}

/// Every candidate with its own button, as far as a card has room for buttons.
pub(crate) async fn choice(
    services: &Services,
    record: &CommandRecord,
    scope: &OrgScope,
    reference: &Reference,
    several: Several<'_>,
) -> Answer {
    let Several { candidates, count } = several;
    let now = services.clock.now();
    let mut buttons = Buttons::on_the_answer_to(record, now);
    let mut shown = Vec::new();
    for candidate in candidates.iter().take(cards::MOST_CANDIDATES) {
        let command = with_device(&record.accepted.command, candidate.device.id.clone().into());
        let choose =
            command.map(|command| buttons.for_the_requester(ButtonAction::Command { command }, None));
        let around = services.surroundings(scope, &candidate.device).await;
        shown.push((candidate, around, choose));
    }
    let rows: Vec<cards::ChoiceRow<'_>> = shown
        .iter()
        .map(|(candidate, around, choose)| cards::ChoiceRow {
            device: in_place(&candidate.device, around),
            choose: choose.as_ref().map(crate::plan::ButtonRef::as_str),
        })
        .collect();
    let view = Choice {
        reference: reference.as_str(),
        verb: record.accepted.command.name(),
        candidates: &rows,
        count,
        cancel: None,
        now,
    };
    Answer::of(&view).with(buttons)
}

fn not_found(reference: &Reference, nearest: &[Near], looked_up: LookedUp) -> Answer {
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
    Answer::of(&NotFoundDevice { reference: reference.as_str(), looked_up_by: ways, near: &near })
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

/// How the reference led to a device, in the words of the cards.
pub(crate) fn found_by(by: By) -> LookedUpBy {
    match by {
        By::Id => LookedUpBy::Id,
        By::Serial => LookedUpBy::Serial,
        By::Mac => LookedUpBy::Mac,
        By::Name => LookedUpBy::Name,
    }
}

/// A device with the names around it, for a card.
pub(crate) fn in_place<'a>(
    device: &'a crate::domain::Device,
    around: &'a Surroundings,
) -> DeviceWithNames<'a> {
    DeviceWithNames {
        device,
        workspace_name: around.workspace.as_deref(),
        location_name: around.location.as_deref(),
        owner_name: around.person.as_deref(),
    }
}
