//! What the store needs by the clock.

use std::sync::Arc;

use async_trait::async_trait;
use kloud_base::{Clock, HOUR};
use kloud_store::Store;
use kloud_store::jobs::{Job, JobFailure, JobHandler, JobRegistry};
use serde::{Deserialize, Serialize};

/// Deletes events that no client will ask for any more.
#[derive(Serialize, Deserialize)]
struct PurgeEvents {}

impl Job for PurgeEvents {
    const KIND: &'static str = "PurgeEvents";
}

struct PurgeEventsHandler(Store, Arc<dyn Clock>);

#[async_trait]
impl JobHandler<PurgeEvents> for PurgeEventsHandler {
    async fn run(&self, _: PurgeEvents) -> Result<(), JobFailure> {
        let mut tx = self.0.begin().await?;
        tx.purge_events(self.1.now()).await?;
        Ok(tx.commit().await?)
    }
}

/// The jobs of the store.
pub fn jobs(store: &Store, clock: Arc<dyn Clock>) -> JobRegistry {
    JobRegistry::default().on(PurgeEventsHandler(store.clone(), clock)).every(HOUR, &PurgeEvents {})
}
