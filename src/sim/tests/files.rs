//! Messages with a file.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{ADMIN, BOT, ReceivedAnswer, TestSim};
use crate::sim::{FaultRule, SentFile};

const BOUNDARY: &str = "----form----";

/// A part that is a field.
fn field(name: &str, value: &str) -> Vec<u8> {
    format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes()
}

/// The part that is a file.
fn file(name: &str, content_type: &str, content: &[u8]) -> Vec<u8> {
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\
         Content-Type: {content_type}\r\n\r\n"
    );
    [head.as_bytes(), content, b"\r\n"].concat()
}

fn form(parts: &[Vec<u8>]) -> Vec<u8> {
    [parts.concat(), format!("--{BOUNDARY}--\r\n").into_bytes()].concat()
}

async fn upload(test: &TestSim, token: &str, parts: &[Vec<u8>]) -> ReceivedAnswer {
    let request = test.client.post(format!("{}/messages", test.sim.api_base())).bearer_auth(token);
    let request = request.header("Content-Type", format!("multipart/form-data; boundary={BOUNDARY}"));
    ReceivedAnswer::read(request.body(form(parts)).send().await.unwrap()).await.unwrap()
}

fn url_of(message: &Value) -> &str {
    message["files"][0].as_str().unwrap()
}

async fn fetch(test: &TestSim, method: &str, token: &str, url: &str) -> ReceivedAnswer {
    let request = test.client.request(method.parse().unwrap(), url).bearer_auth(token);
    ReceivedAnswer::read(request.send().await.unwrap()).await.unwrap()
}

#[tokio::test]
async fn a_file_arrives_with_a_message_and_is_read_with_a_token() {
    let test = TestSim::start().await;
    let cast = test.sim.cast();
    let root = test.sim.say(&cast.ana, &cast.operations, "list devices", None);
    let csv = file("devices 1.csv", "text/csv", "\u{feff}name\r\nBER-1 Größe\r\n".as_bytes());
    let parts =
        [field("roomId", &cast.operations), field("parentId", &root), field("markdown", "40 devices"), csv];
    let posted = upload(&test, BOT, &parts).await;
    assert_eq!(posted.status, StatusCode::OK, "{}", posted.text);
    let message = posted.json();
    assert_eq!((&message["parentId"], &message["text"]), (&json!(root), &json!("40 devices")));
    assert_eq!(message["files"].as_array().map(Vec::len), Some(1));
    let url = url_of(&message);
    assert!(url.starts_with(&format!("{}/contents/", test.sim.api_base())), "{url}");
    let kept = SentFile {
        name: "devices 1.csv".to_owned(),
        content_type: "text/csv".to_owned(),
        bytes: "\u{feff}name\r\nBER-1 Größe\r\n".into(),
    };
    assert_eq!(test.sim.file(url), Some(kept));
    let read = fetch(&test, "GET", &cast.oskar.token, url).await;
    assert_eq!(read.text.trim_start_matches('\u{feff}'), "name\r\nBER-1 Größe\r\n");
    let head = fetch(&test, "HEAD", BOT, url).await;
    for (name, expected) in [
        ("content-type", "text/csv"),
        ("content-length", &*"\u{feff}name\r\nBER-1 Größe\r\n".len().to_string()),
        ("content-disposition", "attachment; filename=\"devices 1.csv\""),
    ] {
        assert_eq!((head.headers[name].to_str().unwrap(), &*head.text), (expected, ""), "{name}");
    }
}

#[tokio::test]
async fn a_file_can_go_to_a_person_and_a_form_needs_none() {
    let test = TestSim::start().await;
    let carla = test.sim.cast().carla;
    let csv = file("a.csv", "text/csv", b"a");
    for to in [field("toPersonEmail", &carla.email), field("toPersonId", &carla.id)] {
        let posted = upload(&test, BOT, &[to, csv.clone()]).await.json();
        assert_eq!((posted["roomType"].as_str(), posted.get("text")), (Some("direct"), None));
        assert!(test.sim.file(url_of(&posted)).is_some());
    }
    let words = upload(&test, BOT, &[field("toPersonId", &carla.id), field("text", "no file")]).await.json();
    assert_eq!((words["text"].as_str(), words.get("files")), (Some("no file"), None));
}

