//! Resolves a reference to exactly one device or organization, or to an answer that helps to pick one.

use super::compare::NearMiss;
use super::device::find_device;
use super::search::{DeviceResolution, MatchedBy, MatchedDevice, SearchExtent};
use crate::cards::{self, Choice, DeviceWithNames, LookedUpBy, NotFoundDevice, Notice};
use crate::commands::context::CommandContext;
use crate::commands::failure::Failure;
use crate::commands::reply::{Answer, Buttons};
use crate::domain::text::comparison_key;
use crate::domain::{Count, Device, OrgId, OrgScope, Organization, Reference};
use crate::filter::RelatedNames;
use crate::grammar::{Command, OrgName};
use crate::plan::{ButtonAction, ButtonRef};

/// The device that matches the reference.
pub(crate) async fn device(
    ctx: &CommandContext<'_>,
    scope: &OrgScope,
    reference: &Reference,
) -> Result<Result<MatchedDevice, Answer>, Failure> {
    let resolution = find_device(&ctx.services.admin, scope, reference).await;
    ctx.services.note_admin_credential(&resolution);
    Ok(match resolution? {
        DeviceResolution::One(candidate) => Ok(*candidate),
        DeviceResolution::Several { candidates, count } => {
            Err(choice(ctx, scope, reference, &candidates, count).await)
        }
        DeviceResolution::None { nearest, searched } => Err(not_found(ctx, reference, &nearest, searched)),
    })
}

/// The organization with this name or id. The admin credential must see it, and `STEWARD_ORGS` must name it.
pub(crate) async fn organization(
    ctx: &CommandContext<'_>,
    name: Option<&OrgName>,
) -> Result<Result<OrgScope, Answer>, Failure> {
    let Some(name) = name else { return Ok(Ok(OrgScope::Default)) };
    let matches = |org: &Organization| {
        comparison_key(&org.name) == comparison_key(name.as_str())
            || OrgId::parse(name.as_str()).is_ok_and(|id| id == org.id)
    };
    let organizations = ctx.services.admin.organizations().await;
    ctx.services.note_admin_credential(&organizations);
    let found: Vec<Organization> = organizations?.into_iter().filter(matches).collect();
    Ok(match found.as_slice() {
        [org] if ctx.services.policy.serves(&org.id) => Ok(OrgScope::Org(org.id.clone())),
        [org] => Err(Answer::of(ctx, &Notice::org_not_named(&org.name))),
        [] => Err(Answer::of(ctx, &Notice::org_not_found(name.as_str()))),
        _ => Err(Answer::of(ctx, &Notice::org_ambiguous(name.as_str()))),
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
    let mut buttons = Buttons::new(ctx);
    let mut shown = Vec::new();
    for candidate in candidates.iter().take(cards::MOST_CANDIDATES) {
        let command = with_device(&ctx.record.accepted.command, candidate.device.id.clone().into());
        let choose =
            command.map(|command| buttons.for_the_requester(ButtonAction::Command { command }, None));
        let related = ctx.services.related_names(scope, &candidate.device).await;
        shown.push((candidate, related, choose));
    }
    let rows: Vec<cards::ChoiceRow<'_>> = shown
        .iter()
        .map(|(candidate, related, choose)| cards::ChoiceRow {
            device: with_names(&candidate.device, related),
            choose: choose.as_ref().map(ButtonRef::as_str),
        })
        .collect();
    let command = &ctx.record.accepted.command;
    let view = Choice {
        reference: reference.as_str(),
        verb: command.name(),
        rest: &rest_of(command).unwrap_or_default(),
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
    nearest: &[NearMiss],
    searched: SearchExtent,
) -> Answer {
    let looked_up_by: &[LookedUpBy] = match searched {
        SearchExtent::IdOnly => &[LookedUpBy::Id],
        SearchExtent::WholeList { .. } if reference.as_id().is_some() => {
            &[LookedUpBy::Id, LookedUpBy::Serial, LookedUpBy::Name]
        }
        SearchExtent::WholeList { .. } if reference.as_mac().is_some() => {
            &[LookedUpBy::Serial, LookedUpBy::Mac, LookedUpBy::Name]
        }
        SearchExtent::WholeList { .. } => &[LookedUpBy::Serial, LookedUpBy::Name],
    };
    let near: Vec<cards::SimilarDevice<'_>> = nearest
        .iter()
        .map(|near| {
            let (text, other) = (Some(near.text.as_str()), near.other.as_deref());
            let (name, serial) = if near.is_serial { (other, text) } else { (text, other) };
            cards::SimilarDevice { name, serial }
        })
        .collect();
    Answer::of(ctx, &NotFoundDevice { reference: reference.as_str(), looked_up_by, near: &near })
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
        MatchedBy::Name => LookedUpBy::Name,
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
