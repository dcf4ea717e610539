//! Typed ids: 16 bytes in a row, `<prefix>_<base32>` on the wire.

use std::fmt;

use data_encoding::Specification;
use uuid::{Builder, Uuid};

use crate::{Rng, Timestamp, random_bytes};

/// Why a text is no id of the kind asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    #[error("expected an id that begins with `{0}_`")]
    Prefix(&'static str),
    #[error("expected 26 characters of base32 after the prefix")]
    Text,
}

/// A new id that sorts by time (UUID version 7, RFC 9562), so that rows land at the end of an index.
pub fn new_uuid(now: Timestamp, rng: &dyn Rng) -> Uuid {
    let millis = u64::try_from(now.as_millis()).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, &random_bytes::<10>(rng)).into_uuid()
}

/// A new id that says nothing, not even when it was made (UUID version 4).
pub fn random_uuid(rng: &dyn Rng) -> Uuid {
    Builder::from_random_bytes(random_bytes::<16>(rng)).into_uuid()
}

/// Crockford's alphabet in lower case: no `i`, `l`, `o`, `u`, so an id can be read aloud.
fn base32() -> data_encoding::Encoding {
    let mut spec = Specification::new();
    spec.symbols.push_str("0123456789abcdefghjkmnpqrstvwxyz");
    spec.translate.from.push_str("ABCDEFGHJKMNPQRSTVWXYZILOilo");
    spec.translate.to.push_str("abcdefghjkmnpqrstvwxyz110110");
    spec.encoding().expect("the alphabet has 32 distinct symbols")
}

/// The wire form of an id.
pub fn encode_id(prefix: &'static str, id: Uuid, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "{prefix}_{}", base32().encode(id.as_bytes()))
}

/// Reads the wire form back.
pub fn decode_id(prefix: &'static str, text: &str) -> Result<Uuid, IdError> {
    let body = text.strip_prefix(prefix).and_then(|t| t.strip_prefix('_')).ok_or(IdError::Prefix(prefix))?;
    let bytes = base32().decode(body.as_bytes()).map_err(|_| IdError::Text)?;
    Uuid::from_slice(&bytes).map_err(|_| IdError::Text)
}

/// Declares an id type of its own: `typed_id!(/** A device. */ DeviceId, "dev");`
#[macro_export]
macro_rules! typed_id {
    ($(#[$meta:meta])* $name:ident, $prefix:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name($crate::__private::uuid::Uuid);

        impl $name {
            pub const PREFIX: &'static str = $prefix;

            /// A new id that sorts by time.
            pub fn new(now: $crate::Timestamp, rng: &dyn $crate::Rng) -> Self {
                Self($crate::new_uuid(now, rng))
            }

            /// A new id that says nothing, not even when it was made.
            pub fn random(rng: &dyn $crate::Rng) -> Self {
                Self($crate::random_uuid(rng))
            }

            pub const fn from_uuid(id: $crate::__private::uuid::Uuid) -> Self {
                Self(id)
            }

            pub const fn as_uuid(&self) -> $crate::__private::uuid::Uuid {
                self.0
            }

            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                $crate::encode_id($prefix, self.0, f)
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                $crate::encode_id($prefix, self.0, f)
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::IdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::decode_id($prefix, text).map(Self)
            }
        }

        $crate::__typed_id_orm!($name);
        $crate::__typed_id_api!($name, $prefix);
    };
}

#[cfg(not(feature = "orm"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __typed_id_orm {
    ($name:ident) => {};
}

#[cfg(feature = "orm")]
#[doc(hidden)]
#[macro_export]
macro_rules! __typed_id_orm {
    ($name:ident) => {
        const _: () = {
            use sea_orm::sea_query::{ArrayType, ColumnType, Nullable, Value, ValueType, ValueTypeErr};
            use $crate::__private::{sea_orm, uuid::Uuid};

            impl From<$name> for Value {
                fn from(id: $name) -> Self {
                    Value::from(id.0)
                }
            }

            impl sea_orm::TryGetable for $name {
                fn try_get_by<I: sea_orm::ColIdx>(
                    res: &sea_orm::QueryResult,
                    index: I,
                ) -> Result<Self, sea_orm::TryGetError> {
                    <Uuid as sea_orm::TryGetable>::try_get_by(res, index).map(Self)
                }
            }

            impl ValueType for $name {
                fn try_from(v: Value) -> Result<Self, ValueTypeErr> {
                    <Uuid as ValueType>::try_from(v).map(Self)
                }
                fn type_name() -> String {
                    stringify!($name).to_owned()
                }
                fn array_type() -> ArrayType {
                    <Uuid as ValueType>::array_type()
                }
                fn column_type() -> ColumnType {
                    <Uuid as ValueType>::column_type()
                }
            }

            impl Nullable for $name {
                fn null() -> Value {
                    <Uuid as Nullable>::null()
                }
            }

            impl sea_orm::TryFromU64 for $name {
                fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                    Err(sea_orm::DbErr::ConvertFromU64(stringify!($name)))
                }
            }
        };
    };
}

#[cfg(not(feature = "api"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __typed_id_api {
    ($name:ident, $prefix:literal) => {};
}

#[cfg(feature = "api")]
#[doc(hidden)]
#[macro_export]
macro_rules! __typed_id_api {
    ($name:ident, $prefix:literal) => {
        const _: () = {
            use $crate::__private::{serde, utoipa};

            impl serde::Serialize for $name {
                fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    serializer.collect_str(self)
                }
            }

            impl<'de> serde::Deserialize<'de> for $name {
                fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                    text.parse().map_err(serde::de::Error::custom)
                }
            }

            impl utoipa::PartialSchema for $name {
                fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                    use utoipa::openapi::schema::{ObjectBuilder, Type};
                    ObjectBuilder::new()
                        .schema_type(Type::String)
                        .pattern(Some(concat!("^", $prefix, "_[0-9a-z]{26}$")))
                        .into()
                }
            }

            impl utoipa::ToSchema for $name {}
        };
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Zeros;

    impl Rng for Zeros {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    typed_id!(ThingId, "thing");

    #[test]
    fn an_id_survives_the_wire() {
        let id = ThingId::new(Timestamp::from_millis(1_800_000_000_000), &Zeros);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.to_string().to_uppercase().replace("THING", "thing").parse(), Ok(id));
    }

    #[test]
    fn a_wrong_prefix_or_text_is_refused() {
        assert_eq!("other_0".parse::<ThingId>(), Err(IdError::Prefix("thing")));
        assert_eq!("thing_0".parse::<ThingId>(), Err(IdError::Text));
        assert_eq!("thing_!!".parse::<ThingId>(), Err(IdError::Text));
    }
}
