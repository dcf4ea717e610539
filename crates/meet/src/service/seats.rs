//! Coming in, waiting, coming back, leaving.

use kloud_base::Timestamp;
use kloud_chat::model::ConversationId;
use kloud_http::Caller;
use kloud_identity::model::Nickname;
use kloud_identity::{NewSession, Place};
use kloud_privacy::permission::Lowered;
use kloud_privacy::{MemberId, NewSubject, SubjectId, SubjectKind};
use kloud_store::{StreamId, Tx};

use super::{Knock, Meet, Sitter, sitters};
use crate::error::MeetError;
use crate::live::LiveSeat;
use crate::model::{Code, GUEST_SESSION_LIVES, MeetingState, Permits, Rights, SeatId, SeatRole, SeatStatus};
use crate::ports::{MediaPass, SittingId};
use crate::store::{self, meeting, seat};

/// A seat as its own person sees it.
#[derive(Clone, Debug)]
pub struct SeatView {
    pub row: seat::Model,
    pub name: String,
    pub role: SeatRole,
    /// The way to the media, while inside.
    pub pass: Option<MediaPass>,
    pub sitting: Option<SittingId>,
    /// When what goes on now began; while inside.
    pub started_at: Option<Timestamp>,
    pub conversation: ConversationId,
    pub permits: Permits,
    pub rights: Rights,
    /// The version of what the meeting keeps, and whether this person agreed to it.
    pub policy: (i64, bool),
}

/// A seat that was taken, with the guest's new cookie if one was made.
pub struct Joined {
    pub seat: SeatView,
    pub guest_token: Option<String>,
}

/// Who takes a seat: a person who is known, or a guest who is made here.
enum Comer<'a> {
    Known(SubjectId),
    Guest(NewSubject, &'a Place),
}

impl Meet {
    /// Takes a seat, or comes back to it. A guest's subject and key are made here, at the press of *Join*.
    pub async fn join(&self, caller: &Caller, code: &Code, knock: Knock<'_>) -> Result<Joined, MeetError> {
        let meeting = self.by_code(code).await?;
        if meeting.state == MeetingState::Ended {
            return Err(MeetError::Refused("meeting_ended"));
        }
        if let Some((sitter, row)) = self.seat_of(caller, meeting.id).await? {
            let seat = self.come_back(caller, sitter, meeting, row, knock).await?;
            return Ok(Joined { seat, guest_token: None });
        }
        let part = self.inner.spaces.part(meeting.space_id, &caller.subjects()).await?.map(|(_, part)| part.role);
        self.check_entry(caller, &meeting, part, &knock).await?;
        let waits = self.must_wait(&meeting, part).await?;
        check_shown(&meeting, &knock)?;
        let policy = knock.policy.unwrap_or(meeting.policy_version);
        let (name, comer) = match &caller.account {
            Some(account) => {
                let name = match knock.name {
                    Some(name) => name,
                    None => self.inner.identity.own_nickname(account.subject).await?.unwrap_or_default(),
                };
                (name, Comer::Known(account.subject))
            }
            None => {
                let name = knock.name.ok_or(MeetError::Invalid { field: "name", reason: "empty" })?;
                parse_name(&name)?;
                (name, Comer::Guest(self.privacy().create_subject(SubjectKind::Guest).await?, knock.place))
            }
        };
        let (row, guest) = self.take_seat(&meeting, comer, &name, waits, policy).await?;
        let sitter = match &guest {
            Some((subject, session)) => Sitter { subject: *subject, session: session.session, is_guest: true },
            None => sitters(caller).into_iter().next().ok_or(MeetError::NotFound)?,
        };
        let seat = self.seat_view(sitter, meeting, row).await?;
        Ok(Joined { seat, guest_token: guest.map(|(_, session)| session.token) })
    }

