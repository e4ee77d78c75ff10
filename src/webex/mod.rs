//! Webex: the only module that knows its addresses, its JSON and its status codes.
//!
//! There are two clients, because there are two credentials that must never stand in for each other: the
//! [`BotClient`] talks (messages, people, webhooks) and can never touch a device; the [`AdminClient`] touches
//! devices and never talks. Each takes a token type of its own. Nothing that changes a device can be called
//! without a [`Grant`](crate::policy::Grant). Where the admin client's token comes from is not its business: it
//! asks [`AdminTokenSource`] for one, and once for another when Webex rejects it. The [`TokenClient`] renews tokens.
//!
//! Wire structures stay in here; what leaves is made of domain types. Status codes become a [`WebexError`],
//! named after what the caller does next. Each client shares one budget of calls among all who use it: when Webex asks
//! one of them to wait, all of them do ([`RateLimiters`]).

mod admin;
mod authors;
mod bot;
mod budget;
mod device_pages;
mod devices;
mod directory;
mod error;
pub mod event;
#[cfg(test)]
pub(crate) mod fake_server;
mod file;
mod link;
mod listing;
mod paging;
mod places;
mod press;
mod retry_after;
mod service_app;
pub mod signature;
mod spaces;
mod throttle;
mod token;
mod transport;
mod webhooks;
mod wire;

pub use admin::AdminClient;
pub use authors::SenderCache;
pub use bot::{BotClient, BotIdentity, ChatMessage, DirectMessage, NewMessage};
pub use device_pages::DevicePages;
pub use devices::ActivationCode;
pub use directory::{NameCache, WorkspaceNames};
pub use error::{ResponseInfo, WebexError};
pub use file::FileUpload;
pub use paging::{Cursor, ListPage};
pub use places::{SupportedModel, WorkspacePages};
pub use press::AttachmentAction;
pub use retry_after::retry_after;
pub use service_app::{RenewedTokens, ServiceApp, TokenClient};
pub use spaces::Space;
pub use throttle::{Credential, RateLimiters};
pub use token::{AdminToken, AdminTokenSource, BotToken, FixedToken, RefreshToken, TokenFuture};
pub use transport::{Timeouts, Transport};
pub use webhooks::{Webhook, WebhookSpec};
