//! Consents: one yes, no or withdrawal of one person to one purpose at one version of one text, in one scope.
//!
//! Append-only; the latest wins, and none is no. Record and salt are sealed under the person and given in a receipt;
//! what everybody can see is a list of leaves with number, hash and day, and a signed head every day. The record holds
//! no address, no browser string and nothing that somebody typed.

mod receipt;
pub(crate) mod store;

pub use receipt::{
    ConsentEvent, Processing, Proof, Receipt, ReceiptBody, Refusal, SignedHead, Trust, Verdict, check_head,
    verify_receipt,
};

pub(crate) fn verify_signature(key: &[u8; 32], bytes: &[u8], signature: &str) -> bool {
    receipt::verify(key, bytes, signature).is_some()
}

use std::marker::PhantomData;

use async_trait::async_trait;
use data_encoding::{BASE64, HEXLOWER};
use kloud_base::{DAY, Timestamp, random_bytes, text_enum, typed_id};
use kloud_store::jobs::{Job, JobFailure, JobHandler};
use kloud_store::{Read, Tx};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::PrivacyError;
use crate::gesture::{Gesture, GivenBy};
use crate::grant::Grant;
use crate::privacy::Privacy;
use crate::purpose::{NeedsConsent, Purpose, Screen};
use crate::purposes::ShowOwn;
use crate::sealed::Open;
use crate::subject::{Actor, Owner, SubjectId};

typed_id!(
    /// One answer.
    ConsentId,
    "cns"
);

/// How long a standing consent lasts before it is asked again.
pub const STANDING: kloud_base::Millis = 730 * DAY;

text_enum! {
    /// What somebody answered.
    pub enum Answer { Yes = "yes", No = "no", Withdrawn = "withdrawn" }
}

/// Where an answer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// In general, for [`STANDING`] at most.
    Everywhere,
    /// For one thing alone, such as one sitting or one share.
    For(Uuid),
}

impl Scope {
    fn as_uuid(self) -> Uuid {
        match self {
            Self::Everywhere => Uuid::nil(),
            Self::For(id) => id,
        }
    }
}

/// Under which text and on which screen somebody answered. All of it comes from the program, none of it is typed.
#[derive(Clone, Debug)]
pub struct Shown {
    pub agreement_version: String,
    /// SHA-256 of the text that was shown.
    pub text_sha256: [u8; 32],
    /// Such as `en` or `zh-Hans`.
    pub language: String,
    /// The screen's stable name.
    pub screen: &'static str,
    /// Whether the browser sent `Sec-GPC: 1`.
    pub gpc: bool,
    /// Such as `adult`; `None` when it was not asked.
    pub age_band: Option<&'static str>,
}

/// What is sealed, hashed and given to the person. The order of fields is the canonical form and is frozen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, zeroize::Zeroize)]
#[serde(deny_unknown_fields)]
pub struct ConsentRecord {
    pub version: u32,
    pub subject: String,
    #[zeroize(skip)]
    pub given_by: GivenBy,
    pub purpose: String,
    pub purpose_version: u32,
    pub scope: String,
    #[zeroize(skip)]
    pub answer: Answer,
    pub agreement_version: String,
    pub text_sha256: String,
    pub language: String,
    pub screen: String,
    pub gpc: bool,
    pub age_band: Option<String>,
    #[zeroize(skip)]
    pub at: Timestamp,
    #[zeroize(skip)]
    pub until: Option<Timestamp>,
    pub replaces: Option<String>,
    /// Base64 of 32 random bytes.
    pub salt: String,
}

crate::personal_json!(ConsentRecord);

impl ConsentRecord {
    fn canonical(&self) -> String {
        serde_json::to_string(self).expect("a record is JSON")
    }

    fn salt(&self) -> Option<[u8; 32]> {
        BASE64.decode(self.salt.as_bytes()).ok()?.try_into().ok()
    }
}

/// One person's yes to purpose `P` at its present version, looked up in the rows: what a grant for `P` takes.
pub struct Consented<P> {
    subject: SubjectId,
    consent: ConsentId,
    purpose: PhantomData<fn() -> P>,
}

impl<P: Purpose> Consented<P> {
    pub fn subject(&self) -> SubjectId {
        self.subject
    }

    pub fn consent(&self) -> ConsentId {
        self.consent
    }
}

/// A recorded answer and its proof.
#[derive(Clone, Debug)]
pub struct Recorded {
    pub id: ConsentId,
    pub receipt: Receipt,
}

impl Privacy {
    /// Records an answer to a purpose that rests on consent.
    pub async fn record_consent<P: NeedsConsent>(
        &self,
        tx: &mut Tx,
        gesture: &Gesture,
        scope: Scope,
        answer: Answer,
        shown: &Shown,
    ) -> Result<Recorded, PrivacyError> {
        self.record_answer(tx, gesture, (P::NAME, P::VERSION), scope, answer, shown).await
    }

