//! Plays a story: Ana with her commands and presses, and the runs of Steward's jobs.

use std::cell::Cell;
use std::collections::HashSet;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::changes::Ledger;
use super::events::slow_tags;
use super::permission::{Naming, Ordered, Shown};
use super::records::{Records, choice_on, line, question_on, shows_the_meant};
use super::story::{Call, Crash, Event, Order, Story};
use crate::world::{Answer, World};

/// A world in which a story is played.
pub struct Stage {
    pub world: World,
    pub records: Records,
    pub ledger: Ledger,
    /// The commands that Ana has sent.
    pub orders: Vec<Ordered>,
    pub story: Story,
    before_the_press: Option<Event>,
    pressed: HashSet<String>,
    /// The changes sent at the moment when Ana left or lost her right.
    pub changes_when_ana_left: Option<usize>,
}

impl Stage {
    /// A world in which Ana has sent the commands of the story.
    pub async fn new(story: &Story) -> Self {
        let world = World::with()
            .setting_of("STEWARD_ORGS", |cast| format!("{},{}", cast.example_org, cast.partner_org))
            .prepare_sim(|sim| sim.give_partner_access(true))
            .devices(4)
            .answer_limit(Duration::from_millis(600))
            .start()
            .await;
        let records = Records::add(&world, story);
        let ledger = records.ledger(&world);
        let mut stage = Self {
            world,
            records,
            ledger,
            orders: Vec::new(),
            story: story.clone(),
            before_the_press: story.before_the_press,
            pressed: HashSet::new(),
            changes_when_ana_left: None,
        };
        for (call, trouble, skip, times) in &story.troubles {
            stage.add_trouble(*call, *trouble, *skip, *times);
        }
        stage.order().await;
        stage.look();
        stage
    }

    async fn order(&mut self) {
        let Story { order, written, twin, at_once, crash, is_meddled, .. } = self.story;
        if let Some(Crash { call, skip, takes_effect }) = crash {
            let rule = self.rule(call).skipping(skip).hanging().once();
            let takes_effect = takes_effect && call == Call::Change;
            self.world.sim.fault(if takes_effect { rule.after_effect() } else { rule });
        }
        let reference = written.write(&self.records.called(order, &self.world), order.is_by_id());
        let naming = |order: Order| match twin {
            Some(_) if order.is_by_name() => Naming::Several,
            _ => Naming::One,
        };
        let first = if reference.is_plain { naming(order) } else { Naming::Nothing };
        self.send(order, first, &reference.text);
        if let Some(other) = at_once {
            let called = self.records.called(other, &self.world);
            self.send(other, naming(other), &called);
            // Both read the device before one of them changes it, unless they wait for each other.
            for delay in [80, 160] {
                self.world.sim.fault(slow_tags(delay));
            }
            self.world.settle_with_workers(2).await;
        } else if is_meddled {
            self.run_meddled().await;
        } else {
            self.run(crash.is_some()).await;
        }
    }

    fn send(&mut self, order: Order, naming: Naming, reference: &str) {
        let world = &self.world;
        let message = world.sim.say(&world.cast.ana, &world.cast.operations, &line(order, reference), None);
        let mut ordered = Ordered::new(order, naming, message, world.now(), self.story.has_calling);
        if ordered.acts_at_once() {
            ordered.targets = self.records.meant_by(order, world);
        }
        self.orders.push(ordered);
    }

    /// Runs the jobs until they are done, or until the call hangs in which the process crashes.
    async fn run(&mut self, may_crash: bool) {
        if !may_crash {
            return self.world.settle().await;
        }
        let stuck_calls =
            |world: &World| world.sim.count_requests(|call| call.faulted && call.status.is_none());
        let before = stuck_calls(&self.world);
        let stuck = {
            let world = &self.world;
            let hangs = async {
                let mut quiet = 0;
                let mut ticks = tokio::time::interval(Duration::from_millis(5));
                // A dropped connection has no status either: a call hangs only if nothing follows it.
                let mut calls = 0;
                while quiet < 15 {
                    ticks.tick().await;
                    let now = world.sim.count_requests(|_| true);
                    quiet = if stuck_calls(world) > before && now == calls { quiet + 1 } else { 0 };
                    calls = now;
                }
            };
            tokio::select! {
                () = world.settle() => false,
                () = hangs => true,
            }
        };
        if stuck {
            self.restart(&[]).await;
        }
    }

