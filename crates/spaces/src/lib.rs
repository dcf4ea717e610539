//! People and roles, and what they share.

pub mod model;
