//! Webex: the only module that knows its addresses, its JSON and its status codes.
//!
//! There are two clients, because there are two credentials that must never stand in for each other: the
//! [`BotClient`] talks (messages, people, webhooks) and can never touch a device; the [`AdminClient`] touches
//! devices and never talks. Each takes a token type of its own. Nothing that changes a device can be called
//! without a [`Grant`](crate::policy::Grant). Where the admin client's token comes from is not its business: it
//! asks [`AdminTokens`] for one, and once for another when Webex rejects it. The [`TokenClient`] renews tokens.
//!
//! Wire structures stay in here; what leaves is made of domain types. Status codes become a [`WebexError`],
//! named after what the caller does next. Each client shares one budget of calls among all who use it: when Webex asks
//! one of them to wait, all of them do ([`Pauses`]).

mod admin;
mod authors;
mod bot;
mod budget;
mod device_pages;
mod devices;
mod directory;
mod error;
pub mod event;
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
#[cfg(test)]
pub(crate) mod stage;
mod throttle;
mod token;
mod transport;
mod webhooks;
mod wire;

pub use admin::AdminClient;
pub use authors::Authors;
pub use bot::{BotClient, BotIdentity, ChatMessage, Posted, Posting};
pub use device_pages::DevicePages;
pub use devices::ActivationCode;
pub use directory::{Directory, WorkspaceNames};
pub use error::{Answered, WebexError};
pub use file::FileBody;
pub use paging::{Cursor, Page};
pub use places::{SupportedModel, WorkspacePages};
pub use press::Press;
pub use retry_after::retry_after;
pub use service_app::{Renewed, ServiceApp, TokenClient};
pub use spaces::Space;
pub use throttle::{Credential, Pauses};
pub use token::{AdminToken, AdminTokens, BotToken, FixedToken, RefreshToken, TokenAnswer};
pub use transport::{TimeLimits, Transport};
pub use webhooks::{Webhook, WebhookWanted};
