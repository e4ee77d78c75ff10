//! The open connections: every new one is accepted, and if there are too many, the oldest unproven one gives way.
//!
//! A connection is *proven* once it has carried a delivery with a valid signature. A stranger can open connections as
//! fast as Webex, but has nothing to prove: however many half-sent requests wait here, a delivery gets in and needs
//! milliseconds to prove itself. Probes and scrapers have places of their own, so that neither can push out the other.
//!
//! Memory before a good signature is bounded: [`MOST_UNPROVEN`] heads of at most 16 KiB, and [`LARGEST_BODIES`] for all
//! bodies together.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::{fmt, io};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use crate::telemetry::metrics::Metrics;

/// Connections that have not carried a signed delivery yet.
const MOST_UNPROVEN: usize = 512;
/// Connections that have carried one, most of them idle. Webex and proxies open a few.
const MOST_PROVEN: usize = 256;
/// Connections whose last request was about health or metrics.
const MOST_HEALTH: usize = 16;
/// The bytes of all bodies whose signature is not verified yet. Their buffers take up to twice as much.
const LARGEST_BODIES: usize = 12 << 20;

/// All open connections.
#[derive(Debug, Clone)]
pub(super) struct Connections {
    table: Arc<Mutex<Table>>,
    metrics: Arc<Metrics>,
}

/// How a connection counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase", const_into_str)]
enum Standing {
    Unproven,
    Proven,
    Health,
}

impl Standing {
    fn limit(self) -> usize {
        match self {
            Self::Unproven => MOST_UNPROVEN,
            Self::Proven => MOST_PROVEN,
            Self::Health => MOST_HEALTH,
        }
    }
}

/// One open connection. Cheap to clone; leaves the table with the last clone.
#[derive(Debug, Clone)]
pub(super) struct Connection(Arc<Registered>);

#[derive(Debug)]
struct Registered {
    number: u64,
    connections: Connections,
}

/// Keeps a connection open while its delivery is stored.
#[derive(Debug)]
pub(super) struct Storing(Connection);

#[derive(Debug, Default)]
struct Table {
    entries: HashMap<u64, Entry>,
    /// Numbers connections and orders their arrivals and proofs.
    next: u64,
    bodies: usize,
}

#[derive(Debug)]
struct Entry {
    standing: Standing,
    /// When it entered its place; the oldest is closed first.
    since: u64,
    body: usize,
    is_storing: bool,
    close: CancellationToken,
}

impl Connections {
    pub(super) fn new(metrics: Arc<Metrics>) -> Self {
        Self { table: Arc::default(), metrics }
    }

    /// Admits a new connection; closes the oldest unproven one if there are too many.
    pub(super) fn admit(&self, stream: TcpStream) -> (GuardedStream, Connection) {
        let close = CancellationToken::new();
        let number = self.change(|table| table.admit(close.clone()));
        let connection = Connection(Arc::new(Registered { number, connections: self.clone() }));
        let closed = Box::pin(close.cancelled_owned());
        (GuardedStream { stream, closed, _connection: connection.clone() }, connection)
    }

    fn change<T>(&self, change: impl FnOnce(&mut Table) -> (T, Vec<Standing>)) -> T {
        let (result, closed) = change(&mut self.lock());
        for standing in closed {
            self.metrics.connection_closed(standing.into_str());
        }
        result
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    /// A request about health or metrics begins on this connection, or another one.
    pub(super) fn begin_request(&self, is_about_health: bool) {
        self.change(|table, number| table.begin_request(number, is_about_health));
    }

    /// Counts bytes of an unverified body. If all bodies together are too large, those of the oldest connections give
    /// way, unproven ones first; false if that is this one, or if it has given way before.
    pub(super) fn buffer(&self, bytes: usize) -> bool {
        self.change(|table, number| table.buffer(number, bytes))
    }

    /// A signed delivery has arrived on this connection, which now stays open at least until it is stored.
    pub(super) fn prove(&self) -> Storing {
        self.change(Table::prove);
        Storing(self.clone())
    }

    /// The body is no longer buffered.
    pub(super) fn release_body(&self) {
        self.0.connections.lock().release_body(self.0.number);
    }

    fn change<T>(&self, change: impl FnOnce(&mut Table, u64) -> (T, Vec<Standing>)) -> T {
        self.0.connections.change(|table| change(table, self.0.number))
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.connections.lock().remove(self.number);
    }
}

impl Drop for Storing {
    fn drop(&mut self) {
        self.0.0.connections.lock().stored(self.0.0.number);
    }
}

impl Table {
    fn admit(&mut self, close: CancellationToken) -> (u64, Vec<Standing>) {
        let number = self.tick();
        let entry = Entry { standing: Standing::Unproven, since: number, body: 0, is_storing: false, close };
        self.entries.insert(number, entry);
        (number, self.make_room(Standing::Unproven))
    }

