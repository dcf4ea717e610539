//! Wall time as a value. Durations are milliseconds, because that is what rows and the wire hold.

use std::fmt;
use std::ops::{Add, Sub};

/// A duration in milliseconds.
pub type Millis = i64;
pub const SECOND: Millis = 1_000;
pub const MINUTE: Millis = 60 * SECOND;
pub const HOUR: Millis = 60 * MINUTE;
pub const DAY: Millis = 24 * HOUR;

/// Tells the time. Implemented over the system in the binary, set by hand in tests.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}

/// Milliseconds since the Unix epoch, UTC. Kept as an integer column, written as RFC 3339 on the wire.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// The number of whole days since the epoch, UTC.
    pub const fn day(self) -> i64 {
        self.0.div_euclid(DAY)
    }
}

impl Add<Millis> for Timestamp {
    type Output = Self;

    fn add(self, millis: Millis) -> Self {
        Self(self.0.saturating_add(millis))
    }
}

impl Sub<Millis> for Timestamp {
    type Output = Self;

    fn sub(self, millis: Millis) -> Self {
        Self(self.0.saturating_sub(millis))
    }
}

impl Sub for Timestamp {
    type Output = Millis;

    fn sub(self, other: Self) -> Millis {
        self.0.saturating_sub(other.0)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}ms", self.0)
    }
}

#[cfg(feature = "api")]
mod api {
    use chrono::{DateTime, SecondsFormat, Utc};
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    use super::Timestamp;

    impl Timestamp {
        /// RFC 3339 in UTC with milliseconds, such as `2026-11-24T10:00:00.000Z`.
        pub fn to_rfc3339(self) -> String {
            DateTime::<Utc>::from_timestamp_millis(self.0)
                .unwrap_or(DateTime::<Utc>::MAX_UTC)
                .to_rfc3339_opts(SecondsFormat::Millis, true)
        }
    }

    impl Serialize for Timestamp {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_str(&self.to_rfc3339())
        }
    }

    impl<'de> Deserialize<'de> for Timestamp {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let text = String::deserialize(deserializer)?;
            DateTime::parse_from_rfc3339(&text)
                .map(|at| Self(at.timestamp_millis()))
                .map_err(|_| D::Error::custom("expected a time such as 2026-11-24T10:00:00Z"))
        }
    }

    impl utoipa::PartialSchema for Timestamp {
        fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
            use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
            ObjectBuilder::new()
                .schema_type(Type::String)
                .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
                .into()
        }
    }

    impl utoipa::ToSchema for Timestamp {}
}

#[cfg(feature = "orm")]
mod orm {
    use sea_orm::sea_query::{ArrayType, ColumnType, Nullable, Value, ValueType, ValueTypeErr};
    use sea_orm::{ColIdx, QueryResult, TryGetError, TryGetable};

    use super::Timestamp;

    impl From<Timestamp> for Value {
        fn from(at: Timestamp) -> Self {
            Value::BigInt(Some(at.as_millis()))
        }
    }

    impl TryGetable for Timestamp {
        fn try_get_by<I: ColIdx>(res: &QueryResult, index: I) -> Result<Self, TryGetError> {
            i64::try_get_by(res, index).map(Timestamp::from_millis)
        }
    }

    impl ValueType for Timestamp {
        fn try_from(v: Value) -> Result<Self, ValueTypeErr> {
            <i64 as ValueType>::try_from(v).map(Timestamp::from_millis)
        }

        fn type_name() -> String {
            "Timestamp".to_owned()
        }

        fn array_type() -> ArrayType {
            ArrayType::BigInt
        }

        fn column_type() -> ColumnType {
            ColumnType::BigInteger
        }
    }

    impl Nullable for Timestamp {
        fn null() -> Value {
            Value::BigInt(None)
        }
    }
}
