//! Which calls get a permit, which wait, and which fail.

use tokio::task::JoinSet;

use super::*;
use crate::domain::clock::ManualClock;
use crate::webex::error::ResponseInfo;

const LIMIT: usize = crate::webex::rate_limit::budget::CEILING as usize;

fn limiters() -> (RateLimiters, ManualClock) {
    let clock = ManualClock::starting_at(Timestamp::UNIX_EPOCH);
    (RateLimiters::new(&(Arc::new(clock.clone()) as Arc<dyn Clock>), &Arc::default()), clock)
}

fn busy(seconds: i64) -> WebexError {
    let answer = ResponseInfo { status: 429, tracking_id: None, message: None };
    WebexError::Busy { answer, retry_after: SignedDuration::from_secs(seconds) }
}

/// Right after a pause of this credential: the next call is the probe.
async fn after_a_pause(credential: Credential) -> RateLimiters {
    let (limiters, clock) = limiters();
    limiters.of(credential).acquire(None).await.unwrap().release(Err(&busy(20)));
    clock.advance(SignedDuration::from_secs(20));
    limiters
}

/// Tasks that queue for a permit, every other one as a change.
async fn waiting(limiter: &Arc<RateLimiter>, count: usize) -> JoinSet<bool> {
    let mut tasks = JoinSet::new();
    for number in 0..count {
        let (limiter, longest_wait) = (limiter.clone(), (number % 2 == 0).then_some(Duration::MAX));
        tasks.spawn(async move {
            limiter.acquire(longest_wait).await.map(|permit| permit.release(Ok(()))).is_ok()
        });
    }
    // They run on this thread until they wait.
    for _ in 0..=count {
        tokio::task::yield_now().await;
    }
    tasks
}

#[tokio::test]
async fn a_pause_fails_the_calls_with_its_credential_only() {
    let (limiters, clock) = limiters();
    limiters.of(Credential::Admin).acquire(None).await.unwrap().release(Err(&busy(20)));
    assert_eq!(limiters.paused_until(Credential::Bot), None);
    assert_eq!(limiters.paused_until(Credential::Admin), Timestamp::from_second(20).ok());
    clock.advance(SignedDuration::from_secs(5));
    let error = limiters.of(Credential::Admin).acquire(None).await.unwrap_err();
    assert_eq!(error.requested_wait(), Some(SignedDuration::from_secs(15)));
    limiters.of(Credential::Bot).acquire(None).await.unwrap().release(Ok(()));
}

#[tokio::test]
async fn queued_calls_proceed_or_fail_with_the_result_of_the_probe() {
    for (answer, proceeds) in [(Ok(()), true), (Err(busy(7)), false)] {
        let limiters = after_a_pause(Credential::Bot).await;
        let limiter = limiters.of(Credential::Bot);
        let probe = limiter.acquire(None).await.unwrap();
        let mut tasks = waiting(limiter, 50).await;
        assert!(tasks.try_join_next().is_none(), "a call did not wait");
        probe.release(answer.as_ref().copied());
        assert_eq!(tasks.join_all().await, [proceeds; 50]);
    }
}

#[tokio::test]
async fn a_dropped_probe_is_replaced_by_the_next_call() {
    let limiters = after_a_pause(Credential::Bot).await;
    let limiter = limiters.of(Credential::Bot);
    let probe = limiter.acquire(None).await.unwrap();
    let tasks = waiting(limiter, 3).await;
    drop(probe);
    assert_eq!(tasks.join_all().await, [true; 3]);
}

#[tokio::test]
async fn a_change_that_waited_too_long_fails_and_returns_its_permit() {
    let limiters = after_a_pause(Credential::Admin).await;
    let limiter = limiters.of(Credential::Admin);
    let probe = limiter.acquire(Some(Duration::ZERO)).await.unwrap();
    let late = tokio::spawn({
        let limiter = limiter.clone();
        async move { limiter.acquire(Some(Duration::ZERO)).await.map(drop) }
    });
    tokio::task::yield_now().await;
    probe.release(Ok(()));
    let error = late.await.unwrap().unwrap_err();
    assert_eq!((error.is_paused(), error.requested_wait()), (true, Some(SignedDuration::ZERO)));
    assert_eq!(waiting(limiter, 5).await.join_all().await, [true; 5]);
}

#[tokio::test]
async fn changes_go_before_earlier_reads() {
    let limiters = after_a_pause(Credential::Admin).await;
    let limiter = limiters.of(Credential::Admin);
    let probe = limiter.acquire(None).await.unwrap();
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut tasks = JoinSet::new();
    for (number, longest_wait) in [(1, None), (2, None), (3, Some(Duration::MAX)), (4, Some(Duration::MAX))] {
        let (limiter, order) = (limiter.clone(), order.clone());
        tasks.spawn(async move {
            let permit = limiter.acquire(longest_wait).await.unwrap();
            order.lock().unwrap().push(number);
            permit.release(Ok(()));
        });
        tokio::task::yield_now().await;
    }
    probe.release(Ok(()));
    tasks.join_all().await;
    assert_eq!(*order.lock().unwrap(), [3, 4, 1, 2]);
}

#[tokio::test]
async fn abandoned_waits_block_no_other_call() {
    let (limiters, _clock) = limiters();
    let limiter = limiters.of(Credential::Bot);
    let mut permits = Vec::new();
    for _ in 0..LIMIT {
        permits.push(limiter.acquire(None).await.unwrap());
    }
    let mut given_up = waiting(limiter, 20).await;
    let tasks = waiting(limiter, 20).await;
    permits.pop();
    given_up.shutdown().await;
    assert_eq!(tasks.join_all().await, [true; 20]);
    drop(permits);
    assert_eq!(waiting(limiter, LIMIT).await.join_all().await.len(), LIMIT);
}

#[tokio::test]
async fn only_our_own_pauses_are_signaled() {
    let (limiters, _clock) = limiters();
    limiters.pause_until(Credential::Bot, Timestamp::from_second(60).unwrap());
    let mut signal = pin!(limiters.pause_began());
    tokio::select! {
        biased;
        () = signal.as_mut() => panic!("that pause came from another process"),
        () = std::future::ready(()) => {}
    }
    limiters.of(Credential::Admin).acquire(None).await.unwrap().release(Err(&busy(20)));
    signal.await;
}
