//! One process for each data folder.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek, SeekFrom, Write};
use std::path::Path;

use fs4::fs_std::FileExt;

use crate::StoreError;

/// Held as long as the process serves this folder; the operating system lets go of it when the process dies.
#[derive(Debug)]
pub struct DataLock {
    _file: File,
}

impl DataLock {
    /// Takes the lock of a folder.
    ///
    /// # Errors
    /// [`StoreError::InUse`] names the process that holds it.
    pub fn take(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join("lock");
        let io = |source| StoreError::Io { path: path.display().to_string(), source };
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(io)?;
        if !FileExt::try_lock_exclusive(&file).map_err(io)? {
            let mut holder = String::new();
            file.read_to_string(&mut holder).map_err(io)?;
            return Err(StoreError::InUse { holder: format!("process {}", holder.trim()) });
        }
        file.set_len(0).map_err(io)?;
        file.seek(SeekFrom::Start(0)).map_err(io)?;
        writeln!(file, "{}", std::process::id()).map_err(io)?;
        Ok(Self { _file: file })
    }
}
