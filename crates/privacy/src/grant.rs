//! The right to open, for one purpose, one actor and a finite set of people.

use std::collections::{HashMap, HashSet};
use std::marker::PhantomData;
use std::sync::Arc;

use crate::keys::ring::{DataKey, Ring};
use crate::purpose::Purpose;
use crate::subject::{Actor, KeyId, Owner, SubjectId};

/// The right to open values of the people it names, for purpose `P`. Each was checked when it was given; it lives as
/// long as the request, and opens nothing of somebody who is erased meanwhile.
pub struct Grant<P> {
    pub(crate) actor: Actor,
    /// Whom it names. A stand-in without a subject is one whose person was erased.
    pub(crate) owners: HashMap<Owner, Option<SubjectId>>,
    pub(crate) keys: HashMap<KeyId, Arc<DataKey>>,
    /// Single keys that were asked for, found or not.
    pub(crate) asked: HashSet<KeyId>,
    pub(crate) ring: Arc<Ring>,
    pub(crate) purpose: PhantomData<fn() -> P>,
}

impl<P: Purpose> Grant<P> {
    /// Who opens.
    pub fn actor(&self) -> Actor {
        self.actor
    }

    /// Whether it names this owner.
    pub fn names(&self, owner: impl Into<Owner>) -> bool {
        self.owners.contains_key(&owner.into())
    }

    /// The subject behind an owner that the grant names; `None` also when it was erased.
    pub fn subject(&self, owner: impl Into<Owner>) -> Option<SubjectId> {
        self.owners.get(&owner.into()).copied().flatten()
    }

    /// The subject behind an owner: outer `None` when the grant does not name it, inner when it was erased.
    pub(crate) fn subject_of(&self, owner: Owner) -> Option<Option<SubjectId>> {
        self.owners.get(&owner).copied()
    }

    pub(crate) fn key(&self, id: KeyId) -> Option<&Arc<DataKey>> {
        self.keys.get(&id).filter(|key| P::OPENS.contains(&key.category))
    }

    pub(crate) fn asked_for(&self, id: KeyId) -> bool {
        self.asked.contains(&id)
    }

    pub(crate) fn ring(&self) -> &Ring {
        &self.ring
    }
}
