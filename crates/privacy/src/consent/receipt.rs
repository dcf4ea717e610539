//! What a person keeps of an answer, and the check that needs no server.
//!
//! The receipt has the fields of ISO/IEC TS 27560:2023 that apply, the record they were made from, its salt and the
//! number of its leaf, signed with Ed25519. It verifies after the person was erased: what the instance keeps then is the
//! leaf, which is noise to everybody but the holder of the receipt.

use data_encoding::{BASE64, HEXLOWER};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use kloud_base::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::ConsentRecord;

const SCHEMA: &str = "ISO-IEC-TS-27560:2023";

/// A signed receipt, as it is handed out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    pub receipt: ReceiptBody,
    /// Base64 of the Ed25519 signature over the JSON of `receipt`.
    pub signature: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptBody {
    pub schema_version: String,
    pub receipt_id: String,
    pub pii_principal_id: String,
    pub pii_processing: Processing,
    pub event: ConsentEvent,
    pub proof: Proof,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Processing {
    pub privacy_notice: String,
    pub privacy_notice_sha256: String,
    pub language: String,
    pub purpose: String,
    pub purpose_version: u32,
    pub lawful_basis: String,
    pub scope: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentEvent {
    pub event_time: Timestamp,
    pub event_state: String,
    pub validity_until: Option<Timestamp>,
    pub entity: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// The canonical record: the JSON that was hashed.
    pub record: String,
    /// Hex of SHA-256(0x00 ‖ salt ‖ record); the salt is in the record.
    pub leaf: String,
    pub leaf_number: i64,
    /// Base64 of the instance's Ed25519 key.
    pub public_key: String,
}

/// A signed statement of a day: so many leaves, chained to this hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedHead {
    /// Days since the epoch.
    pub day: i64,
    pub count: i64,
    /// Hex.
    pub hash: String,
    /// Base64 of the Ed25519 key.
    pub public_key: String,
    /// Base64.
    pub signature: String,
}

/// What the checker trusts.
#[derive(Clone, Debug)]
pub enum Trust<'a> {
    /// The instance's key, from the certificate page or a friend.
    Key(&'a [u8; 32]),
    /// A published head and the leaves it counts, in order.
    Head { head: &'a SignedHead, leaves: &'a [[u8; 32]] },
}

/// Whether a receipt is what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Genuine(Box<ReceiptBody>),
    Refused(Refusal),
}

kloud_base::text_enum! {
    /// Why a receipt is refused.
    pub enum Refusal {
        NotAReceipt = "not_a_receipt",
        Signature = "signature",
        OtherKey = "other_key",
        Leaf = "leaf",
        Fields = "fields",
        Head = "head",
        NotInHead = "not_in_head",
    }
}

/// Checks a receipt without any server.
pub fn verify_receipt(bytes: &[u8], trust: &Trust<'_>) -> Verdict {
    match check(bytes, trust) {
        Ok(body) => Verdict::Genuine(Box::new(body)),
        Err(refusal) => Verdict::Refused(refusal),
    }
}

fn check(bytes: &[u8], trust: &Trust<'_>) -> Result<ReceiptBody, Refusal> {
    let receipt: Receipt = serde_json::from_slice(bytes).map_err(|_| Refusal::NotAReceipt)?;
    let body = receipt.receipt;
    let key = decode_key(&body.proof.public_key).ok_or(Refusal::NotAReceipt)?;
    let trusted = match trust {
        Trust::Key(trusted) => **trusted,
        Trust::Head { head, .. } => decode_key(&head.public_key).ok_or(Refusal::Head)?,
    };
    if key != trusted {
        return Err(Refusal::OtherKey);
    }
    let signed = serde_json::to_vec(&body).map_err(|_| Refusal::NotAReceipt)?;
    verify(&key, &signed, &receipt.signature).ok_or(Refusal::Signature)?;
    let record: ConsentRecord = serde_json::from_str(&body.proof.record).map_err(|_| Refusal::Leaf)?;
    let leaf = leaf_hash(&record.salt().ok_or(Refusal::Leaf)?, body.proof.record.as_bytes());
    if HEXLOWER.encode(&leaf) != body.proof.leaf {
        return Err(Refusal::Leaf);
    }
    if fields(&record) != (body.pii_processing.clone(), body.event.clone()) {
        return Err(Refusal::Fields);
    }
    if let Trust::Head { head, leaves } = trust {
        check_head(head, leaves).ok_or(Refusal::Head)?;
        let index = usize::try_from(body.proof.leaf_number - 1).map_err(|_| Refusal::NotInHead)?;
        if leaves.get(index) != Some(&leaf) {
            return Err(Refusal::NotInHead);
        }
    }
    Ok(body)
}

