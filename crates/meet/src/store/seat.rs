//! Rows of seats.

use kloud_base::Timestamp;
use kloud_privacy::category::Identity;
use kloud_privacy::purposes::ShowToAudience;
use kloud_privacy::{Grant, MemberId, PersonalData, PrivacyError, Screen, Sealed};
use kloud_store::{Read, StoreError, StreamId, Tx};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, IntoActiveModel, QueryOrder, QuerySelect};

use super::meeting;
use crate::model::{MeetingId, MeetingState, Permits, Rights, SeatId, SeatRole, SeatStatus, rights};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, PersonalData)]
#[sea_orm(table_name = "seats")]
#[personal(subject = "member_id")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    #[not_personal("random")]
    pub id: SeatId,
    #[not_personal("a place")]
    pub meeting_id: MeetingId,
    #[personal(label = "seat.member", category = Pseudonym, purposes(ShowToAudience), basis = Contract, source = Observed, retention = object_life, erase = anonymise)]
    pub member_id: MemberId,
    #[not_personal("random")]
    pub stream_id: StreamId,
    #[personal(label = "seat.name", purposes(ShowToAudience), basis = Contract, source = User, retention = object_life, erase = shred)]
    pub name: Option<Sealed<String, Identity>>,
    #[not_personal("whether an account stands behind it")]
    pub is_guest: bool,
    #[personal(label = "seat.status", category = Behaviour, purposes(), basis = Contract, source = Observed, retention = object_life, erase = anonymise)]
    pub status: SeatStatus,
    #[personal(label = "seat.permits", category = Behaviour, purposes(), basis = Consent, source = User, retention = object_life, erase = anonymise)]
    pub permits: i32,
    #[not_personal("counts changes")]
    pub epoch: i64,
    #[personal(label = "seat.role", category = Behaviour, purposes(ShowToAudience), basis = Contract, source = Observed, retention = object_life, erase = anonymise)]
    pub role: SeatRole,
    #[personal(label = "seat.granted", category = Behaviour, purposes(ShowToAudience), basis = Contract, source = Observed, retention = object_life, erase = anonymise)]
    pub granted: i32,
    #[personal(label = "seat.held", category = Behaviour, purposes(ShowToAudience), basis = Contract, source = Observed, retention = object_life, erase = anonymise)]
    pub held: i32,
    #[personal(label = "seat.hand_at", category = Behaviour, purposes(ShowToAudience), basis = Contract, source = User, retention = object_life, erase = anonymise)]
    pub hand_at: Option<Timestamp>,
    #[personal(label = "seat.spotlit_at", category = Behaviour, purposes(ShowToAudience), basis = Contract, source = Observed, retention = object_life, erase = anonymise)]
    pub spotlit_at: Option<Timestamp>,
    #[personal(label = "seat.accepted", category = Behaviour, purposes(), basis = Consent, source = User, retention = object_life, erase = anonymise)]
    pub accepted_policy: i64,
    #[personal(label = "seat.taken_out", category = Behaviour, purposes(), basis = Contract, source = User, retention = object_life, erase = anonymise)]
    pub taken_out: bool,
    #[personal(label = "seat.knocked_at", category = Behaviour, purposes(), basis = Contract, source = Observed, retention = object_life, erase = anonymise)]
    pub knocked_at: Timestamp,
    #[personal(label = "seat.admitted_at", category = Behaviour, purposes(), basis = Contract, source = Observed, retention = object_life, erase = anonymise)]
    pub admitted_at: Option<Timestamp>,
    #[personal(label = "seat.left_at", category = Behaviour, purposes(), basis = Contract, source = Observed, retention = object_life, erase = anonymise)]
    pub left_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The name, for those who share the meeting; `None` for a former participant.
    pub fn open_name(&self, grant: &Grant<ShowToAudience>) -> Result<Option<String>, PrivacyError> {
        match self.name() {
            Some(name) => Ok(name.open(grant)?.release(Screen)),
            None => Ok(None),
        }
    }

    /// What this seat is in its meeting; the row keeps what it is when it is not the host.
    pub fn role_in(&self, meeting: &meeting::Model) -> SeatRole {
        if self.member_id == meeting.host_member_id { SeatRole::Host } else { self.role }
    }

    /// What its person may switch on.
    pub fn rights_in(&self, meeting: &meeting::Model) -> Rights {
        let (granted, held) = (Rights::from_bits(self.granted), Rights::from_bits(self.held));
        rights(self.role_in(meeting), meeting.attendees(), granted, held)
    }

    /// What is forwarded of its person: what they permitted, within their rights.
    pub fn permits_in(&self, meeting: &meeting::Model) -> Permits {
        Permits::from_bits(self.permits).within(self.rights_in(meeting))
    }

    /// Takes away when its person was there, and their name unless it stands beside what they wrote. `at` is a time that
    /// says nothing of them.
    pub fn forget(&mut self, at: Timestamp, keep_name: bool) {
        (self.knocked_at, self.admitted_at, self.left_at) = (at, None, None);
        (self.hand_at, self.spotlit_at) = (None, None);
        if !keep_name {
            self.name = None;
        }
    }

    /// Whether its person agreed to what the meeting keeps now.
    pub fn accepts(&self, meeting: &meeting::Model) -> bool {
        self.accepted_policy >= meeting.policy_version
    }
}

