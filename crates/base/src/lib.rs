//! Words everyone shares: typed ids, time and randomness as arguments, closed enums kept as text.
//!
//! Invariant: no I/O, no ambient time, no ambient randomness. Whatever needs either takes a [`Clock`] or an [`Rng`].
//! The features `orm` and `api` only add trait implementations; the pure crates use neither.

mod clock;
mod enums;
mod ids;
mod rng;

pub use clock::{Clock, DAY, HOUR, MINUTE, Millis, SECOND, Timestamp};
pub use enums::UnknownText;
pub use ids::{IdError, decode_id, encode_id, new_uuid, random_uuid};
pub use rng::{Rng, random_bytes};

/// What the exported macros need from their caller's point of view. Not part of the API.
#[doc(hidden)]
pub mod __private {
    #[cfg(feature = "orm")]
    pub use sea_orm;
    #[cfg(feature = "api")]
    pub use serde;
    #[cfg(feature = "api")]
    pub use utoipa;
    pub use uuid;
}
