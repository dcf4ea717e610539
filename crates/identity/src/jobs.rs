//! What identity does by the clock.

use async_trait::async_trait;
use kloud_base::HOUR;
use kloud_store::jobs::{Job, JobFailure, JobHandler, JobRegistry};
use serde::{Deserialize, Serialize};

use crate::service::Identity;
use crate::store;

/// Ends sessions that nobody has used for too long.
#[derive(Serialize, Deserialize)]
pub struct EndSessions {}

impl Job for EndSessions {
    const KIND: &'static str = "EndSessions";
}

struct EndSessionsHandler(Identity);

#[async_trait]
impl JobHandler<EndSessions> for EndSessionsHandler {
    async fn run(&self, _: EndSessions) -> Result<(), JobFailure> {
        let mut tx = self.0.store().begin().await?;
        store::delete_expired_sessions(&mut tx, self.0.now()).await?;
        Ok(tx.commit().await?)
    }
}

/// The jobs of identity.
pub fn jobs(identity: &Identity) -> JobRegistry {
    JobRegistry::default().on(EndSessionsHandler(identity.clone())).every(HOUR, &EndSessions {})
}
