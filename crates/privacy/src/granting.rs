//! How grants are given: each owner is resolved, each opening recorded as the purpose demands, all keys fetched at once.
//!
//! Take a grant before you begin a transaction on the rows: day rows and named rows are committed in one of their own,
//! and SQLite has one writer. Inside of a transaction use [`Privacy::grant_many_in`].

use std::collections::{HashMap, HashSet};
use std::marker::PhantomData;

use kloud_store::Tx;

use crate::error::PrivacyError;
use crate::grant::Grant;
use crate::inventory::{Described, PersonalRow};
use crate::opening::store as openings;
use crate::people::{find_keys, unwrap_data_key};
use crate::privacy::Privacy;
use crate::purpose::{DayRow, NeedsNoConsent, Purpose, Record, RecordClass};
use crate::purposes::ShowOwn;
use crate::subject::{Actor, KeyId, MemberId, Owner, SubjectId};

impl Privacy {
    /// The right to open one person's values. `why` is the evidence that the purpose's record class asks for:
    /// [`crate::Own`], [`crate::Membership`], [`DayRow`] or [`crate::Named`].
    ///
    /// # Errors
    /// [`PrivacyError::NotGranted`] when the evidence does not hold, such as another's values as one's own.
    pub async fn grant<P: NeedsNoConsent>(
        &self,
        actor: impl Into<Actor>,
        owner: impl Into<Owner>,
        why: P::Record,
    ) -> Result<Grant<P>, PrivacyError> {
        self.grant_many::<P>(actor, [owner], why).await
    }

    /// As [`Privacy::grant`], for all whose values are on a page: one check and one look into the keystore.
    pub async fn grant_many<P: NeedsNoConsent>(
        &self,
        actor: impl Into<Actor>,
        owners: impl IntoIterator<Item = impl Into<Owner>>,
        why: P::Record,
    ) -> Result<Grant<P>, PrivacyError> {
        self.give(actor.into(), owners.into_iter().map(Into::into).collect(), &why, None).await
    }

    /// As [`Privacy::grant_many`], counting in the caller's transaction.
    pub async fn grant_many_in<P: NeedsNoConsent + Purpose<Record = DayRow>>(
        &self,
        tx: &mut Tx,
        actor: impl Into<Actor>,
        owners: impl IntoIterator<Item = impl Into<Owner>>,
    ) -> Result<Grant<P>, PrivacyError> {
        self.give(actor.into(), owners.into_iter().map(Into::into).collect(), &DayRow, Some(tx)).await
    }

    /// Adds keys by their ids to a grant: those of files, tracks and shares, and the second key of values that need two.
    /// They open nothing of people whom the grant does not name, because whose a value is is checked at each opening.
    pub async fn include_keys<P: Purpose>(
        &self,
        grant: &mut Grant<P>,
        keys: impl IntoIterator<Item = KeyId>,
    ) -> Result<(), PrivacyError> {
        let wanted: Vec<KeyId> = keys.into_iter().filter(|key| !grant.keys.contains_key(key)).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let read = self.inner.keystore.read().await?;
        let rows = find_keys(&read, wanted.clone()).await?;
        drop(read);
        let subjects: HashSet<SubjectId> = rows.iter().map(|row| row.subject_id).collect();
        let rings = self.keyrings(&subjects.into_iter().collect::<Vec<_>>()).await?;
        for row in rows {
            if let Some(ring) = rings.get(&row.subject_id) {
                grant.keys.insert(row.id, unwrap_data_key(&row, &ring.secret)?.into());
            }
        }
        grant.asked.extend(wanted);
        Ok(())
    }

    /// As [`Privacy::include_keys`], for all that these rows hold.
    pub async fn include_rows<P: Purpose, R: PersonalRow>(
        &self,
        grant: &mut Grant<P>,
        rows: &[R],
    ) -> Result<(), PrivacyError> {
        let keys: Vec<KeyId> = rows.iter().flat_map(PersonalRow::envelopes).flat_map(|one| one.keys()).collect();
        self.include_keys(grant, keys).await
    }

    /// Each row's columns with their values, for their owner: what a holder's `describe` is made of.
    pub async fn describe_rows<R: PersonalRow>(
        &self,
        grant: &mut Grant<ShowOwn>,
        rows: &[R],
    ) -> Result<Vec<Described>, PrivacyError> {
        self.include_rows(grant, rows).await?;
        let mut described = Vec::new();
        for row in rows {
            described.extend(row.describe(grant)?);
        }
        Ok(described)
    }

    pub(crate) async fn give<P: Purpose>(
        &self,
        actor: Actor,
        owners: Vec<Owner>,
        why: &P::Record,
        tx: Option<&mut Tx>,
    ) -> Result<Grant<P>, PrivacyError> {
        let owners = self.resolve(owners).await?;
        if P::Record::CLASS == RecordClass::Own {
            let own = |subject: &Option<SubjectId>| subject.is_some_and(|subject| actor == Actor::Person(subject));
            if !owners.values().all(own) {
                return Err(PrivacyError::NotGranted("only one's own"));
            }
        }
        let subjects: Vec<SubjectId> = owners.values().flatten().copied().collect::<HashSet<_>>().into_iter().collect();
        let rings = self.keyrings(&subjects).await?;
        let living: Vec<SubjectId> = rings.keys().copied().collect();
        self.record::<P>(&living, why, tx).await?;
        let keys = rings
            .values()
            .flat_map(|ring| &ring.keys)
            .filter(|key| P::OPENS.contains(&key.category))
            .map(|key| (key.id, key.clone()))
            .collect();
        Ok(Grant { actor, owners, keys, asked: HashSet::new(), ring: self.inner.ring.clone(), purpose: PhantomData })
    }

    async fn resolve(&self, owners: Vec<Owner>) -> Result<HashMap<Owner, Option<SubjectId>>, PrivacyError> {
        let members: Vec<MemberId> = owners
            .iter()
            .filter_map(|owner| match owner {
                Owner::Member(member) => Some(*member),
                Owner::Subject(_) => None,
            })
            .collect();
        let of_members = self.subjects_of_members(&members).await?;
        Ok(owners
            .into_iter()
            .map(|owner| match owner {
                Owner::Subject(subject) => (owner, Some(subject)),
                Owner::Member(member) => (owner, of_members.get(&member).copied()),
            })
            .collect())
    }

    async fn record<P: Purpose>(
        &self,
        subjects: &[SubjectId],
        why: &P::Record,
        tx: Option<&mut Tx>,
    ) -> Result<(), PrivacyError> {
        match P::Record::CLASS {
            RecordClass::Own | RecordClass::Membership => Ok(()),
            RecordClass::DayRow => {
                let rows = subjects.iter().map(|subject| (self.random_uuid(), *subject)).collect();
                let day = self.now().day();
                match tx {
                    Some(tx) => openings::count_day(tx, rows, P::NAME, day).await?,
                    None => {
                        let tx = self.inner.rows.begin().await?;
                        openings::count_day(&tx, rows, P::NAME, day).await?;
                        tx.commit().await?;
                    }
                }
                Ok(())
            }
            RecordClass::Named => match why.named() {
                Some(named) => self.record_named(subjects, P::NAME, named).await,
                None => Err(PrivacyError::NotGranted("a named opening says who and why")),
            },
        }
    }
}
