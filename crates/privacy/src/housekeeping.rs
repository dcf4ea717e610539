//! What goes by the clock: openings and certificates past their time, monthly keys past their retention.

use async_trait::async_trait;
use kloud_store::jobs::{Job, JobFailure, JobHandler};
use serde::{Deserialize, Serialize};

use crate::error::PrivacyError;
use crate::keys::store;
use crate::privacy::Privacy;
use crate::subject::KeyId;
use crate::time::month;

/// How many whole months a monthly key outlives its month: the longest retention of what it seals (named openings, 24
/// months).
const MONTHS: i64 = 25;

/// Deletes what is past its time. Runs every hour.
#[derive(Debug, Serialize, Deserialize)]
pub struct PurgeExpired {}

impl Job for PurgeExpired {
    const KIND: &'static str = "PurgeExpired";

    fn dedupe(&self) -> Option<String> {
        Some("one".to_owned())
    }
}

#[async_trait]
impl JobHandler<PurgeExpired> for Privacy {
    async fn run(&self, _: PurgeExpired) -> Result<(), JobFailure> {
        self.purge_expired().await?;
        Ok(())
    }
}

impl Privacy {
    /// Deletes openings and certificates past their time, and ends monthly keys past theirs.
    pub async fn purge_expired(&self) -> Result<(), PrivacyError> {
        let now = self.now();
        let mut tx = self.inner.rows.begin().await?;
        crate::opening::store::purge(&mut tx, now).await?;
        crate::erase::store::purge(&mut tx, now).await?;
        tx.commit().await?;
        let read = self.inner.keystore.read().await?;
        let keys: Vec<KeyId> =
            store::monthly_keys_before(&read, month(now) - MONTHS).await?.into_iter().map(|key| key.id).collect();
        drop(read);
        if !keys.is_empty() {
            self.end_keys(&keys).await?;
        }
        Ok(())
    }
}
