//! One way in for all calls with one credential: the shell around the [`Budget`].
//!
//! Who finds a pause in force is turned away at once with [`WebexError::Paused`], because waits are durable and belong
//! to the jobs. Only two things are waited for here, and neither longer than another call takes: a free place, and
//! the answer of the probe after a pause. A call that is dropped in the middle gives its place back.
//!
//! Calls that change something go ahead of those that read. Who deletes has read before, and must read again where a
//! pause comes in between: in one line behind hundreds of reads hardly any DELETE came to its turn before the next pause,
//! and all the reads had been made for nothing.

use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::budget::{Budget, Ended, Leave, Ticket, Turn};
use super::error::WebexError;
use crate::clock::Clock;
use crate::metrics::Metrics;

/// Whose calls are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// The bot token.
    Bot,
    /// The admin credential.
    Admin,
}

impl Credential {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Bot, Self::Admin];

    /// Its name. Stored, and a label of metrics: it must not change.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bot => "bot",
            Self::Admin => "admin",
        }
    }
}

/// The pauses that Webex has asked for. The clients of one [`Transport`](super::Transport) keep to them; what is told
/// to other processes, and what they tell, goes through here.
#[derive(Debug, Clone)]
pub struct Pauses {
    bot: Arc<Gate>,
    admin: Arc<Gate>,
    /// Rung when Webex has asked one of our calls to wait.
    asked: Arc<Notify>,
    clock: Arc<dyn Clock>,
}

impl Pauses {
    pub(super) fn new(clock: &Arc<dyn Clock>, metrics: &Arc<Metrics>) -> Self {
        let asked = Arc::new(Notify::new());
        let gate = |credential| Arc::new(Gate::new(credential, clock, metrics, &asked));
        Self {
            bot: gate(Credential::Bot),
            admin: gate(Credential::Admin),
            asked: asked.clone(),
            clock: clock.clone(),
        }
    }

    pub(super) fn gate(&self, credential: Credential) -> &Arc<Gate> {
        match credential {
            Credential::Bot => &self.bot,
            Credential::Admin => &self.admin,
        }
    }

    /// Until when no calls are made with this credential, if a pause is in force.
    #[must_use]
    pub fn until(&self, credential: Credential) -> Option<Timestamp> {
        self.gate(credential).budget().paused_until(self.clock.now())
    }

    /// Makes no calls with this credential until then: Webex has asked another process to wait, or this one before it
    /// was started anew.
    pub fn pause_until(&self, credential: Credential, until: Timestamp) {
        self.gate(credential).learn(until);
    }

    /// Waits until Webex asks one of our calls to wait, unless it has since this was last called. For one listener.
    pub async fn asked_to_wait(&self) {
        self.asked.notified().await;
    }
}

/// The way in for calls with one credential.
#[derive(Debug)]
pub(super) struct Gate {
    credential: &'static str,
    budget: Mutex<Budget>,
    /// Those who go ahead of the others.
    ahead: Line,
    others: Line,
    asked: Arc<Notify>,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
}

/// Those who wait for a place, the first that came first.
#[derive(Debug, Default)]
struct Line {
    /// Rung when the first of them may ask again.
    turn: Notify,
    length: AtomicUsize,
}

/// Somebody in a line.
struct InLine<'a> {
    gate: &'a Gate,
    line: &'a Line,
}

/// A call under way.
#[derive(Debug)]
pub(super) struct Place<'a> {
    gate: &'a Gate,
    ticket: Ticket,
    ended: Ended,
}

impl Gate {
    fn new(
        credential: Credential,
        clock: &Arc<dyn Clock>,
        metrics: &Arc<Metrics>,
        asked: &Arc<Notify>,
    ) -> Self {
        let (credential, budget) = (credential.as_str(), Budget::new());
        metrics.webex_call_limit(credential, budget.limit());
        Self {
            credential,
            budget: Mutex::new(budget),
            ahead: Line::default(),
            others: Line::default(),
            asked: asked.clone(),
            clock: clock.clone(),
            metrics: metrics.clone(),
        }
    }

