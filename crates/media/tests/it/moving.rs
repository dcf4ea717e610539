//! From one room to another: with tracks, permits and messages, and on the same connections.

use kloud_livekit::proto::leave_request::Action;
use kloud_livekit::proto::participant_info::State;
use kloud_livekit::proto::{
    DisconnectReason, PublishDataTrackRequest, SubscriptionPermission, TrackPermission, request_response::Reason,
    signal_request::Message as Say, signal_response::Message as Hear,
};
use kloud_livekit::{VideoGrant, verify};
use kloud_load::{Client, Connections};
use kloud_media::{Permits, Source};
use kloud_sfu::Kind;
use serde_json::{Value, json};

use crate::meeting::said;
use crate::world::{NOW, SECRET, World, by_one_and_two, name};

const CAMERA: i32 = 1;
const MICROPHONE: i32 = 2;

by_one_and_two!(
    one_who_moves_is_seen_and_heard_there_and_no_longer_here,
    no_message_is_lost_or_comes_twice_while_its_sender_moves_to_and_fro,
    permits_go_with_those_who_have_them_and_hold_there,
    who_may_have_the_tracks_of_somebody_stays_so_in_another_room,
    one_who_breaks_off_meanwhile_is_told_where_they_are,
);

pub(crate) fn director(world: &World, from: &str, to: &str) -> String {
    let (room, destination_room) = (from.to_owned(), to.to_owned());
    world.token_with("", VideoGrant { room_admin: true, room, destination_room, ..Default::default() })
}

pub(crate) async fn send(world: &World, who: &str, from: &str, to: &str, status: u16) -> Value {
    between(world, "MoveParticipant", who, (from, to), status).await
}

/// Has one who may direct the first room bring somebody to the second.
pub(crate) async fn between(world: &World, method: &str, who: &str, (from, to): (&str, &str), status: u16) -> Value {
    let body = json!({ "room": from, "identity": who, "destinationRoom": to }).to_string().into_bytes();
    let token = director(world, from, to);
    let path = format!("livekit.RoomService/{method}");
    let (told, answer) = world.post(&path, Some(&token), "application/json", body).await;
    let answer = serde_json::from_slice(&answer).expect("JSON");
    assert_eq!(told, status, "{answer}");
    answer
}

pub(crate) async fn names(world: &World, room: &str) -> Vec<String> {
    let answer = world.order(room, "ListParticipants", &json!({ "room": room }), 200).await;
    let people = answer["participants"].as_array().cloned().unwrap_or_default();
    people.iter().map(|p| p["identity"].as_str().expect("a name").to_owned()).collect()
}

/// What a room answers, and does nothing else about.
fn question() -> Say {
    Say::PublishDataTrackRequest(PublishDataTrackRequest::default())
}

fn is_answer(heard: &Hear) -> bool {
    matches!(heard, Hear::RequestResponse(response) if response.reason() == Reason::UnsupportedType)
}

/// Waits until the room has heard all that a client has said.
pub(crate) async fn heard_out(client: &Client) {
    client.say(question());
    client.until("the answer", |s| s.heard(is_answer)).await;
}

fn arrived(room: &'static str) -> impl Fn(&Hear) -> bool {
    move |heard| matches!(heard, Hear::RoomMoved(moved) if moved.room.as_ref().is_some_and(|r| r.name == room))
}

