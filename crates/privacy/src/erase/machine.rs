//! The steps. Each begins from what the rows and the keystore say, so a crash anywhere is answered by running again.

use async_trait::async_trait;
use kloud_base::SECOND;
use kloud_store::jobs::{Job, JobFailure, JobHandler};
use kloud_store::{Engine, Store, StoreError, Tx};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::certificate::{self, CertificateBody};
use super::store::{self, erasure};
use super::{CERTIFICATE_KEPT, ErasureId, ErasureState};
use crate::disclosure::store as disclosures;
use crate::error::PrivacyError;
use crate::holder::{Ended, Person, Swept};
use crate::keys::store::{self as keystore, EndingKind};
use crate::people::owner_tag;
use crate::privacy::Privacy;
use crate::revoked::Revoked;
use crate::subject::{KeyId, MemberId, SubjectId};

/// Takes one erasure as far as it goes.
#[derive(Debug, Serialize, Deserialize)]
pub struct AdvanceErasure {
    pub erasure: ErasureId,
}

impl Job for AdvanceErasure {
    const KIND: &'static str = "AdvanceErasure";
    /// It never gives up: a person waits for it.
    const MAX_ATTEMPTS: i32 = i32::MAX;

    fn dedupe(&self) -> Option<String> {
        Some(self.erasure.to_string())
    }
}

#[async_trait]
impl JobHandler<AdvanceErasure> for Privacy {
    async fn run(&self, job: AdvanceErasure) -> Result<(), JobFailure> {
        match self.advance_erasure(job.erasure).await? {
            Advanced::Done => Ok(()),
            Advanced::NotBefore(at) => Err(JobFailure::NotBefore(at)),
        }
    }
}

/// How far it got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Advanced {
    Done,
    NotBefore(kloud_base::Timestamp),
}

/// How often a holder is asked again within one attempt.
const SWEEPS: usize = 100;
/// The holder of this crate's own rows.
const OWN: &str = "privacy";

impl Privacy {
    /// Runs the machine until it is done or must wait.
    pub(crate) async fn advance_erasure(&self, id: ErasureId) -> Result<Advanced, PrivacyError> {
        loop {
            let read = self.inner.rows.read().await?;
            let row = store::find(&read, id).await?;
            drop(read);
            let Some(row) = row else { return Ok(Advanced::Done) };
            match row.state {
                ErasureState::Requested | ErasureState::Waiting => {
                    if row.due_at > self.now() {
                        return Ok(Advanced::NotBefore(row.due_at));
                    }
                    self.freeze(id).await?;
                }
                ErasureState::Frozen => self.end_erased_keys(row).await?,
                ErasureState::KeysGone => self.sweep(row).await?,
                ErasureState::Swept => self.tell(row).await?,
                ErasureState::Told => self.certify(row).await?,
                ErasureState::Certified | ErasureState::TakenBack => return Ok(Advanced::Done),
            }
        }
    }

    /// Requested → Frozen. The row is held meanwhile, so that nobody takes it back between the two databases.
    async fn freeze(&self, id: ErasureId) -> Result<(), PrivacyError> {
        let mut tx = self.inner.rows.begin().await?;
        let Some(mut row) = store::lock(&tx, id).await? else { return Ok(()) };
        if !matches!(row.state, ErasureState::Requested | ErasureState::Waiting) {
            return Ok(());
        }
        match (row.subject_id, row.key_id) {
            (Some(subject), _) => {
                row.categories = Some(join(self.categories_of(subject).await?));
                // Memory first: a reading that is under way opens nothing after the keystore has said so.
                self.inner.ring.bar(subject);
                let mut keys = self.inner.keystore.begin().await?;
                keystore::set_closing(&mut keys, subject).await?;
                keys.commit().await?;
                self.crash_point("erase.after-closing")?;
            }
            (None, Some(key)) => {
                let read = self.inner.keystore.read().await?;
                let found = keystore::keys_by_id(&read, [key]).await?;
                row.categories = Some(join(found.into_iter().map(|key| key.category)));
            }
            (None, None) => {}
        }
        row.state = ErasureState::Frozen;
        store::update(&mut tx, row).await?;
        tx.commit().await?;
        self.crash_point("erase.after-frozen")?;
        Ok(())
    }