    /// Takes a place for one call. One that must not have waited for longer than this goes ahead of those that may.
    ///
    /// # Errors
    /// [`WebexError::Paused`] when a pause is in force, or begins while a place is waited for, or the wait was too
    /// long.
    pub(super) async fn enter(&self, at_most: Option<Duration>) -> Result<Place<'_>, WebexError> {
        let (asked, mut has_waited) = (Instant::now(), false);
        let in_line = self.join(if at_most.is_some() { &self.ahead } else { &self.others });
        loop {
            let mut turn = pin!(in_line.line.turn.notified());
            // In line before the question, so that no place that becomes free in between is missed.
            turn.as_mut().enable();
            let now = self.clock.now();
            let leave = self.budget().ask(now);
            match leave {
                Leave::Go(ticket) => {
                    drop(in_line);
                    let place = Place { gate: self, ticket, ended: Ended::Abandoned };
                    if has_waited && at_most.is_some_and(|at_most| asked.elapsed() > at_most) {
                        return Err(WebexError::Paused { until: now, remaining: SignedDuration::ZERO });
                    }
                    return Ok(place);
                }
                Leave::Wait => {
                    turn.await;
                    has_waited = true;
                }
                Leave::Paused(until) => {
                    self.metrics.webex_call(self.credential, "paused");
                    return Err(WebexError::Paused { until, remaining: until.duration_since(now) });
                }
            }
        }
    }

    fn join<'a>(&'a self, line: &'a Line) -> InLine<'a> {
        line.length.fetch_add(1, Ordering::Relaxed);
        InLine { gate: self, line }
    }

    fn end(&self, ticket: &Ticket, ended: Ended) {
        let (turn, limit, until) = {
            let mut budget = self.budget();
            let now = self.clock.now();
            let turn = budget.end(ticket, ended, now);
            (turn, budget.limit(), budget.paused_until(now))
        };
        self.metrics.webex_call_limit(self.credential, limit);
        if matches!(turn, Turn::PauseBegan | Turn::PauseExtended) {
            self.asked.notify_one();
        }
        self.tell(turn, until);
    }

    fn learn(&self, until: Timestamp) {
        let turn = self.budget().learn(until, self.clock.now());
        self.tell(turn, Some(until));
    }

    /// Says once what has changed for everybody, and wakes whom it concerns.
    fn tell(&self, turn: Turn, until: Option<Timestamp>) {
        let credential = self.credential;
        match turn {
            Turn::PauseBegan => {
                self.metrics.webex_pause(credential);
                let until = until.map(tracing::field::display);
                tracing::warn!(
                    credential,
                    until,
                    "Webex asks to wait: no calls with this credential until then"
                );
                // All who wait for a place have a longer wait before them: a durable one.
                self.ahead.turn.notify_waiters();
                self.others.turn.notify_waiters();
            }
            Turn::PauseOver => {
                tracing::info!(credential, "Webex has time again: calls with this credential go on");
                self.ring_if_there_is_room();
            }
            Turn::None | Turn::PauseExtended => self.ring_if_there_is_room(),
        }
    }

    /// Whoever is let through, or waits no longer, calls the next one while there is room. So it does no harm that
    /// somebody may be called who was not waiting any more.
    fn ring_if_there_is_room(&self) {
        if self.budget().has_room(self.clock.now()) {
            let is_anybody_ahead = self.ahead.length.load(Ordering::Relaxed) > 0;
            let line = if is_anybody_ahead { &self.ahead } else { &self.others };
            line.turn.notify_one();
        }
    }

    fn budget(&self) -> MutexGuard<'_, Budget> {
        self.budget.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for InLine<'_> {
    fn drop(&mut self) {
        self.line.length.fetch_sub(1, Ordering::Relaxed);
        self.gate.ring_if_there_is_room();
    }
}

impl Place<'_> {
    /// Gives the place back with what became of the call.
    pub(super) fn leave(mut self, result: Result<(), &WebexError>) {
        self.gate
            .metrics
            .webex_call(self.gate.credential, result.map_or_else(WebexError::as_str, |()| "well"));
        self.ended = match result {
            Err(WebexError::Busy { retry_after, .. }) => Ended::AskedToWait(*retry_after),
            Err(
                WebexError::Unreachable(_)
                | WebexError::NoAnswer(_)
                | WebexError::Troubled(_)
                | WebexError::NoToken { .. }
                | WebexError::Paused { .. },
            ) => Ended::Otherwise,
            Ok(())
            | Err(WebexError::Unreadable { .. } | WebexError::NotFound(_) | WebexError::Refused(_)) => {
                Ended::Well
            }
        };
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.gate.end(&self.ticket, self.ended);
    }
}

#[cfg(test)]
mod tests {
    use tokio::task::JoinSet;

    use super::*;
    use crate::clock::ManualClock;
    use crate::webex::Answered;

    const LIMIT: usize = super::super::budget::CEILING as usize;

    fn pauses() -> (Pauses, ManualClock) {
        let clock = ManualClock::starting_at(Timestamp::UNIX_EPOCH);
        (Pauses::new(&(Arc::new(clock.clone()) as Arc<dyn Clock>), &Arc::default()), clock)
    }

    fn busy(seconds: i64) -> WebexError {
        let answer = Answered { status: 429, tracking_id: None, message: None };
        WebexError::Busy { answer, retry_after: SignedDuration::from_secs(seconds) }
    }

    /// Tasks that wait for a place, all of them in line.
    async fn waiting(gate: &Arc<Gate>, count: usize) -> JoinSet<bool> {
        let mut tasks = JoinSet::new();
        for number in 0..count {
            let (gate, at_most) = (gate.clone(), (number % 2 == 0).then_some(Duration::MAX));
            tasks.spawn(async move { gate.enter(at_most).await.map(|place| place.leave(Ok(()))).is_ok() });
        }
        // They run on this thread, each until it has to wait.
        for _ in 0..=count {
            tokio::task::yield_now().await;
        }
        tasks
    }

