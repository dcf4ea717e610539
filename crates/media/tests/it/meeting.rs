//! People meet: they come, publish, see each other, come again, leave.

use std::time::Duration;

use futures::StreamExt;
use kloud_livekit::proto::leave_request::Action;
use kloud_livekit::proto::participant_info::State;
use kloud_livekit::proto::{
    ConnectionQuality, DisconnectReason, ParticipantInfo, SignalResponse, signal_response::Message as Hear,
};
use kloud_media::{Happened, Patience, Source};
use kloud_sfu::Kind;
use prost::Message as _;

use crate::world::{World, by_one_and_two, name, who};
use kloud_load::{Client, Connections, Seen, Socket};

const CAMERA: i32 = 1;
const MICROPHONE: i32 = 2;

by_one_and_two!(
    sound_and_pictures_are_forwarded,
    what_is_muted_is_not_forwarded_though_its_client_goes_on_sending,
    messages_reach_those_they_are_for_under_the_true_name,
    the_same_identity_comes_in_once,
    a_session_is_resumed_only_by_its_own_sid,
    a_bad_connection_is_told_to_all_and_none_is_praised_unmeasured,
    one_who_changes_networks_is_followed_at_once,
    the_product_hears_what_happens,
    who_leaves_is_gone_for_all,
    one_who_comes_back_by_a_new_session_is_there_once,
);

async fn sound_and_pictures_are_forwarded(by: Connections) {
    let world = World::start_by(by).await;
    let ada = world.join(&world.api_token("lab", "ada")).await;
    let bob = world.join(&world.api_token("lab", "bob")).await;
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    let picture = ada.stream("cam", Kind::Video, CAMERA).await;
    bob.let_flow(&sound, 50).await;
    bob.let_flow(&picture, 50).await;
    // One who comes later gets both without being told twice.
    let eve = world.join(&world.api_token("lab", "eve")).await;
    eve.let_flow(&sound, 50).await;
    eve.let_flow(&picture, 50).await;
    assert!(world.forwarded("lab", "ada", Source::Camera).await >= 100);
    assert_eq!(ada.packets(&sound), 0, "nobody gets their own sound back");
}

async fn what_is_muted_is_not_forwarded_though_its_client_goes_on_sending(by: Connections) {
    let world = World::start_by(by).await;
    let ada = world.join(&world.api_token("lab", "ada")).await;
    let bob = world.join(&world.api_token("lab", "bob")).await;
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    let picture = ada.stream("cam", Kind::Video, CAMERA).await;
    bob.let_flow(&sound, 20).await;
    ada.mute(&sound, true);
    bob.until("the mute", |s| s.people["ada"].tracks.iter().any(|t| t.sid == sound && t.muted)).await;
    let before = world.forwarded("lab", "ada", Source::Microphone).await;
    bob.let_flow(&picture, 200).await;
    assert_eq!(world.forwarded("lab", "ada", Source::Microphone).await, before);
    ada.mute(&sound, false);
    bob.let_flow(&sound, 20).await;
}

async fn messages_reach_those_they_are_for_under_the_true_name(by: Connections) {
    let world = World::start_by(by).await;
    let ada = world.join(&world.api_token("lab", "ada")).await;
    let bob = world.join(&world.api_token("lab", "bob")).await;
    let eve = world.join(&world.api_token("lab", "eve")).await;
    ada.data(b"one", 1, &["bob"]);
    ada.data(b"one again", 1, &[]);
    ada.data(b"two", 2, &[]);
    eve.until("the second", |s| s.data.len() == 1).await;
    bob.until("both", |s| s.data.len() == 2).await;
    assert_eq!(eve.seen.lock().expect("unpoisoned").data, [("ada".to_owned(), b"two".to_vec())]);
    assert_eq!(bob.seen.lock().expect("unpoisoned").data[0], ("ada".to_owned(), b"one".to_vec()));
}

pub(crate) async fn said(socket: &mut Socket) -> Option<Hear> {
    let frame = socket.next().await.expect("a frame").expect("a frame").into_data();
    SignalResponse::decode(&frame[..]).expect("a response").message
}

