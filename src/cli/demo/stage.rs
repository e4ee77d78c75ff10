//! What the demo plays on: a simulation, a Steward, and a database that goes with them.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::Failure;
use crate::app::config::{Environment, Settings};
use crate::app::{App, AppError};
use crate::domain::clock::SystemClock;
use crate::sim::{ADMIN_TOKEN, BOT_TOKEN, Cast, DeliveryRecord, Sim, SimOptions};
use crate::store::Store;

/// How long an answer may take before the demo says that something is wrong.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often is looked whether it has come.
const LOOK_EVERY: Duration = Duration::from_millis(10);

pub(super) struct Stage {
    pub(super) sim: Sim,
    pub(super) cast: Cast,
    address: SocketAddr,
    store: Store,
    steward: JoinHandle<Result<(), AppError>>,
    stop: CancellationToken,
    _database: TempDir,
}

impl Stage {
    pub(super) async fn set(devices: usize, stop: &CancellationToken) -> Result<Self, Failure> {
        let sim = Sim::start(SimOptions { devices, ..SimOptions::default() }).await?;
        let cast = sim.cast();
        let database = TempDir::new()?;
        let address = free_address()?;
        let settings = settings(&sim, &cast, address, &database)?;
        let app = App::build(settings, Arc::new(SystemClock)).await?;
        let store = app.store().clone();
        let stop = stop.child_token();
        let steward = tokio::spawn(app.run(stop.clone()));
        let stage = Self { sim, cast, address, store, steward, stop, _database: database };
        stage
            .until("the webhook is registered", |stage| (!stage.sim.webhooks().is_empty()).then_some(()))
            .await?;
        Ok(stage)
    }

    pub(super) fn steward_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A device of a meeting room, with everything that a card shows.
    pub(super) fn a_room_device(&self) -> Result<Value, Failure> {
        let shows_all = |device: &Value| {
            let has = |field: &str| device[field].as_str().is_some_and(|text| !text.is_empty());
            device["orgId"] == self.cast.example_org.as_str()
                && device["type"] == "roomdesk"
                && ["workspaceId", "serial", "mac", "product"].iter().all(|field| has(field))
        };
        let found = self.sim.devices().into_iter().find(shows_all);
        Ok(found
            .ok_or_else(|| anyhow!("expected a device of a meeting room, found none: try more --devices"))?)
    }

    /// The answer in the thread of a message, when it is there.
    pub(super) async fn answer_to(&self, message: &str) -> Result<Value, Failure> {
        self.until("the answer is in the thread", |stage| {
            let messages = stage.sim.messages(&stage.cast.operations);
            messages.into_iter().find(|answer| answer["parentId"] == message)
        })
        .await
    }

    /// Returns when no delivery is under way and no job is open.
    pub(super) async fn until_idle(&self) -> Result<(), Failure> {
        let idle = async {
            loop {
                self.sim.settled().await;
                let counts = self.store.job_counts().await.context("the jobs could not be counted")?;
                if counts.waiting + counts.running == 0 {
                    return Ok(());
                }
                tokio::time::interval_at(tokio::time::Instant::now() + LOOK_EVERY, LOOK_EVERY).tick().await;
            }
        };
        let ended: anyhow::Result<()> = tokio::time::timeout(PATIENCE, idle)
            .await
            .context("there is still work to do after 30 seconds")?;
        Ok(ended?)
    }

    async fn until<T>(&self, what: &str, look: impl Fn(&Self) -> Option<T>) -> Result<T, Failure> {
        let seen = async {
            let mut looks = tokio::time::interval(LOOK_EVERY);
            loop {
                looks.tick().await;
                if let Some(seen) = look(self) {
                    return seen;
                }
            }
        };
        let waited = tokio::time::timeout(PATIENCE, seen).await;
        Ok(waited.with_context(|| format!("waited 30 seconds until {what}"))?)
    }

    pub(super) fn last_delivery(&self) -> String {
        let last = self.orders().pop();
        let number = last.map_or(0, |delivery| delivery.body.len());
        format!("POST /webhooks/webex, {number} bytes, signed: verified, stored, answered 200")
    }

    /// The deliveries of what people said.
    fn orders(&self) -> Vec<DeliveryRecord> {
        let bot = self.cast.bot.id.as_bytes();
        let by_the_bot = |delivery: &DeliveryRecord| {
            let body: Value = serde_json::from_slice(&delivery.body).unwrap_or_default();
            body["data"]["personId"].as_str().is_some_and(|person| person.as_bytes() == bot)
        };
        self.sim.deliveries().into_iter().filter(|delivery| !by_the_bot(delivery)).collect()
    }

    fn first_order(&self) -> Result<DeliveryRecord, Failure> {
        Ok(self.orders().into_iter().next().context("expected a delivery, found none")?)
    }

    pub(super) async fn deliver_first_again(&self) -> Result<u16, Failure> {
        Ok(self.sim.redeliver(&self.first_order()?).await)
    }

    pub(super) async fn deliver_forged(&self) -> Result<u16, Failure> {
        let mut forged = self.first_order()?;
        for (name, value) in &mut forged.headers {
            if name.to_ascii_lowercase().contains("signature") {
                let altered = if value.ends_with('0') { '1' } else { '0' };
                value.pop();
                value.push(altered);
                *value = value.replace("SHA-256=", "SHA-256=0");
            }
        }
        Ok(self.sim.redeliver(&forged).await)
    }

    pub(super) async fn audit_lines(&self) -> Result<Vec<String>, Failure> {
        let entries = self.store.audit_entries(20).await.context("the audit log could not be read")?;
        let line = |entry: crate::domain::audit::AuditEntry| {
            let who = entry.actor.as_ref().map_or("nobody", |actor| actor.label()).to_owned();
            format!("{}  {who:<18} {}", entry.at.strftime("%H:%M:%S%.3f"), entry.event.name())
        };
        Ok(entries.into_iter().map(line).collect())
    }

    /// Ends Steward and the simulation.
    pub(super) async fn strike(self) -> Result<(), Failure> {
        self.stop.cancel();
        self.steward.await.context("Steward panicked")??;
        self.sim.stop().await;
        Ok(())
    }
}

fn free_address() -> Result<SocketAddr, Failure> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

fn settings(sim: &Sim, cast: &Cast, address: SocketAddr, database: &TempDir) -> Result<Settings, Failure> {
    let secret = hex::encode(rand::random::<[u8; 32]>());
    let file = database.path().join("steward.db");
    Ok(Settings::of(&Environment::of([
        ("STEWARD_LISTEN", address.to_string()),
        ("STEWARD_PUBLIC_URL", format!("http://{address}")),
        ("STEWARD_DATABASE_URL", format!("sqlite://{}", file.display())),
        ("STEWARD_WEBEX_API", sim.api_base()),
        ("STEWARD_BOT_TOKEN", BOT_TOKEN.to_owned()),
        ("STEWARD_ADMIN_TOKEN", ADMIN_TOKEN.to_owned()),
        ("STEWARD_WEBHOOK_SECRET", secret),
        ("STEWARD_ADMINS", cast.ana.email.clone()),
    ]))?)
}
