//! What people of a meeting are called there, for whoever shares it.

use std::collections::HashMap;

use async_trait::async_trait;
use kloud_chat::NameOf;
use kloud_privacy::purposes::ShowToAudience;
use kloud_privacy::{MemberId, Privacy, PrivacyError};
use kloud_spaces::Authorised;

use crate::store;

/// Reads names from seats.
#[derive(Clone)]
pub struct SeatNames {
    privacy: Privacy,
}

impl SeatNames {
    pub fn new(privacy: Privacy) -> Self {
        Self { privacy }
    }
}

#[async_trait]
impl NameOf for SeatNames {
    async fn names(
        &self,
        reader: &Authorised,
        members: &[MemberId],
    ) -> Result<HashMap<MemberId, String>, PrivacyError> {
        let rows = store::seats_of_members(&self.privacy.rows().read().await?, members).await?;
        let owners: Vec<MemberId> = rows.iter().map(|row| row.member_id).collect();
        let why = reader.membership();
        let grant = self.privacy.grant_many::<ShowToAudience>(reader.subject, owners, why).await?;
        let mut names = HashMap::with_capacity(rows.len());
        for row in rows {
            if let Some(name) = row.open_name(&grant)? {
                names.insert(row.member_id, name);
            }
        }
        Ok(names)
    }
}