async fn one_who_moves_is_seen_and_heard_there_and_no_longer_here(by: Connections) {
    let world = World::start_by(by).await;
    let admin = VideoGrant { room_join: true, room_admin: true, room: "lab".into(), ..Default::default() };
    let ada = world.join(&world.token_with("ada", admin)).await;
    let bob = world.join(&world.api_token("lab", "bob")).await;
    let eve = world.join(&world.api_token("hall", "eve")).await;
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    let picture = ada.stream("cam", Kind::Video, CAMERA).await;
    let (of_bob, of_eve) =
        (bob.stream("mic", Kind::Audio, MICROPHONE).await, eve.stream("mic", Kind::Audio, MICROPHONE).await);
    bob.let_flow(&picture, 50).await;
    ada.let_flow(&of_bob, 20).await;
    let sid = ada.seen.lock().expect("unpoisoned").sid.clone();

    assert_eq!(send(&world, "ada", "lab", "hall", 200).await, json!({}));
    ada.until("the other room", |s| s.heard(arrived("hall"))).await;
    eve.let_flow(&sound, 50).await;
    eve.let_flow(&picture, 50).await;
    ada.let_flow(&of_eve, 50).await;
    let here = |s: &kloud_load::Seen| s.people["ada"].tracks.len() == 2 && s.people["ada"].sid == sid;
    eve.until("her tracks", here).await;
    bob.until("her end", |s| {
        let ada = &s.people["ada"];
        ada.state() == State::Disconnected && ada.disconnect_reason() == DisconnectReason::Migration
    })
    .await;
    assert_eq!((names(&world, "lab").await, names(&world, "hall").await.len()), (vec!["bob".to_owned()], 2));

    // Nothing of hers goes to the room that she left, and nothing from there to her.
    let before = (world.forwarded("lab", "ada", Source::Microphone).await, ada.packets(&of_bob));
    eve.let_flow(&sound, 200).await;
    let after = (world.forwarded("lab", "ada", Source::Microphone).await, ada.packets(&of_bob));
    assert_eq!(before, after);
    let token = {
        let seen = ada.seen.lock().expect("unpoisoned");
        assert_eq!(seen.people.keys().collect::<Vec<_>>(), ["ada", "eve"]);
        assert!(seen.heard(|h| matches!(h, Hear::Update(u) if u.participants.iter().any(|p| {
            p.identity == "bob" && p.state() == State::Disconnected
        }))));
        let moved = seen.heard.iter().find_map(|h| match h {
            Hear::RoomMoved(moved) => Some(moved.token.clone()),
            _ => None,
        });
        verify(&moved.expect("moved"), SECRET.as_bytes(), NOW).expect("a good token").video
    };
    assert_eq!((token.room.as_str(), token.room_join, token.room_admin), ("hall", true, false));

    // She goes on as everybody there, and back as she came.
    let more = ada.stream("second", Kind::Audio, MICROPHONE).await;
    eve.let_flow(&more, 20).await;
    ada.mute(&picture, true);
    eve.until("the mute", |s| s.people["ada"].tracks.iter().any(|t| t.sid == picture && t.muted)).await;
    send(&world, "ada", "hall", "lab", 200).await;
    bob.let_flow(&more, 50).await;
    ada.let_flow(&of_bob, 50).await;
    ada.mute(&picture, false);
    bob.let_flow(&picture, 50).await;
    ada.leave().await;
    bob.until("the goodbye", |s| s.people["ada"].disconnect_reason() == DisconnectReason::ClientInitiated).await;
}

