//! `steward jobs`: list parked jobs, retry one, or drop one for good. A Steward on the same database keeps running and
//! picks up the change within seconds.

use clap::{Args, Subcommand};
use secrecy::ExposeSecret as _;

use super::process::SettingsFile;
use super::table;
use crate::app::AppError;
use crate::domain::clock::{Clock as _, SystemClock};
use crate::store::{JobSummary, ParkedAction, Store};

/// The most parked jobs, and the most open jobs, that are listed.
const MOST: u32 = 500;

#[derive(Debug, Subcommand)]
pub(super) enum JobsCommand {
    /// List the parked jobs with their reasons.
    List(List),
    /// Run a parked job again, now.
    Retry(One),
    /// Drop a parked job for good. The audit log records it.
    Drop(One),
}

#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    file: SettingsFile,
    /// Also list open jobs: those that are waiting or running.
    #[arg(long)]
    all: bool,
}

#[derive(Debug, Args)]
pub(super) struct One {
    #[command(flatten)]
    file: SettingsFile,
    /// Number of the job, as `steward jobs list` shows it.
    #[arg(value_name = "ID")]
    id: i64,
}

pub(super) async fn run(command: &JobsCommand) -> anyhow::Result<()> {
    let (One { file, id }, action, done) = match command {
        JobsCommand::List(List { file, all }) => return list(&open(file).await?, *all).await,
        JobsCommand::Retry(job) => (job, ParkedAction::Retry, "will be retried now"),
        JobsCommand::Drop(job) => (job, ParkedAction::Drop, "was dropped; it will not run"),
    };
    let store = open(file).await?;
    let result = store.resolve_parked(*id, action, SystemClock.now()).await.map_err(AppError::Store)?;
    store.close().await;
    result.map_err(anyhow::Error::new)?;
    anstream::println!("Job {id} {done}.");
    Ok(())
}

async fn open(file: &SettingsFile) -> anyhow::Result<Store> {
    let opened = Store::open_beside(file.database_url()?.expose_secret()).await;
    Ok(opened.map_err(AppError::Database)?)
}

async fn list(store: &Store, all: bool) -> anyhow::Result<()> {
    let mut jobs = store.parked_jobs(MOST).await.map_err(AppError::Store)?;
    if all {
        jobs.extend(store.open_jobs(MOST).await.map_err(AppError::Store)?);
    }
    store.close().await;
    if jobs.is_empty() {
        anstream::println!("{}", if all { "No job is open or parked." } else { "No job is parked." });
        return Ok(());
    }
    let rows: Vec<_> = jobs.iter().map(row).collect();
    let heading = ["ID", "STATE", "KIND", "SUBJECT", "ATTEMPTS", "SINCE", "REASON"];
    anstream::print!("{}", table::draw(heading, &rows));
    if jobs.len() >= MOST as usize {
        anstream::println!("At most {MOST} jobs of each kind are listed.");
    }
    Ok(())
}

fn row(job: &JobSummary) -> [String; 7] {
    [
        job.id.to_string(),
        job.state.clone(),
        job.kind.clone(),
        job.subject.clone(),
        job.attempts.to_string(),
        job.since.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        job.reason.clone().unwrap_or_default(),
    ]
}