async fn the_same_identity_comes_in_once(by: Connections) {
    let world = World::start_by(by).await;
    let first = world.join(&world.api_token("lab", "ada")).await;
    let second = world.join(&world.api_token("lab", "ada")).await;
    let replaced = |h: &Hear| matches!(h, Hear::Leave(l) if l.reason() == DisconnectReason::DuplicateIdentity);
    first.until("the end", |s| s.closed && s.heard(replaced)).await;
    // One that lost its connection before it read that does not get the place back by resuming, nor a reason to join anew.
    let sid = first.seen.lock().expect("unpoisoned").sid.clone();
    let mut late = world.resume(&world.api_token("lab", "ada"), &sid).await;
    let Some(Hear::Reconnect(_)) = said(&mut late).await else { panic!("it is let in to hear its end") };
    let Some(Hear::Leave(end)) = said(&mut late).await else { panic!("its end") };
    assert_eq!((end.reason(), end.action()), (DisconnectReason::DuplicateIdentity, Action::Disconnect));
    let bob = world.join(&world.api_token("lab", "bob")).await;
    assert_eq!(bob.seen.lock().expect("unpoisoned").people["ada"].sid, second.seen.lock().expect("unpoisoned").sid);
}

async fn a_session_is_resumed_only_by_its_own_sid(by: Connections) {
    let world = World::start_by(by).await;
    let token = world.api_token("lab", "ada");
    let ada = world.join(&token).await;
    let bob = world.join(&world.api_token("lab", "bob")).await;
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    bob.let_flow(&sound, 20).await;
    let sid = ada.seen.lock().expect("unpoisoned").sid.clone();
    for (claimed, resumed) in [("PA_somebody", false), (sid.as_str(), true)] {
        let mut socket = world.resume(&token, claimed).await;
        match said(&mut socket).await {
            Some(Hear::Reconnect(_)) => assert!(resumed),
            Some(Hear::Leave(leave)) => assert!(!resumed && leave.reason() == DisconnectReason::StateMismatch),
            other => panic!("{other:?}"),
        }
        bob.let_flow(&sound, 50).await;
    }
    ada.until("the old socket is closed", |s| s.closed).await;
}

/// The last that a client was told of another's connection.
fn quality_of(seen: &Seen, sid: &str) -> Option<ConnectionQuality> {
    let told = seen.heard.iter().rev().filter_map(|h| match h {
        Hear::ConnectionQuality(update) => update.updates.iter().rev().find(|u| u.participant_sid == sid),
        _ => None,
    });
    told.map(|line| line.quality()).next()
}

async fn a_bad_connection_is_told_to_all_and_none_is_praised_unmeasured(by: Connections) {
    let world = World::start_by(by).await;
    let ada = world.join(&world.api_token("lab", "ada")).await;
    let bob = world.join(&world.api_token("lab", "bob")).await;
    let sid = |c: &Client| c.seen.lock().expect("unpoisoned").sid.clone();
    let (at_ada, at_bob) = (sid(&ada), sid(&bob));
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    bob.let_flow(&sound, 20).await;
    let excellent = Some(ConnectionQuality::Excellent);
    bob.until("the measure of both", |s| quality_of(s, &at_ada) == excellent && quality_of(s, &at_bob) == excellent)
        .await;
    bob.lose_all_but_one_in(3);
    let poor = Some(ConnectionQuality::Poor);
    ada.until("the bad news", |s| quality_of(s, &at_bob) == poor).await;
    bob.until("the bad news", |s| quality_of(s, &at_bob) == poor).await;
    // Her own connection is as good as before, and one who comes later knows both before anything is measured anew.
    let eve = world.join(&world.api_token("lab", "eve")).await;
    eve.until("what was known", |s| quality_of(s, &at_ada) == excellent && quality_of(s, &at_bob) == poor).await;
    let first = |h: &Hear| matches!(h, Hear::ConnectionQuality(u) if u.updates.len() > 1);
    assert!(eve.seen.lock().expect("unpoisoned").heard(first));
}

