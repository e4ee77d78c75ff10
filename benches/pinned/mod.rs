//! What the benches share: threads that keep to one core.

use std::process::Command;

use anyhow::Result;
use tokio::runtime::{Builder, Runtime};

/// Where what is measured runs.
pub const SERVER_CORE: usize = 0;
/// Where what it is measured with runs.
pub const LOAD_CORE: usize = 1;

/// A runtime of one thread.
pub fn runtime() -> Result<Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

/// Whether this thread, and every thread it starts from now on, runs on this core alone.
pub fn pin_this_thread_to(core: usize) -> bool {
    // On Linux a link to `<process>/task/<thread>`.
    let Ok(link) = std::fs::read_link("/proc/thread-self") else { return false };
    let Some(thread) = link.file_name() else { return false };
    let set = Command::new("taskset").args(["--pid", "--cpu-list", &core.to_string()]).arg(thread).output();
    set.is_ok_and(|output| output.status.success())
}
