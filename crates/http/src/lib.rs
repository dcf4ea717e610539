//! Kloud http.
