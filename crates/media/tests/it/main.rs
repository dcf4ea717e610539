//! The media server from the outside: WebSockets and UDP over loopback, with clients that obey and clients that do not.

mod abuse;
mod client;
mod gate;
mod meeting;
mod streams;
mod wire;
mod world;
