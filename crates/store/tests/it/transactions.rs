use kloud_base::Clock;
use kloud_store::{BlobName, Blobs, DataLock, DatabaseLock, NewEvent, StoreError, StreamId};
use kloud_testkit::{ManualClock, SeededRng, TestDatabases, both_engines};

use crate::support::open;

both_engines! {
    async fn a_snapshot_does_not_see_what_commits_later(db: TestDatabases) {
        let (store, clock, rng) = (open(&db).await, ManualClock::default(), SeededRng::new(1));
        let stream = StreamId::random(&rng);
        let before = store.read().await.unwrap();
        assert_eq!(before.last_seq(stream).await.unwrap(), 0);
        let mut tx = store.begin().await.unwrap();
        tx.append(stream, NewEvent::new("thing.changed"), clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(before.last_seq(stream).await.unwrap(), 0);
        assert_eq!(store.read().await.unwrap().last_seq(stream).await.unwrap(), 1);
    }

    async fn a_second_opening_finds_everything(db: TestDatabases) {
        let (store, clock, rng) = (open(&db).await, ManualClock::default(), SeededRng::new(1));
        let stream = StreamId::random(&rng);
        let mut tx = store.begin().await.unwrap();
        tx.append(stream, NewEvent::new("thing.changed"), clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        store.close().await;
        assert_eq!(open(&db).await.read().await.unwrap().last_seq(stream).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn a_checkpoint_waits_for_a_reader_that_holds_the_log() {
    let db = kloud_testkit::fresh(kloud_testkit::Engine::Sqlite).await;
    let (store, clock, rng) = (open(&db).await, ManualClock::default(), SeededRng::new(1));
    let stream = StreamId::random(&rng);
    let append = async || {
        let mut tx = store.begin().await.unwrap();
        tx.append(stream, NewEvent::new("thing.changed"), clock.now()).await.unwrap();
        tx.commit().await.unwrap();
    };
    append().await;
    let reader = store.read().await.unwrap();
    reader.last_seq(stream).await.unwrap();
    append().await;
    assert!(!store.checkpoint().await.unwrap(), "the reader's snapshot is still in the log");
    drop(reader);
    let mut tries = 0;
    while !store.checkpoint().await.unwrap() {
        tries += 1;
        assert!(tries < 1000, "the reader is gone");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_second_process_is_told_who_holds_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let held = DataLock::take(folder.path()).unwrap();
    let refused = DataLock::take(folder.path()).unwrap_err();
    assert!(matches!(&refused, StoreError::InUse { holder } if holder.contains(&std::process::id().to_string())));
    drop(held);
    DataLock::take(folder.path()).unwrap();
}

#[tokio::test]
async fn a_blob_comes_back_and_goes_away() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::local(folder.path()).unwrap();
    let name = BlobName::random(&SeededRng::new(1));
    blobs.put("exports", name, "sealed".into()).await.unwrap();
    assert_eq!(blobs.get("exports", name).await.unwrap().unwrap(), "sealed");
    assert_eq!(blobs.prefixes().await.unwrap(), ["exports"]);
    blobs.delete("exports", name).await.unwrap();
    blobs.delete("exports", name).await.unwrap();
    assert_eq!(blobs.get("exports", name).await.unwrap(), None);
}

#[tokio::test]
async fn a_database_is_served_by_one_process_at_a_time() {
    let db = kloud_testkit::fresh(kloud_testkit::Engine::Postgres).await;
    let held = DatabaseLock::take(&db.rows).await.unwrap();
    let Err(StoreError::InUse { holder }) = DatabaseLock::take(&db.rows).await else { panic!("two hold it") };
    assert!(holder.contains(&format!("process {}", std::process::id())), "{holder}");
    assert!(DatabaseLock::take(&db.keys).await.unwrap().is_some(), "another database is another lock");
    drop(held);
    assert!(DatabaseLock::take(&db.rows).await.unwrap().is_some(), "it is let go with its holder");
    let sqlite = kloud_testkit::fresh(kloud_testkit::Engine::Sqlite).await;
    assert!(DatabaseLock::take(&sqlite.rows).await.unwrap().is_none(), "a file's lock is its folder's");
}
