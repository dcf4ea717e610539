//! What meet holds of a person, and how it goes.

use async_trait::async_trait;
use kloud_privacy::purposes::ShowOwn;
use kloud_privacy::{Described, Ended, Grant, Holder, Person, Privacy, PrivacyError, Swept};

use crate::service::Meet;
use crate::store;

/// Meetings and seats.
pub struct MeetHolder(pub Meet);

#[async_trait]
impl Holder for MeetHolder {
    fn name(&self) -> &'static str {
        "meet"
    }

    async fn describe(
        &self,
        privacy: &Privacy,
        person: &Person,
        grant: &mut Grant<ShowOwn>,
    ) -> Result<Vec<Described>, PrivacyError> {
        let read = privacy.rows().read().await?;
        let meetings = store::meetings_of_hosts(&read, &person.members, None).await?;
        let seats = store::seats_of_members(&read, &person.members).await?;
        let shares = store::shares_of_members(&read, &person.members).await?;
        let bans = store::bans_of_members(&read, &person.members).await?;
        drop(read);
        let mut described = privacy.describe_rows(grant, &meetings).await?;
        described.extend(privacy.describe_rows(grant, &seats).await?);
        described.extend(privacy.describe_rows(grant, &shares).await?);
        described.extend(privacy.describe_rows(grant, &bans).await?);
        Ok(described)
    }

    /// A meeting without its host is nobody's to lead: it ends for all.
    async fn freeze(&self, _: &Privacy, person: &Person) -> Result<(), PrivacyError> {
        let ended = async {
            self.0.subject_ended(person.subject).await?;
            self.0.hosts_ended(&person.members).await
        };
        ended.await.map_err(|error| {
            tracing::error!(%error, "media could not be ended");
            PrivacyError::NotNow("media")
        })
    }

    /// Titles and names were sealed under the person's keys and are unreadable; the sealed bytes are overwritten so
    /// that nothing of them stays. Rows stay as attendance without a name.
    async fn sweep(&self, privacy: &Privacy, ended: &Ended) -> Result<Swept, PrivacyError> {
        if ended.members.is_empty() {
            return Ok(Swept::default());
        }
        let mut tx = privacy.rows().begin().await?;
        let titles = store::bury_meetings(&mut tx, &ended.members).await?;
        let removed = titles + store::bury_seats(&mut tx, &ended.members).await?;
        tx.commit().await?;
        Ok(Swept { removed, remaining: 0 })
    }
}