    #[tokio::test]
    async fn a_pause_turns_away_the_calls_with_its_credential_and_no_others() {
        let (pauses, clock) = pauses();
        pauses.gate(Credential::Admin).enter(None).await.unwrap().leave(Err(&busy(20)));
        assert_eq!(pauses.until(Credential::Bot), None);
        assert_eq!(pauses.until(Credential::Admin), Timestamp::from_second(20).ok());
        clock.advance(SignedDuration::from_secs(5));
        let error = pauses.gate(Credential::Admin).enter(None).await.unwrap_err();
        assert_eq!(error.asked_to_wait(), Some(SignedDuration::from_secs(15)));
        pauses.gate(Credential::Bot).enter(None).await.unwrap().leave(Ok(()));
    }

    #[tokio::test]
    async fn those_who_wait_for_the_probe_go_on_or_are_turned_away_by_its_answer() {
        for (answer, go_on) in [(Ok(()), true), (Err(busy(7)), false)] {
            let (pauses, clock) = pauses();
            let gate = pauses.gate(Credential::Bot);
            gate.enter(None).await.unwrap().leave(Err(&busy(20)));
            clock.advance(SignedDuration::from_secs(20));
            let probe = gate.enter(None).await.unwrap();
            let mut tasks = waiting(gate, 50).await;
            assert!(tasks.try_join_next().is_none(), "somebody did not wait");
            probe.leave(answer.as_ref().copied());
            assert_eq!(tasks.join_all().await, [go_on; 50]);
        }
    }

    #[tokio::test]
    async fn a_probe_that_is_dropped_lets_the_next_one_go_first() {
        let (pauses, clock) = pauses();
        let gate = pauses.gate(Credential::Bot);
        gate.enter(None).await.unwrap().leave(Err(&busy(20)));
        clock.advance(SignedDuration::from_secs(20));
        let probe = gate.enter(None).await.unwrap();
        let tasks = waiting(gate, 3).await;
        drop(probe);
        assert_eq!(tasks.join_all().await, [true; 3]);
    }

    #[tokio::test]
    async fn what_must_be_called_soon_is_not_called_after_a_wait_and_keeps_no_place() {
        let (pauses, clock) = pauses();
        let gate = pauses.gate(Credential::Admin);
        gate.enter(None).await.unwrap().leave(Err(&busy(20)));
        clock.advance(SignedDuration::from_secs(20));
        let probe = gate.enter(Some(Duration::ZERO)).await.unwrap();
        let late = tokio::spawn({
            let gate = gate.clone();
            async move { gate.enter(Some(Duration::ZERO)).await.map(drop) }
        });
        tokio::task::yield_now().await;
        probe.leave(Ok(()));
        let error = late.await.unwrap().unwrap_err();
        assert_eq!((error.is_paused(), error.asked_to_wait()), (true, Some(SignedDuration::ZERO)));
        assert_eq!(waiting(gate, 5).await.join_all().await, [true; 5]);
    }

    #[tokio::test]
    async fn what_must_be_called_soon_goes_ahead_of_what_came_before_it() {
        let (pauses, clock) = pauses();
        let gate = pauses.gate(Credential::Admin);
        gate.enter(None).await.unwrap().leave(Err(&busy(20)));
        clock.advance(SignedDuration::from_secs(20));
        let probe = gate.enter(None).await.unwrap();
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = JoinSet::new();
        for (number, at_most) in [(1, None), (2, None), (3, Some(Duration::MAX)), (4, Some(Duration::MAX))] {
            let (gate, order) = (gate.clone(), order.clone());
            tasks.spawn(async move {
                let place = gate.enter(at_most).await.unwrap();
                order.lock().unwrap().push(number);
                place.leave(Ok(()));
            });
            tokio::task::yield_now().await;
        }
        probe.leave(Ok(()));
        tasks.join_all().await;
        assert_eq!(*order.lock().unwrap(), [3, 4, 1, 2]);
    }

    #[tokio::test]
    async fn those_who_give_up_waiting_keep_nobody_from_a_place() {
        let (pauses, _clock) = pauses();
        let gate = pauses.gate(Credential::Bot);
        let mut places = Vec::new();
        for _ in 0..LIMIT {
            places.push(gate.enter(None).await.unwrap());
        }
        let mut given_up = waiting(gate, 20).await;
        let tasks = waiting(gate, 20).await;
        places.pop();
        given_up.shutdown().await;
        assert_eq!(tasks.join_all().await, [true; 20]);
        drop(places);
        assert_eq!(waiting(gate, LIMIT).await.join_all().await.len(), LIMIT);
    }

    #[tokio::test]
    async fn a_pause_of_our_own_is_news_and_one_that_was_learned_is_not() {
        let (pauses, _clock) = pauses();
        pauses.pause_until(Credential::Bot, Timestamp::from_second(60).unwrap());
        let mut news = pin!(pauses.asked_to_wait());
        tokio::select! {
            biased;
            () = news.as_mut() => panic!("it came from the others"),
            () = std::future::ready(()) => {}
        }
        pauses.gate(Credential::Admin).enter(None).await.unwrap().leave(Err(&busy(20)));
        news.await;
    }
}
