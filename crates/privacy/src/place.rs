//! A sealed value together with where it stands, which is what opening needs. Made by the accessors that
//! `#[derive(PersonalData)]` writes, so that no caller hands labels and row ids about.

use std::marker::PhantomData;

use crate::category::{Category, CategoryName, KeyClass};
use crate::envelope::{Envelope, Lock, Place};
use crate::error::PrivacyError;
use crate::grant::Grant;
use crate::keys::ring::DataKey;
use crate::purpose::{MayOpen, Purpose};
use crate::purposes::ShowOwn;
use crate::sealed::{Open, Opened, Personal, Sealed};
use crate::sealer::Sealer;
use crate::subject::{KeyId, Owner};

/// A declared column as a type. Implemented by the derive.
pub trait Field {
    /// Frozen: it is part of what a value was sealed with.
    const LABEL: &'static str;
}

/// The column is declared to be opened for this purpose. Implemented by the derive.
pub trait FieldFor<P: Purpose>: Field {}

/// The primary key of a row as bytes, for its place.
#[derive(Clone, Debug, Default)]
pub struct RowKey(Vec<u8>);

impl RowKey {
    /// Adds one column of the key, with its length.
    #[must_use]
    pub fn part(mut self, bytes: &[u8]) -> Self {
        self.0.push(u8::try_from(bytes.len()).unwrap_or(u8::MAX));
        self.0.extend_from_slice(bytes);
        self
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// A sealed value in its place.
pub struct Placed<'a, T, C, F> {
    sealed: &'a Sealed<T, C>,
    row: RowKey,
    owner: Owner,
    field: PhantomData<fn() -> F>,
}

impl<'a, T: Personal, C: Category, F: Field> Placed<'a, T, C, F> {
    #[doc(hidden)]
    pub fn new(sealed: &'a Sealed<T, C>, row: RowKey, owner: Owner) -> Self {
        Self { sealed, row, owner, field: PhantomData }
    }

    /// The keys it takes: what [`crate::Privacy::include_keys`] needs for values with a key of their own.
    pub fn keys(&self) -> Vec<KeyId> {
        self.sealed.keys()
    }

    /// Opens for the purpose of the grant. Compiles only where the purpose may open the category and the column is
    /// declared for it; subject and category are compared again here.
    ///
    /// # Errors
    /// [`PrivacyError::NotGranted`] when the grant does not name the owner, or a key of its own was not included.
    pub fn open<P>(&self, grant: &Grant<P>) -> Result<Open<T, P>, PrivacyError>
    where
        P: MayOpen<C>,
        F: FieldFor<P>,
    {
        let plain = match self.unlock(grant)? {
            Unlocked::Plain(plain) => plain,
            Unlocked::Erased => return Ok(Open::Erased),
            Unlocked::Broken => return Ok(self.broken("no key or wrong place")),
        };
        match T::from_plain_bytes(&plain) {
            Some(value) => Ok(Open::Opened(Opened::new(value))),
            None => Ok(self.broken("opened to what is no such value")),
        }
    }

    fn unlock<P: Purpose>(&self, grant: &Grant<P>) -> Result<Unlocked, PrivacyError> {
        let Some(subject) = grant.subject_of(self.owner) else {
            return Err(PrivacyError::NotGranted("the grant does not name the owner"));
        };
        let Some(envelope) = Envelope::parse(self.sealed.as_bytes()) else { return Ok(Unlocked::Broken) };
        let ended = envelope.keys().iter().any(|key| grant.ring().is_over(*key));
        let Some(subject) = subject else {
            return Ok(if ended { Unlocked::Erased } else { Unlocked::Broken });
        };
        if ended || grant.ring().is_barred(subject) {
            return Ok(Unlocked::Erased);
        }
        let mut keys = Vec::with_capacity(2);
        for (index, id) in envelope.keys().iter().enumerate() {
            match grant.key(*id) {
                Some(key) if key.category == C::NAME && (index > 0 || key.subject == subject) => keys.push(key),
                Some(_) => return Ok(Unlocked::Broken),
                None if grant.asked_for(*id) || (index == 0 && C::NAME.class() != KeyClass::Single) => {
                    return Ok(Unlocked::Broken);
                }
                None => return Err(PrivacyError::NotGranted("a key of its own was not included in the grant")),
            }
        }
        if keys.iter().any(|key| grant.ring().is_barred(key.subject)) {
            return Ok(Unlocked::Erased);
        }
        let lock = match &keys[..] {
            [one] => Lock::One((one.id, &one.secret)),
            [first, second] => Lock::Both((first.id, &first.secret), (second.id, &second.secret)),
            _ => return Ok(Unlocked::Broken),
        };
        let place = Place { label: F::LABEL, row: self.row.bytes() };
        Ok(envelope.open(lock, place, subject, C::NAME).map_or(Unlocked::Broken, Unlocked::Plain))
    }

    fn broken<P: Purpose>(&self, why: &'static str) -> Open<T, P> {
        tracing::error!(label = F::LABEL, why, "a sealed value is broken: rows and keys do not fit together");
        Open::Broken
    }

    #[doc(hidden)]
    pub fn target(&self) -> crate::audit::Target {
        crate::audit::Target {
            label: F::LABEL,
            row: self.row.clone(),
            category: C::NAME,
            bytes: self.sealed.as_bytes().to_vec(),
        }
    }

    /// The value as its owner sees it under *My data*.
    pub fn describe(&self, grant: &Grant<ShowOwn>) -> Result<Shown, PrivacyError>
    where
        ShowOwn: MayOpen<C>,
        F: FieldFor<ShowOwn>,
    {
        Ok(match self.open(grant)? {
            Open::Opened(opened) => Shown::Value(opened.with(crate::purpose::Screen, Personal::to_json)),
            Open::Erased => Shown::Erased,
            Open::Broken => Shown::Broken,
        })
    }
}

enum Unlocked {
    Plain(zeroize::Zeroizing<Vec<u8>>),
    Erased,
    Broken,
}

/// What *My data* shows in the place of a value.
pub enum Shown {
    Value(serde_json::Value),
    /// Held, and never shown to anybody: a credential.
    Withheld,
    Erased,
    Broken,
}

/// Seals a value for its column. Called by what the derive writes.
#[doc(hidden)]
pub fn seal_in_place<T: Personal, C: Category, F: Field>(
    sealer: &Sealer,
    row: &RowKey,
    value: &T::Plain,
) -> Result<Sealed<T, C>, PrivacyError> {
    let plain = T::to_plain_bytes(value);
    let place = Place { label: F::LABEL, row: row.bytes() };
    sealer.seal(&plain, place, C::NAME).map(Sealed::from_bytes)
}

/// Whether a data key may seal a category: its own, this month's for a monthly one.
pub(crate) fn fits(key: &DataKey, category: CategoryName, period: i64) -> bool {
    key.category == category
        && match key.class {
            KeyClass::Standing | KeyClass::Single => true,
            KeyClass::Monthly => key.period == Some(period),
        }
}
