//! Coming in, waiting, coming back, leaving.

use kloud_http::Caller;
use kloud_identity::Place;
use kloud_identity::model::Nickname;
use kloud_privacy::permission::Lowered;
use kloud_privacy::{MemberId, NewSubject, SubjectId, SubjectKind};
use kloud_spaces::model::Role;
use kloud_store::{StreamId, Tx};

use super::{Meet, Sitter, sitters};
use crate::error::MeetError;
use crate::live::LiveSeat;
use crate::model::{
    Code, GUEST_SESSION_LIVES, MeetingState, Permits, SEATS_MAX, SeatId, SeatRole, SeatStatus, WAITING_MAX, knocks,
};
use crate::store::{self, meeting, seat};

/// A seat as its own person sees it.
#[derive(Clone, Debug)]
pub struct SeatView {
    pub row: seat::Model,
    pub name: String,
    pub role: SeatRole,
    /// The media token, while inside.
    pub pass: Option<String>,
    pub sitting: Option<crate::ports::SittingId>,
    pub conversation: kloud_chat::model::ConversationId,
    pub permits: Permits,
}

/// A seat that was taken, with the guest's new cookie if one was made.
pub struct Joined {
    pub seat: SeatView,
    pub guest_token: Option<String>,
}

impl Meet {
    /// Takes a seat, or comes back to it. A guest's subject and key are made here, at the press of *Join*.
    pub async fn join(
        &self,
        caller: &Caller,
        code: &Code,
        name: Option<String>,
        place: &Place,
    ) -> Result<Joined, MeetError> {
        let meeting = self.by_code(code).await?;
        if meeting.state == MeetingState::Ended {
            return Err(MeetError::Refused("meeting_ended"));
        }
        if let Some((sitter, row)) = self.seat_of(caller, meeting.id).await? {
            let seat = self.come_back(sitter, meeting, row, name).await?;
            return Ok(Joined { seat, guest_token: None });
        }
        self.check_room(&meeting).await?;
        match &caller.account {
            Some(account) => {
                let name = match name {
                    Some(name) => name,
                    None => self.inner.identity.own_nickname(account.subject).await?.unwrap_or_default(),
                };
                let sitter = sitters(caller).into_iter().next().ok_or(MeetError::NotFound)?;
                let row = self.take_seat(&meeting, sitter.subject, None, &name, None).await?.0;
                Ok(Joined { seat: self.seat_view(sitter, meeting, row).await?, guest_token: None })
            }
            None => {
                let name = name.ok_or(MeetError::Invalid { field: "name", reason: "empty" })?;
                let guest = self.privacy().create_subject(SubjectKind::Guest).await?;
                let subject = guest.id();
                let (row, session) = self.take_seat(&meeting, subject, Some(guest), &name, Some(place)).await?;
                let session = session.ok_or(MeetError::NotFound)?;
                let sitter = Sitter { subject, session: session.session, is_guest: true };
                let seat = self.seat_view(sitter, meeting, row).await?;
                Ok(Joined { seat, guest_token: Some(session.token) })
            }
        }
    }

    async fn check_room(&self, meeting: &meeting::Model) -> Result<(), MeetError> {
        let read = self.store().read().await?;
        let inside = store::count_seats(&read, meeting.id, SeatStatus::Admitted).await?;
        let waiting = store::count_seats(&read, meeting.id, SeatStatus::Waiting).await?;
        if inside >= SEATS_MAX || waiting >= WAITING_MAX { Err(MeetError::Refused("meeting_full")) } else { Ok(()) }
    }

