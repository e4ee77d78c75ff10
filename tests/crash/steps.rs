//! Killed around each commit of one deletion: the process aborts itself just before and just after.
//!
//! The process that dies is this test program, started once more as a real Steward whose store has a hook:
//! see [`the_process_that_dies`]. The one that goes on afterwards is the real binary.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use steward::app::App;
use steward::clock::SystemClock;
use steward::config::{Environment, Settings};
use steward::sim::FaultRule;
use steward::store::{Hooks, Moment};
use tokio::process::{Child, Command};
use tokio::task::{JoinSet, LocalSet};
use tokio_util::sync::CancellationToken;

use crate::campaign::excuse_unrecorded_posts;
use crate::field::{Database, Field};
use crate::loopback::free_address;
use crate::postgres::{self, say};
use crate::replica::Replica;
use crate::verdict::Verdict;

/// Says to [`the_process_that_dies`] that it is one, and when it dies.
const DIES: &str = "DIES_AT";
/// The write with which a deletion begins: what is written at the start of the process is not counted.
const FIRST_WRITE: &str = "record_delivery";
const SIGABRT: i32 = 6;

/// A moment to die at: `before record 3`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Death {
    moment: Moment,
    write: String,
    number: usize,
}

impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = match self.moment {
            Moment::BeforeCommit => "before",
            Moment::AfterCommit => "after",
        };
        write!(f, "{moment} {} {}", self.write, self.number)
    }
}

/// Counts the writes from the first delivery on, says each, and aborts when its time has come.
fn hooks(dies_at: String) -> Hooks {
    let counts: Mutex<HashMap<(Moment, &str), usize>> = Mutex::default();
    Hooks::new(move |moment, write| {
        let mut counts = counts.lock().unwrap();
        if write == FIRST_WRITE || !counts.is_empty() {
            let number = counts.entry((moment, write)).or_default();
            *number += 1;
            let here = Death { moment, write: write.to_owned(), number: *number }.to_string();
            say(&here);
            if here == dies_at {
                std::process::abort();
            }
        }
        Ok(())
    })
}

/// Not a test unless it is told when to die.
#[tokio::test(flavor = "multi_thread")]
async fn the_process_that_dies() {
    #[expect(clippy::disallowed_methods, reason = "what the parent says to its child")]
    let Ok(dies_at) = std::env::var(DIES) else { return };
    let mut settings = Settings::load(None, &Environment::of_this_process()).unwrap();
    settings.store_hooks = hooks(dies_at);
    let app = App::build(settings, Arc::new(SystemClock)).await.unwrap();
    app.run(CancellationToken::new()).await.unwrap();
}

/// What happens to the answer to the DELETE.
#[derive(Debug, Clone, Copy)]
enum Answer {
    Comes,
    IsLost,
}

/// One deletion under way in a process that is to die.
struct Deathbed {
    field: Field,
    variables: Vec<(&'static str, String)>,
    address: SocketAddr,
    mortal: Child,
}

impl Deathbed {
    async fn prepared(database: &Database, answer: Answer, dies_at: &str) -> Self {
        let mut field = Field::new(database, 40).await;
        if let Answer::IsLost = answer {
            field
                .sim
                .fault(FaultRule::on("DELETE", "/devices/*").dropping_connection().after_effect().once());
        }
        let address = free_address();
        let variables = field.variables(format!("http://{address}"));
        let mortal = Command::new(std::env::current_exe().unwrap())
            .args(["steps::the_process_that_dies", "--exact", "--nocapture"])
            .env_clear()
            .envs(variables.iter().map(|(variable, value)| (*variable, value.as_str())))
            .env("STEWARD_LISTEN", address.to_string())
            .env(DIES, dies_at)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        field.until("the webhook is registered", async || !field.sim.webhooks().is_empty()).await;
        let device = field.devices(1).remove(0);
        field.order(&device);
        Self { field, variables, address, mortal }
    }

    /// Whether it died; if not, everything was done without its coming to that.
    async fn has_died(&mut self) -> bool {
        tokio::select! {
            ended = self.mortal.wait() => {
                assert_eq!(ended.unwrap().signal(), Some(SIGABRT), "it died as it should");
                true
            }
            () = self.field.until_all_is_done() => false,
        }
    }

    /// Another process finds what the dead one left behind; the end is as if nothing had happened.
    async fn goes_on(mut self) {
        let mut excused = HashMap::new();
        excuse_unrecorded_posts(&self.field, &mut excused).await;
        self.field.end_leases_of_the_dead().await;
        let mut successor = Replica::new(self.address, self.variables);
        successor.start();
        successor.listens().await;
        self.field.until_all_are_accepted().await;
        self.field.until_all_is_done().await;
        let verdict = Verdict::of(&self.field, &excused).await;
        assert_eq!(verdict.gone(), 1, "{verdict}");
        successor.terminate().await;
    }

    /// The names of the writes that were said.
    async fn writes(mut self) -> HashSet<String> {
        self.mortal.start_kill().unwrap();
        let output = self.mortal.wait_with_output().await.unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let name = |line: &str| line.strip_prefix("before ")?.split(' ').next().map(str::to_owned);
        said.lines().filter_map(name).collect()
    }
}

/// Dies at this moment of the first such write, of the second, and so on, until there is none to die at.
async fn dies_at_each(database: Database, answer: Answer, moment: Moment, write: String) -> usize {
    for number in 1.. {
        let death = Death { moment, write: write.clone(), number };
        let mut deathbed = Deathbed::prepared(&database, answer, &death.to_string()).await;
        if !deathbed.has_died().await {
            return number - 1;
        }
        deathbed.goes_on().await;
    }
    0
}

async fn dies_around_each_commit(database: Database) {
    let mut healthy = Deathbed::prepared(&database, Answer::Comes, "never").await;
    assert!(!healthy.has_died().await);
    let writes = healthy.writes().await;
    assert!(writes.contains("record") && writes.contains("record_delivery"), "{writes:?}");
    let mut rounds = JoinSet::new();
    for write in writes {
        for moment in [Moment::BeforeCommit, Moment::AfterCommit] {
            rounds.spawn_local(dies_at_each(database.clone(), Answer::Comes, moment, write.clone()));
            if write == "record" {
                rounds.spawn_local(dies_at_each(database.clone(), Answer::IsLost, moment, write.clone()));
            }
        }
    }
    let deaths: usize = rounds.join_all().await.into_iter().sum();
    // A delivery, the decision, the intent, the outcome, the card: before and after each.
    assert!(deaths >= 10, "{deaths}");
    say(&format!(
        "{deaths} kills before and after each commit of one deletion on {database}, each with the same end"
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_around_any_commit_a_deletion_ends_the_same_on_sqlite() {
    LocalSet::new().run_until(dies_around_each_commit(Database::Sqlite)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_around_any_commit_a_deletion_ends_the_same_on_postgresql() {
    if let Some(server) = postgres::server() {
        LocalSet::new().run_until(dies_around_each_commit(Database::Postgres(server))).await;
    }
}
