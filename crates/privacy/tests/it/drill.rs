//! The attack: one person is erased with a crash at every point, then every key that can still be reached is tried on
//! every envelope that ever was theirs. Openings: none; of the neighbour's: all.

use std::path::PathBuf;

use kloud_base::HOUR;
use kloud_privacy::audit::{Attack, Target};
use kloud_privacy::{EraseRequest, PersonalRow, SubjectId};
use kloud_store::crash::CrashMode;
use kloud_testkit::{Engine, TestDatabases};

use crate::support::{Somebody, World};

struct Drill {
    world: World,
    ann: Somebody,
    bob: Somebody,
    of_ann: Vec<Target>,
    of_bob: Vec<Target>,
    bob_before: Vec<u8>,
}

async fn envelopes(world: &World, of: &Somebody) -> Vec<Target> {
    let mut targets = world.person(of).await.envelopes();
    targets.extend(world.paper(of).await.envelopes());
    targets.extend(world.notes(of).await.iter().flat_map(PersonalRow::envelopes));
    targets
}

/// Everything in the rows that is Bob's, as bytes.
async fn everything(world: &World, of: &Somebody) -> Vec<u8> {
    let all = (world.person(of).await, world.paper(of).await, world.notes(of).await);
    let mut bytes = format!("{all:?}").into_bytes();
    bytes.extend(envelopes(world, of).await.into_iter().flat_map(|target| target.bytes));
    bytes
}

fn files(world: &World) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![world.db.folder().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files
}

fn opened(attack: &Attack, targets: &[Target], subject: SubjectId) -> usize {
    targets.iter().filter(|target| attack.opens(target, subject)).count()
}

impl Drill {
    async fn new(db: TestDatabases) -> Self {
        let world = World::new(db).await;
        let (ann, bob) = (world.somebody("ann").await, world.somebody("bob").await);
        let (of_ann, of_bob) = (envelopes(&world, &ann).await, envelopes(&world, &bob).await);
        assert_eq!((of_ann.len(), of_bob.len()), (9, 9));
        let bob_before = everything(&world, &bob).await;
        let request = EraseRequest { subject: ann.subject, session_started_at: None, credentials_changed_at: None };
        let mut tx = world.rows.begin().await.unwrap();
        drop(world.privacy.request_erasure(&mut tx, &request).await.unwrap());
        tx.commit().await.unwrap();
        Self { world, ann, bob, of_ann, of_bob, bob_before }
    }

    /// Runs jobs until the erasure is certified, through whatever restarts it takes.
    async fn finish(&mut self) {
        for _ in 0..10 {
            let _ = self.world.runner().run_due().await;
            if self.world.privacy.erasure_of(self.ann.subject).await.unwrap().is_none() {
                return;
            }
            self.world.clock.advance(HOUR);
        }
        panic!("stuck at {:?}", self.world.privacy.erasure_of(self.ann.subject).await.unwrap());
    }

    async fn check(&self, when: &str) {
        let world = &self.world;
        let attack = world.privacy.attack(&files(world)).await.unwrap();
        let of_ann = opened(&attack, &self.of_ann, self.ann.subject);
        assert_eq!(of_ann, 0, "Ann's envelopes open after {when}");
        let of_bob = opened(&attack, &self.of_bob, self.bob.subject);
        assert_eq!(of_bob, self.of_bob.len(), "Bob's envelopes do not open after {when}");
        assert_eq!(everything(world, &self.bob).await, self.bob_before, "Bob's rows changed by {when}");
    }
}

/// Each point that an erasure passes, and how often.
async fn points(engine: Engine) -> Vec<&'static str> {
    let mut drill = Drill::new(kloud_testkit::fresh(engine).await).await;
    let attack = drill.world.privacy.attack(&files(&drill.world)).await.unwrap();
    let all = opened(&attack, &drill.of_ann, drill.ann.subject);
    assert_eq!(all, drill.of_ann.len(), "before the erasure the attack opens everything");
    drill.world.crash_points.record();
    drill.finish().await;
    drill.check("an erasure without a crash").await;
    drill.world.crash_points.seen()
}

async fn crash_everywhere(engine: Engine) {
    let points = points(engine).await;
    let own: Vec<_> =
        points.iter().filter(|point| !point.starts_with("store.") && !point.starts_with("jobs.")).collect();
    assert!(own.len() >= 11, "{own:?}");
    let mut crashes = 0;
    for point in points {
        // The commits and the holder's calls come more than once: each of them is a place to die at.
        for nth in 1.. {
            let mut drill = Drill::new(kloud_testkit::fresh(engine).await).await;
            drill.world.crash_points.arm(point, nth, CrashMode::Error);
            let _ = drill.world.runner().run_due().await;
            if drill.world.crash_points.is_armed() {
                break;
            }
            crashes += 1;
            drill.world.restart().await;
            drill.world.clock.advance(HOUR);
            drill.finish().await;
            drill.check(&format!("a crash at {point}, time {nth}")).await;
        }
    }
    assert!(crashes >= 30, "{crashes}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_crash_leaves_a_key_that_opens_on_sqlite() {
    crash_everywhere(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_crash_leaves_a_key_that_opens_on_postgres() {
    crash_everywhere(Engine::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_of_the_keystore_opens_until_its_root_dies() {
    let mut drill = Drill::new(kloud_testkit::fresh(Engine::Sqlite).await).await;
    let copy = tempfile::tempdir().unwrap();
    while !drill.world.keys.checkpoint().await.unwrap() {}
    let copied = copy.path().join("keys.db");
    let kloud_store::Database::Sqlite(path) = &drill.world.db.keys else { panic!("a file") };
    std::fs::copy(path, &copied).unwrap();
    let gone_at = drill.world.privacy.backups_gone_at();
    drill.finish().await;
    drill.check("the erasure").await;
    let by_copy = async |drill: &Drill| {
        let attack = drill.world.privacy.attack(std::slice::from_ref(&copied)).await.unwrap();
        opened(&attack, &drill.of_ann, drill.ann.subject)
    };
    assert_eq!(by_copy(&drill).await, 9, "the copy and the root of that day open everything");
    while drill.world.now() < gone_at {
        assert_eq!(by_copy(&drill).await, 9, "the certificate does not promise too late a date");
        drill.world.clock.advance(24 * HOUR);
        drill.world.privacy.rotate_root().await.unwrap();
    }
    assert_eq!(drill.world.now(), gone_at);
    assert_eq!(by_copy(&drill).await, 0, "at the date on the certificate the copy is dead");
    drill.check("a week of new roots").await;
}
