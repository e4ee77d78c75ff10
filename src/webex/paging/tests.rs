use serde_json::{Value, json};

use super::*;
use crate::domain::OrgId;
use crate::webex::fake_server::{FakeAnswer, FakeServer, ReceivedCall};

/// A page of the numbers below `count`, by offset and of at most `limit` items, and the link to the next page.
fn numbers(call: &ReceivedCall, count: usize, limit: usize) -> (FakeAnswer, Option<String>) {
    let (start, max) = (call.number("start").unwrap_or(0), call.number("max").unwrap().min(limit));
    let end = (start + max).min(count);
    let next = (end < count).then(|| format!("/v1/list?start={end}&max={max}&kept=a%20b"));
    (FakeAnswer::items((start.min(count)..end).collect::<Vec<_>>()), next)
}

fn linked(call: &ReceivedCall, count: usize, limit: usize) -> FakeAnswer {
    let (answer, next) = numbers(call, count, limit);
    FakeAnswer { next, ..answer }
}

async fn read(pages: &mut Pages<usize, usize>) -> Result<Vec<usize>, WebexError> {
    let mut all = Vec::new();
    while let Some(page) = pages.next().await? {
        all.extend(page);
    }
    Ok(all)
}

fn pages(server: &FakeServer, size: usize, end: EndOfList) -> Pages<usize, usize> {
    Pages::new(&server.admin(None), "list", size, end, Some)
}

#[tokio::test]
async fn links_are_followed_whatever_the_page_size() {
    let server = FakeServer::new(|call| linked(call, 7, 3)).await;
    let mut pages = pages(&server, 500, EndOfList::NoLink)
        .narrowed(&OrgScope::Default, &[("serial", "a b&c".to_owned())]);
    assert_eq!(read(&mut pages).await.unwrap(), (0..7).collect::<Vec<_>>());
    assert_eq!(
        server.lines(),
        [
            "GET /list?serial=a b&c&max=500",
            "GET /list?start=3&max=3&kept=a b&serial=a b&c",
            "GET /list?start=6&max=3&kept=a b&serial=a b&c",
        ],
    );
    assert!(pages.next().await.unwrap().is_none(), "the end is final");
}

#[tokio::test]
async fn each_page_names_the_organization_and_a_size_even_if_the_links_lost_them() {
    let server = FakeServer::new(|call| match call.number("start") {
        None => FakeAnswer::items([0]).next("/v1/list?start=1&max=null"),
        Some(1) => FakeAnswer::items([1]).next("?start=2&orgId=&max=50"),
        _ => FakeAnswer::items([2]),
    })
    .await;
    let acme = OrgScope::Org(OrgId::parse("acme").unwrap());
    let mut pages = pages(&server, 100, EndOfList::NoLink).narrowed(&acme, &[]);
    assert_eq!(read(&mut pages).await.unwrap(), [0, 1, 2]);
    assert_eq!(
        server.lines(),
        [
            "GET /list?orgId=acme&max=100",
            "GET /list?start=1&orgId=acme&max=100",
            "GET /list?start=2&max=50&orgId=acme",
        ],
    );
}

#[tokio::test]
async fn a_list_continues_after_empty_pages_and_malformed_items() {
    let server = FakeServer::new(|call| match call.query_value("page") {
        None => FakeAnswer::items([json!(1), json!({}), json!("x")]).next("/v1/list?page=2"),
        Some("2") => FakeAnswer::items(Vec::<Value>::new()).next("/v1/list?page=3"),
        _ => FakeAnswer::items([2]),
    })
    .await;
    let mut pages = pages(&server, 500, EndOfList::NoLink);
    let mut read = Vec::new();
    while let Some(page) = pages.next().await.unwrap() {
        read.push((page, pages.unreadable()));
    }
    assert_eq!(read, [(vec![1], 2), (vec![], 2), (vec![2], 2)]);
}

