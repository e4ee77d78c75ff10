//! The tokens of the Service App: renewal, rotation, expiry and revocation.

use jiff::SignedDuration;
use serde_json::Value;

use super::{ReceivedAnswer, TestSim};
use crate::sim::{SERVICE_APP_CLIENT_ID, SERVICE_APP_CLIENT_SECRET, SERVICE_APP_REFRESH_TOKEN};

const DAY: SignedDuration = SignedDuration::from_hours(24);

impl TestSim {
    async fn refresh(&self, secret: &str, refresh_token: &str) -> ReceivedAnswer {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "refresh_token")
            .append_pair("client_id", SERVICE_APP_CLIENT_ID)
            .append_pair("client_secret", secret)
            .append_pair("refresh_token", refresh_token)
            .finish();
        self.post_form(form, None).await
    }

    async fn post_form(&self, form: String, basic: Option<&str>) -> ReceivedAnswer {
        let request = self.client.post(format!("{}/access_token", self.sim.api_base())).body(form);
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        let request = match basic {
            Some(secret) => request.basic_auth(SERVICE_APP_CLIENT_ID, Some(secret)),
            None => request,
        };
        ReceivedAnswer::read(request.send().await.unwrap()).await.unwrap()
    }

    async fn status_of_list(&self, token: &Value) -> u16 {
        self.call(token.as_str().unwrap(), "GET", "/devices").await.status.as_u16()
    }
}

#[tokio::test]
async fn a_refresh_token_gives_access_for_fourteen_days_and_stays_the_same() {
    let test = TestSim::start().await;
    let renewed = test.refresh(SERVICE_APP_CLIENT_SECRET, SERVICE_APP_REFRESH_TOKEN).await.json();
    assert_eq!(
        (&renewed["expires_in"], &renewed["refresh_token_expires_in"]),
        (&1_209_599.into(), &7_775_999.into())
    );
    assert_eq!(renewed["refresh_token"], SERVICE_APP_REFRESH_TOKEN);
    test.clock.advance(13 * DAY);
    assert_eq!(test.status_of_list(&renewed["access_token"]).await, 200);
    test.clock.advance(DAY);
    assert_eq!(test.status_of_list(&renewed["access_token"]).await, 401);
}

#[tokio::test]
async fn each_use_of_a_refresh_token_restarts_its_ninety_days() {
    let test = TestSim::start().await;
    for (days, status) in [(89, 200), (89, 200), (90, 400)] {
        test.clock.advance(days * DAY);
        let answer = test.refresh(SERVICE_APP_CLIENT_SECRET, SERVICE_APP_REFRESH_TOKEN).await;
        assert_eq!(answer.status.as_u16(), status);
    }
}

#[tokio::test]
async fn a_rotating_refresh_token_is_valid_once() {
    let test = TestSim::start().await;
    test.sim.rotate_refresh_tokens();
    let renewed = test.refresh(SERVICE_APP_CLIENT_SECRET, SERVICE_APP_REFRESH_TOKEN).await.json();
    let next = renewed["refresh_token"].as_str().unwrap();
    assert_ne!(next, SERVICE_APP_REFRESH_TOKEN);
    for (token, status) in [(SERVICE_APP_REFRESH_TOKEN, 400), (next, 200)] {
        assert_eq!(test.refresh(SERVICE_APP_CLIENT_SECRET, token).await.status.as_u16(), status);
    }
}

#[tokio::test]
async fn the_client_authenticates_in_the_form_or_by_basic() {
    let test = TestSim::start().await;
    assert_eq!(test.refresh("another secret", SERVICE_APP_REFRESH_TOKEN).await.status.as_u16(), 401);
    let form = format!("grant_type=refresh_token&refresh_token={SERVICE_APP_REFRESH_TOKEN}");
    for (basic, status) in [(Some(SERVICE_APP_CLIENT_SECRET), 200), (Some("another"), 401), (None, 401)] {
        assert_eq!(test.post_form(form.clone(), basic).await.status.as_u16(), status);
    }
    let code = form.replace("grant_type=refresh_token", "grant_type=authorization_code");
    assert_eq!(test.post_form(code, Some(SERVICE_APP_CLIENT_SECRET)).await.status.as_u16(), 400);
}

#[tokio::test]
async fn a_revoked_authorization_ends_every_token_until_new_ones_are_issued() {
    let test = TestSim::start().await;
    let before = test.refresh(SERVICE_APP_CLIENT_SECRET, SERVICE_APP_REFRESH_TOKEN).await.json();
    test.sim.withdraw_service_app();
    assert_eq!(test.status_of_list(&before["access_token"]).await, 401);
    assert_eq!(test.refresh(SERVICE_APP_CLIENT_SECRET, SERVICE_APP_REFRESH_TOKEN).await.status.as_u16(), 400);
    let issued = test.sim.issue_refresh_token();
    let after = test.refresh(SERVICE_APP_CLIENT_SECRET, &issued).await.json();
    assert_eq!(test.status_of_list(&after["access_token"]).await, 200);
}