#[tokio::test]
async fn a_message_has_one_file_with_a_name_a_type_and_an_allowed_size() {
    let test = TestSim::start().await;
    let cast = test.sim.cast();
    test.sim.limit_files(1000);
    let room = field("roomId", &cast.operations);
    let sized = |length: usize| file("a.csv", "text/csv", &vec![b'a'; length]);
    assert_eq!(upload(&test, BOT, &[room.clone(), sized(1000)]).await.status, StatusCode::OK);
    let unnamed = field("files", "a,b");
    let untyped = "Content-Disposition: form-data; name=\"files\"; filename=\"a\"";
    let untyped = format!("--{BOUNDARY}\r\n{untyped}\r\n\r\n1\r\n").into_bytes();
    for (parts, status) in [
        (vec![room.clone(), sized(1001)], 400),
        (vec![room.clone(), sized(1), sized(1)], 400),
        (vec![room.clone(), unnamed], 400),
        (vec![room.clone(), untyped], 400),
        (vec![room.clone()], 400),
        (vec![sized(1)], 400),
        (vec![room.clone(), field("toPersonId", &cast.ana.id), sized(1)], 400),
        (vec![room.clone(), field("text", &"x".repeat(7440)), sized(1)], 400),
        (vec![room.clone(), field("parentId", "nothing"), sized(1)], 400),
        (vec![field("roomId", &cast.direct_ana), sized(1)], 200),
        (vec![field("roomId", "nowhere"), sized(1)], 404),
    ] {
        let answer = upload(&test, BOT, &parts).await;
        assert_eq!(answer.status.as_u16(), status, "{}", String::from_utf8_lossy(&parts.concat()));
    }
    let form = [room, sized(1)];
    assert_eq!(upload(&test, "nobody", &form).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(upload(&test, ADMIN, &form).await.status, StatusCode::FORBIDDEN);
    let remote = json!({ "roomId": cast.operations, "files": ["https://example.com/a.csv"] });
    assert_eq!(test.post(&cast.bot, remote).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_truncated_form_is_refused() {
    let test = TestSim::start().await;
    let whole = form(&[field("roomId", &test.sim.cast().operations), file("a.csv", "text/csv", b"a")]);
    for (content_type, body) in [
        ("multipart/form-data", whole.clone()),
        ("multipart/form-data; boundary=other", whole.clone()),
        (&*format!("multipart/form-data; boundary={BOUNDARY}"), whole[..whole.len() - 20].to_vec()),
    ] {
        let request = test.client.post(format!("{}/messages", test.sim.api_base())).bearer_auth(BOT);
        let answer = request.header("Content-Type", content_type).body(body).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{content_type}");
    }
    assert!(test.sim.messages(&test.sim.cast().operations).is_empty());
}

#[tokio::test]
async fn a_large_file_is_stored_whole() {
    let test = TestSim::start().await;
    let content: Vec<u8> = (0..9_000_000_u32).map(|at| u8::try_from(at % 251).unwrap()).collect();
    let parts =
        [field("roomId", &test.sim.cast().operations), file("big.bin", "application/octet-stream", &content)];
    let posted = upload(&test, BOT, &parts).await.json();
    let kept = test.sim.file(url_of(&posted)).unwrap();
    assert!(kept.bytes == content, "{} of {} bytes", kept.bytes.len(), content.len());
    assert!(test.sim.requests().pop().unwrap().body_bytes > content.len());
}

#[tokio::test]
async fn a_file_is_visible_and_deleted_with_its_message() {
    let test = TestSim::start().await;
    let cast = test.sim.cast();
    let parts = [field("roomId", &cast.direct_ana), file("a.csv", "text/csv", b"a")];
    let posted = upload(&test, BOT, &parts).await;
    let message = posted.json();
    let url = url_of(&message);
    for (token, status) in
        [(BOT, 200), (&*cast.ana.token, 200), (&*cast.ben.token, 404), (ADMIN, 403), ("nobody", 401)]
    {
        assert_eq!(fetch(&test, "GET", token, url).await.status.as_u16(), status, "{token}");
    }
    test.sim.fault(FaultRule::on("GET", "/contents/*").status(423).retry_after("2").once());
    assert_eq!(fetch(&test, "GET", BOT, url).await.status, StatusCode::LOCKED);
    let path = format!("/messages/{}", posted.id());
    let edit = json!({ "roomId": cast.direct_ana, "text": "changed" });
    assert_eq!(test.send(BOT, "PUT", &path, edit).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(test.call(BOT, "DELETE", &path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(fetch(&test, "GET", BOT, url).await.status, StatusCode::NOT_FOUND);
    assert_eq!(test.sim.file(url), None);
}