async fn one_who_changes_networks_is_followed_at_once(by: Connections) {
    let world = World::start_by(by).await;
    let ada = world.join(&world.api_token("lab", "ada")).await;
    let bob = world.join(&world.api_token("lab", "bob")).await;
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    let echo = bob.stream("mic", Kind::Audio, MICROPHONE).await;
    bob.let_flow(&sound, 50).await;
    let began = tokio::time::Instant::now();
    bob.change_address();
    bob.let_flow(&sound, 100).await;
    ada.let_flow(&echo, 100).await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_join_at_once_over_one_port() {
    let world = World::start().await;
    let joins = (0..200).map(|n| {
        let token = world.api_token(&format!("lab-{}", n % 10), &format!("p{n}"));
        let http = world.http;
        tokio::spawn(async move { Client::join(http, &token).await })
    });
    let all = futures::future::join_all(joins).await;
    assert!(all.iter().all(Result::is_ok));
    let stats = world.media.stats(&name("lab-3")).await.expect("a room");
    assert_eq!(stats.participants.len(), 20);
}

async fn the_product_hears_what_happens(by: Connections) {
    let world = World::start_by(by).await;
    let mut events = world.media.events();
    let ada = world.join(&world.api_token("lab", "ada")).await;
    ada.stream("mic", Kind::Audio, MICROPHONE).await;
    let mut told = Vec::new();
    while told.last() != Some(&"empty") {
        let event = tokio::time::timeout(Duration::from_secs(20), events.recv()).await.expect("in time").expect("one");
        told.push(match event.happened {
            Happened::Joined { identity, .. } if identity == who("ada") => "joined",
            Happened::Published { source: Source::Microphone, .. } => "published",
            Happened::Left { .. } => "left",
            Happened::Empty => "empty",
            _ => continue,
        });
        if told.last() == Some(&"published") {
            ada.say(kloud_livekit::proto::signal_request::Message::Leave(Default::default()));
        }
    }
    assert_eq!(told, ["joined", "published", "left", "empty"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopping_server_tells_its_clients_to_come_again() {
    let world = World::start().await;
    let ada = Client::join(world.http, &world.api_token("lab", "ada")).await;
    world.media.shutdown().await;
    let stopped =
        |h: &Hear| matches!(h, Hear::Leave(l) if l.reason() == DisconnectReason::ServerShutdown && l.can_reconnect);
    ada.until("the goodbye", |s| s.closed && s.heard(stopped)).await;
    let refused = Client::begin(world.http, &world.api_token("lab", "bob")).await;
    assert!(refused.is_err());
}

async fn who_leaves_is_gone_for_all(by: Connections) {
    let world = World::start_by(by).await;
    let ada = world.join(&world.api_token("lab", "ada")).await;
    let bob = world.join(&world.api_token("lab", "bob")).await;
    bob.until("ada", |s| s.people.contains_key("ada")).await;
    ada.say(kloud_livekit::proto::signal_request::Message::Leave(Default::default()));
    bob.until("the end", |s| s.people["ada"].state() == State::Disconnected).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_who_vanishes_without_a_word_is_gone_for_all() {
    let world = World::start_with(Patience { one_lost: Duration::from_secs(1), ..Patience::default() }).await;
    let ada = Client::join(world.http, &world.api_token("lab", "ada")).await;
    let bob = Client::join(world.http, &world.api_token("lab", "bob")).await;
    bob.until("ada", |s| s.people.contains_key("ada")).await;
    ada.hang_up();
    bob.until("the end", |s| s.people["ada"].state() == State::Disconnected).await;
    let lost = |p: &ParticipantInfo| p.disconnect_reason() == DisconnectReason::ConnectionTimeout;
    assert!(lost(&bob.seen.lock().expect("unpoisoned").people["ada"]));
}

/// Every stay of one identity that others were shown and that has not ended for them.
fn stays(seen: &Seen, identity: &str) -> usize {
    let mut open = std::collections::BTreeSet::new();
    for info in seen.heard.iter().flat_map(|h| match h {
        Hear::Join(join) => &join.other_participants[..],
        Hear::Update(update) => &update.participants[..],
        _ => &[],
    }) {
        match info.state() {
            _ if info.identity != identity => false,
            State::Disconnected => open.remove(&info.sid),
            _ => open.insert(info.sid.clone()),
        };
    }
    open.len()
}

async fn one_who_comes_back_by_a_new_session_is_there_once(by: Connections) {
    let world = World::start_by(by).await;
    let bob = world.join(&world.api_token("lab", "bob")).await;
    let token = world.api_token("lab", "ada");
    for round in 0..4 {
        let ada = world.join(&token).await;
        let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
        bob.let_flow(&sound, 30).await;
        bob.until("one ada with one track", |s| stays(s, "ada") == 1 && s.people["ada"].tracks.len() == 1).await;
        let eve = world.join(&world.api_token("lab", &format!("eve-{round}"))).await;
        eve.let_flow(&sound, 30).await;
        assert_eq!(stays(&eve.seen.lock().expect("unpoisoned"), "ada"), 1);
        // Without a word, as after a fall of the network: the server thinks that the old session still lives.
        ada.hang_up();
    }
    assert_eq!(world.media.stats(&name("lab")).await.expect("a room").participants.len(), 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_api_room_without_anybody_is_closed() {
    let world = World::start_with(Patience { departure: Duration::from_millis(100), ..Patience::default() }).await;
    let mut events = world.media.events();
    let ada = Client::join(world.http, &world.api_token("lab", "ada")).await;
    ada.say(kloud_livekit::proto::signal_request::Message::Leave(Default::default()));
    let closed = async {
        loop {
            if events.recv().await.expect("an event").happened == Happened::Closed {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), closed).await.expect("in time");
    assert!(world.media.stats(&name("lab")).await.is_err());
}
