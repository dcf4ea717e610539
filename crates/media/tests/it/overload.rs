//! A server that carries as much as it may: whoever is new is told so, those inside and those who come back are not hurt.

use std::time::Duration;

use futures::StreamExt;
use kloud_livekit::proto::{
    DisconnectReason, SignalResponse, TrackSource::Microphone, signal_response::Message as Hear,
};
use kloud_load::{Client, connect};
use kloud_media::{JoinOutcome, Limits, MediaPath, Step};
use kloud_sfu::Kind;
use prost::Message as _;
use tokio_tungstenite::tungstenite::{Error, http::Response};

use crate::world::World;

const MICROPHONE: i32 = Microphone as i32;
const DEADLINE: Duration = Duration::from_secs(30);
/// Between two tries.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Tries to come in until the answer is as wanted; the refusal, if there was one. Whoever was let in has a place and is
/// not refused any more, so each try to be refused is somebody else's.
async fn until(world: &World, identity: &str, comes_in: bool) -> Result<Client, Box<Response<Option<Vec<u8>>>>> {
    let mut looks = tokio::time::interval(LOOK_EVERY);
    let wait = async {
        for number in 0.. {
            let who = if comes_in { identity.to_owned() } else { format!("{identity}-{number}") };
            let token = world.api_token("lab", &who);
            match Client::begin(world.http, &token).await {
                Ok(client) if comes_in => {
                    client.until("connected", |s| s.connected).await;
                    return Ok(client);
                }
                Err(Error::Http(refusal)) if !comes_in => return Err(refusal),
                // Whoever tries without a pause keeps the machine busy by that alone.
                Ok(_) | Err(Error::Http(_)) => drop(looks.tick().await),
                Err(error) => panic!("{error}"),
            }
        }
        unreachable!("there is always another number")
    };
    tokio::time::timeout(DEADLINE, wait).await.expect("the answer that is due")
}

async fn comes_in(world: &World, identity: &str) -> Client {
    until(world, identity, true).await.expect("let in")
}

/// One who is refused hears why, and when to try again.
async fn is_refused(world: &World, identity: &str) {
    let refusal = until(world, identity, false).await.err().expect("refused");
    assert_eq!(refusal.status(), 503);
    let header = |name: &str| refusal.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    assert_eq!(header("content-type"), "application/problem+json");
    assert!(header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0), "{refusal:?}");
    let body: serde_json::Value = serde_json::from_slice(refusal.body().as_deref().expect("a body")).expect("JSON");
    assert_eq!((&body["code"], &body["status"]), (&"overloaded".into(), &503.into()));
    assert!(body["detail"].as_str().is_some_and(|detail| detail.contains("Try again")), "{body}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_busy_threads_a_join_is_refused_and_a_resume_let_in_while_sound_goes_on() {
    // So low that sixteen sounds are too much on any machine; an empty server is far below it.
    let limits = Limits { participants: 0, busy: 0.01, window: Duration::from_secs(1) };
    let world = World::start_as(|config| (config.limits, config.threads) = (limits, 1)).await;
    let more: Vec<_> = (2..=16).map(|number| format!("mic-{number}")).collect();
    let ada = comes_in(&world, "ada").await;
    let bob = comes_in(&world, "bob").await;
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    for cid in &more {
        ada.stream(cid, Kind::Audio, MICROPHONE).await;
    }
    bob.let_flow(&sound, 20).await;
    is_refused(&world, "eve").await;
    let before = bob.packets(&sound);

    // On a new socket in the same session, and then in a new session.
    let sid = bob.seen.lock().expect("unpoisoned").sid.clone();
    let mut again = connect(world.http, &world.api_token("lab", "bob"), None, |join| {
        join.reconnect = true;
        join.participant_sid = sid;
    })
    .await
    .expect("a socket");
    let frame = again.next().await.expect("a frame").expect("a frame").into_data();
    let said = SignalResponse::decode(&frame[..]).expect("a response").message;
    assert!(matches!(said, Some(Hear::Reconnect(_))), "{said:?}");
    bob.let_flow(&sound, 50).await;
    let anew = Client::join(world.http, &world.api_token("lab", "bob")).await;
    anew.let_flow(&sound, 50).await;
    let replaced = |h: &Hear| matches!(h, Hear::Leave(l) if l.reason() == DisconnectReason::DuplicateIdentity);
    assert!(!bob.seen.lock().expect("unpoisoned").heard(replaced), "that was told to the newer socket");
    assert!(bob.packets(&sound) >= before + 50);

    // Once they are gone there is room again.
    for client in [ada, anew] {
        client.say(kloud_livekit::proto::signal_request::Message::Leave(Default::default()));
    }
    comes_in(&world, "eve").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_as_many_people_as_there_may_be_the_next_waits_for_one_to_leave() {
    let limits = Limits { participants: 2, ..Limits::default() };
    let world = World::start_as(|config| config.limits = limits).await;
    let mut trails = world.media.trails();
    let ada = Client::join(world.http, &world.api_token("lab", "ada")).await;
    let bob = Client::join(world.http, &world.api_token("other", "bob")).await;
    is_refused(&world, "eve").await;
    let refused = trails.recv().await.expect("a trail");
    assert_eq!((refused.outcome, refused.path), (JoinOutcome::Overloaded, MediaPath::None));
    assert!(refused.steps.iter().map(|(step, _)| *step).eq([Step::Token]));
    bob.say(kloud_livekit::proto::signal_request::Message::Leave(Default::default()));
    let eve = comes_in(&world, "eve").await;
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    eve.let_flow(&sound, 20).await;
    // Bob's join is over without media; then both of those who have some.
    let reached = async {
        loop {
            let trail = trails.recv().await.expect("a trail");
            if trail.steps.iter().any(|(step, _)| *step == Step::FirstMedia) {
                return trail;
            }
        }
    };
    let trail = tokio::time::timeout(DEADLINE, reached).await.expect("first media");
    assert_eq!((trail.outcome, trail.path), (JoinOutcome::Connected, MediaPath::Udp));
    let steps: Vec<_> = trail.steps.iter().map(|(step, _)| *step).collect();
    let all = [Step::Token, Step::Admission, Step::Socket, Step::Offer, Step::Ice, Step::Dtls, Step::FirstMedia];
    assert_eq!(steps, all);
    assert!(trail.steps.is_sorted_by_key(|(_, at)| *at) && trail.steps[0].1 >= trail.opened);
}
