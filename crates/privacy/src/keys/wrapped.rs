//! A key under another key, as the keystore holds it.
//!
//! ```text
//! magic "KW\xE5\x01"  kind    own id  parent id  nonce  the key and a tag
//! 4 bytes             1 byte  16      16         24     32 + 16
//! ```
//!
//! It says whose it is and what it was wrapped under, and both are authenticated: swapping two rows opens nothing. The
//! shape can be found in raw bytes, which is what the drill does to show that none is left of one who was erased.

use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use kloud_base::{Rng, random_bytes};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::Secret;

const MAGIC: [u8; 4] = [b'K', b'W', 0xE5, 1];
const HEADER: usize = 4 + 1 + 16 + 16;
const NONCE: usize = 24;
/// The length of every wrapped key.
const WRAPPED_BYTES: usize = HEADER + NONCE + 32 + 16;

/// What a wrapped key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WrappedKind {
    /// A subject's key under a root.
    Subject,
    /// A data key under its subject's key.
    Data,
    /// A key of this instance (blind index, signature) under a root.
    Instance,
    /// No key but an id under a root: whose an identifier is.
    Reference,
}

impl WrappedKind {
    const fn byte(self) -> u8 {
        match self {
            Self::Subject => 1,
            Self::Data => 2,
            Self::Instance => 3,
            Self::Reference => 4,
        }
    }

    const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::Subject),
            2 => Some(Self::Data),
            3 => Some(Self::Instance),
            4 => Some(Self::Reference),
            _ => None,
        }
    }
}

/// The parts of a wrapped key.
#[derive(Clone, Copy)]
pub(crate) struct Wrapped<'a> {
    pub(crate) kind: WrappedKind,
    pub(crate) id: Uuid,
    pub(crate) parent: Uuid,
    header: &'a [u8],
    nonce: &'a [u8; NONCE],
    ciphertext: &'a [u8],
}

impl<'a> Wrapped<'a> {
    /// Reads the first [`WRAPPED_BYTES`] of `bytes`.
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let bytes = bytes.get(..WRAPPED_BYTES)?;
        let rest = bytes.strip_prefix(&MAGIC)?;
        let (&[kind], rest) = rest.split_first_chunk::<1>()?;
        let (id, rest) = rest.split_first_chunk::<16>()?;
        let (parent, rest) = rest.split_first_chunk::<16>()?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE>()?;
        Some(Self {
            kind: WrappedKind::from_byte(kind)?,
            id: Uuid::from_bytes(*id),
            parent: Uuid::from_bytes(*parent),
            header: &bytes[..HEADER],
            nonce,
            ciphertext,
        })
    }

    /// What is told apart by: two wrappings of one key differ here.
    pub(crate) fn ciphertext(&self) -> &'a [u8] {
        self.ciphertext
    }

    pub(crate) fn unwrap(&self, parent: &Secret) -> Option<Secret> {
        let mut buffer = Zeroizing::new(self.ciphertext.to_vec());
        XChaCha20Poly1305::new(parent.bytes().into())
            .decrypt_in_place(&XNonce::from(*self.nonce), self.header, &mut *buffer)
            .ok()?;
        Secret::from_slice(&buffer)
    }

    /// Wraps `secret` under `parent`.
    pub(crate) fn wrap(
        kind: WrappedKind,
        id: Uuid,
        secret: &Secret,
        parent: (Uuid, &Secret),
        rng: &dyn Rng,
    ) -> Vec<u8> {
        let nonce = random_bytes::<NONCE>(rng);
        let mut bytes = Vec::with_capacity(WRAPPED_BYTES);
        bytes.extend_from_slice(&MAGIC);
        bytes.push(kind.byte());
        bytes.extend_from_slice(id.as_bytes());
        bytes.extend_from_slice(parent.0.as_bytes());
        let mut buffer = Zeroizing::new(Vec::with_capacity(32 + 16));
        buffer.extend_from_slice(secret.bytes());
        XChaCha20Poly1305::new(parent.1.bytes().into())
            .encrypt_in_place(&XNonce::from(nonce), &bytes, &mut *buffer)
            .expect("32 bytes are below the cipher's limit");
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&buffer);
        bytes
    }

    /// Every wrapped key in raw bytes, whatever stands around it.
    pub(crate) fn scan(bytes: &'a [u8]) -> impl Iterator<Item = Wrapped<'a>> {
        bytes
            .windows(MAGIC.len())
            .enumerate()
            .filter(|(_, window)| *window == MAGIC)
            .filter_map(|(at, _)| Wrapped::parse(&bytes[at..]))
    }
}
