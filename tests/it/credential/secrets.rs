//! Secrets of the Service App appear nowhere but, sealed, in the database.

use sqlx::{Connection as _, PgConnection};
use steward::domain::audit::AuditEvent;
use steward::sim::{FaultRule, SERVICE_APP_CLIENT_SECRET, SERVICE_APP_REFRESH_TOKEN, Sim, SimOptions};

use super::{DAY, KEY, RENEWALS, until_ready, variables, with_service_app};
use crate::loopback::free_address;
use crate::processes::process::Process;
use crate::world::World;

impl World {
    /// The whole content of the database.
    async fn database_bytes(&self) -> Vec<u8> {
        let url = self.database_url();
        if let Some(path) = url.strip_prefix("sqlite://") {
            let files = [path.to_owned(), format!("{path}-wal")];
            return files.iter().flat_map(|file| std::fs::read(file).unwrap()).collect();
        }
        let mut connection = PgConnection::connect(&url).await.unwrap();
        let sql = "SELECT encode(sealed, 'escape') || credentials::text FROM credentials
                   UNION ALL SELECT credential_seeds::text FROM credential_seeds
                   UNION ALL SELECT jobs::text FROM jobs UNION ALL SELECT messages::text FROM messages
                   UNION ALL SELECT posts::text FROM posts";
        let rows: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap();
        rows.concat().into_bytes()
    }
}

#[tokio::test]
async fn secrets_are_not_in_the_database_audit_log_or_metrics() {
    let world = with_service_app()
        .setting_of("STEWARD_ALERT_SPACE", |cast| cast.operations.clone())
        .prepare_sim(Sim::rotate_refresh_tokens)
        .start()
        .await;
    world.maintain(8 * DAY).await;
    world.sim.fault(FaultRule::on("POST", RENEWALS).status(200).truncated_body().once());
    world.maintain(8 * DAY).await;
    world.sim.withdraw_service_app();
    world.maintain(80 * DAY).await;
    world.ask(&world.cast.ana, &format!("show device {}", world.a_device_id())).await;
    assert_eq!(world.answers_outside_threads().len(), 1);

    let entries = world.whole_audit().await;
    let renewed = |event: &AuditEvent| matches!(event, AuditEvent::CredentialRenewed { .. });
    assert_eq!(entries.iter().filter(|entry| renewed(&entry.event)).count(), 2);
    let audit = serde_json::to_string(&entries).unwrap();
    let mut stored = world.database_bytes().await;
    stored.extend([audit.into_bytes(), world.get("/metrics").await.body.into_bytes()].concat());
    assert_has_no_secret(&stored);
}

fn assert_has_no_secret(bytes: &[u8]) {
    let tokens = ["sim-service-app-access", "sim-service-app-refresh"];
    for secret in [SERVICE_APP_CLIENT_SECRET, SERVICE_APP_REFRESH_TOKEN, KEY].into_iter().chain(tokens) {
        let is_there = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
        assert!(!is_there, "{secret} is there");
    }
}

#[tokio::test]
async fn secrets_are_not_in_the_log_at_any_level() {
    let sim = Sim::start(SimOptions::default()).await.unwrap();
    sim.fault(FaultRule::on("POST", RENEWALS).status(200).truncated_body().once());
    let (home, address) = (tempfile::TempDir::new().unwrap(), free_address());
    let mut variables = variables(&sim, address);
    variables.push(("STEWARD_LOG", "trace".to_owned()));
    let steward = Process::start(&home, &["serve"], &variables);
    until_ready(address).await;
    steward.terminate();
    let good = steward.finished().await;
    assert_eq!(good.code, Some(0));
    for said in ["expected an access token, found something else", "renewed the admin credential"] {
        assert!(good.stderr.contains(said), "{}", good.stderr);
    }

    // An issued refresh token that has expired since.
    let ended = sim.issue_refresh_token();
    sim.withdraw_service_app();
    variables.push(("STEWARD_SERVICE_APP_REFRESH_TOKEN", ended));
    let refused = Process::start(&home, &["serve"], &variables).finished().await;
    assert_eq!(refused.code, Some(2));
    let said = "steward: STEWARD_SERVICE_APP_REFRESH_TOKEN was not accepted: Webex refused";
    assert!(refused.stderr.lines().any(|line| line.starts_with(said)), "{}", refused.stderr);
    assert_has_no_secret([good.stderr, good.stdout, refused.stderr, refused.stdout].concat().as_bytes());
}
