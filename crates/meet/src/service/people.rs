//! Who is inside, as those inside see each other.

use std::collections::HashMap;

use kloud_base::Timestamp;
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
    /// Place among those whom a host shows large to everybody, from 1.
    pub spotlight: Option<usize>,
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
        let hands = places(&rows, |row| row.hand_at);
        let spotlight = places(&rows, |row| row.spotlit_at);
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
                hand: hands.get(&row.id).copied(),
                spotlight: spotlight.get(&row.id).copied(),
            })
            .collect())
    }
}

/// Places in the order of some time that a seat may have: the same for everybody who asks.
fn places(rows: &[seat::Model], since: impl Fn(&seat::Model) -> Option<Timestamp>) -> HashMap<SeatId, usize> {
    let mut those: Vec<_> = rows.iter().filter_map(|row| since(row).map(|at| (at, row.id))).collect();
    those.sort_unstable();
    those.into_iter().enumerate().map(|(before, (_, seat))| (seat, before + 1)).collect()
}
