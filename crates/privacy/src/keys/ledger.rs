//! The ledger of endings, `DIR/keys/ledger`: what a restore must not revive, and what makes an absent key an erased one.
//!
//! One record of 32 bytes for each ending, appended and fsynced: what ended, its id, the day. Records are not grouped by
//! person: a reader learns which ids are dead, not which belonged together. A sweep follows this ledger, never the
//! absence of a key.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use kloud_store::StoreError;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::store::EndingKind;

const RECORD: usize = 32;
const BODY: usize = 1 + 16 + 8;

/// One ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ending {
    pub(crate) kind: EndingKind,
    pub(crate) id: Uuid,
    /// Days since the epoch.
    pub(crate) day: i64,
}

pub(crate) struct Ledger {
    path: PathBuf,
    file: Mutex<File>,
}

impl Ledger {
    /// Opens the ledger and reads it. A record that was half written when the power went is cut off: its ending is
    /// still in the keystore and comes again.
    pub(crate) fn open(folder: &Path) -> Result<(Self, Vec<Ending>), StoreError> {
        let path = folder.join("ledger");
        let endings = Self::read(folder)?;
        let open = || -> std::io::Result<File> {
            let file = OpenOptions::new().append(true).create(true).open(&path)?;
            file.set_len(u64::try_from(endings.len() * RECORD).unwrap_or(u64::MAX))?;
            file.sync_all()?;
            if let Some(folder) = path.parent() {
                File::open(folder)?.sync_all()?;
            }
            Ok(file)
        };
        let file = open().map_err(|source| io(&path, source))?;
        Ok((Self { path, file: Mutex::new(file) }, endings))
    }

    /// Reads the ledger of a folder and changes nothing.
    pub(crate) fn read(folder: &Path) -> Result<Vec<Ending>, StoreError> {
        let path = folder.join("ledger");
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(source) => return Err(io(&path, source)),
        };
        let mut endings = Vec::with_capacity(bytes.len() / RECORD);
        let (records, _torn) = bytes.as_chunks::<RECORD>();
        for (index, record) in records.iter().enumerate() {
            match parse(record) {
                Some(ending) => endings.push(ending),
                None if index + 1 == records.len() => break,
                None => {
                    let reason = format!("record {index} has a wrong checksum");
                    return Err(StoreError::Damaged { table: "keys/ledger", reason });
                }
            }
        }
        Ok(endings)
    }

    /// Appends; on disk when this returns.
    pub(crate) fn append(&self, endings: &[Ending]) -> Result<(), StoreError> {
        let mut bytes = Vec::with_capacity(endings.len() * RECORD);
        for ending in endings {
            bytes.extend_from_slice(&record(ending));
        }
        let mut file = self.file.lock().expect("no holder of this lock panics");
        file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(|source| io(&self.path, source))
    }
}

/// The ids of these endings.
pub(crate) fn ids(endings: &[Ending]) -> HashSet<Uuid> {
    endings.iter().map(|ending| ending.id).collect()
}

fn kind_byte(kind: EndingKind) -> u8 {
    match kind {
        EndingKind::Subject => 1,
        EndingKind::Key => 2,
        EndingKind::Consent => 3,
        EndingKind::Permission => 4,
        EndingKind::Objection => 5,
        EndingKind::Membership => 6,
        EndingKind::Share => 7,
    }
}

fn record(ending: &Ending) -> [u8; RECORD] {
    let mut record = [0; RECORD];
    record[0] = kind_byte(ending.kind);
    record[1..17].copy_from_slice(ending.id.as_bytes());
    record[17..BODY].copy_from_slice(&ending.day.to_le_bytes());
    let check = Sha256::digest(&record[..BODY]);
    record[BODY..].copy_from_slice(&check[..RECORD - BODY]);
    record
}

fn parse(record: &[u8; RECORD]) -> Option<Ending> {
    let check = Sha256::digest(&record[..BODY]);
    if record[BODY..] != check[..RECORD - BODY] {
        return None;
    }
    let kind = EndingKind::ALL.iter().copied().find(|kind| kind_byte(*kind) == record[0])?;
    let (id, rest) = record[1..].split_first_chunk::<16>()?;
    let day = rest.first_chunk::<8>()?;
    Some(Ending { kind, id: Uuid::from_bytes(*id), day: i64::from_le_bytes(*day) })
}

fn io(path: &Path, source: std::io::Error) -> StoreError {
    StoreError::Io { path: path.display().to_string(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ending(n: u128) -> Ending {
        Ending { kind: EndingKind::Key, id: Uuid::from_u128(n), day: 20_000 }
    }

    #[test]
    fn endings_come_back_and_a_torn_tail_is_cut() {
        let folder = tempfile::tempdir().unwrap();
        let (ledger, none) = Ledger::open(folder.path()).unwrap();
        assert!(none.is_empty());
        ledger.append(&[ending(1), ending(2)]).unwrap();
        let path = folder.path().join("ledger");
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend_from_slice(&record(&ending(3))[..10]);
        std::fs::write(&path, bytes).unwrap();
        let (ledger, read) = Ledger::open(folder.path()).unwrap();
        assert_eq!(read, [ending(1), ending(2)]);
        ledger.append(&[ending(4)]).unwrap();
        assert_eq!(Ledger::open(folder.path()).unwrap().1, [ending(1), ending(2), ending(4)]);
    }

    #[test]
    fn a_damaged_record_in_the_middle_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (ledger, _) = Ledger::open(folder.path()).unwrap();
        ledger.append(&[ending(1), ending(2)]).unwrap();
        let path = folder.path().join("ledger");
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[3] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        assert!(matches!(Ledger::open(folder.path()), Err(StoreError::Damaged { .. })));
    }
}
