use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use kloud_base::{DAY, HOUR};
use kloud_privacy::disclosure::Disclosure;
use kloud_privacy::erase::{ErasureState, ErasureTicket, verify_certificate};
use kloud_privacy::purposes::{Notify, ShowOwn, ShowToAudience};
use kloud_privacy::{EraseRequest, Index, Membership, Own, PrivacyError, Revoked, Screen, TellRecipient};
use kloud_store::crash::CrashMode;
use kloud_testkit::{TestDatabases, both_engines};

use crate::support::{Somebody, World};

async fn request(world: &World, request: EraseRequest) -> ErasureTicket {
    let mut tx = world.rows.begin().await.unwrap();
    let ticket = world.privacy.request_erasure(&mut tx, &request).await.unwrap();
    tx.commit().await.unwrap();
    ticket
}

fn sure(of: &Somebody) -> EraseRequest {
    EraseRequest { subject: of.subject, session_started_at: None, credentials_changed_at: None }
}

async fn state(world: &World, ticket: &ErasureTicket) -> ErasureState {
    world.privacy.erasure_status(&ticket.token).await.unwrap().unwrap().state
}

struct Teller(Mutex<Vec<(String, String)>>);

#[async_trait]
impl TellRecipient for Teller {
    async fn tell(&self, recipient: &str, reference: &str) -> Result<(), PrivacyError> {
        self.0.lock().unwrap().push((recipient.to_owned(), reference.to_owned()));
        Ok(())
    }
}

