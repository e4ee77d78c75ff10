//! For any answers of Webex, crashes and changed settings: a card or audit entry says `gone` only for a device that is
//! gone, no device is deleted that the person did not name, and no DELETE is sent late or for someone who has left.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::json;
use steward::domain::OutcomeKind;
use steward::domain::audit::AuditEvent;
use steward::sim::FaultRule;

use crate::world::World;

/// The worlds that are tried.
const CASES: u32 = 96;
/// The longest age of a decision on which a DELETE may be sent.
const LIFETIME: SignedDuration = SignedDuration::from_mins(15);
const SERIAL: &str = "FOC2719RAND";
const MAC: &str = "02:27:19:00:00:01";
const NAME: &str = "The random desk";

/// How Ana names the device.
#[derive(Debug, Clone, Copy)]
enum Named {
    Id,
    Serial,
    Mac,
    Name,
}

/// A call of a deletion.
#[derive(Debug, Clone, Copy)]
enum Call {
    Read,
    Delete,
    List,
    Workspaces,
    People,
}

/// How a call goes wrong.
#[derive(Debug, Clone, Copy)]
enum Trouble {
    Status(u16),
    StatusAfterEffect(u16),
    Lost,
    LostAfterEffect,
    /// A 404 that is not Webex's own.
    Html404,
    /// A success page of a gateway.
    ForeignSuccess,
    /// A refusal of a gateway, although the call took effect.
    ForeignRefusal,
    Empty404,
    Untracked404,
    NoStaticResource,
    /// The record names another organization.
    OtherOrganization,
    /// The list shows the device that is not meant, with the serial number, MAC address and name of the one that is.
    ListLies,
}

/// Something that happens between two runs of the jobs.
#[derive(Debug, Clone, Copy)]
enum Event {
    Crash,
    OtherTarget,
    OwnTarget,
    OtherCredential,
    FirstCredential,
    LoseAccess,
    Recover,
    Renamed,
    Replaced,
    DeletedByOthers,
    AnaLeaves,
    Wait(i64),
}

#[derive(Debug, Clone)]
struct Story {
    named: Named,
    troubles: Vec<(Call, Trouble, u32, u32)>,
    /// The call in which the process crashes, counted from 0, and whether the call takes effect.
    crash: Option<(Call, u32, bool)>,
    events: Vec<Event>,
}

/// A trouble with any call.
fn any_trouble() -> impl Strategy<Value = (Call, Trouble)> {
    let call = prop_oneof![
        4 => Just(Call::Read),
        1 => Just(Call::Delete),
        2 => Just(Call::List),
        1 => Just(Call::Workspaces),
        1 => Just(Call::People),
    ];
    let status = prop::sample::select(vec![302, 400, 403, 409, 418, 423, 429, 500, 502, 503, 504]);
    let trouble = prop_oneof![
        4 => status.prop_map(Trouble::Status),
        1 => Just(Trouble::Lost),
        2 => Just(Trouble::Html404),
        1 => Just(Trouble::Empty404),
        2 => Just(Trouble::Untracked404),
        1 => Just(Trouble::NoStaticResource),
        1 => Just(Trouble::OtherOrganization),
    ];
    prop_oneof![
        4 => (call, trouble),
        1 => Just((Call::List, Trouble::ListLies)),
    ]
}

/// A DELETE that has no clear answer, or must be repeated.
fn trouble_with_the_delete() -> impl Strategy<Value = (Call, Trouble)> {
    let status = prop::sample::select(vec![302, 418, 423, 429, 500, 502, 503, 504]);
    let trouble = prop_oneof![
        4 => status.clone().prop_map(Trouble::Status),
        1 => status.prop_map(Trouble::StatusAfterEffect),
        2 => Just(Trouble::Lost),
        1 => Just(Trouble::LostAfterEffect),
        1 => Just(Trouble::Html404),
        2 => Just(Trouble::ForeignSuccess),
        1 => Just(Trouble::ForeignRefusal),
    ];
    trouble.prop_map(|trouble| (Call::Delete, trouble))
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        2 => Just(Event::Crash),
        3 => Just(Event::OtherTarget),
        1 => Just(Event::OwnTarget),
        3 => Just(Event::OtherCredential),
        1 => Just(Event::FirstCredential),
        3 => Just(Event::LoseAccess),
        1 => Just(Event::Recover),
        1 => Just(Event::Renamed),
        1 => Just(Event::Replaced),
        1 => Just(Event::DeletedByOthers),
        3 => Just(Event::AnaLeaves),
        4 => prop::sample::select(vec![1, 3, 20, 60, 20 * 60, 3 * 24 * 3600]).prop_map(Event::Wait),
    ]
}

