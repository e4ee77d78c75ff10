//! Kills around the claim of a job left by another process. Usually jobs are handed over without a claim, so one
//! process aborts first, and a second one at its first search for jobs.

use steward::store::CommitPoint;
use tokio::task::{JoinSet, LocalSet};

use super::by_id::ById;
use super::{AbortPoint, AbortRun, Answer, MOMENTS, Scenario as _};
use crate::postgres::{self, say};
use crate::testbed::Database;

/// The point where the first process aborts, and the kind of job left: a delivery, a deletion about to start, one with
/// a recorded intent, one that has happened, a card, a card posted but not recorded.
const LEFT_BEHIND: [(&str, &str); 6] = [
    ("after record_delivery 1", "delivery"),
    ("after commit 1", "command"),
    ("after commit 2", "command"),
    ("before commit 3", "command"),
    ("after commit 3", "message"),
    ("before commit 4", "message"),
];

/// The first process aborts while it works on a job, the second around its claim of that job; the third finishes it.
async fn abort_while_claiming(
    database: Database,
    (first, job): (&'static str, &'static str),
    moment: CommitPoint,
) {
    let mut run = AbortRun::prepare(&database, Answer::Comes, ById::begin, first).await;
    assert!(run.has_aborted().await, "{first}");
    let claims =
        async |run: &mut AbortRun<ById>| run.scenario.testbed().records().await.claims_of_open(job).await;
    assert_eq!(claims(&mut run).await, [1], "{first}");
    let second = AbortPoint { moment, write: "claim".to_owned(), number: 1 }.to_string();
    run.start_aborting_successor(&second).await;
    assert!(run.has_aborted().await, "{first}, {second}");
    let expected = if moment == CommitPoint::AfterCommit { 2 } else { 1 };
    assert_eq!(claims(&mut run).await, [expected], "{first}, {second}");
    run.proceed().await;
}

async fn check_every_commit(database: Database) {
    let mut rounds = JoinSet::new();
    for first in LEFT_BEHIND {
        for moment in MOMENTS {
            rounds.spawn_local(abort_while_claiming(database.clone(), first, moment));
        }
    }
    let rounds = rounds.join_all().await.len();
    say(&format!(
        "{} kills on {database} in {rounds} deletions, each of one process at work and of its successor before or \
         after its first claim, each with the same end",
        2 * rounds
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_survives_a_second_kill_around_the_claim_of_its_job_on_sqlite() {
    LocalSet::new().run_until(check_every_commit(Database::Sqlite)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_survives_a_second_kill_around_the_claim_of_its_job_on_postgresql() {
    if let Some(server) = postgres::server() {
        LocalSet::new().run_until(check_every_commit(Database::Postgres(server))).await;
    }
}
