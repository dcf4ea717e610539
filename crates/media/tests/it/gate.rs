//! The consent gate: what a person has not permitted does not leave the server, whatever the client does.

use std::time::Duration;

use kloud_livekit::proto::signal_response::Message as Hear;
use kloud_livekit::proto::{DisconnectReason, request_response::Reason};
use kloud_media::{Epoch, MediaError, Permits, RemoveReason, Source};
use kloud_sfu::Kind;
use tokio_tungstenite::tungstenite::Error;

use crate::world::{World, by_one_and_two, name, who};
use kloud_load::{Client, Connections};

const CAMERA: i32 = 1;
const MICROPHONE: i32 = 2;
const SCREEN: i32 = 3;
const SCREEN_SOUND: i32 = 4;

async fn meeting(by: Connections, permits: Permits) -> (World, Client, Client) {
    let world = World::start_by(by).await;
    world.media.open_room(&name("meet")).expect("opened");
    let ada = world.admit("meet", "ada", permits).await;
    let bob = world.admit("meet", "bob", Permits::NONE).await;
    let ada = world.join(&ada.token).await;
    let bob = world.join(&bob.token).await;
    (world, ada, bob)
}

by_one_and_two!(
    a_camera_that_is_not_permitted_is_refused_and_never_forwarded,
    a_permit_that_ends_stops_what_runs_within_a_second,
    a_new_permit_lets_a_new_track_through,
    messages_need_a_permit_too,
    a_key_does_not_open_a_meeting,
    one_who_was_removed_does_not_come_in_again,
    a_name_is_the_products_to_give,
    a_permit_can_come_and_go_on_the_same_lines,
    what_the_server_mutes_is_not_forwarded_though_its_client_goes_on_sending,
    the_sound_of_a_screen_goes_and_comes_with_the_permit_for_the_screen,
    of_several_screens_at_once_the_end_of_one_permit_ends_that_persons_alone,
);

fn refused(cid: &'static str) -> impl Fn(&Hear) -> bool {
    move |heard| match heard {
        Hear::RequestResponse(response) => {
            use kloud_livekit::proto::request_response::Request;
            let track = matches!(&response.request, Some(Request::AddTrack(r)) if r.cid == cid);
            track && response.reason() == Reason::NotAllowed
        }
        _ => false,
    }
}

async fn a_camera_that_is_not_permitted_is_refused_and_never_forwarded(by: Connections) {
    let (world, ada, bob) = meeting(by, Permits::MICROPHONE).await;
    ada.publish("cam", Kind::Video, CAMERA);
    ada.until("the refusal", |s| s.heard(refused("cam"))).await;
    // The client sends all the same.
    ada.set_streaming("cam", true);
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    bob.let_flow(&sound, 200).await;
    assert_eq!(world.forwarded("meet", "ada", Source::Camera).await, 0);
    let told = bob.seen.lock().expect("unpoisoned").people["ada"].clone();
    assert_eq!(told.tracks.len(), 1);
    assert_eq!(told.permission.expect("permission").can_publish_sources, [MICROPHONE]);
}

async fn a_permit_that_ends_stops_what_runs_within_a_second(by: Connections) {
    let (world, ada, bob) = meeting(by, Permits::CAMERA | Permits::MICROPHONE).await;
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    let picture = ada.stream("cam", Kind::Video, CAMERA).await;
    bob.let_flow(&picture, 100).await;

    let receipt = world.media.permit(&name("meet"), &who("ada"), Permits::MICROPHONE, Epoch(2)).await.expect("shut");
    assert!(receipt.shut_after < Duration::from_secs(1), "{receipt:?}");
    assert!(receipt.last_packet_after.is_none_or(|after| after < Duration::from_secs(1)), "{receipt:?}");
    let before = world.counted("meet", "ada", Source::Camera).await;
    // The client ignores the order and goes on sending. 200 packets of what still flows pass; none of these does.
    bob.let_flow(&sound, 200).await;
    let after = world.counted("meet", "ada", Source::Camera).await;
    assert_eq!(after.forwarded, before.forwarded);
    assert!(after.refused_by_gate > before.refused_by_gate, "it did go on sending: {after:?}");

    ada.until("the order to stop", |s| {
        s.heard(|h| matches!(h, Hear::TrackUnpublished(u) if u.track_sid == picture))
            && s.heard(|h| matches!(h, Hear::Mute(m) if m.sid == picture && m.muted))
    })
    .await;
    bob.until("the end of the track", |s| s.people["ada"].tracks.iter().all(|t| t.sid != picture)).await;
}