both_engines! {
    async fn an_erasure_ends_with_a_certificate_that_names_nobody(db: TestDatabases) {
        let world = World::new(db).await;
        let (ann, bob) = (world.somebody("ann").await, world.somebody("bob").await);
        let mut revoked = world.privacy.revoked();
        let ticket = request(&world, sure(&ann)).await;
        world.run_jobs().await;
        assert_eq!(revoked.try_recv().unwrap(), Revoked::Subject(ann.subject));
        let status = world.privacy.erasure_status(&ticket.token).await.unwrap().unwrap();
        assert_eq!(status.state, ErasureState::Certified);
        let certificate = status.certificate.unwrap();
        assert!(verify_certificate(&certificate, &world.privacy.public_key()));
        let body = &certificate.certificate;
        assert!(body.categories.contains(&"identity".to_owned()) && body.categories.contains(&"file".to_owned()));
        // One person, one paper, three notes.
        assert_eq!(body.removed["demo"], 5);
        assert_eq!(body.online_gone_at, world.now());
        assert_eq!(body.backups_gone_at, world.now() + DAY + 7 * DAY);
        let text = serde_json::to_string(&certificate).unwrap();
        for id in [ann.subject.to_string(), ann.member.to_string(), ticket.id.to_string()] {
            assert!(!text.contains(&id));
        }
        assert!(!verify_certificate(&certificate, &[3; 32]));
        // The neighbour's notes are untouched, Ann's are tombstones that lead to nobody.
        let why = Membership::checked("demo::may_read", uuid::Uuid::nil());
        let people = [ann.member, bob.member];
        let grant = world.privacy.grant_many::<ShowToAudience>(bob.subject, people, why).await.unwrap();
        assert_eq!(grant.subject(ann.member), None);
        assert!(world.notes(&ann).await.iter().all(|note| note.body.is_none()));
        for note in world.notes(&bob).await {
            assert!(note.body().unwrap().open(&grant).unwrap().release(Screen).is_some());
        }
        assert_eq!(world.privacy.erasure_of(ann.subject).await.unwrap(), None, "the row forgets whose it was");
        world.clock.advance(30 * DAY);
        assert!(world.privacy.erasure_status(&ticket.token).await.unwrap().is_none());
    }

    async fn from_closing_on_nothing_opens_not_even_with_a_grant_from_before(db: TestDatabases) {
        let world = World::new(db).await;
        let (ann, bob) = (world.somebody("ann").await, world.somebody("bob").await);
        let (hers, his) = (world.notes(&ann).await, world.notes(&bob).await);
        let why = Membership::checked("demo::may_read", uuid::Uuid::nil());
        let people = [ann.member, bob.member];
        let before = world.privacy.grant_many::<ShowToAudience>(bob.subject, people, why).await.unwrap();
        assert!(hers[0].body().unwrap().open(&before).unwrap().release(Screen).is_some());
        world.run_jobs().await;
        request(&world, sure(&ann)).await;
        world.crash_points.arm("erase.after-closing", 1, CrashMode::Error);
        let _ = world.runner().run_due().await;
        assert!(!world.crash_points.is_armed());
        let after = world.privacy.grant_many::<ShowToAudience>(bob.subject, people, why).await.unwrap();
        for grant in [&before, &after] {
            assert!(hers[0].body().unwrap().open(grant).unwrap().is_erased());
            assert!(his[0].body().unwrap().open(grant).unwrap().release(Screen).is_some());
        }
    }

    async fn between_the_keystore_and_the_ledger_it_is_erased_not_broken(db: TestDatabases) {
        let world = World::new(db).await;
        let ann = world.somebody("ann").await;
        let notes = world.notes(&ann).await;
        // What comes by the clock would mend it, so it is done before.
        world.run_jobs().await;
        request(&world, sure(&ann)).await;
        world.crash_points.arm("privacy.ending.after-keys", 1, CrashMode::Error);
        let _ = world.runner().run_due().await;
        assert!(!world.crash_points.is_armed());
        let why = Membership::checked("demo::may_read", uuid::Uuid::nil());
        let grant = world.privacy.grant::<ShowToAudience>(ann.subject, ann.member, why).await.unwrap();
        assert!(notes[0].body().unwrap().open(&grant).unwrap().is_erased());
    }

    async fn what_was_copied_before_opens_as_erased_not_as_broken(db: TestDatabases) {
        let mut world = World::new(db).await;
        let ann = world.somebody("ann").await;
        let (row, notes) = (world.person(&ann).await, world.notes(&ann).await);
        let before = world.privacy.grant::<ShowOwn>(ann.subject, ann.subject, Own).await.unwrap();
        request(&world, sure(&ann)).await;
        world.run_jobs().await;
        assert!(row.nickname().open(&before).unwrap().is_erased(), "a grant from before opens nothing");
        for restarted in [false, true] {
            if restarted {
                world.restart().await;
            }
            let why = Membership::checked("demo::may_read", uuid::Uuid::nil());
            let grant = world.privacy.grant::<ShowToAudience>(ann.subject, ann.member, why).await.unwrap();
            assert!(notes[0].body().unwrap().open(&grant).unwrap().is_erased());
            let grant = world.privacy.grant::<ShowToAudience>(ann.subject, ann.subject, why).await.unwrap();
            assert!(row.nickname().open(&grant).unwrap().is_erased());
        }
    }

    async fn nothing_is_sealed_or_made_for_one_who_is_not_living(db: TestDatabases) {
        let world = World::new(db).await;
        let ann = world.somebody("ann").await;
        let sealer = world.privacy.sealer(ann.subject).await.unwrap();
        request(&world, sure(&ann)).await;
        world.run_jobs().await;
        let id = ann.person;
        let late = crate::demo::person::Model::seal_nickname(&sealer, id, "late");
        assert!(matches!(late, Err(PrivacyError::NotLiving)));
        let privacy = &world.privacy;
        assert!(matches!(privacy.sealer(ann.subject).await, Err(PrivacyError::NotLiving)));
        assert!(matches!(privacy.month_sealer(ann.subject).await, Err(PrivacyError::NotLiving)));
        assert!(matches!(privacy.create_member(ann.subject).await, Err(PrivacyError::NotLiving)));
        let reserved = privacy.reserve_identifier(Index::SignIn, "ann", ann.subject, HOUR).await;
        assert!(matches!(reserved, Err(PrivacyError::NotLiving)));
    }

    async fn a_doubtful_request_waits_and_can_be_taken_back(db: TestDatabases) {
        let world = World::new(db).await;
        let (ann, bob) = (world.somebody("ann").await, world.somebody("bob").await);
        let young = EraseRequest { session_started_at: Some(world.now() - HOUR), ..sure(&ann) };
        let changed = EraseRequest { credentials_changed_at: Some(world.now() - 2 * DAY), ..sure(&bob) };
        let (of_ann, of_bob) = (request(&world, young).await, request(&world, changed).await);
        world.run_jobs().await;
        assert_eq!(state(&world, &of_ann).await, ErasureState::Waiting);
        let mut tx = world.rows.begin().await.unwrap();
        let twice = world.privacy.request_erasure(&mut tx, &sure(&ann)).await;
        assert!(matches!(twice, Err(PrivacyError::NotNow(_))));
        world.privacy.take_back_erasure(&mut tx, of_ann.id).await.unwrap();
        tx.commit().await.unwrap();
        world.clock.advance(73 * HOUR);
        world.run_jobs().await;
        assert_eq!(state(&world, &of_ann).await, ErasureState::TakenBack);
        assert!(!world.privacy.is_barred(ann.subject));
        assert_eq!(state(&world, &of_bob).await, ErasureState::Certified);
        let mut tx = world.rows.begin().await.unwrap();
        assert!(world.privacy.take_back_erasure(&mut tx, of_bob.id).await.is_err(), "only forward");
        // Who took it back may ask again.
        drop(world.privacy.request_erasure(&mut tx, &sure(&ann)).await.unwrap());
    }

    async fn an_old_session_does_not_wait(db: TestDatabases) {
        let world = World::new(db).await;
        let ann = world.somebody("ann").await;
        let old = EraseRequest {
            session_started_at: Some(world.now() - 2 * DAY),
            credentials_changed_at: Some(world.now() - 30 * DAY),
            ..sure(&ann)
        };
        let ticket = request(&world, old).await;
        assert_eq!(ticket.due_at, world.now());
        world.run_jobs().await;
        assert_eq!(state(&world, &ticket).await, ErasureState::Certified);
    }

    async fn an_identifier_is_free_again_after_its_person_is_gone(db: TestDatabases) {
        let world = World::new(db).await;
        let (ann, bob) = (world.somebody("ann").await, world.somebody("bob").await);
        let privacy = &world.privacy;
        let reserved = privacy.reserve_identifier(Index::SignIn, "ann", ann.subject, HOUR).await.unwrap();
        privacy.confirm_identifier(reserved).await.unwrap();
        request(&world, sure(&ann)).await;
        world.run_jobs().await;
        assert_eq!(privacy.find_identifier(Index::SignIn, "ann").await.unwrap(), None);
        drop(privacy.reserve_identifier(Index::SignIn, "ann", bob.subject, HOUR).await.unwrap());
    }

    async fn a_single_key_ends_by_the_same_machine_and_nothing_else_does(db: TestDatabases) {
        let world = World::new(db).await;
        let ann = world.somebody("ann").await;
        let paper = world.paper(&ann).await;
        let mut tx = world.rows.begin().await.unwrap();
        let ticket = world.privacy.request_key_erasure(&mut tx, ann.paper_key).await.unwrap();
        tx.commit().await.unwrap();
        world.run_jobs().await;
        let status = world.privacy.erasure_status(&ticket.token).await.unwrap().unwrap();
        let body = status.certificate.unwrap().certificate;
        assert_eq!(body.categories, ["file"]);
        assert_eq!(body.removed["demo"], 1);
        let mut own = world.privacy.grant::<ShowOwn>(ann.subject, ann.subject, Own).await.unwrap();
        world.privacy.include_keys(&mut own, paper.name().keys()).await.unwrap();
        assert!(paper.name().open(&own).unwrap().is_erased());
        let row = world.person(&ann).await;
        assert_eq!(row.nickname().open(&own).unwrap().release(Screen).unwrap(), "ann nickname");
    }

    async fn recipients_are_told_before_the_certificate(db: TestDatabases) {
        let world = World::new(db).await;
        let ann = world.somebody("ann").await;
        let mut tx = world.rows.begin().await.unwrap();
        let disclosure =
            Disclosure { subject: ann.subject, recipient: "post", contract: "c-1", fields: &["person.address"] };
        let number = world.privacy.disclose::<Notify>(&mut tx, &disclosure).await.unwrap();
        tx.commit().await.unwrap();
        let ticket = request(&world, sure(&ann)).await;
        world.run_jobs().await;
        assert_eq!(state(&world, &ticket).await, ErasureState::Swept, "nobody can tell them yet");
        let teller = Arc::new(Teller(Mutex::default()));
        world.privacy.register_teller(teller.clone());
        world.clock.advance(HOUR);
        world.run_jobs().await;
        assert_eq!(state(&world, &ticket).await, ErasureState::Certified);
        assert_eq!(*teller.0.lock().unwrap(), [("post".to_owned(), number.to_string())]);
    }

    async fn no_file_of_the_data_set_holds_a_word_or_an_id_of_the_erased(db: TestDatabases) {
        let world = World::new(db).await;
        let ann = world.somebody("canary-ann").await;
        world.somebody("bob").await;
        request(&world, sure(&ann)).await;
        world.run_jobs().await;
        let words = ["canary-ann"];
        assert_eq!(kloud_privacy::audit::scan_folder(world.db.folder(), &words).unwrap(), []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_holds_the_log_holds_the_erasure_back() {
    let world = World::new(kloud_testkit::fresh(kloud_testkit::Engine::Sqlite).await).await;
    let ann = world.somebody("ann").await;
    let reader = world.keys.read().await.unwrap();
    // A snapshot begins with its first query.
    use sea_orm::ConnectionTrait;
    reader.db().query_all(sea_orm::sea_query::Query::select().column("id").from("subjects")).await.unwrap();
    let ticket = request(&world, sure(&ann)).await;
    world.run_jobs().await;
    assert_eq!(state(&world, &ticket).await, ErasureState::Frozen, "the deleted keys are still in the log");
    drop(reader);
    world.clock.advance(HOUR);
    world.run_jobs().await;
    assert_eq!(state(&world, &ticket).await, ErasureState::Certified);
}
