//! What spaces hold of a person, and how it goes.

use async_trait::async_trait;
use kloud_privacy::purposes::ShowOwn;
use kloud_privacy::{Described, Ended, Grant, Holder, Person, Privacy, PrivacyError, Swept};

use crate::store;

/// Memberships. They stay as rows that lead to nobody.
pub struct SpacesHolder;

#[async_trait]
impl Holder for SpacesHolder {
    fn name(&self) -> &'static str {
        "spaces"
    }

    async fn describe(
        &self,
        privacy: &Privacy,
        person: &Person,
        grant: &mut Grant<ShowOwn>,
    ) -> Result<Vec<Described>, PrivacyError> {
        let rows = store::memberships(&privacy.rows().read().await?, &person.members).await?;
        privacy.describe_rows(grant, &rows).await
    }

    async fn freeze(&self, _: &Privacy, _: &Person) -> Result<(), PrivacyError> {
        Ok(())
    }

    async fn sweep(&self, _: &Privacy, _: &Ended) -> Result<Swept, PrivacyError> {
        Ok(Swept::default())
    }
}
