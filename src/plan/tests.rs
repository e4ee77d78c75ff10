//! Who presses what, when and where, and that only the requester's first press changes anything.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

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

/// What stands on this side, and that a press may change.
#[derive(Debug, Clone, PartialEq)]
struct Kept {
    plan: Plan,
    /// The Delete button, and one of another card.
    buttons: Vec<ButtonRecord>,
}

impl Kept {
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

    /// The press is judged as a delivery of one is, and what follows from it is written down.
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

/// How a case is called, what was done before the press, and the press.
type Case = (&'static str, fn(&mut Kept), Pressed);

fn cases() -> Vec<Case> {
    let nothing: fn(&mut Kept) = |_| ();
    let confirmed: fn(&mut Kept) = |kept| {
        assert!(matches!(kept.pressed(&ana(), &delete_pressed()), PressVerdict::Plan(_)));
    };
    let cancelled: fn(&mut Kept) = |kept| {
        let transition = kept.plan.decide(PlanDecision::Cancel, &ana().person_id, soon()).unwrap();
        kept.plan = kept.plan.after(&transition).unwrap();
    };
    let confirmed_in_words: fn(&mut Kept) = |kept| {
        let transition = kept.plan.decide(PlanDecision::Confirm, &ana().person_id, soon()).unwrap();
        kept.plan = kept.plan.after(&transition).unwrap();
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
            let mut kept = Kept::fresh();
            before(&mut kept);
            let as_it_was = kept.clone();
            let verdict = kept.pressed(&who, &pressed);
            let is_the_one = case == "first press" && who == ana();
            assert_eq!(kept != as_it_was, is_the_one, "{case}, {}", who.display_name);
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
fn a_card_whose_message_is_not_known_yet_is_asked_about_again() {
    let mut kept = Kept::fresh();
    kept.buttons[0].message_id = None;
    assert_eq!(kept.pressed(&ana(), &delete_pressed()), PressVerdict::NotYet);
    assert_eq!(kept.plan.state, PlanState::Proposed);
}

#[test]
fn the_button_of_a_plan_that_is_not_there_is_unknown() {
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
fn a_button_for_anybody_is_pressed_once_by_whoever_comes_first() {
    let show = ButtonAction::Command { command: Command::About };
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
    assert_eq!(judged(Presser::Anybody, "ben", false, late), refused(PlanRefusal::Expired { at: late }));
    assert_eq!(judged(Presser::Requester, "ana", false, soon()), taken);
    assert_eq!(judged(Presser::Requester, "ana", true, soon()), refused(PlanRefusal::AlreadyPressed));
    let not_yours = PlanRefusal::NotYours { requester: "ana".to_owned() };
    assert_eq!(judged(Presser::Requester, "ben", false, soon()), refused(not_yours));
}

#[test]
fn words_do_the_same_as_buttons_and_tell_no_stranger_that_there_is_such_a_plan() {
    let plan = a_plan();
    let judged = |by: &str, place: &str, admitted, plan: Option<&Plan>| {
        let (by, here) = (PersonId::parse(by).unwrap(), space(place));
        let decision = WrittenDecision { decision: PlanDecision::Cancel, by: &by, admitted, space_id: &here };
        judge_written(&decision, plan, soon()).map(|transition| transition.to())
    };
    assert_eq!(judged("ana", SPACE, Ok(()), Some(&plan)), Ok(PlanState::Cancelled));
    assert_eq!(judged("ana", "direct", Ok(()), Some(&plan)), Ok(PlanState::Cancelled));
    let not_yours = PlanRefusal::NotYours { requester: "ana".to_owned() };
    assert_eq!(judged("ben", SPACE, Ok(()), Some(&plan)), Err(not_yours));
    assert_eq!(judged("ben", "elsewhere", Ok(()), Some(&plan)), Err(PlanRefusal::Unknown));
    assert_eq!(judged("ana", SPACE, Ok(()), None), Err(PlanRefusal::Unknown));
    let denied = Denied::OtherOrganization;
    assert_eq!(judged("ana", SPACE, Err(denied), Some(&plan)), Err(PlanRefusal::NotAdmitted(denied)));
}

#[test]
fn the_last_moment_of_a_plan_is_the_one_before_it_expires() {
    let (plan, by) = (a_plan(), ana().person_id);
    let end = shown_at() + PLAN_LIFETIME;
    let before = end - SignedDuration::from_millis(1);
    assert_eq!(
        plan.decide(PlanDecision::Confirm, &by, before).map(|transition| transition.to()),
        Ok(PlanState::Confirmed)
    );
    assert_eq!((plan.on(PlanEvent::Expired, before), plan.state_at(before)), (None, PlanState::Proposed));
    for ask in [PlanDecision::Confirm, PlanDecision::Cancel] {
        assert_eq!(plan.decide(ask, &by, end), Err(PlanRefusal::Expired { at: end }));
    }
    let expired = plan.on(PlanEvent::Expired, end).unwrap();
    assert_eq!((expired.to(), plan.state_at(end)), (PlanState::Expired, PlanState::Expired));
}

#[test]
fn a_plan_that_was_changed_after_it_was_shown_is_not_as_shown() {
    let mut plan = a_plan();
    assert!(plan.is_as_shown());
    let Task::DeleteDevice { facts, .. } = &mut plan.task else { unreachable!("it deletes") };
    facts.serial = Some("FOC0000ZZZZ".to_owned());
    assert!(!plan.is_as_shown());
}

/// What may come over a plan, in any order and at any time.
#[derive(Debug, Clone)]
enum Happening {
    Asked(PlanDecision, &'static str),
    On(PlanEvent),
    Pressed(&'static str),
    /// A transition that was judged earlier, by another process, and is only now written down.
    Late(usize),
    TimePassed(i64),
}

fn happening() -> impl Strategy<Value = Happening> {
    let who = proptest::sample::select(vec!["ana", "ana", "ben"]);
    let ask = proptest::sample::select(vec![PlanDecision::Confirm, PlanDecision::Cancel]);
    let event = proptest::sample::select(vec![PlanEvent::Expired, PlanEvent::Started, PlanEvent::Ended]);
    prop_oneof![
        3 => (ask, who.clone()).prop_map(|(ask, who)| Happening::Asked(ask, who)),
        4 => event.prop_map(Happening::On),
        3 => who.prop_map(Happening::Pressed),
        2 => (0..8usize).prop_map(Happening::Late),
        1 => (0..600i64).prop_map(Happening::TimePassed),
    ]
}

proptest! {
    #[test]
    fn a_plan_runs_only_after_one_confirmation_of_its_requester_in_time_and_never_twice(
        happenings in proptest::collection::vec(happening(), 0..40)
    ) {
        let mut kept = Kept::fresh();
        let mut now = shown_at();
        let (mut confirmed, mut run, mut judged) = (Vec::new(), 0, Vec::new());
        for happening in happenings {
            let before = kept.plan.state;
            let mut by = None;
            let transition = match happening {
                Happening::Asked(ask, who) => {
                    by = Some(who);
                    kept.plan.decide(ask, &PersonId::parse(who).unwrap(), now).ok()
                }
                Happening::On(event) => kept.plan.on(event, now),
                Happening::Pressed(who) => {
                    by = Some(who);
                    let at = Pressed { at: now, ..delete_pressed() };
                    match kept.clone().pressed(&actor(who, "acme", false), &at) {
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
            let Some(after) = kept.plan.after(&transition) else { continue };
            kept.plan = after;
            match (before, kept.plan.state) {
                (PlanState::Proposed, PlanState::Confirmed) => confirmed.push(by),
                (PlanState::Confirmed, PlanState::Running) => run += 1,
                (PlanState::Proposed, PlanState::Cancelled | PlanState::Expired)
                | (PlanState::Confirmed | PlanState::Running, PlanState::Done) => {}
                other => prop_assert!(false, "{:?}", other),
            }
        }
        prop_assert!(confirmed.len() <= 1 && confirmed.iter().all(|by| *by == Some("ana")));
        prop_assert!(run <= confirmed.len());
        let ends = matches!(kept.plan.state, PlanState::Running | PlanState::Done);
        prop_assert!(!ends || confirmed.len() == 1);
    }

    #[test]
    fn nobody_confirms_after_the_time_is_over_or_for_another(
        seconds in 0..3600i64, state in proptest::sample::select(PlanState::ALL.to_vec()), who in "ana|ben"
    ) {
        let plan = Plan { state, ..a_plan() };
        let now = shown_at() + SignedDuration::from_secs(seconds);
        let asked = plan.decide(PlanDecision::Confirm, &PersonId::parse(&who).unwrap(), now);
        let may = state == PlanState::Proposed && seconds < 15 * 60 && who == "ana";
        prop_assert_eq!(asked.is_ok(), may);
    }
}
