//! What is ready and what is not, as `GET /readyz` tells it.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

/// The state of one thing that Steward needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Health {
    /// Nothing is known yet.
    #[default]
    Unknown,
    /// As it should be.
    Healthy,
    /// Not looked after by Steward, as set.
    Unmanaged,
    /// Not as it should be; the log says why.
    Unhealthy,
}

impl Health {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "not known yet",
            Self::Healthy => "ok",
            Self::Unmanaged => "not looked after",
            Self::Unhealthy => "not ok",
        }
    }

    fn is_well(self) -> bool {
        matches!(self, Self::Healthy | Self::Unmanaged)
    }
}

/// What Steward needs of Webex.
#[derive(Debug, Clone, Copy, Default)]
pub struct WebexParts {
    /// The bot token.
    pub bot_token: Health,
    /// The admin credential.
    pub admin_credential: Health,
    /// The webhooks.
    pub webhooks: Health,
    /// The last renewal of the admin credential failed; what is there may be in force for days all the same.
    pub renewal_fails: bool,
}

impl WebexParts {
    /// The words for the admin credential. One that works and could not be renewed is no reason to take this
    /// process out of service, only to look into the log.
    #[must_use]
    pub fn admin_credential_words(&self) -> &'static str {
        match self.admin_credential {
            Health::Healthy if self.renewal_fails => "ok, but its renewal fails",
            part => part.as_str(),
        }
    }

    /// Whether all of it is as it should be.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.bot_token.is_well() && self.admin_credential.is_well() && self.webhooks.is_well()
    }
}

/// The present state, shared between who finds it out and who tells it.
#[derive(Debug, Default)]
pub struct Readiness {
    webex: Mutex<WebexParts>,
    database: Mutex<Option<(Timestamp, bool)>>,
}

impl Readiness {
    /// What is known now.
    #[must_use]
    pub fn webex(&self) -> WebexParts {
        *self.webex.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what was found out.
    pub fn update(&self, change: impl FnOnce(&mut WebexParts)) {
        change(&mut self.webex.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Whether the database was well when it was last looked at, and when that was.
    #[must_use]
    pub fn database(&self) -> Option<(Timestamp, bool)> {
        *self.database.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what a look at the database has shown.
    pub fn note_database(&self, at: Timestamp, well: bool) {
        *self.database.lock().unwrap_or_else(PoisonError::into_inner) = Some((at, well));
    }
}
