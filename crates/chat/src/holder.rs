//! What chat holds of a person, and how it goes.

use async_trait::async_trait;
use kloud_privacy::purposes::ShowOwn;
use kloud_privacy::{Described, Ended, Grant, Holder, Person, Privacy, PrivacyError, Swept};

use crate::store;

/// Messages. Their bodies go, a tombstone stays.
pub struct ChatHolder;

#[async_trait]
impl Holder for ChatHolder {
    fn name(&self) -> &'static str {
        "chat"
    }

    async fn describe(
        &self,
        privacy: &Privacy,
        person: &Person,
        grant: &mut Grant<ShowOwn>,
    ) -> Result<Vec<Described>, PrivacyError> {
        let rows = store::bodies_of(&privacy.rows().read().await?, &person.members).await?;
        privacy.describe_rows(grant, &rows).await
    }

    async fn freeze(&self, _: &Privacy, _: &Person) -> Result<(), PrivacyError> {
        Ok(())
    }

    async fn sweep(&self, privacy: &Privacy, ended: &Ended) -> Result<Swept, PrivacyError> {
        if ended.members.is_empty() {
            return Ok(Swept::default());
        }
        let mut tx = privacy.rows().begin().await?;
        let removed = store::bury_bodies(&mut tx, &ended.members).await?;
        tx.commit().await?;
        let remaining = store::count_bodies(&privacy.rows().read().await?, &ended.members).await?;
        Ok(Swept { removed, remaining })
    }
}