    /// Runs the jobs while others tag the device between Steward's read and its change.
    async fn run_meddled(&mut self) {
        let Self { world, ledger, records, .. } = self;
        world.sim.fault(slow_tags(40));
        let is_over = Cell::new(false);
        let running = async {
            world.settle().await;
            is_over.set(true);
        };
        let meddling = async {
            let mut ticks = tokio::time::interval(Duration::from_millis(2));
            while !is_over.get() {
                if world.calls("PATCH", "/devices/") > 0 {
                    return ledger.tag_device(&world.sim, &records.device, "by-others");
                }
                ticks.tick().await;
            }
        };
        tokio::join!(running, meddling);
    }

    /// Lets something happen and runs the jobs, and Ana presses what she is asked.
    pub async fn meet(&mut self, event: Event) {
        self.happen(event).await;
        self.world.settle().await;
        self.look();
        self.decide().await;
    }

    /// Notes what new cards show.
    fn look(&mut self) {
        for ordered in &mut self.orders {
            let answers = self.world.answers_to(&ordered.message);
            ordered.is_seen |= answers.iter().any(|answer| !answer.announces_a_wait());
            let known = ordered.shown.as_ref().map(|shown| shown.card.as_str());
            let question = answers.into_iter().rfind(|answer| question_on(answer).is_some());
            if let Some(card) = question.filter(|card| known != Some(card.id.as_str())) {
                let records = self.records.meant_by(ordered.order, &self.world).into_iter();
                let records = records.map(|id| (id.clone(), self.ledger.facts(&id))).collect();
                ordered.shown = Some(Shown { card: card.id, at: self.world.now(), records });
            }
        }
    }

    /// Ana presses what she is asked, unless she has left.
    pub async fn decide(&mut self) {
        for index in 0..self.orders.len() {
            while self.changes_when_ana_left.is_none() {
                let Some((card, label)) = self.next_press(index) else { break };
                self.press(index, &card, &label).await;
                self.look();
            }
        }
    }

    /// The button that she presses next.
    fn next_press(&self, index: usize) -> Option<(Answer, String)> {
        let Ordered { order, naming, message, .. } = &self.orders[index];
        let cards = self.world.answers_to(message).into_iter();
        let mut cards = cards.filter(|card| !self.pressed.contains(&card.id));
        cards.find_map(|card| {
            let label = match naming {
                Naming::Nothing => None,
                Naming::One => question_on(&card).filter(|_| shows_the_meant(*order, &card)),
                Naming::Several => choice_on(*order, &card, &self.world),
            };
            Some((card, label?))
        })
    }

    async fn press(&mut self, index: usize, card: &Answer, label: &str) {
        self.pressed.insert(card.id.clone());
        let is_choice = label.starts_with("Choose");
        if !is_choice && let Some(event) = self.before_the_press.take() {
            self.happen(event).await;
            self.world.settle().await;
        }
        let ordered = &mut self.orders[index];
        let meant = self.records.meant_by(ordered.order, &self.world);
        if is_choice {
            ordered.choose(meant, self.world.now());
        } else {
            ordered.confirm(self.world.now(), |id| self.ledger.facts(id));
        }
        self.world.press_without_settling(&self.world.cast.ana, card, label);
        self.run(self.story.crash.is_some()).await;
    }

    /// Advances the clock from one waiting job to the next, at most this far. A job that is due may still have to wait
    /// for a rate limit at the start.
    pub async fn pass(&mut self, at_most: SignedDuration) {
        let end = self.world.now() + at_most;
        for _ in 0..200 {
            let next = self.world.app().store().next_due().await.unwrap();
            let Some(due) = next.filter(|due| *due <= end && self.world.now() <= end) else { break };
            let wait = due.duration_since(self.world.now()).max(SignedDuration::from_millis(100));
            self.world.advance(wait).await;
        }
        self.look();
    }
}

/// Everything but reads that was sent about devices.
pub fn changes_sent(world: &World) -> usize {
    changes_sent_after(world, None)
}

/// As [`changes_sent`], after a moment.
pub fn changes_sent_after(world: &World, moment: Option<Timestamp>) -> usize {
    world.sim.count_requests(|call| {
        let is_change = call.method != "GET" && call.path.starts_with("/v1/devices");
        is_change && moment.is_none_or(|moment| call.at > moment)
    })
}
