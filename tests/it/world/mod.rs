//! A world for one test: the application, a database, the simulated Webex, and a clock advanced by hand.
//!
//! Tests read like the chat: people write and press ([`chat`], [`buttons`]), and [`assertions`] check the answers, the
//! devices and the calls afterwards. [`service`] starts and runs Steward.

mod answer;
mod assertions;
mod builder;
mod buttons;
mod chat;
mod http;
mod service;
mod webhook_request;

pub use answer::Answer;
pub use builder::{BEGINNING, SECRET, WorldBuilder};
pub use chat::LINES_A_MINUTE;
pub use http::{Reply, http_client, read};
pub use service::World;
pub use webhook_request::{WebhookRequest, spark_signature, webex_signature};

/// The DELETEs sent while none gets a clear answer and reads keep finding the device.
pub const UNCLEAR_DELETES: usize = 4;
