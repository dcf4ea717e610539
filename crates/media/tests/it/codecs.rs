//! Each codec on its way from one who sends it to those who can decode it.

use kloud_livekit::proto::{
    AddTrackRequest, SubscriptionError, UpdateTrackSettings, VideoLayer, encryption, signal_request::Message as Say,
    signal_response::Message as Hear,
};
use kloud_load::{Client, Connections, Skills, asks_for};
use kloud_media::{Epoch, Permits, Source};
use kloud_sfu::{Codec, Codecs, Kind};

use crate::world::{World, by_one_and_two, name, who};

const CAMERA: i32 = 1;
const MICROPHONE: i32 = 2;

async fn able(world: &World, name: &str, skills: Skills) -> Client {
    world.join_able(&world.api_token("lab", name), skills).await
}

fn only(codecs: &[Codec]) -> Skills {
    Skills { codecs: codecs.iter().copied().collect::<Codecs>(), red: false }
}

fn refused(heard: &Hear, track: &str) -> bool {
    matches!(heard, Hear::SubscriptionResponse(r) if r.track_sid == track && r.err() == SubscriptionError::SeCodecUnsupported)
}

by_one_and_two!(
    sound_with_redundancy_has_no_gap_though_every_third_packet_is_lost,
    redundancy_carries_nothing_out_of_a_pause,
    without_consent_to_redundancy_it_is_not_agreed,
    each_codec_reaches_those_who_take_it_and_the_others_hear_that_they_do_not,
    of_a_layered_picture_each_viewer_gets_the_layer_of_its_tile,
    a_second_codec_is_asked_for_when_somebody_needs_it_and_comes_as_the_same_track,
    a_codec_that_was_not_promised_and_the_track_of_another_are_refused,
    a_permit_that_ends_stops_every_codec_of_a_track,
    a_track_that_names_no_codec_comes_in_the_one_its_line_has,
    what_holds_nothing_fills_no_line_up,
);

async fn sound_with_redundancy_has_no_gap_though_every_third_packet_is_lost(by: Connections) {
    let world = World::start_by(by).await;
    let ada = able(&world, "ada", Skills::ALL).await;
    let bob = able(&world, "bob", Skills::ALL).await;
    let eve = able(&world, "eve", only(&[Codec::Opus])).await;
    let sound = ada.coded("mic", MICROPHONE, &[Codec::Opus]).await;
    bob.let_flow(&sound, 20).await;
    bob.lose_one_in(3);
    bob.let_flow(&sound, 100).await;
    let (came, packets) = {
        let seen = bob.seen.lock().expect("unpoisoned");
        (seen.pieces[&sound].clone(), seen.packets[&sound])
    };
    let (first, last) = (*came.first().expect("one"), *came.last().expect("one"));
    let gaps: Vec<_> = (first..=last).filter(|n| !came.contains(n)).collect();
    assert!(gaps.is_empty(), "{gaps:?}");
    assert!(u64::from(last - first) >= packets + 30, "packets were lost: {packets} of {}", last - first);
    // One who cannot unwrap it gets the sound alone.
    eve.let_flow(&sound, 50).await;
    let seen = eve.seen.lock().expect("unpoisoned");
    assert_eq!((seen.repeats[&sound], seen.missing), (0, 0));
    assert_eq!(seen.codecs[&sound], Codec::Opus);
}

