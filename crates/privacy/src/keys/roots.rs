//! The root keys, in one small file outside of the keystore: `DIR/keys/roots`.
//!
//! A database keeps what it deleted in its log, its free pages and its backups. Whoever has such a copy of the keystore
//! can do nothing with it without the root of that day, and the roots are in no database: each change writes the whole
//! file anew beside the old one, puts it in its place and then overwrites the old bytes. So the end of a root is real,
//! as far as the file system writes where it is told; a copy-on-write file system or a snapshot keeps old blocks, and
//! the operator's page says so.
//!
//! The file holds the living roots and a counter that grows with every change, so that an old copy can be told.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use kloud_base::{Rng, Timestamp, random_uuid};
use kloud_store::StoreError;
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::Secret;

const MAGIC: [u8; 8] = *b"KROOTS\x01\n";
const ROOT: usize = 16 + 32 + 8 + 8 + 8;
const CHECK: usize = 32;

/// One root.
pub(crate) struct Root {
    pub(crate) id: Uuid,
    pub(crate) secret: Secret,
    pub(crate) made_at: Timestamp,
    /// When the last key under it was wrapped anew under its successor.
    pub(crate) superseded_at: Option<Timestamp>,
    /// When a backup of the keystore was last made under it.
    pub(crate) last_backup_at: Option<Timestamp>,
}

/// The living roots, oldest first; the last one is current.
pub(crate) struct Roots {
    path: PathBuf,
    state: Mutex<State>,
}

struct State {
    counter: u64,
    roots: Vec<Arc<Root>>,
}

impl Roots {
    /// Reads the roots; makes the first one when there is no file and `may_create` says that no key needs one.
    pub(crate) fn open(folder: &Path, may_create: bool, now: Timestamp, rng: &dyn Rng) -> Result<Self, StoreError> {
        std::fs::create_dir_all(folder).map_err(|source| io(folder, source))?;
        let path = folder.join("roots");
        let unfinished = unfinished(&path);
        if unfinished.exists() {
            overwrite_and_remove(&unfinished).map_err(|source| io(&unfinished, source))?;
        }
        let state = match std::fs::read(&path).map(Zeroizing::new) {
            Ok(bytes) => parse(&bytes).ok_or_else(|| damaged("checksum or shape"))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && may_create => {
                State { counter: 0, roots: Vec::new() }
            }
            Err(source) => return Err(io(&path, source)),
        };
        let roots = Self { path, state: Mutex::new(state) };
        if roots.lock().roots.is_empty() {
            roots.add(now, rng)?;
        }
        Ok(roots)
    }

    /// The root that new keys are wrapped under.
    pub(crate) fn current(&self) -> Arc<Root> {
        self.lock().roots.last().cloned().expect("opening makes the first root, and the last one is never removed")
    }

    pub(crate) fn get(&self, id: Uuid) -> Option<Arc<Root>> {
        self.lock().roots.iter().find(|root| root.id == id).cloned()
    }

    pub(crate) fn all(&self) -> Vec<Arc<Root>> {
        self.lock().roots.clone()
    }

    /// How often the file was written. A backup that remembers a higher number is newer than this file.
    pub(crate) fn counter(&self) -> u64 {
        self.lock().counter
    }

    /// Makes a new root and makes it current; on disk when this returns.
    pub(crate) fn add(&self, now: Timestamp, rng: &dyn Rng) -> Result<Arc<Root>, StoreError> {
        let root = Arc::new(Root {
            id: random_uuid(rng),
            secret: Secret::random(rng),
            made_at: now,
            superseded_at: None,
            last_backup_at: None,
        });
        let added = root.clone();
        self.change(move |roots| roots.push(root))?;
        Ok(added)
    }

    /// Notes that nothing is wrapped under these roots any more.
    pub(crate) fn supersede(&self, ids: &[Uuid], now: Timestamp) -> Result<(), StoreError> {
        self.change(|roots| {
            for root in roots.iter_mut().filter(|root| ids.contains(&root.id) && root.superseded_at.is_none()) {
                *root = Arc::new(Root { superseded_at: Some(now), ..root.duplicate() });
            }
        })
    }

