//! Event streams: what changed, in order, without holes.
//!
//! An event holds ids, never what somebody wrote. Its `seq` is taken inside the transaction under the stream's row, so
//! a reader that has seen `n` misses nothing when it asks for what comes after `n`.

use std::collections::BTreeMap;

use kloud_base::{Millis, Timestamp, typed_id};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, OnConflict};
use sea_orm::{QueryOrder, QuerySelect, Set};

use crate::{Read, StoreError, Tx};

typed_id!(
    /// Who sees what is decided by stream, never by row.
    StreamId,
    "stm"
);

/// How long events are kept; a client that was away longer starts afresh.
pub const KEPT: Millis = 7 * kloud_base::DAY;

mod stream {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "streams")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: StreamId,
        pub last_seq: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod event {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "events")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub stream_id: StreamId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub seq: i64,
        pub kind: String,
        #[sea_orm(column_type = "Text")]
        pub ids: String,
        pub at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// What is appended: a kind such as `message.sent`, and the ids it concerns by name.
#[derive(Clone, Debug)]
pub struct NewEvent {
    pub kind: &'static str,
    pub ids: BTreeMap<&'static str, String>,
}

impl NewEvent {
    pub fn new(kind: &'static str) -> Self {
        Self { kind, ids: BTreeMap::new() }
    }

    /// Names one id it concerns.
    #[must_use]
    pub fn id(mut self, name: &'static str, id: impl ToString) -> Self {
        self.ids.insert(name, id.to_string());
        self
    }
}

/// What a client gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub stream: StreamId,
    /// From 1, without holes.
    pub seq: i64,
    pub kind: String,
    pub ids: BTreeMap<String, String>,
    pub at: Timestamp,
}

impl Tx {
    /// Appends to a stream, which begins with its first event; the answer is the new event's `seq`.
    pub async fn append(&mut self, stream: StreamId, event: NewEvent, now: Timestamp) -> Result<i64, StoreError> {
        let row = stream::ActiveModel { id: Set(stream), last_seq: Set(1) };
        let taken = stream::Entity::insert(row)
            .on_conflict(
                OnConflict::column(stream::Column::Id)
                    .value(stream::Column::LastSeq, Expr::col((stream::Entity, stream::Column::LastSeq)).add(1))
                    .to_owned(),
            )
            .exec_with_returning(self.db())
            .await?;
        let ids = serde_json::to_string(&event.ids).expect("a map of texts is JSON");
        let row = event::ActiveModel {
            stream_id: Set(stream),
            seq: Set(taken.last_seq),
            kind: Set(event.kind.to_owned()),
            ids: Set(ids),
            at: Set(now),
        };
        event::Entity::insert(row).exec_without_returning(self.db()).await?;
        self.touch(stream);
        Ok(taken.last_seq)
    }

    /// Deletes what is older than [`KEPT`]; the streams keep counting.
    pub async fn purge_events(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        let done = event::Entity::delete_many().filter(event::Column::At.lt(now - KEPT)).exec(self.db()).await?;
        Ok(done.rows_affected)
    }

    /// Deletes a whole stream, when nobody may watch it any more.
    pub async fn drop_stream(&mut self, stream: StreamId) -> Result<(), StoreError> {
        event::Entity::delete_many().filter(event::Column::StreamId.eq(stream)).exec(self.db()).await?;
        stream::Entity::delete_by_id(stream).exec(self.db()).await?;
        Ok(())
    }
}

impl Read {
    /// The last `seq` of a stream, 0 before its first event.
    pub async fn last_seq(&self, stream: StreamId) -> Result<i64, StoreError> {
        Ok(stream::Entity::find_by_id(stream).one(self.db()).await?.map_or(0, |row| row.last_seq))
    }

    /// At most `limit` events after `seq`, in order.
    pub async fn events_after(&self, stream: StreamId, seq: i64, limit: u64) -> Result<Vec<Event>, StoreError> {
        let rows = event::Entity::find()
            .filter(event::Column::StreamId.eq(stream))
            .filter(event::Column::Seq.gt(seq))
            .order_by_asc(event::Column::Seq)
            .limit(limit)
            .all(self.db())
            .await?;
        rows.into_iter()
            .map(|row| {
                let ids = serde_json::from_str(&row.ids)
                    .map_err(|error| StoreError::Damaged { table: "events", reason: error.to_string() })?;
                Ok(Event { stream: row.stream_id, seq: row.seq, kind: row.kind, ids, at: row.at })
            })
            .collect()
    }
}
