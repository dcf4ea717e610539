//! The end of a person, a guest or a single key, as a machine that goes only forward.
//!
//! `Requested → (Waiting ≤ 72 h, may be taken back) → Frozen → KeysGone → Swept → Told → Certified`.
//!
//! Each state is a committed row and each step may run twice. The keystore's state comes first: from *closing* on
//! nothing opens and no key is made, whatever the rows say. *KeysGone* means: gone from the keystore in one transaction,
//! in the ledger of endings on disk, and cut from the keystore's log. Sweeping follows the ledger.
//!
//! On PostgreSQL a deleted key is a dead tuple until the server cleans up, so there *gone* is logical until the root of
//! that day dies; the certificate says so.

mod certificate;
mod ending;
mod machine;
pub(crate) mod store;

pub use certificate::{Certificate, CertificateBody, verify_certificate};
pub use machine::AdvanceErasure;

use data_encoding::BASE64URL_NOPAD;
use kloud_base::{DAY, HOUR, Millis, Timestamp, random_bytes, text_enum, typed_id};
use kloud_store::Tx;
use sha2::{Digest, Sha256};

use crate::error::PrivacyError;
use crate::keys::store as keystore;
use crate::privacy::Privacy;
use crate::subject::{KeyId, SubjectId};

typed_id!(
    /// One erasure. Random.
    ErasureId,
    "ers"
);

text_enum! {
    /// How far an erasure is.
    pub enum ErasureState {
        Requested = "requested",
        Waiting = "waiting",
        Frozen = "frozen",
        KeysGone = "keys_gone",
        Swept = "swept",
        Told = "told",
        Certified = "certified",
        TakenBack = "taken_back",
    }
}

/// How long a doubtful request waits, so that the person can take it back.
pub const WAIT: Millis = 72 * HOUR;
/// How long a certificate can be fetched.
pub const CERTIFICATE_KEPT: Millis = 30 * DAY;
/// A session younger than this is not sure to be the person's.
pub(crate) const YOUNG_SESSION: Millis = DAY;
/// A credential changed within this time may have been changed by another.
pub(crate) const FRESH_CREDENTIAL: Millis = 7 * DAY;

/// A person asks to be erased.
#[derive(Clone, Copy, Debug)]
pub struct EraseRequest {
    pub subject: SubjectId,
    /// When the asking session began; `None` for a guest, who has nothing else.
    pub session_started_at: Option<Timestamp>,
    /// When a password or another credential was last changed.
    pub credentials_changed_at: Option<Timestamp>,
}

/// What the person gets at the request.
#[derive(Clone, Debug)]
pub struct ErasureTicket {
    pub id: ErasureId,
    /// The secret of the link under which progress and certificate are shown. Only its hash is kept.
    pub token: String,
    /// When it goes on; later than now while it can be taken back.
    pub due_at: Timestamp,
}

/// What the link shows.
#[derive(Clone, Debug)]
pub struct ErasureStatus {
    pub state: ErasureState,
    pub requested_at: Timestamp,
    pub due_at: Timestamp,
    pub certificate: Option<Certificate>,
}

impl Privacy {
    /// Asks for the erasure of a person; the machine runs as a job.
    ///
    /// # Errors
    /// [`PrivacyError::NotNow`] when one is under way already.
    pub async fn request_erasure(&self, tx: &mut Tx, request: &EraseRequest) -> Result<ErasureTicket, PrivacyError> {
        let now = self.now();
        let open = store::of_subject(tx, request.subject).await?;
        if open.iter().any(|row| row.state != ErasureState::TakenBack) {
            return Err(PrivacyError::NotNow("an erasure is under way"));
        }
        let (state, due_at) = match self.erasure_waits_until(request) {
            Some(at) => (ErasureState::Waiting, at),
            None => (ErasureState::Requested, now),
        };
        self.insert_erasure(tx, Some(request.subject), None, state, due_at).await
    }

