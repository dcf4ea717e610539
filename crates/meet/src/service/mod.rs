//! The use cases of meetings, one file a part: [`door`] who may know what, [`seats`] coming and going, [`devices`] what
//! is on, [`hosting`] what a host does, [`sitting`] beginning and end.

mod devices;
mod door;
mod hosting;
mod seats;
mod sitting;

use std::sync::Arc;

use kloud_base::{Clock, Rng, Timestamp};
use kloud_chat::Chat;
use kloud_http::{AccountActor, Caller, SessionId};
use kloud_identity::Identity;
use kloud_privacy::purpose::Screen;
use kloud_privacy::purposes::ShowToAudience;
use kloud_privacy::{MemberId, Membership, Privacy, SubjectId};
use kloud_spaces::Spaces;
use kloud_spaces::model::SpaceKind;
use kloud_store::{NewEvent, Read, Store, StreamId, Tx};

pub use door::DoorView;
pub use hosting::{HostAct, PersonView};
pub use seats::SeatView;

use crate::error::MeetError;
use crate::live::LiveSeats;
use crate::model::{Admission, Code, MeetingId, MeetingState, SeatStatus, parse_title};
use crate::ports::MediaBackend;
use crate::store::{self, meeting, seat};

/// Everything of meetings. Cheap to clone.
#[derive(Clone)]
pub struct Meet {
    inner: Arc<Inner>,
}

struct Inner {
    privacy: Privacy,
    identity: Identity,
    spaces: Spaces,
    chat: Chat,
    media: Arc<dyn MediaBackend>,
    live: LiveSeats,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
}

/// What meet stands on.
pub struct MeetParts {
    pub privacy: Privacy,
    pub identity: Identity,
    pub spaces: Spaces,
    pub chat: Chat,
    pub media: Arc<dyn MediaBackend>,
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
}

/// The most meetings that one list shows.
const LISTED_MAX: u64 = 200;

/// A meeting as its host sees it.
#[derive(Clone, Debug)]
pub struct MeetingView {
    pub row: meeting::Model,
    pub title: Option<String>,
    pub inside: u64,
    pub chat_kept_until: Option<Timestamp>,
}

/// What a host changes; absent stays as it is.
#[derive(Default)]
pub struct MeetingChange {
    pub title: Option<String>,
    pub admission: Option<Admission>,
}

/// A caller who has a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sitter {
    pub subject: SubjectId,
    pub session: SessionId,
    pub is_guest: bool,
}

impl Meet {
    pub fn new(parts: MeetParts) -> Self {
        let MeetParts { privacy, identity, spaces, chat, media, clock, rng } = parts;
        let live = LiveSeats::default();
        Self { inner: Arc::new(Inner { privacy, identity, spaces, chat, media, live, clock, rng }) }
    }

    pub(crate) fn store(&self) -> &Store {
        self.inner.privacy.rows()
    }