    fn begin_request(&mut self, number: u64, is_about_health: bool) -> ((), Vec<Standing>) {
        let standing = self.entries.get(&number).map(|entry| entry.standing);
        let standing = match (standing, is_about_health) {
            (Some(_), true) => Standing::Health,
            (Some(Standing::Health), false) => Standing::Unproven,
            (Some(Standing::Unproven | Standing::Proven) | None, _) => return ((), Vec::new()),
        };
        ((), self.move_to(number, standing))
    }

    fn prove(&mut self, number: u64) -> ((), Vec<Standing>) {
        self.release_body(number);
        if let Some(entry) = self.entries.get_mut(&number) {
            entry.is_storing = true;
        }
        ((), self.move_to(number, Standing::Proven))
    }

    fn stored(&mut self, number: u64) {
        if let Some(entry) = self.entries.get_mut(&number) {
            entry.is_storing = false;
        }
    }

    fn buffer(&mut self, number: u64, bytes: usize) -> (bool, Vec<Standing>) {
        let Some(entry) = self.entries.get_mut(&number) else { return (false, Vec::new()) };
        entry.body += bytes;
        self.bodies += bytes;
        let mut closed = Vec::new();
        while self.bodies > LARGEST_BODIES {
            let Some(oldest) = self.oldest(|entry| entry.body > 0) else { break };
            closed.extend(self.close(oldest));
        }
        (self.entries.contains_key(&number), closed)
    }

    fn release_body(&mut self, number: u64) {
        if let Some(entry) = self.entries.get_mut(&number) {
            self.bodies -= std::mem::take(&mut entry.body);
        }
    }

    fn move_to(&mut self, number: u64, standing: Standing) -> Vec<Standing> {
        let since = self.tick();
        let Some(entry) = self.entries.get_mut(&number) else { return Vec::new() };
        let was_there = entry.standing == standing;
        (entry.standing, entry.since) = (standing, since);
        // Only a newcomer takes room: the deliveries of an open connection do not count all the others.
        if was_there { Vec::new() } else { self.make_room(standing) }
    }

    fn make_room(&mut self, standing: Standing) -> Vec<Standing> {
        let there = self.entries.values().filter(|entry| entry.standing == standing).count();
        if there <= standing.limit() {
            return Vec::new();
        }
        let oldest = self.oldest(|entry| entry.standing == standing && !entry.is_storing);
        oldest.and_then(|oldest| self.close(oldest)).into_iter().collect()
    }

    /// The connection that gives way first: a proven one only if all others are proven too.
    fn oldest(&self, among: impl Fn(&Entry) -> bool) -> Option<u64> {
        let candidates = self.entries.iter().filter(|(_, entry)| among(entry));
        let order = |entry: &Entry| (entry.standing == Standing::Proven, entry.since);
        candidates.min_by_key(|(_, entry)| order(entry)).map(|(number, _)| *number)
    }

    fn close(&mut self, number: u64) -> Option<Standing> {
        let entry = self.remove(number)?;
        entry.close.cancel();
        Some(entry.standing)
    }

    fn remove(&mut self, number: u64) -> Option<Entry> {
        let entry = self.entries.remove(&number)?;
        self.bodies -= entry.body;
        Some(entry)
    }

    fn tick(&mut self) -> u64 {
        self.next += 1;
        self.next
    }
}

/// A TCP stream that ends when its connection has to give way.
pub(super) struct GuardedStream {
    stream: TcpStream,
    closed: Pin<Box<WaitForCancellationFutureOwned>>,
    _connection: Connection,
}

impl GuardedStream {
    fn poll_closed(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        match self.closed.as_mut().poll(cx) {
            Poll::Ready(()) => {
                Err(io::Error::new(io::ErrorKind::ConnectionAborted, "gave way to a newer connection"))
            }
            Poll::Pending => Ok(()),
        }
    }
}

impl fmt::Debug for GuardedStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardedStream").field("stream", &self.stream).finish_non_exhaustive()
    }
}

