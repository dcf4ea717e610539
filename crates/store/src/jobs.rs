//! Jobs in the caller's transaction: what was committed will be done, what was rolled back never was.
//!
//! A job is a small value of ids. It runs at least once: a runner takes it under a lease, and when the lease ends
//! without an answer another takes it again, so every handler is idempotent. Errors are kept as codes, never as text.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use kloud_base::{Clock, MINUTE, Millis, Rng, SECOND, Timestamp, text_enum, typed_id};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, LockBehavior, LockType, OnConflict, Query};
use sea_orm::{ActiveValue::Set, Condition};
use serde::{Serialize, de::DeserializeOwned};

use crate::{Engine, Read, Store, StoreError, Tx};

typed_id!(
    /// One job.
    JobId,
    "job"
);

text_enum! {
    /// Where a job stands. A finished job has no row.
    pub enum JobState { Pending = "pending", Running = "running", Dead = "dead" }
}

/// How long a runner may be silent about a job before another takes it.
pub const LEASE: Millis = 5 * MINUTE;

mod row {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "jobs")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: JobId,
        pub kind: String,
        pub dedupe: Option<String>,
        #[sea_orm(column_type = "Text")]
        pub payload: String,
        pub state: JobState,
        pub run_at: Timestamp,
        pub attempts: i32,
        pub lease_until: Option<Timestamp>,
        pub last_error: Option<String>,
        pub created_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod schedule {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "schedules")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        pub next_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A kind of work. Holds ids only.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The stable name, such as `SweepErasure`.
    const KIND: &'static str;
    /// After so many failed attempts it is dead and someone must look.
    const MAX_ATTEMPTS: i32 = 20;

    /// While a job of this kind with this key is pending, enqueueing another does nothing.
    fn dedupe(&self) -> Option<String> {
        None
    }
}

/// Why a job did not finish.
#[derive(Debug)]
pub enum JobFailure {
    /// Try again later; the code is kept with the row.
    Retry(&'static str),
    /// Nothing is wrong, but its time has not come; does not count as an attempt.
    NotBefore(Timestamp),
}

impl From<StoreError> for JobFailure {
    fn from(error: StoreError) -> Self {
        tracing::debug!(%error, "job met a store error");
        match error {
            StoreError::Database(_) => Self::Retry("database"),
            StoreError::Blob(_) => Self::Retry("blob"),
            StoreError::Damaged { .. } => Self::Retry("damaged_row"),
            StoreError::InUse { .. } => Self::Retry("in_use"),
            StoreError::Io { .. } => Self::Retry("io"),
            StoreError::Crashed(name) => Self::Retry(name),
        }
    }
}

/// Does the work of one kind. Must leave the same state when run twice.
#[async_trait]
pub trait JobHandler<J: Job>: Send + Sync {
    async fn run(&self, job: J) -> Result<(), JobFailure>;
}

#[async_trait]
trait ErasedHandler: Send + Sync {
    async fn run(&self, payload: &str) -> Result<(), JobFailure>;
}

struct Typed<J, H>(H, std::marker::PhantomData<fn(J)>);

#[async_trait]
impl<J: Job, H: JobHandler<J>> ErasedHandler for Typed<J, H> {
    async fn run(&self, payload: &str) -> Result<(), JobFailure> {
        let job = serde_json::from_str(payload).map_err(|_| JobFailure::Retry("unreadable_payload"))?;
        self.0.run(job).await
    }
}

struct Periodic {
    every: Millis,
    payload: String,
}

/// Which handler does which kind, and what comes round by the clock.
#[derive(Default)]
pub struct JobRegistry {
    handlers: HashMap<&'static str, (i32, Arc<dyn ErasedHandler>)>,
    periodic: HashMap<&'static str, Periodic>,
}

impl JobRegistry {
    /// Registers the handler of a kind.
    #[must_use]
    pub fn on<J: Job>(mut self, handler: impl JobHandler<J> + 'static) -> Self {
        let typed: Arc<dyn ErasedHandler> = Arc::new(Typed(handler, std::marker::PhantomData));
        let before = self.handlers.insert(J::KIND, (J::MAX_ATTEMPTS, typed));
        assert!(before.is_none(), "two handlers for {}", J::KIND);
        self
    }

    /// Runs `job` once every `every` milliseconds, by a row that all processes share.
    #[must_use]
    pub fn every<J: Job>(mut self, every: Millis, job: &J) -> Self {
        let payload = serde_json::to_string(job).expect("a job is plain data");
        self.periodic.insert(J::KIND, Periodic { every, payload });
        self
    }

