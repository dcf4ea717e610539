//! The right to seal for one subject, with the keys at hand.

use std::sync::Arc;

use kloud_base::Rng;

use crate::category::CategoryName;
use crate::envelope::{self, Lock, Place};
use crate::error::PrivacyError;
use crate::keys::ring::{DataKey, Ring};
use crate::place::fits;
use crate::subject::{KeyId, SubjectId};

/// Seals values for one subject. Got from [`crate::Privacy::sealer`]; keep it no longer than a request.
#[derive(Clone)]
pub struct Sealer {
    pub(crate) subject: SubjectId,
    pub(crate) keys: Vec<Arc<DataKey>>,
    pub(crate) period: i64,
    /// Whose key is needed beside the subject's own.
    pub(crate) second: Option<Box<Sealer>>,
    pub(crate) ring: Arc<Ring>,
    pub(crate) rng: Arc<dyn Rng>,
}

impl Sealer {
    /// For whom it seals.
    pub fn subject(&self) -> SubjectId {
        self.subject
    }

    /// Seals under this subject's key and under `other`'s: either may end it. For what an employer entered, for an
    /// address-book entry, for an invitation.
    #[must_use]
    pub fn and(mut self, other: &Sealer) -> Self {
        self.second = Some(Box::new(other.clone()));
        self
    }

    pub(crate) fn seal(&self, value: &[u8], place: Place<'_>, category: CategoryName) -> Result<Vec<u8>, PrivacyError> {
        let first = self.key(category)?;
        let second = self.second.as_ref().map(|other| other.key(category)).transpose()?;
        let first_part = (first.id, &first.secret);
        let lock = match second {
            None => Lock::One(first_part),
            Some(second) => Lock::Both(first_part, (second.id, &second.secret)),
        };
        Ok(envelope::seal(value, lock, place, self.subject, category, &*self.rng))
    }

    fn key(&self, category: CategoryName) -> Result<&DataKey, PrivacyError> {
        if self.ring.is_barred(self.subject) {
            return Err(PrivacyError::NotLiving);
        }
        let key = self.keys.iter().find(|key| fits(key, category, self.period));
        let key = key.ok_or(PrivacyError::NotGranted("this sealer holds no key of the category"))?;
        if self.ring.has_ended(key.id.as_uuid()) {
            return Err(PrivacyError::NotLiving);
        }
        Ok(key)
    }

    /// The key that seals a category here, if any.
    pub fn key_id(&self, category: CategoryName) -> Option<KeyId> {
        self.key(category).ok().map(|key| key.id)
    }
}