impl AsyncRead for GuardedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.poll_closed(cx)?;
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for GuardedStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buffer)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(table: &mut Table, connections: usize) -> Vec<u64> {
        (0..connections).map(|_| table.admit(CancellationToken::new()).0).collect()
    }

    fn is_open(table: &Table, number: u64) -> bool {
        table.entries.contains_key(&number)
    }

    #[test]
    fn the_oldest_unproven_connection_gives_way() {
        let mut table = Table::default();
        let first = admitted(&mut table, MOST_UNPROVEN);
        let close = table.entries[&first[0]].close.clone();
        assert!(first.iter().all(|number| is_open(&table, *number)));
        let (_, closed) = table.admit(CancellationToken::new());
        assert_eq!(closed, [Standing::Unproven]);
        assert!(close.is_cancelled() && !is_open(&table, first[0]) && is_open(&table, first[1]));
    }

    #[test]
    fn proven_connections_and_health_are_not_pushed_out_by_strangers() {
        let mut table = Table::default();
        let [webex, probe] = admitted(&mut table, 2)[..] else { unreachable!() };
        table.prove(webex);
        table.stored(webex);
        table.begin_request(probe, true);
        admitted(&mut table, MOST_UNPROVEN * 3);
        assert!(is_open(&table, webex) && is_open(&table, probe));
        assert_eq!(table.entries.len(), MOST_UNPROVEN + 2);
    }

    #[test]
    fn a_flood_of_probes_pushes_out_only_probes() {
        let mut table = Table::default();
        let others = admitted(&mut table, 10);
        let probes = admitted(&mut table, MOST_HEALTH * 2);
        for probe in &probes {
            table.begin_request(*probe, true);
        }
        assert!(others.iter().all(|number| is_open(&table, *number)));
        assert!(!is_open(&table, probes[MOST_HEALTH - 1]) && is_open(&table, probes[MOST_HEALTH]));
        // A probe that turns into something else is a stranger again.
        table.begin_request(probes[MOST_HEALTH], false);
        assert_eq!(table.entries[&probes[MOST_HEALTH]].standing, Standing::Unproven);
    }

    #[test]
    fn a_delivery_that_is_being_stored_stays_open() {
        let mut table = Table::default();
        let storing = admitted(&mut table, 1)[0];
        table.prove(storing);
        for number in admitted(&mut table, MOST_PROVEN + 1) {
            table.prove(number);
            table.stored(number);
        }
        assert!(is_open(&table, storing));
        table.stored(storing);
        let next = admitted(&mut table, 1)[0];
        table.prove(next);
        assert!(!is_open(&table, storing), "the oldest proof");
    }

    #[test]
    fn all_unverified_bodies_together_are_bounded() {
        let mut table = Table::default();
        let numbers = admitted(&mut table, 3);
        let [first, second, idle] = numbers[..] else { unreachable!() };
        assert!(table.buffer(first, LARGEST_BODIES / 2).0 && table.buffer(second, LARGEST_BODIES / 2).0);
        assert_eq!(table.buffer(second, 1), (true, vec![Standing::Unproven]));
        assert!(!is_open(&table, first) && is_open(&table, second) && is_open(&table, idle));
        assert!(!table.buffer(first, 1).0, "it has given way");
        assert_eq!(table.bodies, LARGEST_BODIES / 2 + 1);
        assert!(!table.buffer(second, LARGEST_BODIES).0, "alone it is too large");
        assert_eq!(table.bodies, 0);
        assert!(table.buffer(idle, 7).0);
        table.prove(idle);
        assert_eq!(table.bodies, 0);
        table.remove(idle);
        assert!(table.entries.is_empty());
    }

    #[test]
    fn the_body_of_a_proven_connection_outlasts_those_of_strangers() {
        let mut table = Table::default();
        let [webex, first, second] = admitted(&mut table, 3)[..] else { unreachable!() };
        table.prove(webex);
        table.stored(webex);
        assert!(table.buffer(webex, 1).0 && table.buffer(first, LARGEST_BODIES - 1).0);
        assert_eq!(table.buffer(second, 1), (true, vec![Standing::Unproven]));
        assert!(is_open(&table, webex) && !is_open(&table, first) && is_open(&table, second));
        assert_eq!(table.buffer(second, LARGEST_BODIES - 1), (false, vec![Standing::Unproven]));
        assert!(is_open(&table, webex));
        assert!(!table.buffer(webex, LARGEST_BODIES).0, "the bound holds for it as well");
    }
}
