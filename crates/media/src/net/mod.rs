//! The one port, UDP and TCP: its sockets, the thread that reads them, and the batches that leave by it.

mod address;
mod consent;
mod first;
mod frame;
mod outbox;
mod receiver;
mod relay;
mod reports;
mod socket;
mod stream;
mod stun;
mod table;

pub use address::advertised;
pub use consent::{Asked, Consents};
pub use first::{OPENING, Opening, Said, datagram, is_report, opening};
pub use frame::{MAX_FRAME, take, take_message};
pub use outbox::{Outbox, Replies};
pub use receiver::{Datagram, Receiver, Sink, Streams, Way};
pub use relay::{Desk, RelayWay};
pub use socket::{MediaSocket, open_port};
pub use stream::{Entrance, STREAM_PACKETS, StreamSink, first_bytes, quicken};
pub use table::{Resting, Route, RouteUpdate};
