//! `steward serve`.

use std::sync::Arc;

use super::{Failure, SettingsFile};
use super::{log, shutdown};
use crate::app::App;
use crate::app::config::{Environment, Settings};
use crate::domain::clock::SystemClock;

pub(super) async fn run(file: &SettingsFile) -> Result<(), Failure> {
    let settings = Settings::load(file.config.as_deref(), &Environment::of_this_process())?;
    log::start(&settings.log);
    let stop = shutdown::on_signal()?;
    // The database may let it wait, as while another process brings the schema up to date.
    let app = tokio::select! {
        app = App::build(settings, Arc::new(SystemClock)) => app?,
        () = stop.cancelled() => return Ok(()),
    };
    Ok(app.run(stop).await?)
}
