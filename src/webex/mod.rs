//! Webex: the only module that knows its addresses, its JSON and its status codes.
//!
//! There are two clients, because there are two credentials that must never stand in for each other: the
//! [`BotClient`] talks (messages, people, webhooks) and can never touch a device; the [`AdminClient`] touches
//! devices and never talks. Each takes a token type of its own. Nothing that changes a device can be called
//! without a [`Grant`](crate::policy::Grant).
//!
//! Wire structures stay in here; what leaves is made of domain types. Status codes become a [`WebexError`],
//! named after what the caller does next. Each client shares one budget of calls among all who use it: when Webex asks
//! one of them to wait, all of them do ([`Pauses`]).

mod admin;
mod bot;
mod budget;
mod error;
mod link;
mod paging;
mod retry_after;
mod spaces;
mod throttle;
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
pub use throttle::{Credential, Pauses};
pub use token::{AdminToken, BotToken};
pub use transport::{TimeLimits, Transport};
pub use webhooks::{Webhook, WebhookWanted};