async fn a_new_permit_lets_a_new_track_through(by: Connections) {
    let (world, ada, bob) = meeting(by, Permits::NONE).await;
    ada.publish("mic", Kind::Audio, MICROPHONE);
    ada.until("the refusal", |s| s.heard(refused("mic"))).await;
    world.media.permit(&name("meet"), &who("ada"), Permits::MICROPHONE, Epoch(2)).await.expect("opened");
    ada.until("the permission", |s| {
        let own = s.people.get("ada").and_then(|p| p.permission.as_ref());
        own.is_some_and(|p| p.can_publish && p.can_publish_sources == [MICROPHONE])
    })
    .await;
    let sound = ada.stream("mic2", Kind::Audio, MICROPHONE).await;
    bob.let_flow(&sound, 20).await;
    // An order of an earlier epoch, late on its way, opens nothing.
    world.media.permit(&name("meet"), &who("ada"), Permits::NONE, Epoch(4)).await.expect("shut");
    world.media.permit(&name("meet"), &who("ada"), Permits::MICROPHONE, Epoch(3)).await.expect("late");
    let stats = world.media.stats(&name("meet")).await.expect("a room");
    assert_eq!(stats.of(&who("ada")).expect("ada").permits, Permits::NONE);
}

async fn messages_need_a_permit_too(by: Connections) {
    let (world, ada, bob) = meeting(by, Permits::DATA).await;
    bob.data(b"not permitted", 1, &[]);
    world.until_refused("meet", "bob", Source::Data, 1).await;
    ada.data(b"permitted", 1, &[]);
    bob.until("the permitted one", |s| s.data.len() == 1).await;
    world.media.permit(&name("meet"), &who("ada"), Permits::NONE, Epoch(2)).await.expect("shut");
    ada.data(b"no more", 2, &[]);
    world.until_refused("meet", "ada", Source::Data, 1).await;
    world.media.permit(&name("meet"), &who("bob"), Permits::DATA, Epoch(2)).await.expect("opened");
    bob.data(b"permitted now", 2, &[]);
    ada.until("the word of bob", |s| s.data.len() == 1).await;
    let heard = ada.seen.lock().expect("unpoisoned").data.clone();
    assert_eq!(heard, [("bob".to_owned(), b"permitted now".to_vec())]);
    assert_eq!(bob.seen.lock().expect("unpoisoned").data.len(), 1);
    assert_eq!(world.counted("meet", "ada", Source::Data).await.forwarded, 1);
}

async fn a_key_does_not_open_a_meeting(by: Connections) {
    let world = World::start_by(by).await;
    world.media.open_room(&name("meet")).expect("opened");
    world.admit("meet", "ada", Permits::NONE).await;
    let status = |result: Result<Client, Error>| match result {
        Err(Error::Http(response)) => response.status().as_u16(),
        Err(other) => panic!("{other}"),
        Ok(_) => 101,
    };
    let key = world.begin(&world.api_token("meet", "ada")).await;
    assert_eq!(status(key), 403);
    let forged = kloud_livekit::sign(
        &kloud_livekit::Claims {
            iss: "kloud meeting".into(),
            sub: "ada".into(),
            exp: Some(4_000_000_000),
            video: kloud_livekit::VideoGrant { room_join: true, room: "meet".into(), ..Default::default() },
            ..Default::default()
        },
        crate::world::SECRET.as_bytes(),
    );
    assert_eq!(status(world.begin(&forged).await), 401);
    assert_eq!(status(world.begin("nonsense").await), 401);
}

async fn one_who_was_removed_does_not_come_in_again(by: Connections) {
    let (world, ada, bob) = meeting(by, Permits::NONE).await;
    let ticket = world.admit("meet", "ada", Permits::NONE).await;
    world.media.remove(&name("meet"), &who("ada"), RemoveReason::Removed).await.expect("removed");
    let removed = |h: &Hear| matches!(h, Hear::Leave(l) if l.reason() == DisconnectReason::ParticipantRemoved);
    ada.until("the removal", |s| s.closed && s.heard(removed)).await;
    assert!(world.begin(&ticket.token).await.is_err());
    assert!(matches!(
        world.media.permit(&name("meet"), &who("ada"), Permits::CAMERA, Epoch(9)).await,
        Err(MediaError::NotAdmitted)
    ));
    world.media.close(&name("meet")).await.expect("closed");
    bob.until("the end", |s| s.closed).await;
    assert!(!world.media.is_open(&name("meet")));
}

async fn a_name_is_the_products_to_give(by: Connections) {
    let (world, ada, bob) = meeting(by, Permits::NONE).await;
    world.media.rename(&name("meet"), &who("ada"), "Ada L.").await.expect("renamed");
    bob.until("the new name", |s| s.people.get("ada").is_some_and(|p| p.name == "Ada L.")).await;
    drop(ada);
}

