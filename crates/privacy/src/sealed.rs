//! A personal value in a row, and what comes out when it is opened.

use std::fmt;
use std::marker::PhantomData;

use zeroize::{Zeroize, Zeroizing};

use crate::category::Category;
use crate::envelope::Envelope;
use crate::purpose::{Purpose, Sink};
use crate::subject::KeyId;

/// What can be sealed.
pub trait Personal: Sized + Send + 'static {
    /// How a caller hands the value over.
    type Plain: ?Sized + Sync;

    fn to_plain_bytes(value: &Self::Plain) -> Zeroizing<Vec<u8>>;
    /// `None` when the bytes are no such value.
    fn from_plain_bytes(bytes: &[u8]) -> Option<Self>;
    /// For *My data* and the export.
    fn to_json(&self) -> serde_json::Value;
    /// Overwrites the value before its memory is given back.
    fn wipe(&mut self);
}

impl Personal for String {
    type Plain = str;

    fn to_plain_bytes(value: &str) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(value.as_bytes().to_vec())
    }
    fn from_plain_bytes(bytes: &[u8]) -> Option<Self> {
        std::str::from_utf8(bytes).ok().map(str::to_owned)
    }
    fn to_json(&self) -> serde_json::Value {
        self.as_str().into()
    }
    fn wipe(&mut self) {
        self.zeroize();
    }
}

impl Personal for i64 {
    type Plain = i64;

    fn to_plain_bytes(value: &i64) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(value.to_le_bytes().to_vec())
    }
    fn from_plain_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(i64::from_le_bytes)
    }
    fn to_json(&self) -> serde_json::Value {
        (*self).into()
    }
    fn wipe(&mut self) {
        self.zeroize();
    }
}

impl Personal for Vec<u8> {
    type Plain = [u8];

    fn to_plain_bytes(value: &[u8]) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(value.to_vec())
    }
    fn from_plain_bytes(bytes: &[u8]) -> Option<Self> {
        Some(bytes.to_vec())
    }
    fn to_json(&self) -> serde_json::Value {
        data_encoding::BASE64.encode(self).into()
    }
    fn wipe(&mut self) {
        self.zeroize();
    }
}

/// Lets a struct with `Serialize`, `Deserialize` and `Zeroize` be sealed, as JSON.
#[macro_export]
macro_rules! personal_json {
    ($($name:ty),+ $(,)?) => {
        $(
            impl $crate::Personal for $name {
                type Plain = $name;

                fn to_plain_bytes(value: &$name) -> $crate::zeroize::Zeroizing<::std::vec::Vec<u8>> {
                    $crate::zeroize::Zeroizing::new(
                        $crate::__private::serde_json::to_vec(value).expect("a plain struct is JSON"),
                    )
                }
                fn from_plain_bytes(bytes: &[u8]) -> ::std::option::Option<Self> {
                    $crate::__private::serde_json::from_slice(bytes).ok()
                }
                fn to_json(&self) -> $crate::__private::serde_json::Value {
                    $crate::__private::serde_json::to_value(self).expect("a plain struct is JSON")
                }
                fn wipe(&mut self) {
                    $crate::zeroize::Zeroize::zeroize(self);
                }
            }
        )+
    };
}

/// A ciphertext of category `C` in a row. Nothing but its category is ever printed.
pub struct Sealed<T, C> {
    bytes: Vec<u8>,
    of: PhantomData<fn() -> (T, C)>,
}

impl<T, C> Sealed<T, C> {
    /// What a row holds. Whether it is an envelope shows when it is opened.
    pub(crate) fn from_bytes(bytes: Vec<u8>) -> Self {
        Self { bytes, of: PhantomData }
    }

    /// The envelope, for the row, a backup or an audit.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The ids of the keys it takes; empty when the bytes are no envelope.
    pub fn keys(&self) -> Vec<KeyId> {
        Envelope::parse(&self.bytes).map(|envelope| envelope.keys().to_vec()).unwrap_or_default()
    }
}

impl<T, C> Clone for Sealed<T, C> {
    fn clone(&self) -> Self {
        Self::from_bytes(self.bytes.clone())
    }
}

impl<T, C> PartialEq for Sealed<T, C> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl<T, C> Eq for Sealed<T, C> {}

impl<T, C: Category> fmt::Debug for Sealed<T, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({})", C::NAME.as_str())
    }
}

/// What opening gives. Every view can draw all three.
#[must_use]
pub enum Open<T: Personal, P> {
    Opened(Opened<T, P>),
    /// The key ended, and the ledger of endings says so: a former participant.
    Erased,
    /// It should open and does not: a fault to show and to look at.
    Broken,
}

impl<T: Personal, P: Purpose> Open<T, P> {
    /// The value in a sink of this purpose; `None` when it was erased or is broken.
    pub fn release(self, to: impl Sink<P>) -> Option<T> {
        match self {
            Self::Opened(opened) => Some(opened.release(to)),
            Self::Erased | Self::Broken => None,
        }
    }

    pub fn is_erased(&self) -> bool {
        matches!(self, Self::Erased)
    }

    pub fn is_broken(&self) -> bool {
        matches!(self, Self::Broken)
    }
}

/// The plain value, for one purpose. It cannot be printed, copied or serialized, is wiped when dropped, and leaves only
/// into a sink of its purpose.
pub struct Opened<T: Personal, P> {
    value: Option<T>,
    purpose: PhantomData<fn() -> P>,
}

impl<T: Personal, P: Purpose> Opened<T, P> {
    pub(crate) fn new(value: T) -> Self {
        Self { value: Some(value), purpose: PhantomData }
    }

    /// Hands the value over to a sink; from here on it is the sink's to keep and to drop.
    pub fn release(mut self, _to: impl Sink<P>) -> T {
        self.value.take().expect("a value is taken once, by the call that consumes its holder")
    }

    /// Looks at the value in place.
    pub fn with<R>(&self, _to: impl Sink<P>, look: impl FnOnce(&T) -> R) -> R {
        look(self.value.as_ref().expect("only the consuming call takes the value"))
    }
}

impl<T: Personal, P> Drop for Opened<T, P> {
    fn drop(&mut self) {
        if let Some(value) = &mut self.value {
            value.wipe();
        }
    }
}
