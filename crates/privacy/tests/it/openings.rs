use kloud_base::DAY;
use kloud_privacy::purposes::{AnswerRequest, Notify, ShowOwn, ShowToAudience};
use kloud_privacy::{DayRow, Membership, Named, OpeningSeen, Own, Shown};
use kloud_store::crash::CrashMode;
use kloud_testkit::{TestDatabases, both_engines};

use crate::support::{Somebody, World};

async fn seen(world: &World, of: &Somebody) -> Vec<OpeningSeen> {
    let own = world.privacy.grant::<ShowOwn>(of.subject, of.subject, Own).await.unwrap();
    world.privacy.openings(of.subject, &own).await.unwrap()
}

fn named() -> Named {
    Named { role: "officer", name: "Olga".to_owned(), reason: "request" }
}

both_engines! {
    async fn own_and_membership_leave_no_row(db: TestDatabases) {
        let world = World::new(db).await;
        let (ann, bob) = (world.somebody("ann").await, world.somebody("bob").await);
        let why = Membership::checked("demo::may_read", uuid::Uuid::nil());
        drop(world.privacy.grant::<ShowToAudience>(bob.subject, ann.member, why).await.unwrap());
        assert!(seen(&world, &ann).await.is_empty());
    }

    async fn a_day_row_counts_and_the_next_day_begins_anew(db: TestDatabases) {
        let world = World::new(db).await;
        let ann = world.somebody("ann").await;
        for _ in 0..3 {
            drop(world.privacy.grant::<Notify>(ann.subject, ann.subject, DayRow).await.unwrap());
        }
        world.clock.advance(DAY);
        drop(world.privacy.grant::<Notify>(ann.subject, ann.subject, DayRow).await.unwrap());
        let counts: Vec<_> = seen(&world, &ann)
            .await
            .into_iter()
            .map(|opening| match opening {
                OpeningSeen::Day { count, purpose, .. } => (purpose, count),
                OpeningSeen::Named { .. } => panic!("a day row"),
            })
            .collect();
        assert_eq!(counts, [("notify".to_owned(), 1), ("notify".to_owned(), 3)]);
    }

    async fn a_named_row_says_who_and_why_and_is_sealed(db: TestDatabases) {
        let world = World::new(db).await;
        let ann = world.somebody("ann").await;
        drop(world.privacy.grant::<AnswerRequest>(ann.subject, ann.subject, named()).await.unwrap());
        let opening = seen(&world, &ann).await.pop().unwrap();
        let OpeningSeen::Named { detail: Shown::Value(detail), purpose, .. } = opening else { panic!("a named row") };
        assert_eq!(purpose, "answer_request");
        assert_eq!(detail["name"], "Olga");
        assert_eq!(detail["reason"], "request");
        assert_eq!(kloud_privacy::audit::scan_folder(world.db.folder(), &["Olga"]).unwrap(), []);
    }

    async fn nothing_opens_when_the_named_row_is_not_on_disk(db: TestDatabases) {
        let world = World::new(db).await;
        let ann = world.somebody("ann").await;
        // The month's key exists already, so the next commit is that of the row.
        drop(world.privacy.month_sealer(ann.subject).await.unwrap());
        world.crash_points.arm("store.before-commit", 1, CrashMode::Error);
        assert!(world.privacy.grant::<AnswerRequest>(ann.subject, ann.subject, named()).await.is_err());
        assert!(seen(&world, &ann).await.is_empty());
    }

    async fn day_rows_go_after_twelve_months_and_named_ones_after_twenty_four(db: TestDatabases) {
        let world = World::new(db).await;
        let ann = world.somebody("ann").await;
        drop(world.privacy.grant::<Notify>(ann.subject, ann.subject, DayRow).await.unwrap());
        drop(world.privacy.grant::<AnswerRequest>(ann.subject, ann.subject, named()).await.unwrap());
        let left = async |days| {
            world.clock.advance(days * DAY);
            world.privacy.purge_expired().await.unwrap();
            seen(&world, &ann).await.len()
        };
        assert_eq!(left(364).await, 2);
        assert_eq!(left(2).await, 1);
        assert_eq!(left(363).await, 1);
        assert_eq!(left(2).await, 0);
    }

    async fn a_monthly_key_ends_after_its_retention_and_its_values_are_erased(db: TestDatabases) {
        let world = World::new(db).await;
        let ann = world.somebody("ann").await;
        world.clock.advance(24 * 30 * DAY);
        world.privacy.purge_expired().await.unwrap();
        let own = world.privacy.grant::<ShowOwn>(ann.subject, ann.subject, Own).await.unwrap();
        assert!(!world.person(&ann).await.last_seen().open(&own).unwrap().is_erased());
        world.clock.advance(90 * DAY);
        world.privacy.purge_expired().await.unwrap();
        let own = world.privacy.grant::<ShowOwn>(ann.subject, ann.subject, Own).await.unwrap();
        assert!(world.person(&ann).await.last_seen().open(&own).unwrap().is_erased());
        assert!(!world.person(&ann).await.nickname().open(&own).unwrap().is_erased());
    }
}
