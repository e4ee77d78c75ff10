//! Kills around each commit of a scenario: the process aborts itself just before or just after it.
//!
//! The aborting process is this test program, started again as a real Steward with a store hook: see
//! [`process_that_aborts`]. Its successor is the real binary. A [`Scenario`] is a deletion [`by_id`], or [`by_name`]
//! with the plan that its admin confirms. [`claims`] aborts a second process while it claims the jobs left by the
//! first.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use steward::app::config::{Environment, Settings};
use steward::app::{App, TestOverrides};
use steward::domain::clock::SystemClock;
use steward::sim::FaultRule;
use steward::store::{CommitPoint, TestHooks};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::loopback::free_address;
use crate::postgres::say;
use crate::replica::Replica;
use crate::testbed::{Database, Testbed};

mod by_id;
mod by_name;
mod claims;

/// Tells [`process_that_aborts`] when to abort.
const ABORT_AT: &str = "ABORT_AT";
/// Makes [`process_that_aborts`] count writes from its start.
const COUNT_FROM_START: &str = "COUNT_FROM_START";
/// The first write of a scenario; earlier writes, at the start of the process, are not counted otherwise.
const FIRST_WRITE: &str = "record_delivery";
/// Printed after the first search for jobs: from now on deliveries are handed to the runner directly.
const READY: &str = "at work";
const MOMENTS: [CommitPoint; 2] = [CommitPoint::BeforeCommit, CommitPoint::AfterCommit];
const SIGABRT: i32 = 6;

/// A point to abort at: `before record 3`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct AbortPoint {
    moment: CommitPoint,
    write: String,
    number: usize,
}

impl fmt::Display for AbortPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = match self.moment {
            CommitPoint::BeforeCommit => "before",
            CommitPoint::AfterCommit => "after",
        };
        write!(f, "{moment} {} {}", self.write, self.number)
    }
}

/// Counts and prints the writes, from the first delivery or from the start, and aborts at the given one. Before it
/// counts, it prints when the runner is ready.
fn hooks(abort_at: String, count_from_start: bool) -> TestHooks {
    let counts: Mutex<HashMap<(CommitPoint, &str), usize>> = Mutex::default();
    TestHooks::new(move |moment, write| {
        let mut counts = counts.lock().unwrap();
        if count_from_start || write == FIRST_WRITE || !counts.is_empty() {
            let number = counts.entry((moment, write)).or_default();
            *number += 1;
            let here = AbortPoint { moment, write: write.to_owned(), number: *number }.to_string();
            say(&here);
            if here == abort_at {
                std::process::abort();
            }
        } else if (moment, write) == (CommitPoint::AfterCommit, "claim") {
            say(READY);
        }
        Ok(())
    })
}

/// Not a real test: this is the aborting process, if the environment says when to abort.
#[tokio::test(flavor = "multi_thread")]
async fn process_that_aborts() {
    #[expect(clippy::disallowed_methods, reason = "the parent test sets the variables")]
    let (Ok(abort_at), count_from_start) = (std::env::var(ABORT_AT), std::env::var(COUNT_FROM_START).is_ok())
    else {
        return;
    };
    let settings = Settings::load(None, &Environment::of_this_process()).unwrap();
    let overrides =
        TestOverrides { store_hooks: hooks(abort_at, count_from_start), ..TestOverrides::default() };
    let app = App::build_with(settings, Arc::new(SystemClock), overrides).await.unwrap();
    app.run(CancellationToken::new()).await.unwrap();
}

/// Whether the answer to the DELETE arrives.
#[derive(Debug, Clone, Copy)]
enum Answer {
    Comes,
    IsLost,
}

/// The actions of people while processes abort and others continue.
trait Scenario {
    /// The testbed it runs on.
    fn testbed(&mut self) -> &mut Testbed;

    /// Runs the next actions and waits until all is done. Can be dropped when the process aborts, and called again
    /// for its successor: it continues where it was.
    async fn proceed(&mut self);

    /// Finds the answers that may be posted once more, because their posts may not have been recorded.
    async fn excuse_reposts(&mut self);

    /// Checks that the end is the same as without a crash.
    async fn check_end(&mut self);
}

/// Begins a scenario, with a running Steward.
type Begin<S> = fn(Testbed) -> S;