    /// Notes a backup of the keystore under the current root.
    pub(crate) fn note_backup(&self, now: Timestamp) -> Result<(), StoreError> {
        self.change(|roots| {
            if let Some(root) = roots.last_mut() {
                *root = Arc::new(Root { last_backup_at: Some(now), ..root.duplicate() });
            }
        })
    }

    /// Destroys roots; the current one stays in any case.
    pub(crate) fn destroy(&self, ids: &[Uuid]) -> Result<(), StoreError> {
        let current = self.current().id;
        self.change(|roots| roots.retain(|root| root.id == current || !ids.contains(&root.id)))
    }

    /// Changes the list on disk first, then in memory.
    fn change(&self, change: impl FnOnce(&mut Vec<Arc<Root>>)) -> Result<(), StoreError> {
        let mut state = self.lock();
        let mut roots = state.roots.clone();
        change(&mut roots);
        let counter = state.counter + 1;
        write(&self.path, counter, &roots).map_err(|source| io(&self.path, source))?;
        *state = State { counter, roots };
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("no holder of this lock panics")
    }
}

impl Root {
    fn duplicate(&self) -> Self {
        Self {
            id: self.id,
            secret: self.secret.duplicate(),
            made_at: self.made_at,
            superseded_at: self.superseded_at,
            last_backup_at: self.last_backup_at,
        }
    }
}

fn parse(bytes: &[u8]) -> Option<State> {
    let (body, check) = bytes.split_last_chunk::<CHECK>()?;
    if Sha256::digest(body).as_slice() != check {
        return None;
    }
    let rest = body.strip_prefix(&MAGIC)?;
    let (counter, rest) = rest.split_first_chunk::<8>()?;
    if rest.len() % ROOT != 0 {
        return None;
    }
    let roots = rest.chunks_exact(ROOT).map(|chunk| parse_root(chunk).map(Arc::new)).collect::<Option<Vec<_>>>()?;
    Some(State { counter: u64::from_le_bytes(*counter), roots })
}

fn parse_root(chunk: &[u8]) -> Option<Root> {
    let (id, rest) = chunk.split_first_chunk::<16>()?;
    let (secret, rest) = rest.split_at_checked(32)?;
    let (made_at, rest) = rest.split_first_chunk::<8>()?;
    let (superseded_at, rest) = rest.split_first_chunk::<8>()?;
    let last_backup_at = rest.first_chunk::<8>()?;
    Some(Root {
        id: Uuid::from_bytes(*id),
        secret: Secret::from_slice(secret)?,
        made_at: Timestamp::from_millis(i64::from_le_bytes(*made_at)),
        superseded_at: time(*superseded_at),
        last_backup_at: time(*last_backup_at),
    })
}

/// Zero stands for never.
fn time(bytes: [u8; 8]) -> Option<Timestamp> {
    let millis = i64::from_le_bytes(bytes);
    (millis != 0).then(|| Timestamp::from_millis(millis))
}

fn time_bytes(at: Option<Timestamp>) -> [u8; 8] {
    at.map_or(0, Timestamp::as_millis).to_le_bytes()
}

fn write(path: &Path, counter: u64, roots: &[Arc<Root>]) -> std::io::Result<()> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAGIC.len() + 8 + roots.len() * ROOT + CHECK));
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&counter.to_le_bytes());
    for root in roots {
        bytes.extend_from_slice(root.id.as_bytes());
        bytes.extend_from_slice(root.secret.bytes());
        bytes.extend_from_slice(&root.made_at.as_millis().to_le_bytes());
        bytes.extend_from_slice(&time_bytes(root.superseded_at));
        bytes.extend_from_slice(&time_bytes(root.last_backup_at));
    }
    let check = Sha256::digest(&*bytes);
    bytes.extend_from_slice(&check);

    let new = unfinished(path);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&new)?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    // Held open across the renaming, so that its bytes can be overwritten once nobody needs them.
    let old = OpenOptions::new().read(true).write(true).open(path).ok();
    std::fs::rename(&new, path)?;
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    old.map_or(Ok(()), overwrite)
}

