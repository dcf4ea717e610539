//! Checks that anyone may run against a data folder: the closure of the inventory, envelopes in every sealed column,
//! what keystore and rows left half done, a search for planted words in every file, and the attack with every key that
//! can still be reached.
//!
//! These are what `kloud audit` shows and what the drills of the tests assert. They read; they never repair.

mod attack;
mod closure;
mod halves;
mod scan;
mod store;

pub use attack::{Attack, Target};
pub use closure::{Fault, closure, inventory_faults, unsealed_values};
pub use halves::half_done;
pub use scan::{Finding, Form, scan_bytes, scan_folder};
