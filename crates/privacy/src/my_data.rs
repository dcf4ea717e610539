//! *My data* and the export: every declared column of a person's rows, with why, until when and from where.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::error::PrivacyError;
use crate::grant::Grant;
use crate::holder::Person;
use crate::inventory::Described;
use crate::privacy::Privacy;
use crate::purpose::Own;
use crate::purposes::ShowOwn;
use crate::subject::SubjectId;

/// What a person takes with them.
pub struct Export {
    /// Everything described, as JSON.
    pub data: Value,
    /// Files by name.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Privacy {
    /// Everything that is held of a person, for the person.
    pub async fn my_data(&self, subject: SubjectId) -> Result<Vec<Described>, PrivacyError> {
        let (person, mut grant) = self.as_own(subject).await?;
        let mut described = self.describe_own_rows(subject, &mut grant).await?;
        for holder in self.holders() {
            described.extend(holder.describe(self, &person, &mut grant).await?);
        }
        Ok(described)
    }

    /// The export: what *My data* shows, and the files.
    pub async fn export(&self, subject: SubjectId) -> Result<Export, PrivacyError> {
        let (person, mut grant) = self.as_own(subject).await?;
        let described: Vec<Value> = self.my_data(subject).await?.iter().map(Described::to_json).collect();
        let mut files = BTreeMap::new();
        for holder in self.holders() {
            files.extend(holder.export(self, &person, &mut grant).await?);
        }
        Ok(Export { data: json!({ "version": 1, "made_at": self.now(), "values": described }), files })
    }

    async fn as_own(&self, subject: SubjectId) -> Result<(Person, Grant<ShowOwn>), PrivacyError> {
        let members = self.members_of(subject).await?;
        let owners = members.iter().map(Into::into).chain([subject.into()]).collect();
        let grant = self.give::<ShowOwn>(subject.into(), owners, &Own, None).await?;
        Ok((Person { subject, members }, grant))
    }

    async fn describe_own_rows(
        &self,
        subject: SubjectId,
        grant: &mut Grant<ShowOwn>,
    ) -> Result<Vec<Described>, PrivacyError> {
        let read = self.inner.rows.read().await?;
        let days = crate::opening::store::days_of(&read, subject).await?;
        let named = crate::opening::store::named_of(&read, subject).await?;
        let consents = crate::consent::store::consents_of(&read, subject).await?;
        let permissions = crate::permission::store::of_subject(&read, subject).await?;
        let disclosures = crate::disclosure::store::of_subject(&read, subject).await?;
        let erasures = crate::erase::store::of_subject(&read, subject).await?;
        drop(read);
        let mut described = self.describe_rows(grant, &days).await?;
        described.extend(self.describe_rows(grant, &named).await?);
        described.extend(self.describe_rows(grant, &consents).await?);
        described.extend(self.describe_rows(grant, &permissions).await?);
        described.extend(self.describe_rows(grant, &disclosures).await?);
        described.extend(self.describe_rows(grant, &erasures).await?);
        Ok(described)
    }
}
