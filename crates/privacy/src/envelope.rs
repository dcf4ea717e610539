//! The bytes in a sealed column.
//!
//! ```text
//! magic "\xA7KE"  version 1  algorithm     key id(s)   nonce  ciphertext and tag(s)
//! 3 bytes         1 byte     1: one key    16 each     24
//!                            2: two keys
//! ```
//!
//! XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03). Two keys nest: the second seals what the first sealed, so both are
//! needed. The associated data is magic, version, algorithm, label, row, subject, category and key ids, each with its
//! length, so an envelope that is moved does not open. The plaintext carries its length and is padded to 32 bytes, above
//! 1 KiB to a sixteenth, so a length tells little. The key is chosen by its id, never by trial.

use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use kloud_base::{Rng, random_bytes};
use zeroize::Zeroizing;

use crate::category::CategoryName;
use crate::keys::Secret;
use crate::subject::{KeyId, SubjectId};

const MAGIC: [u8; 3] = [0xA7, b'K', b'E'];
const VERSION: u8 = 1;
const NONCE: usize = 24;
const TAG: usize = 16;
const BLOCK: usize = 32;
const LENGTH: usize = 4;

/// The longest envelope that is read. Larger things are files, which have frames.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;

/// Where an envelope belongs. Both sides must say the same.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The frozen label of the column.
    pub label: &'static str,
    /// The primary key of the row.
    pub row: &'a [u8],
}

/// A well-formed envelope. Says nothing about whether it opens.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a> {
    keys: [KeyId; 2],
    count: usize,
    nonce: &'a [u8; NONCE],
    ciphertext: &'a [u8],
}

/// The key or the two keys of an envelope.
#[derive(Clone, Copy)]
pub(crate) enum Lock<'a> {
    One((KeyId, &'a Secret)),
    Both((KeyId, &'a Secret), (KeyId, &'a Secret)),
}

impl<'a> Lock<'a> {
    fn ids(&self) -> ([KeyId; 2], usize) {
        match self {
            Self::One((id, _)) => ([*id, *id], 1),
            Self::Both((first, _), (second, _)) => ([*first, *second], 2),
        }
    }

    fn secrets(&self) -> impl DoubleEndedIterator<Item = &'a Secret> {
        match self {
            Self::One((_, secret)) => [Some(*secret), None],
            Self::Both((_, first), (_, second)) => [Some(*first), Some(*second)],
        }
        .into_iter()
        .flatten()
    }
}

impl<'a> Envelope<'a> {
    /// Reads the outside of an envelope; `None` when the bytes are none.
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        if bytes.len() > MAX_BYTES {
            return None;
        }
        let rest = bytes.strip_prefix(&MAGIC)?;
        let (&[version, algorithm], rest) = rest.split_first_chunk::<2>()?;
        let count = match (version, algorithm) {
            (VERSION, 1) => 1,
            (VERSION, 2) => 2,
            (_, _) => return None,
        };
        let (first, mut rest) = rest.split_first_chunk::<16>()?;
        let mut keys = [KeyId::from_uuid(uuid::Uuid::from_bytes(*first)); 2];
        if count == 2 {
            let (second, after) = rest.split_first_chunk::<16>()?;
            keys[1] = KeyId::from_uuid(uuid::Uuid::from_bytes(*second));
            rest = after;
        }
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE>()?;
        (ciphertext.len() >= BLOCK + count * TAG).then_some(Self { keys, count, nonce, ciphertext })
    }

    /// The ids of the keys that it takes, one or two.
    pub fn keys(&self) -> &[KeyId] {
        &self.keys[..self.count]
    }

    /// The plain value; `None` when the keys, the place or the bytes are not those it was sealed with.
    pub(crate) fn open(
        &self,
        lock: Lock<'_>,
        place: Place<'_>,
        subject: SubjectId,
        category: CategoryName,
    ) -> Option<Zeroizing<Vec<u8>>> {
        let ad = associated_data(place, subject, category, self.keys());
        let mut buffer = Zeroizing::new(self.ciphertext.to_vec());
        for secret in lock.secrets().rev() {
            cipher(secret).decrypt_in_place(&XNonce::from(*self.nonce), &ad, &mut *buffer).ok()?;
        }
        unpad(&mut buffer)?;
        Some(buffer)
    }
}