fn any_story() -> impl Strategy<Value = Story> {
    let named = prop::sample::select(vec![Named::Id, Named::Serial, Named::Mac, Named::Name]);
    let later = (any_trouble(), 0_u32..3, 1_u32..4);
    let first = prop::option::weighted(0.6, (trouble_with_the_delete(), Just(0), 1_u32..3));
    let troubles = (first, prop::collection::vec(later, 0..3));
    let troubles = troubles.prop_map(|(first, later)| {
        let all = first.into_iter().chain(later);
        all.map(|((call, trouble), skip, times)| (call, trouble, skip, times)).collect()
    });
    let crash = prop::option::weighted(
        0.3,
        (
            prop_oneof![1 => Just(Call::Read), 2 => Just(Call::Delete), 1 => Just(Call::List)],
            0_u32..3,
            any::<bool>(),
        ),
    );
    let events = prop::collection::vec(any_event(), 1..5);
    (named, troubles, crash, events).prop_map(|(named, troubles, crash, events)| Story {
        named,
        troubles,
        crash,
        events,
    })
}

fn rule(world: &World, call: Call) -> FaultRule {
    match call {
        Call::Read => FaultRule::on("GET", "/devices/*"),
        Call::Delete => FaultRule::on("DELETE", "/devices/*"),
        Call::List => FaultRule::on("GET", "/devices"),
        Call::Workspaces => FaultRule::on("GET", "/workspaces"),
        Call::People => FaultRule::on("GET", &format!("/people/{}", world.cast.ana.id)),
    }
}

/// A world with the device that Ana names and one that she does not.
struct Stage {
    world: World,
    device: String,
    other: String,
    message: String,
    /// When Ana decided last: with the command, or with a press.
    decided_at: Timestamp,
    /// The DELETEs at the moment when Ana left.
    deletes_when_ana_left: Option<usize>,
}

impl Stage {
    async fn new() -> Self {
        let world = World::with()
            .setting_of("STEWARD_ORGS", |cast| format!("{},{}", cast.example_org, cast.partner_org))
            .prepare_sim(|sim| sim.give_partner_access(true))
            .devices(4)
            .answer_limit(Duration::from_millis(600))
            .start()
            .await;
        let device = json!({ "displayName": NAME, "serial": SERIAL, "mac": MAC });
        let device = world.sim.add_device(&device);
        let other =
            json!({ "displayName": "Another desk", "serial": "FOC2719ELSE", "mac": "02:27:19:00:00:02" });
        let other = world.sim.add_device(&other);
        let decided_at = world.now();
        let message = String::new();
        Self { world, device, other, message, decided_at, deletes_when_ana_left: None }
    }

    fn add_trouble(&self, call: Call, trouble: Trouble, skip: u32, times: u32) {
        let rule = rule(&self.world, call).skipping(skip).times(times);
        // Only a DELETE has an effect.
        let effect = |rule: FaultRule| if matches!(call, Call::Delete) { rule.after_effect() } else { rule };
        let is_device = matches!(call, Call::Read | Call::List);
        self.world.sim.fault(match trouble {
            Trouble::Status(status) => rule.status(status),
            Trouble::StatusAfterEffect(status) => effect(rule.status(status)),
            Trouble::Lost => rule.dropping_connection(),
            Trouble::LostAfterEffect => effect(rule.dropping_connection()),
            Trouble::Html404 => rule.status(404).html_body(),
            Trouble::ForeignSuccess => rule.status(200).html_body().untracked(),
            Trouble::ForeignRefusal => effect(rule.status(403).html_body().untracked()),
            Trouble::Empty404 => rule.status(404).empty_body(),
            Trouble::Untracked404 => rule.status(404).untracked(),
            Trouble::NoStaticResource => {
                rule.status(404).json_body(json!({ "message": "No static resource devices/1." }))
            }
            Trouble::OtherOrganization if is_device => {
                let record =
                    json!({ "id": self.device, "serial": SERIAL, "orgId": self.world.cast.partner_org });
                let body = if matches!(call, Call::List) { json!({ "items": [record] }) } else { record };
                rule.json_body(body)
            }
            Trouble::ListLies if matches!(call, Call::List) => {
                let mut lie = self.world.sim.device(&self.other).unwrap_or_default();
                (lie["serial"], lie["mac"], lie["displayName"]) = (json!(SERIAL), json!(MAC), json!(NAME));
                rule.json_body(json!({ "items": [lie] }))
            }
            Trouble::OtherOrganization | Trouble::ListLies => rule.status(503),
        });
    }

