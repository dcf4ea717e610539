//! What load clients send is what a browser would send, and they take what a page would take.

use std::time::Duration;

use kloud_load::{Client, Grid};

use kloud_livekit::proto::{UpdateTrackSettings, signal_request::Message as Say, signal_response::Message as Hear};

use crate::world::World;

/// So small that the smallest picture fills it.
const SMALL: Grid = Grid { tiles: 2, width: 224, height: 126 };

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_hear_and_see_each_other_without_a_hole() {
    let world = World::start().await;
    let mut all = Vec::new();
    for name in ["ada", "bob", "eve"] {
        let client = Client::join_with(world.http, &world.api_token("lab", name), SMALL).await;
        let tracks = [client.camera("camera").await, client.voice("voice").await];
        client.speak("voice", true);
        all.push((client, tracks));
    }
    for (viewer, own) in &all {
        for (_, [picture, sound]) in all.iter().filter(|(_, tracks)| tracks != own) {
            viewer.until("a keyframe first", |s| s.keyframes.get(picture).is_some_and(|count| *count > 0)).await;
            viewer.let_flow(picture, 20).await;
            viewer.let_flow(sound, 20).await;
            viewer.until("somebody else who speaks", |s| !s.speakers().is_empty()).await;
        }
        assert_eq!(viewer.seen.lock().expect("unpoisoned").missing, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_picture_begins_anew_when_it_is_asked_for() {
    let world = World::start().await;
    let ada = Client::join_with(world.http, &world.api_token("lab", "ada"), SMALL).await;
    let picture = ada.camera("camera").await;
    let bob = Client::join_with(world.http, &world.api_token("lab", "bob"), SMALL).await;
    bob.until("a picture", |s| s.keyframes.contains_key(&picture)).await;
    let restarts = ada.seen.lock().expect("unpoisoned").restarts;
    let keyframes = bob.seen.lock().expect("unpoisoned").keyframes[&picture];
    bob.ask_keyframe(&picture);
    ada.until("the request", |s| s.restarts > restarts).await;
    bob.until("the keyframe", |s| s.keyframes[&picture] > keyframes).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_layer_that_nobody_sees_is_not_sent_and_comes_back_with_the_wish() {
    let world = World::start().await;
    let ada = Client::join_with(world.http, &world.api_token("lab", "ada"), SMALL).await;
    let picture = ada.camera("camera").await;
    let bob = Client::join_with(world.http, &world.api_token("lab", "bob"), SMALL).await;
    let asked_for = |heard: &Hear, wanted: [bool; 3]| {
        let Hear::SubscribedQualityUpdate(update) = heard else { return false };
        update.subscribed_codecs[0].qualities.iter().map(|q| q.enabled).eq(wanted)
    };
    bob.until("a small picture", |s| s.widths.get(&picture) == Some(&320)).await;
    ada.until("only the small one", |s| s.heard(|h| asked_for(h, [true, false, false]))).await;
    let (width, height) = (1_280, 720);
    bob.say(Say::TrackSetting(UpdateTrackSettings {
        track_sids: vec![picture.clone()],
        width,
        height,
        ..Default::default()
    }));
    ada.until("all of them", |s| s.heard(|h| asked_for(h, [true; 3]))).await;
    bob.until("a large picture", |s| s.widths[&picture] == 1_280).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_nothing_is_sent_nothing_is_filled_up_and_what_follows_arrives_all_the_same() {
    let world = World::start().await;
    let ada = Client::join(world.http, &world.api_token("lab", "ada")).await;
    let bob = Client::join(world.http, &world.api_token("lab", "bob")).await;
    let picture = ada.camera("camera").await;
    bob.let_flow(&picture, 50).await;
    ada.set_streaming("camera", false);
    let silence = Duration::from_secs(2);
    bob.until("the silence", |s| s.rtp_at.is_some_and(|at| at.elapsed() > silence)).await;
    ada.set_streaming("camera", true);
    bob.let_flow(&picture, 50).await;
}
