//! The drill's attack: every key that can still be reached, tried on every envelope.
//!
//! Reachable is what is in the keystore's rows, in the raw bytes of its files with their log and free pages, what the
//! living roots unwrap of it, and what this process holds in memory. The attacker is given everything but the keys:
//! place, subject and category of each envelope.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::category::CategoryName;
use crate::envelope::{Envelope, Lock, Place};
use crate::error::PrivacyError;
use crate::keys::{Secret, Wrapped, WrappedKind};
use crate::place::RowKey;
use crate::privacy::Privacy;
use crate::subject::{KeyId, SubjectId};

/// An envelope and what its place is. Made by [`crate::PersonalRow::envelopes`].
#[derive(Clone, Debug)]
pub struct Target {
    pub label: &'static str,
    pub row: RowKey,
    pub category: CategoryName,
    pub bytes: Vec<u8>,
}

impl Target {
    /// The keys that the envelope names.
    pub fn keys(&self) -> Vec<KeyId> {
        Envelope::parse(&self.bytes).map(|envelope| envelope.keys().to_vec()).unwrap_or_default()
    }
}

/// All keys that were found.
pub struct Attack {
    secrets: Vec<Secret>,
}

impl Privacy {
    /// Collects every key that can be reached from the keystore, from these raw files and from memory.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub async fn attack(&self, files: &[PathBuf]) -> Result<Attack, PrivacyError> {
        let mut raw = Vec::new();
        for file in files {
            let bytes = std::fs::read(file)
                .map_err(|source| kloud_store::StoreError::Io { path: file.display().to_string(), source })?;
            raw.push(bytes);
        }
        let read = self.inner.keystore.read().await?;
        for (table, column) in
            [("subjects", "wrapped"), ("keys", "wrapped"), ("instance_keys", "wrapped"), ("members", "whose")]
        {
            raw.extend(super::store::blobs(&read, table, column).await?);
        }
        drop(read);
        // A key stands in its row, in the file of the row and often in the log: trying it once is enough.
        let wrapped: BTreeMap<&[u8], Wrapped<'_>> =
            raw.iter().flat_map(|bytes| Wrapped::scan(bytes)).map(|one| (one.ciphertext(), one)).collect();
        let mut secrets: Vec<Secret> = self
            .inner
            .roots
            .all()
            .iter()
            .map(|root| root.secret.duplicate())
            .chain(self.inner.ring.reachable())
            .collect();
        // Roots open subject keys, subject keys open data keys: twice round reaches all.
        for _ in 0..2 {
            let mut found: Vec<Secret> = Vec::new();
            for one in wrapped.values().filter(|one| one.kind != WrappedKind::Reference) {
                found.extend(secrets.iter().filter_map(|secret| one.unwrap(secret)));
            }
            secrets.extend(found);
            secrets.sort_unstable_by(|a, b| a.bytes().cmp(b.bytes()));
            secrets.dedup_by(|a, b| a.bytes() == b.bytes());
        }
        Ok(Attack { secrets })
    }
}

impl Attack {
    /// How many keys were found.
    pub fn keys(&self) -> usize {
        self.secrets.len()
    }

    /// Whether any key, or any two, opens this envelope of this subject.
    pub fn opens(&self, target: &Target, subject: SubjectId) -> bool {
        let Some(envelope) = Envelope::parse(&target.bytes) else { return false };
        let place = Place { label: target.label, row: target.row.bytes() };
        let opens = |lock| envelope.open(lock, place, subject, target.category).is_some();
        match *envelope.keys() {
            [id] => self.secrets.iter().any(|secret| opens(Lock::One((id, secret)))),
            [first, second] => self
                .secrets
                .iter()
                .any(|one| self.secrets.iter().any(|other| opens(Lock::Both((first, one), (second, other))))),
            _ => false,
        }
    }
}
