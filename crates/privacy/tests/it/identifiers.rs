use kloud_base::HOUR;
use kloud_privacy::{Index, PrivacyError};
use kloud_testkit::{TestDatabases, both_engines};

use crate::support::World;

both_engines! {
    async fn an_identifier_is_one_person_s(db: TestDatabases) {
        let world = World::new(db).await;
        let (ann, bob) = (world.somebody("ann").await, world.somebody("bob").await);
        let privacy = &world.privacy;
        let reserved = privacy.reserve_identifier(Index::SignIn, "Ann@Example.org ", ann.subject, HOUR).await.unwrap();
        let taken = privacy.reserve_identifier(Index::SignIn, "ann@example.org", bob.subject, HOUR).await;
        assert!(matches!(taken, Err(PrivacyError::Taken)));
        assert_eq!(privacy.find_identifier(Index::SignIn, "ann@example.org").await.unwrap(), None, "not yet");
        let mut tx = world.rows.begin().await.unwrap();
        reserved.anchor(&mut tx, privacy).await.unwrap();
        tx.commit().await.unwrap();
        privacy.confirm_identifier(reserved).await.unwrap();
        assert_eq!(privacy.find_identifier(Index::SignIn, "ann@example.org").await.unwrap(), Some(ann.subject));
        assert_eq!(privacy.find_identifier(Index::ContactMatch, "ann@example.org").await.unwrap(), None);
        world.clock.advance(2 * HOUR);
        let taken = privacy.reserve_identifier(Index::SignIn, "ann@example.org", bob.subject, HOUR).await;
        assert!(matches!(taken, Err(PrivacyError::Taken)), "a confirmed one does not expire");
        assert!(!privacy.release_identifier(Index::SignIn, "ann@example.org", bob.subject).await.unwrap());
        assert!(privacy.release_identifier(Index::SignIn, "ann@example.org", ann.subject).await.unwrap());
        drop(privacy.reserve_identifier(Index::SignIn, "ann@example.org", bob.subject, HOUR).await.unwrap());
    }

    async fn a_reservation_that_was_never_committed_expires(db: TestDatabases) {
        let world = World::new(db).await;
        let (ann, bob) = (world.somebody("ann").await, world.somebody("bob").await);
        let privacy = &world.privacy;
        let _ = privacy.reserve_identifier(Index::SignIn, "a@b", ann.subject, HOUR).await.unwrap();
        world.clock.advance(HOUR);
        let reserved = privacy.reserve_identifier(Index::SignIn, "a@b", bob.subject, HOUR).await.unwrap();
        privacy.confirm_identifier(reserved).await.unwrap();
        assert_eq!(privacy.find_identifier(Index::SignIn, "a@b").await.unwrap(), Some(bob.subject));
    }

    async fn a_crash_between_the_databases_is_repaired_by_the_anchor(db: TestDatabases) {
        let mut world = World::new(db).await;
        let ann = world.somebody("ann").await;
        let committed =
            world.privacy.reserve_identifier(Index::SignIn, "committed", ann.subject, HOUR).await.unwrap();
        let _ = world.privacy.reserve_identifier(Index::SignIn, "lost", ann.subject, HOUR).await.unwrap();
        let mut tx = world.rows.begin().await.unwrap();
        committed.anchor(&mut tx, &world.privacy).await.unwrap();
        tx.commit().await.unwrap();
        world.restart().await;
        world.clock.advance(2 * HOUR);
        let done = world.privacy.reconcile().await.unwrap();
        assert_eq!((done.confirmed_identifiers, done.dropped_identifiers), (1, 1));
        let find = async |text| world.privacy.find_identifier(Index::SignIn, text).await.unwrap();
        assert_eq!((find("committed").await, find("lost").await), (Some(ann.subject), None));
    }

    async fn an_address_is_in_no_file_and_a_suppressed_one_leads_to_nobody(db: TestDatabases) {
        let world = World::new(db).await;
        let ann = world.somebody("ann").await;
        let privacy = &world.privacy;
        let canary = "canary-address@example.org";
        drop(privacy.reserve_identifier(Index::ContactMatch, canary, ann.subject, HOUR).await.unwrap());
        privacy.suppress(canary).await.unwrap();
        privacy.suppress(canary).await.unwrap();
        assert!(privacy.is_suppressed(canary).await.unwrap());
        assert!(!privacy.is_suppressed("another@example.org").await.unwrap());
        assert_eq!(kloud_privacy::audit::scan_folder(world.db.folder(), &[canary]).unwrap(), []);
    }
}
