//! Rows of meetings and seats.

use kloud_base::Timestamp;
use kloud_chat::model::ConversationId;
use kloud_privacy::category::{Authored, Identity};
use kloud_privacy::purposes::ShowToAudience;
use kloud_privacy::{Grant, MemberId, PersonalData, PrivacyError, Screen, Sealed};
use kloud_spaces::model::SpaceId;
use kloud_store::{Read, StoreError, StreamId, Tx};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, IntoActiveModel, QueryOrder, QuerySelect};

use crate::model::{Admission, Code, MeetingId, MeetingState, SeatId, SeatStatus};
use crate::ports::SittingId;

pub mod meeting {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, PersonalData)]
    #[sea_orm(table_name = "meetings")]
    #[personal(subject = "host_member_id")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        #[not_personal("random")]
        pub id: MeetingId,
        #[not_personal("random; whoever has it was given it")]
        pub code: String,
        #[not_personal("a place")]
        pub space_id: SpaceId,
        #[not_personal("a place")]
        pub conversation_id: ConversationId,
        #[personal(label = "meeting.host", category = Pseudonym, purposes(ShowToAudience), basis = Contract, source = User, retention = object_life, erase = anonymise)]
        pub host_member_id: MemberId,
        #[personal(label = "meeting.title", purposes(ShowToAudience), basis = Contract, source = User, retention = object_life, erase = shred)]
        pub title: Option<Sealed<String, Authored>>,
        #[not_personal("a rule of the meeting")]
        pub admission: Admission,
        #[not_personal("a state of the meeting")]
        pub state: MeetingState,
        #[not_personal("random")]
        pub sitting: Option<SittingId>,
        #[not_personal("of the meeting")]
        pub created_at: Timestamp,
        #[not_personal("of the meeting")]
        pub started_at: Option<Timestamp>,
        #[not_personal("of the meeting")]
        pub ended_at: Option<Timestamp>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod seat {
    use super::*;

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
    }
}

pub async fn insert_meeting(tx: &mut Tx, row: meeting::Model) -> Result<(), StoreError> {
    meeting::Entity::insert(row.into_active_model()).exec_without_returning(tx.db()).await?;
    Ok(())
}

/// Writes every column anew.
pub async fn save_meeting(tx: &mut Tx, row: meeting::Model) -> Result<(), StoreError> {
    meeting::Entity::update(row.into_active_model().reset_all()).exec(tx.db()).await?;
    Ok(())
}

pub async fn meeting_by_code(read: &Read, code: &Code) -> Result<Option<meeting::Model>, StoreError> {
    Ok(meeting::Entity::find().filter(meeting::Column::Code.eq(code.as_row())).one(read.db()).await?)
}

pub async fn find_meeting(read: &Read, id: MeetingId) -> Result<Option<meeting::Model>, StoreError> {
    Ok(meeting::Entity::find_by_id(id).one(read.db()).await?)
}

pub async fn meeting_of_sitting(read: &Read, sitting: SittingId) -> Result<Option<meeting::Model>, StoreError> {
    Ok(meeting::Entity::find().filter(meeting::Column::Sitting.eq(sitting)).one(read.db()).await?)
}

/// The meetings that somebody hosts, the newest first; all of them without a bound.
pub async fn meetings_of_hosts(
    read: &Read,
    hosts: &[MemberId],
    at_most: Option<u64>,
) -> Result<Vec<meeting::Model>, StoreError> {
    Ok(meeting::Entity::find()
        .filter(meeting::Column::HostMemberId.is_in(hosts.iter().copied()))
        .order_by_desc(meeting::Column::CreatedAt)
        .limit(at_most)
        .all(read.db())
        .await?)
}

pub async fn live_meetings(read: &Read) -> Result<Vec<meeting::Model>, StoreError> {
    Ok(meeting::Entity::find().filter(meeting::Column::State.eq(MeetingState::Live)).all(read.db()).await?)
}

pub async fn insert_seat(tx: &mut Tx, row: seat::Model) -> Result<(), StoreError> {
    seat::Entity::insert(row.into_active_model()).exec_without_returning(tx.db()).await?;
    Ok(())
}

