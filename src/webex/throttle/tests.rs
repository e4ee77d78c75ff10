//! Who is let through, who waits, and who is turned away.

use tokio::task::JoinSet;

use super::*;
use crate::domain::clock::ManualClock;
use crate::webex::ResponseInfo;

const LIMIT: usize = super::super::budget::CEILING as usize;

fn pauses() -> (RateLimiters, ManualClock) {
    let clock = ManualClock::starting_at(Timestamp::UNIX_EPOCH);
    (RateLimiters::new(&(Arc::new(clock.clone()) as Arc<dyn Clock>), &Arc::default()), clock)
}

fn busy(seconds: i64) -> WebexError {
    let answer = ResponseInfo { status: 429, tracking_id: None, message: None };
    WebexError::Busy { answer, retry_after: SignedDuration::from_secs(seconds) }
}

/// A pause of this credential that has just ended: the next call is the probe.
async fn after_a_pause(credential: Credential) -> RateLimiters {
    let (pauses, clock) = pauses();
    pauses.gate(credential).enter(None).await.unwrap().leave(Err(&busy(20)));
    clock.advance(SignedDuration::from_secs(20));
    pauses
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
    assert_eq!(pauses.paused_until(Credential::Bot), None);
    assert_eq!(pauses.paused_until(Credential::Admin), Timestamp::from_second(20).ok());
    clock.advance(SignedDuration::from_secs(5));
    let error = pauses.gate(Credential::Admin).enter(None).await.unwrap_err();
    assert_eq!(error.requested_wait(), Some(SignedDuration::from_secs(15)));
    pauses.gate(Credential::Bot).enter(None).await.unwrap().leave(Ok(()));
}

#[tokio::test]
async fn those_who_wait_for_the_probe_go_on_or_are_turned_away_by_its_answer() {
    for (answer, go_on) in [(Ok(()), true), (Err(busy(7)), false)] {
        let pauses = after_a_pause(Credential::Bot).await;
        let gate = pauses.gate(Credential::Bot);
        let probe = gate.enter(None).await.unwrap();
        let mut tasks = waiting(gate, 50).await;
        assert!(tasks.try_join_next().is_none(), "somebody did not wait");
        probe.leave(answer.as_ref().copied());
        assert_eq!(tasks.join_all().await, [go_on; 50]);
    }
}

#[tokio::test]
async fn a_probe_that_is_dropped_lets_the_next_one_go_first() {
    let pauses = after_a_pause(Credential::Bot).await;
    let gate = pauses.gate(Credential::Bot);
    let probe = gate.enter(None).await.unwrap();
    let tasks = waiting(gate, 3).await;
    drop(probe);
    assert_eq!(tasks.join_all().await, [true; 3]);
}

#[tokio::test]
async fn what_must_be_called_soon_is_not_called_after_a_wait_and_keeps_no_place() {
    let pauses = after_a_pause(Credential::Admin).await;
    let gate = pauses.gate(Credential::Admin);
    let probe = gate.enter(Some(Duration::ZERO)).await.unwrap();
    let late = tokio::spawn({
        let gate = gate.clone();
        async move { gate.enter(Some(Duration::ZERO)).await.map(drop) }
    });
    tokio::task::yield_now().await;
    probe.leave(Ok(()));
    let error = late.await.unwrap().unwrap_err();
    assert_eq!((error.is_paused(), error.requested_wait()), (true, Some(SignedDuration::ZERO)));
    assert_eq!(waiting(gate, 5).await.join_all().await, [true; 5]);
}

#[tokio::test]
async fn what_must_be_called_soon_goes_ahead_of_what_came_before_it() {
    let pauses = after_a_pause(Credential::Admin).await;
    let gate = pauses.gate(Credential::Admin);
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
    let mut news = pin!(pauses.pause_began());
    tokio::select! {
        biased;
        () = news.as_mut() => panic!("it came from the others"),
        () = std::future::ready(()) => {}
    }
    pauses.gate(Credential::Admin).enter(None).await.unwrap().leave(Err(&busy(20)));
    news.await;
}
