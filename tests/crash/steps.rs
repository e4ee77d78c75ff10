//! Killed around each commit of a story: the process aborts itself just before and just after.
//!
//! The process that dies is this test program, started once more as a real Steward whose store has a hook:
//! see [`the_process_that_dies`]. The one that goes on afterwards is the real binary. What is told meanwhile is a
//! [`Story`]: a deletion [`by_id`], or [`by_name`] with the plan that its admin confirms. What a process finds when it
//! starts, and dies while it takes it, is in [`claims`].

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
use steward::store::{Hooks, Moment};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::field::{Database, Field};
use crate::loopback::free_address;
use crate::postgres::say;
use crate::replica::Replica;

mod by_id;
mod by_name;
mod claims;

/// Says to [`the_process_that_dies`] that it is one, and when it dies.
const DIES: &str = "DIES_AT";
/// Says to it that what it writes at its start counts as well.
const COUNTS_AT_ONCE: &str = "COUNTS_AT_ONCE";
/// The write with which a story begins: what is written at the start of the process is not counted otherwise.
const FIRST_WRITE: &str = "record_delivery";
/// What the process says when its runner has looked for jobs for the first time: from now on what is delivered is
/// handed over, and nobody has to look for it.
const AT_WORK: &str = "at work";
const MOMENTS: [Moment; 2] = [Moment::BeforeCommit, Moment::AfterCommit];
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

/// Counts the writes, from the first delivery on or from the first of all, says each, and aborts when its time has
/// come. Before it counts it says when it is at work.
fn hooks(dies_at: String, counts_at_once: bool) -> Hooks {
    let counts: Mutex<HashMap<(Moment, &str), usize>> = Mutex::default();
    Hooks::new(move |moment, write| {
        let mut counts = counts.lock().unwrap();
        if counts_at_once || write == FIRST_WRITE || !counts.is_empty() {
            let number = counts.entry((moment, write)).or_default();
            *number += 1;
            let here = Death { moment, write: write.to_owned(), number: *number }.to_string();
            say(&here);
            if here == dies_at {
                std::process::abort();
            }
        } else if (moment, write) == (Moment::AfterCommit, "claim") {
            say(AT_WORK);
        }
        Ok(())
    })
}

/// Not a test unless it is told when to die.
#[tokio::test(flavor = "multi_thread")]
async fn the_process_that_dies() {
    #[expect(clippy::disallowed_methods, reason = "what the parent says to its child")]
    let (Ok(dies_at), counts_at_once) = (std::env::var(DIES), std::env::var(COUNTS_AT_ONCE).is_ok()) else {
        return;
    };
    let settings = Settings::load(None, &Environment::of_this_process()).unwrap();
    let overrides = TestOverrides { store_hooks: hooks(dies_at, counts_at_once), ..TestOverrides::default() };
    let app = App::build_with(settings, Arc::new(SystemClock), overrides).await.unwrap();
    app.run(CancellationToken::new()).await.unwrap();
}

/// What happens to the answer to the DELETE of the device.
#[derive(Debug, Clone, Copy)]
enum Answer {
    Comes,
    IsLost,
}

/// What people do on a field while processes die and others go on.
trait Story {
    /// Where it happens.
    fn field(&mut self) -> &mut Field;

    /// Says what is to be said next and waits, until all is done. Whoever waits may turn away when the process dies,
    /// and ask again when there is another: it goes on from where it stands.
    async fn goes_on(&mut self);

    /// Looks at what was left behind: which answers may be posted once more, because nobody wrote down that they were.
    async fn excuses(&mut self);

    /// The end is as if nothing had happened.
    async fn has_ended_well(&mut self);
}

/// How a story begins, with a Steward that listens.
type Begin<S> = fn(Field) -> S;

