//! Who is who.

pub mod model;
