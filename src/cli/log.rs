//! The log.
//!
//! A message can be read alone and carries its fields; a failure is logged once, where it is handled. Never
//! logged: tokens, secrets, signatures, bodies, what people wrote, and names of devices.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

use crate::app::config::{LogFormat, LogSettings};

/// Sets up the log for this process, to standard error. A second call changes nothing.
pub fn start(settings: &LogSettings) {
    let filter = EnvFilter::new(&settings.filter);
    // Where standard error cannot be written to, as on a full disk, saying so there would panic.
    let log = fmt().with_env_filter(filter).with_writer(std::io::stderr).log_internal_errors(false);
    let log = log.with_target(false);
    // Installed already (a test, a second App in one process): that one goes on.
    match settings.format {
        LogFormat::Text => log.try_init().ok(),
        LogFormat::Json => log.json().flatten_event(true).try_init().ok(),
    };
}
