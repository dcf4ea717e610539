use kloud_base::{DAY, HOUR};
use kloud_privacy::purposes::ShowOwn;
use kloud_privacy::{Index, Own, Screen};
use kloud_store::crash::CrashMode;
use kloud_testkit::{TestDatabases, both_engines};

use crate::support::{Somebody, World};

async fn works(world: &World, of: &Somebody, name: &str) {
    let own = world.privacy.grant::<ShowOwn>(of.subject, of.subject, Own).await.unwrap();
    let nickname = world.person(of).await.nickname().open(&own).unwrap().release(Screen).unwrap();
    assert_eq!(nickname, format!("{name} nickname"));
    assert_eq!(world.privacy.members_of(of.subject).await.unwrap(), [of.member]);
    assert_eq!(world.privacy.find_identifier(Index::SignIn, name).await.unwrap(), Some(of.subject));
}

async fn with_identifier(world: &World, name: &str) -> Somebody {
    let somebody = world.somebody(name).await;
    let reserved = world.privacy.reserve_identifier(Index::SignIn, name, somebody.subject, HOUR).await.unwrap();
    world.privacy.confirm_identifier(reserved).await.unwrap();
    somebody
}

both_engines! {
    async fn everything_opens_under_the_new_root_and_old_roots_die(db: TestDatabases) {
        let mut world = World::new(db).await;
        let ann = with_identifier(&world, "ann").await;
        let key = world.privacy.public_key();
        for night in 1..=10 {
            world.clock.advance(DAY);
            world.run_jobs().await;
            world.restart().await;
            works(&world, &ann, "ann").await;
            assert_eq!(world.privacy.public_key(), key, "night {night}");
        }
        // The current one, and one for each of the last seven nights.
        let file = std::fs::metadata(world.keys_folder().join("roots")).unwrap().len();
        assert_eq!(file, 8 + 8 + 8 * 72 + 32);
    }

    async fn a_crash_in_the_night_is_made_good_by_the_next_run(db: TestDatabases) {
        let mut world = World::new(db).await;
        let (ann, bob) = (with_identifier(&world, "ann").await, with_identifier(&world, "bob").await);
        for point in [
            "rotate.after-new-root",
            "rotate.between-batches",
            "rotate.after-superseding",
            "store.before-commit",
            "store.after-commit",
        ] {
            world.clock.advance(DAY);
            world.crash_points.arm(point, 1, CrashMode::Error);
            world.privacy.rotate_root().await.unwrap_err();
            world.restart().await;
            works(&world, &ann, "ann").await;
            world.privacy.rotate_root().await.unwrap();
            works(&world, &ann, "ann").await;
            works(&world, &bob, "bob").await;
        }
    }

    async fn a_backup_lets_its_root_live_a_week_longer(db: TestDatabases) {
        let world = World::new(db).await;
        let without = world.privacy.backups_gone_at();
        assert_eq!(without, world.now() + 8 * DAY);
        world.clock.advance(3 * DAY);
        assert_eq!(world.privacy.backups_gone_at(), world.now() + 7 * DAY, "the night's job is late: the date moves");
        world.privacy.note_keystore_backup().unwrap();
        assert_eq!(world.privacy.backups_gone_at(), world.now() + 7 * DAY);
    }
}
