//! Kloud agreement.
