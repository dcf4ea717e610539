//! Names of the things a room holds. The prefixes `PA`, `TR` and `RM` are those that LiveKit clients test for.

use std::fmt;
use std::sync::Arc;

use kloud_base::typed_id;

typed_id!(
    /// One stay of one participant in a room; a full rejoin gets a new one.
    ParticipantSid,
    "PA"
);
typed_id!(
    /// One published track.
    TrackSid,
    "TR"
);
typed_id!(
    /// One sitting of a room.
    RoomSid,
    "RM"
);

/// Why a text is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    #[error("a name must not be empty")]
    Empty,
    #[error("a name has at most 256 bytes")]
    TooLong,
}

macro_rules! name {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Longest accepted text in bytes.
            pub const MAX_BYTES: usize = 256;

            /// Takes a text of 1 to 256 bytes.
            pub fn new(text: &str) -> Result<Self, NameError> {
                match text.len() {
                    0 => Err(NameError::Empty),
                    1..=Self::MAX_BYTES => Ok(Self(text.into())),
                    _ => Err(NameError::TooLong),
                }
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                Self::new(text)
            }
        }
    };
}

name!(
    /// Who a participant is to the application. Unique in a room: a second join with it replaces the first.
    Identity
);
name!(
    /// The name of a room on the wire.
    RoomName
);
