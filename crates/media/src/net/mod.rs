//! The one UDP port: its socket, the thread that reads it, and the batches that leave by it.

mod address;
mod outbox;
mod receiver;
mod socket;
mod stun;

pub use address::advertised;
pub use outbox::Outbox;
pub use receiver::{Datagram, Receiver, Route, RouteUpdate, Sink};
pub use socket::MediaSocket;
