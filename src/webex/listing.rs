//! A long list, page by page, of which only one page is ever held.
//!
//! The place where the list goes on changes only when a page was read: after an error the same page can be asked for
//! again. A list that leads in a circle or on for ever ends in an error, without every page being remembered.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde::de::DeserializeOwned;

use super::admin::AdminClient;
use super::error::WebexError;
use super::paging::{Cursor, ListPage, endless};
use super::transport::Call;

/// Pages that are read at most. A hundred thousand devices, a hundred a page, are a thousand.
const MOST_PAGES: usize = 10_000;
/// Items that a page is cut down to at the least before a 504 is taken for an answer.
const SMALLEST_PAGE: usize = 25;

/// A list that the admin client reads.
#[derive(Debug)]
pub(super) struct Listing {
    admin: AdminClient,
    path: &'static str,
    query: Vec<(String, String)>,
    size: usize,
    ending: Ending,
    at: At,
    pages: usize,
    /// An earlier page, moved on ever more seldom: who goes in a circle comes past it (Brent's way).
    mark: Option<Cursor>,
}

/// How a list says that it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// By a page without a link to the next one.
    WithoutLink,
    /// By an empty page, where there is no link. A short page does not tell: Webex may give fewer items than were
    /// asked for.
    WithEmptyPage,
}

/// Where the list goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
enum At {
    /// At this many items from the start; with what the page before looked like.
    Offset { start: usize, before: Option<u64> },
    /// Where a link leads.
    Cursor(Cursor),
    /// Nowhere.
    End,
}

impl Listing {
    pub(super) fn new(admin: &AdminClient, path: &'static str, size: usize, ending: Ending) -> Self {
        let at = At::Offset { start: 0, before: None };
        Self { admin: admin.clone(), path, query: Vec::new(), size, ending, at, pages: 0, mark: None }
    }

    pub(super) fn query<'a>(mut self, query: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        self.query.extend(query.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())));
        self
    }

    /// The next page, which may be empty, or nothing when the list is over.
    pub(super) async fn next<T: DeserializeOwned>(&mut self) -> Result<Option<ListPage<T>>, WebexError> {
        while self.at != At::End {
            if self.pages >= MOST_PAGES {
                return Err(endless(&format!("the list has more than {MOST_PAGES} pages")));
            }
            match self.ask().await {
                Ok((page, digest)) => {
                    self.pages += 1;
                    return self.go_on(page, digest);
                }
                Err(error) if is_too_slow(&error) && self.halve() => {
                    tracing::debug!(
                        size = self.size,
                        "Webex took too long for a page; asking for a smaller one"
                    );
                }
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    async fn ask<T: DeserializeOwned>(&self) -> Result<(ListPage<T>, u64), WebexError> {
        let size = self.size.to_string();
        let path = [self.path];
        let mut query: Vec<(&str, &str)> = Vec::new();
        let offset;
        let call = match &self.at {
            At::Cursor(cursor) => Call::page(cursor),
            At::Offset { start, .. } => {
                query.extend(self.query.iter().map(|(name, value)| (name.as_str(), value.as_str())));
                query.push(("max", &size));
                if *start > 0 {
                    offset = start.to_string();
                    query.push(("start", &offset));
                }
                Call::get(&path).query(&query)
            }
            At::End => unreachable!("a list that is over is not asked for"),
        };
        let from = self.admin.transport().address_of(&call);
        let good = self.admin.send(call).await?;
        // Only where a page may have to be known again.
        let digest = match self.ending {
            Ending::WithEmptyPage => digest(good.body()),
            Ending::WithoutLink => 0,
        };
        Ok((self.admin.transport().read_page(&from, &good)?, digest))
    }

    fn go_on<T>(&mut self, mut page: ListPage<T>, digest: u64) -> Result<Option<ListPage<T>>, WebexError> {
        let count = page.items.len() + page.unreadable;
        self.at = match (page.next.take(), &self.at) {
            (Some(cursor), _) => {
                if self.mark.as_ref() == Some(&cursor) || self.at == At::Cursor(cursor.clone()) {
                    return Err(endless("the list leads back to a page that was read"));
                }
                if self.pages.is_power_of_two() {
                    self.mark = Some(cursor.clone());
                }
                At::Cursor(cursor)
            }
            (None, At::Offset { start, before }) if self.ending == Ending::WithEmptyPage && count > 0 => {
                // Whoever does not know offsets answers with the first page each time.
                if *before == Some(digest) {
                    self.at = At::End;
                    return Ok(None);
                }
                At::Offset { start: start + count, before: Some(digest) }
            }
            (None, _) => At::End,
        };
        Ok(Some(page))
    }

    /// Asks for half as many from the same place on, where that is possible. A link that does not go by offsets
    /// leads to what Webex has put behind it, and is left as it is.
    fn halve(&mut self) -> bool {
        let size = match &self.at {
            At::Cursor(cursor) => cursor.size(),
            _ => Some(self.size),
        };
        let Some(half) = size.map(|size| size / 2).filter(|half| *half >= SMALLEST_PAGE) else {
            return false;
        };
        self.size = half;
        if let At::Cursor(cursor) = &self.at {
            self.at = At::Cursor(cursor.resized(half));
        }
        true
    }
}

fn digest(body: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    hasher.finish()
}

/// 504 on a list: it helps to ask for less (Webex, *REST API Basics*).
fn is_too_slow(error: &WebexError) -> bool {
    matches!(error, WebexError::ServerError(answer) if answer.status == 504)
}

#[cfg(test)]
mod tests;
