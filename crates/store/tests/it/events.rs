use kloud_base::Clock;
use kloud_store::events::KEPT;
use kloud_store::{NewEvent, StreamId};
use kloud_testkit::{ManualClock, SeededRng, TestDatabases, both_engines};

use crate::support::open;

both_engines! {
    async fn concurrent_appends_leave_no_hole_and_no_double(db: TestDatabases) {
        let (store, clock, rng) = (open(&db).await, ManualClock::default(), SeededRng::new(1));
        let stream = StreamId::random(&rng);
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let (store, now) = (store.clone(), clock.now());
            tasks.spawn(async move {
                for _ in 0..25 {
                    let mut tx = store.begin().await.unwrap();
                    tx.append(stream, NewEvent::new("thing.changed"), now).await.unwrap();
                    tx.commit().await.unwrap();
                }
            });
        }
        tasks.join_all().await;
        let read = store.read().await.unwrap();
        let seqs: Vec<i64> =
            read.events_after(stream, 0, 1000).await.unwrap().iter().map(|event| event.seq).collect();
        assert_eq!(seqs, (1..=200).collect::<Vec<_>>());
        assert_eq!(read.last_seq(stream).await.unwrap(), 200);
    }

    async fn a_rolled_back_event_takes_no_number_and_wakes_nobody(db: TestDatabases) {
        let (store, clock, rng) = (open(&db).await, ManualClock::default(), SeededRng::new(1));
        let stream = StreamId::random(&rng);
        let mut wakes = store.wakes();
        let mut tx = store.begin().await.unwrap();
        tx.append(stream, NewEvent::new("thing.changed"), clock.now()).await.unwrap();
        drop(tx);
        let mut tx = store.begin().await.unwrap();
        let seq = tx.append(stream, NewEvent::new("thing.changed").id("thing", "a"), clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(seq, 1);
        assert_eq!(wakes.recv().await.unwrap(), stream);
        assert!(wakes.try_recv().is_err());
    }

    async fn old_events_go_and_the_count_goes_on(db: TestDatabases) {
        let (store, clock, rng) = (open(&db).await, ManualClock::default(), SeededRng::new(1));
        let stream = StreamId::random(&rng);
        let mut tx = store.begin().await.unwrap();
        tx.append(stream, NewEvent::new("thing.changed"), clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        clock.advance(KEPT + 1);
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.purge_events(clock.now()).await.unwrap(), 1);
        assert_eq!(tx.append(stream, NewEvent::new("thing.changed"), clock.now()).await.unwrap(), 2);
        tx.commit().await.unwrap();
    }
}
