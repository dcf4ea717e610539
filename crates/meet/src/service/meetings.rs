//! A meeting as a thing: made, listed, shown, changed.

use kloud_base::Timestamp;
use kloud_http::{AccountActor, Caller};
use kloud_privacy::purpose::Screen;
use kloud_privacy::purposes::ShowToAudience;
use kloud_privacy::{Actor, MemberId, Membership, SubjectId};
use kloud_spaces::model::{Action, Role, SpaceKind};

use super::Meet;
use crate::error::MeetError;
use crate::model::{
    Admission, Attendance, Code, MeetingId, MeetingState, Rights, Schedule, SeatRole, SeatStatus, parse_cap,
    parse_passcode, parse_title,
};
use crate::store::{self, meeting};

/// The most meetings that one list shows.
const LISTED_MAX: u64 = 200;

/// A meeting as somebody with a part in it sees it.
#[derive(Clone, Debug)]
pub struct MeetingView {
    pub row: meeting::Model,
    pub title: Option<String>,
    /// For who manages people.
    pub passcode: Option<String>,
    pub host_name: Option<String>,
    pub role: SeatRole,
    pub inside: u64,
    pub chat_kept_until: Option<Timestamp>,
}

/// What a new meeting is to be.
pub struct NewMeeting {
    pub title: Option<String>,
    pub admission: Admission,
    pub time: Option<NewTime>,
}

/// A time as it was sent.
pub struct NewTime {
    pub starts_at: Timestamp,
    pub minutes: i32,
    pub zone: String,
}

/// What is changed of a meeting; absent stays as it is.
#[derive(Default)]
pub struct MeetingChange {
    pub title: Option<String>,
    pub time: Option<NewTime>,
    pub chat_kept_days: Option<i64>,
    pub attendance: Option<Attendance>,
    pub admission: Option<Admission>,
    pub locked: Option<bool>,
    /// Empty takes it away.
    pub passcode: Option<String>,
    pub attendees_may: Option<Rights>,
    /// 0 takes it away.
    pub cap: Option<u32>,
    pub expires_at: Option<Option<Timestamp>>,
}

impl MeetingChange {
    /// Whether it touches what is the host's alone.
    const fn is_hosts(&self) -> bool {
        self.title.is_some() || self.time.is_some() || self.chat_kept_days.is_some() || self.attendance.is_some()
    }
}

impl Meet {
    /// Makes a meeting; its maker is the host. It begins when the first person comes in.
    pub async fn create(&self, actor: &AccountActor, new: NewMeeting) -> Result<MeetingView, MeetError> {
        let title = parse_title(&new.title.unwrap_or_default()).map_err(|reason| invalid("title", reason))?;
        let schedule = new.time.map(|time| self.schedule(&time)).transpose()?;
        let host = self.privacy().create_member(actor.subject).await?;
        let sealer = self.privacy().sealer(actor.subject).await?;
        let now = self.now();
        let id = MeetingId::new(now, self.rng());
        let sealed = title.as_deref().map(|title| meeting::Model::seal_title(&sealer, id, title)).transpose()?;
        let mut tx = self.store().begin().await?;
        let space = self.inner.spaces.create(&mut tx, SpaceKind::Meeting, host).await?;
        let conversation_id = self.chat().begin(&mut tx, space.id).await?;
        let mut row = meeting::Model {
            id,
            code: Code::generate(self.rng()).as_row().to_owned(),
            space_id: space.id,
            conversation_id,
            host_member_id: host,
            title: sealed,
            admission: new.admission,
            locked: false,
            passcode: None,
            attendees_may: Rights::ALL.bits(),
            cap: None,
            expires_at: None,
            policy_version: 1,
            chat_kept_days: 90,
            attendance: Attendance::NotKept,
            forgotten: 0,
            starts_at: None,
            duration_minutes: None,
            zone: None,
            state: MeetingState::Idle,
            sitting: None,
            created_at: now,
            started_at: None,
            ended_at: None,
        };
        plan(&mut row, schedule);
        store::insert_meeting(&mut tx, row.clone()).await?;
        tx.commit().await?;
        self.meeting_view(actor.subject, Role::Owner, row).await
    }

    /// The meetings in which somebody has a part, the newest first.
    pub async fn list(&self, actor: &AccountActor) -> Result<Vec<MeetingView>, MeetError> {
        let mut parts = self.inner.spaces.memberships(actor.subject).await?;
        parts.retain(|part| part.until.is_none());
        let spaces: Vec<_> = parts.iter().map(|part| part.space_id).collect();
        let rows = store::meetings_of_spaces(&self.store().read().await?, &spaces, LISTED_MAX).await?;
        let mut views = Vec::with_capacity(rows.len());
        for row in rows {
            let part = parts.iter().find(|part| part.space_id == row.space_id);
            let Some(role) = part.map(|part| part.role) else { continue };
            views.push(self.meeting_view(actor.subject, role, row).await?);
        }
        Ok(views)
    }

    /// One meeting, for whoever has a part in it.
    pub async fn show(&self, caller: &Caller, code: &Code) -> Result<MeetingView, MeetError> {
        let row = self.by_code(code).await?;
        let seen = self.inner.spaces.authorise(row.space_id, &caller.subjects(), Action::See).await?;
        self.meeting_view(seen.subject, seen.role, row).await
    }

