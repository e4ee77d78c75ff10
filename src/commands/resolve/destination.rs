//! Resolves the workspace or person that gets a new device, or answers with a card to choose from: those that match, or
//! similar ones if none does.

use super::person::find_person;
use super::record::MatchedBy;
use super::search::{Resolution, SearchExtent};
use super::workspace::find_workspace;
use crate::cards::{self, Candidate, Choice, ChoiceRow, LookedUpBy, NotFound, Sought};
use crate::commands::context::CommandContext;
use crate::commands::failure::Failure;
use crate::commands::reply::{Answer, Buttons};
use crate::domain::{Actor, Count, OrgScope, PlaceFacts, Workspace, id};
use crate::grammar::{Command, PersonReference, ProvisionTarget, WorkspaceReference};
use crate::plan::{ButtonAction, ButtonRef, ShownRow};

/// The workspace with this id or name.
pub(crate) async fn workspace(
    ctx: &CommandContext<'_>,
    scope: &OrgScope,
    named: &WorkspaceReference,
) -> Result<Result<Workspace, Answer>, Failure> {
    let resolution = find_workspace(&ctx.services.admin, scope, named.as_str()).await;
    ctx.services.note_admin_credential(&resolution);
    let offered = match resolution? {
        Resolution::One(workspace) => return Ok(Ok(*workspace)),
        Resolution::Several { candidates, count, .. } => {
            (offers_of_workspaces(ctx, scope, candidates).await, Found::Several(count))
        }
        Resolution::None { similar, searched } => {
            let by: &[LookedUpBy] = match searched {
                SearchExtent::IdOnly => &[LookedUpBy::WorkspaceId],
                _ if id::is_certain(named.as_str()) => &[LookedUpBy::WorkspaceId, LookedUpBy::Name],
                _ => &[LookedUpBy::Name],
            };
            (offers_of_workspaces(ctx, scope, similar.records).await, Found::None(by))
        }
    };
    Ok(Err(answer(ctx, Sought::Workspace, named.as_str(), &offered.0, offered.1, None)))
}

/// The person with this email address or name.
pub(crate) async fn person(
    ctx: &CommandContext<'_>,
    scope: &OrgScope,
    named: &PersonReference,
) -> Result<Result<Actor, Answer>, Failure> {
    let resolution = find_person(&ctx.services.admin, scope, named.as_str()).await;
    ctx.services.note_admin_credential(&resolution);
    let (offers, found, part) = match resolution? {
        Resolution::One(person) => return Ok(Ok(person.record)),
        Resolution::Several { candidates, count, part } => {
            // The address that they share would lead to this choice again.
            let is_offered = candidates.iter().all(|candidate| candidate.by != MatchedBy::Email);
            let people = candidates.into_iter().take(cards::MOST_CANDIDATES);
            (
                people.map(|person| Offer::of_person(person.record, is_offered)).collect(),
                Found::Several(count),
                part,
            )
        }
        Resolution::None { similar, searched } => {
            let people = similar.records.into_iter();
            let by: &[LookedUpBy] =
                if named.as_email().is_some() { &[LookedUpBy::Email] } else { &[LookedUpBy::Name] };
            let part = match searched {
                SearchExtent::PartOfList { count } => Some(count),
                SearchExtent::IdOnly | SearchExtent::WholeList { .. } => None,
            };
            (people.map(|person| Offer::of_person(person, true)).collect::<Vec<_>>(), Found::None(by), part)
        }
    };
    Ok(Err(answer(ctx, Sought::Person, named.as_str(), &offers, found, part)))
}

/// A workspace or person on a card, and how a button names it.
struct Offer {
    what: Offered,
    /// None if it cannot be named exactly.
    target: Option<ProvisionTarget>,
}

