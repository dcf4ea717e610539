use kloud_base::HOUR;
use kloud_privacy::{PrivacyError, Reconciled, SubjectKind};
use kloud_testkit::{TestDatabases, both_engines};

use crate::support::World;

both_engines! {
    async fn keys_that_no_row_ever_used_go_after_an_hour(db: TestDatabases) {
        let mut world = World::new(db).await;
        let ann = world.somebody("ann").await;
        let lost = world.privacy.create_subject(SubjectKind::Guest).await.unwrap().id();
        let lost_key = world.privacy.create_key::<kloud_privacy::category::File>(ann.subject).await.unwrap().id();
        world.restart().await;
        assert_eq!(world.privacy.reconcile().await.unwrap(), Reconciled::default(), "not before an hour");
        world.clock.advance(HOUR + 1);
        let done = world.privacy.reconcile().await.unwrap();
        assert_eq!(done, Reconciled { unused_subjects: 1, unused_keys: 1, ..Reconciled::default() });
        assert!(matches!(world.privacy.sealer(lost).await, Err(PrivacyError::NotLiving)));
        assert!(matches!(world.privacy.key_sealer(lost_key).await, Err(PrivacyError::NotLiving)));
        drop(world.privacy.key_sealer(ann.paper_key).await.unwrap());
        assert_eq!(world.privacy.reconcile().await.unwrap(), Reconciled::default());
    }

    async fn a_key_that_is_missing_without_an_ending_is_damage_and_sweeps_nothing(db: TestDatabases) {
        let mut world = World::new(db).await;
        let ann = world.somebody("ann").await;
        use sea_orm::ConnectionTrait;
        let tx = world.keys.begin().await.unwrap();
        tx.db().execute_unprepared("DELETE FROM keys").await.unwrap();
        tx.db().execute_unprepared("DELETE FROM subjects").await.unwrap();
        tx.commit().await.unwrap();
        world.restart().await;
        assert_eq!(world.privacy.reconcile().await.unwrap().missing_keys, 3, "Ann, the company and the paper's key");
        assert_eq!(world.notes(&ann).await.iter().filter(|note| note.body.is_some()).count(), 3);
        let why = kloud_privacy::Membership::checked("demo::may_read", uuid::Uuid::nil());
        use kloud_privacy::purposes::ShowToAudience;
        let grant = world.privacy.grant::<ShowToAudience>(ann.subject, ann.subject, why).await.unwrap();
        assert!(world.person(&ann).await.nickname().open(&grant).unwrap().is_broken());
    }
}
