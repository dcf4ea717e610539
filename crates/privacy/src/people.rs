//! Subjects, their keys and their stand-ins.
//!
//! A key is committed in the keystore before anything is sealed with it. What was created there and never committed in
//! the rows is found by its missing anchor and goes after an hour (see `reconcile`).

use std::collections::HashMap;
use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use kloud_base::random_uuid;
use kloud_store::{Read, Tx};
use sha2::Sha256;
use uuid::Uuid;

use crate::category::{Category, CategoryName, KeyClass};
use crate::error::PrivacyError;
use crate::keys::ring::{DataKey, Keyring};
use crate::keys::roots::Root;
use crate::keys::store::{self, key, member, subject};
use crate::keys::{Secret, Wrapped, WrappedKind};
use crate::privacy::Privacy;
use crate::reconcile::{AnchorKind, insert_anchor};
use crate::sealer::Sealer;
use crate::subject::{KeyId, Life, MemberId, SubjectId, SubjectKind};
use crate::time::month;

/// A subject whose keys exist and whose rows do not yet.
#[must_use = "without an anchor among the rows its keys go after an hour"]
#[derive(Debug)]
pub struct NewSubject {
    id: SubjectId,
}

impl NewSubject {
    /// For sealing its first rows.
    pub fn id(&self) -> SubjectId {
        self.id
    }

    /// Ties the keys to the rows: call it in the transaction that writes the subject's first row.
    pub async fn anchor(self, tx: &mut Tx, privacy: &Privacy) -> Result<SubjectId, PrivacyError> {
        insert_anchor(tx, self.id.as_uuid(), AnchorKind::Subject, privacy.now()).await?;
        Ok(self.id)
    }
}

/// A key of its own for one thing, which may end alone.
#[must_use = "without an anchor among the rows the key goes after an hour"]
pub struct NewKey {
    id: KeyId,
    sealer: Sealer,
}

impl NewKey {
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// Seals with this key, and with the standing ones of the subject.
    pub fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    /// Ties the key to the rows: call it in the transaction that writes what it seals.
    pub async fn anchor(self, tx: &mut Tx, privacy: &Privacy) -> Result<KeyId, PrivacyError> {
        insert_anchor(tx, self.id.as_uuid(), AnchorKind::Key, privacy.now()).await?;
        Ok(self.id)
    }
}

impl Privacy {
    /// A new subject: its key and its standing data keys are on disk when this returns.
    pub async fn create_subject(&self, kind: SubjectKind) -> Result<NewSubject, PrivacyError> {
        let (now, rng) = (self.now(), self.rng());
        let id = SubjectId::random(rng);
        let secret = Secret::random(rng);
        let root = self.inner.roots.current();
        let wrapped = Wrapped::wrap(WrappedKind::Subject, id.as_uuid(), &secret, (root.id, &root.secret), rng);
        let row = subject::Model { id, kind, life: Life::Living, root_id: root.id, wrapped, created_at: now };
        let standing = CategoryName::ALL
            .iter()
            .filter(|category| category.class() == KeyClass::Standing)
            .map(|category| self.new_data_key(id, &secret, *category, Some(0)));
        let mut tx = self.inner.keystore.begin().await?;
        store::insert_subject(&mut tx, row).await?;
        store::insert_keys(&mut tx, standing.collect()).await?;
        tx.commit().await?;
        self.crash_point("privacy.subject.after-keys")?;
        Ok(NewSubject { id })
    }

    /// What a subject is; `None` when it is being erased or gone.
    pub async fn subject_kind(&self, subject: SubjectId) -> Result<Option<SubjectKind>, PrivacyError> {
        Ok(self.keyring(subject).await?.map(|ring| ring.kind))
    }