pub async fn insert_seat(tx: &mut Tx, row: Model) -> Result<(), StoreError> {
    Entity::insert(row.into_active_model()).exec_without_returning(tx.db()).await?;
    Ok(())
}

/// Writes every column anew.
pub async fn save_seat(tx: &mut Tx, row: Model) -> Result<(), StoreError> {
    Entity::update(row.into_active_model().reset_all()).exec(tx.db()).await?;
    Ok(())
}

pub async fn find_seat(read: &Read, id: SeatId) -> Result<Option<Model>, StoreError> {
    Ok(Entity::find_by_id(id).one(read.db()).await?)
}

/// The seat as it stands, which nobody else changes before this transaction ends.
pub async fn hold_seat(tx: &mut Tx, id: SeatId) -> Result<Option<Model>, StoreError> {
    Ok(Entity::find_by_id(id).lock_exclusive().one(tx.db()).await?)
}

/// The same, by whose it is.
pub async fn hold_seat_of(tx: &mut Tx, member: MemberId) -> Result<Option<Model>, StoreError> {
    Ok(Entity::find().filter(Column::MemberId.eq(member)).lock_exclusive().one(tx.db()).await?)
}

pub async fn seat_of_member(read: &Read, member: MemberId) -> Result<Option<Model>, StoreError> {
    Ok(Entity::find().filter(Column::MemberId.eq(member)).one(read.db()).await?)
}

pub async fn seats_of_members(read: &Read, members: &[MemberId]) -> Result<Vec<Model>, StoreError> {
    Ok(Entity::find().filter(Column::MemberId.is_in(members.iter().copied())).all(read.db()).await?)
}

/// The seats of a meeting in some states, in the order of arrival.
pub async fn seats(read: &Read, meeting: MeetingId, states: &[SeatStatus]) -> Result<Vec<Model>, StoreError> {
    Ok(of_meeting(meeting, states).all(read.db()).await?)
}

/// The same to be changed: as they stand, and nobody else changes them before this transaction ends.
pub async fn hold_seats(tx: &mut Tx, meeting: MeetingId, states: &[SeatStatus]) -> Result<Vec<Model>, StoreError> {
    Ok(of_meeting(meeting, states).lock_exclusive().all(tx.db()).await?)
}

fn of_meeting(meeting: MeetingId, states: &[SeatStatus]) -> Select<Entity> {
    Entity::find()
        .filter(Column::MeetingId.eq(meeting))
        .filter(Column::Status.is_in(states.iter().copied()))
        .order_by_asc(Column::KnockedAt)
}

pub async fn count_seats(read: &Read, meeting: MeetingId, status: SeatStatus) -> Result<u64, StoreError> {
    Ok(Entity::find().filter(Column::MeetingId.eq(meeting)).filter(Column::Status.eq(status)).count(read.db()).await?)
}

/// Whether somebody is inside of any meeting.
pub async fn is_inside(read: &Read, members: &[MemberId]) -> Result<bool, StoreError> {
    let mine = Entity::find().filter(Column::MemberId.is_in(members.iter().copied()));
    Ok(mine.filter(Column::Status.eq(SeatStatus::Admitted)).count(read.db()).await? > 0)
}

/// Guests who were turned away, or left the door, before a time.
pub async fn turned_away_before(read: &Read, at: Timestamp) -> Result<Vec<Model>, StoreError> {
    Ok(Entity::find()
        .filter(Column::IsGuest.eq(true))
        .filter(Column::AdmittedAt.is_null())
        .filter(Column::Status.is_in([SeatStatus::Denied, SeatStatus::Left, SeatStatus::Removed]))
        .filter(Column::LeftAt.lte(at))
        .all(read.db())
        .await?)
}

/// Guests of meetings that ended before a time.
pub async fn guests_of_meetings_ended_before(read: &Read, at: Timestamp) -> Result<Vec<Model>, StoreError> {
    let ended = sea_orm::sea_query::Query::select()
        .column(meeting::Column::Id)
        .from(meeting::Entity)
        .and_where(meeting::Column::EndedAt.lte(at))
        .and_where(meeting::Column::State.ne(MeetingState::Live))
        .to_owned();
    Ok(Entity::find()
        .filter(Column::IsGuest.eq(true))
        .filter(Column::MeetingId.in_subquery(ended))
        .all(read.db())
        .await?)
}

/// Takes away the sealed names of people; the answer is of how many rows.
pub async fn bury_seats(tx: &mut Tx, members: &[MemberId]) -> Result<u64, StoreError> {
    let unnamed = ActiveModel { name: Set(None), is_guest: Set(false), ..Default::default() };
    let done = Entity::update_many()
        .set(unnamed)
        .filter(Column::MemberId.is_in(members.iter().copied()))
        .filter(Column::Name.is_not_null())
        .exec(tx.db())
        .await?;
    Ok(done.rows_affected)
}