    async fn order(&mut self, named: Named, crash: Option<(Call, u32, bool)>) {
        let reference = match named {
            Named::Id => self.device.clone(),
            Named::Serial => SERIAL.to_owned(),
            Named::Mac => MAC.to_owned(),
            Named::Name => format!("\"{NAME}\""),
        };
        if let Some((call, skip, takes_effect)) = crash {
            let rule = rule(&self.world, call).skipping(skip).hanging().once();
            let takes_effect = takes_effect && matches!(call, Call::Delete);
            self.world.sim.fault(if takes_effect { rule.after_effect() } else { rule });
        }
        let world = &self.world;
        let line = format!("delete device {reference}");
        self.message = world.sim.say(&world.cast.ana, &world.cast.operations, &line, None);
        self.run(crash).await;
    }

    /// Runs the jobs until they are done, or until the call hangs in which the process crashes.
    async fn run(&mut self, crash: Option<(Call, u32, bool)>) {
        if crash.is_none() {
            return self.world.settle().await;
        }
        let is_stuck =
            |world: &World| world.sim.count_requests(|call| call.faulted && call.status.is_none()) > 0;
        let stuck = {
            let world = &self.world;
            let hangs = async {
                let mut quiet = 0;
                let mut ticks = tokio::time::interval(Duration::from_millis(5));
                // A dropped connection has no status either: a call hangs only if nothing follows it.
                let mut calls = 0;
                while quiet < 40 {
                    ticks.tick().await;
                    let now = world.sim.count_requests(|_| true);
                    quiet = if is_stuck(world) && now == calls { quiet + 1 } else { 0 };
                    calls = now;
                }
            };
            tokio::select! {
                () = world.settle() => false,
                () = hangs => true,
            }
        };
        if stuck {
            self.world.restart().await;
        }
    }

    async fn meet(&mut self, event: Event) {
        let world = &mut self.world;
        match event {
            Event::Crash => world.restart().await,
            Event::OtherTarget => {
                let partner = world.cast.partner_org.clone();
                world.restart_with(&[("STEWARD_TARGET_ORG", &partner)]).await.unwrap();
            }
            Event::OwnTarget => world.restart_with(&[("STEWARD_TARGET_ORG", "")]).await.unwrap(),
            Event::OtherCredential => {
                let token = world.sim.admin_token_of(&world.cast.oskar);
                world.restart_with(&[("STEWARD_ADMIN_TOKEN", &token)]).await.unwrap();
            }
            Event::FirstCredential => {
                let token = world.cast.admin_token.clone();
                world.restart_with(&[("STEWARD_ADMIN_TOKEN", &token)]).await.unwrap();
            }
            Event::LoseAccess => {
                // From now on Webex answers like this, and like nothing else.
                world.sim.clear_faults();
                for call in [Call::Read, Call::Delete] {
                    world.sim.fault(rule(world, call).status(404));
                }
                for call in [Call::List, Call::Workspaces] {
                    world.sim.fault(rule(world, call).json_body(json!({ "items": [] })));
                }
            }
            Event::Recover => world.sim.clear_faults(),
            Event::Renamed => {
                world.sim.change_device(&self.device, &json!({ "displayName": "Renamed" }));
            }
            Event::Replaced => {
                world.sim.change_device(&self.device, &json!({ "serial": "FOC2719NEW0" }));
            }
            Event::DeletedByOthers => {
                world.sim.remove_device(&self.device);
            }
            Event::AnaLeaves => {
                let elsewhere = json!({ "orgId": "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi9lbHNld2hlcmU" });
                world.sim.change_person(&world.cast.ana.id, &elsewhere);
                self.deletes_when_ana_left.get_or_insert(world.deletes());
            }
            Event::Wait(seconds) => world.clock.advance(SignedDuration::from_secs(seconds)),
        }
        self.world.settle().await;
        self.confirm().await;
    }

