//! The people of a meeting as its chat knows them: what they are called, and whether they may write now.

use std::collections::HashMap;

use async_trait::async_trait;
use kloud_chat::ChatPeople;
use kloud_privacy::purposes::ShowToAudience;
use kloud_privacy::{MemberId, Privacy, PrivacyError};
use kloud_spaces::Authorised;

use crate::store;

/// Reads seats.
#[derive(Clone)]
pub struct MeetPeople {
    privacy: Privacy,
}

impl MeetPeople {
    pub fn new(privacy: Privacy) -> Self {
        Self { privacy }
    }
}

#[async_trait]
impl ChatPeople for MeetPeople {
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

    async fn refusal(&self, author: &Authorised) -> Result<Option<&'static str>, PrivacyError> {
        let read = self.privacy.rows().read().await?;
        let Some(meeting) = store::meeting_of_space(&read, author.space.id).await? else { return Ok(None) };
        // The host writes before coming in, too.
        let Some(seat) = store::seat_of_member(&read, author.member).await? else { return Ok(None) };
        Ok(if !seat.rights_in(&meeting).chat {
            Some("not_allowed")
        } else if !seat.accepts(&meeting) {
            Some("policy_changed")
        } else {
            None
        })
    }
}
