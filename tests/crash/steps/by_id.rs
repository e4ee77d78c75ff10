//! A deletion by id: one message, and its answer.

use std::collections::HashMap;

use tokio::task::LocalSet;

use super::{Answer, Scenario, abort_around_each_commit};
use crate::campaign::excuse_unrecorded_posts;
use crate::postgres::{self, say};
use crate::testbed::{Database, Testbed};
use crate::verdict::Verdict;

/// Two deliveries, the one about Steward's own card included, and three steps: the decision with the intent, the
/// outcome, the card. Aborts come before and after each, and around the steps again with a lost answer to the DELETE;
/// but the very last one may be missed.
const LEAST_KILLS: usize = 16 - 2;

/// Ana has asked for the deletion of a device by its id.
pub struct ById {
    testbed: Testbed,
    excused: HashMap<String, usize>,
}

impl ById {
    pub fn begin(mut testbed: Testbed) -> Self {
        let device = testbed.devices(1).remove(0);
        testbed.order(&device);
        Self { testbed, excused: HashMap::new() }
    }
}

impl Scenario for ById {
    fn testbed(&mut self) -> &mut Testbed {
        &mut self.testbed
    }

    async fn proceed(&mut self) {
        self.testbed.until_all_is_done().await;
    }

    async fn excuse_reposts(&mut self) {
        excuse_unrecorded_posts(&self.testbed, &mut self.excused).await;
    }

    async fn check_end(&mut self) {
        let verdict = Verdict::of(&self.testbed, &self.excused).await;
        assert_eq!(verdict.gone(), 1, "{verdict}");
    }
}

async fn check_every_commit(database: Database) {
    let kills = abort_around_each_commit(&database, ById::begin, &[Answer::Comes, Answer::IsLost]).await;
    assert!(kills >= LEAST_KILLS, "{kills}");
    say(&format!(
        "{kills} kills before and after each commit of one deletion on {database}, each with the same end"
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_survives_a_kill_around_any_commit_on_sqlite() {
    LocalSet::new().run_until(check_every_commit(Database::Sqlite)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_survives_a_kill_around_any_commit_on_postgresql() {
    if let Some(server) = postgres::server() {
        LocalSet::new().run_until(check_every_commit(Database::Postgres(server))).await;
    }
}
