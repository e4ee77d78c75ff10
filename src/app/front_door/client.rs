//! Calls Steward's own public address.

use std::time::Duration;

use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, LOCATION, WWW_AUTHENTICATE};
use url::Url;

use super::broken_part::{BrokenPart, ProbeAnswer, judge, judge_failure};
use crate::app::config::Settings;
use crate::app::webhooks::target_at;
use crate::http::probe::{PROBE_HEADER, Probe};
use crate::webex::signature::WebhookSecrets;

/// How long the way through the public address may take. Webex's own limit is not published.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How much of an answer is read.
const LARGEST_ANSWER: usize = 16 << 10;
/// Looks like a delivery to firewalls, and is none.
const BODY: &str = "{}";

/// The client for Steward's public address. It sends no token and follows no redirect, as Webex does not either.
#[derive(Debug, Clone)]
pub(crate) struct FrontDoor {
    http: reqwest::Client,
    address: String,
    secrets: WebhookSecrets,
}

impl FrontDoor {
    /// None without a public address.
    pub(crate) fn new(settings: &Settings) -> Result<Option<Self>, reqwest::Error> {
        let Some(public_url) = &settings.public_url else { return Ok(None) };
        Self::at(public_url, settings.webhook_secrets.clone()).map(Some)
    }

    fn at(public_url: &Url, secrets: WebhookSecrets) -> Result<Self, reqwest::Error> {
        // Fails if the process has installed a provider already, which works as well.
        rustls::crypto::ring::default_provider().install_default().ok();
        #[expect(clippy::disallowed_methods, reason = "Steward's own address is not Webex's")]
        let http = reqwest::Client::builder()
            .user_agent(concat!("steward/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .timeout(TIMEOUT)
            // Each probe goes the whole way, name and certificate included.
            .pool_max_idle_per_host(0)
            .build()?;
        Ok(Self { http, address: target_at(public_url), secrets })
    }

    /// The address that Webex delivers to.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Sends a signed probe and judges the answer.
    pub(crate) async fn probe(&self) -> Result<(), BrokenPart> {
        let probe = Probe::new(&self.secrets, rand::random());
        let answer = self.post(Some(&probe)).await?;
        judge(&answer, &probe)
    }

    /// The status of a POST without a signature. Steward's is 401.
    pub(crate) async fn post_unsigned(&self) -> Result<u16, BrokenPart> {
        Ok(self.post(None).await?.status)
    }

    async fn post(&self, probe: Option<&Probe>) -> Result<ProbeAnswer, BrokenPart> {
        let mut request = self.http.post(&self.address).header(CONTENT_TYPE, "application/json").body(BODY);
        if let Some(probe) = probe {
            request = request.header(PROBE_HEADER, probe.header());
        }
        let response = request.send().await.map_err(|error| judge_failure(&error))?;
        read(response).await.map_err(|error| judge_failure(&error))
    }
}

async fn read(mut response: Response) -> Result<ProbeAnswer, reqwest::Error> {
    let header =
        |name| response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut answer = ProbeAnswer {
        status: response.status().as_u16(),
        location: header(LOCATION).to_owned(),
        asks_to_authenticate: response.headers().contains_key(WWW_AUTHENTICATE),
        is_html: header(CONTENT_TYPE).contains("html"),
        body: String::new(),
    };
    let mut body = Vec::new();
    while body.len() < LARGEST_ANSWER
        && let Some(chunk) = response.chunk().await?
    {
        body.extend_from_slice(&chunk);
    }
    answer.body = String::from_utf8_lossy(&body).into_owned();
    Ok(answer)
}
