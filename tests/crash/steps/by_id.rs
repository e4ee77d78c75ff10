//! A device is deleted by its id: one message, and the answer to it.

use std::collections::HashMap;

use tokio::task::LocalSet;

use super::{Answer, Story, dies_around_each_commit};
use crate::campaign::excuse_unrecorded_posts;
use crate::field::{Database, Field};
use crate::postgres::{self, say};
use crate::verdict::Verdict;

/// Two deliveries, for Steward hears of its own card too, and three steps: the decision with the intent, the outcome, the
/// card. Before and after each, and the steps once more where the answer to the DELETE is lost; but the last step of all is
/// not always seen.
const LEAST_DEATHS: usize = 16 - 2;

/// Ana has asked for a device to be deleted.
pub struct ById {
    field: Field,
    excused: HashMap<String, usize>,
}

impl ById {
    pub fn begun(mut field: Field) -> Self {
        let device = field.devices(1).remove(0);
        field.order(&device);
        Self { field, excused: HashMap::new() }
    }
}

impl Story for ById {
    fn field(&mut self) -> &mut Field {
        &mut self.field
    }

    async fn goes_on(&mut self) {
        self.field.until_all_is_done().await;
    }

    async fn excuses(&mut self) {
        excuse_unrecorded_posts(&self.field, &mut self.excused).await;
    }

    async fn has_ended_well(&mut self) {
        let verdict = Verdict::of(&self.field, &self.excused).await;
        assert_eq!(verdict.gone(), 1, "{verdict}");
    }
}

async fn ends_the_same(database: Database) {
    let deaths = dies_around_each_commit(&database, ById::begun, &[Answer::Comes, Answer::IsLost]).await;
    assert!(deaths >= LEAST_DEATHS, "{deaths}");
    say(&format!(
        "{deaths} kills before and after each commit of one deletion on {database}, each with the same end"
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_around_any_commit_a_deletion_ends_the_same_on_sqlite() {
    LocalSet::new().run_until(ends_the_same(Database::Sqlite)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_around_any_commit_a_deletion_ends_the_same_on_postgresql() {
    if let Some(server) = postgres::server() {
        LocalSet::new().run_until(ends_the_same(Database::Postgres(server))).await;
    }
}
