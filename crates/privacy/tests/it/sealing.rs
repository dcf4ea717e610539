use kloud_privacy::purposes::{ShowOwn, ShowToAudience, ShowToOrganization, SignIn};
use kloud_privacy::{Compare, Membership, Own, PrivacyError, Screen};
use kloud_testkit::{TestDatabases, both_engines};
use sea_orm::entity::prelude::*;

use crate::demo::person;
use crate::support::World;

fn membership() -> Membership {
    Membership::checked("demo::may_read", uuid::Uuid::nil())
}

both_engines! {
    async fn sealed_values_come_back_for_their_purposes(db: TestDatabases) {
        let world = World::new(db).await;
        let ann = world.somebody("ann").await;
        let row = world.person(&ann).await;
        let own = world.privacy.grant::<ShowOwn>(ann.subject, ann.subject, Own).await.unwrap();
        assert_eq!(row.nickname().open(&own).unwrap().release(Screen).unwrap(), "ann nickname");
        assert_eq!(row.address().unwrap().open(&own).unwrap().release(Screen).unwrap(), "ann@example.org");
        assert_eq!(row.last_seen().open(&own).unwrap().release(Screen).unwrap(), 4711);
        let sign_in = world.privacy.grant::<SignIn>(ann.subject, ann.subject, Own).await.unwrap();
        assert_eq!(row.password().open(&sign_in).unwrap().release(Compare).unwrap(), "ann password");
    }

    async fn shared_rows_open_by_their_author_s_stand_in(db: TestDatabases) {
        let world = World::new(db).await;
        let (ann, bob) = (world.somebody("ann").await, world.somebody("bob").await);
        let grant =
            world.privacy.grant_many::<ShowToAudience>(bob.subject, [ann.member, bob.member], membership()).await;
        let grant = grant.unwrap();
        for (somebody, name) in [(&ann, "ann"), (&bob, "bob")] {
            let mut bodies: Vec<String> = Vec::new();
            for note in world.notes(somebody).await {
                bodies.push(note.body().unwrap().open(&grant).unwrap().release(Screen).unwrap());
            }
            bodies.sort();
            assert_eq!(bodies, [0, 1, 2].map(|n| format!("{name} note {n}")));
        }
        assert_eq!(grant.subject(ann.member), Some(ann.subject));
    }

    async fn a_grant_opens_nobody_else_s(db: TestDatabases) {
        let world = World::new(db).await;
        let (ann, bob) = (world.somebody("ann").await, world.somebody("bob").await);
        let own = world.privacy.grant::<ShowOwn>(bob.subject, bob.subject, Own).await.unwrap();
        let refused = world.person(&ann).await.nickname().open(&own);
        assert!(matches!(refused, Err(PrivacyError::NotGranted(_))));
        let refused = world.privacy.grant::<ShowOwn>(bob.subject, ann.subject, Own).await;
        assert!(matches!(refused, Err(PrivacyError::NotGranted(_))));
        let refused = world.privacy.grant_many::<ShowOwn>(bob.subject, [bob.subject, ann.subject], Own).await;
        assert!(matches!(refused, Err(PrivacyError::NotGranted(_))));
    }

    async fn an_envelope_in_another_row_column_or_person_is_broken(db: TestDatabases) {
        let world = World::new(db).await;
        let (ann, bob) = (world.somebody("ann").await, world.somebody("bob").await);
        let people = [ann.subject, bob.subject];
        let grant = world.privacy.grant_many::<ShowToAudience>(ann.subject, people, membership()).await.unwrap();
        let (of_ann, of_bob) = (world.person(&ann).await, world.person(&bob).await);
        let stolen = person::Model { nickname: of_ann.nickname.clone(), ..of_bob.clone() };
        assert!(stolen.nickname().open(&grant).unwrap().is_broken(), "another person's row");
        let moved = person::Model { id: of_bob.id, ..of_ann.clone() };
        assert!(moved.nickname().open(&grant).unwrap().is_broken(), "another row of the same person");
        assert!(!of_ann.nickname().open(&grant).unwrap().is_broken());
        // Another column of the same row and category, planted by SQL.
        let tx = world.rows.begin().await.unwrap();
        person::Entity::update_many()
            .col_expr(person::Column::Nickname, Expr::col(person::Column::Password))
            .exec(tx.db())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert!(world.person(&ann).await.nickname().open(&grant).unwrap().is_broken(), "another column");
    }

    async fn two_keys_need_both_people(db: TestDatabases) {
        let world = World::new(db).await;
        let ann = world.somebody("ann").await;
        let row = world.person(&ann).await;
        let alone = world.privacy.grant::<ShowToOrganization>(ann.subject, ann.subject, membership()).await.unwrap();
        assert!(row.desk().unwrap().open(&alone).is_err(), "the company's key is needed too");
        assert_eq!(row.desk().unwrap().keys().len(), 2);
        let both = [ann.subject, ann.company];
        let both = world.privacy.grant_many::<ShowToOrganization>(ann.subject, both, membership()).await.unwrap();
        assert_eq!(row.desk().unwrap().open(&both).unwrap().release(Screen).unwrap(), "ann desk");
    }

    async fn a_key_of_its_own_is_included_by_its_id(db: TestDatabases) {
        let world = World::new(db).await;
        let ann = world.somebody("ann").await;
        let row = world.paper(&ann).await;
        let mut own = world.privacy.grant::<ShowOwn>(ann.subject, ann.subject, Own).await.unwrap();
        assert!(matches!(row.name().open(&own), Err(PrivacyError::NotGranted(_))));
        world.privacy.include_keys(&mut own, row.name().keys()).await.unwrap();
        assert_eq!(row.name().open(&own).unwrap().release(Screen).unwrap(), "ann paper");
    }

    async fn the_rows_hold_no_word_of_what_was_sealed(db: TestDatabases) {
        let world = World::new(db).await;
        let ann = world.somebody("canary-ann").await;
        assert_eq!(format!("{:?}", world.person(&ann).await.nickname), "Sealed(identity)");
        assert_eq!(kloud_privacy::audit::scan_folder(world.db.folder(), &["canary-ann"]).unwrap(), []);
        assert_eq!(kloud_privacy::audit::unsealed_values(&world.rows).await.unwrap(), []);
    }

    async fn everything_opens_after_a_restart(db: TestDatabases) {
        let mut world = World::new(db).await;
        let ann = world.somebody("ann").await;
        world.restart().await;
        let own = world.privacy.grant::<ShowOwn>(ann.subject, ann.subject, Own).await.unwrap();
        let row = world.person(&ann).await;
        assert_eq!(row.nickname().open(&own).unwrap().release(Screen).unwrap(), "ann nickname");
    }
}
