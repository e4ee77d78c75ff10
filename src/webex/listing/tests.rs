use serde_json::{Value, json};

use super::super::fake_server::{FakeAnswer, FakeServer, ReceivedCall};
use super::*;

/// A page of the numbers below `count` that goes by offsets, of at most `limit` items.
fn numbers(heard: &ReceivedCall, count: usize, limit: usize) -> (FakeAnswer, Option<String>) {
    let (start, max) = (heard.number("start").unwrap_or(0), heard.number("max").unwrap().min(limit));
    let end = (start + max).min(count);
    let next = (end < count).then(|| format!("/v1/list?start={end}&max={max}&kept=a%20b"));
    (FakeAnswer::items((start.min(count)..end).collect::<Vec<_>>()), next)
}

fn linked(heard: &ReceivedCall, count: usize, limit: usize) -> FakeAnswer {
    let (said, next) = numbers(heard, count, limit);
    FakeAnswer { next, ..said }
}

async fn read(listing: &mut Listing) -> Result<Vec<usize>, WebexError> {
    let mut all = Vec::new();
    while let Some(page) = listing.next::<usize>().await? {
        all.extend(page.items);
    }
    Ok(all)
}

fn listing(stage: &FakeServer, size: usize, ending: Ending) -> Listing {
    Listing::new(&stage.admin(None), "list", size, ending)
}

#[tokio::test]
async fn a_list_is_followed_by_its_links_whatever_size_of_page_webex_gives() {
    let stage = FakeServer::new(|heard| linked(heard, 7, 3)).await;
    let mut listing = listing(&stage, 500, Ending::WithoutLink).query([("serial", "a b&c")]);
    assert_eq!(read(&mut listing).await.unwrap(), (0..7).collect::<Vec<_>>());
    assert_eq!(
        stage.lines(),
        [
            "GET /list?serial=a b&c&max=500",
            "GET /list?start=3&max=3&kept=a b",
            "GET /list?start=6&max=3&kept=a b",
        ],
    );
    assert!(listing.next::<usize>().await.unwrap().is_none(), "a list that is over stays so");
}

#[tokio::test]
async fn a_page_may_be_empty_or_have_odd_items_and_the_list_goes_on() {
    let stage = FakeServer::new(|heard| match heard.asked("page") {
        None => FakeAnswer::items([json!(1), json!({}), json!("x")]).next("/v1/list?page=2"),
        Some("2") => FakeAnswer::items(Vec::<Value>::new()).next("/v1/list?page=3"),
        _ => FakeAnswer::items([2]),
    })
    .await;
    let mut listing = listing(&stage, 500, Ending::WithoutLink);
    let mut pages = Vec::new();
    while let Some(page) = listing.next::<usize>().await.unwrap() {
        pages.push((page.items, page.unreadable));
    }
    assert_eq!(pages, [(vec![1], 2), (vec![], 0), (vec![2], 0)]);
}

#[tokio::test]
async fn a_list_without_links_is_over_with_an_empty_page_and_not_with_a_short_one() {
    let stage = FakeServer::new(|heard| numbers(heard, 7, 3).0).await;
    let mut by_offset = listing(&stage, 500, Ending::WithEmptyPage);
    assert_eq!(read(&mut by_offset).await.unwrap(), (0..7).collect::<Vec<_>>());
    assert_eq!(stage.lines().last().unwrap(), "GET /list?max=500&start=7");
    assert_eq!(read(&mut listing(&stage, 500, Ending::WithoutLink)).await.unwrap(), [0, 1, 2]);
}

#[tokio::test]
async fn a_server_that_does_not_know_offsets_is_not_asked_for_ever() {
    let stage = FakeServer::new(|_| FakeAnswer::items([1, 2])).await;
    assert_eq!(read(&mut listing(&stage, 500, Ending::WithEmptyPage)).await.unwrap(), [1, 2]);
    assert_eq!(stage.heard().len(), 2);
}

