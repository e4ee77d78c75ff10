//! Webex: the only module that knows its addresses, its JSON and its status codes.
//!
//! There are two clients, because there are two credentials that must never stand in for each other: the
//! [`BotClient`] talks (messages, people, webhooks) and can never touch a device; the [`AdminClient`] touches
//! devices and never talks. Each takes a token type of its own. Nothing that changes a device can be called
//! without a [`Grant`](crate::policy::Grant).
//!
//! Wire structures stay in here; what leaves is made of domain types. Status codes become a [`WebexError`],
//! named after what the caller does next.

mod admin;
mod bot;
mod error;
mod link;
mod paging;
mod retry_after;
mod spaces;
mod token;
mod transport;
mod webhooks;
mod wire;

pub use admin::AdminClient;
pub use bot::{BotClient, BotIdentity, ChatMessage, Posting};
pub use error::{Answered, WebexError};
pub use paging::{Cursor, Page};
pub use retry_after::retry_after;
pub use spaces::Space;
pub use token::{AdminToken, BotToken};
pub use transport::{TimeLimits, Transport};
pub use webhooks::{Webhook, WebhookWanted};