    async fn take_seat(
        &self,
        meeting: &meeting::Model,
        comer: Comer<'_>,
        name: &str,
        waits: bool,
        accepted_policy: i64,
    ) -> Result<(seat::Model, Option<(SubjectId, NewSession)>), MeetError> {
        let name = parse_name(name)?;
        let (subject, guest) = match comer {
            Comer::Known(subject) => (subject, None),
            Comer::Guest(guest, place) => (guest.id(), Some((guest, place))),
        };
        let mine = self.privacy().members_of(subject).await?;
        let is_host = mine.contains(&meeting.host_member_id);
        let member = if is_host { meeting.host_member_id } else { self.privacy().create_member(subject).await? };
        let sealer = self.privacy().month_sealer(subject).await?;
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
            role: SeatRole::Attendee,
            granted: 0,
            held: 0,
            hand_at: None,
            spotlit_at: None,
            accepted_policy,
            taken_out: false,
            knocked_at: now,
            admitted_at: (!waits).then_some(now),
            left_at: None,
        };
        let mut tx = self.store().begin().await?;
        let mut session = None;
        if let Some((guest, place)) = guest {
            guest.anchor(&mut tx, self.privacy()).await?;
            let opened = self.inner.identity.open_guest_session(&mut tx, &sealer, place, GUEST_SESSION_LIVES);
            session = Some((subject, opened.await?));
        }
        store::insert_seat(&mut tx, row.clone()).await?;
        if !waits {
            let part = row.role_in(meeting).part(row.is_guest);
            self.inner.spaces.give(&mut tx, meeting.space_id, member, part).await?;
        }
        self.tell_seat(&mut tx, meeting, &row).await?;
        tx.commit().await?;
        Ok((row, session))
    }

    async fn come_back(
        &self,
        caller: &Caller,
        sitter: Sitter,
        meeting: meeting::Model,
        row: seat::Model,
        knock: Knock<'_>,
    ) -> Result<SeatView, MeetError> {
        if matches!(row.status, SeatStatus::Denied | SeatStatus::Banned) {
            return self.seat_view(sitter, meeting, row).await;
        }
        check_shown(&meeting, &knock)?;
        let known = self.own_name(sitter.subject, &row).await?;
        let name = match knock.name {
            Some(name) => Some(parse_name(&name)?),
            // Forgotten since: who has an account is called as there.
            None if known.is_empty() => self.inner.identity.own_nickname(sitter.subject).await?,
            None => None,
        };
        let name = match name.filter(|name| *name != known) {
            Some(name) => {
                let sealer = self.privacy().sealer(sitter.subject).await?;
                Some(seat::Model::seal_name(&sealer, row.id, &name)?)
            }
            None => None,
        };
        // Who has a part walks in again; who only knocked, or was put out, knocks again.
        let part = self.inner.spaces.part(meeting.space_id, &caller.subjects()).await?.map(|(_, part)| part.role);
        let must_wait = part.is_none() && (row.status != SeatStatus::Left || self.must_wait(&meeting, part).await?);
        let mut tx = self.store().begin().await?;
        let before = store::hold_seat(&mut tx, row.id).await?.ok_or(MeetError::NotFound)?;
        // A host was quicker.
        if matches!(before.status, SeatStatus::Denied | SeatStatus::Banned) {
            drop(tx);
            return self.seat_view(sitter, meeting, before).await;
        }
        let mut row = seat::Model { name: name.or_else(|| before.name.clone()), ..before.clone() };
        row.accepted_policy = row.accepted_policy.max(knock.policy.unwrap_or(0));
        if matches!(row.status, SeatStatus::Left | SeatStatus::Removed) {
            if part.is_none() {
                self.check_open(&meeting)?;
            }
            let waits = row.status == SeatStatus::Removed || must_wait;
            row.status = if waits { SeatStatus::Waiting } else { SeatStatus::Admitted };
            row.admitted_at = row.admitted_at.or((!waits).then(|| self.now()));
            row.left_at = None;
            row.taken_out = false;
            row.permits = Permits { data: true, ..Permits::default() }.bits();
            row.epoch += 1;
        }
        if row != before {
            store::save_seat(&mut tx, row.clone()).await?;
            if (before.status, row.status) == (SeatStatus::Left, SeatStatus::Admitted) {
                let part = row.role_in(&meeting).part(row.is_guest);
                self.inner.spaces.give(&mut tx, meeting.space_id, row.member_id, part).await?;
            }
            self.tell_seat(&mut tx, &meeting, &row).await?;
        }
        tx.commit().await?;
        self.seat_view(sitter, meeting, row).await
    }

    /// The caller's seat in a meeting they are inside of.
    pub(crate) async fn inside(
        &self,
        caller: &Caller,
        code: &Code,
    ) -> Result<(Sitter, meeting::Model, seat::Model), MeetError> {
        let meeting = self.by_code(code).await?;
        let (sitter, row) = self.seat_of(caller, meeting.id).await?.ok_or(MeetError::NotFound)?;
        if row.status == SeatStatus::Admitted {
            Ok((sitter, meeting, row))
        } else {
            Err(MeetError::Refused("not_inside"))
        }
    }

    /// Agrees to what the meeting keeps now.
    pub async fn accept_policy(&self, caller: &Caller, code: &Code, version: i64) -> Result<SeatView, MeetError> {
        let (sitter, meeting, row) = self.inside(caller, code).await?;
        if version != meeting.policy_version {
            return Err(MeetError::Refused("policy_changed"));
        }
        let mut tx = self.store().begin().await?;
        let mut row = store::hold_seat(&mut tx, row.id).await?.ok_or(MeetError::NotFound)?;
        row.accepted_policy = version;
        store::save_seat(&mut tx, row.clone()).await?;
        self.tell_seat(&mut tx, &meeting, &row).await?;
        tx.commit().await?;
        self.seat_view(sitter, meeting, row).await
    }

    /// The host who changes what is kept has agreed to it.
    pub(crate) async fn accept_for_host(&self, tx: &mut Tx, meeting: &meeting::Model) -> Result<(), MeetError> {
        let Some(mut seat) = store::hold_seat_of(tx, meeting.host_member_id).await? else { return Ok(()) };
        if !seat.accepts(meeting) {
            seat.accepted_policy = meeting.policy_version;
            store::save_seat(tx, seat).await?;
        }
        Ok(())
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
        let mut view = SeatView {
            name,
            role: row.role_in(&meeting),
            pass: None,
            sitting: None,
            started_at: None,
            conversation: meeting.conversation_id,
            permits: row.permits_in(&meeting),
            rights: row.rights_in(&meeting),
            policy: (meeting.policy_version, row.accepts(&meeting)),
            row,
        };
        if view.row.status == SeatStatus::Admitted && meeting.state != MeetingState::Ended {
            let sitting = self.begin_sitting(meeting).await?;
            let here = LiveSeat { sitting: sitting.id, member: view.row.member_id };
            self.inner.live.enter(here, sitter.subject, sitter.session);
            let (permits, epoch) = (view.permits, view.row.epoch);
            let admitted = self.inner.media.admit(sitting.id, here.member, &view.name, permits, epoch).await?;
            view.pass = Some(admitted);
            view.sitting = Some(sitting.id);
            view.started_at = Some(sitting.started_at);
        }
        Ok(view)
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
        row: seat::Model,
        status: SeatStatus,
    ) -> Result<(), MeetError> {
        if let Some(sitting) = meeting.sitting {
            self.inner.live.leave(LiveSeat { sitting, member: row.member_id });
            self.inner.media.remove(sitting, row.member_id).await?;
        }
        let mut tx = self.store().begin().await?;
        let mut row = store::hold_seat(&mut tx, row.id).await?.ok_or(MeetError::NotFound)?;
        let ends_part = matches!(status, SeatStatus::Removed | SeatStatus::Banned | SeatStatus::Waiting);
        let is_in = matches!(row.status, SeatStatus::Admitted | SeatStatus::Waiting);
        if row.status == status || !(is_in || ends_part) {
            return Ok(());
        }
        let now = self.now();
        row.status = status;
        row.left_at = (status != SeatStatus::Waiting).then_some(now);
        row.hand_at = None;
        row.spotlit_at = None;
        row.permits = Permits { data: status == SeatStatus::Waiting, ..Permits::default() }.bits();
        row.epoch += 1;
        store::save_seat(&mut tx, row.clone()).await?;
        store::end_shares(&mut tx, row.member_id, now).await?;
        let lowered = self.end_permissions(&mut tx, row.member_id).await?;
        if ends_part {
            self.inner.spaces.end(&mut tx, row.member_id).await?;
        }
        self.tell_seat(&mut tx, &meeting, &row).await?;
        tx.commit().await?;
        self.privacy().announce(lowered);
        if ends_part {
            self.inner.spaces.tell_ended(meeting.space_id, row.member_id);
        }
        self.rest_if_empty(meeting).await
    }
}

/// Who was shown something else than what is kept now is shown that first.
fn check_shown(meeting: &meeting::Model, knock: &Knock<'_>) -> Result<(), MeetError> {
    match knock.policy {
        Some(shown) if shown != meeting.policy_version => Err(MeetError::Refused("policy_changed")),
        Some(_) | None => Ok(()),
    }
}

fn parse_name(name: &str) -> Result<String, MeetError> {
    let name = Nickname::parse(name).map_err(|fault| MeetError::Invalid { field: "name", reason: fault.code() })?;
    Ok(name.into_string())
}
