//! Who is inside, as those inside see each other.

use std::collections::HashMap;

use kloud_chat::ChatPeople as _;
use kloud_http::Caller;
use kloud_privacy::MemberId;
use kloud_spaces::model::Action;

use super::Meet;
use crate::chat_people::MeetPeople;
use crate::error::MeetError;
use crate::model::{Code, Permits, Rights, SeatId, SeatRole, SeatStatus};
use crate::store::{self, seat};

/// Somebody in a meeting, as those inside see them.
#[derive(Clone, Debug)]
pub struct PersonView {
    pub id: SeatId,
    pub member: MemberId,
    pub name: Option<String>,
    pub role: SeatRole,
    pub status: SeatStatus,
    pub is_you: bool,
    pub permits: Permits,
    pub rights: Rights,
    /// What a host holds back.
    pub held: Rights,
    /// Place in the queue of raised hands, from 1.
    pub hand: Option<usize>,
}

impl Meet {
    /// Who is inside; for who manages people, also who waits and who is banned.
    pub async fn people(&self, caller: &Caller, code: &Code) -> Result<Vec<PersonView>, MeetError> {
        let meeting = self.by_code(code).await?;
        let authorised = self.inner.spaces.authorise(meeting.space_id, &caller.subjects(), Action::See).await?;
        let manages = kloud_spaces::model::may(Some(authorised.role), Action::ManagePeople);
        let states: &[SeatStatus] = if manages {
            &[SeatStatus::Admitted, SeatStatus::Waiting, SeatStatus::Banned]
        } else {
            &[SeatStatus::Admitted]
        };
        let rows = store::seats(&self.store().read().await?, meeting.id, states).await?;
        let members: Vec<MemberId> = rows.iter().map(|row| row.member_id).collect();
        let names = MeetPeople::new(self.privacy().clone()).names(&authorised, &members).await?;
        let queue = queue(&rows);
        Ok(rows
            .into_iter()
            .map(|row| PersonView {
                id: row.id,
                member: row.member_id,
                name: names.get(&row.member_id).cloned(),
                role: row.role_in(&meeting),
                status: row.status,
                is_you: row.member_id == authorised.member,
                permits: row.permits_in(&meeting),
                rights: row.rights_in(&meeting),
                held: Rights::from_bits(row.held),
                hand: queue.get(&row.id).copied(),
            })
            .collect())
    }
}

/// The raised hands in the order in which they went up: the same for everybody who asks.
fn queue(rows: &[seat::Model]) -> HashMap<SeatId, usize> {
    let mut raised: Vec<_> = rows.iter().filter_map(|row| row.hand_at.map(|at| (at, row.id))).collect();
    raised.sort_unstable();
    raised.into_iter().enumerate().map(|(before, (_, seat))| (seat, before + 1)).collect()
}