    /// Adds what another registry holds.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        for (kind, handler) in other.handlers {
            let before = self.handlers.insert(kind, handler);
            assert!(before.is_none(), "two handlers for {kind}");
        }
        self.periodic.extend(other.periodic);
        self
    }

    /// The kinds with a handler, sorted.
    pub fn kinds(&self) -> Vec<&'static str> {
        let mut kinds: Vec<_> = self.handlers.keys().copied().collect();
        kinds.sort_unstable();
        kinds
    }
}

impl Tx {
    /// Enqueues a job to run at `run_at` or soon after. Commits with the transaction.
    pub async fn enqueue<J: Job>(
        &mut self,
        job: &J,
        run_at: Timestamp,
        now: Timestamp,
        rng: &dyn Rng,
    ) -> Result<(), StoreError> {
        let payload = serde_json::to_string(job).expect("a job is plain data");
        self.enqueue_raw(J::KIND, job.dedupe(), payload, run_at, now, rng).await
    }

    async fn enqueue_raw(
        &mut self,
        kind: &'static str,
        dedupe: Option<String>,
        payload: String,
        run_at: Timestamp,
        now: Timestamp,
        rng: &dyn Rng,
    ) -> Result<(), StoreError> {
        let model = row::ActiveModel {
            id: Set(JobId::new(now, rng)),
            kind: Set(kind.to_owned()),
            dedupe: Set(dedupe),
            payload: Set(payload),
            state: Set(JobState::Pending),
            run_at: Set(run_at),
            attempts: Set(0),
            lease_until: Set(None),
            last_error: Set(None),
            created_at: Set(now),
        };
        let silent = OnConflict::new().do_nothing().to_owned();
        row::Entity::insert(model).on_conflict(silent).exec_without_returning(self.db()).await?;
        self.note_job();
        Ok(())
    }
}

impl Read {
    /// How many jobs could run now, and how many are dead; for health and for tests.
    pub async fn job_counts(&self, now: Timestamp) -> Result<(u64, u64), StoreError> {
        let due = row::Entity::find()
            .filter(row::Column::State.eq(JobState::Pending))
            .filter(row::Column::RunAt.lte(now))
            .count(self.db())
            .await?;
        let dead = row::Entity::find().filter(row::Column::State.eq(JobState::Dead)).count(self.db()).await?;
        Ok((due, dead))
    }
}

/// Takes due jobs and runs them.
pub struct JobRunner {
    store: Store,
    registry: JobRegistry,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
}

