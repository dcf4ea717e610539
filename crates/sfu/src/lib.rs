//! Kloud sfu.
