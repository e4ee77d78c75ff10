//! Real processes whose database cannot be written: another process holds it, or the disk is full.

use std::time::{Duration, Instant};

use serde_json::json;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, Executor as _, Row as _};
use steward::store::DeliveryKey;

use super::Deployment;
use super::process::{Process, until};
use crate::postgres;
use crate::world::{SECRET, WebhookRequest};

/// Bytes the files may still grow: a few commits.
const ROOM: u64 = 64 << 10;
/// A sufficient number of refusals.
const REFUSALS: usize = 5;
/// The limit for a health check without a writable database, reached only by failing tests.
const AT_ONCE: Duration = Duration::from_secs(10);

/// A message, and its delivery to be sent by hand.
pub struct Question {
    pub message: String,
    request: WebhookRequest,
}

impl Deployment {
    /// Changes the database.
    pub fn on(mut self, database: &str) -> Self {
        self.set_variable("STEWARD_DATABASE_URL", database);
        self
    }

    pub fn set_variable(&mut self, name: &str, value: &str) {
        let variable = self.variables.iter_mut().find(|(variable, _)| *variable == name).unwrap();
        value.clone_into(&mut variable.1);
    }

    /// Stops all deliveries of Webex.
    pub async fn deliver_by_hand(&self) {
        self.post("/_sim/faults", &json!({ "delivery": "lose" })).await;
    }

    /// Writes a message as Ana, to be delivered by hand.
    pub async fn question(&self, text: &str) -> Question {
        let cast = &self.get("/_sim/state").await["cast"];
        let (space, person) = (cast["operations"].as_str().unwrap(), cast["ana"]["id"].as_str().unwrap());
        let message = self.say(text).await;
        let body = json!({
            "id": "webhook-1", "name": "Steward: messages", "resource": "messages", "event": "created",
            "data": {
                "id": message, "roomId": space, "roomType": "group", "personId": person,
                "personEmail": "ana@example.com",
            },
        });
        Question { message, request: WebhookRequest::unsigned(body.to_string()).signed_with(SECRET) }
    }

    /// Delivers a message. Returns the status.
    pub async fn deliver(&self, question: &Question) -> u16 {
        let mut request = self.http.post(format!("{}/webhooks/webex", self.steward_url));
        for (name, value) in &question.request.headers {
            request = request.header(name, value);
        }
        request.body(question.request.body.clone()).send().await.unwrap().status().as_u16()
    }

    async fn status(&self, path: &str) -> u16 {
        self.http.get(format!("{}{path}", self.steward_url)).send().await.unwrap().status().as_u16()
    }

    /// Checks that Steward is alive but not ready.
    pub async fn is_alive_but_not_ready(&self) {
        let health = tokio::time::timeout(AT_ONCE, self.status("/healthz")).await;
        assert_eq!(health, Ok(200));
        until("it says that it is not ready", async || (self.status("/readyz").await == 503).then_some(()))
            .await;
    }

    /// Waits until Steward is ready again, delivers the refused messages, and checks that all are answered. Messages
    /// accepted before the failure may be answered twice, if the first post could not be recorded.
    pub async fn check_recovery(&self, taken: Vec<Question>, refused: Vec<Question>) {
        until("it is ready again", async || (self.status("/readyz").await == 200).then_some(())).await;
        for question in &refused {
            assert_eq!(self.deliver(question).await, 200);
        }
        for question in taken.iter().chain(&refused) {
            self.answer_to(&question.message).await;
        }
        self.let_webex_deliver().await;
        self.wait_for_a_later_answer().await;
        for (questions, at_most) in [(&taken, 2), (&refused, 1)] {
            for question in questions {
                let answers = self.answers_to(&question.message).await;
                assert!(answers.len() <= at_most, "{answers:#?}");
            }
        }
    }

    async fn let_webex_deliver(&self) {
        let cleared = self.http.delete(format!("{}/_sim/faults", self.sim_url)).send().await.unwrap();
        assert!(cleared.status().is_success());
    }
}

