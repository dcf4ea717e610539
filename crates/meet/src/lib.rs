//! Meetings as a product.

pub mod model;
