use std::time::{Duration, Instant};

use kloud_privacy::purposes::ShowToAudience;
use kloud_privacy::{Membership, Screen};
use kloud_testkit::Engine;

use crate::demo::{NoteId, note};
use crate::support::World;

/// The bar of the design: a page of 100 sealed values adds less than 3 ms once the keys are in memory. Without
/// optimisation the ciphers are an order of magnitude slower, and the bar only catches what is grossly wrong.
const BAR: Duration = Duration::from_millis(if cfg!(debug_assertions) { 30 } else { 3 });

#[allow(clippy::disallowed_methods, reason = "what is measured is real time")]
fn now() -> Instant {
    Instant::now()
}

#[tokio::test]
async fn a_page_of_a_hundred_values_opens_within_its_bar() {
    let world = World::new(kloud_testkit::fresh(Engine::Sqlite).await).await;
    let mut people = Vec::new();
    for number in 0..10 {
        people.push(world.somebody(&format!("p{number}")).await);
    }
    let mut page = Vec::new();
    for number in 0..100 {
        let author = &people[number % people.len()];
        let sealer = world.privacy.sealer(author.subject).await.unwrap();
        let id = NoteId::random(&*world.rng);
        let body = note::Model::seal_body(&sealer, id, &"words ".repeat(20)).unwrap();
        page.push(note::Model { id, author: author.member, body: Some(body) });
    }
    let why = Membership::checked("demo::may_read", uuid::Uuid::nil());
    let mut best = Duration::MAX;
    // The best of several: other work on this machine is not what is measured.
    for _ in 0..20 {
        let began = now();
        let owners: Vec<_> = page.iter().map(|note| note.author).collect();
        let grant = world.privacy.grant_many::<ShowToAudience>(people[0].subject, &owners, why).await.unwrap();
        for note in &page {
            assert!(note.body().unwrap().open(&grant).unwrap().release(Screen).is_some());
        }
        best = best.min(began.elapsed());
    }
    assert!(best < BAR, "{best:?}");
}