/// Seals a value for its place.
pub(crate) fn seal(
    value: &[u8],
    lock: Lock<'_>,
    place: Place<'_>,
    subject: SubjectId,
    category: CategoryName,
    rng: &dyn Rng,
) -> Vec<u8> {
    let (keys, count) = lock.ids();
    let keys = &keys[..count];
    let nonce = random_bytes::<NONCE>(rng);
    let ad = associated_data(place, subject, category, keys);
    let padded = padded_len(value.len());
    // Room for the tags from the start: growing would leave a copy of the plaintext behind.
    let mut buffer = Zeroizing::new(Vec::with_capacity(padded + count * TAG));
    buffer.extend_from_slice(&u32::try_from(value.len()).expect("values are far below 4 GiB").to_le_bytes());
    buffer.extend_from_slice(value);
    buffer.resize(padded, 0);
    for secret in lock.secrets() {
        cipher(secret)
            .encrypt_in_place(&XNonce::from(nonce), &ad, &mut *buffer)
            .expect("values are far below the cipher's limit");
    }
    let mut bytes = Vec::with_capacity(MAGIC.len() + 2 + count * 16 + NONCE + buffer.len());
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&[VERSION, algorithm(count)]);
    for key in keys {
        bytes.extend_from_slice(key.as_bytes());
    }
    bytes.extend_from_slice(&nonce);
    bytes.extend_from_slice(&buffer);
    bytes
}

fn algorithm(keys: usize) -> u8 {
    if keys == 2 { 2 } else { 1 }
}

fn cipher(secret: &Secret) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(secret.bytes().into())
}

fn associated_data(place: Place<'_>, subject: SubjectId, category: CategoryName, keys: &[KeyId]) -> Vec<u8> {
    let mut ad = Vec::with_capacity(160);
    ad.extend_from_slice(&MAGIC);
    ad.extend_from_slice(&[VERSION, algorithm(keys.len())]);
    let mut put = |part: &[u8]| {
        ad.extend_from_slice(&u32::try_from(part.len()).expect("parts are short").to_le_bytes());
        ad.extend_from_slice(part);
    };
    put(place.label.as_bytes());
    put(place.row);
    put(subject.as_bytes());
    put(category.as_str().as_bytes());
    for key in keys {
        put(key.as_bytes());
    }
    ad
}

/// The length of the padded plaintext for a value of `len` bytes.
fn padded_len(len: usize) -> usize {
    let with_length = len + LENGTH;
    let step = if with_length <= 1024 { BLOCK } else { with_length.next_power_of_two() / 2 / 16 };
    with_length.next_multiple_of(step)
}

