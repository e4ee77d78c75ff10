//! Only the first press of the requester, on the posted card and in time, changes anything.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::machine::PLAN_LIFETIME;
use super::*;
use crate::domain::fixtures::a_device;
use crate::domain::{Actor, DeviceFacts, MessageId, OrgId, PersonId, PlanCode, SpaceId, Thread};
use crate::grammar::Command;
use crate::policy::{Denied, Policy};

const CARD: &str = "the-card";
const SPACE: &str = "the-space";

fn shown_at() -> Timestamp {
    "2026-04-02T08:15:30Z".parse().unwrap()
}

fn soon() -> Timestamp {
    shown_at() + SignedDuration::from_secs(20)
}

fn actor(person: &str, org: &str, is_machine: bool) -> Actor {
    Actor {
        person_id: PersonId::parse(person).unwrap(),
        org_id: OrgId::parse(org).ok(),
        email: None,
        display_name: person.to_owned(),
        is_machine,
    }
}

fn ana() -> Actor {
    actor("ana", "acme", false)
}

fn code() -> PlanCode {
    PlanCode::parse("K7Q2-M9").unwrap()
}

fn space(id: &str) -> SpaceId {
    SpaceId::parse(id).unwrap()
}

fn message(id: &str) -> MessageId {
    MessageId::parse(id).unwrap()
}

fn a_plan() -> Plan {
    let thread = Thread { space_id: space(SPACE), root_id: message("the-command") };
    let task = Task::DeleteDevice { facts: Box::new(DeviceFacts::of(&a_device())), reason: None };
    Plan::proposed(code(), ana(), thread, None, task, shown_at())
}

fn a_button(action: ButtonAction, presser: Presser) -> ButtonRecord {
    ButtonRecord {
        hash: ButtonRef::from_random([7; 16]).hash(),
        expires_at: if action.plan().is_some() {
            shown_at() + PLAN_LIFETIME
        } else {
            shown_at() + BUTTON_LIFETIME
        },
        action,
        presser,
        requester: ana(),
        space_id: space(SPACE),
        parent_id: None,
        message_id: Some(message(CARD)),
        used: None,
    }
}

fn confirm() -> ButtonRecord {
    a_button(ButtonAction::Confirm { plan: code() }, Presser::Requester)
}

/// The stored state that a press can change.
#[derive(Debug, Clone, PartialEq)]
struct StoredPlan {
    plan: Plan,
    /// The Delete button, and one of another card.
    buttons: Vec<ButtonRecord>,
}

impl StoredPlan {
    fn fresh() -> Self {
        let other = ButtonRecord {
            hash: ButtonRef::from_random([9; 16]).hash(),
            message_id: Some(message("another-card")),
            ..a_button(
                ButtonAction::Confirm { plan: PlanCode::parse("ZZZZ-ZZ").unwrap() },
                Presser::Requester,
            )
        };
        Self { plan: a_plan(), buttons: vec![confirm(), other] }
    }

    /// Judges a press like intake does, and records the effect.
    fn pressed(&mut self, by: &Actor, pressed: &Pressed) -> PressVerdict {
        let policy = Policy::new(
            ["ana", "ben"].map(|id| PersonId::parse(id).unwrap()),
            [OrgId::parse("acme").unwrap()],
        );
        let (space_id, message_id) = (space(pressed.space), message(pressed.message));
        let press = ButtonPress {
            by: &by.person_id,
            admitted: policy.admits(by),
            space_id: &space_id,
            message_id: &message_id,
        };
        let reference = ButtonRef::in_inputs(&pressed.inputs).ok();
        let known = |button: &&ButtonRecord| reference.as_ref().is_some_and(|r| r.hash() == button.hash);
        let button = self.buttons.iter().find(known).cloned();
        let plan = Some(&self.plan);
        let verdict = judge_press(&press, button.as_ref(), plan, pressed.at);
        if let PressVerdict::Plan(transition) = &verdict {
            self.plan = self.plan.after(transition).unwrap();
            let used = self.buttons.iter_mut().find(|b| b.hash == button.as_ref().unwrap().hash).unwrap();
            used.used = Some(ButtonUse { at: pressed.at, by: by.person_id.clone() });
        }
        verdict
    }
}

#[derive(Debug, Clone)]
struct Pressed {
    space: &'static str,
    message: &'static str,
    inputs: serde_json::Value,
    at: Timestamp,
}

fn delete_pressed() -> Pressed {
    let inputs = serde_json::json!({ "ref": ButtonRef::from_random([7; 16]).as_str() });
    Pressed { space: SPACE, message: CARD, inputs, at: soon() }
}