    /// The right to seal under a subject's standing keys.
    ///
    /// # Errors
    /// [`PrivacyError::NotLiving`] when it is being erased or gone.
    pub async fn sealer(&self, subject: SubjectId) -> Result<Sealer, PrivacyError> {
        let ring = self.keyring(subject).await?.ok_or(PrivacyError::NotLiving)?;
        Ok(self.sealer_of(&ring))
    }

    /// As [`Privacy::sealer`], with this month's key for what was observed.
    pub async fn month_sealer(&self, subject: SubjectId) -> Result<Sealer, PrivacyError> {
        let period = month(self.now());
        let category = CategoryName::Behaviour;
        let ring = self.keyring(subject).await?.ok_or(PrivacyError::NotLiving)?;
        if ring.keys.iter().any(|key| key.category == category && key.period == Some(period)) {
            return Ok(self.sealer_of(&ring));
        }
        self.insert_data_key(&ring, category, Some(period)).await?;
        self.inner.ring.forget(subject);
        self.sealer(subject).await
    }

    /// A key of its own, on disk when this returns.
    pub async fn create_key<C: Category>(&self, subject: SubjectId) -> Result<NewKey, PrivacyError> {
        let ring = self.keyring(subject).await?.ok_or(PrivacyError::NotLiving)?;
        let row = self.insert_data_key(&ring, C::NAME, None).await?;
        let key = unwrap_data_key(&row, &ring.secret)?;
        let mut sealer = self.sealer_of(&ring);
        sealer.keys.push(Arc::new(key));
        Ok(NewKey { id: row.id, sealer })
    }

    /// The right to seal more under a key of its own that exists already.
    pub async fn key_sealer(&self, key: KeyId) -> Result<Sealer, PrivacyError> {
        let read = self.inner.keystore.read().await?;
        let row = store::keys_by_id(&read, [key]).await?.pop().ok_or(PrivacyError::NotLiving)?;
        drop(read);
        let ring = self.keyring(row.subject_id).await?.ok_or(PrivacyError::NotLiving)?;
        let mut sealer = self.sealer_of(&ring);
        sealer.keys.push(Arc::new(unwrap_data_key(&row, &ring.secret)?));
        Ok(sealer)
    }

