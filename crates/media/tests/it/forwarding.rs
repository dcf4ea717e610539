//! In one room, and shown in another too: nothing of one's own is decided there.

use kloud_livekit::proto::participant_info::{KindDetail, State};
use kloud_livekit::proto::{DisconnectReason, SubscriptionPermission, TrackPermission, signal_request::Message as Say};
use kloud_load::{Client, Connections, Seen};
use kloud_media::Source;
use kloud_sfu::Kind;
use serde_json::json;

use crate::moving::{between, heard_out, names, send};
use crate::world::{World, by_one_and_two};

const CAMERA: i32 = 1;
const MICROPHONE: i32 = 2;

by_one_and_two!(
    one_who_is_shown_elsewhere_is_seen_and_heard_in_both_rooms,
    a_permit_that_ends_shuts_the_gate_in_both_rooms,
    a_mute_holds_in_both_rooms_however_it_races_with_those_who_come,
    who_may_have_the_tracks_of_somebody_decides_elsewhere_too,
    no_more_is_shown_elsewhere_once_somebody_ends_it,
);

async fn show(world: &World, who: &str, from: &str, to: &str, status: u16) -> serde_json::Value {
    between(world, "ForwardParticipant", who, (from, to), status).await
}

/// Ada and bob in one room, eve in another, in which ada is shown.
async fn three(by: Connections) -> (World, [Client; 3]) {
    let world = World::start_by(by).await;
    let ada = world.join(&world.api_token("lab", "ada")).await;
    let bob = world.join(&world.api_token("lab", "bob")).await;
    let eve = world.join(&world.api_token("hall", "eve")).await;
    show(&world, "ada", "lab", "hall", 200).await;
    eve.until("ada", |s| s.people.get("ada").is_some_and(|p| p.state() == State::Active)).await;
    (world, [ada, bob, eve])
}

fn gone(seen: &Seen) -> bool {
    seen.people["ada"].state() == State::Disconnected
}

async fn one_who_is_shown_elsewhere_is_seen_and_heard_in_both_rooms(by: Connections) {
    let (world, [ada, bob, eve]) = three(by).await;
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    let picture = ada.stream("cam", Kind::Video, CAMERA).await;
    for client in [&bob, &eve] {
        client.let_flow(&sound, 50).await;
        client.let_flow(&picture, 50).await;
        client.until("her tracks", |s| s.people["ada"].tracks.len() == 2).await;
    }
    let (at_lab, at_hall) = {
        let of = |client: &Client| client.seen.lock().expect("unpoisoned").people["ada"].clone();
        (of(&bob), of(&eve))
    };
    assert_eq!((&at_hall.sid, &at_hall.kind_details), (&at_lab.sid, &vec![KindDetail::Forwarded as i32]));
    assert_eq!((names(&world, "lab").await.len(), names(&world, "hall").await.len()), (2, 2));
    // One who comes later finds her there.
    let fay = world.join(&world.api_token("hall", "fay")).await;
    fay.let_flow(&picture, 50).await;
    // She stays where she is: nothing of the other room comes to her.
    let echo = eve.stream("mic", Kind::Audio, MICROPHONE).await;
    fay.let_flow(&echo, 50).await;
    eve.data(b"to all", 1, &[]);
    fay.until("the word", |s| s.data.len() == 1).await;
    {
        let seen = ada.seen.lock().expect("unpoisoned");
        assert!(!seen.people.contains_key("eve") && seen.data.is_empty() && seen.packets_of(&echo) == 0);
    }
    // When nobody of her own room is left who gets her, the others get her as before.
    bob.leave().await;
    eve.let_flow(&sound, 50).await;
    fay.leave().await;
    eve.let_flow(&picture, 50).await;
    ada.leave().await;
    eve.until("her end", |s| gone(s) && s.people["ada"].disconnect_reason() == DisconnectReason::ClientInitiated).await;
    assert_eq!(names(&world, "hall").await, ["eve"]);
}

async fn a_permit_that_ends_shuts_the_gate_in_both_rooms(by: Connections) {
    let (world, [ada, bob, eve]) = three(by).await;
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    let picture = ada.stream("cam", Kind::Video, CAMERA).await;
    for client in [&bob, &eve] {
        client.let_flow(&picture, 50).await;
    }
    let permission = json!({ "canPublish": true, "canSubscribe": true, "canPublishSources": ["MICROPHONE"] });
    world
        .order("lab", "UpdateParticipant", &json!({ "room": "lab", "identity": "ada", "permission": permission }), 200)
        .await;
    for client in [&bob, &eve] {
        client.until("the end of the track", |s| s.people["ada"].tracks.iter().all(|t| t.sid == sound)).await;
    }
    let counted = async || {
        let (lab, hall) =
            (world.counted("lab", "ada", Source::Camera).await, world.counted("hall", "ada", Source::Camera).await);
        (lab.forwarded, hall.forwarded, lab.refused_by_gate)
    };
    let before = counted().await;
    // The client goes on sending. 200 packets of what still flows pass in each room; none of these does.
    world.until_refused("lab", "ada", Source::Camera, before.2 + 50).await;
    for client in [&bob, &eve] {
        client.let_flow(&sound, 200).await;
    }
    let after = counted().await;
    assert_eq!((after.0, after.1), (before.0, before.1));
    // One who comes now gets what is permitted.
    let fay = world.join(&world.api_token("hall", "fay")).await;
    fay.let_flow(&sound, 20).await;
    assert_eq!(fay.packets(&picture), 0);
}