/// A story under way, in a process that is to die.
struct Deathbed<S> {
    story: S,
    variables: Vec<(&'static str, String)>,
    address: SocketAddr,
    mortal: Mortal,
}

impl<S: Story> Deathbed<S> {
    async fn prepared(database: &Database, answer: Answer, begin: Begin<S>, dies_at: &str) -> Self {
        let field = Field::new(database, 40).await;
        if let Answer::IsLost = answer {
            let lost = FaultRule::on("DELETE", "/devices/*").dropping_connection().after_effect().once();
            field.sim.fault(lost);
        }
        let address = free_address();
        let variables = field.variables(format!("http://{address}"));
        let mut mortal = Mortal::started(command(&variables, address).env(DIES, dies_at));
        mortal.until_it_is_at_work().await;
        field.until_steward_hears().await;
        Self { story: begin(field), variables, address, mortal }
    }

    /// Whether it died; if not, everything was done without its coming to that. Who dies after the very last commit
    /// may be taken for one that does not: all is seen to be done a moment before.
    async fn has_died(&mut self) -> bool {
        tokio::select! {
            ended = self.mortal.process.wait() => {
                assert_eq!(ended.unwrap().signal(), Some(SIGABRT), "it died as it should");
                true
            }
            () = self.story.goes_on() => false,
        }
    }

    /// Another mortal process finds what the dead one left behind; all that it writes counts.
    async fn is_followed_by_one_that_dies(&mut self, dies_at: &str) {
        self.story.field().end_leases_of_the_dead().await;
        let mut next = command(&self.variables, self.address);
        self.mortal = Mortal::started(next.env(DIES, dies_at).env(COUNTS_AT_ONCE, "yes"));
    }

    /// A healthy process finds what the dead one left behind; the end is as if nothing had happened.
    async fn goes_on(mut self) {
        self.story.excuses().await;
        self.story.field().end_leases_of_the_dead().await;
        let mut successor = Replica::new(self.address, self.variables);
        successor.start();
        successor.listens().await;
        self.story.field().until_all_are_accepted().await;
        self.story.goes_on().await;
        self.story.has_ended_well().await;
        successor.terminate().await;
    }
}

/// A process that dies when it was told to.
struct Mortal {
    process: Child,
    says: Lines<BufReader<ChildStdout>>,
}

impl Mortal {
    fn started(command: &mut Command) -> Self {
        let mut process = command.spawn().unwrap();
        let says = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, says }
    }

    async fn until_it_is_at_work(&mut self) {
        // With one thread the test's own name stands before it, on the same line.
        while !self.says.next_line().await.unwrap().expect("it lives until then").ends_with(AT_WORK) {}
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

/// This program as [`the_process_that_dies`]; it is still to be told when.
fn command(variables: &[(&'static str, String)], address: SocketAddr) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["steps::the_process_that_dies", "--exact", "--nocapture"])
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
async fn dies_at_each<S: Story>(
    database: Database,
    (begin, answer): (Begin<S>, Answer),
    (moment, write): (Moment, String),
) -> usize {
    for number in 1.. {
        let death = Death { moment, write: write.clone(), number };
        let mut deathbed = Deathbed::prepared(&database, answer, begin, &death.to_string()).await;
        if !deathbed.has_died().await {
            return number - 1;
        }
        deathbed.goes_on().await;
    }
    0
}

/// Tells the story once for each moment around each of its commits, and the steps for each of these answers to the
/// DELETE; answers how often somebody died.
async fn dies_around_each_commit<S: Story + 'static>(
    database: &Database,
    begin: Begin<S>,
    answers: &[Answer],
) -> usize {
    let mut healthy = Deathbed::prepared(database, Answer::Comes, begin, "never").await;
    assert!(!healthy.has_died().await);
    healthy.story.has_ended_well().await;
    let writes = healthy.mortal.writes().await;
    assert!(writes.contains("record") && writes.contains("record_delivery"), "{writes:?}");
    let mut rounds = JoinSet::new();
    for write in writes {
        for moment in MOMENTS {
            let answers = if write == "record" { answers } else { &[Answer::Comes] };
            for answer in answers {
                let death = (moment, write.clone());
                rounds.spawn_local(dies_at_each(database.clone(), (begin, *answer), death));
            }
        }
    }
    rounds.join_all().await.into_iter().sum()
}
