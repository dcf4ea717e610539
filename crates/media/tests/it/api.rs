//! Programs with an API key direct their rooms, and no others.

use std::time::Duration;

use kloud_livekit::proto::signal_response::Message as Hear;
use kloud_livekit::proto::{
    self, DataPacket, DisconnectReason, ListRoomsResponse, RpcAck, RpcError, RpcResponse, data_packet::Value as Packet,
    participant_info::State, request_response::Reason, rpc_response, signal_request::Message as Say,
};
use kloud_livekit::{Claims, RoomMethod, VideoGrant, sign, verify};
use kloud_load::{Client, Seen};
use kloud_media::{Happened, Permits, Source};
use kloud_sfu::Kind;
use prost::Message as _;
use serde_json::{Value, json};

use crate::world::{KEY, NOW, SECRET, World, name};

const CAMERA: i32 = 1;
const MICROPHONE: i32 = 2;

fn claims(exp: i64, video: VideoGrant) -> Claims {
    Claims { iss: KEY.into(), exp: Some(NOW.as_millis() / 1000 + exp), video, ..Default::default() }
}

/// What the last token that the client was given says.
fn refreshed(seen: &Seen) -> Option<Claims> {
    let token = seen.heard.iter().rev().find_map(|h| match h {
        Hear::RefreshToken(token) => Some(token),
        _ => None,
    });
    verify(token?, SECRET.as_bytes(), NOW).ok()
}