async fn redundancy_carries_nothing_out_of_a_pause(by: Connections) {
    let world = World::start_by(by).await;
    let ada = able(&world, "ada", Skills::ALL).await;
    let bob = able(&world, "bob", Skills::ALL).await;
    let sound = ada.coded("mic", MICROPHONE, &[Codec::Opus]).await;
    let picture = ada.coded("cam", CAMERA, &[Codec::H264]).await;
    bob.let_flow(&sound, 20).await;
    ada.mute(&sound, true);
    bob.until("the mute", |s| s.people["ada"].tracks.iter().any(|t| t.sid == sound && t.muted)).await;
    let forwarded = world.forwarded("lab", "ada", Source::Microphone).await;
    bob.let_flow(&picture, 30).await;
    assert_eq!(world.forwarded("lab", "ada", Source::Microphone).await, forwarded);
    let so_far = || {
        let seen = bob.seen.lock().expect("unpoisoned");
        (seen.packets[&sound], seen.pieces[&sound].len() as u64, *seen.pieces[&sound].last().expect("one"))
    };
    let (packets_before, pieces_before, before) = so_far();
    ada.mute(&sound, false);
    bob.let_flow(&sound, 20).await;
    let seen = bob.seen.lock().expect("unpoisoned");
    let after: Vec<_> = seen.pieces[&sound].range(before + 1..).copied().collect();
    assert_eq!(seen.missing, 0);
    let hole = after[0] - before;
    assert!(hole > 10, "she went on sending: {hole}");
    // The first packet after the pause is the first piece: the one it repeats was said in the pause.
    let packets = seen.packets[&sound] - packets_before;
    let pieces = seen.pieces[&sound].len() as u64 - pieces_before;
    assert!(packets >= pieces, "{packets} packets had {pieces} pieces");
}

async fn without_consent_to_redundancy_it_is_not_agreed(by: Connections) {
    let world = World::start_by(by).await;
    let ada = able(&world, "ada", Skills::ALL).await;
    let bob = able(&world, "bob", Skills::ALL).await;
    let plain = |cid| asks_for(cid, MICROPHONE, &[Codec::Opus]);
    let refused = AddTrackRequest { disable_red: true, ..plain("refused") };
    let encrypted = AddTrackRequest { encryption: encryption::Type::Gcm as i32, ..plain("encrypted") };
    for request in [refused, encrypted] {
        let cid = &*request.cid.clone();
        let sound = ada.begin_coded(cid, Codec::Opus, request).await;
        bob.until("the track", |s| s.people["ada"].tracks.iter().any(|t| t.sid == sound && t.disable_red)).await;
        let answers = |heard: &Hear| match heard {
            Hear::Answer(answer) if answer.mid_to_track_id.values().any(|t| *t == sound) => Some(answer.clone()),
            _ => None,
        };
        ada.until("the answer", |s| s.heard(|h| answers(h).is_some())).await;
        let answer = ada.seen.lock().expect("unpoisoned").heard.iter().rev().find_map(answers).expect("an answer");
        let (mid, _) = answer.mid_to_track_id.iter().find(|(_, t)| **t == sound).expect("its line");
        let section = answer.sdp.split("m=").find(|s| s.contains(&format!("a=mid:{mid}\r\n"))).expect("a section");
        assert!(!section.contains(" red/") && section.contains(" opus/"), "{cid}: {section}");
    }
}

async fn each_codec_reaches_those_who_take_it_and_the_others_hear_that_they_do_not(by: Connections) {
    let world = World::start_by(by).await;
    let ada = able(&world, "ada", Skills::ALL).await;
    let bob = able(&world, "bob", Skills::ALL).await;
    let eve = able(&world, "eve", only(&[Codec::Opus, Codec::Vp8])).await;
    for codec in [Codec::H264, Codec::Vp9, Codec::Av1] {
        let cid = format!("{codec:?}");
        let picture = ada.coded(&cid, CAMERA, &[codec]).await;
        bob.let_flow(&picture, 20).await;
        assert_eq!(bob.seen.lock().expect("unpoisoned").codecs[&picture], codec);
        eve.until("the refusal", |s| s.heard(|h| refused(h, &picture))).await;
        assert_eq!(eve.packets(&picture), 0);
    }
    // What she does take still comes.
    let plain = ada.stream("plain", Kind::Video, CAMERA).await;
    eve.let_flow(&plain, 20).await;
}