/// A scenario in a process that is to abort.
struct AbortRun<S> {
    scenario: S,
    variables: Vec<(&'static str, String)>,
    address: SocketAddr,
    process: AbortingProcess,
}

impl<S: Scenario> AbortRun<S> {
    async fn prepare(database: &Database, answer: Answer, begin: Begin<S>, abort_at: &str) -> Self {
        let testbed = Testbed::new(database, 40).await;
        if let Answer::IsLost = answer {
            let lost = FaultRule::on("DELETE", "/devices/*").dropping_connection().after_effect().once();
            testbed.sim.fault(lost);
        }
        let address = free_address();
        let variables = testbed.variables(format!("http://{address}"));
        let mut process = AbortingProcess::start(command(&variables, address).env(ABORT_AT, abort_at));
        process.until_ready().await;
        testbed.until_webhooks_are_registered().await;
        Self { scenario: begin(testbed), variables, address, process }
    }

    /// Whether the process aborted before everything was done. An abort after the very last commit may be missed: the
    /// end is visible a moment before.
    async fn has_aborted(&mut self) -> bool {
        tokio::select! {
            ended = self.process.process.wait() => {
                assert_eq!(ended.unwrap().signal(), Some(SIGABRT), "it died as it should");
                true
            }
            () = self.scenario.proceed() => false,
        }
    }

    /// Starts another aborting process on the state left behind; it counts writes from its start.
    async fn start_aborting_successor(&mut self, abort_at: &str) {
        self.scenario.testbed().end_leases_of_the_dead().await;
        let mut next = command(&self.variables, self.address);
        self.process = AbortingProcess::start(next.env(ABORT_AT, abort_at).env(COUNT_FROM_START, "yes"));
    }

    /// Starts a healthy process on the state left behind, and checks that the end is the same as without a crash.
    async fn proceed(mut self) {
        self.scenario.excuse_reposts().await;
        self.scenario.testbed().end_leases_of_the_dead().await;
        let mut successor = Replica::new(self.address, self.variables);
        successor.start();
        successor.listens().await;
        self.scenario.testbed().until_all_are_accepted().await;
        self.scenario.proceed().await;
        self.scenario.check_end().await;
        successor.terminate().await;
    }
}

/// A process that aborts at a given write.
struct AbortingProcess {
    process: Child,
    says: Lines<BufReader<ChildStdout>>,
}

impl AbortingProcess {
    fn start(command: &mut Command) -> Self {
        let mut process = command.spawn().unwrap();
        let says = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, says }
    }

    async fn until_ready(&mut self) {
        // With one test thread, the name of the test precedes it on the same line.
        while !self.says.next_line().await.unwrap().expect("it lives until then").ends_with(READY) {}
    }

    /// The names of the writes it has counted.
    async fn writes(mut self) -> HashSet<String> {
        self.process.kill().await.unwrap();
        let mut writes = HashSet::new();
        while let Some(line) = self.says.next_line().await.unwrap() {
            let write = line.strip_prefix("before ").and_then(|counted| counted.split(' ').next());
            writes.extend(write.map(str::to_owned));
        }
        writes
    }
}

/// This program as [`process_that_aborts`]; the caller adds when to abort.
fn command(variables: &[(&'static str, String)], address: SocketAddr) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["steps::process_that_aborts", "--exact", "--nocapture"])
        .env_clear()
        .envs(variables.iter().map(|(variable, value)| (*variable, value.as_str())))
        .env("STEWARD_LISTEN", address.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    command
}

/// Aborts at the first write of this name, at the second, and so on, until there is none left. Returns the number of
/// aborts.
async fn abort_at_each<S: Scenario>(
    database: Database,
    (begin, answer): (Begin<S>, Answer),
    (moment, write): (CommitPoint, String),
) -> usize {
    for number in 1.. {
        let death = AbortPoint { moment, write: write.clone(), number };
        let mut run = AbortRun::prepare(&database, answer, begin, &death.to_string()).await;
        if !run.has_aborted().await {
            return number - 1;
        }
        run.proceed().await;
    }
    0
}

/// Runs the scenario once for each moment around each of its commits, and steps also with each of these answers to
/// the DELETE. Returns the number of aborts.
async fn abort_around_each_commit<S: Scenario + 'static>(
    database: &Database,
    begin: Begin<S>,
    answers: &[Answer],
) -> usize {
    let mut healthy = AbortRun::prepare(database, Answer::Comes, begin, "never").await;
    assert!(!healthy.has_aborted().await);
    healthy.scenario.check_end().await;
    let writes = healthy.process.writes().await;
    assert!(writes.contains("commit") && writes.contains("record_delivery"), "{writes:?}");
    let mut rounds = JoinSet::new();
    for write in writes {
        for moment in MOMENTS {
            let answers = if write == "commit" { answers } else { &[Answer::Comes] };
            for answer in answers {
                let death = (moment, write.clone());
                rounds.spawn_local(abort_at_each(database.clone(), (begin, *answer), death));
            }
        }
    }
    rounds.join_all().await.into_iter().sum()
}
