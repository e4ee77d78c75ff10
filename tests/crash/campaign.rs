//! One campaign: say, kill, start, and at the end hold what was said against what is so.

use std::collections::HashMap;
use std::time::Duration;

use rand::RngExt as _;
use serde_json::Value;
use steward::sim::{
    ADMIN_TOKEN, BOT_TOKEN, DeliveryFault, DeliveryRecord, FaultRule, Outcome, Sim, SimOptions,
};
use tempfile::TempDir;

use crate::postgres::{new_database, say};
use crate::replica::{Replica, balance, free_address};

/// How long the last commands may take once the killing has stopped.
const PATIENCE: Duration = Duration::from_mins(4);
const LOOK_EVERY: Duration = Duration::from_millis(100);

#[derive(Debug, Clone)]
pub enum Database {
    Sqlite,
    Postgres(String),
}

#[derive(Debug)]
pub struct Campaign {
    pub database: Database,
    pub replicas: usize,
    pub kills: usize,
    pub commands: usize,
}

/// The campaign under way.
struct Field {
    sim: Sim,
    replicas: Vec<Replica>,
    /// The device that each message asked to delete.
    orders: HashMap<String, String>,
    _directory: TempDir,
}

impl Campaign {
    pub async fn run(self) {
        let mut field = self.field().await;
        for replica in &mut field.replicas {
            replica.start();
        }
        field.until("the webhook is registered", |field| !field.sim.webhooks().is_empty()).await;
        let devices = field.devices(self.commands);
        let salvo = self.commands.div_ceil(self.kills + 1);
        for (round, devices) in devices.chunks(salvo).enumerate() {
            for device in devices {
                let message = field.sim.say(
                    &field.sim.cast().ana,
                    &field.sim.cast().operations,
                    &format!("delete device {device}"),
                    None,
                );
                field.orders.insert(message, device.clone());
            }
            if round < self.kills {
                field.kill_one_at_random().await;
            }
        }
        let sent_again = field.until_all_are_accepted().await;
        field.until("every command has its answer", Field::all_are_answered).await;
        field.hold_cards_against_devices();
        say(&format!(
            "crash campaign on {}: {} kills, {} replicas, {} commands accepted ({sent_again} sent again), {} \
             answered, {} devices deleted once each",
            match self.database {
                Database::Sqlite => "SQLite",
                Database::Postgres(_) => "PostgreSQL",
            },
            self.kills,
            self.replicas,
            field.orders.len(),
            field.answers().len(),
            field.orders.values().filter(|device| field.sim.device(device).is_none()).count(),
        ));
    }

    async fn field(&self) -> Field {
        let sim =
            Sim::start(SimOptions { devices: self.commands + 40, ..SimOptions::default() }).await.unwrap();
        let directory = TempDir::new().unwrap();
        let database = match &self.database {
            Database::Sqlite => format!("sqlite://{}/steward.db", directory.path().display()),
            Database::Postgres(url) => new_database(url).await,
        };
        let mut addresses = Vec::new();
        for _ in 0..self.replicas {
            addresses.push(free_address().await);
        }
        let front = balance(addresses.clone()).await;
        let variables = vec![
            ("STEWARD_PUBLIC_URL", format!("http://{front}")),
            ("STEWARD_DATABASE_URL", database),
            ("STEWARD_WEBEX_API", sim.api_base()),
            ("STEWARD_BOT_TOKEN", BOT_TOKEN.to_owned()),
            ("STEWARD_ADMIN_TOKEN", ADMIN_TOKEN.to_owned()),
            ("STEWARD_WEBHOOK_SECRET", "a secret of the crash campaign".to_owned()),
            ("STEWARD_ADMINS", sim.cast().ana.email),
        ];
        let replicas =
            addresses.into_iter().map(|address| Replica::new(address, variables.clone())).collect();
        break_webex(&sim);
        Field { sim, replicas, orders: HashMap::new(), _directory: directory }
    }
}

