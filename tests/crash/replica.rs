//! A real `steward serve` to be killed, and a load balancer for several.

use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

const POLL_PERIOD: Duration = Duration::from_millis(20);

/// A process that can be restarted.
pub struct Replica {
    address: SocketAddr,
    variables: Vec<(&'static str, String)>,
    process: Option<Child>,
}

impl Replica {
    pub fn new(address: SocketAddr, variables: Vec<(&'static str, String)>) -> Self {
        Self { address, variables, process: None }
    }

    pub fn start(&mut self) {
        let process = Command::new(env!("CARGO_BIN_EXE_steward"))
            .arg("serve")
            .env_clear()
            .envs(self.variables.iter().map(|(variable, value)| (*variable, value.as_str())))
            .env("STEWARD_LISTEN", self.address.to_string())
            .env("STEWARD_LOG", "error")
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("the binary was built for this test");
        self.process = Some(process);
    }

    /// Sends SIGKILL.
    pub async fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().await.expect("it was still running");
        }
    }

    /// Waits until it accepts connections.
    pub async fn listens(&self) {
        let mut polls = tokio::time::interval(POLL_PERIOD);
        while TcpStream::connect(self.address).await.is_err() {
            polls.tick().await;
        }
    }

    /// Sends SIGTERM, and checks that it exits with 0.
    pub async fn terminate(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        let kill = format!("kill -TERM {}", process.id().expect("it still runs"));
        let killed = Command::new("sh").args(["-c", &kill]).status().await.expect("there is a shell");
        assert!(killed.success());
        let status = process.wait().await.expect("it can be waited for");
        assert_eq!(status.code(), Some(0), "{status}");
    }
}

/// Passes each connection to the first replica that accepts it. Without one the connection ends, and Webex sees a
/// failure.
pub async fn balance(replicas: Vec<SocketAddr>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let replicas = Arc::new(replicas);
    tokio::spawn(async move {
        let mut turn = 0;
        while let Ok((mut from, _)) = listener.accept().await {
            turn += 1;
            let replicas = replicas.clone();
            tokio::spawn(async move {
                for at in 0..replicas.len() {
                    let replica = replicas[(turn + at) % replicas.len()];
                    if let Ok(mut to) = TcpStream::connect(replica).await {
                        tokio::io::copy_bidirectional(&mut from, &mut to).await.ok();
                        return;
                    }
                }
            });
        }
    });
    address
}
