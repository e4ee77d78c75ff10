//! A process of the binary: started with only the given variables, and killed at the end of its test.

use std::cell::RefCell;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tempfile::TempDir;

/// The limit of all waits, reached only by failing tests.
const PATIENCE: Duration = Duration::from_mins(1);
const POLL_PERIOD: Duration = Duration::from_millis(20);
/// The files with the output of a process, in its directory.
pub const LOGS: usize = 2;

/// A running or ended process.
pub struct Process {
    child: RefCell<Child>,
    stdout: PathBuf,
    stderr: PathBuf,
}

/// The end of a process.
#[derive(Debug)]
pub struct Finished {
    /// None if a signal ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Process {
    /// Starts a process in this directory.
    pub fn start(home: &TempDir, arguments: &[&str], variables: &[(&'static str, String)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_steward"));
        command.args(arguments);
        Self::of(home, command, variables)
    }

    /// Starts a process for a full disk: exceeding the file size limit is an error instead of a signal, and the log
    /// cannot be written.
    pub fn start_on_a_full_disk(home: &TempDir, variables: &[(&'static str, String)]) -> Self {
        let mut command = Command::new("/bin/sh");
        let script = r#"trap "" XFSZ; exec "$0" serve 2>/dev/full"#;
        command.args(["-c", script, env!("CARGO_BIN_EXE_steward")]);
        Self::of(home, command, variables)
    }

    fn of(home: &TempDir, mut command: Command, variables: &[(&'static str, String)]) -> Self {
        static STARTED: AtomicUsize = AtomicUsize::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let log = |name: &str| home.path().join(format!("{number}.{name}"));
        let (stdout, stderr) = (log("out"), log("err"));
        let child = command
            .env_clear()
            .envs(variables.iter().map(|(variable, value)| (variable, value)))
            .current_dir(home.path())
            .stdin(Stdio::null())
            .stdout(File::create_new(&stdout).unwrap())
            .stderr(File::create_new(&stderr).unwrap())
            .spawn()
            .unwrap();
        Self { child: RefCell::new(child), stdout, stderr }
    }

    /// The output so far.
    pub fn stdout(&self) -> String {
        fs::read_to_string(&self.stdout).unwrap()
    }

    fn id(&self) -> String {
        self.child.borrow().id().to_string()
    }

    /// Sends SIGTERM.
    pub fn terminate(&self) {
        let kill = format!("kill -TERM {}", self.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Limits the size of the process's files to this many bytes or to `unlimited`, with `prlimit` from Debian's
    /// package `util-linux`.
    pub fn limit_files_to(&self, size: &str) {
        let limit = format!("--fsize={size}:");
        assert!(Command::new("prlimit").args(["--pid", &self.id(), &limit]).status().unwrap().success());
    }

    /// Sends SIGKILL.
    pub fn kill(&self) {
        self.child.borrow_mut().kill().unwrap();
    }

    /// Waits for the end of the process.
    pub async fn finished(&self) -> Finished {
        let status =
            until("the process has ended", async || self.child.borrow_mut().try_wait().unwrap()).await;
        let stderr = fs::read_to_string(&self.stderr).unwrap();
        Finished { code: status.code(), stdout: self.stdout(), stderr }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let child = self.child.get_mut();
        // It may have ended already.
        child.kill().ok();
        child.wait().ok();
    }
}

/// Polls until there is a value.
pub async fn until<T>(what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    let seen = async {
        let mut polls = tokio::time::interval(POLL_PERIOD);
        loop {
            polls.tick().await;
            if let Some(seen) = look().await {
                return seen;
            }
        }
    };
    tokio::time::timeout(PATIENCE, seen).await.unwrap_or_else(|_| panic!("waited in vain until {what}"))
}
