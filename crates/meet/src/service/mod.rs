//! The use cases of meetings, one file a part: [`meetings`] the thing itself, [`door`] who may know what, [`entry`] who
//! may come in, [`seats`] coming and going, [`devices`] what is on, [`hands`] and [`people`] what those inside see of
//! each other, [`hosting`] what a host does, [`reseat`] rights on their way to the gate, [`sitting`] beginning and end,
//! [`recap`] and [`forget`] what stays and for how long, [`check`] trying the way before.

mod check;
mod devices;
mod door;
mod entry;
mod forget;
mod hands;
mod hosting;
mod meetings;
mod people;
mod recap;
mod renew;
mod reseat;
mod seats;
mod sitting;
mod spotlight;

use std::sync::Arc;

use kloud_base::{Clock, Rng, Timestamp};
use kloud_chat::Chat;
use kloud_http::limits::{FailureLimiter, GUESSES};
use kloud_http::{AccountActor, AddressPrefix, Caller, SessionId};
use kloud_identity::Identity;
use kloud_privacy::purposes::ShowToAudience;
use kloud_privacy::{MemberId, Membership, Privacy, SubjectId};
use kloud_spaces::Spaces;
use kloud_store::{NewEvent, Read, Store, StreamId, Tx};

use check::Checks;
pub use door::{DoorRefusal, DoorView};
pub use entry::Knock;
pub use hosting::{HostAct, HostActAll};
pub use meetings::{MeetingChange, MeetingView, NewMeeting, NewTime};
pub use people::PersonView;
pub use recap::{RecapPerson, RecapShare, RecapView};
pub use seats::SeatView;

use crate::error::MeetError;
use crate::live::LiveSeats;
use crate::model::{Code, MeetingId};
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
    /// Wrong passcodes, by meeting and place.
    guesses: FailureLimiter<(MeetingId, AddressPrefix)>,
    checks: Checks,
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
        let (live, guesses, checks) = (LiveSeats::default(), FailureLimiter::new(GUESSES), Checks::default());
        Self { inner: Arc::new(Inner { privacy, identity, spaces, chat, media, live, guesses, checks, clock, rng }) }
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