    /// Changes a meeting. Its title, its time and what it keeps are the host's; the rest is a co-host's too.
    pub async fn change(&self, caller: &Caller, code: &Code, change: MeetingChange) -> Result<MeetingView, MeetError> {
        let row = self.by_code(code).await?;
        let who = self.inner.spaces.authorise(row.space_id, &caller.subjects(), Action::ChangeSettings).await?;
        if change.is_hosts() && who.role != Role::Owner {
            return Err(MeetError::Refused("host_only"));
        }
        let title = change.title.map(|title| parse_title(&title)).transpose();
        let title = title.map_err(|reason| invalid("title", reason))?;
        let passcode = change.passcode.map(|code| parse_passcode(&code)).transpose();
        let passcode = passcode.map_err(|reason| invalid("passcode", reason))?;
        let cap = change.cap.map(parse_cap).transpose().map_err(|reason| invalid("cap", reason))?;
        let schedule = change.time.map(|time| self.schedule(&time)).transpose()?;
        // What the meeting is called and opened by is the host's, whoever wrote it: it ends with them.
        let host = self.privacy().subject_of(row.host_member_id).await?.ok_or(MeetError::NotFound)?;
        let sealer = self.privacy().sealer(host).await?;

        let mut tx = self.store().begin().await?;
        let mut row = store::hold_meeting(&mut tx, row.id).await?.ok_or(MeetError::NotFound)?;
        if let Some(title) = title {
            row.title = title.map(|title| meeting::Model::seal_title(&sealer, row.id, &title)).transpose()?;
        }
        if let Some(code) = passcode {
            row.passcode = code.map(|code| meeting::Model::seal_passcode(&sealer, row.id, &code)).transpose()?;
        }
        let (_, written) = self.chat().authors(&tx, row.conversation_id).await?;
        let policy = row.policy().change(change.chat_kept_days, change.attendance, written > 0);
        let policy = policy.map_err(|reason| match reason {
            "only_shorter" => MeetError::Refused(reason),
            _ => invalid("chat_kept_days", reason),
        })?;
        row.policy_version = policy.version;
        row.chat_kept_days = policy.chat_kept_days;
        row.attendance = policy.attendance;
        row.admission = change.admission.unwrap_or(row.admission);
        row.locked = change.locked.unwrap_or(row.locked);
        row.cap = cap.unwrap_or(row.cap);
        row.expires_at = change.expires_at.unwrap_or(row.expires_at);
        plan(&mut row, schedule);
        if let Some(rights) = change.attendees_may {
            row.attendees_may = rights.bits();
        }
        store::save_meeting(&mut tx, row.clone()).await?;
        if policy.version > 1 {
            self.accept_for_host(&mut tx, &row).await?;
        }
        self.tell_meeting(&mut tx, &row, "meeting.changed").await?;
        let seats = store::hold_seats(&mut tx, row.id, &[SeatStatus::Admitted]).await?;
        let seats = if change.attendees_may.is_some() { seats } else { Vec::new() };
        self.reseat(tx, &row, seats).await?;
        self.meeting_view(who.subject, who.role, row).await
    }

    fn schedule(&self, time: &NewTime) -> Result<Schedule, MeetError> {
        let NewTime { starts_at, minutes, zone } = time;
        Schedule::parse(*starts_at, *minutes, zone, self.now()).map_err(|(field, reason)| invalid(field, reason))
    }

    async fn meeting_view(
        &self,
        subject: SubjectId,
        part: Role,
        row: meeting::Model,
    ) -> Result<MeetingView, MeetError> {
        let read = self.store().read().await?;
        let host_seat = store::seat_of_member(&read, row.host_member_id).await?;
        let mine = self.privacy().members_of(subject).await?;
        let seats = store::seats_of_members(&read, &mine).await?;
        let seat = seats.into_iter().find(|seat| seat.meeting_id == row.id);
        let inside = store::count_seats(&read, row.id, SeatStatus::Admitted).await?;
        drop(read);
        let role = match seat {
            Some(seat) => seat.role_in(&row),
            None if mine.contains(&row.host_member_id) => SeatRole::Host,
            None => SeatRole::Attendee,
        };
        let why = Membership::checked("meet.part", row.id.as_uuid());
        let grant = self.privacy().grant::<ShowToAudience>(subject, row.host_member_id, why).await?;
        let title = row.title().map(|title| title.open(&grant)).transpose()?.and_then(|title| title.release(Screen));
        let passcode = match row.passcode() {
            Some(code) if part >= Role::Manager => code.open(&grant)?.release(Screen),
            Some(_) | None => None,
        };
        let host_name = host_seat.map(|seat| seat.open_name(&grant)).transpose()?.flatten();
        let chat_kept_until = self.chat().kept_until(row.conversation_id).await?;
        Ok(MeetingView { row, title, passcode, host_name, role, inside, chat_kept_until })
    }

    /// Its title and its host's name, for whoever has the link; and the passcode, to compare it.
    pub(crate) async fn door_words(
        &self,
        actor: Actor,
        row: &meeting::Model,
    ) -> Result<(Option<String>, Option<String>, Option<String>), MeetError> {
        let host_seat = store::seat_of_member(&self.store().read().await?, row.host_member_id).await?;
        let why = Membership::checked("meet.door", row.id.as_uuid());
        let owners: Vec<MemberId> = vec![row.host_member_id];
        let grant = self.privacy().grant_many::<ShowToAudience>(actor, owners, why).await?;
        let title = row.title().map(|title| title.open(&grant)).transpose()?.and_then(|title| title.release(Screen));
        let code = row.passcode().map(|code| code.open(&grant)).transpose()?.and_then(|code| code.release(Screen));
        Ok((title, host_seat.map(|seat| seat.open_name(&grant)).transpose()?.flatten(), code))
    }
}

fn plan(row: &mut meeting::Model, schedule: Option<Schedule>) {
    if let Some(Schedule { starts_at, minutes, zone }) = schedule {
        (row.starts_at, row.duration_minutes, row.zone) = (Some(starts_at), Some(minutes), Some(zone));
    }
}

const fn invalid(field: &'static str, reason: &'static str) -> MeetError {
    MeetError::Invalid { field, reason }
}
