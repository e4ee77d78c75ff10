//! What a running Steward looks after again and again, besides its jobs: the webhooks, the admin credential, that it
//! is there, and the pauses that it shares with other processes.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{App, AppError};
use crate::intake::catch_up::{self, Hearing};
use crate::store::Attendance;
use crate::telemetry::readiness::Part;

/// How often the webhooks are looked after.
const TENDING: Duration = Duration::from_mins(5);
/// The same after a look that failed.
const TENDING_AGAIN: Duration = Duration::from_secs(30);
/// How often it is noted that Steward is there.
const ATTENDING: Duration = Duration::from_secs(30);
/// How often the admin credential is looked after.
const CARING: Duration = Duration::from_secs(30);

impl App {
    /// Looks after everything until told to stop.
    pub(super) async fn keep_up(&self, stop: &CancellationToken) {
        tokio::join!(self.keep_tending(stop), self.keep_attending(stop), self.keep_credential(stop));
    }

    /// Looks after the webhooks every few minutes: Webex switches one off after 100 failures and never on again.
    async fn keep_tending(&self, stop: &CancellationToken) {
        // The first look was at the start; whether all was well then is not known here.
        let mut pause = TENDING_AGAIN;
        loop {
            // What is under way when it is time to stop is left where it is: the next start looks again.
            tokio::select! {
                () = stop.cancelled() => return,
                () = async {
                    tokio::time::interval_at(Instant::now() + pause, pause).tick().await;
                    pause = if self.tend().await { TENDING } else { TENDING_AGAIN };
                } => {}
            }
        }
    }

    /// Tells the other processes on the database of the pauses that Webex asked for here, and learns of theirs.
    /// [`App::run`] does so by itself.
    pub async fn share_pauses(&self) -> Result<(), AppError> {
        Ok(self.pauses.exchange().await?)
    }

    /// Renews the admin credential where it is time, and warns where that fails for long. Does nothing where the
    /// admin token is fixed.
    pub async fn look_after_credential(&self) {
        if let Some(keeper) = &self.keeper {
            keeper.look_after(self.inquiry.clock.now()).await;
        }
    }

    /// Looks after the admin credential until told to stop. What is under way then goes on by itself.
    async fn keep_credential(&self, stop: &CancellationToken) {
        let mut ticks = tokio::time::interval(CARING);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = async {
                    ticks.tick().await;
                    self.look_after_credential().await;
                } => {}
            }
        }
    }

    /// Notes again and again that Steward is there.
    async fn keep_attending(&self, stop: &CancellationToken) {
        let mut ticks = tokio::time::interval(ATTENDING);
        ticks.tick().await;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = async {
                    ticks.tick().await;
                    self.attend(None, Hearing::Good).await;
                } => {}
            }
        }
    }

    /// Looks after the webhooks, and notes that Steward is there and hears; what it may have missed is made up
    /// for. Answers whether they are as they should be.
    pub async fn tend(&self) -> bool {
        let tended = self.tend_webhooks().await;
        let tended_at = tended.then(|| self.inquiry.clock.now());
        self.attend(tended_at, Hearing::Good).await;
        tended
    }

    /// Notes that Steward is there again; what was said before is made up for. On a shared database others may have
    /// heard it.
    pub(super) async fn begin_to_attend(&self) {
        let hearing = if self.store.is_shared() { Hearing::Good } else { Hearing::Begins };
        self.attend(None, hearing).await;
    }

    fn note_webhooks(&self, state: Part) {
        self.readiness.note(|parts| parts.webhooks = state);
    }

    async fn tend_webhooks(&self) -> bool {
        let findings = match self.webhooks.look().await {
            Ok(findings) => findings,
            // They are as they were when they were last looked at, as far as is known.
            Err(error) if error.is_transient() => {
                tracing::warn!(%error, "the webhooks could not be looked at just now");
                return false;
            }
            Err(error) => {
                tracing::error!(%error, "the webhooks could not be looked at; deliveries may not arrive");
                self.note_webhooks(Part::Unwell);
                return false;
            }
        };
        if findings.were_deaf_to_messages() {
            // Noted before it is set right: who dies in between leaves no trace of it at Webex.
            self.attend(None, Hearing::Lost).await;
        }
        match self.webhooks.set_right(findings).await {
            Ok(_) if self.webhooks.are_looked_after() => self.note_webhooks(Part::Well),
            Ok(_) => self.note_webhooks(Part::NotOurs),
            Err(error) => {
                tracing::error!(%error, "the webhooks could not be set right; deliveries may not arrive");
                self.note_webhooks(Part::Unwell);
                return false;
            }
        }
        true
    }

    async fn attend(&self, tended_at: Option<Timestamp>, hearing: Hearing) {
        let now = self.inquiry.clock.now();
        let present = Attendance { attended_at: Some(now), tended_at };
        let attended = self.store.attend(present, move |last| catch_up::job_after(last, hearing, now)).await;
        match attended {
            Ok(true) if hearing == Hearing::Begins => {
                tracing::info!("what was said while Steward was not there will be looked for");
            }
            Ok(true) => tracing::warn!("messages may not have been delivered; they will be looked for"),
            Ok(false) => {}
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "it could not be noted that Steward is there"
                );
            }
        }
    }
}