#[tokio::test]
async fn a_list_without_links_ends_with_an_empty_page_not_a_short_one() {
    let server = FakeServer::new(|call| numbers(call, 7, 3).0).await;
    let mut by_offset = pages(&server, 500, EndOfList::EmptyPage);
    assert_eq!(read(&mut by_offset).await.unwrap(), (0..7).collect::<Vec<_>>());
    assert_eq!(server.lines().last().unwrap(), "GET /list?max=500&start=7");
    assert_eq!(read(&mut pages(&server, 500, EndOfList::NoLink)).await.unwrap(), [0, 1, 2]);
}

#[tokio::test]
async fn a_server_that_ignores_offsets_is_not_asked_forever() {
    let server = FakeServer::new(|_| FakeAnswer::items([1, 2])).await;
    assert_eq!(read(&mut pages(&server, 500, EndOfList::EmptyPage)).await.unwrap(), [1, 2]);
    assert_eq!(server.calls().len(), 2);
}

#[tokio::test]
async fn a_slow_page_is_halved_without_skipping_items() {
    let slow_above = |limit: usize| {
        move |call: &ReceivedCall| match call.number("max") {
            Some(max) if max > limit => FakeAnswer::status(504),
            _ => linked(call, 300, 1000),
        }
    };
    let server = FakeServer::new(slow_above(130)).await;
    let numbers = read(&mut pages(&server, 500, EndOfList::NoLink)).await.unwrap();
    assert_eq!(numbers, (0..300).collect::<Vec<_>>());
    let sizes: Vec<_> = server.calls().iter().map(|call| call.number("max").unwrap()).collect();
    assert_eq!(sizes, [500, 250, 125, 125, 125]);

    let server = FakeServer::new(slow_above(1)).await;
    let error = read(&mut pages(&server, 500, EndOfList::NoLink)).await.unwrap_err();
    assert_eq!((error.as_str(), server.calls().len()), ("troubled", 5), "500, 250, 125, 62, 31");
}

#[tokio::test]
async fn a_later_page_is_halved_only_if_its_link_has_an_offset() {
    for (next, asked) in [
        (
            "/v1/list?a=1%262&start=200&max=100&b=%C3%BC",
            &["a=1&2&start=200&max=100&b=ü", "a=1&2&start=200&b=ü&max=50", "a=1&2&start=200&b=ü&max=25"][..],
        ),
        ("/v1/list?cursor=xyz&max=100", &["cursor=xyz&max=100"]),
        ("/v1/list?start=200", &["start=200"]),
        ("/v1/list?start=200&max=100&max=90", &["start=200&max=100&max=90"]),
    ] {
        let server = FakeServer::new(move |call| match call.query_value("max") {
            Some("500") => FakeAnswer::items([1]).next(next),
            _ => FakeAnswer::status(504),
        })
        .await;
        let mut pages = pages(&server, 500, EndOfList::NoLink);
        assert!(pages.next().await.unwrap().is_some());
        assert_eq!(pages.next().await.unwrap_err().as_str(), "troubled");
        let lines: Vec<_> = asked.iter().map(|query| format!("GET /list?{query}")).collect();
        assert_eq!(server.lines()[1..], lines);
    }
}

#[tokio::test]
async fn a_failed_page_can_be_fetched_again() {
    let failed = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let server = FakeServer::new(move |call| {
        if call.query_value("start").is_some() && !failed.swap(true, std::sync::atomic::Ordering::SeqCst) {
            return FakeAnswer::status(503);
        }
        linked(call, 4, 2)
    })
    .await;
    let mut pages = pages(&server, 500, EndOfList::NoLink);
    assert_eq!(pages.next().await.unwrap().unwrap(), [0, 1]);
    assert_eq!(pages.next().await.unwrap_err().as_str(), "troubled");
    assert_eq!(pages.next().await.unwrap().unwrap(), [2, 3]);
    assert!(pages.next().await.unwrap().is_none());
}

