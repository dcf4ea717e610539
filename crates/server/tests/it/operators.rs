//! What operators see of the real binary: numbers for Prometheus, the dashboard over them, traces of joins; and that
//! nothing in it says anything of anybody.

mod collector;
mod scrape;

use std::net::{SocketAddr, TcpListener};

use kloud_load::Client;
use kloud_sfu::Kind;
use kloud_testkit::{Engine, fresh};
use serde_json::{Value, json};

use crate::support::process::{Rig, Server, until};
use collector::Collector;
use scrape::Scrape;

const MICROPHONE: i32 = 2;
const CAMERA: i32 = 1;
const KEY: &str = "[[livekit.keys]]\nkey = \"devkey\"\nsecret = \"a-secret-of-at-least-32-characters\"\n";

/// A server that shows its numbers, and where.
async fn watched(more: &str) -> (Rig, Server, SocketAddr) {
    let rig = Rig::new(fresh(Engine::Sqlite).await);
    let metrics = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    rig.configure(&format!("threads = 2\n{KEY}[metrics]\nlisten = \"{metrics}\"\n{more}"));
    let server = rig.start();
    (rig, server, metrics)
}

fn token(rig: &Rig, room: &str, identity: &str) -> String {
    let printed = rig.kloud(&["livekit", "token", "--room", room, "--identity", identity]);
    String::from_utf8(printed.stdout).unwrap().trim().to_owned()
}

/// The addresses and ids of a call, which are nobody else's business.
fn sid(client: &Client) -> String {
    client.seen.lock().unwrap().sid.clone()
}

