use kloud_base::DAY;
use kloud_privacy::consent::{Receipt, Refusal, Trust, Verdict, verify_receipt};
use kloud_privacy::purposes::ShowOwn;
use kloud_privacy::{Answer, EraseRequest, Gesture, Own, Scope};
use kloud_testkit::{TestDatabases, both_engines};

use crate::demo::Learn;
use crate::support::{Somebody, World, shown};

async fn say(world: &World, of: &Somebody, answer: Answer) -> (kloud_privacy::ConsentId, Receipt) {
    let gesture = Gesture::of_person(of.subject, uuid::Uuid::nil());
    let mut tx = world.rows.begin().await.unwrap();
    let scope = Scope::For(uuid::Uuid::from_u128(9));
    let recorded = world.privacy.record_consent::<Learn>(&mut tx, &gesture, scope, answer, &shown()).await.unwrap();
    tx.commit().await.unwrap();
    (recorded.id, recorded.receipt)
}

fn bytes(receipt: &Receipt) -> Vec<u8> {
    serde_json::to_vec_pretty(receipt).unwrap()
}

fn refused(bytes: &[u8], trust: &Trust<'_>) -> Refusal {
    match verify_receipt(bytes, trust) {
        Verdict::Refused(refusal) => refusal,
        Verdict::Genuine(_) => panic!("accepted"),
    }
}

both_engines! {
    async fn a_receipt_verifies_without_the_server_and_after_the_person_is_erased(db: TestDatabases) {
        let world = World::new(db).await;
        let (ann, bob) = (world.somebody("ann").await, world.somebody("bob").await);
        let (_, first) = say(&world, &ann, Answer::Yes).await;
        let (_, second) = say(&world, &bob, Answer::No).await;
        let (_, third) = say(&world, &ann, Answer::Withdrawn).await;
        assert_eq!([1, 2, 3], [&first, &second, &third].map(|receipt| receipt.receipt.proof.leaf_number));
        world.privacy.sign_head().await.unwrap();
        let mut tx = world.rows.begin().await.unwrap();
        let request =
            EraseRequest { subject: ann.subject, session_started_at: None, credentials_changed_at: None };
        drop(world.privacy.request_erasure(&mut tx, &request).await.unwrap());
        tx.commit().await.unwrap();
        world.run_jobs().await;
        assert!(world.privacy.is_barred(ann.subject));
        let key = world.privacy.public_key();
        let (head, leaves) = world.privacy.leaf_list().await.unwrap().unwrap();
        assert_eq!(leaves.len(), 3);
        for receipt in [&first, &second, &third] {
            assert!(matches!(verify_receipt(&bytes(receipt), &Trust::Key(&key)), Verdict::Genuine(_)));
            let trust = Trust::Head { head: &head, leaves: &leaves };
            assert!(matches!(verify_receipt(&bytes(receipt), &trust), Verdict::Genuine(_)));
        }
    }

    async fn whatever_is_changed_is_refused(db: TestDatabases) {
        let world = World::new(db).await;
        let ann = world.somebody("ann").await;
        let (_, receipt) = say(&world, &ann, Answer::Yes).await;
        world.privacy.sign_head().await.unwrap();
        world.clock.advance(DAY);
        let (_, later) = say(&world, &ann, Answer::No).await;
        let key = world.privacy.public_key();
        let trust = Trust::Key(&key);
        let text = String::from_utf8(bytes(&receipt)).unwrap();
        assert_eq!(refused(text.replace("\"yes\"", "\"no\"").as_bytes(), &trust), Refusal::Signature);
        assert_eq!(refused(text.replace("\"en\"", "\"zh\"").as_bytes(), &trust), Refusal::Signature);
        assert_eq!(refused(b"{}", &trust), Refusal::NotAReceipt);
        assert_eq!(refused(text.as_bytes(), &Trust::Key(&[1; 32])), Refusal::OtherKey);
        let (head, leaves) = world.privacy.leaf_list().await.unwrap().unwrap();
        let other = [[0; 32]];
        assert_eq!(refused(text.as_bytes(), &Trust::Head { head: &head, leaves: &other }), Refusal::Head);
        let trust = Trust::Head { head: &head, leaves: &leaves };
        assert_eq!(refused(&bytes(&later), &trust), Refusal::NotInHead, "answered after the head was signed");
        // Every single byte of the signed part counts.
        let compact = serde_json::to_vec(&receipt).unwrap();
        for at in 0..compact.len() {
            let mut changed = compact.clone();
            changed[at] ^= 1;
            let same = serde_json::from_slice::<Receipt>(&changed).is_ok_and(|parsed| parsed == receipt);
            let verdict = verify_receipt(&changed, &Trust::Key(&key));
            assert!(same || matches!(verdict, Verdict::Refused(_)), "byte {at}");
        }
    }

    async fn a_receipt_can_be_fetched_again_while_the_person_is(db: TestDatabases) {
        let world = World::new(db).await;
        let ann = world.somebody("ann").await;
        let (id, receipt) = say(&world, &ann, Answer::Yes).await;
        let own = world.privacy.grant::<ShowOwn>(ann.subject, ann.subject, Own).await.unwrap();
        assert_eq!(world.privacy.receipt_again(id, &own).await.unwrap(), Some(receipt));
    }

    async fn concurrent_answers_make_one_chain(db: TestDatabases) {
        let world = World::new(db).await;
        let (ann, bob) = (world.somebody("ann").await, world.somebody("bob").await);
        let answers = async |of: &Somebody| {
            for _ in 0..10 {
                say(&world, of, Answer::Yes).await;
            }
        };
        tokio::join!(answers(&ann), answers(&bob));
        world.privacy.sign_head().await.unwrap();
        let (head, leaves) = world.privacy.leaf_list().await.unwrap().unwrap();
        assert_eq!(head.count, 20);
        kloud_privacy::consent::check_head(&head, &leaves).unwrap();
    }
}
