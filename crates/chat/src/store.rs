//! Rows of conversations.

use kloud_base::Timestamp;
use kloud_privacy::category::Authored;
use kloud_privacy::purposes::{Search, ShowToAudience};
use kloud_privacy::{MemberId, PersonalData, Sealed};
use kloud_spaces::model::SpaceId;
use kloud_store::{Read, StoreError, StreamId, Tx};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{ActiveValue::Set, IntoActiveModel, QueryOrder, QuerySelect};

use crate::model::{ClientId, ConversationId, MessageId};

pub mod conversation {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, PersonalData)]
    #[sea_orm(table_name = "conversations")]
    #[not_personal("a place; what people wrote is in messages")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ConversationId,
        pub space_id: SpaceId,
        pub stream_id: StreamId,
        pub last_seq: i64,
        /// Everything in it goes then; absent while it goes on.
        pub kept_until: Option<Timestamp>,
        pub created_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod message {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, PersonalData)]
    #[sea_orm(table_name = "messages")]
    #[personal(subject = "member_id")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        #[not_personal("random")]
        pub id: MessageId,
        #[not_personal("a place")]
        pub conversation_id: ConversationId,
        #[not_personal("a position")]
        pub seq: i64,
        #[personal(label = "message.member", category = Pseudonym, purposes(ShowToAudience), basis = Contract, source = User, retention = object_life, erase = anonymise)]
        pub member_id: MemberId,
        #[not_personal("random, made by the sender's program")]
        pub client_id: ClientId,
        #[personal(label = "message.body", purposes(ShowToAudience, Search), basis = Contract, source = User, retention = object_life, erase = shred)]
        pub body: Option<Sealed<String, Authored>>,
        #[personal(label = "message.sent_at", category = Behaviour, purposes(), basis = Contract, source = Observed, retention = object_life, erase = anonymise)]
        pub sent_at: Timestamp,
        #[personal(label = "message.edited_at", category = Behaviour, purposes(), basis = Contract, source = Observed, retention = object_life, erase = anonymise)]
        pub edited_at: Option<Timestamp>,
        #[personal(label = "message.deleted_at", category = Behaviour, purposes(), basis = Contract, source = Observed, retention = object_life, erase = anonymise)]
        pub deleted_at: Option<Timestamp>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub async fn insert_conversation(tx: &mut Tx, row: conversation::Model) -> Result<(), StoreError> {
    conversation::Entity::insert(row.into_active_model()).exec_without_returning(tx.db()).await?;
    Ok(())
}

pub async fn find_conversation(read: &Read, id: ConversationId) -> Result<Option<conversation::Model>, StoreError> {
    Ok(conversation::Entity::find_by_id(id).one(read.db()).await?)
}

/// Takes the next position; the conversation's row is locked by it until the transaction ends.
pub async fn next_seq(tx: &mut Tx, id: ConversationId) -> Result<Option<i64>, StoreError> {
    let taken = conversation::Entity::update_many()
        .col_expr(conversation::Column::LastSeq, Expr::col(conversation::Column::LastSeq).add(1))
        .filter(conversation::Column::Id.eq(id))
        .exec_with_returning(tx.db())
        .await?;
    Ok(taken.first().map(|row| row.last_seq))
}

pub async fn insert_message(tx: &mut Tx, row: message::Model) -> Result<(), StoreError> {
    message::Entity::insert(row.into_active_model()).exec_without_returning(tx.db()).await?;
    Ok(())
}

pub async fn find_sent(
    read: &Read,
    member: MemberId,
    client_id: ClientId,
) -> Result<Option<message::Model>, StoreError> {
    Ok(message::Entity::find()
        .filter(message::Column::MemberId.eq(member))
        .filter(message::Column::ClientId.eq(client_id))
        .one(read.db())
        .await?)
}

pub async fn find_message(
    read: &Read,
    conversation: ConversationId,
    id: MessageId,
) -> Result<Option<message::Model>, StoreError> {
    let one = message::Entity::find_by_id(id).filter(message::Column::ConversationId.eq(conversation));
    Ok(one.one(read.db()).await?)
}

/// Writes every column anew.
pub async fn save_message(tx: &mut Tx, row: message::Model) -> Result<(), StoreError> {
    message::Entity::update(row.into_active_model().reset_all()).exec(tx.db()).await?;
    Ok(())
}

