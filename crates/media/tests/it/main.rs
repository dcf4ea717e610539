//! The media server from the outside: WebSockets and UDP over loopback, with clients that obey and clients that do not.

mod abuse;
mod addresses;
mod api;
mod codecs;
mod forwarding;
mod gate;
mod load;
mod meeting;
mod moving;
mod overload;
mod relay;
mod streams;
mod two;
mod webhook;
mod world;