    /// Frozen → KeysGone: what runs is ended, then the keys.
    async fn end_erased_keys(&self, mut row: erasure::Model) -> Result<(), PrivacyError> {
        match (row.subject_id, row.key_id) {
            (Some(subject), _) => {
                self.end_what_runs(subject).await?;
                self.crash_point("erase.after-freezing-holders")?;
                self.end_subject(subject, Some(row.id.as_uuid())).await?;
            }
            (None, Some(key)) => self.end_key(key, row.id.as_uuid()).await?,
            (None, None) => {}
        }
        self.crash_point("erase.after-ledger")?;
        self.cut_log(&self.inner.keystore).await?;
        self.crash_point("erase.after-cut")?;
        row.keys_gone_at = Some(self.now());
        row.backups_gone_at = Some(self.backups_gone_at());
        self.step(row, ErasureState::KeysGone, "erase.after-keys-gone").await
    }

    async fn end_what_runs(&self, subject: SubjectId) -> Result<(), PrivacyError> {
        let read = self.inner.keystore.read().await?;
        let Some(row) = keystore::find_subject(&read, subject).await? else { return Ok(()) };
        let tag = owner_tag(&self.unwrap_subject(&row)?);
        let members = keystore::members_of(&read, &tag).await?;
        drop(read);
        self.revoke(Revoked::Subject(subject));
        let person = Person { subject, members };
        for holder in self.holders() {
            holder.freeze(self, &person).await?;
        }
        Ok(())
    }

    async fn end_key(&self, key: KeyId, erasure_id: Uuid) -> Result<(), PrivacyError> {
        let mut tx = self.inner.keystore.begin().await?;
        let row = keystore::sweep::Model { erasure_id, id: key.as_uuid(), kind: EndingKind::Key };
        keystore::insert_sweep(&mut tx, row).await?;
        tx.commit().await?;
        self.end_keys(&[key]).await
    }

    /// KeysGone → Swept.
    async fn sweep(&self, row: erasure::Model) -> Result<(), PrivacyError> {
        let read = self.inner.keystore.read().await?;
        let rows = keystore::sweeps(&read, row.id.as_uuid()).await?;
        drop(read);
        let mut ended = Ended::default();
        for sweep in &rows {
            match sweep.kind {
                EndingKind::Subject => ended.subject = Some(SubjectId::from_uuid(sweep.id)),
                EndingKind::Key => ended.keys.push(KeyId::from_uuid(sweep.id)),
                EndingKind::Membership => ended.members.push(MemberId::from_uuid(sweep.id)),
                EndingKind::Consent | EndingKind::Permission | EndingKind::Objection | EndingKind::Share => {}
            }
        }
        let in_ledger = |id: &Uuid| self.inner.ring.has_ended(*id);
        let listed = ended.subject.iter().map(SubjectId::as_uuid).chain(ended.keys.iter().map(KeyId::as_uuid));
        if !listed.into_iter().all(|id| in_ledger(&id)) {
            return Err(PrivacyError::Damaged("a sweep follows the ledger, and the ledger does not say so"));
        }
        for holder in self.holders() {
            for attempt in 1.. {
                let swept = holder.sweep(self, &ended).await?;
                self.crash_point("erase.after-holder")?;
                self.note(row.id, holder.name(), swept).await?;
                if swept.remaining == 0 {
                    break;
                }
                if attempt == SWEEPS {
                    return Err(PrivacyError::NotNow("a holder still has rows"));
                }
            }
        }
        let swept = self.sweep_own(&ended).await?;
        self.note(row.id, OWN, swept).await?;
        self.cut_log(&self.inner.rows).await?;
        self.crash_point("erase.after-sweep")?;
        let id = row.id;
        self.step(row, ErasureState::Swept, "erase.after-swept").await?;
        self.forget_sweep(id).await
    }