async fn of_a_layered_picture_each_viewer_gets_the_layer_of_its_tile(by: Connections) {
    let world = World::start_by(by).await;
    let ada = able(&world, "ada", Skills::ALL).await;
    let bob = able(&world, "bob", Skills::ALL).await;
    let picture = ada.coded("cam", CAMERA, &[Codec::Vp9]).await;
    let now = || {
        let seen = bob.seen.lock().expect("unpoisoned");
        (seen.layers.get(&picture).copied().unwrap_or_default(), seen.ends.get(&picture).copied().unwrap_or_default())
    };
    for (width, layer) in [(1_280u32, 2usize), (320, 0), (640, 1), (1_280, 2)] {
        bob.say(Say::TrackSetting(UpdateTrackSettings {
            track_sids: vec![picture.clone()],
            width,
            height: width * 9 / 16,
            ..Default::default()
        }));
        let (before, _) = now();
        let track = picture.clone();
        bob.until("the layer", |s| s.layers.get(&track).is_some_and(|l| l[layer] > before[layer] + 4)).await;
        // From here on only this layer comes, and its packets end the pictures.
        let (before, ended) = now();
        bob.let_flow(&picture, 20).await;
        let (after, ends) = now();
        let others = (0..4).filter(|n| *n != layer).map(|n| after[n] - before[n]).sum::<u64>();
        assert_eq!(others, 0, "{width}: {before:?} {after:?}");
        assert_eq!(ends[layer] - ended[layer], after[layer] - before[layer]);
    }
    assert_eq!(bob.seen.lock().expect("unpoisoned").missing, 0);
}

async fn a_second_codec_is_asked_for_when_somebody_needs_it_and_comes_as_the_same_track(by: Connections) {
    let world = World::start_by(by).await;
    let ada = able(&world, "ada", Skills::ALL).await;
    let bob = able(&world, "bob", Skills::ALL).await;
    let picture = ada.coded("cam", CAMERA, &[Codec::Vp9, Codec::H264]).await;
    bob.let_flow(&picture, 20).await;
    let wants = |heard: &Hear| match heard {
        Hear::SubscribedQualityUpdate(update) => {
            let on = |name: &str| {
                let named = update.subscribed_codecs.iter().filter(|c| c.codec == name);
                named.flat_map(|c| &c.qualities).any(|q| q.enabled)
            };
            on("vp9") && on("h264")
        }
        _ => false,
    };
    assert!(!ada.seen.lock().expect("unpoisoned").heard(wants), "nobody needs it");
    let eve = able(&world, "eve", only(&[Codec::Opus, Codec::H264])).await;
    ada.until("the wish", |s| s.heard(wants)).await;
    assert_eq!(ada.also("cam-2", CAMERA, Codec::H264, &picture).await, picture);
    eve.let_flow(&picture, 20).await;
    bob.let_flow(&picture, 20).await;
    let codec = |client: &Client| client.seen.lock().expect("unpoisoned").codecs[&picture];
    assert_eq!((codec(&eve), codec(&bob)), (Codec::H264, Codec::Vp9));
    let told = |p: &kloud_livekit::proto::ParticipantInfo| {
        p.tracks.len() == 1 && p.tracks[0].codecs.iter().all(|c| !c.mid.is_empty())
    };
    eve.until("both lines", |s| told(&s.people["ada"])).await;
}

async fn a_codec_that_was_not_promised_and_the_track_of_another_are_refused(by: Connections) {
    let world = World::start_by(by).await;
    let ada = able(&world, "ada", Skills::ALL).await;
    let bob = able(&world, "bob", Skills::ALL).await;
    let picture = ada.coded("cam", CAMERA, &[Codec::Vp9]).await;
    bob.let_flow(&picture, 20).await;
    for (client, codec) in [(&ada, Codec::H264), (&ada, Codec::Vp9), (&bob, Codec::Vp9)] {
        let before = client.seen.lock().expect("unpoisoned").heard.len();
        let request = AddTrackRequest { sid: picture.clone(), ..asks_for("cam-2", CAMERA, &[codec]) };
        client.say(Say::AddTrack(request));
        client.until("the refusal", |s| s.heard[before..].iter().any(|h| matches!(h, Hear::RequestResponse(_)))).await;
    }
    assert_eq!(bob.seen.lock().expect("unpoisoned").people["ada"].tracks.len(), 1);
}

