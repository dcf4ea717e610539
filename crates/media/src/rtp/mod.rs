//! Media as packets: what is negotiated of it, and its way out of a connection with numbers, headers, encryption, pace, what
//! is sent again, and reports.
//!
//! The stack agrees on everything and carries messages and what comes in; packets of sound and pictures leave past it.
//! It walks over all lines of a connection whenever anything happens, which for each packet is too much (ADR 21).
//!
//! Invariant: under one key no number of a stream comes twice, whatever is forgotten in between (RFC 7714 section 8.1).
//! Reports of the stack leave under numbers of this module too, since both sides of it would count from nought.

mod format;
mod header;
mod keys;
mod line;
mod packet;
mod report;
mod sender;
mod srtp;

pub use format::{Descriptor, Format, Numbers, configure};
pub use keys::{overheard, provider};
pub use line::{Heard as LineHeard, Outgoing};
pub use packet::Packet;
pub use report::{Block, read as read_report, without_streams};
pub use sender::Sender;