async fn a_mute_holds_in_both_rooms_however_it_races_with_those_who_come(by: Connections) {
    let (world, [ada, bob, eve]) = three(by).await;
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    let picture = ada.stream("cam", Kind::Video, CAMERA).await;
    eve.let_flow(&sound, 20).await;
    let is = |muted: bool| {
        let sound = sound.clone();
        move |s: &Seen| s.people["ada"].tracks.iter().any(|t| t.sid == sound && t.muted == muted)
    };
    for turn in 0..6 {
        // Somebody comes to see her in the very moment.
        let token = world.api_token("hall", &format!("guest{turn}"));
        let (guest, ()) = tokio::join!(world.join(&token), async {
            ada.mute(&sound, true);
            ada.mute(&sound, false);
            ada.mute(&sound, true);
        });
        for client in [&bob, &eve] {
            client.until("the mute", is(true)).await;
        }
        guest.let_flow(&picture, 50).await;
        let before = [bob.packets(&sound), eve.packets(&sound), guest.packets(&sound)];
        for client in [&bob, &eve, &guest] {
            client.let_flow(&picture, 100).await;
        }
        assert_eq!([bob.packets(&sound), eve.packets(&sound), guest.packets(&sound)], before, "turn {turn}");
        let token = world.api_token("hall", &format!("late{turn}"));
        let (again, ()) = tokio::join!(world.join(&token), async { ada.mute(&sound, false) });
        for client in [&bob, &eve, &guest, &again] {
            client.let_flow(&sound, 20).await;
        }
    }
}

async fn who_may_have_the_tracks_of_somebody_decides_elsewhere_too(by: Connections) {
    let (world, [ada, bob, eve]) = three(by).await;
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    eve.let_flow(&sound, 20).await;
    let bobs = bob.seen.lock().expect("unpoisoned").sid.clone();
    let track_permissions = vec![TrackPermission { participant_sid: bobs, all_tracks: true, ..Default::default() }];
    ada.say(Say::SubscriptionPermission(SubscriptionPermission { all_participants: false, track_permissions }));
    heard_out(&ada).await;
    // The answer of the other room comes after it has heard of the change.
    assert_eq!(names(&world, "hall").await.len(), 2);
    let before = world.forwarded("hall", "ada", Source::Microphone).await;
    bob.let_flow(&sound, 200).await;
    assert_eq!(world.forwarded("hall", "ada", Source::Microphone).await, before);
    let everyone = SubscriptionPermission { all_participants: true, track_permissions: Vec::new() };
    ada.say(Say::SubscriptionPermission(everyone));
    eve.let_flow(&sound, 20).await;
}

async fn no_more_is_shown_elsewhere_once_somebody_ends_it(by: Connections) {
    let (world, [ada, bob, eve]) = three(by).await;
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    eve.let_flow(&sound, 20).await;
    let in_hall = |more: serde_json::Value| {
        let mut body = json!({ "room": "hall", "identity": "ada" });
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        body
    };
    // What is hers is not directed from there.
    let mute = in_hall(json!({ "trackSid": sound, "muted": true }));
    assert_eq!(world.order("hall", "MutePublishedTrack", &mute, 412).await["code"], "failed_precondition");
    world.order("hall", "UpdateParticipant", &in_hall(json!({ "name": "Mallory" })), 412).await;
    world.order("hall", "GetParticipant", &in_hall(json!({})), 200).await;
    send(&world, "ada", "hall", "attic", 412).await;
    show(&world, "ada", "hall", "attic", 412).await;

    let still = async |client: &Client| {
        let before = world.forwarded("hall", "ada", Source::Microphone).await;
        bob.let_flow(&sound, 200).await;
        client.until("her end", gone).await;
        assert_eq!(world.forwarded("hall", "ada", Source::Microphone).await, before);
    };
    // But she is shown out of the room, which the client of hers hears nothing of.
    world.order("hall", "RemoveParticipant", &in_hall(json!({})), 200).await;
    still(&eve).await;
    show(&world, "ada", "lab", "hall", 200).await;
    eve.let_flow(&sound, 20).await;
    // The room ends: she is where she was, and can be shown there again when it is made anew.
    world.order("hall", "DeleteRoom", &json!({ "room": "hall" }), 200).await;
    eve.until("the end", |s| s.closed).await;
    bob.let_flow(&sound, 100).await;
    let eve = world.join(&world.api_token("hall", "eve")).await;
    show(&world, "ada", "lab", "hall", 200).await;
    eve.let_flow(&sound, 20).await;
    // She goes to a third room, and with that from both.
    let fay = world.join(&world.api_token("attic", "fay")).await;
    send(&world, "ada", "lab", "attic", 200).await;
    eve.until("her end", gone).await;
    fay.let_flow(&sound, 20).await;
    show(&world, "ada", "attic", "hall", 200).await;
    eve.let_flow(&sound, 20).await;
    // She comes herself: then she is there by that alone.
    let herself = world.join(&world.api_token("hall", "ada")).await;
    let own = herself.seen.lock().expect("unpoisoned").sid.clone();
    eve.until("herself", |s| s.people["ada"].sid == own && s.people["ada"].state() == State::Active).await;
    let before = eve.packets(&sound);
    fay.let_flow(&sound, 200).await;
    assert_eq!(eve.packets(&sound), before);
    drop(ada);
}
