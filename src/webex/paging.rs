//! Paginated lists: [`ListPage`] is one page, [`Pages`] reads a long list with one page in memory at a time.
//!
//! Links are followed only to the configured API (see [`Cursor`]). A list that never ends is an error.

use std::collections::HashSet;
use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use url::Url;

use super::admin::AdminClient;
use super::cursor::Cursor;
use super::error::{ResponseInfo, WebexError};
use super::transport::{Call, Success, Transport, unreadable};
use super::wire::Items;
use crate::domain::OrgScope;

/// Most pages of a list. A hundred thousand devices are a thousand pages of a hundred.
const MOST_PAGES: usize = 10_000;
/// Smallest page to ask for before a 504 becomes an error.
const SMALLEST_PAGE: usize = 25;

/// One page of a list.
#[derive(Debug)]
pub struct ListPage<T> {
    /// Its items.
    pub items: Vec<T>,
    /// The number of items that could not be read and were left out.
    pub unreadable: usize,
    /// The next page, if there is one.
    pub next: Option<Cursor>,
}

impl<T> ListPage<T> {
    pub(super) fn map<U>(self, each: impl Fn(T) -> U) -> ListPage<U> {
        let Self { items, unreadable, next } = self;
        ListPage { items: items.into_iter().map(each).collect(), unreadable, next }
    }
}

impl Transport {
    /// A stored cursor, unless it points outside the configured API.
    pub(super) fn cursor(&self, stored: &str) -> Option<Cursor> {
        Cursor::follow(self.base(), self.base(), stored).ok()
    }

    /// Fetches one page. Items that cannot be read are left out: one malformed record must not hide the rest.
    pub(super) async fn fetch_page<T: DeserializeOwned>(
        &self,
        bearer: &SecretString,
        call: Call<'_>,
    ) -> Result<ListPage<T>, WebexError> {
        let from = self.address_of(&call);
        let response = self.send(bearer, call).await?;
        self.read_page(&from, &response)
    }

    /// Reads a page that came from this address.
    fn read_page<T: DeserializeOwned>(
        &self,
        from: &Url,
        response: &Success,
    ) -> Result<ListPage<T>, WebexError> {
        let malformed = |what: String| unreadable(response.info.clone(), what);
        let follow = |target| Cursor::follow(self.base(), from, target).map_err(malformed);
        let next = response.next().map(follow).transpose()?;
        // Borrowed first: parsing into owned items at once would hold the page several times.
        let list: Items<&RawValue> =
            serde_json::from_slice(response.body()).map_err(|error| malformed(error.to_string()))?;
        let count = list.items.len();
        let items: Vec<T> = list.items.into_iter().filter_map(|item| read_item(item.get())).collect();
        Ok(ListPage { unreadable: count - items.len(), items, next })
    }

    /// Fetches all pages of a short list.
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
                return Err(endless("the list leads back to an earlier page"));
            }
            if followed.len() + 1 >= most_pages {
                return Err(endless(format!("the list has more than {most_pages} pages")));
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
        .inspect_err(|error| tracing::warn!(%error, "could not read an item of a list from Webex"))
        .ok()
}

/// The error for a list that never ends, although each of its pages is fine.
fn endless(what: impl Into<String>) -> WebexError {
    unreadable(ResponseInfo { status: 200, tracking_id: None, message: None }, what)
}

/// A long list of the admin client, page by page. `W` is Webex's record and `T` the type it is read into.
///
/// The position moves only after a page was read, so that the same page can be fetched again after an error. A circular
/// or endless list ends in an error, without remembering every page.
pub struct Pages<W, T> {
    admin: AdminClient,
    path: &'static str,
    query: Vec<(String, String)>,
    size: usize,
    end: EndOfList,
    position: Position,
    count: usize,
    /// An earlier page, moved forward at ever longer intervals: a circular list reaches it again (Brent's algorithm).
    mark: Option<Cursor>,
    read: Box<ReadRecord<W, T>>,
    unreadable: usize,
}

/// Reads a record; none if it cannot be used.
type ReadRecord<W, T> = dyn Fn(W) -> Option<T> + Send + Sync;

/// How a list ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EndOfList {
    /// With a page without a link.
    NoLink,
    /// Without links, with an empty page. A short page is not the end: Webex may return fewer items than requested.
    EmptyPage,
}

/// Where a list continues.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Position {
    /// After this many items; with a digest of the previous page.
    Offset { start: usize, before: Option<u64> },
    /// At a link.
    Cursor(Cursor),
    /// Nowhere.
    End,
}

impl<W, T> fmt::Debug for Pages<W, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pages({} {:?} at {:?})", self.path, self.query, self.position)
    }
}

