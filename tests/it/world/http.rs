//! HTTP calls of tests, all on loopback.

/// An answer over HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub body: String,
}

pub fn http_client() -> reqwest::Client {
    // Another test may have installed the same provider already.
    rustls::crypto::ring::default_provider().install_default().ok();
    #[expect(clippy::disallowed_methods, reason = "the tests call Steward and the simulation, not Webex")]
    let builder = reqwest::Client::builder();
    builder.no_proxy().build().unwrap()
}

pub async fn read(request: reqwest::RequestBuilder) -> Reply {
    let response = request.send().await.unwrap();
    Reply { status: response.status().as_u16(), body: response.text().await.unwrap() }
}
