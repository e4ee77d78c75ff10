//! Proposing a plan: what would be done stands on a card, and happens only when its requester says so.

use crate::cards::{Proposal, Provision, ProvisionProposal, TagProposal};
use crate::commands::reply::{Answer, Buttons};
use crate::commands::resolve::Candidate;
use crate::commands::resolve::choose::{found_by, in_place};
use crate::commands::services::Services;
use crate::domain::audit::AuditEvent;
use crate::domain::{DeviceFacts, OrgScope, PlanCode};
use crate::filter::Filter;
use crate::grammar::{Reason, Tag, TagChange};
use crate::plan::{ButtonAction, NamedDevice, Plan, Task};
use crate::store::CommandRecord;

/// Asks whether this device is to be deleted.
pub(crate) async fn deletion(
    services: &Services,
    record: &CommandRecord,
    scope: &OrgScope,
    candidate: &Candidate,
    reason: Option<&Reason>,
) -> Answer {
    let around = services.surroundings(scope, &candidate.device).await;
    let facts = DeviceFacts {
        workspace_name: around.workspace.clone(),
        owner_name: around.person.clone(),
        ..DeviceFacts::of(&candidate.device)
    };
    let task = Task::DeleteDevice { facts: Box::new(facts), reason: reason.cloned() };
    let plan = plan_of(services, record, scope, task);
    let mut buttons = Buttons::on_the_answer_to(record, plan.created_at);
    let until = Some(plan.expires_at);
    let delete = buttons.for_the_requester(ButtonAction::Confirm { plan: plan.code }, until);
    let cancel = buttons.for_the_requester(ButtonAction::Cancel { plan: plan.code }, until);
    let view = Proposal {
        device: in_place(&candidate.device, &around),
        found_by: found_by(candidate.by),
        actor: &record.accepted.actor,
        reason: reason.map(Reason::as_str),
        code: &plan.code.to_string(),
        until: plan.expires_at,
        delete: delete.as_str(),
        cancel: cancel.as_str(),
        now: plan.created_at,
    };
    Answer::of(&view).with(buttons).audit(proposed(&plan)).proposing(plan)
}

/// Asks whether this is to be done, with all that changes along with it.
pub(crate) fn provision(
    services: &Services,
    record: &CommandRecord,
    scope: &OrgScope,
    provision: Provision<'_>,
) -> Answer {
    let task = Task::Run { command: record.accepted.command.clone() };
    let plan = plan_of(services, record, scope, task);
    let mut buttons = Buttons::on_the_answer_to(record, plan.created_at);
    let until = Some(plan.expires_at);
    let confirm = buttons.for_the_requester(ButtonAction::Confirm { plan: plan.code }, until);
    let cancel = buttons.for_the_requester(ButtonAction::Cancel { plan: plan.code }, until);
    let view = ProvisionProposal {
        provision,
        code: &plan.code.to_string(),
        until: plan.expires_at,
        confirm: confirm.as_str(),
        cancel: cancel.as_str(),
        now: plan.created_at,
    };
    Answer::of(&view).with(buttons).audit(proposed(&plan)).proposing(plan)
}

/// A change of the tags of many devices.
#[derive(Debug)]
pub(crate) struct Tagging<'a> {
    pub(crate) filter: &'a Filter,
    pub(crate) devices: Vec<NamedDevice>,
    pub(crate) change: &'a TagChange,
    /// Records of Webex's that could not be read.
    pub(crate) unreadable: usize,
}

/// Asks whether the tags of many devices are to be changed.
pub(crate) fn tags(
    services: &Services,
    record: &CommandRecord,
    scope: &OrgScope,
    tagging: &Tagging<'_>,
) -> Answer {
    let names: Vec<Option<&str>> = tagging.devices.iter().map(|device| device.name.as_deref()).collect();
    let ((add, remove), filter) = (tags_of(tagging.change), tagging.filter.to_string());
    let task = Task::TagDevices {
        filter: tagging.filter.clone(),
        devices: tagging.devices.clone(),
        change: tagging.change.clone(),
    };
    let plan = plan_of(services, record, scope, task);
    let mut buttons = Buttons::on_the_answer_to(record, plan.created_at);
    let until = Some(plan.expires_at);
    let confirm = buttons.for_the_requester(ButtonAction::Confirm { plan: plan.code }, until);
    let cancel = buttons.for_the_requester(ButtonAction::Cancel { plan: plan.code }, until);
    let view = TagProposal {
        filter: &filter,
        add: &add,
        remove: &remove,
        names: &names,
        total: names.len() as u64,
        unreadable: tagging.unreadable as u64,
        actor: &record.accepted.actor,
        code: &plan.code.to_string(),
        until: plan.expires_at,
        confirm: confirm.as_str(),
        cancel: cancel.as_str(),
        now: plan.created_at,
    };
    Answer::of(&view).with(buttons).audit(proposed(&plan)).proposing(plan)
}

/// The tags that are added and those that are removed, as the cards take them.
pub(crate) fn tags_of(change: &TagChange) -> (Vec<String>, Vec<String>) {
    let texts = |tags: &[Tag]| tags.iter().map(|tag| tag.as_str().to_owned()).collect();
    (texts(change.add()), texts(change.remove()))
}

fn plan_of(services: &Services, record: &CommandRecord, scope: &OrgScope, task: Task) -> Plan {
    let accepted = &record.accepted;
    let org = match scope {
        OrgScope::Default => None,
        OrgScope::Org(id) => Some(id.clone()),
    };
    let code = PlanCode::from_random(rand::random());
    Plan::proposed(code, accepted.actor.clone(), accepted.thread.clone(), org, task, services.clock.now())
}

fn proposed(plan: &Plan) -> AuditEvent {
    AuditEvent::PlanProposed {
        code: plan.code,
        hash: plan.hash.to_string(),
        device_id: plan.facts().map(|facts| facts.id.clone()),
    }
}