    /// A new stand-in for a subject, to be written into rows that others share.
    pub async fn create_member(&self, subject: SubjectId) -> Result<MemberId, PrivacyError> {
        let ring = self.keyring(subject).await?.ok_or(PrivacyError::NotLiving)?;
        let id = MemberId::random(self.rng());
        let root = self.inner.roots.current();
        let row = member::Model {
            id,
            root_id: root.id,
            whose: self.reference(id.as_uuid(), subject, &root),
            owner_tag: owner_tag(&ring.secret),
        };
        let mut tx = self.inner.keystore.begin().await?;
        if !is_living(&tx, subject).await? {
            return Err(PrivacyError::NotLiving);
        }
        store::insert_member(&mut tx, row).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// The stand-ins of a subject; empty when it is being erased or gone.
    pub async fn members_of(&self, subject: SubjectId) -> Result<Vec<MemberId>, PrivacyError> {
        let Some(ring) = self.keyring(subject).await? else { return Ok(Vec::new()) };
        let read = self.inner.keystore.read().await?;
        Ok(store::members_of(&read, &owner_tag(&ring.secret)).await?)
    }

    /// Whose stand-in this is, for a job that ends somebody by the clock; `None` when they were erased.
    pub async fn subject_of(&self, member: MemberId) -> Result<Option<SubjectId>, PrivacyError> {
        Ok(self.subjects_of_members(&[member]).await?.remove(&member))
    }

    /// Whose stand-ins these are. A missing one belongs to somebody who was erased.
    pub(crate) async fn subjects_of_members(
        &self,
        members: &[MemberId],
    ) -> Result<HashMap<MemberId, SubjectId>, PrivacyError> {
        let mut found = HashMap::with_capacity(members.len());
        let mut missing = Vec::new();
        for member in members {
            match self.inner.ring.member(*member) {
                Some(subject) => {
                    found.insert(*member, subject);
                }
                None => missing.push(*member),
            }
        }
        if missing.is_empty() {
            return Ok(found);
        }
        let read = self.inner.keystore.read().await?;
        for row in store::find_members(&read, missing).await? {
            let subject = self.dereference(row.id.as_uuid(), &row.whose)?;
            self.inner.ring.keep_member(row.id, subject);
            found.insert(row.id, subject);
        }
        Ok(found)
    }

    /// The unwrapped keys of a living subject.
    pub(crate) async fn keyring(&self, subject: SubjectId) -> Result<Option<Arc<Keyring>>, PrivacyError> {
        Ok(self.keyrings(&[subject]).await?.remove(&subject))
    }

    /// The unwrapped keys of those who are living, from memory or by one look into the keystore for all.
    pub(crate) async fn keyrings(
        &self,
        subjects: &[SubjectId],
    ) -> Result<HashMap<SubjectId, Arc<Keyring>>, PrivacyError> {
        let mut found = HashMap::with_capacity(subjects.len());
        let mut missing = Vec::new();
        for subject in subjects {
            if self.inner.ring.is_barred(*subject) {
                continue;
            }
            match self.inner.ring.get(*subject) {
                Some(ring) => {
                    found.insert(*subject, ring);
                }
                None => missing.push(*subject),
            }
        }
        if missing.is_empty() {
            return Ok(found);
        }
        let version = self.inner.ring.version();
        let read = self.inner.keystore.read().await?;
        let rows = store::find_subjects(&read, missing).await?;
        let living: Vec<_> = rows.into_iter().filter(|row| row.life == Life::Living).collect();
        let mut keys: HashMap<SubjectId, Vec<key::Model>> = HashMap::new();
        for row in store::shared_keys(&read, living.iter().map(|row| row.id)).await? {
            keys.entry(row.subject_id).or_default().push(row);
        }
        drop(read);
        for row in living {
            let ring = Arc::new(self.unwrap_ring(&row, keys.remove(&row.id).unwrap_or_default())?);
            self.inner.ring.keep(ring.clone(), version);
            found.insert(row.id, ring);
        }
        Ok(found)
    }

    fn unwrap_ring(&self, row: &subject::Model, keys: Vec<key::Model>) -> Result<Keyring, PrivacyError> {
        let secret = self.unwrap_subject(row)?;
        let keys = keys.iter().map(|key| unwrap_data_key(key, &secret).map(Arc::new)).collect::<Result<Vec<_>, _>>()?;
        Ok(Keyring { subject: row.id, kind: row.kind, secret, keys })
    }

    pub(crate) fn unwrap_subject(&self, row: &subject::Model) -> Result<Secret, PrivacyError> {
        self.unwrap_under_root(WrappedKind::Subject, row.id.as_uuid(), &row.wrapped)
    }

    pub(crate) fn unwrap_under_root(&self, kind: WrappedKind, id: Uuid, bytes: &[u8]) -> Result<Secret, PrivacyError> {
        let wrapped = Wrapped::parse(bytes).filter(|wrapped| wrapped.kind == kind && wrapped.id == id);
        let wrapped = wrapped.ok_or(PrivacyError::Damaged("a wrapped key is in the wrong row"))?;
        let root = self.inner.roots.get(wrapped.parent).ok_or(PrivacyError::Damaged("a root is missing"))?;
        wrapped.unwrap(&root.secret).ok_or(PrivacyError::Damaged("a key does not unwrap"))
    }

    fn sealer_of(&self, ring: &Keyring) -> Sealer {
        Sealer {
            subject: ring.subject,
            keys: ring.keys.clone(),
            period: month(self.now()),
            second: None,
            ring: self.inner.ring.clone(),
            rng: self.inner.rng.clone(),
        }
    }

    fn new_data_key(
        &self,
        subject: SubjectId,
        parent: &Secret,
        category: CategoryName,
        period: Option<i64>,
    ) -> key::Model {
        let rng = self.rng();
        let id = KeyId::random(rng);
        let secret = Secret::random(rng);
        let wrapped = Wrapped::wrap(WrappedKind::Data, id.as_uuid(), &secret, (subject.as_uuid(), parent), rng);
        let class = match period {
            None => KeyClass::Single,
            Some(0) => KeyClass::Standing,
            Some(_) => KeyClass::Monthly,
        };
        key::Model { id, subject_id: subject, category, class, period, wrapped, created_at: self.now() }
    }

    /// Commits a new data key, if its subject is still living then.
    async fn insert_data_key(
        &self,
        ring: &Keyring,
        category: CategoryName,
        period: Option<i64>,
    ) -> Result<key::Model, PrivacyError> {
        let row = self.new_data_key(ring.subject, &ring.secret, category, period);
        let mut tx = self.inner.keystore.begin().await?;
        if !is_living(&tx, ring.subject).await? {
            return Err(PrivacyError::NotLiving);
        }
        store::insert_keys(&mut tx, vec![row.clone()]).await?;
        tx.commit().await?;
        Ok(row)
    }

    /// A subject's id under the root.
    pub(crate) fn reference(&self, id: Uuid, subject: SubjectId, root: &Root) -> Vec<u8> {
        let mut bytes = zeroize::Zeroizing::new([0; 32]);
        bytes[..16].copy_from_slice(subject.as_bytes());
        let secret = Secret::from_slice(&*bytes).expect("32 bytes are a secret");
        Wrapped::wrap(WrappedKind::Reference, id, &secret, (root.id, &root.secret), self.rng())
    }

    pub(crate) fn dereference(&self, id: Uuid, bytes: &[u8]) -> Result<SubjectId, PrivacyError> {
        let secret = self.unwrap_under_root(WrappedKind::Reference, id, bytes)?;
        let (id, _) = secret.bytes().split_first_chunk::<16>().expect("32 bytes begin with 16");
        Ok(SubjectId::from_uuid(Uuid::from_bytes(*id)))
    }

    pub(crate) fn random_uuid(&self) -> Uuid {
        random_uuid(self.rng())
    }
}

/// Whether a subject may get keys; holds its row until the transaction ends.
pub(crate) async fn is_living(tx: &Tx, subject: SubjectId) -> Result<bool, PrivacyError> {
    Ok(store::lock_subject(tx, subject).await?.is_some_and(|row| row.life == Life::Living))
}

pub(crate) async fn find_keys(read: &Read, ids: Vec<KeyId>) -> Result<Vec<key::Model>, PrivacyError> {
    Ok(store::keys_by_id(read, ids).await?)
}

pub(crate) fn unwrap_data_key(row: &key::Model, parent: &Secret) -> Result<DataKey, PrivacyError> {
    let wrapped = Wrapped::parse(&row.wrapped).filter(|wrapped| {
        wrapped.kind == WrappedKind::Data
            && wrapped.id == row.id.as_uuid()
            && wrapped.parent == row.subject_id.as_uuid()
    });
    let wrapped = wrapped.ok_or(PrivacyError::Damaged("a data key is in the wrong row"))?;
    let secret = wrapped.unwrap(parent).ok_or(PrivacyError::Damaged("a data key does not unwrap"))?;
    Ok(DataKey {
        id: row.id,
        subject: row.subject_id,
        category: row.category,
        class: row.class,
        period: row.period,
        secret,
    })
}

/// What finds a subject's stand-ins and identifiers, and means nothing without its key.
pub(crate) fn owner_tag(subject_key: &Secret) -> Vec<u8> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(subject_key.bytes()).expect("any length is a MAC key");
    mac.update(b"kloud owner tag");
    mac.finalize().into_bytes()[..16].to_vec()
}