async fn two(world: &World) -> (Client, Client) {
    let ada = Client::join(world.http, &world.api_token("lab", "ada")).await;
    let bob = Client::join(world.http, &world.api_token("lab", "bob")).await;
    (ada, bob)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_method_asks_who_calls_and_whether_they_may_and_reads_only_what_it_can() {
    let world = World::start().await;
    let json = "application/json";
    let over =
        sign(&claims(-1, VideoGrant { room_admin: true, room: "lab".into(), ..Default::default() }), SECRET.as_bytes());
    let forged =
        sign(&claims(60, VideoGrant { room_create: true, ..Default::default() }), b"another-secret-of-32-characters!");
    let foreign = sign(&Claims { iss: "nobody".into(), ..claims(60, VideoGrant::default()) }, SECRET.as_bytes());
    world.media.open_room(&name("meet")).expect("opened");
    let of_meeting = world.admit("meet", "ada", Permits::ALL).await.token;
    let inside = world.api_token("lab", "ada");
    for method in RoomMethod::ALL {
        let path = format!("livekit.RoomService/{}", method.name());
        let check = async |token: Option<&str>, kind: &str, body: &[u8], status: u16, code: &str| {
            let (told, answer) = world.post(&path, token, kind, body.to_vec()).await;
            let answer: Value = serde_json::from_slice(&answer).expect("errors are JSON");
            assert_eq!((told, answer["code"].as_str()), (status, Some(code)), "{method:?} {answer}");
        };
        let body = br#"{"room":"lab","name":"lab"}"#;
        for token in [None, Some("nonsense"), Some(&*over), Some(&*forged), Some(&*foreign), Some(&*of_meeting)] {
            check(token, json, body, 401, "unauthenticated").await;
        }
        check(Some(&inside), json, body, 403, "permission_denied").await;
        let admin = world.admin_token("lab");
        check(Some(&admin), json, b"{\"room\":", 400, "malformed").await;
        check(Some(&admin), json, b"", 400, "malformed").await;
        check(Some(&admin), "application/protobuf", &[0xff; 20], 400, "malformed").await;
        check(Some(&admin), "text/plain", body, 404, "bad_route").await;
        check(Some(&admin), json, &vec![b' '; 300_000], 429, "resource_exhausted").await;
    }
    let check = async |path: &str, status: u16| {
        let (told, _) = world.post(path, Some(&world.admin_token("lab")), json, b"{}".to_vec()).await;
        assert_eq!(told, status, "{path}");
    };
    check("livekit.RoomService/Nothing", 404).await;
    check("livekit.Nothing/ListRooms", 404).await;
    check("livekit.RoomService", 404).await;
    assert!(world.order("lab", "ListRooms", &json!({}), 200).await["rooms"].is_null(), "nobody made a room");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn services_that_are_not_offered_say_so_and_list_nothing() {
    let world = World::start().await;
    let cases = [
        ("livekit.Egress/ListEgress", 200),
        ("livekit.Ingress/ListIngress", 200),
        ("livekit.AgentDispatchService/ListDispatch", 200),
        ("livekit.Egress/StartRoomCompositeEgress", 501),
        ("livekit.Egress/StopEgress", 501),
        ("livekit.Ingress/CreateIngress", 501),
        ("livekit.SIP/CreateSIPParticipant", 403),
        ("livekit.AgentDispatchService/CreateDispatch", 501),
    ];
    for (path, status) in cases {
        let admin = world.admin_token("lab");
        assert_eq!(world.post(path, Some(&admin), "application/json", b"{}".to_vec()).await.0, status, "{path}");
        assert_eq!(world.post(path, None, "application/json", b"{}".to_vec()).await.0, 401, "{path}");
        let inside = world.api_token("lab", "ada");
        assert_eq!(world.post(path, Some(&inside), "application/json", b"{}".to_vec()).await.0, 403, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_room_is_made_once_and_is_what_was_asked_for() {
    let world = World::start().await;
    let asked =
        json!({ "name": "lab", "emptyTimeout": 70, "departure_timeout": 8, "maxParticipants": 1, "metadata": "m" });
    let made = world.order("lab", "CreateRoom", &asked, 200).await;
    assert!(made["sid"].as_str().is_some_and(|sid| sid.starts_with("RM_")));
    let fields =
        ["name", "emptyTimeout", "departureTimeout", "maxParticipants", "metadata"].map(|key| made[key].clone());
    assert_eq!(fields, [json!("lab"), json!(70), json!(8), json!(1), json!("m")]);
    let again = world.order("lab", "CreateRoom", &json!({ "name": "lab", "metadata": "other" }), 200).await;
    assert_eq!((&again["sid"], &again["metadata"]), (&made["sid"], &json!("m")), "the same room, as it is");

    let ada = Client::join(world.http, &world.api_token("lab", "ada")).await;
    let told = |h: &Hear| matches!(h, Hear::Join(j) if j.room.as_ref().is_some_and(|r| r.metadata == "m"));
    assert!(ada.seen.lock().expect("unpoisoned").heard(told));
    assert!(Client::begin(world.http, &world.api_token("lab", "bob")).await.is_err(), "one is all it takes");

    // As protobuf, the answer is protobuf.
    world.order("", "CreateRoom", &json!({ "name": "hall" }), 200).await;
    let (path, kind) = ("livekit.RoomService/ListRooms", "application/protobuf");
    let request = proto::ListRoomsRequest { names: vec!["lab".into(), "none".into()] }.encode_to_vec();
    let (status, answer) = world.post(path, Some(&world.admin_token("")), kind, request).await;
    let listed = ListRoomsResponse::decode(&answer[..]).expect("a list").rooms;
    assert_eq!((status, listed.len()), (200, 1));
    assert_eq!((listed[0].name.as_str(), listed[0].num_participants), ("lab", 1));
    let all = world.order("", "ListRooms", &json!({}), 200).await;
    assert_eq!(all["rooms"].as_array().map(Vec::len), Some(2));

    world.order("lab", "DeleteRoom", &json!({ "room": "lab" }), 200).await;
    let deleted = |h: &Hear| matches!(h, Hear::Leave(l) if l.reason() == DisconnectReason::RoomDeleted);
    ada.until("the end", |s| s.closed && s.heard(deleted)).await;
    world.order("lab", "DeleteRoom", &json!({ "room": "lab" }), 404).await;
    world.order("lab", "ListParticipants", &json!({ "room": "lab" }), 404).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_room_that_nobody_enters_closes_after_its_own_time() {
    let world = World::start().await;
    let mut events = world.media.events();
    world.order("lab", "CreateRoom", &json!({ "name": "lab", "emptyTimeout": 1 }), 200).await;
    world.order("lab", "CreateRoom", &json!({ "name": "hall" }), 200).await;
    let closed = async {
        loop {
            let event = events.recv().await.expect("an event");
            if event.happened == Happened::Closed {
                return event.room;
            }
        }
    };
    assert_eq!(tokio::time::timeout(Duration::from_secs(20), closed).await.expect("in time"), name("lab"));
    let rooms = world.order("", "ListRooms", &json!({}), 200).await;
    assert_eq!((rooms["rooms"].as_array().map(Vec::len), &rooms["rooms"][0]["name"]), (Some(1), &json!("hall")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_meeting_is_no_room_to_a_key() {
    let world = World::start().await;
    world.media.open_room(&name("meet")).expect("opened");
    let ticket = world.admit("meet", "ada", Permits::ALL).await;
    let ada = Client::join(world.http, &ticket.token).await;
    let track = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    assert!(world.order("meet", "ListRooms", &json!({}), 200).await["rooms"].is_null());
    assert!(world.order("meet", "ListRooms", &json!({ "names": ["meet"] }), 200).await["rooms"].is_null());
    let of = json!({ "room": "meet", "name": "meet", "identity": "ada", "destinationIdentity": "ada", "method": "m",
        "trackSid": track, "muted": true, "metadata": "seen?", "data": "aGk=" });
    for method in RoomMethod::ALL.iter().map(|method| method.name()) {
        if method != "ListRooms" {
            let mut body = of.clone();
            body["destinationRoom"] = json!("elsewhere");
            if method == "UpdateParticipant" {
                body["name"] = json!("Mallory");
            }
            let answer = world.order("meet", method, &body, 404).await;
            assert_eq!(answer["code"], "not_found", "{method}");
        }
    }
    // It goes on as if nothing had been said.
    let bob = world.admit("meet", "bob", Permits::NONE).await;
    let bob = Client::join(world.http, &bob.token).await;
    bob.let_flow(&track, 20).await;
    let told = ada.seen.lock().expect("unpoisoned").people["ada"].clone();
    assert_eq!((told.name.as_str(), told.metadata.as_str()), ("ada", ""));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_there_is_told_and_can_be_removed() {
    let world = World::start().await;
    let (ada, bob) = two(&world).await;
    let track = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    bob.let_flow(&track, 5).await;
    let all = world.order("lab", "ListParticipants", &json!({ "room": "lab" }), 200).await;
    let mut identities: Vec<_> =
        all["participants"].as_array().expect("a list").iter().map(|p| &p["identity"]).collect();
    identities.sort_by_key(|i| i.to_string());
    assert_eq!(identities, ["ada", "bob"]);
    let one = world.order("lab", "GetParticipant", &json!({ "room": "lab", "identity": "ada" }), 200).await;
    assert_eq!((&one["state"], &one["tracks"][0]["sid"]), (&json!("ACTIVE"), &json!(track)));
    world.order("lab", "GetParticipant", &json!({ "room": "lab", "identity": "eve" }), 404).await;
    world.order("lab", "RemoveParticipant", &json!({ "room": "lab", "identity": "ada" }), 200).await;
    let removed = |h: &Hear| matches!(h, Hear::Leave(l) if l.reason() == DisconnectReason::ParticipantRemoved);
    ada.until("the removal", |s| s.closed && s.heard(removed)).await;
    bob.until("the end", |s| s.people["ada"].state() == State::Disconnected).await;
    world.order("lab", "RemoveParticipant", &json!({ "room": "lab", "identity": "ada" }), 404).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_track_is_muted_from_outside_and_unmuted_by_its_owner_alone() {
    let world = World::start().await;
    let (ada, bob) = two(&world).await;
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    let picture = ada.stream("cam", Kind::Video, CAMERA).await;
    bob.let_flow(&sound, 20).await;
    let order =
        |muted: bool, identity: &str| json!({ "room": "lab", "identity": identity, "trackSid": sound, "muted": muted });
    world.order("lab", "MutePublishedTrack", &order(true, "bob"), 404).await;
    let answer = world.order("lab", "MutePublishedTrack", &order(true, "ada"), 200).await;
    assert_eq!((&answer["track"]["sid"], &answer["track"]["muted"]), (&json!(sound), &json!(true)));
    ada.until("the order", |s| s.heard(|h| matches!(h, Hear::Mute(m) if m.sid == sound && m.muted))).await;
    bob.until("the mute", |s| s.people["ada"].tracks.iter().any(|t| t.sid == sound && t.muted)).await;
    let before = world.counted("lab", "ada", Source::Microphone).await;
    bob.let_flow(&picture, 200).await;
    let after = world.counted("lab", "ada", Source::Microphone).await;
    assert_eq!(after.forwarded, before.forwarded);
    assert!(after.received > before.received, "it did go on sending");
    let refused = world.order("lab", "MutePublishedTrack", &order(false, "ada"), 412).await;
    assert_eq!(refused["code"], "failed_precondition");
    ada.mute(&sound, false);
    bob.let_flow(&sound, 20).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_told_of_a_person_can_be_changed_and_the_new_token_says_it() {
    let world = World::start().await;
    let (ada, bob) = two(&world).await;
    let update = json!({ "room": "lab", "identity": "ada", "name": "Ada L.", "metadata": "m", "attributes": { "a": "1", "b": "2" } });
    let answer = world.order("lab", "UpdateParticipant", &update, 200).await;
    assert_eq!(
        (&answer["name"], &answer["metadata"], &answer["attributes"]["a"]),
        (&json!("Ada L."), &json!("m"), &json!("1"))
    );
    bob.until("the change", |s| {
        let ada = &s.people["ada"];
        ada.name == "Ada L." && ada.metadata == "m" && ada.attributes.len() == 2
    })
    .await;
    world
        .order("lab", "UpdateParticipant", &json!({ "room": "lab", "identity": "ada", "attributes": { "a": "" } }), 200)
        .await;
    bob.until("one attribute less", |s| s.people["ada"].attributes.len() == 1).await;
    ada.until("the token", |s| {
        refreshed(s).is_some_and(|c| c.name == "Ada L." && c.metadata == "m" && c.attributes.len() == 1)
    })
    .await;
    world.order("lab", "UpdateParticipant", &json!({ "room": "lab", "identity": "eve", "name": "x" }), 404).await;
    let many: serde_json::Map<_, _> = (0..64).map(|n| (format!("k{n}"), json!("v"))).collect();
    world
        .order("lab", "UpdateParticipant", &json!({ "room": "lab", "identity": "ada", "attributes": many }), 400)
        .await;

    // What she says of herself, once she may, is in her next token too.
    ada.say(Say::UpdateMetadata(proto::UpdateParticipantMetadata {
        request_id: 1,
        metadata: "mine".into(),
        ..Default::default()
    }));
    let answered = |id: u32, reason: Reason| move |h: &Hear| matches!(h, Hear::RequestResponse(r) if r.request_id == id && r.reason() == reason);
    ada.until("the refusal", |s| s.heard(answered(1, Reason::NotAllowed))).await;
    let permission =
        json!({ "canSubscribe": true, "canPublish": true, "canPublishData": true, "canUpdateMetadata": true });
    world
        .order("lab", "UpdateParticipant", &json!({ "room": "lab", "identity": "ada", "permission": permission }), 200)
        .await;
    ada.until("the permission", |s| {
        s.people.get("ada").and_then(|p| p.permission.as_ref()).is_some_and(|p| p.can_update_metadata)
    })
    .await;
    ada.say(Say::UpdateMetadata(proto::UpdateParticipantMetadata {
        request_id: 2,
        metadata: "mine".into(),
        ..Default::default()
    }));
    ada.until("the consent", |s| s.heard(answered(2, Reason::Ok))).await;
    ada.until("the token", |s| refreshed(s).is_some_and(|c| c.metadata == "mine")).await;
    bob.until("the change", |s| s.people["ada"].metadata == "mine").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_permission_that_is_taken_back_holds_at_once_and_after_coming_again() {
    let world = World::start().await;
    let (ada, bob) = two(&world).await;
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    let picture = ada.stream("cam", Kind::Video, CAMERA).await;
    let of_bob = bob.stream("mic", Kind::Audio, MICROPHONE).await;
    bob.let_flow(&picture, 20).await;
    ada.let_flow(&of_bob, 20).await;
    let permission = json!({ "canSubscribe": false, "canPublish": true, "canPublishSources": ["MICROPHONE"] });
    let update = json!({ "room": "lab", "identity": "ada", "permission": permission });
    let answer = world.order("lab", "UpdateParticipant", &update, 200).await;
    assert_eq!(answer["permission"], json!({ "canPublish": true, "canPublishSources": ["MICROPHONE"] }));
    ada.until("the order to stop", |s| s.heard(|h| matches!(h, Hear::TrackUnpublished(u) if u.track_sid == picture)))
        .await;
    bob.until("the end of the track", |s| s.people["ada"].tracks.iter().all(|t| t.sid != picture)).await;
    let (before, at_ada) = (world.counted("lab", "ada", Source::Camera).await, ada.packets(&of_bob));
    bob.let_flow(&sound, 200).await;
    let after = world.counted("lab", "ada", Source::Camera).await;
    assert_eq!(after.forwarded, before.forwarded);
    assert!(after.received > before.received, "it did go on sending: {after:?}");
    // What was on its way when the order came has long arrived.
    assert!(ada.packets(&of_bob) < at_ada + 50, "she gets nothing any more");

    let again = ada.seen.lock().expect("unpoisoned").heard.iter().rev().find_map(|h| match h {
        Hear::RefreshToken(token) => Some(token.clone()),
        _ => None,
    });
    let ada = Client::join(world.http, &again.expect("a token")).await;
    ada.publish("cam", Kind::Video, CAMERA);
    ada.until("the refusal", |s| {
        s.heard(|h| matches!(h, Hear::RequestResponse(r) if r.reason() == Reason::NotAllowed))
    })
    .await;
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    bob.let_flow(&sound, 20).await;
    assert_eq!(ada.packets(&of_bob), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_who_is_hidden_is_gone_for_the_others_and_publishes_nothing() {
    let world = World::start().await;
    let (ada, bob) = two(&world).await;
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    bob.let_flow(&sound, 5).await;
    let hide = |hidden: bool| {
        let permission = json!({ "canSubscribe": true, "canPublish": true, "canPublishData": true, "hidden": hidden });
        json!({ "room": "lab", "identity": "ada", "permission": permission })
    };
    world.order("lab", "UpdateParticipant", &hide(true), 200).await;
    bob.until("the end", |s| s.people["ada"].state() == State::Disconnected).await;
    let eve = Client::join(world.http, &world.api_token("lab", "eve")).await;
    assert!(!eve.seen.lock().expect("unpoisoned").people.contains_key("ada"));
    ada.publish("again", Kind::Audio, MICROPHONE);
    ada.until("the refusal", |s| {
        s.heard(|h| matches!(h, Hear::RequestResponse(r) if r.reason() == Reason::NotAllowed))
    })
    .await;
    world.order("lab", "UpdateParticipant", &hide(false), 200).await;
    eve.until("ada", |s| s.people.get("ada").is_some_and(|p| p.state() == State::Active)).await;
    bob.until("ada", |s| s.people["ada"].state() == State::Active).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_person_gets_is_chosen_from_outside() {
    let world = World::start().await;
    let (ada, bob) = two(&world).await;
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    let picture = ada.stream("cam", Kind::Video, CAMERA).await;
    bob.let_flow(&picture, 20).await;
    let choose =
        |subscribe: bool| json!({ "room": "lab", "identity": "bob", "trackSids": [picture], "subscribe": subscribe });
    world.order("lab", "UpdateSubscriptions", &choose(false), 200).await;
    bob.let_flow(&sound, 20).await;
    let before = bob.packets(&picture);
    bob.let_flow(&sound, 200).await;
    assert_eq!(bob.packets(&picture), before);
    world.order("lab", "UpdateSubscriptions", &choose(true), 200).await;
    bob.let_flow(&picture, 20).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_from_outside_reaches_those_it_is_for_once_and_comes_from_nobody() {
    let world = World::start().await;
    let (ada, bob) = two(&world).await;
    let send = async |body: Value| world.order("lab", "SendData", &body, 200).await;
    // "one" for bob alone, twice by mistake; "two" by the other channel; "three" for all.
    let one = json!({ "room": "lab", "data": "b25l", "kind": "RELIABLE", "destinationIdentities": ["bob"], "nonce": "AAAAAAAAAAAAAAAAAAAAAA==" });
    send(one.clone()).await;
    send(one).await;
    let sid = ada.seen.lock().expect("unpoisoned").sid.clone();
    send(json!({ "room": "lab", "data": "dHdv", "kind": "LOSSY", "destinationSids": [sid] })).await;
    send(json!({ "room": "lab", "data": "dGhyZWU=", "topic": "t" })).await;
    let of = |client: &Client| client.seen.lock().expect("unpoisoned").data.clone();
    let from_nobody = |text: &str| (String::new(), text.as_bytes().to_vec());
    bob.until("both", |s| s.data.len() == 2).await;
    assert_eq!(of(&bob), [from_nobody("one"), from_nobody("three")]);
    ada.until("both", |s| s.data.len() == 2).await;
    let mut at_ada = of(&ada);
    at_ada.sort();
    assert_eq!(at_ada, [from_nobody("three"), from_nobody("two")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_hears_of_a_rooms_new_metadata() {
    let world = World::start().await;
    let (ada, _bob) = two(&world).await;
    let answer = world.order("lab", "UpdateRoomMetadata", &json!({ "room": "lab", "metadata": "new" }), 200).await;
    assert_eq!((&answer["metadata"], &answer["numParticipants"]), (&json!("new"), &json!(2)));
    let told = |h: &Hear| matches!(h, Hear::RoomUpdate(u) if u.room.as_ref().is_some_and(|r| r.metadata == "new"));
    ada.until("the news", |s| s.heard(told)).await;
    let eve = Client::join(world.http, &world.api_token("lab", "eve")).await;
    let joined = |h: &Hear| matches!(h, Hear::Join(j) if j.room.as_ref().is_some_and(|r| r.metadata == "new"));
    assert!(eve.seen.lock().expect("unpoisoned").heard(joined));
}

/// Answers a call as a client would.
fn answer(client: &Client, id: &str, value: rpc_response::Value, sequence: u32) {
    let ack = Packet::RpcAck(RpcAck { request_id: id.into() });
    let response = Packet::RpcResponse(RpcResponse { request_id: id.into(), value: Some(value) });
    for (n, value) in [ack, response].into_iter().enumerate() {
        let sequence = sequence + u32::try_from(n).expect("two");
        client.raw_data(DataPacket { sequence, value: Some(value), ..Default::default() }.encode_to_vec());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_remote_call_is_answered_by_the_one_who_is_called_and_by_nobody_else() {
    let world = World::start().await;
    let (ada, bob) = two(&world).await;
    let body = json!({ "room": "lab", "destinationIdentity": "ada", "method": "echo", "payload": "hi", "responseTimeoutMs": 20_000 });
    let nobody = json!({ "room": "lab", "destinationIdentity": "eve", "method": "echo" });
    world.order("lab", "PerformRpc", &nobody, 404).await;
    let respond = async {
        ada.until("the call", |s| s.calls.len() == 1).await;
        let call = ada.seen.lock().expect("unpoisoned").calls[0].clone();
        assert_eq!((call.method.as_str(), call.payload.as_str()), ("echo", "hi"));
        answer(&bob, &call.id, rpc_response::Value::Payload("a lie".into()), 1);
        // The lie has gone the same way before the truth is told.
        bob.data(b"said", 3, &[]);
        ada.until("the word of bob", |s| !s.data.is_empty()).await;
        answer(&ada, &call.id, rpc_response::Value::Payload("ih".into()), 1);
    };
    let (told, ()) = tokio::join!(world.order("lab", "PerformRpc", &body, 200), respond);
    assert_eq!(told["payload"], "ih");

    let respond = async {
        ada.until("the call", |s| s.calls.len() == 2).await;
        let call = ada.seen.lock().expect("unpoisoned").calls[1].clone();
        let error = RpcError { code: 1400, message: "no such method".into(), data: "d".into() };
        answer(&ada, &call.id, rpc_response::Value::Error(error), 3);
    };
    let (told, ()) = tokio::join!(world.order("lab", "PerformRpc", &body, 400), respond);
    assert_eq!(
        (&told["msg"], &told["meta"]["rpc_code"], &told["meta"]["rpc_data"]),
        (&json!("no such method"), &json!("1400"), &json!("d"))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_remote_call_that_nobody_answers_ends() {
    let world = World::start().await;
    let (ada, _bob) = two(&world).await;
    let mut body = json!({ "room": "lab", "destinationIdentity": "ada", "method": "echo", "responseTimeoutMs": 300 });
    assert_eq!(world.order("lab", "PerformRpc", &body, 408).await["code"], "canceled");
    body["responseTimeoutMs"] = json!(20_000);
    let leave = async {
        ada.until("the call", |s| s.calls.len() == 2).await;
        ada.say(Say::Leave(Default::default()));
    };
    let (told, ()) = tokio::join!(world.order("lab", "PerformRpc", &body, 503), leave);
    assert_eq!(told["code"], "unavailable");
}
