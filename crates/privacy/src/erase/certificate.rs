//! The certificate of an erasure: a random number, categories, counts, two dates, no name.

use std::collections::BTreeMap;

use data_encoding::BASE64;
use ed25519_dalek::{Signer, SigningKey};
use kloud_base::Timestamp;
use serde::{Deserialize, Serialize};

use crate::consent::verify_signature;

/// A signed certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    pub certificate: CertificateBody,
    /// Base64 of the Ed25519 signature over the JSON of `certificate`.
    pub signature: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateBody {
    pub version: u32,
    /// Random; leads to nothing.
    pub number: String,
    pub categories: Vec<String>,
    /// How many things each part removed.
    pub removed: BTreeMap<String, i64>,
    /// When the keys left the running system.
    pub online_gone_at: Timestamp,
    /// Whether the keystore's files were cut (`physical`), or its server keeps dead rows until the second date
    /// (`logical`).
    pub keystore: String,
    /// When the last root that could open a backup of the keystore dies.
    pub backups_gone_at: Timestamp,
    /// Base64 of the instance's Ed25519 key.
    pub public_key: String,
}

pub(super) fn sign(key: &SigningKey, mut body: CertificateBody) -> Certificate {
    body.public_key = BASE64.encode(key.verifying_key().as_bytes());
    let signed = serde_json::to_vec(&body).expect("a certificate is JSON");
    Certificate { signature: BASE64.encode(&key.sign(&signed).to_bytes()), certificate: body }
}

/// Whether a certificate was signed by this instance key. Needs no server.
pub fn verify_certificate(certificate: &Certificate, key: &[u8; 32]) -> bool {
    let signed = serde_json::to_vec(&certificate.certificate);
    BASE64.encode(key) == certificate.certificate.public_key
        && signed.is_ok_and(|signed| verify_signature(key, &signed, &certificate.signature))
}
