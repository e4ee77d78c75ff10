//! Addresses for processes that restart at the same address.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Mutex;

use tokio::net::TcpSocket;

/// Keeps the addresses reserved.
static HELD: Mutex<Vec<TcpSocket>> = Mutex::new(Vec::new());

/// Reserves an address to listen on for the life of this process.
///
/// A socket stays bound to it without listening. The kernel then never assigns the port to other sockets or outgoing
/// connections, while a listener can bind it explicitly and repeatedly (tokio and std set `SO_REUSEADDR`). Without
/// the reservation, a test's connection could take the port, especially while the process that listens there is dead.
pub fn free_address() -> SocketAddr {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_reuseaddr(true).expect("it is new");
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).expect("a free port");
    let address = socket.local_addr().expect("it is bound");
    HELD.lock().expect("no panic while locked").push(socket);
    address
}