    pub(crate) async fn record_answer(
        &self,
        tx: &mut Tx,
        gesture: &Gesture,
        (purpose, purpose_version): (&str, u32),
        scope: Scope,
        answer: Answer,
        shown: &Shown,
    ) -> Result<Recorded, PrivacyError> {
        let (now, subject) = (self.now(), gesture.subject());
        let sealer = self.sealer(subject).await?;
        let replaces = store::latest(tx, subject, purpose, scope.as_uuid()).await?.map(|row| row.id.to_string());
        let until = match (answer, scope) {
            (Answer::Yes, Scope::Everywhere) => Some(now + STANDING),
            (Answer::Yes, Scope::For(_)) | (Answer::No | Answer::Withdrawn, _) => None,
        };
        let record = ConsentRecord {
            version: 1,
            subject: subject.to_string(),
            given_by: gesture.given_by(),
            purpose: purpose.to_owned(),
            purpose_version,
            scope: scope.as_uuid().to_string(),
            answer,
            agreement_version: shown.agreement_version.clone(),
            text_sha256: HEXLOWER.encode(&shown.text_sha256),
            language: shown.language.clone(),
            screen: shown.screen.to_owned(),
            gpc: shown.gpc,
            age_band: shown.age_band.map(str::to_owned),
            at: now,
            until,
            replaces,
            salt: BASE64.encode(&random_bytes::<32>(self.rng())),
        };
        let salt = record.salt().expect("just made");
        let hash = receipt::leaf_hash(&salt, record.canonical().as_bytes());
        let leaf = store::append_leaf(tx, hash, now.day(), receipt::link).await?;
        let id = ConsentId::random(self.rng());
        let row = store::consent::Model {
            id,
            subject_id: subject,
            purpose: purpose.to_owned(),
            purpose_version: i32::try_from(purpose_version).unwrap_or(i32::MAX),
            scope: scope.as_uuid(),
            answer,
            given_at: now,
            until,
            leaf,
            record: store::consent::Model::seal_record(&sealer, id, &record)?,
        };
        store::insert_consent(tx, row).await?;
        let receipt = self.receipt(id, subject, &record, leaf);
        Ok(Recorded { id, receipt })
    }

    /// The person's yes to `P`, if the latest answer is one, to this version, and has not run out.
    pub async fn consented<P: NeedsConsent>(
        &self,
        read: &Read,
        subject: SubjectId,
        scope: Scope,
    ) -> Result<Option<Consented<P>>, PrivacyError> {
        let row = store::latest(read, subject, P::NAME, scope.as_uuid()).await?;
        Ok(row.filter(|row| self.holds(row, P::VERSION)).map(|row| Consented {
            subject,
            consent: row.id,
            purpose: PhantomData,
        }))
    }

    fn holds(&self, row: &store::consent::Model, version: u32) -> bool {
        row.answer == Answer::Yes
            && u32::try_from(row.purpose_version) == Ok(version)
            && row.until.is_none_or(|until| until > self.now())
    }

    /// The right to open for a purpose that rests on consent: one proof for each person.
    pub async fn grant_consented<P: NeedsConsent>(
        &self,
        actor: impl Into<Actor>,
        consents: Vec<Consented<P>>,
        why: P::Record,
    ) -> Result<Grant<P>, PrivacyError> {
        let owners = consents.into_iter().map(|consent| Owner::Subject(consent.subject)).collect();
        self.give(actor.into(), owners, &why, None).await
    }

    /// The receipt again, while the person still is.
    pub async fn receipt_again(&self, id: ConsentId, grant: &Grant<ShowOwn>) -> Result<Option<Receipt>, PrivacyError> {
        let read = self.inner.rows.read().await?;
        let Some(row) = store::find_consent(&read, id).await? else { return Ok(None) };
        drop(read);
        match row.record().open(grant)? {
            Open::Opened(opened) => {
                Ok(Some(opened.with(Screen, |record| self.receipt(id, row.subject_id, record, row.leaf))))
            }
            Open::Erased | Open::Broken => Ok(None),
        }
    }

    fn receipt(&self, id: ConsentId, subject: SubjectId, record: &ConsentRecord, leaf: i64) -> Receipt {
        receipt::issue(self.inner.instance.signing(), &id.to_string(), &subject.to_string(), record, leaf)
    }

    /// The instance's Ed25519 key, to be published.
    pub fn public_key(&self) -> [u8; 32] {
        *self.inner.instance.signing().verifying_key().as_bytes()
    }

    /// Signs the state of the leaf list for today, once.
    pub async fn sign_head(&self) -> Result<(), PrivacyError> {
        let mut tx = self.inner.rows.begin().await?;
        let (count, hash) = store::chain_state(&tx).await?;
        let day = self.now().day();
        let signature = receipt::sign_head(self.inner.instance.signing(), day, count, &hash);
        store::insert_head(&mut tx, store::head::Model { day, count, hash, signature }).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The latest signed head and the leaves it counts, for `/.well-known/kloud-ledger`.
    pub async fn leaf_list(&self) -> Result<Option<(SignedHead, Vec<[u8; 32]>)>, PrivacyError> {
        let read = self.inner.rows.read().await?;
        let Some(row) = store::latest_head(&read).await? else { return Ok(None) };
        let leaves = store::leaves(&read, row.count)
            .await?
            .into_iter()
            .map(|leaf| leaf.hash.try_into().map_err(|_| PrivacyError::Damaged("a leaf is no hash")))
            .collect::<Result<Vec<_>, _>>()?;
        let head = SignedHead {
            day: row.day,
            count: row.count,
            hash: HEXLOWER.encode(&row.hash),
            public_key: BASE64.encode(&self.public_key()),
            signature: BASE64.encode(&row.signature),
        };
        Ok(Some((head, leaves)))
    }
}

/// Signs the head of the leaf list every day.
#[derive(Debug, Serialize, Deserialize)]
pub struct SignHead {}

impl Job for SignHead {
    const KIND: &'static str = "SignHead";

    fn dedupe(&self) -> Option<String> {
        Some("one".to_owned())
    }
}

#[async_trait]
impl JobHandler<SignHead> for Privacy {
    async fn run(&self, _: SignHead) -> Result<(), JobFailure> {
        Ok(self.sign_head().await?)
    }
}
