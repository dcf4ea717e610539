//! What stays of a meeting, for those who had a part in it; and how somebody takes their part out.

use kloud_base::Timestamp;
use kloud_chat::ChatPeople as _;
use kloud_chat::model::ConversationId;
use kloud_http::Caller;
use kloud_privacy::purposes::ShowToAudience;
use kloud_privacy::{MemberId, Membership};
use kloud_spaces::model::Action;

use super::Meet;
use crate::chat_people::MeetPeople;
use crate::error::MeetError;
use crate::model::{Attendance, Code, MeetingState, Policy, SeatRole, SeatStatus};
use crate::store::{self, sitting};

/// What stays of a meeting.
#[derive(Clone, Debug)]
pub struct RecapView {
    pub code: Code,
    pub title: Option<String>,
    pub host_name: Option<String>,
    pub state: MeetingState,
    pub sittings: Vec<sitting::Model>,
    /// How many were ever inside.
    pub count: usize,
    /// Absent where attendance is not kept.
    pub people: Option<Vec<RecapPerson>>,
    pub shares: Vec<RecapShare>,
    pub conversation: ConversationId,
    pub messages: u64,
    pub chat_kept_until: Option<Timestamp>,
    pub policy: Policy,
    pub your_role: SeatRole,
    pub taken_out: bool,
}

/// Somebody who was there.
#[derive(Clone, Debug)]
pub struct RecapPerson {
    pub name: Option<String>,
    pub role: SeatRole,
    pub is_you: bool,
    pub came_at: Timestamp,
    pub left_at: Option<Timestamp>,
}

/// A screen that was shown.
#[derive(Clone, Debug)]
pub struct RecapShare {
    pub name: Option<String>,
    pub is_you: bool,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

impl Meet {
    pub async fn recap(&self, caller: &Caller, code: &Code) -> Result<RecapView, MeetError> {
        let meeting = self.by_code(code).await?;
        let reader = self.inner.spaces.authorise(meeting.space_id, &caller.subjects(), Action::See).await?;
        let read = self.store().read().await?;
        let sittings = store::sittings(&read, meeting.id).await?;
        let seats = store::seats(&read, meeting.id, SeatStatus::ALL).await?;
        let shown = store::shares(&read, meeting.id).await?;
        let count = self.inner.spaces.members(&read, meeting.space_id).await?.len();
        let (_, messages) = self.chat().authors(&read, meeting.conversation_id).await?;
        drop(read);
        let members: Vec<MemberId> = seats.iter().map(|seat| seat.member_id).collect();
        let names = MeetPeople::new(self.privacy().clone()).names(&reader, &members).await?;
        let why = Membership::checked("meet.recap", meeting.id.as_uuid());
        let grant = self.privacy().grant::<ShowToAudience>(reader.subject, meeting.host_member_id, why).await?;
        let title = meeting.title().map(|title| title.open(&grant)).transpose()?;
        let title = title.and_then(|title| title.release(kloud_privacy::purpose::Screen));

        let mine = seats.iter().find(|seat| seat.member_id == reader.member);
        let (your_role, taken_out) = match mine {
            Some(seat) => (seat.role_in(&meeting), seat.taken_out),
            None if reader.member == meeting.host_member_id => (SeatRole::Host, false),
            None => (SeatRole::Attendee, false),
        };
        let may_show = |member: MemberId| {
            seats.iter().any(|seat| seat.member_id == member && !seat.taken_out && seat.accepts(&meeting))
        };
        let person = |seat: &store::seat::Model| {
            let came_at = seat.admitted_at.filter(|_| may_show(seat.member_id))?;
            Some(RecapPerson {
                name: names.get(&seat.member_id).cloned(),
                role: seat.role_in(&meeting),
                is_you: seat.member_id == reader.member,
                came_at,
                left_at: seat.left_at,
            })
        };
        let share = |row: &sitting::share::Model| RecapShare {
            name: names.get(&row.member_id).cloned(),
            is_you: row.member_id == reader.member,
            started_at: row.started_at,
            ended_at: row.ended_at,
        };
        let is_kept = meeting.attendance == Attendance::Kept;
        Ok(RecapView {
            code: code.clone(),
            title,
            host_name: names.get(&meeting.host_member_id).cloned(),
            state: meeting.state,
            sittings,
            count,
            people: is_kept.then(|| seats.iter().filter_map(person).collect()),
            // Who showed something was there: told only where that is kept.
            shares: shown.iter().filter(|row| is_kept && may_show(row.member_id)).map(share).collect(),
            conversation: meeting.conversation_id,
            messages,
            chat_kept_until: self.chat().kept_until(meeting.conversation_id).await?,
            policy: meeting.policy(),
            your_role,
            taken_out,
        })
    }

    /// Takes the caller's own part out: name, times, messages, what was shown. Who is still inside leaves.
    pub async fn take_out(&self, caller: &Caller, code: &Code) -> Result<(), MeetError> {
        let meeting = self.by_code(code).await?;
        let (_, row) = self.seat_of(caller, meeting.id).await?.ok_or(MeetError::NotFound)?;
        if matches!(row.status, SeatStatus::Admitted | SeatStatus::Waiting) {
            self.vacate(meeting.clone(), row.clone(), SeatStatus::Left).await?;
        }
        let mut tx = self.store().begin().await?;
        let mut row = store::hold_seat(&mut tx, row.id).await?.ok_or(MeetError::NotFound)?;
        row.forget(meeting.created_at, false);
        row.taken_out = true;
        store::save_seat(&mut tx, row.clone()).await?;
        store::delete_shares(&mut tx, &[row.member_id]).await?;
        self.chat().take_away(&mut tx, meeting.conversation_id, row.member_id).await?;
        self.tell_seat(&mut tx, &meeting, &row).await?;
        Ok(tx.commit().await?)
    }
}
