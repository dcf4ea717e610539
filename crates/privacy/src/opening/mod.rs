//! What is remembered of an opening, chosen so that the record is not itself surveillance.
//!
//! *Own* and *membership* leave no row. A *day row* counts for one person, purpose and day. A *named* row is on disk
//! before the value opens, with who and why, sealed under the person. The person sees all of them.

pub(crate) mod store;

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use crate::error::PrivacyError;
use crate::grant::Grant;
use crate::place::Shown;
use crate::privacy::Privacy;
use crate::purpose::Named;
use crate::purposes::ShowOwn;
use crate::subject::SubjectId;

/// Who opened and why, as the person reads it.
#[derive(Serialize, Deserialize, Zeroize)]
pub struct Detail {
    pub role: String,
    pub name: String,
    pub reason: String,
}

crate::personal_json!(Detail);

/// One entry of *My data → Who opened it*.
pub enum OpeningSeen {
    /// So many times on a day.
    Day { purpose: String, day: i64, count: i64 },
    /// By somebody, with the reason.
    Named { purpose: String, at: kloud_base::Timestamp, detail: Shown },
}

impl Privacy {
    /// Who opened what belongs to the person of this grant, newest first within each kind.
    pub async fn openings(&self, subject: SubjectId, grant: &Grant<ShowOwn>) -> Result<Vec<OpeningSeen>, PrivacyError> {
        let read = self.inner.rows.read().await?;
        let mut seen: Vec<OpeningSeen> = store::days_of(&read, subject)
            .await?
            .into_iter()
            .map(|row| OpeningSeen::Day { purpose: row.purpose, day: row.day, count: row.count })
            .collect();
        for row in store::named_of(&read, subject).await? {
            let detail = row.detail().describe(grant)?;
            seen.push(OpeningSeen::Named { purpose: row.purpose, at: row.opened_at, detail });
        }
        Ok(seen)
    }

    /// Writes a named row for each person; on disk when this returns.
    pub(crate) async fn record_named(
        &self,
        subjects: &[SubjectId],
        purpose: &'static str,
        named: &Named,
    ) -> Result<(), PrivacyError> {
        let detail = Detail { role: named.role.to_owned(), name: named.name.clone(), reason: named.reason.to_owned() };
        let mut rows = Vec::with_capacity(subjects.len());
        for subject in subjects {
            let sealer = self.month_sealer(*subject).await?;
            let id = self.random_uuid();
            rows.push(store::named::Model {
                id,
                subject_id: *subject,
                purpose: purpose.to_owned(),
                opened_at: self.now(),
                detail: store::named::Model::seal_detail(&sealer, id, &detail)?,
            });
        }
        let tx = self.inner.rows.begin().await?;
        for row in rows {
            store::insert_named(&tx, row).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
