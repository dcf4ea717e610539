use kloud_privacy::purposes::{AnswerRequest, Notify, ShowOwn};
use kloud_privacy::{Answer, DayRow, Derive, Gesture, Named, Own, Pack, Scope};
use kloud_testkit::{TestDatabases, both_engines};

use crate::demo::Learn;
use crate::support::{World, shown};

both_engines! {
    async fn a_purpose_that_rests_on_consent_opens_only_for_who_said_yes(db: TestDatabases) {
        let world = World::new(db).await;
        let (ann, bob) = (world.somebody("ann").await, world.somebody("bob").await);
        let say = async |of: &crate::support::Somebody, answer| {
            let gesture = Gesture::of_person(of.subject, uuid::Uuid::nil());
            let mut tx = world.rows.begin().await.unwrap();
            world.privacy.record_consent::<Learn>(&mut tx, &gesture, Scope::Everywhere, answer, &shown()).await.unwrap();
            tx.commit().await.unwrap();
        };
        let consented = async |of: &crate::support::Somebody| {
            let read = world.rows.read().await.unwrap();
            world.privacy.consented::<Learn>(&read, of.subject, Scope::Everywhere).await.unwrap()
        };
        assert!(consented(&ann).await.is_none(), "nobody asked yet");
        say(&ann, Answer::Yes).await;
        say(&bob, Answer::No).await;
        assert!(consented(&bob).await.is_none());
        let yes = consented(&ann).await.unwrap();
        let grant = world.privacy.grant_consented::<Learn>(ann.subject, vec![yes], DayRow).await.unwrap();
        let seen = world.person(&ann).await.last_seen().open(&grant).unwrap().release(Derive).unwrap();
        assert_eq!(seen, 4711);
        assert!(world.person(&bob).await.last_seen().open(&grant).is_err());
        say(&ann, Answer::Withdrawn).await;
        assert!(consented(&ann).await.is_none());
        say(&ann, Answer::Yes).await;
        world.clock.advance(kloud_privacy::consent::STANDING + 1);
        assert!(consented(&ann).await.is_none(), "asked again after two years");
    }

    async fn a_page_of_people_is_one_grant(db: TestDatabases) {
        let world = World::new(db).await;
        let mut people = Vec::new();
        for number in 0..5 {
            people.push(world.somebody(&format!("p{number}")).await);
        }
        let subjects: Vec<_> = people.iter().map(|somebody| somebody.subject).collect();
        let grant = world.privacy.grant_many::<Notify>(subjects[0], &subjects, DayRow).await.unwrap();
        for somebody in &people {
            assert!(grant.names(somebody.subject));
            let row = world.person(somebody).await;
            assert!(!row.address().unwrap().open(&grant).unwrap().is_broken());
        }
    }

    async fn a_grant_in_a_transaction_counts_when_it_commits(db: TestDatabases) {
        let world = World::new(db).await;
        let ann = world.somebody("ann").await;
        let own = world.privacy.grant::<ShowOwn>(ann.subject, ann.subject, Own).await.unwrap();
        let mut tx = world.rows.begin().await.unwrap();
        drop(world.privacy.grant_many_in::<Notify>(&mut tx, ann.subject, [ann.subject]).await.unwrap());
        drop(tx);
        assert!(world.privacy.openings(ann.subject, &own).await.unwrap().is_empty());
        let mut tx = world.rows.begin().await.unwrap();
        drop(world.privacy.grant_many_in::<Notify>(&mut tx, ann.subject, [ann.subject]).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(world.privacy.openings(ann.subject, &own).await.unwrap().len(), 1);
    }

    async fn an_answer_to_a_request_opens_all_but_credentials(db: TestDatabases) {
        let world = World::new(db).await;
        let ann = world.somebody("ann").await;
        let named = Named { role: "officer", name: "Olga".to_owned(), reason: "request" };
        let grant = world.privacy.grant::<AnswerRequest>(ann.subject, ann.subject, named).await.unwrap();
        let row = world.person(&ann).await;
        assert_eq!(row.nickname().open(&grant).unwrap().release(Pack).unwrap(), "ann nickname");
    }
}