async fn a_permit_that_ends_stops_every_codec_of_a_track(by: Connections) {
    let world = World::start_by(by).await;
    world.media.open_room(&name("meet")).expect("opened");
    let mut all = Vec::new();
    for (who, skills) in [("ada", Skills::ALL), ("bob", Skills::ALL), ("eve", only(&[Codec::Opus, Codec::H264]))] {
        let ticket = world.admit("meet", who, Permits::CAMERA | Permits::MICROPHONE).await;
        all.push(world.join_able(&ticket.token, skills).await);
    }
    let [ada, bob, eve] = &all[..] else { unreachable!("three came") };
    let sound = ada.coded("mic", MICROPHONE, &[Codec::Opus]).await;
    let picture = ada.coded("cam", CAMERA, &[Codec::Av1, Codec::H264]).await;
    bob.let_flow(&picture, 20).await;
    assert_eq!(ada.also("cam-2", CAMERA, Codec::H264, &picture).await, picture);
    eve.let_flow(&picture, 20).await;

    world.media.permit(&name("meet"), &who("ada"), Permits::MICROPHONE, Epoch(2)).await.expect("shut");
    let before = world.counted("meet", "ada", Source::Camera).await;
    // The client goes on sending both.
    bob.let_flow(&sound, 200).await;
    eve.let_flow(&sound, 20).await;
    let after = world.counted("meet", "ada", Source::Camera).await;
    assert_eq!(after.forwarded, before.forwarded);
    world.until_refused("meet", "ada", Source::Camera, before.refused_by_gate + 20).await;
    for client in [bob, eve] {
        client.until("the end of the track", |s| s.people["ada"].tracks.iter().all(|t| t.sid != picture)).await;
    }
}

async fn a_track_that_names_no_codec_comes_in_the_one_its_line_has(by: Connections) {
    let world = World::start_by(by).await;
    let ada = able(&world, "ada", only(&[Codec::Opus, Codec::H264])).await;
    let bob = able(&world, "bob", Skills::ALL).await;
    let request = AddTrackRequest { simulcast_codecs: Vec::new(), ..asks_for("cam", CAMERA, &[Codec::H264]) };
    let picture = ada.begin_coded("cam", Codec::H264, request).await;
    bob.let_flow(&picture, 20).await;
    let seen = bob.seen.lock().expect("unpoisoned");
    assert_eq!((seen.codecs[&picture], &*seen.people["ada"].tracks[0].mime_type), (Codec::H264, "video/h264"));
}

/// The stack fills a line up with what it sends again, until that is as many bytes as it wants; the smallest picture at
/// once.
async fn what_holds_nothing_fills_no_line_up(by: Connections) {
    let world = World::start_by(by).await;
    let ada = able(&world, "ada", Skills::ALL).await;
    let bob = able(&world, "bob", Skills::ALL).await;
    let mut request = asks_for("cam", CAMERA, &[Codec::H264]);
    let sizes = [(0, 320), (2, 1_280)];
    let layer = |(quality, width)| VideoLayer { quality, width, height: width * 9 / 16, ..VideoLayer::default() };
    request.simulcast_codecs[0].layers = sizes.map(layer).to_vec();
    let picture = ada.begin_coded("cam", Codec::H264, request).await;
    bob.let_flow(&picture, 1).await;
    bob.say(Say::TrackSetting(UpdateTrackSettings {
        track_sids: vec![picture.clone()],
        width: 320,
        height: 180,
        ..UpdateTrackSettings::default()
    }));
    let before = bob.seen.lock().expect("unpoisoned").rtp;
    bob.let_flow(&picture, 200).await;
    let came = bob.seen.lock().expect("unpoisoned").rtp - before;
    assert!(came < 15 * 200, "{came} packets for 200");
}
