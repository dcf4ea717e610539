//! The column traits of [`Sealed`]: a blob.

use sea_orm::sea_query::{ArrayType, ColumnType, Nullable, Value, ValueType, ValueTypeErr};
use sea_orm::{ColIdx, QueryResult, TryGetError, TryGetable};

use crate::sealed::Sealed;

impl<T, C> From<Sealed<T, C>> for Value {
    fn from(sealed: Sealed<T, C>) -> Self {
        Value::from(sealed.into_bytes())
    }
}

impl<T, C> TryGetable for Sealed<T, C> {
    fn try_get_by<I: ColIdx>(res: &QueryResult, index: I) -> Result<Self, TryGetError> {
        <Vec<u8> as TryGetable>::try_get_by(res, index).map(Self::from_bytes)
    }
}

impl<T, C> ValueType for Sealed<T, C> {
    fn try_from(v: Value) -> Result<Self, ValueTypeErr> {
        <Vec<u8> as ValueType>::try_from(v).map(Self::from_bytes)
    }

    fn type_name() -> String {
        "Sealed".to_owned()
    }

    fn array_type() -> ArrayType {
        <Vec<u8> as ValueType>::array_type()
    }

    fn column_type() -> ColumnType {
        <Vec<u8> as ValueType>::column_type()
    }
}

impl<T, C> Nullable for Sealed<T, C> {
    fn null() -> Value {
        <Vec<u8> as Nullable>::null()
    }
}
