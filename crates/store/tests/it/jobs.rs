use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use kloud_base::{Clock, HOUR, MINUTE};
use kloud_store::jobs::{Job, JobFailure, JobHandler, JobRegistry, JobRunner, LEASE};
use kloud_testkit::{ManualClock, SeededRng, TestDatabases, both_engines};
use serde::{Deserialize, Serialize};

use crate::support::open;

#[derive(Serialize, Deserialize)]
struct CountUp {
    key: Option<String>,
}

impl Job for CountUp {
    const KIND: &'static str = "CountUp";
    const MAX_ATTEMPTS: i32 = 3;

    fn dedupe(&self) -> Option<String> {
        self.key.clone()
    }
}

struct Counter {
    runs: Arc<AtomicUsize>,
    fail: bool,
}

#[async_trait]
impl JobHandler<CountUp> for Counter {
    async fn run(&self, _: CountUp) -> Result<(), JobFailure> {
        self.runs.fetch_add(1, Ordering::SeqCst);
        if self.fail { Err(JobFailure::Retry("broken")) } else { Ok(()) }
    }
}

struct World {
    store: kloud_store::Store,
    clock: Arc<ManualClock>,
    rng: Arc<SeededRng>,
    runs: Arc<AtomicUsize>,
    runner: JobRunner,
}

impl World {
    async fn new(db: &TestDatabases, fail: bool) -> Self {
        let store = open(db).await;
        let (clock, rng, runs) = (Arc::new(ManualClock::default()), Arc::new(SeededRng::new(7)), Arc::default());
        let registry = JobRegistry::default().on(Counter { runs: Arc::clone(&runs), fail });
        let runner = JobRunner::new(store.clone(), registry, clock.clone(), rng.clone());
        Self { store, clock, rng, runs, runner }
    }

    async fn enqueue(&self, key: Option<&str>, commit: bool) {
        let mut tx = self.store.begin().await.unwrap();
        let job = CountUp { key: key.map(str::to_owned) };
        tx.enqueue(&job, self.clock.now(), self.clock.now(), &*self.rng).await.unwrap();
        if commit {
            tx.commit().await.unwrap();
        }
    }

    fn runs(&self) -> usize {
        self.runs.load(Ordering::SeqCst)
    }
}

both_engines! {
    async fn a_committed_job_runs_once_and_a_rolled_back_one_never(db: TestDatabases) {
        let world = World::new(&db, false).await;
        world.enqueue(None, false).await;
        world.enqueue(None, true).await;
        assert_eq!(world.runner.run_due().await.unwrap(), 1);
        assert_eq!(world.runner.run_due().await.unwrap(), 0);
        assert_eq!(world.runs(), 1);
    }

    async fn equal_jobs_that_wait_are_one(db: TestDatabases) {
        let world = World::new(&db, false).await;
        world.enqueue(Some("a"), true).await;
        world.enqueue(Some("a"), true).await;
        world.enqueue(Some("b"), true).await;
        world.runner.run_due().await.unwrap();
        assert_eq!(world.runs(), 2);
        world.enqueue(Some("a"), true).await;
        world.runner.run_due().await.unwrap();
        assert_eq!(world.runs(), 3);
    }

    async fn a_failing_job_is_tried_again_with_pauses_and_then_is_dead(db: TestDatabases) {
        let world = World::new(&db, true).await;
        world.enqueue(None, true).await;
        world.runner.run_due().await.unwrap();
        assert_eq!(world.runs(), 1, "the second attempt waits");
        for _ in 0..5 {
            world.clock.advance(HOUR);
            world.runner.run_due().await.unwrap();
        }
        assert_eq!(world.runs(), 3);
        assert_eq!(world.store.read().await.unwrap().job_counts(world.clock.now()).await.unwrap(), (0, 1));
    }

    async fn a_job_whose_runner_died_is_taken_again_after_its_lease(db: TestDatabases) {
        let world = World::new(&db, false).await;
        world.enqueue(None, true).await;
        world.store.crash_points().arm("jobs.after-run", 1, kloud_store::crash::CrashMode::Error);
        world.runner.run_due().await.unwrap_err();
        world.runner.run_due().await.unwrap();
        assert_eq!(world.runs(), 1, "the lease still holds");
        world.clock.advance(LEASE);
        world.runner.run_due().await.unwrap();
        assert_eq!(world.runs(), 2);
    }

    async fn a_periodic_job_comes_round(db: TestDatabases) {
        let world = World::new(&db, false).await;
        let handler = Counter { runs: world.runs.clone(), fail: false };
        let registry = JobRegistry::default().on(handler).every(HOUR, &CountUp { key: Some("periodic".into()) });
        let runner = JobRunner::new(world.store.clone(), registry, world.clock.clone(), world.rng.clone());
        runner.run_due().await.unwrap();
        runner.run_due().await.unwrap();
        assert_eq!(world.runs(), 1);
        world.clock.advance(HOUR + MINUTE);
        runner.run_due().await.unwrap();
        assert_eq!(world.runs(), 2);
    }
}