    async fn take_seat(
        &self,
        meeting: &meeting::Model,
        subject: SubjectId,
        guest: Option<NewSubject>,
        name: &str,
        place: Option<&Place>,
    ) -> Result<(seat::Model, Option<kloud_identity::NewSession>), MeetError> {
        let name = parse_name(name)?;
        let mine = self.privacy().members_of(subject).await?;
        let is_host = mine.contains(&meeting.host_member_id);
        let member = if is_host { meeting.host_member_id } else { self.privacy().create_member(subject).await? };
        let sealer = self.privacy().month_sealer(subject).await?;
        let part = self.inner.spaces.part(meeting.space_id, &[subject]).await?;
        let waits = knocks(meeting.admission, part.as_ref().map(|(_, part)| part.role));
        let now = self.now();
        let id = SeatId::new(now, self.rng());
        let row = seat::Model {
            id,
            meeting_id: meeting.id,
            member_id: member,
            stream_id: StreamId::random(self.rng()),
            name: Some(seat::Model::seal_name(&sealer, id, &name)?),
            is_guest: guest.is_some(),
            status: if waits { SeatStatus::Waiting } else { SeatStatus::Admitted },
            permits: Permits { data: true, ..Permits::default() }.bits(),
            epoch: 1,
            knocked_at: now,
            admitted_at: (!waits).then_some(now),
            left_at: None,
        };
        let is_guest = row.is_guest;
        let mut tx = self.store().begin().await?;
        let mut session = None;
        if let (Some(guest), Some(place)) = (guest, place) {
            guest.anchor(&mut tx, self.privacy()).await?;
            let opened = self.inner.identity.open_guest_session(&mut tx, &sealer, place, GUEST_SESSION_LIVES);
            session = Some(opened.await?);
        }
        store::insert_seat(&mut tx, row.clone()).await?;
        if !waits && !is_host {
            let role = if is_guest { Role::Guest } else { Role::Member };
            self.inner.spaces.add(&mut tx, meeting.space_id, member, role).await?;
        }
        self.tell_seat(&mut tx, meeting, &row).await?;
        tx.commit().await?;
        Ok((row, session))
    }

    async fn come_back(
        &self,
        sitter: Sitter,
        meeting: meeting::Model,
        mut row: seat::Model,
        name: Option<String>,
    ) -> Result<SeatView, MeetError> {
        match row.status {
            SeatStatus::Denied | SeatStatus::Removed => return self.seat_view(sitter, meeting, row).await,
            SeatStatus::Waiting | SeatStatus::Admitted | SeatStatus::Left => {}
        }
        let mut changed = false;
        if let Some(name) = name {
            let name = parse_name(&name)?;
            if name != self.own_name(sitter.subject, &row).await? {
                let sealer = self.privacy().sealer(sitter.subject).await?;
                row.name = Some(seat::Model::seal_name(&sealer, row.id, &name)?);
                changed = true;
            }
        }
        if row.status == SeatStatus::Left {
            // Who was inside has a part and walks in again; who only knocked knocks again.
            row.status = if row.admitted_at.is_some() { SeatStatus::Admitted } else { SeatStatus::Waiting };
            row.left_at = None;
            row.permits = Permits { data: true, ..Permits::default() }.bits();
            row.epoch += 1;
            changed = true;
        }
        if changed {
            let mut tx = self.store().begin().await?;
            store::save_seat(&mut tx, row.clone()).await?;
            self.tell_seat(&mut tx, &meeting, &row).await?;
            tx.commit().await?;
        }
        self.seat_view(sitter, meeting, row).await
    }

    /// The caller's seat, with a fresh pass while they are inside.
    pub async fn seat(&self, caller: &Caller, code: &Code) -> Result<SeatView, MeetError> {
        let meeting = self.by_code(code).await?;
        let (sitter, row) = self.seat_of(caller, meeting.id).await?.ok_or(MeetError::NotFound)?;
        self.seat_view(sitter, meeting, row).await
    }

    /// A seat's own stream, for its person.
    pub async fn seat_stream_for(&self, caller: &Caller, seat: SeatId) -> Result<Option<StreamId>, MeetError> {
        Ok(self.own_seat(caller, seat).await?.map(|row| row.stream_id))
    }

    /// The stream of the people inside, for one who is.
    pub async fn room_stream_for(&self, caller: &Caller, seat: SeatId) -> Result<Option<StreamId>, MeetError> {
        let Some(row) = self.own_seat(caller, seat).await? else { return Ok(None) };
        if row.status != SeatStatus::Admitted {
            return Ok(None);
        }
        let read = self.store().read().await?;
        let Some(meeting) = store::find_meeting(&read, row.meeting_id).await? else { return Ok(None) };
        Ok(Some(self.room_stream(&read, &meeting).await?))
    }