    /// Ana confirms a deletion that she is asked about, unless she has left.
    async fn confirm(&mut self) {
        let cards = self.world.answers_to(&self.message);
        let card = cards.into_iter().find(|card| card.buttons().contains(&"Delete".to_owned()));
        if let Some(card) = card.filter(|_| self.deletes_when_ana_left.is_none()) {
            self.decided_at = self.world.now();
            self.world.press(&self.world.cast.ana, &card, "Delete").await;
        }
    }

    /// Advances the clock from one waiting job to the next, at most this far. A job that is due may still have to wait
    /// for a rate limit at the start.
    async fn pass(&self, at_most: SignedDuration) {
        let end = self.world.now() + at_most;
        for _ in 0..200 {
            let next = self.world.app().store().next_due().await.unwrap();
            let Some(due) = next.filter(|due| *due <= end && self.world.now() <= end) else { return };
            let wait = due.duration_since(self.world.now()).max(SignedDuration::from_millis(100));
            self.world.advance(wait).await;
        }
    }

    async fn check(&self) -> Result<(), TestCaseError> {
        let world = &self.world;
        let answers = world.all_answers();
        prop_assert!(world.device_exists(&self.other), "a device was deleted that nobody named");
        let is_there = world.device_exists(&self.device);
        for answer in answers {
            prop_assert!(answer.outcome() != "gone" || !is_there, "{}", answer.text);
            prop_assert!(!answer.text.contains("nothing left to do") || !is_there, "{}", answer.text);
        }
        for entry in world.audit().await {
            if let AuditEvent::OutcomeKnown { outcome, .. } = entry.event {
                prop_assert!(outcome.kind() != OutcomeKind::Gone || !is_there, "{outcome:?}");
            }
        }
        if let Some(before) = self.deletes_when_ana_left {
            prop_assert_eq!(world.deletes(), before, "a DELETE for someone who left");
        }
        let latest = self.decided_at + LIFETIME;
        let late = |call: &steward::sim::RequestRecord| {
            call.method == "DELETE" && call.path.contains("/devices/") && call.at > latest
        };
        prop_assert_eq!(world.sim.count_requests(late), 0, "a late DELETE");
        Ok(())
    }
}

async fn play(story: &Story) -> Result<&'static str, TestCaseError> {
    let mut stage = Stage::new().await;
    for (call, trouble, skip, times) in &story.troubles {
        stage.add_trouble(*call, *trouble, *skip, *times);
    }
    stage.order(story.named, story.crash).await;
    stage.confirm().await;
    stage.check().await?;
    for event in &story.events {
        stage.meet(*event).await;
        stage.check().await?;
        stage.pass(SignedDuration::from_secs(20)).await;
        stage.check().await?;
    }
    stage.pass(SignedDuration::from_hours(2)).await;
    stage.check().await?;
    Ok(if stage.world.device_exists(&stage.device) { "kept" } else { "deleted" })
}

#[test]
fn gone_is_said_only_of_devices_that_are_gone_and_only_the_named_one_is_deleted() {
    let (kept, deleted) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let config = ProptestConfig {
        cases: CASES,
        max_shrink_iters: 60,
        failure_persistence: None,
        ..Default::default()
    };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    runner
        .run(&any_story(), |story| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let end = runtime.block_on(play(&story))?;
            let count = if end == "kept" { &kept } else { &deleted };
            count.fetch_add(1, Ordering::SeqCst);
            Ok(())
        })
        .unwrap();
    // Both happen, so that the checks above are about something.
    assert!(kept.into_inner() > 5 && deleted.into_inner() > 5);
}
