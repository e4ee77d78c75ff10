//! `steward jobs`: look at the jobs that were given up, try one again, drop one for good. A Steward that runs on
//! the same database goes on meanwhile, and notices within seconds what was decided here.

use anyhow::anyhow;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use secrecy::ExposeSecret as _;

use super::{Failure, SettingsFile, table};
use crate::app::AppError;
use crate::app::config::{Environment, database_url};
use crate::domain::clock::{Clock as _, SystemClock};
use crate::store::{JobSummary, ParkedAction, Store};

/// Jobs that are shown at most.
const MOST: u32 = 500;

#[derive(Debug, Subcommand)]
pub(super) enum JobsCommand {
    /// Show the parked jobs: those that were given up, with the reason.
    List(List),
    /// Try a parked job again, now.
    Retry(One),
    /// Drop a parked job for good. That is written into the audit log.
    Drop(One),
}

#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    file: SettingsFile,
    /// Show the open jobs too: those that wait or are under way.
    #[arg(long)]
    all: bool,
}

#[derive(Debug, Args)]
pub(super) struct One {
    #[command(flatten)]
    file: SettingsFile,
    /// The number that `steward jobs list` shows.
    #[arg(value_name = "ID")]
    id: i64,
}

pub(super) async fn run(command: &JobsCommand) -> Result<(), Failure> {
    match command {
        JobsCommand::List(List { file, all }) => list(&open(file).await?, *all).await,
        JobsCommand::Retry(One { file, id }) => {
            order(&open(file).await?, *id, ParkedAction::Retry, "is due now and will be tried again").await
        }
        JobsCommand::Drop(One { file, id }) => {
            order(&open(file).await?, *id, ParkedAction::Drop, "was dropped; it will not be done").await
        }
    }
}

async fn open(file: &SettingsFile) -> Result<Store, Failure> {
    let address = database_url(file.config.as_deref(), &Environment::of_this_process())?;
    Store::open_beside(address.expose_secret()).await.map_err(|error| {
        if error.is_the_settings_fault() {
            Failure::Settings(error.to_string())
        } else {
            Failure::Failed(error.into())
        }
    })
}

async fn list(store: &Store, all: bool) -> Result<(), Failure> {
    let mut jobs = store.parked_jobs(MOST).await.map_err(AppError::Store)?;
    if all {
        jobs.extend(store.open_jobs(MOST).await.map_err(AppError::Store)?);
    }
    store.close().await;
    if jobs.is_empty() {
        anstream::println!(
            "{}",
            if all { "No job is open and none is parked." } else { "No job is parked." }
        );
        return Ok(());
    }
    anstream::print!("{}", drawn(&jobs));
    if jobs.len() >= MOST as usize {
        anstream::println!("Of each kind at most {MOST} are shown.");
    }
    Ok(())
}

async fn order(store: &Store, id: i64, order: ParkedAction, said: &str) -> Result<(), Failure> {
    let result = store.resolve_parked(id, order, SystemClock.now()).await.map_err(AppError::Store)?;
    store.close().await;
    result.map_err(|error| Failure::Failed(anyhow!(error)))?;
    anstream::println!("Job {id} {said}.");
    Ok(())
}

fn drawn(jobs: &[JobSummary]) -> String {
    let row = |job: &JobSummary| {
        [
            job.id.to_string(),
            job.state.clone(),
            job.kind.clone(),
            job.subject.clone(),
            job.attempts.to_string(),
            written(job.since),
            job.reason.clone().unwrap_or_default(),
        ]
    };
    let rows: Vec<_> = jobs.iter().map(row).collect();
    table::draw(["ID", "STATE", "KIND", "SUBJECT", "ATTEMPTS", "SINCE", "REASON"], &rows)
}

fn written(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