    /// Ends one key of its own (a file, a track, a share) by the same machine.
    pub async fn request_key_erasure(&self, tx: &mut Tx, key: KeyId) -> Result<ErasureTicket, PrivacyError> {
        if store::of_key(tx, key).await?.is_some() {
            return Err(PrivacyError::NotNow("an erasure is under way"));
        }
        self.insert_erasure(tx, None, Some(key), ErasureState::Requested, self.now()).await
    }

    async fn insert_erasure(
        &self,
        tx: &mut Tx,
        subject_id: Option<SubjectId>,
        key_id: Option<KeyId>,
        state: ErasureState,
        due_at: Timestamp,
    ) -> Result<ErasureTicket, PrivacyError> {
        let now = self.now();
        let id = ErasureId::random(self.rng());
        let token = BASE64URL_NOPAD.encode(&random_bytes::<32>(self.rng()));
        let row = store::erasure::Model {
            id,
            subject_id,
            key_id,
            state,
            requested_at: now,
            due_at,
            token_hash: token_hash(&token),
            keys_gone_at: None,
            backups_gone_at: None,
            categories: None,
            certificate: None,
            expires_at: None,
        };
        store::insert(tx, row).await?;
        tx.enqueue(&AdvanceErasure { erasure: id }, due_at, now, self.rng()).await?;
        Ok(ErasureTicket { id, token, due_at })
    }

    /// Takes a request back that still waits.
    ///
    /// # Errors
    /// [`PrivacyError::NotNow`] from *Frozen* on, even when only the keystore knows of it yet.
    pub async fn take_back_erasure(&self, tx: &mut Tx, id: ErasureId) -> Result<(), PrivacyError> {
        let row = store::lock(tx, id).await?.ok_or(PrivacyError::NotNow("no such erasure"))?;
        if !matches!(row.state, ErasureState::Requested | ErasureState::Waiting) {
            return Err(PrivacyError::NotNow("it has begun"));
        }
        if let Some(subject) = row.subject_id {
            let read = self.inner.keystore.read().await?;
            let living = keystore::find_subject(&read, subject).await?;
            if living.is_none_or(|row| row.life != crate::subject::Life::Living) || self.is_barred(subject) {
                return Err(PrivacyError::NotNow("it has begun"));
            }
        }
        let expires_at = Some(self.now() + CERTIFICATE_KEPT);
        store::update(tx, store::erasure::Model { state: ErasureState::TakenBack, expires_at, ..row }).await?;
        Ok(())
    }

    /// The erasure of a subject that is under way, if any.
    pub async fn erasure_of(&self, subject: SubjectId) -> Result<Option<(ErasureId, ErasureState)>, PrivacyError> {
        let read = self.inner.rows.read().await?;
        let rows = store::of_subject(&read, subject).await?;
        Ok(rows.into_iter().find(|row| row.state != ErasureState::TakenBack).map(|row| (row.id, row.state)))
    }

    /// What the link with this token shows; `None` when there is none, or its 30 days are over.
    pub async fn erasure_status(&self, token: &str) -> Result<Option<ErasureStatus>, PrivacyError> {
        let read = self.inner.rows.read().await?;
        let row = store::find_by_token(&read, &token_hash(token)).await?;
        let row = row.filter(|row| row.expires_at.is_none_or(|at| at > self.now()));
        row.map(|row| {
            let certificate = row.certificate.as_deref().map(serde_json::from_str).transpose();
            Ok(ErasureStatus {
                state: row.state,
                requested_at: row.requested_at,
                due_at: row.due_at,
                certificate: certificate.map_err(|_| PrivacyError::Damaged("a certificate is unreadable"))?,
            })
        })
        .transpose()
    }

    /// Whether nothing of this subject opens any more.
    pub fn is_barred(&self, subject: SubjectId) -> bool {
        self.inner.ring.is_barred(subject)
    }
}

pub(crate) fn token_hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}
