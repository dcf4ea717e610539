//! Kloud spaces.