/// Cuts the buffer down to the value, in place.
fn unpad(buffer: &mut Zeroizing<Vec<u8>>) -> Option<()> {
    let length = u32::from_le_bytes(*buffer.first_chunk::<LENGTH>()?);
    let length = usize::try_from(length).ok()?;
    if length > buffer.len() - LENGTH || buffer[LENGTH + length..].iter().any(|byte| *byte != 0) {
        return None;
    }
    buffer.copy_within(LENGTH..LENGTH + length, 0);
    let rest = &mut buffer[length..];
    zeroize::Zeroize::zeroize(rest);
    buffer.truncate(length);
    Some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
    use uuid::Uuid;

    use super::*;

    struct Counting(std::sync::atomic::AtomicU64);

    impl Rng for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            for byte in bytes {
                let next = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed).wrapping_add(1);
                let mixed = (next ^ (next >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                *byte = (mixed >> 56) as u8 ^ (mixed >> 24) as u8;
            }
        }
    }

    fn rng(seed: u64) -> Counting {
        Counting(std::sync::atomic::AtomicU64::new(seed))
    }

    fn subject(n: u128) -> SubjectId {
        SubjectId::from_uuid(Uuid::from_u128(n))
    }

    fn key(n: u128) -> (KeyId, Secret) {
        (KeyId::from_uuid(Uuid::from_u128(n)), Secret::random(&rng((n as u64) << 32)))
    }

    const PLACE: Place<'static> = Place { label: "note.body", row: b"row one" };

    #[test]
    fn a_value_opens_in_its_own_place_and_in_no_other() {
        let (id, secret) = key(1);
        let lock = Lock::One((id, &secret));
        let bytes = seal(b"hello", lock, PLACE, subject(1), CategoryName::Authored, &rng(7));
        let envelope = Envelope::parse(&bytes).unwrap();
        assert_eq!(envelope.keys(), [id]);
        let open = |place, who, category| envelope.open(lock, place, who, category).map(|v| v.to_vec());
        assert_eq!(open(PLACE, subject(1), CategoryName::Authored).unwrap(), b"hello");
        assert!(open(Place { label: "note.title", ..PLACE }, subject(1), CategoryName::Authored).is_none());
        assert!(open(Place { row: b"row two", ..PLACE }, subject(1), CategoryName::Authored).is_none());
        assert!(open(PLACE, subject(2), CategoryName::Authored).is_none());
        assert!(open(PLACE, subject(1), CategoryName::Identity).is_none());
        let (other_id, other) = key(2);
        let wrong = Lock::One((other_id, &other));
        assert!(envelope.open(wrong, PLACE, subject(1), CategoryName::Authored).is_none());
    }

    #[test]
    fn two_keys_are_both_needed() {
        let (first, second) = (key(1), key(2));
        let (a, b) = ((first.0, &first.1), (second.0, &second.1));
        let bytes = seal(b"hello", Lock::Both(a, b), PLACE, subject(1), CategoryName::Employer, &rng(7));
        let envelope = Envelope::parse(&bytes).unwrap();
        assert_eq!(envelope.keys(), [first.0, second.0]);
        let open = |lock| envelope.open(lock, PLACE, subject(1), CategoryName::Employer).map(|v| v.to_vec());
        assert_eq!(open(Lock::Both(a, b)).unwrap(), b"hello");
        assert!(open(Lock::One(a)).is_none());
        assert!(open(Lock::One(b)).is_none());
        assert!(open(Lock::Both(b, a)).is_none());
    }

    #[test]
    fn ten_thousand_mutations_neither_panic_nor_open() {
        let (id, secret) = key(1);
        let lock = Lock::One((id, &secret));
        let bytes = seal(b"hello", lock, PLACE, subject(1), CategoryName::Authored, &rng(7));
        let random = rng(99);
        for _ in 0..10_000 {
            let [how, at, to] = random_bytes::<3>(&random);
            let mut mutated = bytes.clone();
            let at = usize::from(at) % mutated.len();
            match how % 4 {
                0 => mutated[at] ^= to | 1,
                1 => mutated.truncate(at),
                2 => mutated.insert(at, to),
                _ => {
                    mutated.remove(at);
                }
            }
            let opened =
                Envelope::parse(&mutated).and_then(|e| e.open(lock, PLACE, subject(1), CategoryName::Authored));
            assert!(opened.is_none() || mutated == bytes);
        }
    }

    proptest! {
        #[test]
        fn any_value_comes_back(value in proptest::collection::vec(any::<u8>(), 0..5000), seed in any::<u64>()) {
            let (id, secret) = key(u128::from(seed));
            let lock = Lock::One((id, &secret));
            let bytes = seal(&value, lock, PLACE, subject(3), CategoryName::Contact, &rng(seed));
            let opened = Envelope::parse(&bytes).unwrap().open(lock, PLACE, subject(3), CategoryName::Contact).unwrap();
            prop_assert_eq!(&*opened, &value);
        }

        #[test]
        fn a_length_shows_only_its_class(len in 0_usize..100_000) {
            let padded = padded_len(len);
            prop_assert!(padded >= len + LENGTH);
            if padded <= 1024 {
                prop_assert_eq!(padded % 32, 0);
                prop_assert!(padded - len - LENGTH < 32);
            } else {
                prop_assert!((padded - len - LENGTH) * 16 <= padded);
                // At most sixteen classes between two powers of two.
                prop_assert_eq!(padded % (padded.next_power_of_two() / 2 / 16), 0);
            }
        }

        #[test]
        fn any_bytes_are_parsed_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut bytes = bytes;
            let _ = Envelope::parse(&bytes);
            bytes.splice(0..0, [0xA7, b'K', b'E', 1, 2]);
            let _ = Envelope::parse(&bytes);
        }
    }
}