    /// The list of what belonged together is not needed any more.
    async fn forget_sweep(&self, id: ErasureId) -> Result<(), PrivacyError> {
        let mut tx = self.inner.keystore.begin().await?;
        keystore::delete_sweeps(&mut tx, id.as_uuid()).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn sweep_own(&self, ended: &Ended) -> Result<Swept, PrivacyError> {
        let mut tx = self.inner.rows.begin().await?;
        let ids = ended.subject.iter().map(SubjectId::as_uuid).chain(ended.keys.iter().map(KeyId::as_uuid));
        let mut removed = crate::reconcile::delete_anchors(&mut tx, ids.collect()).await?;
        if let Some(subject) = ended.subject {
            removed += crate::opening::store::delete_of(&mut tx, subject).await?;
            removed += crate::consent::store::delete_of(&mut tx, subject).await?;
            removed += crate::permission::store::delete_of(&mut tx, subject).await?;
        }
        tx.commit().await?;
        Ok(Swept { removed, remaining: 0 })
    }

    async fn note(&self, id: ErasureId, holder: &str, swept: Swept) -> Result<(), PrivacyError> {
        let mut tx = self.inner.rows.begin().await?;
        store::add_removed(&mut tx, id, holder, i64::try_from(swept.removed).unwrap_or(i64::MAX)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Swept → Told.
    async fn tell(&self, row: erasure::Model) -> Result<(), PrivacyError> {
        // Again, because the step before may have stopped between its two databases.
        self.forget_sweep(row.id).await?;
        self.cut_log(&self.inner.keystore).await?;
        if let Some(subject) = row.subject_id {
            let read = self.inner.rows.read().await?;
            let disclosed = disclosures::of_subject(&read, subject).await?;
            drop(read);
            for disclosure in disclosed.iter().filter(|disclosure| disclosure.told_at.is_none()) {
                let teller = self.teller().ok_or(PrivacyError::NotNow("nobody can tell the recipients"))?;
                teller.tell(&disclosure.recipient, &disclosure.id.to_string()).await?;
                let mut tx = self.inner.rows.begin().await?;
                disclosures::set_told(&mut tx, disclosure.id.as_uuid(), self.now()).await?;
                tx.commit().await?;
                self.crash_point("erase.after-telling-one")?;
            }
            let mut tx = self.inner.rows.begin().await?;
            let removed = disclosures::delete_of(&mut tx, subject).await?;
            store::add_removed(&mut tx, row.id, OWN, i64::try_from(removed).unwrap_or(i64::MAX)).await?;
            tx.commit().await?;
        }
        self.step(row, ErasureState::Told, "erase.after-told").await
    }

    /// Told → Certified. The row forgets whose it was.
    async fn certify(&self, row: erasure::Model) -> Result<(), PrivacyError> {
        let mut tx = self.inner.rows.begin().await?;
        let steps = store::steps(&tx, row.id).await?;
        let mut number = [0; 16];
        self.rng().fill(&mut number);
        let body = CertificateBody {
            version: 1,
            number: data_encoding::HEXLOWER.encode(&number),
            categories: split(row.categories.as_deref()),
            removed: steps.into_iter().map(|step| (step.holder, step.removed)).collect(),
            online_gone_at: row.keys_gone_at.unwrap_or(self.now()),
            keystore: match self.inner.keystore.engine() {
                Engine::Sqlite => "physical".to_owned(),
                Engine::Postgres => "logical".to_owned(),
            },
            backups_gone_at: row.backups_gone_at.unwrap_or_else(|| self.backups_gone_at()),
            public_key: String::new(),
        };
        let certificate = certificate::sign(self.inner.instance.signing(), body);
        store::delete_steps(&mut tx, row.id).await?;
        let certified = erasure::Model {
            subject_id: None,
            key_id: None,
            state: ErasureState::Certified,
            certificate: Some(serde_json::to_string(&certificate).expect("a certificate is JSON")),
            expires_at: Some(self.now() + CERTIFICATE_KEPT),
            ..row
        };
        store::update(&mut tx, certified).await?;
        tx.commit().await?;
        self.crash_point("erase.after-certified")?;
        Ok(())
    }

    async fn step(&self, row: erasure::Model, state: ErasureState, point: &'static str) -> Result<(), PrivacyError> {
        let mut tx = self.inner.rows.begin().await?;
        store::update(&mut tx, erasure::Model { state, ..row }).await?;
        tx.commit().await?;
        self.crash_point(point)?;
        Ok(())
    }

    /// Deleted bytes leave the files only when no reader holds the log. One call waits as long as the database is set to
    /// wait for readers; the job comes again until it is so.
    async fn cut_log(&self, of: &Store) -> Result<(), PrivacyError> {
        if of.checkpoint().await? { Ok(()) } else { Err(PrivacyError::NotNow("a reader holds the log")) }
    }

    /// Enqueues again what was under way, in case its job was lost with an older copy of the rows.
    pub(crate) async fn resume_erasures(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let now = self.now();
        for row in store::open(tx).await? {
            let at = row.due_at.max(now + SECOND);
            tx.enqueue(&AdvanceErasure { erasure: row.id }, at, now, self.rng()).await?;
        }
        Ok(())
    }
}

fn join(categories: impl IntoIterator<Item = crate::category::CategoryName>) -> String {
    categories.into_iter().map(crate::category::CategoryName::as_str).collect::<Vec<_>>().join(" ")
}

fn split(categories: Option<&str>) -> Vec<String> {
    categories.unwrap_or_default().split_whitespace().map(str::to_owned).collect()
}