fn unfinished(path: &Path) -> PathBuf {
    path.with_extension("new")
}

fn overwrite(mut file: File) -> std::io::Result<()> {
    let mut left = file.metadata()?.len();
    file.seek(SeekFrom::Start(0))?;
    let zeros = [0; 4096];
    while left > 0 {
        let part = left.min(4096);
        file.write_all(&zeros[..usize::try_from(part).unwrap_or(4096)])?;
        left -= part;
    }
    file.sync_all()
}

fn overwrite_and_remove(path: &Path) -> std::io::Result<()> {
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    // Reading nothing: only the length matters.
    file.read_exact(&mut [])?;
    overwrite(file)?;
    std::fs::remove_file(path)
}

fn io(path: &Path, source: std::io::Error) -> StoreError {
    StoreError::Io { path: path.display().to_string(), source }
}

fn damaged(reason: &str) -> StoreError {
    StoreError::Damaged { table: "keys/roots", reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting(std::sync::atomic::AtomicU8);

    impl Rng for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1);
        }
    }

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    #[test]
    fn roots_survive_and_a_destroyed_one_is_in_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let rng = Counting(std::sync::atomic::AtomicU8::new(0));
        let roots = Roots::open(folder.path(), true, NOW, &rng).unwrap();
        let first = roots.current();
        let second = roots.add(NOW + 1, &rng).unwrap();
        roots.supersede(&[first.id], NOW + 2).unwrap();
        let again = Roots::open(folder.path(), false, NOW, &rng).unwrap();
        assert_eq!(again.all().len(), 2);
        assert_eq!(again.current().id, second.id);
        assert_eq!(again.get(first.id).unwrap().superseded_at, Some(NOW + 2));
        again.destroy(&[first.id, second.id]).unwrap();
        assert_eq!(again.current().id, second.id, "the current root stays");
        let bytes = std::fs::read(folder.path().join("roots")).unwrap();
        assert!(!bytes.windows(32).any(|window| window == first.secret.bytes()));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn the_old_file_is_overwritten_not_only_unlinked() {
        let folder = tempfile::tempdir().unwrap();
        let rng = Counting(std::sync::atomic::AtomicU8::new(0));
        let roots = Roots::open(folder.path(), true, NOW, &rng).unwrap();
        // A second name for the same file shows what became of its bytes.
        let kept = folder.path().join("kept");
        std::fs::hard_link(folder.path().join("roots"), &kept).unwrap();
        roots.add(NOW, &rng).unwrap();
        assert!(std::fs::read(&kept).unwrap().iter().all(|byte| *byte == 0));
    }

    #[test]
    fn missing_or_damaged_roots_are_refused_when_keys_need_them() {
        let folder = tempfile::tempdir().unwrap();
        let rng = Counting(std::sync::atomic::AtomicU8::new(0));
        assert!(Roots::open(folder.path(), false, NOW, &rng).is_err());
        drop(Roots::open(folder.path(), true, NOW, &rng).unwrap());
        let path = folder.path().join("roots");
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[20] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        assert!(matches!(Roots::open(folder.path(), true, NOW, &rng), Err(StoreError::Damaged { .. })));
    }

    #[test]
    fn a_half_written_file_is_thrown_away() {
        let folder = tempfile::tempdir().unwrap();
        let rng = Counting(std::sync::atomic::AtomicU8::new(0));
        let id = Roots::open(folder.path(), true, NOW, &rng).unwrap().current().id;
        std::fs::write(folder.path().join("roots.new"), b"half").unwrap();
        assert_eq!(Roots::open(folder.path(), false, NOW, &rng).unwrap().current().id, id);
        assert!(!folder.path().join("roots.new").exists());
    }
}
