//! The `kloud` binary.
fn main() {}
