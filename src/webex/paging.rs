//! Lists that come in pages: the one way to follow from one page to the next.
//!
//! A page is followed only to the configured address (see [`Cursor`]), a list never for ever.

use std::collections::HashSet;

use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use url::Url;

use super::error::{ResponseInfo, WebexError};
use super::link;
use super::transport::{Call, Good, Transport, unreadable};
use super::wire::Items;

/// Where a list goes on. It exists only for an address at the configured API, so that following it takes the
/// token nowhere else.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cursor(Url);

impl Cursor {
    /// The address, to be kept; [`Transport::cursor`] takes it back.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub(super) fn address(&self) -> &Url {
        &self.0
    }

    /// How many items the page is said to have at most, if the list goes by offsets: then a smaller page may begin
    /// at the same place, without an item being passed over.
    pub(super) fn size(&self) -> Option<usize> {
        let number = |wanted: &str| {
            let mut values = self.0.query_pairs().filter(|(name, _)| name == wanted);
            let (_, value) = values.next()?;
            values.next().is_none().then(|| value.parse().ok()).flatten()
        };
        number("start").and(number("max"))
    }

    /// The page that begins at the same place, with at most this many items.
    pub(super) fn resized(&self, size: usize) -> Self {
        let others = self.0.query_pairs().filter(|(name, _)| name != "max");
        let mut address = self.0.clone();
        address.query_pairs_mut().clear().extend_pairs(others).append_pair("max", &size.to_string());
        Self(address)
    }
}

/// One page of a list.
#[derive(Debug)]
pub struct ListPage<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// How many items were left out because they could not be read.
    pub unreadable: usize,
    /// Where the list goes on, if it does.
    pub next: Option<Cursor>,
}

impl Transport {
    /// A cursor that was kept, if it still lies at the configured address.
    #[must_use]
    pub fn cursor(&self, kept: &str) -> Option<Cursor> {
        link::followed(self.base(), self.base(), kept).ok().map(Cursor)
    }

    /// One page. Items that cannot be read are left out: one odd record must not hide all the others.
    pub(super) async fn fetch_page<T: DeserializeOwned>(
        &self,
        bearer: &SecretString,
        call: Call<'_>,
    ) -> Result<ListPage<T>, WebexError> {
        let from = self.address_of(&call);
        let good = self.send(bearer, call).await?;
        self.read_page(&from, &good)
    }

    /// The page that came from this address.
    pub(super) fn read_page<T: DeserializeOwned>(
        &self,
        from: &Url,
        good: &Good,
    ) -> Result<ListPage<T>, WebexError> {
        let odd = |what: &str| unreadable(good.answered.clone(), what);
        let next = match good.next() {
            Some(target) => {
                Some(Cursor(link::followed(self.base(), from, target).map_err(|what| odd(&what))?))
            }
            None => None,
        };
        // Raw first: one page is as large as one page, not several times that.
        let list: Items<&RawValue> =
            serde_json::from_slice(good.body()).map_err(|error| odd(&error.to_string()))?;
        let count = list.items.len();
        let items: Vec<T> = list.items.into_iter().filter_map(|item| read_item(item.get())).collect();
        Ok(ListPage { unreadable: count - items.len(), items, next })
    }

    /// All pages of a list, which has at most this many.
    pub(super) async fn fetch_all<T: DeserializeOwned>(
        &self,
        bearer: &SecretString,
        first: Call<'_>,
        most_pages: usize,
    ) -> Result<Vec<T>, WebexError> {
        let ListPage { mut items, mut next, .. } = self.fetch_page(bearer, first).await?;
        let mut followed = HashSet::new();
        while let Some(cursor) = next {
            if followed.contains(&cursor) {
                return Err(endless("the list leads back to a page that was read"));
            }
            if followed.len() + 1 >= most_pages {
                return Err(endless(&format!("the list has more than {most_pages} pages")));
            }
            let page = self.fetch_page(bearer, Call::page(&cursor)).await?;
            items.extend(page.items);
            followed.insert(cursor);
            next = page.next;
        }
        Ok(items)
    }
}