fn seen(clients: &[&Client], tracks: &[&String]) -> f64 {
    clients.iter().flat_map(|client| tracks.iter().map(|track| client.packets(track) as f64)).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_numbers_of_a_call_are_what_its_clients_have_received_and_tell_nothing_of_them() {
    let (rig, server, metrics) = watched("").await;
    let cookie = server.set_up();
    let meeting = server.meeting(&cookie);
    let code = meeting["code"].as_str().unwrap().to_owned();
    server.get(&format!("/api/meetings/{code}/door"), &cookie).expect(200);

    let join = async |identity: &str| Client::join(server.address, &token(&rig, "confidential-room", identity)).await;
    let (ada, bob, eve) = (join("ada-lovelace").await, join("bob-builder").await, join("eve-online").await);
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    let picture = eve.stream("cam", Kind::Video, CAMERA).await;
    bob.let_flow(&sound, 100).await;
    eve.let_flow(&sound, 100).await;
    ada.let_flow(&picture, 50).await;
    bob.let_flow(&picture, 50).await;
    ada.data(b"a word in confidence", 1, &[]);
    bob.until("the word", |s| s.data.len() == 1).await;
    eve.until("the word", |s| s.data.len() == 1).await;
    let during = Scrape::of(metrics);

    // Who is there.
    assert_eq!(during.value("kloud_media_rooms", &[("kind", "api")]), 1.0);
    assert_eq!(during.value("kloud_media_participants", &[("state", "active")]), 3.0);
    assert_eq!(during.value("kloud_media_publishers", &[]), 2.0);
    assert_eq!(during.value("kloud_media_tracks", &[("kind", "audio")]), 1.0);
    assert_eq!(during.value("kloud_media_subscriptions", &[("kind", "audio")]), 2.0);
    assert_eq!(during.value("kloud_media_subscriptions", &[("kind", "video")]), 2.0);
    assert_eq!(during.value("kloud_media_joins_total", &[("outcome", "connected"), ("path", "udp")]), 3.0);
    until("everybody's first media", || {
        let first = Scrape::of(metrics).value("kloud_media_first_media_seconds_count", &[("path", "udp")]);
        (first == 3.0).then_some(())
    });
    until("round trips", || {
        (Scrape::of(metrics).value("kloud_media_round_trip_seconds_count", &[]) > 0.0).then_some(())
    });

    // A room is not one thread's alone.
    let thread = |index| during.value("kloud_media_thread_connections", &[("thread", index)]);
    let spread = ["media-0", "media-1"].map(thread);
    assert!(spread.iter().sum::<f64>() == 3.0 && spread.iter().all(|some| *some >= 1.0), "{spread:?}");

    // What has flowed: everything that left has arrived, once nothing more leaves.
    ada.set_streaming("mic", false);
    eve.set_streaming("cam", false);
    let (hearing, seeing) = ([&bob, &eve], [&ada, &bob]);
    let out =
        |scrape: &Scrape, kind| scrape.value("kloud_media_packets_total", &[("direction", "out"), ("kind", kind)]);
    let after = until("as many packets at the clients as have left", || {
        let after = Scrape::of(metrics);
        let all =
            out(&after, "audio") == seen(&hearing, &[&sound]) && out(&after, "video") == seen(&seeing, &[&picture]);
        all.then_some(after)
    });
    for kind in ["audio", "video"] {
        let [came, left] = ["in", "out"].map(|direction| {
            let labels = [("direction", direction), ("kind", kind)];
            let bytes = after.value("kloud_media_bytes_total", &labels);
            let packets = after.value("kloud_media_packets_total", &labels);
            assert!(packets > 0.0 && bytes > packets, "{kind} {direction}: {packets} packets, {bytes} bytes");
            packets
        });
        assert!(left >= came && left <= 2.0 * came, "two get what one sends: {left} of {came}");
    }
    let words = |direction| after.value("kloud_media_packets_total", &[("direction", direction), ("kind", "data")]);
    assert_eq!((words("in"), words("out")), (1.0, 2.0));
    let wire = |direction| after.value("kloud_media_wire_bytes_total", &[("direction", direction), ("path", "udp")]);
    let payload = after.value("kloud_media_bytes_total", &[("direction", "out"), ("kind", "video")]);
    assert!(wire("in") > 0.0 && wire("out") > payload);
    assert!(after.value("kloud_media_thread_busy_seconds_total", &[("thread", "media-0")]) > 0.0);
    assert_eq!(after.value("kloud_media_packets_dropped_total", &[("reason", "thread_full")]), 0.0);

    // Requests go by the pattern of their route.
    let door = [("method", "get"), ("route", "/api/meetings/{code}/door"), ("status", "2xx")];
    assert_eq!(after.value("kloud_http_requests_total", &door), 1.0);
    assert_eq!(
        after.value("kloud_http_requests_total", &[("method", "get"), ("route", "/rtc/v1"), ("status", "1xx")]),
        3.0
    );

    // And nothing of anybody: no name, id, room, track or address.
    let ids = [sid(&ada), sid(&bob), sid(&eve), sound.clone(), picture.clone()];
    let kinds = ["ada-", "bob-", "eve-", "confidential", "127.0.0.1", "localhost", "operator", "devkey", "PA_", "TR_"];
    for secret in ids.iter().map(String::as_str).chain(kinds).chain([code.as_str(), "mic", "cam"]) {
        after.tells_nothing_of(secret);
    }
    assert!(server.get("/metrics", "").body.is_null(), "the port that people use shows none of it");
    assert!(!server.get("/metrics", "").head.contains("version=0.0.4"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_that_the_dashboard_shows_is_in_a_scrape() {
    let (rig, server, metrics) = watched("").await;
    // What is counted only when it happens has happened once.
    let ada = Client::join(server.address, &token(&rig, "lab", "ada")).await;
    let bob = Client::join(server.address, &token(&rig, "lab", "bob")).await;
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    bob.let_flow(&sound, 20).await;
    let dashboard = include_str!("../../../../docs/operators/grafana.json");
    let dashboard: Value = serde_json::from_str(dashboard).unwrap();
    let mut expressions = Vec::new();
    scrape::expressions(&dashboard, &mut expressions);
    assert!(expressions.len() >= 15, "{expressions:?}");
    let scrape = until("every kind of number", || {
        let scrape = Scrape::of(metrics);
        let counted = scrape.value("kloud_media_first_media_seconds_count", &[("path", "udp")]) == 2.0;
        (counted && scrape.names().contains("kloud_media_round_trip_seconds_bucket")).then_some(scrape)
    });
    for expression in &expressions {
        let named = scrape::names_in(expression);
        assert!(!named.is_empty(), "{expression} names nothing of this server");
        for name in named {
            assert!(scrape.names().contains(&name), "{name} of {expression} is in no scrape");
        }
        scrape.has_labels_of(expression);
    }
    // Beside the server, the doctor sees that they are served.
    let seen = rig.kloud(&["doctor", &format!("http://localhost:{}", server.address.port())]);
    let seen = String::from_utf8(seen.stdout).unwrap();
    let line = seen.lines().find(|line| line.starts_with("metrics ")).unwrap_or_else(|| panic!("{seen}"));
    assert!(line.contains("ok "), "{line}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_join_is_one_trace_of_its_steps_and_tells_nothing_of_anybody() {
    let collector = Collector::listen().await;
    let (rig, server, _) = watched(&format!("[traces]\notlp = \"http://{}\"\n", collector.address)).await;
    let ada = Client::join(server.address, &token(&rig, "confidential-room", "ada-lovelace")).await;
    ada.stream("mic", Kind::Audio, MICROPHONE).await;
    let trace = until("the trace of a join", || collector.traces().into_iter().find(|trace| trace.len() == 8));

    let root = trace.iter().find(|span| span.parent_span_id.is_empty()).expect("a root");
    assert_eq!(root.name, "join");
    let words = collector::attributes(root);
    assert_eq!(words, json!({ "kloud.outcome": "connected", "kloud.path": "udp" }));
    let mut steps: Vec<_> = trace.iter().filter(|span| span.span_id != root.span_id).collect();
    steps.sort_by_key(|span| (span.end_time_unix_nano, span.start_time_unix_nano));
    let names: Vec<_> = steps.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(names, ["token", "admission", "socket", "offer", "ice", "dtls", "first_media"]);
    for (before, after) in steps.iter().zip(&steps[1..]) {
        assert_eq!(before.end_time_unix_nano, after.start_time_unix_nano);
    }
    for span in &steps {
        assert_eq!((&span.trace_id, &span.parent_span_id), (&root.trace_id, &root.span_id));
        assert!(span.attributes.is_empty() && span.events.is_empty());
    }
    assert_eq!(steps[0].start_time_unix_nano, root.start_time_unix_nano);
    assert_eq!(steps[6].end_time_unix_nano, root.end_time_unix_nano);
    let secrets = ["ada", "confidential", "127.0.0.1", "localhost", &sid(&ada)];
    secrets.iter().for_each(|secret| collector.heard_nothing_of(secret));

    // One who is turned away is a trace too, which ends where it came to.
    Client::begin(server.address, "no-token").await.err().expect("refused");
    let refused = until("the trace of a refusal", || collector.traces().into_iter().find(|trace| trace.len() == 1));
    assert_eq!(collector::attributes(&refused[0]), json!({ "kloud.outcome": "bad_token", "kloud.path": "none" }));
}
