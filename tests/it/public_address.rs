//! The probe of Steward's own public address: it names the broken part of the way, and never makes Steward unready.

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use jiff::SignedDuration;
use serde_json::Value;
use tokio::net::TcpListener;

use crate::world::{Reply, SECRET, World, read};

/// The time between two probes of a running Steward.
const PERIOD: SignedDuration = SignedDuration::from_mins(5);

/// A server at the public address that answers everything in the same way instead of passing it on.
pub struct Front {
    pub url: String,
}

impl Front {
    pub async fn answering(status: u16, headers: &[(&'static str, &str)], body: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let status = StatusCode::from_u16(status).unwrap();
        let headers: HeaderMap =
            headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        let service = Router::new().fallback(move || std::future::ready((status, headers.clone(), body)));
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self { url }
    }

    /// A proxy that does not know the path.
    pub async fn without_the_path() -> Self {
        Self::answering(404, &[("content-type", "text/html")], "<h1>404 Not Found</h1>").await
    }
}

impl World {
    async fn public_address(&self) -> (u16, String) {
        let Reply { status, body } = self.get("/readyz").await;
        let parts: Value = serde_json::from_str(&body).unwrap();
        (status, parts["public_address"].as_str().unwrap().to_owned())
    }

    /// Probes the public address after the usual time.
    async fn probe_later(&self) {
        self.clock.advance(PERIOD);
        self.app().check_public_address().await;
        self.settle().await;
    }

    /// Ana asks for help, and the delivery arrives past the broken front.
    async fn deliver_past_the_front(&self) {
        let (message, request) = self.say_undelivered(&self.cast.ana, "help");
        assert_eq!(self.deliver(&request.signed_with(SECRET)).await.status, 200);
        self.settle().await;
        self.the_answer_to(&message);
    }
}

#[tokio::test]
async fn an_open_way_is_reported_and_nothing_is_stored() {
    let world = World::new().await;
    assert_eq!(world.public_address().await, (200, "not known yet".to_owned()));
    world.app().check_public_address().await;
    assert_eq!(world.public_address().await, (200, "ok".to_owned()));
    assert_eq!(world.metric("public_address_probes_total{result=\"ok\"}").await, 1);
    let jobs = world.jobs().await;
    assert_eq!(
        (jobs.waiting, jobs.running, world.app().store().last_delivery().await.unwrap()),
        (0, 0, None)
    );
    assert!(!world.get("/metrics").await.body.contains("steward_deliveries_total{"), "it is no delivery");
    assert_eq!(world.metric("last_delivery_seconds").await, 0);
}

#[tokio::test]
async fn each_broken_part_of_the_way_is_named_and_steward_stays_ready() {
    let html = [("content-type", "text/html")];
    let login = [("location", "https://idp.example.com/login?next=/webhooks/webex")];
    for (front, part) in [
        (Front::answering(200, &[], "ok").await, "another program answers"),
        (Front::answering(200, &html, "<title>Sign in</title>").await, "a login page"),
        (Front::answering(302, &login, "").await, "a login page"),
        (Front::answering(301, &[("location", "https://www.example.com/")], "").await, "a redirect"),
        (Front::answering(401, &[], "").await, "another webhook secret"),
        (Front::answering(403, &html, "<h1>Forbidden</h1>").await, "a firewall refuses"),
        (Front::without_the_path().await, "the path is not passed on"),
        (Front::answering(405, &[], "").await, "POST is not passed on"),
        (
            Front::answering(502, &html, "<h1>Bad Gateway</h1>").await,
            "the proxy in front cannot reach Steward",
        ),
        (Front { url: "http://127.0.0.1:1".to_owned() }, "nothing listens there"),
    ] {
        let world = World::with().setting("STEWARD_PUBLIC_URL", &front.url).start().await;
        world.app().check_public_address().await;
        assert_eq!(world.public_address().await, (200, format!("not ok: {part}")));
        let counter = format!("public_address_probes_total{{result=\"{part}\"}}");
        assert_eq!(world.metric(&counter).await, 1, "{part}");
    }
}

#[tokio::test]
async fn a_delivery_outweighs_a_failed_probe() {
    let front = Front::without_the_path().await;
    let world = World::with().setting("STEWARD_PUBLIC_URL", &front.url).start().await;
    world.probe_later().await;
    assert_eq!(world.public_address().await.1, "not ok: the path is not passed on");
    world.deliver_past_the_front().await;
    let expected = "ok: Webex delivers, although a probe from here failed (the path is not passed on)";
    assert_eq!(world.public_address().await, (200, expected.to_owned()));
    assert_eq!(world.metric("last_delivery_seconds").await, u64::try_from(world.now().as_second()).unwrap());
    world.probe_later().await;
    assert_eq!(world.public_address().await.1, "not ok: the path is not passed on");
}

#[tokio::test]
async fn a_lasting_failure_warns_the_alert_space_once_unless_webex_delivers() {
    let front = Front::without_the_path().await;
    let broken = || {
        World::with()
            .setting("STEWARD_PUBLIC_URL", &front.url)
            .setting_of("STEWARD_ALERT_SPACE", |cast| cast.operations.clone())
    };
    let mut world = broken().start().await;
    world.probe_later().await;
    assert!(world.answers_outside_threads().is_empty(), "it may be a restart of the proxy");
    for _ in 0..3 {
        world.probe_later().await;
    }
    let alert = world.answers_outside_threads();
    assert_eq!(alert.len(), 1);
    insta::assert_snapshot!(alert[0].text, @r"
    ? Webex may not reach Steward
    Steward asked its own public address and did not get its own answer: the path is not passed on.
    Operators: Let the proxy in front pass on POST /webhooks/webex with its path unchanged.
    If commands and buttons still work, ignore this: in some networks a server cannot reach its own public address.
    ");
    // The same day, another process would say the same.
    world.restart().await;
    world.probe_later().await;
    world.probe_later().await;
    assert_eq!(world.answers_outside_threads().len(), 1);

    let world = broken().start().await;
    world.probe_later().await;
    world.deliver_past_the_front().await;
    world.probe_later().await;
    world.probe_later().await;
    assert!(world.answers_outside_threads().is_empty(), "Webex delivers");
}

#[tokio::test]
async fn the_header_of_a_probe_gives_no_rights() {
    let world = World::new().await;
    let nonce = "00".repeat(16);
    let forged = format!("{nonce}.{}", "00".repeat(32));
    for header in ["", "x", &nonce, &forged] {
        let url = world.url("/webhooks/webex");
        let request = crate::world::http_client().post(url).header("X-Steward-Probe", header).body("{}");
        assert_eq!(read(request).await.status, 401, "{header}");
    }
    assert_eq!(world.metric("deliveries_total{result=\"missing\"}").await, 4);
    let (message, request) = world.say_undelivered(&world.cast.ana, "help");
    let request = request.signed_with(SECRET).header("X-Steward-Probe", &forged);
    assert_eq!(world.deliver(&request).await.status, 200);
    world.settle().await;
    world.the_answer_to(&message);
}

#[tokio::test]
async fn requests_to_other_paths_are_counted() {
    let world = World::new().await;
    for path in ["/", "/webhooks/webex/", "/favicon.ico"] {
        assert_eq!(world.get(path).await.status, 404, "{path}");
    }
    assert_eq!(world.metric("other_requests_total").await, 3);
}