impl JobRunner {
    pub fn new(store: Store, registry: JobRegistry, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Self {
        Self { store, registry, clock, rng }
    }

    /// Runs jobs until `stop` resolves; the job under way is finished first.
    pub async fn run_until(&self, stop: impl Future<Output = ()> + Send) {
        let wake = self.store.job_wake();
        tokio::pin!(stop);
        loop {
            if let Err(error) = self.run_due().await {
                tracing::error!(%error, "the job runner could not reach the database; it goes on trying");
            }
            tokio::select! {
                () = &mut stop => return,
                () = wake.notified() => {}
                () = tokio::time::sleep(std::time::Duration::from_millis(SECOND.unsigned_abs())) => {}
            }
        }
    }

    /// Runs everything that is due, and what it makes due, until nothing is. Returns how many ran.
    pub async fn run_due(&self) -> Result<usize, StoreError> {
        let mut ran = 0;
        self.enqueue_periodic().await?;
        while let Some(job) = self.claim().await? {
            self.run_one(job).await?;
            ran += 1;
        }
        Ok(ran)
    }

    async fn enqueue_periodic(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let read = self.store.read().await?;
        let known: HashMap<String, Timestamp> =
            schedule::Entity::find().all(read.db()).await?.into_iter().map(|row| (row.kind, row.next_at)).collect();
        drop(read);
        for (kind, periodic) in &self.registry.periodic {
            if known.get(*kind).is_some_and(|next| *next > now) {
                continue;
            }
            let mut tx = self.store.begin().await?;
            let next = schedule::ActiveModel { kind: Set((*kind).to_owned()), next_at: Set(now + periodic.every) };
            schedule::Entity::insert(next)
                .on_conflict(
                    OnConflict::column(schedule::Column::Kind).update_column(schedule::Column::NextAt).to_owned(),
                )
                .exec_without_returning(tx.db())
                .await?;
            let dedupe = Some("periodic".to_owned());
            tx.enqueue_raw(kind, dedupe, periodic.payload.clone(), now, now, &*self.rng).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    async fn claim(&self) -> Result<Option<row::Model>, StoreError> {
        let now = self.clock.now();
        // Looking costs the readers; only a find costs the writer.
        let read = self.store.read().await?;
        if row::Entity::find().filter(due(now)).one(read.db()).await?.is_none() {
            return Ok(None);
        }
        drop(read);
        let tx = self.store.begin().await?;
        let mut pick = Query::select();
        pick.column(row::Column::Id)
            .from(row::Entity)
            .cond_where(due(now))
            .order_by(row::Column::RunAt, sea_orm::Order::Asc)
            .limit(1);
        if tx.engine() == Engine::Postgres {
            pick.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        }
        let taken = row::Entity::update_many()
            .col_expr(row::Column::State, Expr::value(JobState::Running))
            .col_expr(row::Column::LeaseUntil, Expr::value(now + LEASE))
            .col_expr(row::Column::Attempts, Expr::col(row::Column::Attempts).add(1))
            .filter(row::Column::Id.in_subquery(pick))
            .exec_with_returning(tx.db())
            .await?;
        tx.commit().await?;
        Ok(taken.into_iter().next())
    }

    async fn run_one(&self, job: row::Model) -> Result<(), StoreError> {
        let (max_attempts, outcome) = match self.registry.handlers.get(job.kind.as_str()) {
            Some((max, handler)) => (*max, handler.run(&job.payload).await),
            None => (1, Err(JobFailure::Retry("no_handler"))),
        };
        self.store.crash_points().point("jobs.after-run")?;
        let tx = self.store.begin().await?;
        match outcome {
            Ok(()) => {
                row::Entity::delete_by_id(job.id).exec(tx.db()).await?;
            }
            Err(JobFailure::NotBefore(at)) => self.put_back(&tx, &job, at, job.attempts - 1, None).await?,
            Err(JobFailure::Retry(code)) if job.attempts >= max_attempts => {
                tracing::error!(kind = job.kind, code, attempts = job.attempts, "a job is dead");
                let dead = row::ActiveModel {
                    id: Set(job.id),
                    state: Set(JobState::Dead),
                    last_error: Set(Some(code.to_owned())),
                    lease_until: Set(None),
                    ..Default::default()
                };
                row::Entity::update(dead).exec(tx.db()).await?;
            }
            Err(JobFailure::Retry(code)) => {
                tracing::warn!(kind = job.kind, code, attempts = job.attempts, "a job failed and will be tried again");
                let at = self.clock.now() + pause(job.attempts);
                self.put_back(&tx, &job, at, job.attempts, Some(code)).await?;
            }
        }
        tx.commit().await
    }

    /// Back to pending, unless an equal job was enqueued meanwhile: then that one stands for both.
    async fn put_back(
        &self,
        tx: &Tx,
        job: &row::Model,
        at: Timestamp,
        attempts: i32,
        code: Option<&'static str>,
    ) -> Result<(), StoreError> {
        if let Some(dedupe) = &job.dedupe {
            let twin = row::Entity::find()
                .filter(row::Column::Kind.eq(&job.kind))
                .filter(row::Column::Dedupe.eq(dedupe))
                .filter(row::Column::State.eq(JobState::Pending))
                .one(tx.db())
                .await?;
            if twin.is_some() {
                row::Entity::delete_by_id(job.id).exec(tx.db()).await?;
                return Ok(());
            }
        }
        let back = row::ActiveModel {
            id: Set(job.id),
            state: Set(JobState::Pending),
            run_at: Set(at),
            attempts: Set(attempts),
            lease_until: Set(None),
            last_error: Set(code.map(str::to_owned)),
            ..Default::default()
        };
        row::Entity::update(back).exec(tx.db()).await?;
        Ok(())
    }
}

/// Pending and due, or running under a lease that has ended.
fn due(now: Timestamp) -> Condition {
    Condition::any()
        .add(Condition::all().add(row::Column::State.eq(JobState::Pending)).add(row::Column::RunAt.lte(now)))
        .add(Condition::all().add(row::Column::State.eq(JobState::Running)).add(row::Column::LeaseUntil.lte(now)))
}

/// 1 s, 4 s, 9 s, 16 s … up to an hour: the square of the attempt, in seconds.
fn pause(attempts: i32) -> Millis {
    let attempts = i64::from(attempts).clamp(1, 60);
    attempts * attempts * SECOND
}