/// The name of a case, an action before the press, and the press.
type Case = (&'static str, fn(&mut StoredPlan), Pressed);

fn cases() -> Vec<Case> {
    let nothing: fn(&mut StoredPlan) = |_| ();
    let confirmed: fn(&mut StoredPlan) = |stored| {
        assert!(matches!(stored.pressed(&ana(), &delete_pressed()), PressVerdict::Plan(_)));
    };
    let cancelled: fn(&mut StoredPlan) = |stored| {
        let transition = stored.plan.decide(PlanDecision::Cancel, &ana().person_id, soon()).unwrap();
        stored.plan = stored.plan.after(&transition).unwrap();
    };
    let confirmed_in_words: fn(&mut StoredPlan) = |stored| {
        let transition = stored.plan.decide(PlanDecision::Confirm, &ana().person_id, soon()).unwrap();
        stored.plan = stored.plan.after(&transition).unwrap();
    };
    let forged = |inputs: serde_json::Value| Pressed { inputs, ..delete_pressed() };
    let reference = ButtonRef::from_random([7; 16]).as_str().to_owned();
    let other = ButtonRef::from_random([9; 16]).as_str().to_owned();
    vec![
        ("first press", nothing, delete_pressed()),
        ("second press", confirmed, delete_pressed()),
        ("after words", confirmed_in_words, delete_pressed()),
        ("after expiry", nothing, Pressed { at: shown_at() + PLAN_LIFETIME, ..delete_pressed() }),
        ("after cancel", cancelled, delete_pressed()),
        (
            "copied to another space",
            nothing,
            Pressed { space: "elsewhere", message: "copy", ..delete_pressed() },
        ),
        ("copied in its space", nothing, Pressed { message: "copy", ..delete_pressed() }),
        ("same message id, other space", nothing, Pressed { space: "elsewhere", ..delete_pressed() }),
        ("ref of another plan", nothing, forged(serde_json::json!({ "ref": other }))),
        ("no ref", nothing, forged(serde_json::json!({ "plan": "K7Q2-M9", "action": "confirm" }))),
        ("ref is a number", nothing, forged(serde_json::json!({ "ref": 7 }))),
        ("ref is an array", nothing, forged(serde_json::json!({ "ref": [reference] }))),
        ("ref is huge", nothing, forged(serde_json::json!({ "ref": "0".repeat(1 << 20) }))),
        ("inputs are no object", nothing, forged(serde_json::json!([reference]))),
        ("guessed ref", nothing, forged(serde_json::json!({ "ref": "0".repeat(32) }))),
    ]
}

#[test]
fn states_and_pressers_keep_their_stored_names() {
    for (state, name) in [
        (PlanState::Proposed, "proposed"),
        (PlanState::Confirmed, "confirmed"),
        (PlanState::Running, "running"),
        (PlanState::Done, "done"),
        (PlanState::Cancelled, "cancelled"),
        (PlanState::Expired, "expired"),
    ] {
        assert_eq!((state.as_str(), PlanState::from_stored(name)), (name, Some(state)));
    }
    for (presser, name) in [(Presser::Requester, "requester"), (Presser::Anybody, "anybody")] {
        assert_eq!((presser.as_str(), Presser::from_stored(name)), (name, Some(presser)));
    }
    assert_eq!((PlanState::from_stored("Proposed"), Presser::from_stored("")), (None, None));
}

#[test]
fn only_the_first_press_of_the_requester_changes_anything() {
    let mut answers = Vec::new();
    for (case, before, pressed) in cases() {
        let everybody = [
            ana(),
            actor("ben", "acme", false),
            actor("cleo", "acme", false),
            actor("oskar", "partner", false),
            actor("robot", "acme", true),
        ];
        let answered = everybody.map(|who| {
            let mut stored = StoredPlan::fresh();
            before(&mut stored);
            let as_it_was = stored.clone();
            let verdict = stored.pressed(&who, &pressed);
            let is_the_one = case == "first press" && who == ana();
            assert_eq!(stored != as_it_was, is_the_one, "{case}, {}", who.display_name);
            match verdict {
                PressVerdict::Plan(transition) => transition.to().as_str(),
                PressVerdict::Refused(refused) => refused.as_str(),
                other => panic!("{case}: {other:?}"),
            }
        });
        answers.push(format!("{case}: {}", answered.join(", ")));
    }
    insta::assert_snapshot!(answers.join("\n"), @r"
    first press: confirmed, not yours, not yours, other organization, not a human
    second press: already confirmed, not yours, not yours, other organization, not a human
    after words: already confirmed, not yours, not yours, other organization, not a human
    after expiry: expired, not yours, not yours, other organization, not a human
    after cancel: cancelled, not yours, not yours, other organization, not a human
    copied to another space: elsewhere, elsewhere, elsewhere, other organization, not a human
    copied in its space: elsewhere, elsewhere, elsewhere, other organization, not a human
    same message id, other space: elsewhere, elsewhere, elsewhere, other organization, not a human
    ref of another plan: elsewhere, elsewhere, elsewhere, other organization, not a human
    no ref: unknown, unknown, unknown, other organization, not a human
    ref is a number: unknown, unknown, unknown, other organization, not a human
    ref is an array: unknown, unknown, unknown, other organization, not a human
    ref is huge: unknown, unknown, unknown, other organization, not a human
    inputs are no object: unknown, unknown, unknown, other organization, not a human
    guessed ref: unknown, unknown, unknown, other organization, not a human
    ");
}

#[test]
fn a_press_before_the_card_is_recorded_is_judged_again() {
    let mut stored = StoredPlan::fresh();
    stored.buttons[0].message_id = None;
    assert_eq!(stored.pressed(&ana(), &delete_pressed()), PressVerdict::NotYet);
    assert_eq!(stored.plan.state, PlanState::Proposed);
}

#[test]
fn a_button_of_a_missing_plan_is_unknown() {
    let (card, here) = (message(CARD), space(SPACE));
    let press = ButtonPress { by: &ana().person_id, admitted: Ok(()), space_id: &here, message_id: &card };
    let other = Plan { code: PlanCode::parse("ZZZZ-ZZ").unwrap(), ..a_plan() };
    for plan in [None, Some(&other)] {
        assert_eq!(
            judge_press(&press, Some(&confirm()), plan, soon()),
            PressVerdict::Refused(PlanRefusal::Unknown)
        );
    }
}

#[test]
fn a_button_for_anybody_counts_only_once() {
    let show = ButtonAction::command(Command::About);
    let (card, here) = (message(CARD), space(SPACE));
    let judged = |presser, by: &str, used: bool, at| {
        let by = PersonId::parse(by).unwrap();
        let used = used.then(|| ButtonUse { at: soon(), by: by.clone() });
        let button = ButtonRecord { used, ..a_button(show.clone(), presser) };
        let press = ButtonPress { by: &by, admitted: Ok(()), space_id: &here, message_id: &card };
        judge_press(&press, Some(&button), None, at)
    };
    let refused = PressVerdict::Refused;
    let late = shown_at() + BUTTON_LIFETIME;
    let taken = PressVerdict::Command(Command::About);
    assert_eq!(judged(Presser::Anybody, "ana", false, soon()), taken);
    assert_eq!(judged(Presser::Anybody, "ben", false, soon()), taken);
    assert_eq!(judged(Presser::Anybody, "ben", true, soon()), refused(PlanRefusal::AlreadyPressed));
    assert_eq!(judged(Presser::Anybody, "ben", false, late), refused(PlanRefusal::Expired));
    assert_eq!(judged(Presser::Requester, "ana", false, soon()), taken);
    assert_eq!(judged(Presser::Requester, "ana", true, soon()), refused(PlanRefusal::AlreadyPressed));
    let not_yours = PlanRefusal::NotYours;
    assert_eq!(judged(Presser::Requester, "ben", false, soon()), refused(not_yours));
}

#[test]
fn words_decide_like_buttons_and_hide_the_plan_from_strangers() {
    let plan = a_plan();
    let judged = |by: &str, place: &str, admitted, plan: Option<&Plan>| {
        let (by, here) = (PersonId::parse(by).unwrap(), space(place));
        let decision = WrittenDecision { decision: PlanDecision::Cancel, by: &by, admitted, space_id: &here };
        judge_written(&decision, plan, soon()).map(PlanTransition::to)
    };
    assert_eq!(judged("ana", SPACE, Ok(()), Some(&plan)), Ok(PlanState::Cancelled));
    assert_eq!(judged("ana", "direct", Ok(()), Some(&plan)), Ok(PlanState::Cancelled));
    let not_yours = PlanRefusal::NotYours;
    assert_eq!(judged("ben", SPACE, Ok(()), Some(&plan)), Err(not_yours));
    assert_eq!(judged("ben", "elsewhere", Ok(()), Some(&plan)), Err(PlanRefusal::Unknown));
    assert_eq!(judged("ana", SPACE, Ok(()), None), Err(PlanRefusal::Unknown));
    let denied = Denied::OtherOrganization;
    assert_eq!(judged("ana", SPACE, Err(denied), Some(&plan)), Err(PlanRefusal::NotAdmitted(denied)));
}

#[test]
fn a_plan_can_be_decided_until_just_before_it_expires() {
    let (plan, by) = (a_plan(), ana().person_id);
    let end = shown_at() + PLAN_LIFETIME;
    let before = end - SignedDuration::from_millis(1);
    assert_eq!(
        plan.decide(PlanDecision::Confirm, &by, before).map(PlanTransition::to),
        Ok(PlanState::Confirmed)
    );
    assert_eq!((plan.on(PlanEvent::Expired, before), plan.state_at(before)), (None, PlanState::Proposed));
    for decision in [PlanDecision::Confirm, PlanDecision::Cancel] {
        assert_eq!(plan.decide(decision, &by, end), Err(PlanRefusal::Expired));
    }
    let expired = plan.on(PlanEvent::Expired, end).unwrap();
    assert_eq!((expired.to(), plan.state_at(end)), (PlanState::Expired, PlanState::Expired));
}

#[test]
fn a_changed_plan_is_no_longer_as_shown() {
    let mut plan = a_plan();
    assert!(plan.is_as_shown());
    let Task::DeleteDevice { facts, .. } = &mut plan.task else { unreachable!("it deletes") };
    facts.serial = Some("FOC0000ZZZZ".to_owned());
    assert!(!plan.is_as_shown());
}

/// Anything that can happen to a plan, in any order and at any time.
#[derive(Debug, Clone)]
enum Happening {
    Decided(PlanDecision, &'static str),
    On(PlanEvent),
    Pressed(&'static str),
    /// A transition that was judged earlier by another process and is recorded only now.
    Late(usize),
    TimePassed(i64),
}

fn happening() -> impl Strategy<Value = Happening> {
    let who = proptest::sample::select(vec!["ana", "ana", "ben"]);
    let decision = proptest::sample::select(vec![PlanDecision::Confirm, PlanDecision::Cancel]);
    let event = proptest::sample::select(vec![PlanEvent::Expired, PlanEvent::Started, PlanEvent::Ended]);
    prop_oneof![
        3 => (decision, who.clone()).prop_map(|(decision, who)| Happening::Decided(decision, who)),
        4 => event.prop_map(Happening::On),
        3 => who.prop_map(Happening::Pressed),
        2 => (0..8usize).prop_map(Happening::Late),
        1 => (0..600i64).prop_map(Happening::TimePassed),
    ]
}

proptest! {
    #[test]
    fn a_plan_runs_once_and_only_after_a_timely_confirmation_by_its_requester(
        happenings in proptest::collection::vec(happening(), 0..40)
    ) {
        let mut stored = StoredPlan::fresh();
        let mut now = shown_at();
        let (mut confirmed, mut run, mut judged) = (Vec::new(), 0, Vec::new());
        for happening in happenings {
            let before = stored.plan.state;
            let mut by = None;
            let transition = match happening {
                Happening::Decided(decision, who) => {
                    by = Some(who);
                    stored.plan.decide(decision, &PersonId::parse(who).unwrap(), now).ok()
                }
                Happening::On(event) => stored.plan.on(event, now),
                Happening::Pressed(who) => {
                    by = Some(who);
                    let at = Pressed { at: now, ..delete_pressed() };
                    match stored.clone().pressed(&actor(who, "acme", false), &at) {
                        PressVerdict::Plan(transition) => Some(transition),
                        _ => None,
                    }
                }
                Happening::Late(which) => {
                    judged.get(which).copied().map(|(transition, who)| { by = who; transition })
                }
                Happening::TimePassed(seconds) => {
                    now += SignedDuration::from_secs(seconds);
                    None
                }
            };
            let Some(transition) = transition else { continue };
            judged.push((transition, by));
            let Some(after) = stored.plan.after(&transition) else { continue };
            stored.plan = after;
            match (before, stored.plan.state) {
                (PlanState::Proposed, PlanState::Confirmed) => confirmed.push(by),
                (PlanState::Confirmed, PlanState::Running) => run += 1,
                (PlanState::Proposed, PlanState::Cancelled | PlanState::Expired)
                | (PlanState::Confirmed | PlanState::Running, PlanState::Done) => {}
                other => prop_assert!(false, "{:?}", other),
            }
        }
        prop_assert!(confirmed.len() <= 1 && confirmed.iter().all(|by| *by == Some("ana")));
        prop_assert!(run <= confirmed.len());
        let ends = matches!(stored.plan.state, PlanState::Running | PlanState::Done);
        prop_assert!(!ends || confirmed.len() == 1);
    }

    #[test]
    fn only_the_requester_confirms_and_only_in_time(
        seconds in 0..3600i64, state in proptest::sample::select(<PlanState as strum::VariantArray>::VARIANTS), who in "ana|ben"
    ) {
        let plan = Plan { state, ..a_plan() };
        let now = shown_at() + SignedDuration::from_secs(seconds);
        let asked = plan.decide(PlanDecision::Confirm, &PersonId::parse(&who).unwrap(), now);
        let may = state == PlanState::Proposed && seconds < 15 * 60 && who == "ana";
        prop_assert_eq!(asked.is_ok(), may);
    }
}
