//! What identity holds of a person, and how it goes.

use async_trait::async_trait;
use kloud_privacy::purposes::ShowOwn;
use kloud_privacy::{Described, Ended, Grant, Holder, Person, Privacy, PrivacyError, Swept};

use crate::service::Identity;
use crate::store;

/// Accounts, sessions, recovery codes.
pub struct IdentityHolder(pub Identity);

#[async_trait]
impl Holder for IdentityHolder {
    fn name(&self) -> &'static str {
        "identity"
    }

    async fn describe(
        &self,
        privacy: &Privacy,
        person: &Person,
        grant: &mut Grant<ShowOwn>,
    ) -> Result<Vec<Described>, PrivacyError> {
        let read = privacy.rows().read().await?;
        let account: Vec<_> = store::find_account(&read, person.subject).await?.into_iter().collect();
        let sessions = store::sessions_of(&read, person.subject).await?;
        let codes = store::recovery_codes_of(&read, person.subject).await?;
        drop(read);
        let mut described = privacy.describe_rows(grant, &account).await?;
        described.extend(privacy.describe_rows(grant, &sessions).await?);
        described.extend(privacy.describe_rows(grant, &codes).await?);
        Ok(described)
    }

    /// Signs the person out everywhere.
    async fn freeze(&self, privacy: &Privacy, person: &Person) -> Result<(), PrivacyError> {
        let mut tx = privacy.rows().begin().await?;
        let ended = store::delete_sessions(&mut tx, person.subject, None).await?;
        tx.commit().await?;
        self.0.tell_ended(&ended);
        Ok(())
    }

    async fn sweep(&self, privacy: &Privacy, ended: &Ended) -> Result<Swept, PrivacyError> {
        let Some(subject) = ended.subject else { return Ok(Swept::default()) };
        let mut tx = privacy.rows().begin().await?;
        if let Some(row) = store::find_account(&tx, subject).await? {
            tx.drop_stream(row.stream_id).await?;
        }
        let mut removed = store::delete_account(&mut tx, subject).await?;
        removed += u64::try_from(store::delete_sessions(&mut tx, subject, None).await?.len()).unwrap_or(u64::MAX);
        removed += store::delete_recovery_codes(&mut tx, subject).await?;
        tx.commit().await?;
        let remaining = store::count_rows(&privacy.rows().read().await?, subject).await?;
        Ok(Swept { removed, remaining })
    }
}
