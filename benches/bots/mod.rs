//! Shared by all benches with bots on a simulated Webex.

#[path = "../../tests/loopback/mod.rs"]
mod loopback;

use std::time::Duration;

use anyhow::{Context as _, Result};
use loopback::free_address;
use steward::sim::{ADMIN_TOKEN, BOT_TOKEN, Sim};

pub const SECRET: &str = "0f3d8a6be2714c95a0d7b3f1468c2e99";

/// Waits for a condition; a wait of minutes fails the bench.
pub async fn until(holds: impl Fn() -> bool) -> Result<()> {
    let mut looks = tokio::time::interval(Duration::from_millis(1));
    let waiting = async {
        while !holds() {
            looks.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(3), waiting).await.context("timed out waiting for a condition")
}

pub fn variables(sim: &Sim, database: &str) -> Vec<(&'static str, String)> {
    let address = free_address();
    vec![
        ("STEWARD_LISTEN", address.to_string()),
        ("STEWARD_PUBLIC_URL", format!("http://{address}")),
        ("STEWARD_DATABASE_URL", format!("sqlite://{database}")),
        ("STEWARD_WEBEX_API", sim.api_base()),
        ("STEWARD_BOT_TOKEN", BOT_TOKEN.to_owned()),
        ("STEWARD_ADMIN_TOKEN", ADMIN_TOKEN.to_owned()),
        ("STEWARD_WEBHOOK_SECRET", SECRET.to_owned()),
        ("STEWARD_ADMINS", sim.cast().ana.email),
    ]
}
