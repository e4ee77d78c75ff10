//! New databases on a PostgreSQL server, if one is available: see `scripts/with-postgres`.

use std::io::Write as _;
use std::sync::Once;

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

/// The PostgreSQL server. If there is none, prints once how to get one.
pub fn server() -> Option<String> {
    static SAID: Once = Once::new();
    #[expect(clippy::disallowed_methods, reason = "a setting of the tests, not one of Steward's")]
    let server = std::env::var("TEST_POSTGRES_URL").ok();
    if server.is_none() {
        SAID.call_once(|| say("on SQLite only; `scripts/with-postgres cargo test` runs PostgreSQL too"));
    }
    server
}

/// Prints a line that is shown even if the test passes.
pub fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("it can be written");
}

/// Creates a database and returns its address.
pub async fn new_database(server: &str) -> String {
    let name = format!("steward_{}", uuid::Uuid::new_v4().simple());
    let mut connection = PgConnection::connect(server).await.expect("the server is there");
    let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
    connection.execute(create).await.expect("it may be created");
    let (server, _) = server.rsplit_once('/').expect("an address with a database");
    format!("{server}/{name}")
}
