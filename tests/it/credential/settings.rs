//! Settings of the Service App: its key, a new refresh token, and the report of `steward check`.

use steward::app::Verdict;
use steward::sim::{FaultRule, SERVICE_APP_REFRESH_TOKEN};

use super::{DAY, KEY, RENEWALS, with_service_app};

#[tokio::test]
async fn a_wrong_key_for_the_stored_tokens_is_a_clear_error() {
    let mut world = with_service_app().start().await;
    let other = KEY.replace('0', "f");
    let error = world.restart_with(&[("STEWARD_ENCRYPTION_KEY", &other)]).await.unwrap_err();
    assert!(error.is_the_settings_fault());
    assert!(
        error.to_string().starts_with(
            "STEWARD_ENCRYPTION_KEY is wrong: the tokens in the database were sealed with another key"
        ),
        "{error}"
    );
    assert!(!error.to_string().contains(&other[..8]));
    world.restart_with(&[("STEWARD_ENCRYPTION_KEY", KEY)]).await.unwrap();
    assert_eq!(world.renewals().len(), 1);
}

#[tokio::test]
async fn a_new_refresh_token_in_the_settings_wins_and_an_old_one_is_ignored() {
    let mut world = with_service_app().start().await;
    world.sim.withdraw_service_app();
    let issued = world.sim.issue_refresh_token();
    let other = KEY.replace('0', "f");
    world
        .restart_with(&[("STEWARD_SERVICE_APP_REFRESH_TOKEN", &issued), ("STEWARD_ENCRYPTION_KEY", &other)])
        .await
        .unwrap();
    assert!(world.deletes_a_device().await);
    assert_eq!(world.renewals(), [Some(200), Some(200)]);
    // A replica without the new setting restarts.
    world.restart_with(&[("STEWARD_SERVICE_APP_REFRESH_TOKEN", SERVICE_APP_REFRESH_TOKEN)]).await.unwrap();
    assert!(world.deletes_a_device().await);
    assert_eq!(world.renewals(), [Some(200), Some(200)]);
}

#[tokio::test]
async fn check_uses_the_stored_token_and_never_renews() {
    let world = with_service_app().start().await;
    let verdicts = async |changes: &[(&str, String)]| {
        let report = world.check(changes).await;
        let of = |check: &str| report.checks.iter().find(|finding| finding.check == check).unwrap().verdict;
        (of("encryption_key"), of("admin_credential"))
    };
    let (good, unchecked) = (Verdict::Good, Verdict::NotChecked);
    assert_eq!(verdicts(&[]).await, (good, good));
    let other_key = [("STEWARD_ENCRYPTION_KEY", KEY.replace('0', "f"))];
    assert_eq!(verdicts(&other_key).await, (Verdict::Misconfigured, unchecked));
    let other_app = [("STEWARD_SERVICE_APP_CLIENT_ID", "another".to_owned())];
    assert_eq!(verdicts(&other_app).await, (good, unchecked));
    let nowhere = tempfile::TempDir::new().unwrap();
    let none_yet = [("STEWARD_DATABASE_URL", format!("sqlite://{}/none.db", nowhere.path().display()))];
    assert_eq!(verdicts(&none_yet).await, (good, unchecked));
    assert_eq!(nowhere.path().read_dir().unwrap().count(), 0, "a check creates nothing");
    world.clock.advance(15 * DAY);
    assert_eq!(verdicts(&[]).await, (good, unchecked));
    assert_eq!(world.renewals().len(), 1);
}

#[tokio::test]
async fn a_refused_refresh_token_or_client_secret_is_a_settings_error() {
    for variable in ["STEWARD_SERVICE_APP_REFRESH_TOKEN", "STEWARD_SERVICE_APP_CLIENT_SECRET"] {
        let error = with_service_app().setting(variable, "nobody's").start_error().await;
        assert!(error.is_the_settings_fault());
        let message = error.to_string();
        assert!(message.contains("refused to renew") && message.contains("client secret"), "{message}");
        assert!(!message.contains("nobody's"), "{message}");
    }
}

#[tokio::test]
async fn webex_being_down_at_the_first_start_is_not_a_settings_error() {
    for fault in [
        FaultRule::on("POST", RENEWALS).status(503),
        FaultRule::on("POST", RENEWALS).dropping_connection(),
        FaultRule::on("POST", RENEWALS).status(429).retry_after("60"),
        FaultRule::on("POST", RENEWALS).status(200).html_body(),
    ] {
        let error = with_service_app().prepare_sim(|sim| sim.fault(fault)).start_error().await;
        assert!(!error.is_the_settings_fault(), "{error}");
        assert!(error.to_string().starts_with("cannot ask Webex"), "{error}");
    }
}
