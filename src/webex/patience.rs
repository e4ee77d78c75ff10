//! How long to wait for Webex, counted only while this process runs.
//!
//! After a suspension every deadline has passed, although the answer may have arrived meanwhile and only waits to be
//! read. Giving it up would repeat the call: a card that was posted would be posted again. So the time is counted in
//! short steps, and a suspension costs one of them at most.

use std::pin::pin;
use std::time::Duration;

/// The longest step.
const STEP: Duration = Duration::from_secs(1);

/// The rest of a limited time.
#[derive(Debug)]
pub(super) struct Patience {
    left: Duration,
    step: Duration,
}

impl Patience {
    pub(super) fn of(limit: Duration) -> Self {
        Self { left: limit, step: STEP }
    }

    /// The result of this work; `None` if the time is over first. What the work takes is taken off the rest.
    pub(super) async fn wait<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(work);
        while !self.left.is_zero() {
            let step = self.left.min(self.step);
            // Looks at the work first and at the clock second.
            match tokio::time::timeout(step, &mut work).await {
                Ok(result) => return Some(result),
                Err(_) => self.left -= step,
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;
    use tokio::time::Instant;

    use super::*;

    const LIMIT: Duration = Duration::from_millis(50);

    fn patience() -> Patience {
        Patience { left: LIMIT, step: Duration::from_millis(5) }
    }

    #[tokio::test]
    async fn work_that_takes_too_long_is_given_up() {
        let (mut patience, start) = (patience(), Instant::now());
        assert_eq!(patience.wait(std::future::pending::<()>()).await, None);
        assert!(start.elapsed() >= LIMIT);
        assert_eq!(patience.wait(std::future::ready(())).await, None, "nothing is left");
    }

    #[tokio::test]
    async fn an_answer_that_came_during_a_suspension_is_read() {
        let (answer, answered) = oneshot::channel();
        let mut patience = patience();
        let mut waiting = pin!(patience.wait(answered));
        tokio::select! {
            biased;
            _ = &mut waiting => panic!("nothing has been answered"),
            () = std::future::ready(()) => {}
        }
        // The process stands still until the deadline has passed. Only then another task can read the answer.
        let suspended = Instant::now();
        while suspended.elapsed() < LIMIT * 2 {}
        tokio::spawn(async move { answer.send("posted").ok() });
        assert_eq!(waiting.await, Some(Ok("posted")));
    }
}