async fn a_permit_can_come_and_go_on_the_same_lines(by: Connections) {
    let (world, ada, bob) = meeting(by, Permits::NONE).await;
    // More turns than bob has lines for pictures.
    for turn in 0..5u64 {
        let (on, off) = (Epoch(2 + 2 * turn), Epoch(3 + 2 * turn));
        world.media.permit(&name("meet"), &who("ada"), Permits::CAMERA, on).await.expect("opened");
        let cid = format!("cam{turn}");
        let picture = ada.stream(&cid, Kind::Video, CAMERA).await;
        bob.let_flow(&picture, 60).await;
        world.media.permit(&name("meet"), &who("ada"), Permits::NONE, off).await.expect("shut");
        let before = world.forwarded("meet", "ada", Source::Camera).await;
        bob.until("the end of the track", |s| s.people["ada"].tracks.is_empty()).await;
        assert_eq!(world.forwarded("meet", "ada", Source::Camera).await, before);
        ada.set_streaming(&cid, false);
    }
}

async fn what_the_server_mutes_is_not_forwarded_though_its_client_goes_on_sending(by: Connections) {
    let (world, ada, bob) = meeting(by, Permits::CAMERA | Permits::SCREEN | Permits::MICROPHONE).await;
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    let camera = ada.stream("cam", Kind::Video, CAMERA).await;
    let screen = ada.stream("screen", Kind::Video, SCREEN).await;
    for (track, source) in [(&camera, Source::Camera), (&screen, Source::Screen)] {
        bob.let_flow(track, 50).await;
        world.media.mute(&name("meet"), &who("ada"), source).await.expect("muted");
        ada.until("the order", |s| s.heard(|h| matches!(h, Hear::Mute(m) if m.sid == *track && m.muted))).await;
        bob.until("the mute", |s| s.people["ada"].tracks.iter().any(|t| t.sid == *track && t.muted)).await;
        let before = world.counted("meet", "ada", source).await;
        bob.let_flow(&sound, 200).await;
        let after = world.counted("meet", "ada", source).await;
        assert_eq!(after.forwarded, before.forwarded, "{source:?}");
        assert!(after.received > before.received, "it did go on sending: {after:?}");
    }
    // She alone takes it back.
    ada.mute(&screen, false);
    bob.let_flow(&screen, 50).await;
}

async fn the_sound_of_a_screen_goes_and_comes_with_the_permit_for_the_screen(by: Connections) {
    let (world, ada, bob) = meeting(by, Permits::MICROPHONE).await;
    ada.publish("early", Kind::Audio, SCREEN_SOUND);
    ada.until("the refusal", |s| s.heard(refused("early"))).await;
    world.media.permit(&name("meet"), &who("ada"), Permits::MICROPHONE | Permits::SCREEN, Epoch(2)).await.expect("on");
    let voice = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    let sound = ada.stream("tab", Kind::Audio, SCREEN_SOUND).await;
    bob.let_flow(&sound, 50).await;
    world.media.permit(&name("meet"), &who("ada"), Permits::MICROPHONE, Epoch(3)).await.expect("shut");
    let before = world.counted("meet", "ada", Source::ScreenAudio).await;
    bob.let_flow(&voice, 200).await;
    let after = world.counted("meet", "ada", Source::ScreenAudio).await;
    assert_eq!(after.forwarded, before.forwarded);
    assert!(after.refused_by_gate > before.refused_by_gate, "it did go on sending: {after:?}");
}

async fn of_several_screens_at_once_the_end_of_one_permit_ends_that_persons_alone(by: Connections) {
    let (world, ada, bob) = meeting(by, Permits::SCREEN).await;
    world.media.permit(&name("meet"), &who("bob"), Permits::SCREEN, Epoch(2)).await.expect("opened");
    let eve = world.admit("meet", "eve", Permits::NONE).await;
    let eve = world.join(&eve.token).await;
    let first = ada.stream("one", Kind::Video, SCREEN).await;
    let second = ada.stream("two", Kind::Video, SCREEN).await;
    let of_bob = bob.stream("three", Kind::Video, SCREEN).await;
    for screen in [&first, &second, &of_bob] {
        eve.let_flow(screen, 30).await;
    }
    world.media.permit(&name("meet"), &who("ada"), Permits::NONE, Epoch(2)).await.expect("shut");
    let before = world.counted("meet", "ada", Source::Screen).await;
    eve.let_flow(&of_bob, 200).await;
    let after = world.counted("meet", "ada", Source::Screen).await;
    assert_eq!(after.forwarded, before.forwarded);
    assert!(after.refused_by_gate > before.refused_by_gate, "it did go on sending: {after:?}");
    eve.until("the end of both", |s| s.people["ada"].tracks.is_empty() && s.people["bob"].tracks.len() == 1).await;
}