/// Who wrote something that is still there, and how many such messages there are.
pub async fn authors(read: &Read, conversation: ConversationId) -> Result<(Vec<MemberId>, u64), StoreError> {
    let there = message::Entity::find()
        .filter(message::Column::ConversationId.eq(conversation))
        .filter(message::Column::Body.is_not_null());
    let count = there.clone().count(read.db()).await?;
    let members = there.select_only().column(message::Column::MemberId).distinct();
    Ok((members.into_tuple().all(read.db()).await?, count))
}

/// Takes away what somebody wrote in one conversation; the answer is where.
pub async fn take_away(
    tx: &mut Tx,
    conversation: ConversationId,
    member: MemberId,
    at: Timestamp,
) -> Result<Vec<MessageId>, StoreError> {
    let row = message::ActiveModel { body: Set(None), deleted_at: Set(Some(at)), ..Default::default() };
    let gone = message::Entity::update_many()
        .set(row)
        .filter(message::Column::ConversationId.eq(conversation))
        .filter(message::Column::MemberId.eq(member))
        .filter(message::Column::Body.is_not_null())
        .exec_with_returning(tx.db())
        .await?;
    Ok(gone.into_iter().map(|row| row.id).collect())
}

/// Which part of a conversation is asked for.
#[derive(Clone, Copy, Debug)]
pub enum Range {
    After(i64),
    /// The last ones before a position, or the very last.
    Before(Option<i64>),
}

/// At most `limit` messages, in order.
pub async fn messages(
    read: &Read,
    id: ConversationId,
    range: Range,
    limit: u64,
) -> Result<Vec<message::Model>, StoreError> {
    let all = message::Entity::find().filter(message::Column::ConversationId.eq(id)).limit(limit);
    Ok(match range {
        Range::After(seq) => {
            let after = all.filter(message::Column::Seq.gt(seq)).order_by_asc(message::Column::Seq);
            after.all(read.db()).await?
        }
        Range::Before(seq) => {
            let last = all.order_by_desc(message::Column::Seq);
            let before = match seq {
                Some(seq) => last.filter(message::Column::Seq.lt(seq)),
                None => last,
            };
            let mut rows = before.all(read.db()).await?;
            rows.reverse();
            rows
        }
    })
}

pub async fn set_kept_until(tx: &mut Tx, id: ConversationId, until: Option<Timestamp>) -> Result<(), StoreError> {
    let row = conversation::ActiveModel { kept_until: Set(until), ..Default::default() };
    conversation::Entity::update_many().set(row).filter(conversation::Column::Id.eq(id)).exec(tx.db()).await?;
    Ok(())
}

/// Conversations whose time is over and which still hold something.
pub async fn expired(read: &Read, now: Timestamp) -> Result<Vec<conversation::Model>, StoreError> {
    Ok(conversation::Entity::find().filter(conversation::Column::KeptUntil.lte(now)).limit(100).all(read.db()).await?)
}

/// Deletes everything in a conversation and the conversation itself.
pub async fn delete_conversation(tx: &mut Tx, id: ConversationId) -> Result<(), StoreError> {
    message::Entity::delete_many().filter(message::Column::ConversationId.eq(id)).exec(tx.db()).await?;
    conversation::Entity::delete_by_id(id).exec(tx.db()).await?;
    Ok(())
}

/// A person's messages that still hold a body.
pub async fn bodies_of(read: &Read, members: &[MemberId]) -> Result<Vec<message::Model>, StoreError> {
    Ok(message::Entity::find()
        .filter(message::Column::MemberId.is_in(members.iter().copied()))
        .filter(message::Column::Body.is_not_null())
        .order_by_asc(message::Column::SentAt)
        .all(read.db())
        .await?)
}

pub async fn count_bodies(read: &Read, members: &[MemberId]) -> Result<u64, StoreError> {
    Ok(message::Entity::find()
        .filter(message::Column::MemberId.is_in(members.iter().copied()))
        .filter(message::Column::Body.is_not_null())
        .count(read.db())
        .await?)
}

/// Takes the bodies away and leaves tombstones; the answer is how many.
pub async fn bury_bodies(tx: &mut Tx, members: &[MemberId]) -> Result<u64, StoreError> {
    let row = message::ActiveModel { body: Set(None), ..Default::default() };
    let done = message::Entity::update_many()
        .set(row)
        .filter(message::Column::MemberId.is_in(members.iter().copied()))
        .filter(message::Column::Body.is_not_null())
        .exec(tx.db())
        .await?;
    Ok(done.rows_affected)
}
