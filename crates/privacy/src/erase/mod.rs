//! The end of a person, a guest or a single key.

mod ending;