fn read_item<T: DeserializeOwned>(item: &str) -> Option<T> {
    serde_json::from_str(item)
        .inspect_err(|error| tracing::warn!(%error, "an item of a list could not be read"))
        .ok()
}

/// Every page was good; what they make together cannot be read.
pub(super) fn endless(what: &str) -> WebexError {
    let answered = ResponseInfo { status: 200, tracking_id: None, message: None };
    unreadable(answered, what)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::extract::Query;
    use axum::http::header::LINK;
    use axum::response::IntoResponse as _;
    use axum::routing::get;
    use axum::{Json, Router};
    use serde_json::json;
    use tokio::net::TcpListener;

    use super::super::Timeouts;
    use super::*;
    use crate::domain::clock::SystemClock;

    /// A server whose list goes on as these links say (`{base}` stands for its address), and how often it was
    /// asked.
    async fn list_with(links: &'static [&'static str]) -> (Transport, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/v1", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let (counting, at) = (asked.clone(), base.clone());
        let answer = move |Query(query): Query<Vec<(String, String)>>| async move {
            counting.fetch_add(1, Ordering::SeqCst);
            let page =
                query.iter().find(|(name, _)| name == "page").map_or(0, |(_, page)| page.parse().unwrap());
            let mut response = Json(json!({ "items": [page, {}] })).into_response();
            if let Some(link) = links.get(page) {
                let link = format!("<{}>; rel=\"next\"", link.replace("{base}", &at));
                response.headers_mut().insert(LINK, link.parse().unwrap());
            }
            response
        };
        tokio::spawn(
            async move { axum::serve(listener, Router::new().route("/v1/list", get(answer))).await },
        );
        let base = base.parse().unwrap();
        (Transport::new(base, Timeouts::default(), Arc::new(SystemClock), &Arc::default()).unwrap(), asked)
    }

    async fn fetch(transport: &Transport) -> Result<Vec<usize>, WebexError> {
        transport.fetch_all(&"token".into(), Call::get(&["list"]).query(&[("max", "1")]), 4).await
    }

    #[tokio::test]
    async fn a_list_is_followed_to_its_end_and_odd_items_are_left_out() {
        let (transport, asked) = list_with(&["{base}/list?page=1", "?page=2", "/v1/list?page=3"]).await;
        assert_eq!(fetch(&transport).await.unwrap(), [0, 1, 2, 3]);
        assert_eq!(asked.load(Ordering::SeqCst), 4);
    }

    #[tokio::test]
    async fn a_list_that_leads_away_in_a_circle_or_on_for_ever_is_an_error() {
        for (links, pages, says) in [
            (&["http://elsewhere.example.com/v1/list?page=1"][..], 1, "leads away"),
            (&["{base}/list?page=1", "http://127.0.0.1:1/v1/list"][..], 2, "leads away"),
            (&["{base}/../list?page=1"][..], 1, "leads away"),
            (&["{base}/list?page=1", "{base}/list?page=1"][..], 2, "leads back"),
            (&["?page=1", "?page=2", "?page=3", "?page=4"][..], 4, "more than 4 pages"),
        ] {
            let (transport, asked) = list_with(links).await;
            let error = fetch(&transport).await.unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
            assert_eq!(asked.load(Ordering::SeqCst), pages, "{error}");
        }
    }

    #[tokio::test]
    async fn a_cursor_that_was_kept_is_good_as_long_as_the_address_is_the_same() {
        let (transport, _) = list_with(&["{base}/list?page=1"]).await;
        let page: ListPage<usize> =
            transport.fetch_page(&"token".into(), Call::get(&["list"])).await.unwrap();
        let cursor = page.next.unwrap();
        assert_eq!(transport.cursor(cursor.as_str()), Some(cursor));
        assert_eq!(transport.cursor("https://webexapis.com/v1/list?page=1"), None);
    }
}
