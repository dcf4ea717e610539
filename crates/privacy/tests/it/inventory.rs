use std::collections::BTreeSet;

use kloud_privacy::audit::{Fault, closure, inventory_faults, unsealed_values};
use kloud_privacy::inventory::{Home, inventory_json, personal_columns};
use kloud_privacy::purposes::AnswerRequest;
use kloud_privacy::{DayRow, Named, Shown};
use kloud_testkit::{TestDatabases, both_engines};
use sea_orm::ConnectionTrait;

use crate::support::World;

#[test]
fn the_inventory_has_no_fault_in_itself() {
    assert_eq!(inventory_faults(), []);
}

#[test]
fn the_published_inventory_is_as_it_was() {
    insta::assert_json_snapshot!(inventory_json());
}

both_engines! {
    async fn every_table_and_column_is_declared_and_every_declaration_exists(db: TestDatabases) {
        let world = World::new(db).await;
        assert_eq!(closure(&world.rows, Home::Rows).await.unwrap(), []);
        assert_eq!(closure(&world.keys, Home::Keystore).await.unwrap(), []);
    }

    async fn a_column_that_nobody_declared_and_one_that_is_gone_are_both_found(db: TestDatabases) {
        let world = World::new(db).await;
        let tx = world.rows.begin().await.unwrap();
        tx.db().execute_unprepared("ALTER TABLE persons RENAME COLUMN nickname TO silent").await.unwrap();
        tx.commit().await.unwrap();
        let (table, column) = ("persons".to_owned(), "silent".to_owned());
        let missing = Fault::Missing { table: table.clone(), column: "nickname".to_owned() };
        assert_eq!(closure(&world.rows, Home::Rows).await.unwrap(), [Fault::Undeclared { table, column }, missing]);
    }

    async fn a_plain_value_in_a_sealed_column_is_found(db: TestDatabases) {
        let world = World::new(db).await;
        world.somebody("ann").await;
        assert_eq!(unsealed_values(&world.rows).await.unwrap(), []);
        let tx = world.rows.begin().await.unwrap();
        let sql = match world.rows.engine() {
            kloud_store::Engine::Sqlite => "UPDATE persons SET nickname = CAST('plain' AS BLOB)",
            kloud_store::Engine::Postgres => "UPDATE persons SET nickname = 'plain'::bytea",
        };
        tx.db().execute_unprepared(sql).await.unwrap();
        tx.commit().await.unwrap();
        let (table, column) = ("persons".to_owned(), "nickname".to_owned());
        assert_eq!(unsealed_values(&world.rows).await.unwrap(), [Fault::NotSealed { table, column, rows: 1 }]);
    }

    async fn my_data_shows_a_value_in_every_declared_column(db: TestDatabases) {
        let world = World::new(db).await;
        let ann = world.somebody("ann").await;
        fill_own_tables(&world, &ann).await;
        let described = world.privacy.my_data(ann.subject).await.unwrap();
        let shown: BTreeSet<&str> = described
            .iter()
            .filter(|entry| match &entry.value {
                Shown::Value(value) => !value.is_null(),
                Shown::Withheld => entry.column.label == "person.password",
                Shown::Erased | Shown::Broken => false,
            })
            .map(|entry| entry.column.label)
            .collect();
        let declared: BTreeSet<&str> = personal_columns().iter().map(|(_, decl)| decl.label).collect();
        let missing: Vec<_> = declared.difference(&shown).copied().collect();
        assert_eq!(missing, Vec::<&str>::new());
        let nickname = described.iter().find(|entry| entry.column.label == "person.nickname").unwrap().to_json();
        assert_eq!(nickname["value"], "ann nickname");
        assert_eq!(nickname["source"], "user");
        assert_eq!(nickname["retention"]["until"], "account_ends");
        assert!(nickname["purposes"].as_array().unwrap().contains(&"show_own".into()));
        let export = world.privacy.export(ann.subject).await.unwrap();
        assert_eq!(export.data["values"].as_array().unwrap().len(), described.len());
    }
}

/// A row of Ann's in each table of the engine itself.
async fn fill_own_tables(world: &World, ann: &crate::support::Somebody) {
    use kloud_privacy::disclosure::Disclosure;
    use kloud_privacy::permission::{Reach, device};
    use kloud_privacy::purposes::Notify;
    use kloud_privacy::{EraseRequest, Gesture};

    let privacy = &world.privacy;
    drop(privacy.grant::<Notify>(ann.subject, ann.subject, DayRow).await.unwrap());
    let named = Named { role: "officer", name: "Olga".to_owned(), reason: "request" };
    drop(privacy.grant::<AnswerRequest>(ann.subject, ann.subject, named).await.unwrap());
    let mut tx = world.rows.begin().await.unwrap();
    let gesture = Gesture::of_person(ann.subject, uuid::Uuid::from_u128(1));
    let shown = crate::support::shown();
    privacy
        .turn_on::<device::Camera>(&mut tx, &gesture, uuid::Uuid::from_u128(2), Reach::Standing, &shown)
        .await
        .unwrap();
    let disclosure =
        Disclosure { subject: ann.subject, recipient: "post office", contract: "c-1", fields: &["person.address"] };
    privacy.disclose::<Notify>(&mut tx, &disclosure).await.unwrap();
    let request =
        EraseRequest { subject: ann.subject, session_started_at: Some(world.now()), credentials_changed_at: None };
    privacy.request_erasure(&mut tx, &request).await.unwrap();
    tx.commit().await.unwrap();
}
