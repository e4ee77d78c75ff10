//! A process of the binary: started with these variables and no others, and ended with its test.

use std::cell::RefCell;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tempfile::TempDir;

/// How long anything may take. Only a failing test waits that long.
const PATIENCE: Duration = Duration::from_mins(1);
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// The files that a process's output makes in its directory.
pub const LOGS: usize = 2;

/// A process that runs, or has run.
pub struct Process {
    child: RefCell<Child>,
    stdout: PathBuf,
    stderr: PathBuf,
}

/// How a process ended.
#[derive(Debug)]
pub struct Finished {
    /// Nothing when a signal ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Process {
    /// Starts it in this directory.
    pub fn start(home: &TempDir, arguments: &[&str], variables: &[(&'static str, String)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_steward"));
        command.args(arguments);
        Self::of(home, command, variables)
    }

    /// Starts it as on a disk that will be full: a file that may not grow is an error and no signal that ends
    /// the process, and nothing that it logs can be written.
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

    /// What it wrote so far.
    pub fn stdout(&self) -> String {
        fs::read_to_string(&self.stdout).unwrap()
    }

    fn id(&self) -> String {
        self.child.borrow().id().to_string()
    }

    /// Asks it to end.
    pub fn terminate(&self) {
        let kill = format!("kill -TERM {}", self.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Lets no file of this process grow beyond this many bytes, or any size with `unlimited`. The command is
    /// Debian's package `util-linux`.
    pub fn limit_files_to(&self, size: &str) {
        let limit = format!("--fsize={size}:");
        assert!(Command::new("prlimit").args(["--pid", &self.id(), &limit]).status().unwrap().success());
    }

    /// Ends it without a chance to do anything about it.
    pub fn kill(&self) {
        self.child.borrow_mut().kill().unwrap();
    }

    /// Waits for its end.
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
        // It may have ended by itself.
        child.kill().ok();
        child.wait().ok();
    }
}

/// Looks again and again until there is something to see.
pub async fn until<T>(what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    let seen = async {
        let mut looks = tokio::time::interval(LOOK_EVERY);
        loop {
            looks.tick().await;
            if let Some(seen) = look().await {
                return seen;
            }
        }
    };
    tokio::time::timeout(PATIENCE, seen).await.unwrap_or_else(|_| panic!("waited in vain until {what}"))
}
