//! Conversations: what people write to each other, in order.
//!
//! Invariants: a conversation's `seq` has no holes; sending the same message twice is sending it once; each body is
//! sealed under its author's key and opens for those who share the space. When an author is erased the body is gone and
//! a tombstone stays.

mod holder;
mod http;
pub mod jobs;
mod migrations;
pub mod model;
mod service;
mod store;

pub use holder::ChatHolder;
pub use http::{Message, MessageBody, routes};
pub use migrations::migrations;
pub use service::{Chat, ChatError, ChatPeople, MessageView};
