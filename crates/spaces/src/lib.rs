//! People and roles, and what they share.
//!
//! Invariants: there is one access rule, [`model::may`], a pure table of role and action; no handler invents its own.
//! Rows carry a stand-in (`MemberId`) for each person in each space, never an account; when a person is erased the
//! way back to them is gone and the row stays as it is.

mod holder;
mod migrations;
pub mod model;
mod service;
mod store;

pub use holder::SpacesHolder;
pub use migrations::migrations;
pub use service::{Authorised, Spaces, SpacesError};
pub use store::{SpaceMemberView, SpaceView};
