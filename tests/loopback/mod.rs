//! Addresses for processes that are to be found again where they were.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Mutex;

use tokio::net::TcpSocket;

/// What keeps the addresses from being given to anybody else.
static HELD: Mutex<Vec<TcpSocket>> = Mutex::new(Vec::new());

/// An address to listen on, for as long as this process lives.
///
/// A socket stays bound to it without ever listening. The kernel then neither gives the port to whoever asks for
/// any, nor lets a connection go out from it; but a listener that names it may have it (`SO_REUSEADDR`, as listeners
/// of tokio and std have), again and again. An address that was only free a moment ago is soon taken by one of the
/// connections of a test, above all while the process that is to listen there is dead.
pub fn free_address() -> SocketAddr {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_reuseaddr(true).expect("it is new");
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).expect("a free port");
    let address = socket.local_addr().expect("it is bound");
    HELD.lock().expect("nobody panics with it").push(socket);
    address
}
