//! Blind indexes: who has this address, without keeping the address where it can be read.
//!
//! A token is an HMAC-SHA256 under a random key of the index, so equal addresses are found and nothing else is learnt by
//! who has no key. The protocol spans two databases: the identifier is *reserved* in the keystore with an expiry, the
//! rows are committed with the reservation's anchor, then it is *confirmed*. A crash between the two is repaired by the
//! anchor (see [`crate::reconcile`]).

use hmac::{Hmac, KeyInit, Mac};
use kloud_base::{Millis, text_enum};
use kloud_store::Tx;
use sha2::Sha256;
use uuid::Uuid;

use crate::error::PrivacyError;
use crate::keys::store::{self, IdentifierState, identifier};
use crate::people::{is_living, owner_tag};
use crate::privacy::Privacy;
use crate::reconcile::{AnchorKind, insert_anchor};
use crate::subject::SubjectId;

text_enum! {
    /// Which question an index answers. Each has a key of its own, so that one cannot be joined with another.
    pub enum Index {
        /// Whose sign-in name is this?
        SignIn = "sign_in",
        /// Which person outside is this address?
        ContactMatch = "contact_match",
        /// Did this address ask never to be written to?
        Suppression = "suppression",
    }
}

/// An identifier that nobody else can take until it expires.
#[must_use = "a reservation that is not confirmed expires"]
#[derive(Debug)]
pub struct Reservation {
    id: Uuid,
}

impl Reservation {
    /// Ties the reservation to the rows: call it in the transaction that makes the identifier the person's.
    pub async fn anchor(&self, tx: &mut Tx, privacy: &Privacy) -> Result<(), PrivacyError> {
        Ok(insert_anchor(tx, self.id, AnchorKind::Identifier, privacy.now()).await?)
    }
}

impl Privacy {
    /// Reserves an identifier for `ttl`. The text is compared without case and surrounding blanks.
    ///
    /// # Errors
    /// [`PrivacyError::Taken`] when it is somebody's or reserved.
    pub async fn reserve_identifier(
        &self,
        index: Index,
        text: &str,
        subject: SubjectId,
        ttl: Millis,
    ) -> Result<Reservation, PrivacyError> {
        let ring = self.keyring(subject).await?.ok_or(PrivacyError::NotLiving)?;
        let id = self.random_uuid();
        let root = self.inner.roots.current();
        let row = identifier::Model {
            id,
            index_name: index.as_str().to_owned(),
            token: self.token(index, text),
            state: IdentifierState::Reserved,
            root_id: root.id,
            whose: self.reference(id, subject, &root),
            owner_tag: owner_tag(&ring.secret),
            expires_at: Some(self.now() + ttl),
        };
        let mut tx = self.inner.keystore.begin().await?;
        if !is_living(&tx, subject).await? {
            return Err(PrivacyError::NotLiving);
        }
        if !store::insert_identifier(&mut tx, row, self.now()).await? {
            return Err(PrivacyError::Taken);
        }
        tx.commit().await?;
        self.crash_point("privacy.identifier.after-reserve")?;
        Ok(Reservation { id })
    }

    /// Makes a reservation final, after its anchor was committed.
    pub async fn confirm_identifier(&self, reservation: Reservation) -> Result<(), PrivacyError> {
        let mut tx = self.inner.keystore.begin().await?;
        if !store::confirm_identifier(&mut tx, reservation.id).await? {
            return Err(PrivacyError::NotNow("the reservation has expired"));
        }
        tx.commit().await?;
        Ok(())
    }

    /// Whose confirmed identifier this is.
    pub async fn find_identifier(&self, index: Index, text: &str) -> Result<Option<SubjectId>, PrivacyError> {
        let read = self.inner.keystore.read().await?;
        let row = store::find_identifier(&read, index.as_str(), &self.token(index, text)).await?;
        drop(read);
        let confirmed = row.filter(|row| row.state == IdentifierState::Confirmed);
        confirmed.map(|row| self.dereference(row.id, &row.whose)).transpose()
    }

    /// Gives an identifier back, such as an old address; whether it was this subject's.
    pub async fn release_identifier(&self, index: Index, text: &str, subject: SubjectId) -> Result<bool, PrivacyError> {
        let mut tx = self.inner.keystore.begin().await?;
        let Some(row) = store::find_identifier(&tx, index.as_str(), &self.token(index, text)).await? else {
            return Ok(false);
        };
        if self.dereference(row.id, &row.whose)? != subject {
            return Ok(false);
        }
        store::delete_identifier(&mut tx, row.id).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Never write to this address again. Kept as a token that leads to nobody, so it outlives every erasure.
    pub async fn suppress(&self, text: &str) -> Result<(), PrivacyError> {
        let id = self.random_uuid();
        let root = self.inner.roots.current();
        let row = identifier::Model {
            id,
            index_name: Index::Suppression.as_str().to_owned(),
            token: self.token(Index::Suppression, text),
            state: IdentifierState::Confirmed,
            root_id: root.id,
            whose: self.reference(id, SubjectId::from_uuid(Uuid::nil()), &root),
            owner_tag: Vec::new(),
            expires_at: None,
        };
        let mut tx = self.inner.keystore.begin().await?;
        store::insert_identifier(&mut tx, row, self.now()).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Whether this address asked never to be written to.
    pub async fn is_suppressed(&self, text: &str) -> Result<bool, PrivacyError> {
        let read = self.inner.keystore.read().await?;
        let token = self.token(Index::Suppression, text);
        Ok(store::find_identifier(&read, Index::Suppression.as_str(), &token).await?.is_some())
    }

    fn token(&self, index: Index, text: &str) -> Vec<u8> {
        let text = zeroize::Zeroizing::new(text.trim().to_lowercase());
        let key = self.inner.instance.index_key(index);
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key.bytes()).expect("any length is a MAC key");
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().to_vec()
    }
}
