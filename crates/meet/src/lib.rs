//! Meetings as a product: a link, a door, seats, devices, an end.
//!
//! Invariants: everything is off until its person says yes, in this meeting, by their own gesture; the media server
//! holds a copy of that truth and forwards nothing without it. One who waits gets no media, no names, no chat. Names
//! are sealed under the person's key; attendance is kept by stand-in.

mod chat_people;
mod error;
mod holder;
mod http;
pub mod jobs;
mod live;
mod migrations;
pub mod model;
mod ports;
mod service;
mod store;

pub use chat_people::MeetPeople;
pub use error::MeetError;
pub use holder::MeetHolder;
pub use http::routes;
pub use migrations::migrations;
pub use ports::{MediaBackend, MediaError, MediaPass, SittingId};
pub use service::{Meet, MeetParts};
