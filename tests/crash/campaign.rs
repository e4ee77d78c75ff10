//! One campaign: send commands, kill and restart processes, and check the result at the end.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use rand::RngExt as _;
use steward::sim::{DeliveryFault, FaultRule, Sim};

use crate::loopback::free_address;
use crate::postgres::say;
use crate::replica::{Replica, balance};
use crate::testbed::{Database, Testbed};
use crate::verdict::{Verdict, command_of};

#[derive(Debug)]
pub struct Campaign {
    pub database: Database,
    pub replicas: usize,
    pub kills: usize,
    pub commands: usize,
}

impl Campaign {
    pub async fn run(self) {
        let began = Instant::now();
        // Some devices of the simulation belong to other organizations.
        let mut testbed = Testbed::new(&self.database, self.commands + 40).await;
        let mut replicas = self.replicas(&testbed).await;
        break_calls(&testbed.sim);
        for replica in &mut replicas {
            replica.start();
        }
        testbed.until_webhooks_are_registered().await;
        let devices = testbed.devices(self.commands);
        let salvo = self.commands.div_ceil(self.kills + 1);
        let mut excused = HashMap::new();
        let mut sent_again = 0;
        for round in 0..=self.kills {
            sent_again += testbed.resend_lost().await;
            for device in devices.iter().skip(round * salvo).take(salvo) {
                testbed.order(device);
            }
            if round < self.kills {
                kill_one_at_random(&testbed, &mut replicas, &mut excused).await;
            }
        }
        sent_again += testbed.until_all_are_accepted().await;
        testbed.until_all_is_done().await;
        let verdict = Verdict::of(&testbed, &excused).await;
        let repeated = testbed.repeat_until_all_are_gone(&devices).await;
        Verdict::check_no_second_deletion(&testbed);
        for replica in &mut replicas {
            replica.terminate().await;
        }
        say(&format!(
            "crash campaign on {} with {} process(es), {} kills in {} s: {verdict}, {sent_again} lost deliveries \
             sent again; {repeated} failed commands repeated, and all {} devices are deleted, once each",
            self.database,
            self.replicas,
            self.kills,
            began.elapsed().as_secs(),
            devices.len(),
        ));
    }

    async fn replicas(&self, testbed: &Testbed) -> Vec<Replica> {
        let addresses: Vec<_> = (0..self.replicas).map(|_| free_address()).collect();
        let front = balance(addresses.clone()).await;
        let variables = testbed.variables(format!("http://{front}"));
        addresses.into_iter().map(|address| Replica::new(address, variables.clone())).collect()
    }
}

/// Makes one call in ten fail, in three ways, and duplicates one delivery in twenty.
fn break_calls(sim: &Sim) {
    // The first matching rule applies: this one exempts webhooks.
    sim.fault(FaultRule::on_path("/webhooks*"));
    // The campaign resends lost deliveries itself. Catch-up would refuse their commands as too old.
    sim.fault(FaultRule::on("GET", "/rooms").status(403));
    sim.fault(FaultRule::on_everything().status(429).retry_after("1").one_in(27));
    sim.fault(FaultRule::on_everything().status(500).one_in(27));
    sim.fault(FaultRule::on_everything().dropping_connection().after_effect().one_in(27));
    sim.fault(FaultRule::on_deliveries(DeliveryFault::Duplicate).one_in(20));
}

/// Kills and restarts a random replica after a random pause.
async fn kill_one_at_random(
    testbed: &Testbed,
    replicas: &mut [Replica],
    excused: &mut HashMap<String, usize>,
) {
    let (victim, pause) = {
        let mut chance = rand::rng();
        (chance.random_range(0..replicas.len()), Duration::from_millis(chance.random_range(20..1500)))
    };
    tokio::time::timeout(pause, std::future::pending::<()>()).await.ok();
    replicas[victim].kill().await;
    excuse_unrecorded_posts(testbed, excused).await;
    replicas[victim].start();
    // Most replicas live long enough to work; some are killed again during their start.
    if rand::rng().random_ratio(4, 5) {
        replicas[victim].listens().await;
    }
}

/// Answers that are posted but not recorded; each may be posted once more.
pub async fn excuse_unrecorded_posts(testbed: &Testbed, excused: &mut HashMap<String, usize>) {
    let stored = testbed.records().await.stored_answers().await;
    for order in testbed.answers().into_keys() {
        if stored.get(&command_of(&order)).is_none_or(|answer| !answer.is_posted) {
            *excused.entry(order).or_default() += 1;
        }
    }
}
