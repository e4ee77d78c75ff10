//! Strangers who open many connections, send half requests or endless bodies, and keep nobody out.

use std::collections::VecDeque;

use steward::store::JobCounts;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::world::{SECRET, WebhookRequest, World};

/// More connections than Steward keeps open for strangers.
const STRANGERS: usize = 600;
/// Deliveries during the siege.
const DELIVERIES: usize = 127;
/// The largest accepted body, in bytes.
const LARGEST: usize = 256 * 1024;
/// Half a request: the stranger never sends the rest.
const HALF: &str = "POST /webhooks/webex HTTP/1.1\r\nHost: steward\r\nX-Spark-Signature: ";

async fn connect(world: &World) -> TcpStream {
    TcpStream::connect(world.app().address()).await.unwrap()
}

/// A connection with the beginning of a request.
async fn half_sent(world: &World, begun: &str) -> TcpStream {
    let mut stream = connect(world).await;
    stream.write_all(begun.as_bytes()).await.unwrap();
    stream
}

/// The head of a signed or unsigned request, and its body.
fn raw(request: &WebhookRequest, length: usize) -> Vec<u8> {
    let mut raw = format!("POST /webhooks/webex HTTP/1.1\r\nHost: steward\r\nContent-Length: {length}\r\n");
    for (name, value) in &request.headers {
        raw.extend([name, ": ", value, "\r\n"]);
    }
    raw.push_str("\r\n");
    [raw.as_bytes(), &request.body].concat()
}

fn event(number: usize) -> WebhookRequest {
    let body = format!(r#"{{"resource":"rooms","event":"created","data":{{"id":"room-{number}"}}}}"#);
    WebhookRequest::unsigned(body).signed_with(SECRET)
}

/// Reads one response without a body, or the end of the connection.
async fn status(stream: &mut TcpStream) -> Option<u16> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return None,
        }
    }
    String::from_utf8(head).unwrap().split(' ').nth(1)?.parse().ok()
}

async fn deliver(stream: &mut TcpStream, number: usize) -> Option<u16> {
    let request = event(number);
    stream.write_all(&raw(&request, request.body.len())).await.ok()?;
    status(stream).await
}

async fn probe(stream: &mut TcpStream) -> Option<u16> {
    let ask = "HEAD /healthz HTTP/1.1\r\nHost: steward\r\n\r\n";
    stream.write_all(ask.as_bytes()).await.ok()?;
    status(stream).await
}

#[tokio::test]
async fn half_sent_requests_keep_out_no_delivery_and_no_probe() {
    let world = World::new().await;
    let mut webex = connect(&world).await;
    assert_eq!(deliver(&mut webex, 0).await, Some(200));
    let mut strangers = VecDeque::new();
    for _ in 0..STRANGERS {
        strangers.push_back(half_sent(&world, HALF).await);
    }
    for number in 1..=DELIVERIES {
        // The oldest has given way; the stranger comes back.
        assert_eq!(status(&mut strangers.pop_front().unwrap()).await, None);
        strangers.push_back(half_sent(&world, HALF).await);
        assert_eq!(deliver(&mut connect(&world).await, number).await, Some(200), "{number}");
        assert_eq!(probe(&mut connect(&world).await).await, Some(200), "{number}");
    }
    assert_eq!(deliver(&mut webex, DELIVERIES + 1).await, Some(200), "Webex keeps its connection");
    assert_eq!(world.metric("deliveries_total{result=\"nothing to do\"}").await, DELIVERIES as u64 + 2);
    assert!(world.metric("connections_closed_total{kind=\"unproven\"}").await >= DELIVERIES as u64);
    assert_eq!(world.metric("connections_closed_total{kind=\"proven\"}").await, 0);
}

#[tokio::test]
async fn a_probe_keeps_its_connection_during_a_siege() {
    let world = World::new().await;
    let mut monitoring = connect(&world).await;
    assert_eq!(probe(&mut monitoring).await, Some(200));
    let mut strangers = Vec::new();
    for _ in 0..STRANGERS * 2 {
        strangers.push(half_sent(&world, HALF).await);
    }
    assert_eq!(probe(&mut monitoring).await, Some(200));
    assert_eq!(probe(&mut connect(&world).await).await, Some(200));
}

#[tokio::test]
async fn unverified_bodies_take_a_bounded_amount_of_memory() {
    let world = World::new().await;
    let forged =
        WebhookRequest::unsigned(vec![b' '; LARGEST - 1]).header("X-Spark-Signature", &"0".repeat(40));
    let begun = raw(&forged, LARGEST);
    let mut strangers = Vec::new();
    // 32 MB; Steward keeps 12 MB of them.
    for _ in 0..128 {
        let mut stream = connect(&world).await;
        stream.write_all(&begun).await.unwrap();
        strangers.push(stream);
    }
    let closed = strangers.len() - 12 * 4;
    for stream in strangers.iter_mut().take(closed) {
        assert!(matches!(status(stream).await, None | Some(400)));
    }
    assert_eq!(deliver(&mut connect(&world).await, 1).await, Some(200));
    assert!(world.metric("connections_closed_total{kind=\"unproven\"}").await >= closed as u64);
    // The others may still finish theirs.
    let last = strangers.last_mut().unwrap();
    last.write_all(b" ").await.unwrap();
    assert_eq!(status(last).await, Some(401));
}

#[tokio::test]
async fn a_body_that_breaks_off_is_not_called_too_large() {
    let world = World::new().await;
    let request = event(1);
    let mut stream = connect(&world).await;
    stream.write_all(&raw(&request, request.body.len() + 1)).await.unwrap();
    stream.shutdown().await.unwrap();
    assert!(matches!(status(&mut stream).await, None | Some(400)));
    let broken = "deliveries_total{result=\"broken body\"}";
    world.until_metric(broken, 1).await;

    let mut stream = half_sent(&world, HALF).await;
    let rest = format!("{}\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n", "0".repeat(40));
    stream.write_all(rest.as_bytes()).await.unwrap();
    assert_eq!(status(&mut stream).await, Some(400));
    assert_eq!(world.metric(broken).await, 2);

    let mut stream = connect(&world).await;
    stream.write_all(&raw(&request, LARGEST + 1)).await.unwrap();
    assert_eq!(status(&mut stream).await, Some(413), "before the body was sent");
    assert_eq!(world.metric("deliveries_total{result=\"too large\"}").await, 1);
    assert_eq!(world.metric(broken).await, 2);
    assert_eq!(world.jobs().await, JobCounts::default());
}