impl<W: DeserializeOwned, T> Pages<W, T> {
    pub(super) fn new(
        admin: &AdminClient,
        path: &'static str,
        size: usize,
        end: EndOfList,
        read: impl Fn(W) -> Option<T> + Send + Sync + 'static,
    ) -> Self {
        Self {
            admin: admin.clone(),
            path,
            query: Vec::new(),
            size,
            end,
            position: Position::Offset { start: 0, before: None },
            count: 0,
            mark: None,
            read: Box::new(read),
            unreadable: 0,
        }
    }

    /// Narrows the list to an organization and by filters. Webex does not guarantee exact filters, so callers match
    /// again.
    pub(super) fn narrowed(mut self, scope: &OrgScope, filters: &[(&str, String)]) -> Self {
        self.query.extend(filters.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        let org = self.admin.org(scope).map(|org| ("orgId".to_owned(), org.to_owned()));
        self.query.extend(org);
        self
    }

    /// The number of records left out so far because they could not be read or have no usable id.
    pub(crate) fn unreadable(&self) -> usize {
        self.unreadable
    }

    /// The next page, which may be empty, or nothing at the end of the list.
    ///
    /// Webex counts from the start of the list for each page: if items are added or removed meanwhile, other items may
    /// be repeated or skipped.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<T>>, WebexError> {
        while self.position != Position::End {
            if self.count >= MOST_PAGES {
                return Err(endless(format!("the list has more than {MOST_PAGES} pages")));
            }
            match self.fetch().await {
                Ok((page, digest)) => {
                    self.count += 1;
                    return self.advance(page, digest);
                }
                Err(error) if is_too_slow(&error) && self.halve() => {
                    tracing::debug!(
                        size = self.size,
                        "Webex was too slow for a page; asking for a smaller one"
                    );
                }
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    async fn fetch(&self) -> Result<(ListPage<W>, u64), WebexError> {
        let (path, size, offset);
        let mut query: Vec<(&str, &str)> = Vec::new();
        let call = match &self.position {
            Position::Cursor(cursor) => Call::page(cursor),
            Position::Offset { start, .. } => {
                (path, size, offset) = ([self.path], self.size.to_string(), start.to_string());
                query.extend(self.query.iter().map(|(name, value)| (name.as_str(), value.as_str())));
                query.push(("max", &size));
                if *start > 0 {
                    query.push(("start", &offset));
                }
                Call::get(&path).query(&query)
            }
            Position::End => unreachable!("no page is fetched after the end of a list"),
        };
        let from = self.admin.transport().address_of(&call);
        let response = self.admin.send(call).await?;
        // Only lists without links need to recognize a repeated page.
        let digest = if self.end == EndOfList::EmptyPage { digest(response.body()) } else { 0 };
        Ok((self.admin.transport().read_page(&from, &response)?, digest))
    }

    fn advance(&mut self, page: ListPage<W>, digest: u64) -> Result<Option<Vec<T>>, WebexError> {
        let count = page.items.len() + page.unreadable;
        self.position = match (page.next, &self.position) {
            (Some(cursor), _) => {
                if self.mark.as_ref() == Some(&cursor) || self.position == Position::Cursor(cursor.clone()) {
                    return Err(endless("the list leads back to an earlier page"));
                }
                if self.count.is_power_of_two() {
                    self.mark = Some(cursor.clone());
                }
                Position::Cursor(cursor)
            }
            (None, Position::Offset { start, before }) if self.end == EndOfList::EmptyPage && count > 0 => {
                // A server that does not know offsets repeats the first page.
                if *before == Some(digest) {
                    self.position = Position::End;
                    return Ok(None);
                }
                Position::Offset { start: start + count, before: Some(digest) }
            }
            (None, _) => Position::End,
        };
        let items: Vec<T> = page.items.into_iter().filter_map(&*self.read).collect();
        self.unreadable += count - items.len();
        Ok(Some(items))
    }

    /// Halves the page size at the same position, if possible. A link without an offset stays as it is.
    fn halve(&mut self) -> bool {
        let size = match &self.position {
            Position::Cursor(cursor) => cursor.size(),
            _ => Some(self.size),
        };
        let Some(half) = size.map(|size| size / 2).filter(|half| *half >= SMALLEST_PAGE) else {
            return false;
        };
        self.size = half;
        if let Position::Cursor(cursor) = &self.position {
            self.position = Position::Cursor(cursor.resized(half));
        }
        true
    }
}

fn digest(body: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    hasher.finish()
}

/// A 504 for a list: a smaller page helps (Webex, *REST API Basics*).
fn is_too_slow(error: &WebexError) -> bool {
    matches!(error, WebexError::ServerError(answer) if answer.status == 504)
}

#[cfg(test)]
mod tests;
