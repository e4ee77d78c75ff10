//! Plans and buttons in the store, on both databases: one card each, and one change each, even with concurrent steps.

use jiff::{SignedDuration, Timestamp};
use steward::domain::audit::{AuditEntry, AuditEvent};
use steward::domain::{
    Actor, DeviceFacts, DeviceId, MessageId, OrgId, PersonId, PlanCode, SpaceId, Thread, WorkspaceId,
};
use steward::grammar::{Command, Reason};
use steward::plan::{ButtonAction, ButtonRef, Plan, PlanDecision, PlanState, PlanTransition, Presser, Task};
use steward::store::{
    CommandId, DeliveryKey, End, LeasedJob, NewButton, NewCommand, NewDelivery, NewMessage, OutgoingId,
    Owner, Recorded, Step, Store, StoreError,
};
use tempfile::TempDir;

use crate::postgres;

/// A store, with the directory of its file.
struct TestStore {
    store: Store,
    file: Option<TempDir>,
}

async fn test_stores() -> Vec<TestStore> {
    let directory = TempDir::new().unwrap();
    let address = format!("sqlite://{}", directory.path().join("steward.db").display());
    let mut test_stores =
        vec![TestStore { store: Store::open(&address).await.unwrap(), file: Some(directory) }];
    if let Some(server) = postgres::server() {
        let address = postgres::new_database(&server).await;
        test_stores.push(TestStore { store: Store::open(&address).await.unwrap(), file: None });
    }
    test_stores
}

fn now() -> Timestamp {
    "2026-04-02T08:15:30Z".parse().unwrap()
}

fn owner() -> Owner {
    Owner::named("one".to_owned())
}

fn ana() -> Actor {
    Actor {
        person_id: PersonId::parse("ana").unwrap(),
        org_id: OrgId::parse("acme").ok(),
        email: None,
        display_name: "Ana".to_owned(),
        is_machine: false,
    }
}

fn thread() -> Thread {
    Thread { space_id: SpaceId::parse("space").unwrap(), root_id: MessageId::parse("root").unwrap() }
}

fn a_plan(code: &str) -> Plan {
    let facts = DeviceFacts {
        id: DeviceId::parse("11111111-2222-3333-4444-555555555555").unwrap(),
        name: Some("会议室 4 \u{1f4de}".to_owned()),
        product: Some("Cisco Room Bar Pro".to_owned()),
        kind: None,
        serial: Some("FOC2345ABCD".to_owned()),
        mac: Some("11:22:33:44:AA:FF".to_owned()),
        workspace_id: WorkspaceId::parse("workspace-4").ok(),
        workspace_name: Some("'; DROP TABLE plans; --".to_owned()),
        owner_id: None,
        owner_name: None,
        org_id: None,
    };
    let task = Task::DeleteDevice { facts: Box::new(facts), reason: Reason::parse("moved").ok() };
    let code = PlanCode::parse(code).unwrap();
    let plan = Plan::proposed(code, ana(), thread(), OrgId::parse("partner").ok(), task, now());
    Plan { credential: Some("person ana of acme".to_owned()), ..plan }
}

fn reference(number: u8) -> ButtonRef {
    ButtonRef::from_random([number; 16])
}

fn card_of(plan: &Plan) -> NewMessage {
    NewMessage {
        id: OutgoingId::from_stored(&format!("{}#card", plan.code)),
        space_id: plan.thread.space_id.clone(),
        parent_id: Some(plan.thread.root_id.clone()),
        text: "Delete it?".to_owned(),
        card: None,
        at: now(),
    }
}

fn button_of(plan: &Plan, number: u8, action: ButtonAction) -> NewButton {
    NewButton {
        hash: reference(number).hash(),
        card: card_of(plan).id,
        action,
        presser: Presser::Requester,
        requester: ana(),
        expires_at: plan.expires_at,
    }
}

/// Claims a job, as created by a delivery.
async fn a_job(store: &Store, id: &str) -> LeasedJob {
    let key = DeliveryKey::event("attachmentActions", "created", id);
    let new = NewDelivery { key, body: b"{}".to_vec(), at: now(), lease_to: Some(owner()) };
    match store.record_delivery(new).await.unwrap() {
        Recorded::Leased(claimed) => *claimed,
        other => panic!("{other:?}"),
    }
}

fn step_that_shows(plan: &Plan) -> Step {
    Step::new(now(), End::Done).propose(plan.clone()).post(card_of(plan)).buttons([
        button_of(plan, 1, ButtonAction::Confirm { plan: plan.code }),
        button_of(plan, 2, ButtonAction::Cancel { plan: plan.code }),
    ])
}