const LOCK_TIME: Duration = Duration::from_secs(10);

/// After two accepted deliveries this connection locks the database with this statement.
macro_rules! locked_by {
    ($deployment:ident, $connection:expr, $words:literal) => {{
        let steward = $deployment.serve().await;
        $deployment.deliver_by_hand().await;
        let mut taken = Vec::new();
        for _ in 0..2 {
            let question = $deployment.question("about").await;
            assert_eq!($deployment.deliver(&question).await, 200);
            taken.push(question);
        }
        let mut holder = $connection;
        holder.execute($words).await.unwrap();
        let since = Instant::now();
        let mut refused = Vec::new();
        // Each refusal takes a few seconds.
        while since.elapsed() < LOCK_TIME {
            let question = $deployment.question("about").await;
            assert_eq!($deployment.deliver(&question).await, 503);
            refused.push(question);
            $deployment.is_alive_but_not_ready().await;
        }
        holder.execute("COMMIT").await.unwrap();
        $deployment.check_recovery(taken, refused).await;
        steward.terminate();
        assert_eq!(steward.finished().await.code, Some(0));
    }};
}

#[tokio::test]
async fn a_locked_sqlite_file_refuses_deliveries_and_loses_nothing_acknowledged() {
    let deployment = Deployment::new().await;
    let file = deployment.home.path().join("steward.db");
    locked_by!(
        deployment,
        SqliteConnectOptions::new().filename(&file).connect().await.unwrap(),
        "BEGIN IMMEDIATE"
    );
}

#[tokio::test]
async fn locked_postgresql_tables_refuse_deliveries_and_lose_nothing_acknowledged() {
    let Some(server) = postgres::server() else { return };
    let address = postgres::new_database(&server).await;
    let deployment = Deployment::new().await.on(&address);
    locked_by!(
        deployment,
        PgConnection::connect(&address).await.unwrap(),
        "BEGIN; LOCK TABLE jobs, health IN ACCESS EXCLUSIVE MODE"
    );
}

#[tokio::test]
async fn a_full_disk_refuses_deliveries_and_loses_nothing_acknowledged() {
    let deployment = Deployment::new().await;
    let steward = Process::start_on_a_full_disk(&deployment.home, &deployment.variables);
    let steward = deployment.ready(steward).await;
    deployment.deliver_by_hand().await;
    let size = |name: &str| std::fs::metadata(deployment.home.path().join(name)).unwrap().len();
    steward.limit_files_to(&(size("steward.db").max(size("steward.db-wal")) + ROOM).to_string());

    let (mut taken, mut refused) = (Vec::new(), Vec::new());
    while refused.len() < REFUSALS {
        let question = deployment.question("about").await;
        match deployment.deliver(&question).await {
            200 => taken.push(question),
            503 => refused.push(question),
            other => panic!("answered {other}"),
        }
        assert!(taken.len() < 500, "the disk is never full");
    }
    deployment.is_alive_but_not_ready().await;
    assert!(!taken.is_empty(), "there was room for a few commits");

    steward.limit_files_to("unlimited");
    let messages: Vec<String> = taken.iter().map(|question| question.message.clone()).collect();
    deployment.check_recovery(taken, refused).await;
    for message in messages {
        assert!(is_stored(&deployment, &message).await, "acknowledged and not in the database: {message}");
    }
    steward.terminate();
    assert_eq!(steward.finished().await.code, Some(0));
}

async fn is_stored(deployment: &Deployment, message: &str) -> bool {
    let options =
        SqliteConnectOptions::new().filename(deployment.home.path().join("steward.db")).read_only(true);
    let mut connection = options.connect().await.unwrap();
    let sql = "SELECT count(*) AS jobs FROM jobs WHERE kind = 'delivery' AND subject = $1";
    let key = DeliveryKey::event("messages", "created", message);
    let row = sqlx::query(sql).bind(key.subject()).fetch_one(&mut connection).await.unwrap();
    row.get::<i64, _>("jobs") == 1
}