async fn no_message_is_lost_or_comes_twice_while_its_sender_moves_to_and_fro(by: Connections) {
    const MESSAGES: u32 = 300;
    let world = World::start_by(by).await;
    let ada = world.join(&world.api_token("lab", "ada")).await;
    let bob = world.join(&world.api_token("lab", "bob")).await;
    let eve = world.join(&world.api_token("hall", "eve")).await;
    let talk = async {
        for number in 1..=MESSAGES {
            ada.data(&number.to_be_bytes(), number, &[]);
            // Requests too, which the socket carries: each is answered once.
            ada.say(question());
            tokio::task::yield_now().await;
        }
    };
    let walk = async {
        for (from, to) in [("lab", "hall"), ("hall", "lab")].into_iter().cycle().take(20) {
            send(&world, "ada", from, to, 200).await;
        }
    };
    tokio::join!(talk, walk);
    let heard = |client: &Client| -> Vec<u32> {
        let seen = client.seen.lock().expect("unpoisoned");
        seen.data.iter().map(|(_, b)| u32::from_be_bytes(b[..].try_into().expect("a number"))).collect()
    };
    // The last is heard by one of the two; everything before it has been by then, by that one or the other.
    let both = async {
        while heard(&bob).len() + heard(&eve).len() < MESSAGES as usize {
            tokio::task::yield_now().await;
        }
    };
    let came = tokio::time::timeout(std::time::Duration::from_secs(30), both).await;
    assert!(came.is_ok(), "bob {:?}, eve {:?}", heard(&bob), heard(&eve));
    let (bob, eve) = (heard(&bob), heard(&eve));
    assert!(bob.is_sorted() && eve.is_sorted(), "in order: bob {bob:?}, eve {eve:?}");
    let mut all = [bob, eve].concat();
    all.sort_unstable();
    assert_eq!(all, (1..=MESSAGES).collect::<Vec<_>>());
    let answers = |s: &kloud_load::Seen| s.heard.iter().filter(|h| is_answer(h)).count();
    ada.until("the answers", |s| answers(s) == MESSAGES as usize).await;
}

async fn permits_go_with_those_who_have_them_and_hold_there(by: Connections) {
    let world = World::start_by(by).await;
    let ada = world.join(&world.api_token("lab", "ada")).await;
    let eve = world.join(&world.api_token("hall", "eve")).await;
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    let permission = |sources: &[&str]| {
        json!({ "room": "lab", "identity": "ada", "permission": { "canPublish": true, "canSubscribe": true,
            "canPublishData": false, "canPublishSources": sources } })
    };
    world.order("lab", "UpdateParticipant", &permission(&["MICROPHONE"]), 200).await;
    send(&world, "ada", "lab", "hall", 200).await;
    eve.let_flow(&sound, 50).await;
    // What she may not do here she may not do there, whatever her client tries.
    ada.publish("cam", Kind::Video, CAMERA);
    ada.until("the refusal", |s| {
        s.heard(|h| matches!(h, Hear::RequestResponse(r) if r.reason() == Reason::NotAllowed))
    })
    .await;
    ada.data(b"not permitted", 1, &[]);
    world.until_refused("hall", "ada", Source::Data, 1).await;

    // A permit that is taken back there ends what she brought.
    let echo = eve.stream("mic", Kind::Audio, MICROPHONE).await;
    let mut none = permission(&[]);
    (none["room"], none["permission"]["canPublish"]) = (json!("hall"), json!(false));
    world.order("hall", "UpdateParticipant", &none, 200).await;
    ada.until("the order to stop", |s| s.heard(|h| matches!(h, Hear::TrackUnpublished(u) if u.track_sid == sound)))
        .await;
    eve.until("the end of the track", |s| s.people["ada"].tracks.is_empty()).await;
    let before = world.counted("hall", "ada", Source::Microphone).await;
    world.until_refused("hall", "ada", Source::Microphone, before.refused_by_gate + 50).await;
    let after = world.counted("hall", "ada", Source::Microphone).await;
    assert_eq!(after.forwarded, before.forwarded, "it went on sending: {after:?}");
    // Back again, nothing is open that was shut.
    let bob = world.join(&world.api_token("lab", "bob")).await;
    send(&world, "ada", "hall", "lab", 200).await;
    bob.until("her without a track", |s| s.people.get("ada").is_some_and(|p| p.tracks.is_empty())).await;
    let before = world.counted("lab", "ada", Source::Microphone).await;
    world.until_refused("lab", "ada", Source::Microphone, before.refused_by_gate + 50).await;
    assert_eq!(world.counted("lab", "ada", Source::Microphone).await.forwarded, before.forwarded);
    assert_eq!(bob.packets(&sound), 0);
    eve.until("she is gone", |s| s.people["ada"].state() == State::Disconnected).await;
    drop(echo);
}

