//! Killed around each commit of a scenario: the process aborts itself just before and just after.
//!
//! The process that dies is this test program, started once more as a real Steward whose store has a hook:
//! see [`process_that_aborts`]. The one that goes on afterwards is the real binary. What is told meanwhile is a
//! [`Scenario`]: a deletion [`by_id`], or [`by_name`] with the plan that its admin confirms. What a process finds when it
//! starts, and dies while it takes it, is in [`claims`].

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use steward::app::App;
use steward::app::config::{Environment, Settings};
use steward::domain::clock::SystemClock;
use steward::sim::FaultRule;
use steward::store::{Hooks, Moment};
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

/// Says to [`process_that_aborts`] that it is one, and when it dies.
const ABORT_AT: &str = "ABORT_AT";
/// Says to it that what it writes at its start counts as well.
const COUNT_FROM_START: &str = "COUNT_FROM_START";
/// The write with which a scenario begins: what is written at the start of the process is not counted otherwise.
const FIRST_WRITE: &str = "record_delivery";
/// What the process says when its runner has looked for jobs for the first time: from now on what is delivered is
/// handed over, and nobody has to look for it.
const READY: &str = "at work";
const MOMENTS: [Moment; 2] = [Moment::BeforeCommit, Moment::AfterCommit];
const SIGABRT: i32 = 6;

/// A moment to die at: `before record 3`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct AbortPoint {
    moment: Moment,
    write: String,
    number: usize,
}

impl fmt::Display for AbortPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = match self.moment {
            Moment::BeforeCommit => "before",
            Moment::AfterCommit => "after",
        };
        write!(f, "{moment} {} {}", self.write, self.number)
    }
}

/// Counts the writes, from the first delivery on or from the first of all, says each, and aborts when its time has
/// come. Before it counts it says when it is at work.
fn hooks(abort_at: String, count_from_start: bool) -> Hooks {
    let counts: Mutex<HashMap<(Moment, &str), usize>> = Mutex::default();
    Hooks::new(move |moment, write| {
        let mut counts = counts.lock().unwrap();
        if count_from_start || write == FIRST_WRITE || !counts.is_empty() {
            let number = counts.entry((moment, write)).or_default();
            *number += 1;
            let here = AbortPoint { moment, write: write.to_owned(), number: *number }.to_string();
            say(&here);
            if here == abort_at {
                std::process::abort();
            }
        } else if (moment, write) == (Moment::AfterCommit, "claim") {
            say(READY);
        }
        Ok(())
    })
}

/// Not a test unless it is told when to die.
#[tokio::test(flavor = "multi_thread")]
async fn process_that_aborts() {
    #[expect(clippy::disallowed_methods, reason = "what the parent says to its child")]
    let (Ok(abort_at), count_from_start) = (std::env::var(ABORT_AT), std::env::var(COUNT_FROM_START).is_ok())
    else {
        return;
    };
    let mut settings = Settings::load(None, &Environment::of_this_process()).unwrap();
    settings.store_hooks = hooks(abort_at, count_from_start);
    let app = App::build(settings, Arc::new(SystemClock)).await.unwrap();
    app.run(CancellationToken::new()).await.unwrap();
}

/// What happens to the answer to the DELETE of the device.
#[derive(Debug, Clone, Copy)]
enum Answer {
    Comes,
    IsLost,
}

/// What people do on a testbed while processes die and others go on.
trait Scenario {
    /// Where it happens.
    fn testbed(&mut self) -> &mut Testbed;

    /// Says what is to be said next and waits, until all is done. Whoever waits may turn away when the process dies,
    /// and ask again when there is another: it goes on from where it stands.
    async fn proceed(&mut self);

    /// Looks at what was left behind: which answers may be posted once more, because nobody wrote down that they were.
    async fn excuse_reposts(&mut self);

    /// The end is as if nothing had happened.
    async fn check_end(&mut self);
}

/// How a scenario begins, with a Steward that listens.
type Begin<S> = fn(Testbed) -> S;

