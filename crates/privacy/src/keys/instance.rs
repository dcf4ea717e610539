//! The keys of the instance itself: three for blind indexes, one for signatures. Random, wrapped under the root, made at
//! the first start.

use ed25519_dalek::SigningKey;
use kloud_base::Rng;
use kloud_store::Store;

use super::roots::Roots;
use super::store::{self, instance_key};
use super::{Secret, Wrapped, WrappedKind};
use crate::error::PrivacyError;
use crate::identifier::Index;

const SIGNING: &str = "signing";

pub(crate) struct Instance {
    sign_in: Secret,
    contact_match: Secret,
    suppression: Secret,
    signing: SigningKey,
}

impl Instance {
    pub(crate) async fn open(keystore: &Store, roots: &Roots, rng: &dyn Rng) -> Result<Self, PrivacyError> {
        let signing = load(keystore, roots, SIGNING, rng).await?;
        Ok(Self {
            sign_in: load(keystore, roots, Index::SignIn.as_str(), rng).await?,
            contact_match: load(keystore, roots, Index::ContactMatch.as_str(), rng).await?,
            suppression: load(keystore, roots, Index::Suppression.as_str(), rng).await?,
            signing: SigningKey::from_bytes(signing.bytes()),
        })
    }

    pub(crate) fn index_key(&self, index: Index) -> &Secret {
        match index {
            Index::SignIn => &self.sign_in,
            Index::ContactMatch => &self.contact_match,
            Index::Suppression => &self.suppression,
        }
    }

    pub(crate) fn signing(&self) -> &SigningKey {
        &self.signing
    }
}

async fn load(keystore: &Store, roots: &Roots, name: &'static str, rng: &dyn Rng) -> Result<Secret, PrivacyError> {
    let read = keystore.read().await?;
    let found = store::instance_key(&read, name).await?;
    drop(read);
    let row = match found {
        Some(row) => row,
        None => {
            let root = roots.current();
            let secret = Secret::random(rng);
            let wrapped =
                Wrapped::wrap(WrappedKind::Instance, instance_id(name), &secret, (root.id, &root.secret), rng);
            let mut tx = keystore.begin().await?;
            let row = instance_key::Model { name: name.to_owned(), root_id: root.id, wrapped };
            store::insert_instance_key(&mut tx, row).await?;
            let row = store::instance_key(&tx, name).await?;
            tx.commit().await?;
            row.ok_or(PrivacyError::Damaged("an instance key vanished"))?
        }
    };
    let wrapped = Wrapped::parse(&row.wrapped)
        .filter(|wrapped| wrapped.kind == WrappedKind::Instance && wrapped.id == instance_id(name))
        .ok_or(PrivacyError::Damaged("an instance key is in the wrong row"))?;
    let root = roots.get(wrapped.parent).ok_or(PrivacyError::Damaged("a root is missing"))?;
    wrapped.unwrap(&root.secret).ok_or(PrivacyError::Damaged("an instance key does not unwrap"))
}

/// The id in the wrapped form: the name's first bytes, so that two keys cannot be swapped.
pub(crate) fn instance_id(name: &str) -> uuid::Uuid {
    let mut bytes = [0; 16];
    let length = name.len().min(16);
    bytes[..length].copy_from_slice(&name.as_bytes()[..length]);
    uuid::Uuid::from_bytes(bytes)
}
