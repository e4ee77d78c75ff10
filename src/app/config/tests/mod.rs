//! Tests of the settings.

mod reading;
mod settings_page;