#[tokio::test]
async fn a_long_list_that_is_circular_endless_or_leads_away_is_an_error() {
    // ListPage k leads to the next of the circle, or from its last to where the circle begins.
    let circle = |begins: usize, last: usize| {
        move |call: &ReceivedCall| {
            let page = call.number("page").unwrap_or(0);
            let next = if page == last { begins } else { page + 1 };
            FakeAnswer::items([page]).next(format!("/v1/list?page={next}"))
        }
    };
    for (begins, last) in [(1, 1), (1, 2), (3, 9), (30, 31), (1, 50)] {
        let server = FakeServer::new(circle(begins, last)).await;
        let error = read(&mut pages(&server, 500, EndOfList::NoLink)).await.unwrap_err();
        assert!(error.to_string().contains("leads back"), "{error}");
        assert!(server.calls().len() <= 4 * (last + 1), "{} calls", server.calls().len());
    }
    let server =
        FakeServer::new(|_| FakeAnswer::items([1]).next("https://elsewhere.example.com/v1/list")).await;
    let error = read(&mut pages(&server, 500, EndOfList::NoLink)).await.unwrap_err();
    assert!(error.to_string().contains("leads away"), "{error}");
    let server = FakeServer::new(|call| {
        let page = call.number("page").unwrap_or(0) + 1;
        FakeAnswer::items([page]).next(format!("/v1/list?page={page}"))
    })
    .await;
    let mut endless = pages(&server, 500, EndOfList::NoLink);
    endless.count = MOST_PAGES - 3;
    assert!(read(&mut endless).await.unwrap_err().to_string().contains("more than 10000 pages"));
    assert_eq!(server.calls().len(), 3);
}

/// A server whose list continues as these links say; `{base}` stands for the address of the API.
async fn linked_list(links: &'static [&'static str]) -> FakeServer {
    FakeServer::new(|call| {
        let page = call.number("page").unwrap_or(0);
        let answer = FakeAnswer::items([json!(page), json!({})]);
        match links.get(page) {
            Some(link) => answer.next(link.replace("{base}", &call.base)),
            None => answer,
        }
    })
    .await
}

async fn fetch_all(server: &FakeServer) -> Result<Vec<usize>, WebexError> {
    let first = Call::get(&["list"]).query(&[("max", "1")]);
    server.transport.fetch_all(&"token".into(), first, 4).await
}

#[tokio::test]
async fn a_short_list_is_fetched_without_malformed_items() {
    let server = linked_list(&["{base}/list?page=1", "?page=2", "/v1/list?page=3"]).await;
    assert_eq!(fetch_all(&server).await.unwrap(), [0, 1, 2, 3]);
    assert_eq!(server.calls().len(), 4);
}

#[tokio::test]
async fn a_short_list_that_is_circular_endless_or_leads_away_is_an_error() {
    for (links, pages, message) in [
        (&["http://elsewhere.example.com/v1/list?page=1"][..], 1, "leads away"),
        (&["{base}/list?page=1", "http://127.0.0.1:1/v1/list"][..], 2, "leads away"),
        (&["{base}/../list?page=1"][..], 1, "leads away"),
        (&["{base}/list?page=1", "{base}/list?page=1"][..], 2, "leads back"),
        (&["?page=1", "?page=2", "?page=3", "?page=4"][..], 4, "more than 4 pages"),
    ] {
        let server = linked_list(links).await;
        let error = fetch_all(&server).await.unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
        assert_eq!(server.calls().len(), pages, "{error}");
    }
}

#[tokio::test]
async fn a_stored_cursor_is_valid_as_long_as_the_api_address_is_the_same() {
    let server = linked_list(&["{base}/list?page=1"]).await;
    let page: ListPage<usize> =
        server.transport.fetch_page(&"token".into(), Call::get(&["list"])).await.unwrap();
    let cursor = page.next.unwrap();
    assert_eq!(server.transport.cursor(cursor.as_str()), Some(cursor));
    assert_eq!(server.transport.cursor("https://webexapis.com/v1/list?page=1"), None);
}