    async fn own_seat(&self, caller: &Caller, seat: SeatId) -> Result<Option<seat::Model>, MeetError> {
        let Some(row) = store::find_seat(&self.store().read().await?, seat).await? else { return Ok(None) };
        Ok(self.seat_of(caller, row.meeting_id).await?.map(|(_, mine)| mine).filter(|mine| mine.id == seat))
    }

    pub(crate) async fn seat_view(
        &self,
        sitter: Sitter,
        meeting: meeting::Model,
        row: seat::Model,
    ) -> Result<SeatView, MeetError> {
        let name = self.own_name(sitter.subject, &row).await?;
        let row = self.only_permitted(sitter.subject, &meeting, row).await?;
        let permits = Permits::from_bits(row.permits);
        let is_host = row.member_id == meeting.host_member_id;
        let role = if is_host { SeatRole::Host } else { SeatRole::Attendee };
        let conversation = meeting.conversation_id;
        let (mut pass, mut sitting) = (None, None);
        if row.status == SeatStatus::Admitted && meeting.state != MeetingState::Ended {
            let here = self.begin_sitting(meeting).await?;
            self.inner.live.enter(LiveSeat { sitting: here, member: row.member_id }, sitter.subject, sitter.session);
            let admitted = self.inner.media.admit(here, row.member_id, &name, permits, row.epoch).await?;
            pass = Some(admitted.token);
            sitting = Some(here);
        }
        Ok(SeatView { row, name, role, pass, sitting, conversation, permits })
    }

    /// Leaves; the seat stays the person's, to come back to.
    pub async fn leave(&self, caller: &Caller, code: &Code) -> Result<(), MeetError> {
        let meeting = self.by_code(code).await?;
        let (_, row) = self.seat_of(caller, meeting.id).await?.ok_or(MeetError::NotFound)?;
        self.vacate(meeting, row, SeatStatus::Left).await
    }

    /// What somebody allowed for the sitting ends with their last seat; the rows of their seats are saved before.
    pub(crate) async fn end_permissions(&self, tx: &mut Tx, member: MemberId) -> Result<Lowered, MeetError> {
        let Some(subject) = self.privacy().subject_of(member).await? else { return Ok(Lowered::default()) };
        let members = self.privacy().members_of(subject).await?;
        if store::is_inside(tx, &members).await? {
            return Ok(Lowered::default());
        }
        Ok(self.privacy().end_sitting(tx, subject).await?)
    }

    /// Empties a seat: media first, then the row, then the word.
    pub(crate) async fn vacate(
        &self,
        meeting: meeting::Model,
        mut row: seat::Model,
        status: SeatStatus,
    ) -> Result<(), MeetError> {
        if let Some(sitting) = meeting.sitting {
            self.inner.live.leave(LiveSeat { sitting, member: row.member_id });
            self.inner.media.remove(sitting, row.member_id).await?;
        }
        if !matches!(row.status, SeatStatus::Admitted | SeatStatus::Waiting) {
            return Ok(());
        }
        let was_inside = row.status == SeatStatus::Admitted;
        row.status = status;
        row.left_at = Some(self.now());
        row.permits = Permits::default().bits();
        row.epoch += 1;
        let mut tx = self.store().begin().await?;
        store::save_seat(&mut tx, row.clone()).await?;
        let lowered = self.end_permissions(&mut tx, row.member_id).await?;
        if status == SeatStatus::Removed && was_inside {
            self.inner.spaces.end(&mut tx, row.member_id).await?;
        }
        self.tell_seat(&mut tx, &meeting, &row).await?;
        tx.commit().await?;
        self.privacy().announce(lowered);
        if status == SeatStatus::Removed && was_inside {
            self.inner.spaces.tell_ended(meeting.space_id, row.member_id);
        }
        self.rest_if_empty(meeting).await
    }
}

fn parse_name(name: &str) -> Result<String, MeetError> {
    let name = Nickname::parse(name).map_err(|fault| MeetError::Invalid { field: "name", reason: fault.code() })?;
    Ok(name.into_string())
}
