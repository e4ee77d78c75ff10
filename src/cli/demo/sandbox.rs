//! The environment of the demo: a simulated Webex, a Steward on it, and a temporary database.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::app::config::{Environment, Settings, SettingsError};
use crate::app::{App, AppError};
use crate::domain::audit::AuditEntry;
use crate::domain::clock::SystemClock;
use crate::sim::{ADMIN_TOKEN, BOT_TOKEN, Cast, DeliveryRecord, Sim, SimOptions};
use crate::store::Store;

/// How long the demo waits for anything before it fails.
const PATIENCE: Duration = Duration::from_secs(30);
const POLL_PERIOD: Duration = Duration::from_millis(10);

pub(super) struct Sandbox {
    pub(super) sim: Sim,
    pub(super) cast: Cast,
    address: SocketAddr,
    store: Store,
    steward: JoinHandle<Result<(), AppError>>,
    stop: CancellationToken,
    _database: TempDir,
}

impl Sandbox {
    pub(super) async fn start(devices: usize, stop: &CancellationToken) -> Result<Self> {
        let sim = Sim::start(SimOptions { devices, ..SimOptions::default() }).await?;
        let cast = sim.cast();
        let database = TempDir::new()?;
        // Only finds a free port: Steward needs its address for the public URL before it binds it.
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let app = App::build(settings(&sim, &cast, address, &database)?, Arc::new(SystemClock)).await?;
        let store = app.store().clone();
        let stop = stop.child_token();
        let steward = tokio::spawn(app.run(stop.clone()));
        let sandbox = Self { sim, cast, address, store, steward, stop, _database: database };
        sandbox
            .until("the webhooks are registered", |it| (!it.sim.webhooks().is_empty()).then_some(()))
            .await?;
        Ok(sandbox)
    }

    /// Ends Steward and the simulation.
    pub(super) async fn stop(self) -> Result<()> {
        self.stop.cancel();
        self.steward.await.context("Steward panicked")??;
        self.sim.stop().await;
        Ok(())
    }

    pub(super) fn steward_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The devices of the bot's organization. A few more belong to its partner.
    pub(super) fn devices(&self) -> Vec<Value> {
        let mut devices = self.sim.devices();
        devices.retain(|device| device["orgId"] == self.cast.example_org.as_str());
        devices
    }

    /// A device in a meeting room that has every field that a card shows.
    pub(super) fn room_device(&self) -> Result<Value> {
        let is_complete = |device: &Value| {
            let has = |field: &str| device[field].as_str().is_some_and(|text| !text.is_empty());
            device["type"] == "roomdesk"
                && ["workspaceId", "serial", "mac", "product"].iter().all(|field| has(field))
        };
        let found = self.devices().into_iter().find(is_complete);
        found.context("no device is in a meeting room; try more --devices")
    }

    /// Waits for the answer in the thread of a message.
    pub(super) async fn answer_to(&self, message: &str) -> Result<Value> {
        self.until("the answer is in the thread", |it| {
            let messages = it.sim.messages(&it.cast.operations);
            messages.into_iter().find(|answer| answer["parentId"] == message)
        })
        .await
    }

    /// Waits until no delivery is in flight and no job is open.
    pub(super) async fn until_idle(&self) -> Result<()> {
        let idle = async {
            let mut polls = tokio::time::interval(POLL_PERIOD);
            loop {
                polls.tick().await;
                self.sim.settled().await;
                let counts = self.store.job_counts().await.context("could not count the jobs")?;
                if counts.waiting + counts.running == 0 {
                    return Ok(());
                }
            }
        };
        tokio::time::timeout(PATIENCE, idle).await.context("jobs are still open after 30 seconds")?
    }

    async fn until<T>(&self, condition: &str, find: impl Fn(&Self) -> Option<T>) -> Result<T> {
        let seen = async {
            let mut polls = tokio::time::interval(POLL_PERIOD);
            loop {
                polls.tick().await;
                if let Some(seen) = find(self) {
                    return seen;
                }
            }
        };
        let waited = tokio::time::timeout(PATIENCE, seen).await;
        waited.with_context(|| format!("waited 30 seconds until {condition}"))
    }

    pub(super) fn last_delivery(&self) -> String {
        let bytes = self.deliveries_of_people().last().map_or(0, |delivery| delivery.body.len());
        format!("POST /webhooks/webex, {bytes} bytes: signature verified, stored, answered 200")
    }

    fn deliveries_of_people(&self) -> Vec<DeliveryRecord> {
        let is_by_bot = |delivery: &DeliveryRecord| {
            let body: Value = serde_json::from_slice(&delivery.body).unwrap_or_default();
            body["data"]["personId"].as_str() == Some(self.cast.bot.id.as_str())
        };
        let mut deliveries = self.sim.deliveries();
        deliveries.retain(|delivery| !is_by_bot(delivery));
        deliveries
    }

    fn first_delivery(&self) -> Result<DeliveryRecord> {
        self.deliveries_of_people().into_iter().next().context("Webex has delivered nothing")
    }

    pub(super) async fn redeliver_first(&self) -> Result<u16> {
        Ok(self.sim.redeliver(&self.first_delivery()?).await)
    }

    pub(super) async fn deliver_forged(&self) -> Result<u16> {
        let mut forged = self.first_delivery()?;
        for (name, value) in &mut forged.headers {
            if name.to_ascii_lowercase().contains("signature") {
                let other = if value.ends_with('0') { '1' } else { '0' };
                value.pop();
                value.push(other);
                *value = value.replace("SHA-256=", "SHA-256=0");
            }
        }
        Ok(self.sim.redeliver(&forged).await)
    }

    pub(super) async fn audit_lines(&self) -> Result<Vec<String>> {
        let entries = self.store.audit_entries(20).await.context("could not read the audit log")?;
        let line = |entry: AuditEntry| {
            let actor = entry.actor.as_ref().map_or("Steward", |actor| actor.label()).to_owned();
            format!("{}  {actor:<18} {}", entry.at.strftime("%H:%M:%S%.3f"), entry.event.name())
        };
        Ok(entries.into_iter().map(line).collect())
    }
}

fn settings(
    sim: &Sim,
    cast: &Cast,
    address: SocketAddr,
    database: &TempDir,
) -> Result<Settings, SettingsError> {
    let file = database.path().join("steward.db");
    Settings::of(&Environment::of([
        ("STEWARD_LISTEN", address.to_string()),
        ("STEWARD_PUBLIC_URL", format!("http://{address}")),
        ("STEWARD_DATABASE_URL", format!("sqlite://{}", file.display())),
        ("STEWARD_WEBEX_API", sim.api_base()),
        ("STEWARD_BOT_TOKEN", BOT_TOKEN.to_owned()),
        ("STEWARD_ADMIN_TOKEN", ADMIN_TOKEN.to_owned()),
        ("STEWARD_WEBHOOK_SECRET", hex::encode(rand::random::<[u8; 32]>())),
        ("STEWARD_ADMINS", cast.ana.email.clone()),
    ]))
}
