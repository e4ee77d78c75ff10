//! Whether a Steward is running at an address, by `GET /healthz`: also the health check of the container image, which
//! has no other programs.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// How long a healthy Steward may take to answer.
const DEADLINE: Duration = Duration::from_secs(5);
/// How much of an answer is read.
const LARGEST_ANSWER: u64 = 16 << 10;
const REQUEST: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// No Steward was found.
#[derive(Debug, thiserror::Error)]
pub enum NotRunning {
    /// Nothing accepts connections.
    #[error("nothing is listening at {address}")]
    NoListener {
        /// The address.
        address: SocketAddr,
        /// The reason.
        #[source]
        error: io::Error,
    },
    /// The connection broke.
    #[error("GET /healthz at {address} was not answered")]
    NoAnswer {
        /// The address.
        address: SocketAddr,
        /// The reason.
        #[source]
        error: io::Error,
    },
    /// It takes too long.
    #[error("GET /healthz at {address} was not answered within {} seconds", DEADLINE.as_secs())]
    TooSlow {
        /// The address.
        address: SocketAddr,
    },
    /// Another program answers.
    #[error("expected status 200 and \"ok\" from GET /healthz, found {status:?}")]
    OtherProgram {
        /// The first line of its answer.
        status: String,
    },
}

/// Asks the Steward that listens at this address, on this machine, whether it is alive.
pub async fn must_be_running(listen: SocketAddr) -> Result<(), NotRunning> {
    let here = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    let address = SocketAddr::new(here, listen.port());
    tokio::time::timeout(DEADLINE, ask(address)).await.unwrap_or(Err(NotRunning::TooSlow { address }))
}

async fn ask(address: SocketAddr) -> Result<(), NotRunning> {
    let connected = TcpStream::connect(address).await;
    let mut stream = connected.map_err(|error| NotRunning::NoListener { address, error })?;
    let no_answer = |error| NotRunning::NoAnswer { address, error };
    stream.write_all(REQUEST).await.map_err(no_answer)?;
    let mut answer = Vec::new();
    stream.take(LARGEST_ANSWER).read_to_end(&mut answer).await.map_err(no_answer)?;
    let answer = String::from_utf8_lossy(&answer);
    let status = answer.lines().next().unwrap_or_default();
    if status.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\nok\n") {
        return Ok(());
    }
    Err(NotRunning::OtherProgram { status: status.chars().take(80).collect() })
}