    pub(crate) fn privacy(&self) -> &Privacy {
        &self.inner.privacy
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    pub(crate) fn rng(&self) -> &dyn Rng {
        &*self.inner.rng
    }

    pub(crate) fn chat(&self) -> &Chat {
        &self.inner.chat
    }

    /// Makes a meeting; its maker is the host. It begins when the first person comes in.
    pub async fn create(
        &self,
        actor: &AccountActor,
        title: Option<String>,
        admission: Admission,
    ) -> Result<MeetingView, MeetError> {
        let title =
            parse_title(&title.unwrap_or_default()).map_err(|reason| MeetError::Invalid { field: "title", reason })?;
        let host = self.privacy().create_member(actor.subject).await?;
        let sealer = self.privacy().sealer(actor.subject).await?;
        let now = self.now();
        let id = MeetingId::new(now, self.rng());
        let sealed = title.as_deref().map(|title| meeting::Model::seal_title(&sealer, id, title)).transpose()?;
        let mut tx = self.store().begin().await?;
        let space = self.inner.spaces.create(&mut tx, SpaceKind::Meeting, host).await?;
        let conversation_id = self.chat().begin(&mut tx, space.id).await?;
        let row = meeting::Model {
            id,
            code: Code::generate(self.rng()).as_row().to_owned(),
            space_id: space.id,
            conversation_id,
            host_member_id: host,
            title: sealed,
            admission,
            state: MeetingState::Idle,
            sitting: None,
            created_at: now,
            started_at: None,
            ended_at: None,
        };
        store::insert_meeting(&mut tx, row.clone()).await?;
        tx.commit().await?;
        Ok(MeetingView { row, title, inside: 0, chat_kept_until: None })
    }

    /// The meetings that somebody hosts, the newest first.
    pub async fn list(&self, actor: &AccountActor) -> Result<Vec<MeetingView>, MeetError> {
        let members = self.privacy().members_of(actor.subject).await?;
        let rows = store::meetings_of_hosts(&self.store().read().await?, &members, Some(LISTED_MAX)).await?;
        let mut views = Vec::with_capacity(rows.len());
        for row in rows {
            views.push(self.meeting_view(actor, row).await?);
        }
        Ok(views)
    }

    /// One meeting, for its host.
    pub async fn show(&self, actor: &AccountActor, code: &Code) -> Result<MeetingView, MeetError> {
        let row = self.hosted(actor, code).await?;
        self.meeting_view(actor, row).await
    }

    /// Changes title or admission.
    pub async fn change(
        &self,
        actor: &AccountActor,
        code: &Code,
        change: MeetingChange,
    ) -> Result<MeetingView, MeetError> {
        let mut row = self.hosted(actor, code).await?;
        let title = change.title.map(|title| parse_title(&title)).transpose();
        let title = title.map_err(|reason| MeetError::Invalid { field: "title", reason })?;
        if let Some(title) = title {
            let sealer = self.privacy().sealer(actor.subject).await?;
            let seal = |title: String| meeting::Model::seal_title(&sealer, row.id, &title);
            row.title = title.map(seal).transpose()?;
        }
        row.admission = change.admission.unwrap_or(row.admission);
        let mut tx = self.store().begin().await?;
        store::save_meeting(&mut tx, row.clone()).await?;
        self.tell_meeting(&mut tx, &row, "meeting.changed").await?;
        tx.commit().await?;
        self.meeting_view(actor, row).await
    }

    async fn meeting_view(&self, actor: &AccountActor, row: meeting::Model) -> Result<MeetingView, MeetError> {
        let why = Membership::checked("meet.host", row.id.as_uuid());
        let grant = self.privacy().grant::<ShowToAudience>(actor.subject, row.host_member_id, why).await?;
        let title = row.title().map(|title| title.open(&grant)).transpose()?.and_then(|title| title.release(Screen));
        let inside = store::count_seats(&self.store().read().await?, row.id, SeatStatus::Admitted).await?;
        let chat_kept_until = self.chat().kept_until(row.conversation_id).await?;
        Ok(MeetingView { row, title, inside, chat_kept_until })
    }

    pub(crate) async fn by_code(&self, code: &Code) -> Result<meeting::Model, MeetError> {
        store::meeting_by_code(&self.store().read().await?, code).await?.ok_or(MeetError::NotFound)
    }

    /// The meeting, if the caller hosts it; else it is not there for them.
    pub(crate) async fn hosted(&self, actor: &AccountActor, code: &Code) -> Result<meeting::Model, MeetError> {
        let row = self.by_code(code).await?;
        let members = self.privacy().members_of(actor.subject).await?;
        if members.contains(&row.host_member_id) { Ok(row) } else { Err(MeetError::NotFound) }
    }

    /// The caller's seat in a meeting, and as whom they hold it: whichever of account and guest cookie has one.
    pub(crate) async fn seat_of(
        &self,
        caller: &Caller,
        meeting: MeetingId,
    ) -> Result<Option<(Sitter, seat::Model)>, MeetError> {
        for sitter in sitters(caller) {
            let members = self.privacy().members_of(sitter.subject).await?;
            let seats = store::seats_of_members(&self.store().read().await?, &members).await?;
            if let Some(row) = seats.into_iter().find(|row| row.meeting_id == meeting) {
                return Ok(Some((sitter, row)));
            }
        }
        Ok(None)
    }

    /// The stream of the people inside.
    pub(crate) async fn room_stream(&self, read: &Read, row: &meeting::Model) -> Result<StreamId, MeetError> {
        let space = self.inner.spaces.find(read, row.space_id).await?.ok_or(MeetError::NotFound)?;
        Ok(space.stream_id)
    }

    pub(crate) async fn tell_meeting(
        &self,
        tx: &mut Tx,
        row: &meeting::Model,
        kind: &'static str,
    ) -> Result<(), MeetError> {
        let stream = self.room_stream(tx, row).await?;
        tx.append(stream, NewEvent::new(kind).id("meeting_id", row.id), self.now()).await?;
        Ok(())
    }

    /// Tells a seat's own stream and the people inside that a seat changed.
    pub(crate) async fn tell_seat(
        &self,
        tx: &mut Tx,
        meeting: &meeting::Model,
        seat: &seat::Model,
    ) -> Result<(), MeetError> {
        let stream = self.room_stream(tx, meeting).await?;
        let now = self.now();
        tx.append(stream, NewEvent::new("people.changed").id("participant_id", seat.id), now).await?;
        tx.append(seat.stream_id, NewEvent::new("seat.changed").id("participant_id", seat.id), now).await?;
        Ok(())
    }

    /// The name on a seat, for its own person.
    pub(crate) async fn own_name(&self, subject: SubjectId, row: &seat::Model) -> Result<String, MeetError> {
        let members: Vec<MemberId> = vec![row.member_id];
        let why = Membership::checked("meet.own_seat", row.id.as_uuid());
        let grant = self.privacy().grant_many::<ShowToAudience>(subject, members, why).await?;
        Ok(row.open_name(&grant)?.unwrap_or_default())
    }
}

/// As whom a caller may sit: their account first.
pub(crate) fn sitters(caller: &Caller) -> Vec<Sitter> {
    let guest =
        caller.guest.as_ref().map(|guest| Sitter { subject: guest.subject, session: guest.session, is_guest: true });
    let account = caller.account.as_ref().map(|account| Sitter {
        subject: account.subject,
        session: account.session,
        is_guest: false,
    });
    account.into_iter().chain(guest).collect()
}
