//! The one port, UDP and TCP: its sockets, the thread that reads them, and the batches that leave by it.

mod address;
mod frame;
mod outbox;
mod receiver;
mod socket;
mod stream;
mod stun;

pub use address::advertised;
pub use outbox::Outbox;
pub use receiver::{Datagram, Receiver, Route, RouteUpdate, Sink};
pub use socket::{MediaSocket, open_port};
pub use stream::StreamSink;
