//! What the store needs by the clock.

use async_trait::async_trait;
use kloud_base::{Clock as _, HOUR};
use kloud_store::Store;
use kloud_store::jobs::{Job, JobFailure, JobHandler, JobRegistry};
use serde::{Deserialize, Serialize};

use crate::system::SystemClock;

/// Deletes events that no client will ask for any more.
#[derive(Serialize, Deserialize)]
struct PurgeEvents {}

impl Job for PurgeEvents {
    const KIND: &'static str = "PurgeEvents";
}

struct PurgeEventsHandler(Store);

#[async_trait]
impl JobHandler<PurgeEvents> for PurgeEventsHandler {
    async fn run(&self, _: PurgeEvents) -> Result<(), JobFailure> {
        let mut tx = self.0.begin().await?;
        tx.purge_events(SystemClock.now()).await?;
        Ok(tx.commit().await?)
    }
}

/// The jobs of the store.
pub fn jobs(store: &Store) -> JobRegistry {
    JobRegistry::default().on(PurgeEventsHandler(store.clone())).every(HOUR, &PurgeEvents {})
}