/// Whether a head is signed by the key it names and its hash is that of these leaves.
pub fn check_head(head: &SignedHead, leaves: &[[u8; 32]]) -> Option<()> {
    let key = decode_key(&head.public_key)?;
    let hash = HEXLOWER.decode(head.hash.as_bytes()).ok()?;
    verify(&key, &head_bytes(head.day, head.count, &hash), &head.signature)?;
    let chained = leaves.iter().fold(Vec::new(), |last, leaf| link(&last, leaf).to_vec());
    (usize::try_from(head.count).ok()? == leaves.len() && chained == hash).then_some(())
}

/// SHA-256(0x00 ‖ salt ‖ record).
pub(super) fn leaf_hash(salt: &[u8; 32], record: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update([0]).chain_update(salt).chain_update(record).finalize().into()
}

/// The chain over the leaves: SHA-256(0x01 ‖ last ‖ leaf), from nothing.
pub(super) fn link(last: &[u8], leaf: &[u8; 32]) -> [u8; 32] {
    Sha256::new().chain_update([1]).chain_update(last).chain_update(leaf).finalize().into()
}

fn head_bytes(day: i64, count: i64, hash: &[u8]) -> Vec<u8> {
    let mut bytes = b"kloud leaf head\0".to_vec();
    bytes.extend_from_slice(&day.to_be_bytes());
    bytes.extend_from_slice(&count.to_be_bytes());
    bytes.extend_from_slice(hash);
    bytes
}

pub(super) fn sign_head(key: &SigningKey, day: i64, count: i64, hash: &[u8]) -> Vec<u8> {
    key.sign(&head_bytes(day, count, hash)).to_bytes().to_vec()
}

/// The receipt of a record. Equal records give equal receipts, so one can be fetched again.
pub(super) fn issue(key: &SigningKey, id: &str, subject: &str, record: &ConsentRecord, leaf_number: i64) -> Receipt {
    let canonical = record.canonical();
    let (pii_processing, event) = fields(record);
    let salt = record.salt().expect("a record is made with its salt");
    let receipt = ReceiptBody {
        schema_version: SCHEMA.to_owned(),
        receipt_id: id.to_owned(),
        pii_principal_id: subject.to_owned(),
        pii_processing,
        event,
        proof: Proof {
            leaf: HEXLOWER.encode(&leaf_hash(&salt, canonical.as_bytes())),
            record: canonical,
            leaf_number,
            public_key: BASE64.encode(key.verifying_key().as_bytes()),
        },
    };
    let signed = serde_json::to_vec(&receipt).expect("a receipt is JSON");
    Receipt { signature: BASE64.encode(&key.sign(&signed).to_bytes()), receipt }
}

fn fields(record: &ConsentRecord) -> (Processing, ConsentEvent) {
    let processing = Processing {
        privacy_notice: record.agreement_version.clone(),
        privacy_notice_sha256: record.text_sha256.clone(),
        language: record.language.clone(),
        purpose: record.purpose.clone(),
        purpose_version: record.purpose_version,
        lawful_basis: "consent".to_owned(),
        scope: record.scope.clone(),
    };
    let event = ConsentEvent {
        event_time: record.at,
        event_state: record.answer.as_str().to_owned(),
        validity_until: record.until,
        entity: record.given_by.as_str().to_owned(),
    };
    (processing, event)
}

fn decode_key(text: &str) -> Option<[u8; 32]> {
    BASE64.decode(text.as_bytes()).ok()?.try_into().ok()
}

/// Verifies strictly (RFC 8032, small-order keys refused).
pub(crate) fn verify(key: &[u8; 32], bytes: &[u8], signature: &str) -> Option<()> {
    let signature: [u8; 64] = BASE64.decode(signature.as_bytes()).ok()?.try_into().ok()?;
    VerifyingKey::from_bytes(key).ok()?.verify_strict(bytes, &Signature::from_bytes(&signature)).ok()
}
