//! The real process, killed at named points and at any moment, and started again: nothing acknowledged is lost, nothing
//! half done stays.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use kloud_base::random_bytes;
use kloud_testkit::{SeededRng, TestDatabases, both_engines};

use crate::support::load::Actor;
use crate::support::process::Rig;

/// Points that the program cannot pass yet, with the reason. May only shrink.
const OUT_OF_REACH: &[&str] = &[
    "erase.after-telling-one", // nothing is disclosed to anybody, so nobody is told; the engine's own drill stops there
];
/// The first commits of a process are the scheduler's; later ones are people's.
const COMMITS: &[u32] = &[1, 20, 33];
/// How often the process is killed at any moment.
const MOMENTS: u64 = 20;

/// Every named point in the sources: the texts on lines that pass one.
fn points() -> BTreeSet<String> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()];
    let mut found = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|name| name == "rs")
                && !path.components().any(|one| one.as_os_str() == "tests")
            {
                let text = std::fs::read_to_string(&path).unwrap();
                let lines = text.lines().filter(|line| line.contains("point(\"") || line.contains("self.step("));
                let named = lines.filter_map(|line| line.split('"').nth(1).map(str::to_owned));
                found.extend(named.filter(|name| name.contains('.')));
            }
        }
    }
    found
}

both_engines! {
    async fn killed_at_each_named_point_nothing_acknowledged_is_lost(db: TestDatabases) {
        let rig = Rig::new(db);
        let server = rig.start();
        let host = server.set_up();
        let mut actor = Actor::new(&server, "ann", 1, &server.meeting(&host));
        server.kill();
        let points = points();
        assert!(points.len() >= 24, "{points:?}");
        for point in points.iter().filter(|point| !OUT_OF_REACH.contains(&point.as_str())) {
            let times: &[u32] = if point.starts_with("store.") { COMMITS } else { &[1] };
            for nth in times {
                let armed = format!("{point}:{nth}");
                println!("killed at {armed}");
                // What the last process had begun is taken up again, and the night's work when it is meant.
                rig.advance_hours(if point.starts_with("rotate.") { 25 } else { 1 });
                if let Some(server) = rig.start_with(&["--crash-at", &armed]) {
                    let lap = |_| actor.act_all(&server);
                    assert!((0..3).map(lap).any(|lap| lap.is_err()), "{armed} is passed");
                    server.wait_for_death();
                }
                rig.advance_hours(1);
                let server = rig.start();
                actor.check(&server);
                server.kill();
            }
        }
        rig.advance_hours(74);
        let server = rig.start();
        actor.check_all_is_settled(&server);
        server.kill();
        rig.audit_is_clean();
    }

    async fn killed_at_any_moment_nothing_acknowledged_is_lost(db: TestDatabases) {
        let rig = Rig::new(db);
        let server = rig.start();
        let host = server.set_up();
        let meeting = server.meeting(&host);
        let mut actors = [("ann", 1), ("bea", 2), ("cem", 3)].map(|(name, seed)| Actor::new(&server, name, seed, &meeting));
        server.kill();
        for seed in 0..MOMENTS {
            println!("seed {seed}");
            let rng = SeededRng::new(seed);
            let roll = |below: u64| u64::from_le_bytes(random_bytes(&rng)) % below;
            let server = rig.start();
            let (done, answers) = mpsc::channel();
            let (acknowledged, moment) = (roll(60), Duration::from_micros(roll(10_000)));
            std::thread::scope(|scope| {
                for actor in &mut actors {
                    let (server, done) = (&server, done.clone());
                    scope.spawn(move || {
                        while actor.act(server).is_ok() {
                            let _ = done.send(());
                        }
                    });
                }
                drop(done);
                (0..acknowledged).for_each(|_| answers.recv().expect("the server goes on"));
                // Somewhere inside of what is under way now.
                std::thread::park_timeout(moment);
                server.kill_now();
            });
            server.kill();
            let server = rig.start();
            actors.iter_mut().for_each(|actor| actor.check(&server));
            server.kill();
        }
        for hours in [2, 74] {
            // First what was reserved becomes free, then what waited has happened.
            rig.advance_hours(hours);
            let server = rig.start();
            actors.iter_mut().for_each(|actor| actor.check(&server));
            if hours > 2 {
                actors.iter_mut().for_each(|actor| actor.check_all_is_settled(&server));
            }
            server.kill();
        }
        rig.audit_is_clean();
    }
}