async fn who_may_have_the_tracks_of_somebody_stays_so_in_another_room(by: Connections) {
    let world = World::start_by(by).await;
    let ada = world.join(&world.api_token("lab", "ada")).await;
    let bob = world.join(&world.api_token("lab", "bob")).await;
    let eve = world.join(&world.api_token("hall", "eve")).await;
    let hidden = VideoGrant { room_join: true, room: "lab".into(), hidden: true, ..Default::default() };
    let ivy = world.join(&world.token_with("ivy", hidden)).await;
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    bob.let_flow(&sound, 20).await;
    let bobs = bob.seen.lock().expect("unpoisoned").sid.clone();
    let track_permissions = vec![TrackPermission { participant_sid: bobs, all_tracks: true, ..Default::default() }];
    ada.say(Say::SubscriptionPermission(SubscriptionPermission { all_participants: false, track_permissions }));
    // What she says is heard in its order, and bob is known by this sid where he is.
    heard_out(&ada).await;
    send(&world, "ada", "lab", "hall", 200).await;
    send(&world, "ivy", "lab", "hall", 200).await;
    ivy.until("the other room", |s| s.heard(arrived("hall"))).await;
    eve.until("her track", |s| s.people.get("ada").is_some_and(|p| p.tracks.len() == 1)).await;
    send(&world, "bob", "lab", "hall", 200).await;
    bob.let_flow(&sound, 50).await;
    assert_eq!(eve.packets(&sound), 0);
    // One who took part unseen is unseen here too.
    assert!(!eve.seen.lock().expect("unpoisoned").people.contains_key("ivy"));
    assert!(!ada.seen.lock().expect("unpoisoned").people.contains_key("ivy"));
}

