//! Who is who: the first start, accounts, sign-in, devices.
//!
//! Invariants: signing up needs an identifier and a nickname and nothing else. A session is a random secret in a cookie
//! and its hash in a row; ending one ends its sockets and its media. Who may do what is not decided here.

mod error;
mod holder;
mod http;
pub mod jobs;
mod migrations;
pub mod model;
mod password;
mod service;
mod sessions;
mod setup;
mod store;

pub use error::IdentityError;
pub use holder::IdentityHolder;
pub use http::{Me, me_view, routes};
pub use migrations::migrations;
pub use service::{AgreementTexts, Identity, NewAccount, ProfileChange};
pub use sessions::{NewSession, Place, SignedIn};
pub use setup::{InstanceView, NewInstance, OfficerView, SetupToken};