/// Shows a plan. Returns the job that posts its card.
async fn show(store: &Store, plan: &Plan) -> LeasedJob {
    let job = a_job(store, &format!("shows-{}", plan.code)).await;
    store.record(&job, step_that_shows(plan)).await.unwrap().unwrap()
}

fn confirmed(plan: &Plan) -> PlanTransition {
    plan.decide(PlanDecision::Confirm, &plan.requester.person_id, now()).unwrap()
}

/// The stored effects of a press that counts.
fn step_that_confirms(plan: &Plan, press: &str) -> Step {
    let event = AuditEvent::PlanConfirmed { code: plan.code, hash: plan.hash.to_string(), device_id: None };
    Step::new(now(), End::Done)
        .use_button(&reference(1).hash(), &plan.requester.person_id)
        .move_plan(confirmed(plan))
        .audit(AuditEntry::new(now(), event))
        .accept(NewCommand {
            id: CommandId::from_stored(&format!("press:{press}")),
            thread: thread(),
            message_id: MessageId::parse("card").unwrap(),
            actor: ana(),
            command: Command::About,
            shown: None,
            decided_at: now(),
            accepted_at: now(),
        })
}

#[tokio::test]
async fn a_shown_plan_is_stored_with_its_buttons_and_card() {
    for TestStore { store, .. } in test_stores().await {
        let plan = a_plan("K7Q2-M9");
        let posts = show(&store, &plan).await;
        assert_eq!(store.plan(plan.code).await.unwrap(), Some(plan.clone()));
        assert_eq!(store.plan(PlanCode::parse("ZZZZ-ZZ").unwrap()).await.unwrap(), None);
        let button = store.button(&reference(2)).await.unwrap().unwrap();
        assert_eq!(button.action, ButtonAction::Cancel { plan: plan.code });
        assert_eq!((button.message_id, button.used, button.requester), (None, None, ana()));
        assert_eq!(store.button(&reference(3)).await.unwrap(), None);
        assert!(store.cards_of(plan.code).await.unwrap().is_empty());

        let card = MessageId::parse("the-card").unwrap();
        let posted = Step::new(now(), End::Done).posted(&card_of(&plan).id, card.clone());
        store.record(&posts, posted).await.unwrap();
        let button = store.button(&reference(2)).await.unwrap().unwrap();
        assert_eq!((button.space_id, button.message_id), (thread().space_id, Some(card.clone())));
        assert_eq!(store.cards_of(plan.code).await.unwrap(), [card]);
        store.close().await;
    }
}

#[tokio::test]
async fn one_of_many_concurrent_presses_counts() {
    for TestStore { store, .. } in test_stores().await {
        let plan = a_plan("K7Q2-M9");
        show(&store, &plan).await;
        let mut presses = tokio::task::JoinSet::new();
        for press in 0..12 {
            let job = a_job(&store, &format!("press-{press}")).await;
            let (store, plan) = (store.clone(), plan.clone());
            presses.spawn(async move {
                let step = step_that_confirms(&plan, &press.to_string());
                let answer = store.record(&job, step).await;
                // The loser still holds its job, and gives the short answer.
                if let Err(error) = &answer {
                    assert!(error.is_conflict(), "{error}");
                    let why = AuditEvent::PressRefused {
                        why: "already confirmed".to_owned(),
                        plan: Some(plan.code),
                    };
                    let step = Step::new(now(), End::Done).audit(AuditEntry::new(now(), why));
                    store.record(&job, step).await.unwrap();
                }
                answer.is_ok()
            });
        }
        let counted = presses.join_all().await;
        assert_eq!(counted.iter().filter(|counted| **counted).count(), 1);
        assert_eq!(store.plan(plan.code).await.unwrap().unwrap().state, PlanState::Confirmed);
        let used = store.button(&reference(1)).await.unwrap().unwrap().used.unwrap();
        assert_eq!((used.at, used.by), (now(), ana().person_id));
        let names: Vec<_> = store.audit_entries(100).await.unwrap().iter().map(|e| e.event.name()).collect();
        assert_eq!(names.iter().filter(|name| **name == "plan_confirmed").count(), 1);
        assert_eq!(names.iter().filter(|name| **name == "press_refused").count(), 11);
        let mut commands = 0;
        for press in 0..12 {
            let id = CommandId::from_stored(&format!("press:{press}"));
            commands += usize::from(store.command(&id).await.is_ok());
        }
        assert_eq!(commands, 1);
        store.close().await;
    }
}