async fn one_who_breaks_off_meanwhile_is_told_where_they_are(by: Connections) {
    let world = World::start_by(by).await;
    let ada = world.join(&world.api_token("lab", "ada")).await;
    let eve = world.join(&world.api_token("hall", "eve")).await;
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    let sid = ada.seen.lock().expect("unpoisoned").sid.clone();
    send(&world, "ada", "lab", "hall", 200).await;
    eve.let_flow(&sound, 20).await;
    // With the token of the first room, as if nothing had been said of another.
    let mut late = world.resume(&world.api_token("lab", "ada"), &sid).await;
    let Some(Hear::Reconnect(_)) = said(&mut late).await else { panic!("it is let in to hear it") };
    let Some(Hear::RefreshToken(token)) = said(&mut late).await else { panic!("a token") };
    let Some(Hear::Leave(end)) = said(&mut late).await else { panic!("the way") };
    assert_eq!((end.reason(), end.action()), (DisconnectReason::Migration, Action::Reconnect));
    let video = verify(&token, SECRET.as_bytes(), NOW).expect("a good token").video;
    assert_eq!(video.room, "hall");
    // With that token the session goes on over there as if it had never been elsewhere.
    let mut back = world.resume(&token, &sid).await;
    let Some(Hear::Reconnect(_)) = said(&mut back).await else { panic!("resumed") };
    ada.until("the old socket is closed", |s| s.closed).await;
    eve.let_flow(&sound, 50).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_moves_who_is_not_there_or_whom_the_other_room_does_not_take() {
    for method in ["MoveParticipant", "ForwardParticipant"] {
        refusals(&World::start().await, method).await;
    }
}

async fn refusals(world: &World, method: &str) {
    let path = &*format!("livekit.RoomService/{method}");
    let body = |who: &str, to: &str| json!({ "room": "lab", "identity": who, "destinationRoom": to });
    let post = async |token: Option<&str>, body: Value| {
        let (status, answer) = world.post(path, token, "application/json", body.to_string().into_bytes()).await;
        let answer: Value = serde_json::from_slice(&answer).expect("JSON");
        (status, answer["code"].as_str().unwrap_or_default().to_owned())
    };
    let error = |status: u16, code: &str| (status, code.to_owned());
    let good = director(world, "lab", "hall");
    assert_eq!(post(Some(&good), body("ada", "hall")).await, error(404, "not_found"), "no such room");
    let ada = Client::join(world.http, &world.api_token("lab", "ada")).await;
    assert_eq!(post(Some(&good), body("bob", "hall")).await, error(404, "not_found"), "nobody of that name");
    let rooms = world.order("lab", "ListRooms", &json!({}), 200).await;
    assert_eq!(rooms["rooms"].as_array().map(Vec::len), Some(1), "no room is made for nobody");
    assert_eq!(post(None, body("ada", "hall")).await, error(401, "unauthenticated"));
    let inside = world.api_token("lab", "ada");
    assert_eq!(post(Some(&inside), body("ada", "hall")).await, error(403, "permission_denied"));
    assert_eq!(post(Some(&good), body("ada", "cellar")).await, error(403, "permission_denied"), "another destination");
    let other = director(world, "attic", "hall");
    assert_eq!(post(Some(&other), body("ada", "hall")).await, error(403, "permission_denied"), "another room's");
    let same = director(world, "lab", "lab");
    assert_eq!(post(Some(&same), body("ada", "lab")).await, error(400, "invalid_argument"));

    world.media.open_room(&name("meet")).expect("opened");
    world.admit("meet", "ada", Permits::ALL).await;
    let meeting = director(world, "lab", "meet");
    assert_eq!(
        post(Some(&meeting), body("ada", "meet")).await,
        error(404, "not_found"),
        "a meeting is no room to a key"
    );
    world.order("full", "CreateRoom", &json!({ "name": "full", "maxParticipants": 1 }), 200).await;
    let _eve = Client::join(world.http, &world.api_token("full", "eve")).await;
    let full = director(world, "lab", "full");
    assert_eq!(post(Some(&full), body("ada", "full")).await, error(429, "resource_exhausted"));
    let double = Client::join(world.http, &world.api_token("hall", "ada")).await;
    assert_eq!(post(Some(&good), body("ada", "hall")).await, error(409, "already_exists"));
    double.leave().await;
    assert_eq!(post(Some(&good), body("ada", "hall")).await, error(200, ""));
    let again = if method == "MoveParticipant" {
        ada.until("the other room", |s| s.heard(arrived("hall"))).await;
        error(404, "not_found")
    } else {
        error(409, "already_exists")
    };
    assert_eq!(post(Some(&good), body("ada", "hall")).await, again, "she is there already");
}

/// Whatever the two come to in, nobody is left behind in neither room.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_room_that_ends_while_somebody_comes_to_it_takes_them_along_or_not_at_all() {
    let world = World::start().await;
    for turn in 0..20 {
        let room = format!("hall{turn}");
        let ada = Client::join(world.http, &world.api_token("lab", "ada")).await;
        world.order(&room, "CreateRoom", &json!({ "name": room }), 200).await;
        let body = json!({ "room": "lab", "identity": "ada", "destinationRoom": room }).to_string().into_bytes();
        let token = director(&world, "lab", &room);
        let moves = world.post("livekit.RoomService/MoveParticipant", Some(&token), "application/json", body);
        let end = json!({ "room": room });
        let ends = world.order(&room, "DeleteRoom", &end, 200);
        let ((status, _), _) = if turn % 2 == 0 {
            tokio::join!(moves, ends)
        } else {
            let (ended, moved) = tokio::join!(ends, moves);
            (moved, ended)
        };
        assert!([200, 404, 503].contains(&status), "{status}");
        let told = |h: &Hear| matches!(h, Hear::Leave(l) if l.reason() == DisconnectReason::RoomDeleted);
        if names(&world, "lab").await.is_empty() {
            let there = world.order(&room, "ListRooms", &json!({ "names": [room] }), 200).await;
            if there["rooms"].is_null() {
                ada.until("the end", |s| s.closed && s.heard(told)).await;
                continue;
            }
        }
        ada.leave().await;
    }
}
