//! Closed enums kept as text in rows and on the wire, through one macro.

use std::fmt;

/// A text that names no variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownText {
    pub kind: &'static str,
    pub text: String,
}

impl fmt::Display for UnknownText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no {}", self.text, self.kind)
    }
}

impl std::error::Error for UnknownText {}

/// Declares a closed enum whose variants have one stable text each, in the database and in the API.
///
/// ```
/// kloud_base::text_enum! {
///     /// How loud.
///     pub enum Volume { Quiet = "quiet", Loud = "loud" }
/// }
/// assert_eq!(Volume::Loud.as_str(), "loud");
/// assert_eq!("quiet".parse(), Ok(Volume::Quiet));
/// ```
#[macro_export]
macro_rules! text_enum {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $name { $($(#[$vmeta])* $variant),+ }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable text of this variant.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::UnknownText;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err($crate::UnknownText { kind: stringify!($name), text: text.to_owned() }),
                }
            }
        }

        $crate::__text_enum_orm!($name);
        $crate::__text_enum_api!($name, $($text),+);
    };
}

#[cfg(not(feature = "orm"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __text_enum_orm {
    ($name:ident) => {};
}

#[cfg(feature = "orm")]
#[doc(hidden)]
#[macro_export]
macro_rules! __text_enum_orm {
    ($name:ident) => {
        const _: () = {
            use sea_orm::sea_query::{ArrayType, ColumnType, Nullable, StringLen, Value, ValueType, ValueTypeErr};
            use $crate::__private::sea_orm;

            impl From<$name> for Value {
                fn from(it: $name) -> Self {
                    Value::from(it.as_str())
                }
            }

            impl sea_orm::TryGetable for $name {
                fn try_get_by<I: sea_orm::ColIdx>(
                    res: &sea_orm::QueryResult,
                    index: I,
                ) -> Result<Self, sea_orm::TryGetError> {
                    let text = <String as sea_orm::TryGetable>::try_get_by(res, index)?;
                    text.parse().map_err(|e: $crate::UnknownText| {
                        sea_orm::TryGetError::DbErr(sea_orm::DbErr::Type(e.to_string()))
                    })
                }
            }

            impl ValueType for $name {
                fn try_from(v: Value) -> Result<Self, ValueTypeErr> {
                    <String as ValueType>::try_from(v)?.parse().map_err(|_| ValueTypeErr)
                }
                fn type_name() -> String {
                    stringify!($name).to_owned()
                }
                fn array_type() -> ArrayType {
                    ArrayType::String
                }
                fn column_type() -> ColumnType {
                    ColumnType::String(StringLen::None)
                }
            }

            impl Nullable for $name {
                fn null() -> Value {
                    Value::String(None)
                }
            }
        };
    };
}

#[cfg(not(feature = "api"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __text_enum_api {
    ($name:ident, $($text:literal),+) => {};
}

#[cfg(feature = "api")]
#[doc(hidden)]
#[macro_export]
macro_rules! __text_enum_api {
    ($name:ident, $($text:literal),+) => {
        const _: () = {
            use $crate::__private::{serde, utoipa};

            impl serde::Serialize for $name {
                fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    serializer.serialize_str(self.as_str())
                }
            }

            impl<'de> serde::Deserialize<'de> for $name {
                fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                    text.parse().map_err(|_| serde::de::Error::unknown_variant(&text, &[$($text),+]))
                }
            }

            impl utoipa::PartialSchema for $name {
                fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                    use utoipa::openapi::schema::{ObjectBuilder, Type};
                    ObjectBuilder::new().schema_type(Type::String).enum_values(Some([$($text),+])).into()
                }
            }

            impl utoipa::ToSchema for $name {}
        };
    };
}
