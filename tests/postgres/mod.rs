//! New databases on the PostgreSQL server of the test run, if there is one: see `scripts/with-postgres`.

use std::io::Write as _;
use std::sync::Once;

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

/// The server for the databases of tests. If there is none, a printed line says how to start one.
pub fn server() -> Option<String> {
    static NOTICE: Once = Once::new();
    #[expect(clippy::disallowed_methods, reason = "a setting of the tests, not one of Steward's")]
    let server = std::env::var("TEST_POSTGRES_URL").ok();
    if server.is_none() {
        NOTICE.call_once(|| say("on SQLite only; `scripts/with-postgres cargo test` runs PostgreSQL too"));
    }
    server
}

/// Prints a line even when all tests pass; the output of a passing test is captured.
pub fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("stdout can be written to");
}

/// Creates a database for one test and returns its address.
pub async fn new_database(server: &str) -> String {
    let name = format!("steward_{}", uuid::Uuid::new_v4().simple());
    let mut connection = PgConnection::connect(server).await.expect("the server accepts connections");
    let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
    connection.execute(create).await.expect("the database can be created");
    let (server, _) = server.rsplit_once('/').expect("an address with a database");
    format!("{server}/{name}")
}
