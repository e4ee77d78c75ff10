//! Long lists of devices, page by page.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{ADMIN, TestSim};

/// The ids on each page, from this one to the last.
async fn pages(test: &TestSim, path: &str) -> Vec<Vec<String>> {
    let mut next = Some(format!("{}{path}", test.sim.api_base()));
    let mut pages = Vec::new();
    while let Some(url) = next {
        let answer = test.client.get(url).bearer_auth(ADMIN).send().await.unwrap();
        next = answer.headers().get("link").map(|link| link.to_str().unwrap().to_owned());
        next = next.map(|link| {
            let (url, relation) = link.strip_prefix('<').unwrap().split_once('>').unwrap();
            assert_eq!(relation, "; rel=\"next\"");
            url.to_owned()
        });
        let page: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        let items = page["items"].as_array().unwrap();
        pages.push(items.iter().map(|device| device["id"].as_str().unwrap().to_owned()).collect());
    }
    pages
}

fn lengths(pages: &[Vec<String>]) -> Vec<usize> {
    pages.iter().map(Vec::len).collect()
}

#[tokio::test]
async fn a_page_beyond_the_limit_is_silently_cut_and_the_links_still_lead_to_all() {
    let test = TestSim::with_devices(25).await;
    assert_eq!(lengths(&pages(&test, "/devices?max=5000").await), [25]);
    test.sim.limit_pages(10);
    let cut = pages(&test, "/devices?max=1000").await;
    assert_eq!(lengths(&cut), [10, 10, 5]);
    assert_eq!(cut.concat().into_iter().collect::<HashSet<_>>().len(), 25);
    assert_eq!(lengths(&pages(&test, "/devices").await), [10, 10, 5]);
    assert_eq!(lengths(&pages(&test, "/devices?max=0").await), [1; 25]);
    assert_eq!(lengths(&pages(&test, "/devices?start=20&max=3").await), [3, 2]);
    assert_eq!(lengths(&pages(&test, "/devices?start=26").await), [0]);
}

#[tokio::test]
async fn empty_pages_in_between_lose_nothing() {
    let test = TestSim::with_devices(25).await;
    let all = pages(&test, "/devices").await.concat();
    test.sim.leave_gaps_between_pages(true);
    let gaps = pages(&test, "/devices?max=10").await;
    assert_eq!(lengths(&gaps), [10, 0, 10, 0, 5]);
    assert_eq!(gaps.concat(), all);
    test.sim.leave_gaps_between_pages(false);
    assert_eq!(lengths(&pages(&test, "/devices?max=10").await), [10, 10, 5]);
}

#[tokio::test]
async fn a_limit_lowered_between_pages_loses_nothing() {
    let test = TestSim::with_devices(25).await;
    let all = pages(&test, "/devices").await.concat();
    let first = test.call(ADMIN, "GET", "/devices?max=10").await;
    test.sim.limit_pages(4);
    let link = first.headers["link"].to_str().unwrap().split(['<', '>']).nth(1).unwrap().to_owned();
    let rest = pages(&test, link.strip_prefix(&test.sim.api_base()).unwrap()).await;
    assert_eq!(lengths(&rest), [4, 4, 4, 3]);
    assert_eq!(rest.concat(), all[10..]);
}

#[tokio::test]
async fn a_device_deleted_from_an_earlier_page_moves_the_later_ones_up() {
    let test = TestSim::with_devices(25).await;
    let all = pages(&test, "/devices").await.concat();
    for query in ["max=10", "max=10&type=roomdesk"] {
        let first = test.call(ADMIN, "GET", &format!("/devices?{query}")).await;
        let link = first.headers["link"].to_str().unwrap().split(['<', '>']).nth(1).unwrap().to_owned();
        let path = link.strip_prefix(&test.sim.api_base()).unwrap();
        let before = pages(&test, path).await.concat();
        let gone = first.json()["items"][0]["id"].as_str().unwrap().to_owned();
        test.sim.remove_device(&gone);
        assert_eq!(pages(&test, path).await.concat(), before[1..], "{query}: lists go on by counting");
    }
    assert_eq!(pages(&test, "/devices").await.concat().len(), all.len() - 2);
}

#[tokio::test]
async fn a_filtered_list_is_the_same_in_pages_of_any_length() {
    let test = TestSim::with_devices(60).await;
    let query = "connectionStatus=connected&devicePlatform=cisco";
    let whole = pages(&test, &format!("/devices?{query}")).await.concat();
    assert!(whole.len() > 20, "{}", whole.len());
    for max in [1, 3, 7, 50] {
        let cut = pages(&test, &format!("/devices?{query}&max={max}")).await;
        assert_eq!(cut.concat(), whole, "{max}");
        assert!(cut.iter().all(|page| !page.is_empty()));
    }
    test.sim.add_device(&json!({ "connectionStatus": "connected" }));
    assert_eq!(pages(&test, &format!("/devices?{query}&max=3")).await.concat().len(), whole.len() + 1);
}
