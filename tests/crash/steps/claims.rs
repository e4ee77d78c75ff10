//! Killed while a job is taken that somebody else left behind: on the usual way nobody looks for jobs, so a first
//! process dies, and a second one at its first look.

use steward::store::CommitPoint;
use tokio::task::{JoinSet, LocalSet};

use super::by_id::ById;
use super::{Answer, Death, Deathbed, MOMENTS, Story as _};
use crate::field::Database;
use crate::postgres::{self, say};

/// Where the first process dies, and the kind of the job that is left: a delivery, a deletion that was about to begin, one
/// that has happened, a card, a card that is posted and not known to be.
const LEFT_BEHIND: [(&str, &str); 5] = [
    ("after record_delivery 1", "delivery"),
    ("after record 1", "command"),
    ("before record 2", "command"),
    ("after record 2", "message"),
    ("before record 3", "message"),
];

/// The first process dies at its work on a job, the second around its first claim, which is of that job; the third
/// ends it well.
async fn dies_while_taking(
    database: Database,
    (first, job): (&'static str, &'static str),
    moment: CommitPoint,
) {
    let mut deathbed = Deathbed::prepared(&database, Answer::Comes, ById::begun, first).await;
    assert!(deathbed.has_died().await, "{first}");
    let takes =
        async |deathbed: &mut Deathbed<ById>| deathbed.story.field().records().await.takes_of_open(job).await;
    assert_eq!(takes(&mut deathbed).await, [1], "{first}");
    let second = Death { moment, write: "claim".to_owned(), number: 1 }.to_string();
    deathbed.is_followed_by_one_that_dies(&second).await;
    assert!(deathbed.has_died().await, "{first}, {second}");
    let expected = if moment == CommitPoint::AfterCommit { 2 } else { 1 };
    assert_eq!(takes(&mut deathbed).await, [expected], "{first}, {second}");
    deathbed.goes_on().await;
}

async fn ends_the_same(database: Database) {
    let mut rounds = JoinSet::new();
    for first in LEFT_BEHIND {
        for moment in MOMENTS {
            rounds.spawn_local(dies_while_taking(database.clone(), first, moment));
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
async fn killed_around_the_claim_of_what_was_left_a_deletion_ends_the_same_on_sqlite() {
    LocalSet::new().run_until(ends_the_same(Database::Sqlite)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_around_the_claim_of_what_was_left_a_deletion_ends_the_same_on_postgresql() {
    if let Some(server) = postgres::server() {
        LocalSet::new().run_until(ends_the_same(Database::Postgres(server))).await;
    }
}
