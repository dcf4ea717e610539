//! TURN (RFC 8656) for networks that let nothing else through: its messages, a relay and a client of it. Pure: bytes,
//! addresses and times in, bytes out.
//!
//! The relay leads to one place only, the server that it belongs to. It has therefore no ports of its own: a relayed
//! address is a name, and what is sent from it is handed to the server in the same process.
//!
//! Invariants: nothing reaches any other peer, whoever asks. No allocation without a password that this server made
//! and that is not over. Whatever comes, what is held is bounded, and so is what is answered to strangers.
//!
//! Deliberately not here: sockets and streams (crate `media`), relaying between clients, TCP allocations (RFC 6062).

mod client;
mod credentials;
#[doc(hidden)]
pub mod fuzz;
mod leases;
mod limit;
mod message;
mod relay;

pub use client::{Client, Heard};
pub use credentials::{Credentials, Secret};
pub use leases::Leases;
pub use message::{ChannelData, Class, Malformed, Message, Method, is_message, whole};
pub use relay::{Arrived, Moment, Outcome, Relay};
