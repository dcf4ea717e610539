//! What chat does by the clock.

use async_trait::async_trait;
use kloud_base::HOUR;
use kloud_store::jobs::{Job, JobFailure, JobHandler, JobRegistry};
use serde::{Deserialize, Serialize};

use crate::service::Chat;
use crate::store;

/// Deletes conversations whose stated time is over.
#[derive(Serialize, Deserialize)]
pub struct EndConversations {}

impl Job for EndConversations {
    const KIND: &'static str = "EndConversations";
}

struct EndConversationsHandler(Chat);

#[async_trait]
impl JobHandler<EndConversations> for EndConversationsHandler {
    async fn run(&self, _: EndConversations) -> Result<(), JobFailure> {
        loop {
            let expired = store::expired(&self.0.store().read().await?, self.0.now()).await?;
            if expired.is_empty() {
                return Ok(());
            }
            for conversation in expired {
                let mut tx = self.0.store().begin().await?;
                store::delete_conversation(&mut tx, conversation.id).await?;
                tx.drop_stream(conversation.stream_id).await?;
                tx.commit().await?;
            }
        }
    }
}

/// The jobs of chat.
pub fn jobs(chat: &Chat) -> JobRegistry {
    JobRegistry::default().on(EndConversationsHandler(chat.clone())).every(HOUR, &EndConversations {})
}
