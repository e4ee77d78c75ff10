//! `steward serve`: runs the bot and writes its log.
//!
//! A log message can be read alone and carries its fields. A failure is logged once, where it is handled. Never logged:
//! tokens, secrets, signatures, bodies, texts of messages, and names of devices.

use std::sync::Arc;

use tracing_subscriber::{EnvFilter, fmt};

use super::process::{SettingsFile, stop_signal};
use crate::app::App;
use crate::app::config::{LogFormat, LogSettings};
use crate::domain::clock::SystemClock;

pub(super) async fn run(file: &SettingsFile) -> anyhow::Result<()> {
    let settings = file.load()?;
    start_log(&settings.log);
    let stop = stop_signal()?;
    // Opening the database can take long, for example while another process migrates it.
    let building = Box::pin(App::build(settings, Arc::new(SystemClock)));
    match stop.run_until_cancelled(building).await {
        Some(app) => Ok(app?.run(stop).await?),
        None => Ok(()),
    }
}

fn start_log(settings: &LogSettings) {
    let log = fmt().with_env_filter(EnvFilter::new(&settings.filter)).with_writer(std::io::stderr);
    // If standard error cannot be written, for example on a full disk, reporting that there would panic.
    let log = log.log_internal_errors(false).with_target(false).with_ansi(is_colored());
    match settings.format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
}

/// Whether standard error shows colors: a terminal, unless `NO_COLOR` is set.
fn is_colored() -> bool {
    anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never
}