#[tokio::test]
async fn an_outdated_step_leaves_nothing_behind() {
    for TestStore { store, .. } in test_stores().await {
        let (plan, other) = (a_plan("K7Q2-M9"), a_plan("H3X4-PP"));
        show(&store, &plan).await;
        let cancel = plan.decide(PlanDecision::Cancel, &plan.requester.person_id, now()).unwrap();
        let (late, early) = (a_job(&store, "late").await, a_job(&store, "early").await);
        store.record(&early, Step::new(now(), End::Done).move_plan(cancel)).await.unwrap();

        let taken = a_job(&store, "taken").await;
        let mut same_code = other.clone();
        same_code.code = plan.code;
        let outrun = step_that_confirms(&plan, "late");
        let (moved, taken) =
            tokio::join!(store.record(&late, outrun), store.record(&taken, step_that_shows(&same_code)));
        assert!(matches!(moved, Err(StoreError::PlanMoved { code }) if code == plan.code), "{moved:?}");
        assert!(matches!(taken, Err(StoreError::CodeTaken { code }) if code == plan.code), "{taken:?}");

        assert_eq!(store.plan(plan.code).await.unwrap().unwrap().state, PlanState::Cancelled);
        assert_eq!(store.plan(plan.code).await.unwrap().unwrap().task, plan.task);
        assert_eq!(store.button(&reference(1)).await.unwrap().unwrap().used, None);
        assert!(store.audit_entries(100).await.unwrap().is_empty());
        assert!(store.command(&CommandId::from_stored("press:late")).await.is_err());
        store.close().await;
    }
}

#[tokio::test]
async fn a_lost_lease_changes_no_plan_and_no_button() {
    for TestStore { store, .. } in test_stores().await {
        let plan = a_plan("K7Q2-M9");
        show(&store, &plan).await;
        let slow = a_job(&store, "press").await;
        let later = now() + SignedDuration::from_mins(2);
        let again = store.claim(&Owner::named("two".to_owned()), later, 100).await.unwrap();
        assert!(again.iter().any(|job| job.id() == slow.id()));
        let lost = store.record(&slow, step_that_confirms(&plan, "slow")).await;
        assert!(matches!(lost, Err(StoreError::LeaseLost { .. })), "{lost:?}");
        assert_eq!(store.plan(plan.code).await.unwrap(), Some(plan));
        assert_eq!(store.button(&reference(1)).await.unwrap().unwrap().used, None);
        store.close().await;
    }
}

#[tokio::test]
async fn a_plan_makes_each_transition_once() {
    for TestStore { store, .. } in test_stores().await {
        let mut plan = a_plan("K7Q2-M9");
        show(&store, &plan).await;
        let mut transitions = vec![confirmed(&plan)];
        for event in [steward::plan::PlanEvent::Started, steward::plan::PlanEvent::Ended] {
            plan = plan.after(transitions.last().unwrap()).unwrap();
            transitions.push(plan.on(event, now()).unwrap());
        }
        for (number, transition) in transitions.iter().enumerate() {
            for (round, is_good) in [("first", true), ("second", false)] {
                let job = a_job(&store, &format!("{number}-{round}")).await;
                let moved = store.record(&job, Step::new(now(), End::Done).move_plan(*transition)).await;
                assert_eq!(moved.is_ok(), is_good, "{number} {round}: {moved:?}");
            }
        }
        assert_eq!(store.plan(plan.code).await.unwrap().unwrap().state, PlanState::Done);
        store.close().await;
    }
}

#[tokio::test]
async fn a_plan_changed_in_the_database_is_not_read() {
    use sqlx::sqlite::SqliteConnectOptions;
    use sqlx::{ConnectOptions as _, Connection as _};

    let TestStore { store, file } = test_stores().await.remove(0);
    let plan = a_plan("K7Q2-M9");
    show(&store, &plan).await;
    store.close().await;
    let path = file.as_ref().unwrap().path().join("steward.db");
    let mut connection = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    let change = "UPDATE plans SET task = replace(task, 'FOC2345ABCD', 'FOC2345ABCE')";
    assert_eq!(sqlx::query(change).execute(&mut connection).await.unwrap().rows_affected(), 1);
    connection.close().await.unwrap();
    let store = Store::open(&format!("sqlite://{}", path.display())).await.unwrap();
    let read = store.plan(plan.code).await;
    assert!(matches!(read, Err(StoreError::Corrupt { .. })), "{read:?}");
    store.close().await;
}