#[tokio::test]
async fn a_page_that_takes_too_long_is_asked_for_in_halves_and_nothing_is_passed_over() {
    let slow_above = |limit: usize| {
        move |heard: &ReceivedCall| match heard.number("max") {
            Some(max) if max > limit => FakeAnswer::status(504),
            _ => linked(heard, 300, 1000),
        }
    };
    let stage = FakeServer::new(slow_above(130)).await;
    let numbers = read(&mut listing(&stage, 500, Ending::WithoutLink)).await.unwrap();
    assert_eq!(numbers, (0..300).collect::<Vec<_>>());
    let sizes: Vec<_> = stage.heard().iter().map(|heard| heard.number("max").unwrap()).collect();
    assert_eq!(sizes, [500, 250, 125, 125, 125]);

    let stage = FakeServer::new(slow_above(1)).await;
    let error = read(&mut listing(&stage, 500, Ending::WithoutLink)).await.unwrap_err();
    assert_eq!((error.as_str(), stage.heard().len()), ("troubled", 5), "500, 250, 125, 62, 31");
}

#[tokio::test]
async fn a_later_page_is_made_smaller_only_if_its_link_goes_by_offsets() {
    for (next, asked) in [
        (
            "/v1/list?a=1%262&start=200&max=100&b=%C3%BC",
            &["a=1&2&start=200&max=100&b=ü", "a=1&2&start=200&b=ü&max=50", "a=1&2&start=200&b=ü&max=25"][..],
        ),
        ("/v1/list?cursor=xyz&max=100", &["cursor=xyz&max=100"]),
        ("/v1/list?start=200", &["start=200"]),
        ("/v1/list?start=200&max=100&max=90", &["start=200&max=100&max=90"]),
    ] {
        let stage = FakeServer::new(move |heard| match heard.asked("max") {
            Some("500") => FakeAnswer::items([1]).next(next),
            _ => FakeAnswer::status(504),
        })
        .await;
        let mut listing = listing(&stage, 500, Ending::WithoutLink);
        assert!(listing.next::<usize>().await.unwrap().is_some());
        assert_eq!(listing.next::<usize>().await.unwrap_err().as_str(), "troubled");
        let lines: Vec<_> = asked.iter().map(|query| format!("GET /list?{query}")).collect();
        assert_eq!(stage.lines()[1..], lines);
    }
}

#[tokio::test]
async fn after_an_error_the_same_page_can_be_asked_for_again() {
    let failed = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let stage = FakeServer::new(move |heard| {
        if heard.asked("start").is_some() && !failed.swap(true, std::sync::atomic::Ordering::SeqCst) {
            return FakeAnswer::status(503);
        }
        linked(heard, 4, 2)
    })
    .await;
    let mut listing = listing(&stage, 500, Ending::WithoutLink);
    assert_eq!(listing.next::<usize>().await.unwrap().unwrap().items, [0, 1]);
    assert_eq!(listing.next::<usize>().await.unwrap_err().as_str(), "troubled");
    assert_eq!(listing.next::<usize>().await.unwrap().unwrap().items, [2, 3]);
    assert!(listing.next::<usize>().await.unwrap().is_none());
}

#[tokio::test]
async fn a_list_that_goes_in_a_circle_or_leads_away_ends_in_an_error() {
    // ListPage k leads to the next of the circle, or from its last to where the circle begins.
    let circle = |begins: usize, last: usize| {
        move |heard: &ReceivedCall| {
            let page = heard.number("page").unwrap_or(0);
            let next = if page == last { begins } else { page + 1 };
            FakeAnswer::items([page]).next(format!("/v1/list?page={next}"))
        }
    };
    for (begins, last) in [(1, 1), (1, 2), (3, 9), (30, 31), (1, 50)] {
        let stage = FakeServer::new(circle(begins, last)).await;
        let error = read(&mut listing(&stage, 500, Ending::WithoutLink)).await.unwrap_err();
        assert!(error.to_string().contains("leads back"), "{error}");
        assert!(stage.heard().len() <= 4 * (last + 1), "{} calls", stage.heard().len());
    }
    let stage =
        FakeServer::new(|_| FakeAnswer::items([1]).next("https://elsewhere.example.com/v1/list")).await;
    let error = read(&mut listing(&stage, 500, Ending::WithoutLink)).await.unwrap_err();
    assert!(error.to_string().contains("leads away"), "{error}");
    let stage = FakeServer::new(|heard| {
        let page = heard.number("page").unwrap_or(0) + 1;
        FakeAnswer::items([page]).next(format!("/v1/list?page={page}"))
    })
    .await;
    let mut endless = listing(&stage, 500, Ending::WithoutLink);
    endless.pages = MOST_PAGES - 3;
    assert!(read(&mut endless).await.unwrap_err().to_string().contains("more than 10000 pages"));
    assert_eq!(stage.heard().len(), 3);
}
