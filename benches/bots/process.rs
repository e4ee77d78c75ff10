//! A real process, and its memory.

use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result};
use steward::sim::Sim;
use tempfile::TempDir;

use crate::bots::{until, variables};

/// A `steward serve`, killed on drop.
pub struct Process {
    child: Child,
    _database: TempDir,
}

/// Resident memory in KiB.
pub struct Memory {
    pub now: u64,
    pub peak: u64,
}

impl Process {
    pub async fn start(sim: &Sim) -> Result<Self> {
        let database = TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?;
        let path = database.path().join("steward.db").display().to_string();
        let child = Command::new(env!("CARGO_BIN_EXE_steward"))
            .arg("serve")
            .env_clear()
            .envs(variables(sim, &path))
            .env("STEWARD_LOG", "error")
            .stdin(Stdio::null())
            .spawn()?;
        let process = Self { child, _database: database };
        until(|| sim.webhooks().len() == 3).await?;
        Ok(process)
    }

    /// Read from `/proc/pid/status` (proc(5)).
    pub fn memory(&self) -> Result<Memory> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let kib = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).context("no such line")
        };
        Ok(Memory { now: kib("VmRSS:")?, peak: kib("VmHWM:")? })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