impl Offered {
    /// The facts in its row.
    fn shown(&self) -> ShownRow {
        ShownRow::Place(Box::new(match self {
            Self::Workspace { workspace, .. } => {
                PlaceFacts { calling_type: None, ..PlaceFacts::of_workspace(workspace.clone(), "") }
            }
            Self::Person(person) => PlaceFacts::of_person(person.clone()),
        }))
    }
}

enum Offered {
    Workspace { workspace: Workspace, location_name: Option<String> },
    Person(Actor),
}

#[derive(Clone, Copy)]
enum Found {
    Several(Count),
    None(&'static [LookedUpBy]),
}

impl Offer {
    fn of_person(person: Actor, is_offered: bool) -> Self {
        let email = person.email.clone().filter(|_| is_offered);
        let target = email.map(|email| ProvisionTarget::Person(email.into()));
        Self { what: Offered::Person(person), target }
    }

    fn candidate(&self) -> Candidate<'_> {
        match &self.what {
            Offered::Workspace { workspace, location_name } => {
                Candidate::Workspace { workspace, location_name: location_name.as_deref() }
            }
            Offered::Person(person) => Candidate::Person(person),
        }
    }
}

/// As many of the workspaces as fit a card.
async fn offers_of_workspaces(
    ctx: &CommandContext<'_>,
    scope: &OrgScope,
    workspaces: Vec<Workspace>,
) -> Vec<Offer> {
    let mut offers = Vec::new();
    for workspace in workspaces.into_iter().take(cards::MOST_CANDIDATES) {
        let target = WorkspaceReference::parse(workspace.id.as_str()).ok().map(ProvisionTarget::Workspace);
        // The name is only for display.
        let location_name = match &workspace.location_id {
            Some(id) => ctx.services.names.location_name(scope, id).await.ok().map(|name| name.to_string()),
            None => None,
        };
        offers.push(Offer { what: Offered::Workspace { workspace, location_name }, target });
    }
    offers
}

/// The card with the offers, each with a button that repeats the command for it. `part` is how many records were
/// searched, if not all of them were.
fn answer(
    ctx: &CommandContext<'_>,
    sought: Sought,
    reference: &str,
    offers: &[Offer],
    found: Found,
    part: Option<usize>,
) -> Answer {
    let command = &ctx.record.accepted.command;
    let mut buttons = Buttons::new(ctx);
    let commands: Vec<Option<Command>> =
        offers.iter().map(|offer| with_target(command, offer.target.clone()?)).collect();
    let choose: Vec<Option<ButtonRef>> = commands
        .iter()
        .zip(offers)
        .map(|(command, offer)| {
            let shown = Some(offer.what.shown());
            let action = ButtonAction::Command { command: command.clone()?, shown };
            Some(buttons.for_the_requester(action, None))
        })
        .collect();
    let rows: Vec<ChoiceRow<'_>> = offers
        .iter()
        .zip(&choose)
        .map(|(offer, choose)| ChoiceRow {
            candidate: offer.candidate(),
            choose: choose.as_ref().map(ButtonRef::as_str),
        })
        .collect();
    let (now, only_among) = (ctx.now(), part.map(|count| count as u64));
    let answer = match found {
        Found::Several(count) => {
            let example = commands.first().cloned().flatten().map(|command| command.to_string());
            let choice = Choice {
                sought,
                reference,
                verb: command.name(),
                // The example is a whole line.
                rest: "",
                candidates: &rows,
                count,
                only_among,
                example: example.as_deref(),
                cancel: None,
                now,
            };
            Answer::of(ctx, &choice)
        }
        Found::None(by) => Answer::of(
            ctx,
            &NotFound { sought, reference, looked_up_by: by, similar: &rows, only_among, all: None, now },
        ),
    };
    answer.buttons(buttons)
}

/// The same command for another workspace or person.
fn with_target(command: &Command, target: ProvisionTarget) -> Option<Command> {
    let mut command = command.clone();
    match &mut command {
        Command::Activate { place, .. } | Command::AddDevice { place, .. } => *place = target,
        _ => return None,
    }
    Some(command)
}
