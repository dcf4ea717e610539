//! Rows of meetings.

use kloud_base::{DAY, Timestamp};
use kloud_chat::model::ConversationId;
use kloud_privacy::category::Authored;
use kloud_privacy::purposes::ShowToAudience;
use kloud_privacy::{MemberId, PersonalData, Sealed};
use kloud_spaces::model::SpaceId;
use kloud_store::{Read, StoreError, Tx};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{ActiveValue::Set, IntoActiveModel, QueryOrder, QuerySelect};

use crate::model::{Admission, Attendance, Code, MeetingId, MeetingState, Policy, Rights, Schedule};
use crate::ports::SittingId;

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
    #[not_personal("a rule of the meeting")]
    pub locked: bool,
    #[personal(label = "meeting.passcode", purposes(ShowToAudience), basis = Contract, source = User, retention = object_life, erase = shred)]
    pub passcode: Option<Sealed<String, Authored>>,
    #[not_personal("a rule of the meeting")]
    pub attendees_may: i32,
    #[not_personal("a rule of the meeting")]
    pub cap: Option<i32>,
    #[not_personal("a rule of the meeting")]
    pub expires_at: Option<Timestamp>,
    #[not_personal("a rule of the meeting")]
    pub policy_version: i64,
    #[not_personal("a rule of the meeting")]
    pub chat_kept_days: i64,
    #[not_personal("a rule of the meeting")]
    pub attendance: Attendance,
    #[not_personal("how far the clock has taken away who was there: not, what is not kept, all")]
    pub forgotten: i32,
    #[not_personal("of the meeting")]
    pub starts_at: Option<Timestamp>,
    #[not_personal("of the meeting")]
    pub duration_minutes: Option<i32>,
    #[not_personal("of the meeting")]
    pub zone: Option<String>,
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

impl Model {
    /// What attendees may.
    pub fn attendees(&self) -> Rights {
        Rights::from_bits(self.attendees_may)
    }

    /// What is kept after its end.
    pub fn policy(&self) -> Policy {
        let Self { policy_version: version, chat_kept_days, attendance, .. } = *self;
        Policy { version, chat_kept_days, attendance }
    }

    /// When it is meant to be.
    pub fn schedule(&self) -> Option<Schedule> {
        let (starts_at, minutes, zone) = (self.starts_at?, self.duration_minutes?, self.zone.clone()?);
        Some(Schedule { starts_at, minutes, zone })
    }
}

pub async fn insert_meeting(tx: &mut Tx, row: Model) -> Result<(), StoreError> {
    Entity::insert(row.into_active_model()).exec_without_returning(tx.db()).await?;
    Ok(())
}

/// Writes every column anew.
pub async fn save_meeting(tx: &mut Tx, row: Model) -> Result<(), StoreError> {
    Entity::update(row.into_active_model().reset_all()).exec(tx.db()).await?;
    Ok(())
}

pub async fn meeting_by_code(read: &Read, code: &Code) -> Result<Option<Model>, StoreError> {
    Ok(Entity::find().filter(Column::Code.eq(code.as_row())).one(read.db()).await?)
}

/// The row as it stands, held until the transaction ends: whoever changes it waits its turn. Taken before any seat.
pub async fn hold_meeting(tx: &mut Tx, id: MeetingId) -> Result<Option<Model>, StoreError> {
    Ok(Entity::find_by_id(id).lock_exclusive().one(tx.db()).await?)
}

pub async fn find_meeting(read: &Read, id: MeetingId) -> Result<Option<Model>, StoreError> {
    Ok(Entity::find_by_id(id).one(read.db()).await?)
}

pub async fn meeting_of_sitting(read: &Read, sitting: SittingId) -> Result<Option<Model>, StoreError> {
    Ok(Entity::find().filter(Column::Sitting.eq(sitting)).one(read.db()).await?)
}

/// The meetings that somebody hosts, the newest first; all of them without a bound.
pub async fn meetings_of_hosts(
    read: &Read,
    hosts: &[MemberId],
    at_most: Option<u64>,
) -> Result<Vec<Model>, StoreError> {
    Ok(Entity::find()
        .filter(Column::HostMemberId.is_in(hosts.iter().copied()))
        .order_by_desc(Column::CreatedAt)
        .limit(at_most)
        .all(read.db())
        .await?)
}

pub async fn live_meetings(read: &Read) -> Result<Vec<Model>, StoreError> {
    Ok(Entity::find().filter(Column::State.eq(MeetingState::Live)).all(read.db()).await?)
}

/// The meetings of these spaces, the newest first.
pub async fn meetings_of_spaces(read: &Read, spaces: &[SpaceId], at_most: u64) -> Result<Vec<Model>, StoreError> {
    Ok(Entity::find()
        .filter(Column::SpaceId.is_in(spaces.iter().copied()))
        .order_by_desc(Column::CreatedAt)
        .limit(at_most)
        .all(read.db())
        .await?)
}

pub async fn meeting_of_space(read: &Read, space: SpaceId) -> Result<Option<Model>, StoreError> {
    Ok(Entity::find().filter(Column::SpaceId.eq(space)).one(read.db()).await?)
}

/// Meetings that came to rest before a time and of which nothing was forgotten since.
pub async fn rested_before(read: &Read, at: Timestamp) -> Result<Vec<Model>, StoreError> {
    let over = Column::State.ne(MeetingState::Live).and(Column::EndedAt.lte(at)).and(Column::Forgotten.eq(0));
    Ok(Entity::find().filter(over).limit(100).all(read.db()).await?)
}

/// Meetings whose time of keeping is over and of which something may still be held.
pub async fn over_by(read: &Read, now: Timestamp) -> Result<Vec<Model>, StoreError> {
    let kept_until = Expr::col(Column::EndedAt).add(Expr::col(Column::ChatKeptDays).mul(DAY));
    let over = Column::State.ne(MeetingState::Live).and(kept_until.lte(now.as_millis())).and(Column::Forgotten.lt(2));
    Ok(Entity::find().filter(over).limit(100).all(read.db()).await?)
}

/// Takes away the sealed bytes of what these hosts wrote; the answer is of how many rows.
pub async fn bury_meetings(tx: &mut Tx, hosts: &[MemberId]) -> Result<u64, StoreError> {
    let unnamed = ActiveModel { title: Set(None), passcode: Set(None), ..Default::default() };
    let done = Entity::update_many()
        .set(unnamed)
        .filter(Column::HostMemberId.is_in(hosts.iter().copied()))
        .filter(Column::Title.is_not_null().or(Column::Passcode.is_not_null()))
        .exec(tx.db())
        .await?;
    Ok(done.rows_affected)
}