/// One call in ten goes wrong, one delivery in twenty comes twice.
fn break_webex(sim: &Sim) {
    // The first rule that fits applies: webhooks are let pass.
    sim.fault(FaultRule::on_path("/webhooks*"));
    // What nobody took is sent again here as Webex never would. Caught up with, it would be refused as too late.
    sim.fault(FaultRule::on("GET", "/rooms").status(403));
    sim.fault(FaultRule::on_everything().status(429).retry_after("1").one_in(30));
    sim.fault(FaultRule::on_everything().status(500).one_in(30));
    sim.fault(FaultRule::on_path("/devices*").dropping_connection().after_effect().one_in(30));
    sim.fault(FaultRule::on_deliveries(DeliveryFault::Duplicate).one_in(20));
}

impl Field {
    fn devices(&self, wanted: usize) -> Vec<String> {
        let ours = self.sim.cast().example_org;
        let devices = self.sim.devices().into_iter().filter(|device| device["orgId"] == ours.as_str());
        devices.filter_map(|device| device["id"].as_str().map(str::to_owned)).take(wanted).collect()
    }

    /// Waits for a moment that nobody has chosen, kills one, and starts it again.
    async fn kill_one_at_random(&mut self) {
        let (victim, pause) = {
            let mut chance = rand::rng();
            let pause = Duration::from_millis(chance.random_range(20..1500));
            (chance.random_range(0..self.replicas.len()), pause)
        };
        tokio::time::timeout(pause, std::future::pending::<()>()).await.ok();
        self.replicas[victim].kill().await;
        self.replicas[victim].start();
    }

    /// Sends again what nobody took, as an admin would who got no answer.
    async fn until_all_are_accepted(&self) -> usize {
        let mut sent_again = 0;
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            self.sim.settled().await;
            let lost = self.not_accepted();
            if lost.is_empty() {
                return sent_again;
            }
            assert!(tokio::time::Instant::now() < deadline, "{} deliveries are never taken", lost.len());
            for delivery in lost {
                sent_again += usize::from(self.sim.redeliver(&delivery).await == 200);
            }
            tokio::time::timeout(LOOK_EVERY, std::future::pending::<()>()).await.ok();
        }
    }

    fn not_accepted(&self) -> Vec<DeliveryRecord> {
        let mut last: HashMap<Vec<u8>, (DeliveryRecord, bool)> = HashMap::new();
        for delivery in self.sim.deliveries() {
            let accepted = matches!(delivery.outcome, Outcome::Answered(200));
            let entry = last.entry(delivery.body.to_vec()).or_insert_with(|| (delivery, false));
            entry.1 |= accepted;
        }
        last.into_values().filter(|(_, accepted)| !accepted).map(|(delivery, _)| delivery).collect()
    }

    /// The last answer to each order.
    fn answers(&self) -> HashMap<String, Value> {
        let messages = self.sim.messages(&self.sim.cast().operations).into_iter();
        messages
            .filter_map(|message| Some((message["parentId"].as_str()?.to_owned(), message)))
            .filter(|(order, _)| self.orders.contains_key(order))
            .collect()
    }

    fn all_are_answered(&self) -> bool {
        self.answers().len() == self.orders.len()
    }

    async fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let mut looks = tokio::time::interval(LOOK_EVERY);
        let waited = tokio::time::timeout(PATIENCE, async {
            while !holds(self) {
                looks.tick().await;
            }
        });
        if waited.await.is_err() {
            let answers = self.answers().len();
            panic!("waited in vain until {what}: {answers} of {} answered", self.orders.len());
        }
    }

    fn hold_cards_against_devices(&self) {
        for (order, answer) in self.answers() {
            let device = &self.orders[&order];
            let text = answer["text"].as_str().unwrap_or_default();
            let says_gone = text.lines().any(|line| line == "Outcome: gone");
            let is_gone = self.sim.device(device).is_none();
            assert_eq!(says_gone, is_gone, "the card says otherwise: {text}");
            assert!(is_gone, "not deleted: {text}");
        }
        for device in self.orders.values() {
            let worked = |call: &&steward::sim::RequestRecord| {
                call.method == "DELETE" && call.path.ends_with(device.as_str()) && call.status == Some(204)
            };
            assert!(self.sim.requests().iter().filter(worked).count() <= 1, "deleted twice: {device}");
        }
    }
}