/// Writes every column anew.
pub async fn save_seat(tx: &mut Tx, row: seat::Model) -> Result<(), StoreError> {
    seat::Entity::update(row.into_active_model().reset_all()).exec(tx.db()).await?;
    Ok(())
}

pub async fn find_seat(read: &Read, id: SeatId) -> Result<Option<seat::Model>, StoreError> {
    Ok(seat::Entity::find_by_id(id).one(read.db()).await?)
}

pub async fn seat_of_member(read: &Read, member: MemberId) -> Result<Option<seat::Model>, StoreError> {
    Ok(seat::Entity::find().filter(seat::Column::MemberId.eq(member)).one(read.db()).await?)
}

pub async fn seats_of_members(read: &Read, members: &[MemberId]) -> Result<Vec<seat::Model>, StoreError> {
    Ok(seat::Entity::find().filter(seat::Column::MemberId.is_in(members.iter().copied())).all(read.db()).await?)
}

/// The seats of a meeting in some states, in the order of arrival.
pub async fn seats(read: &Read, meeting: MeetingId, states: &[SeatStatus]) -> Result<Vec<seat::Model>, StoreError> {
    Ok(seat::Entity::find()
        .filter(seat::Column::MeetingId.eq(meeting))
        .filter(seat::Column::Status.is_in(states.iter().copied()))
        .order_by_asc(seat::Column::KnockedAt)
        .all(read.db())
        .await?)
}

pub async fn count_seats(read: &Read, meeting: MeetingId, status: SeatStatus) -> Result<u64, StoreError> {
    Ok(seat::Entity::find()
        .filter(seat::Column::MeetingId.eq(meeting))
        .filter(seat::Column::Status.eq(status))
        .count(read.db())
        .await?)
}

/// Whether somebody is inside of any meeting.
pub async fn is_inside(read: &Read, members: &[MemberId]) -> Result<bool, StoreError> {
    let mine = seat::Entity::find().filter(seat::Column::MemberId.is_in(members.iter().copied()));
    Ok(mine.filter(seat::Column::Status.eq(SeatStatus::Admitted)).count(read.db()).await? > 0)
}

/// Guests who were turned away, or left the door, before a time.
pub async fn turned_away_before(read: &Read, at: Timestamp) -> Result<Vec<seat::Model>, StoreError> {
    Ok(seat::Entity::find()
        .filter(seat::Column::IsGuest.eq(true))
        .filter(seat::Column::AdmittedAt.is_null())
        .filter(seat::Column::Status.is_in([SeatStatus::Denied, SeatStatus::Left, SeatStatus::Removed]))
        .filter(seat::Column::LeftAt.lte(at))
        .all(read.db())
        .await?)
}

/// Guests of meetings that ended before a time.
pub async fn guests_of_meetings_ended_before(read: &Read, at: Timestamp) -> Result<Vec<seat::Model>, StoreError> {
    let ended = sea_orm::sea_query::Query::select()
        .column(meeting::Column::Id)
        .from(meeting::Entity)
        .and_where(meeting::Column::EndedAt.lte(at))
        .and_where(meeting::Column::State.ne(MeetingState::Live))
        .to_owned();
    Ok(seat::Entity::find()
        .filter(seat::Column::IsGuest.eq(true))
        .filter(seat::Column::MeetingId.in_subquery(ended))
        .all(read.db())
        .await?)
}

/// Takes away the sealed bytes of titles and names; the answer is of how many rows.
pub async fn bury(tx: &mut Tx, members: &[MemberId]) -> Result<u64, StoreError> {
    let untitled = meeting::ActiveModel { title: Set(None), ..Default::default() };
    let titles = meeting::Entity::update_many()
        .set(untitled)
        .filter(meeting::Column::HostMemberId.is_in(members.iter().copied()))
        .filter(meeting::Column::Title.is_not_null())
        .exec(tx.db())
        .await?;
    let unnamed = seat::ActiveModel { name: Set(None), is_guest: Set(false), ..Default::default() };
    let names = seat::Entity::update_many()
        .set(unnamed)
        .filter(seat::Column::MemberId.is_in(members.iter().copied()))
        .filter(seat::Column::Name.is_not_null())
        .exec(tx.db())
        .await?;
    Ok(titles.rows_affected + names.rows_affected)
}
