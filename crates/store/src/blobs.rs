//! Blobs: sealed bytes under random names, in a folder today, in S3 by configuration.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use kloud_base::typed_id;
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStore, ObjectStoreExt};

use crate::StoreError;

typed_id!(
    /// A blob's name is random: it says nothing of what is in it or whose it is.
    BlobName,
    "blob"
);

/// Where blobs live. Cheap to clone. A prefix is a declared kind of blob, such as `exports`.
#[derive(Clone, Debug)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
}

impl Blobs {
    /// Blobs in a folder, which is made when it is not there.
    pub fn local(folder: &Path) -> Result<Self, StoreError> {
        let io = |source| StoreError::Io { path: folder.display().to_string(), source };
        std::fs::create_dir_all(folder).map_err(io)?;
        let store = LocalFileSystem::new_with_prefix(folder)?.with_automatic_cleanup(true).with_fsync(true);
        Ok(Self { store: Arc::new(store) })
    }

    /// Writes a whole blob; it is durable when this returns.
    pub async fn put(&self, prefix: &'static str, name: BlobName, bytes: Bytes) -> Result<(), StoreError> {
        self.store.put(&path(prefix, name), bytes.into()).await?;
        Ok(())
    }

    /// Reads a whole blob; `None` when it is not there.
    pub async fn get(&self, prefix: &'static str, name: BlobName) -> Result<Option<Bytes>, StoreError> {
        match self.store.get(&path(prefix, name)).await {
            Ok(found) => Ok(Some(found.bytes().await?)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Deletes a blob; one that is not there is no error.
    pub async fn delete(&self, prefix: &'static str, name: BlobName) -> Result<(), StoreError> {
        match self.store.delete(&path(prefix, name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The prefixes in use, for the inventory.
    pub async fn prefixes(&self) -> Result<Vec<String>, StoreError> {
        let listed = self.store.list_with_delimiter(None).await?;
        Ok(listed.common_prefixes.iter().map(ToString::to_string).collect())
    }
}

fn path(prefix: &'static str, name: BlobName) -> ObjectPath {
    ObjectPath::from_iter([prefix, &name.to_string()])
}