/// A scenario under way, in a process that is to die.
struct AbortRun<S> {
    scenario: S,
    variables: Vec<(&'static str, String)>,
    address: SocketAddr,
    process: AbortingProcess,
}

impl<S: Scenario> AbortRun<S> {
    async fn prepared(database: &Database, answer: Answer, begin: Begin<S>, abort_at: &str) -> Self {
        let testbed = Testbed::new(database, 40).await;
        if let Answer::IsLost = answer {
            let lost = FaultRule::on("DELETE", "/devices/*").dropping_connection().after_effect().once();
            testbed.sim.fault(lost);
        }
        let address = free_address();
        let variables = testbed.variables(format!("http://{address}"));
        let mut process = AbortingProcess::started(command(&variables, address).env(ABORT_AT, abort_at));
        process.until_ready().await;
        testbed.until_webhooks_are_registered().await;
        Self { scenario: begin(testbed), variables, address, process }
    }

    /// Whether it died; if not, everything was done without its coming to that. Who dies after the very last commit
    /// may be taken for one that does not: all is seen to be done a moment before.
    async fn has_aborted(&mut self) -> bool {
        tokio::select! {
            ended = self.process.process.wait() => {
                assert_eq!(ended.unwrap().signal(), Some(SIGABRT), "it died as it should");
                true
            }
            () = self.scenario.proceed() => false,
        }
    }

    /// Another process process finds what the dead one left behind; all that it writes counts.
    async fn start_aborting_successor(&mut self, abort_at: &str) {
        self.scenario.testbed().end_leases_of_the_dead().await;
        let mut next = command(&self.variables, self.address);
        self.process = AbortingProcess::started(next.env(ABORT_AT, abort_at).env(COUNT_FROM_START, "yes"));
    }

    /// A healthy process finds what the dead one left behind; the end is as if nothing had happened.
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

/// A process that dies when it was told to.
struct AbortingProcess {
    process: Child,
    says: Lines<BufReader<ChildStdout>>,
}

impl AbortingProcess {
    fn started(command: &mut Command) -> Self {
        let mut process = command.spawn().unwrap();
        let says = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, says }
    }

    async fn until_ready(&mut self) {
        // With one thread the test's own name stands before it, on the same line.
        while !self.says.next_line().await.unwrap().expect("it lives until then").ends_with(READY) {}
    }

    /// The names of the writes that it has counted.
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

/// This program as [`process_that_aborts`]; it is still to be told when.
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

/// Dies at this moment of the first such write, of the second, and so on, until there is none to die at; answers how
/// often it died.
async fn abort_at_each<S: Scenario>(
    database: Database,
    (begin, answer): (Begin<S>, Answer),
    (moment, write): (Moment, String),
) -> usize {
    for number in 1.. {
        let death = AbortPoint { moment, write: write.clone(), number };
        let mut run = AbortRun::prepared(&database, answer, begin, &death.to_string()).await;
        if !run.has_aborted().await {
            return number - 1;
        }
        run.proceed().await;
    }
    0
}

/// Tells the scenario once for each moment around each of its commits, and the steps for each of these answers to the
/// DELETE; answers how often somebody died.
async fn abort_around_each_commit<S: Scenario + 'static>(
    database: &Database,
    begin: Begin<S>,
    answers: &[Answer],
) -> usize {
    let mut healthy = AbortRun::prepared(database, Answer::Comes, begin, "never").await;
    assert!(!healthy.has_aborted().await);
    healthy.scenario.check_end().await;
    let writes = healthy.process.writes().await;
    assert!(writes.contains("record") && writes.contains("record_delivery"), "{writes:?}");
    let mut rounds = JoinSet::new();
    for write in writes {
        for moment in MOMENTS {
            let answers = if write == "record" { answers } else { &[Answer::Comes] };
            for answer in answers {
                let death = (moment, write.clone());
                rounds.spawn_local(abort_at_each(database.clone(), (begin, *answer), death));
            }
        }
    }
    rounds.join_all().await.into_iter().sum()
}
