//! A disk that is full: the files of the process may not grow.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Row as _};
use steward::store::DeliveryKey;

use super::Stage;
use super::process::Process;

/// How much the files may still grow: a few commits.
const ROOM: u64 = 64 << 10;
/// Refusals that are enough to see.
const REFUSALS: usize = 5;

#[tokio::test]
async fn on_a_full_disk_deliveries_are_refused_and_with_room_again_nothing_acknowledged_is_lost() {
    let stage = Stage::set().await;
    let steward = Process::start_on_a_full_disk(&stage.home, &stage.variables);
    let steward = stage.ready(steward).await;
    stage.deliver_by_hand().await;
    let size = |name: &str| std::fs::metadata(stage.home.path().join(name)).unwrap().len();
    steward.limit_files_to(&(size("steward.db").max(size("steward.db-wal")) + ROOM).to_string());

    let (mut taken, mut refused) = (Vec::new(), Vec::new());
    while refused.len() < REFUSALS {
        let question = stage.question("about").await;
        match stage.deliver(&question).await {
            200 => taken.push(question),
            503 => refused.push(question),
            other => panic!("answered {other}"),
        }
        assert!(taken.len() < 500, "the disk is never full");
    }
    stage.lives_and_is_not_ready().await;
    assert!(!taken.is_empty(), "there was room for a few commits");

    steward.limit_files_to("unlimited");
    let messages: Vec<String> = taken.iter().map(|question| question.message.clone()).collect();
    stage.recovers(taken, refused).await;
    for message in messages {
        assert!(is_stored(&stage, &message).await, "acknowledged and not in the database: {message}");
    }
    steward.terminate();
    assert_eq!(steward.finished().await.code, Some(0));
}

async fn is_stored(stage: &Stage, message: &str) -> bool {
    let options = SqliteConnectOptions::new().filename(stage.home.path().join("steward.db")).read_only(true);
    let mut connection = options.connect().await.unwrap();
    let sql = "SELECT count(*) AS jobs FROM jobs WHERE kind = 'delivery' AND subject = $1";
    let key = DeliveryKey::event("messages", "created", message);
    let row = sqlx::query(sql).bind(key.subject()).fetch_one(&mut connection).await.unwrap();
    row.get::<i64, _>("jobs") == 1
}
