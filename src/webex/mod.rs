//! The clients for Webex: the only module that knows Webex's addresses, JSON and status codes.
//!
//! The two credentials never stand in for each other, so each has its own client and token type: [`BotClient`] reads
//! and writes messages, [`AdminClient`] reads and changes devices. Each change of a device needs a
//! [`Grant`](crate::policy::Grant). All calls with one credential share a rate limiter ([`RateLimiters`]).
//!
//! Raw JSON does not leave this module: callers get domain types, or types defined here. A status becomes a
//! [`WebexError`], with a variant for each reaction of the caller. Jobs decide about retries, and `app` renews tokens.

mod absence;
mod account;
mod admin;
mod bot;
mod cursor;
mod devices;
mod error;
pub mod event;
#[cfg(test)]
pub(crate) mod fake_server;
mod knock;
mod name_cache;
mod paging;
mod patience;
mod people;
mod places;
mod posting;
pub(crate) mod proxy;
mod rate_limit;
pub mod signature;
mod token;
mod transport;
mod ttl_cache;
mod webhooks;
mod wire;

pub(crate) use absence::{Accepted, ProvenAbsence, Witness};
pub(crate) use account::{Account, AccountKind};
pub(crate) use admin::{AdminClient, SentAs};
pub(crate) use bot::{BotClient, BotIdentity, MessagePage};
pub(crate) use cursor::Cursor;
pub(crate) use devices::{ActivationCode, DevicePages, TagWrite};
pub(crate) use error::{ResponseInfo, WebexError, WebexNotFound};
pub(crate) use name_cache::{NameCache, SenderCache, WorkspaceNames};
pub(crate) use paging::Pages;
pub(crate) use posting::{FileUpload, MessagePost};
pub use rate_limit::retry_after;
pub(crate) use rate_limit::{Credential, LONGEST_PAUSE, RateLimiters};
pub(crate) use token::{
    AdminToken, AdminTokenSource, BotToken, FixedToken, RefreshToken, RenewedTokens, ServiceApp, TokenClient,
    TokenFuture,
};
pub use transport::Timeouts;
pub(crate) use transport::Transport;
pub(crate) use webhooks::{Webhook, WebhookSpec};
pub(crate) use wire::{AttachmentAction, ChatMessage, Space};
