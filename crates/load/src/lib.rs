//! Clients of the LiveKit wire on a WebRTC stack of their own, many in one process. Tests use them to look at a server
//! from outside, and `cargo xtask bench room` fills a meeting with them: they send a recorded camera and a recorded
//! voice as a browser would, and take what a page of tiles would take, without decoding any of it.
//!
//! They do what they are told, also what they should not: a pattern goes on when the server asks to stop.
//! Deliberately not here: encoders, decoders, congestion control of what they send, and reconnecting.

mod client;
mod coded;
mod grid;
mod pace;
mod peer;
mod probe;
mod recording;
mod relay;
mod run;
mod signal;
mod stream;
mod udp;
mod way;
mod wire;

pub use client::{Client, Connections, Seen};
pub use coded::{Skills, asks_for};
pub use grid::Grid;
pub use pace::Pace;
pub use probe::{NoWay, Session, Told};
pub use relay::{By, Carrier, Duplex, NoRelay, Relay};
pub use signal::{Socket, connect, connect_two};
pub use wire::Wire;
