use kloud_base::Clock;
use kloud_store::crash::CrashMode;
use kloud_store::{NewEvent, StoreError, StreamId};
use kloud_testkit::{ManualClock, SeededRng, TestDatabases, both_engines};

use crate::support::open;

both_engines! {
    async fn a_crash_before_the_commit_leaves_nothing_and_after_it_everything(db: TestDatabases) {
        let (store, clock, rng) = (open(&db).await, ManualClock::default(), SeededRng::new(1));
        let stream = StreamId::random(&rng);
        for (point, seq) in [("store.before-commit", 0), ("store.after-commit", 1)] {
            store.crash_points().arm(point, 1, CrashMode::Error);
            let mut tx = store.begin().await.unwrap();
            tx.append(stream, NewEvent::new("thing.changed"), clock.now()).await.unwrap();
            assert!(matches!(tx.commit().await, Err(StoreError::Crashed(at)) if at == point));
            assert_eq!(store.read().await.unwrap().last_seq(stream).await.unwrap(), seq, "at {point}");
        }
    }
}
