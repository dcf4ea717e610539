//! What only clients with two connections see: the server offers.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use kloud_livekit::VideoGrant;
use kloud_livekit::proto::leave_request::Action;
use kloud_livekit::proto::{
    LeaveRequest, SessionDescription, SignalRequest, SignalResponse, UpdateSubscription,
    signal_request::Message as Say, signal_response::Message as Hear,
};
use kloud_load::{Client, Connections, Seen, Socket, connect, connect_two};
use kloud_media::Patience;
use kloud_sfu::Kind;
use prost::Message as _;
use tokio_tungstenite::tungstenite::Message;

use crate::world::{World, all_meet};

const MICROPHONE: i32 = 2;
const CAMERA: i32 = 1;

fn offers(seen: &Seen) -> Vec<&SessionDescription> {
    seen.heard.iter().filter_map(|h| if let Hear::Offer(offer) = h { Some(offer) } else { None }).collect()
}

fn ice_name(offer: &SessionDescription) -> String {
    offer.sdp.lines().find(|l| l.starts_with("a=ice-ufrag:")).expect("a name").to_owned()
}

/// Listens until something fits.
async fn until<T>(socket: &mut Socket, fits: impl Fn(Hear) -> Option<T>) -> T {
    let wait = async {
        loop {
            let frame = socket.next().await.expect("a frame").expect("a frame").into_data();
            let said = SignalResponse::decode(&frame[..]).expect("a response").message;
            if let Some(found) = said.and_then(&fits) {
                return found;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), wait).await.expect("in time")
}

fn offer(said: Hear) -> Option<SessionDescription> {
    if let Hear::Offer(offer) = said { Some(offer) } else { None }
}

fn leave(said: Hear) -> Option<LeaveRequest> {
    if let Hear::Leave(leave) = said { Some(leave) } else { None }
}

async fn say(socket: &mut Socket, say: Say) {
    let bytes = SignalRequest { message: Some(say) }.encode_to_vec();
    socket.send(Message::Binary(bytes.into())).await.expect("sent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_of_one_connection_and_of_two_meet() {
    let world = World::start().await;
    let ada = Client::join_by(Connections::Two, world.http, &world.api_token("lab", "ada")).await;
    let bob = Client::join_by(Connections::One, world.http, &world.api_token("lab", "bob")).await;
    let eve = Client::join_by(Connections::Two, world.http, &world.api_token("lab", "eve")).await;
    all_meet(&ada, &bob, &eve).await;
    bob.data(b"welcome", 1, &["ada"]);
    ada.until("the word of bob", |s| s.data.len() == 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_meeting_of_changes_does_not_grow_the_lines() {
    let world = World::start().await;
    let ada = Client::join(world.http, &world.api_token("lab", "ada")).await;
    let bob = Client::join_by(Connections::Two, world.http, &world.api_token("lab", "bob")).await;
    let picture = ada.stream("cam", Kind::Video, CAMERA).await;
    bob.let_flow(&picture, 20).await;
    for _ in 0..20 {
        for subscribe in [false, true] {
            bob.say(Say::Subscription(UpdateSubscription {
                track_sids: vec![picture.clone()],
                subscribe,
                ..Default::default()
            }));
            let shown = |offer: &&SessionDescription| !offer.mid_to_track_id.is_empty();
            bob.until("the next offer", |s| offers(s).last().is_some_and(shown) == subscribe).await;
        }
        bob.let_flow(&picture, 20).await;
    }
    let seen = bob.seen.lock().expect("unpoisoned");
    let all = offers(&seen);
    // As many as are made for one track, and no more.
    assert!(all.len() > 30 && all.last().expect("an offer").sdp.matches("\r\nm=video").count() <= 4, "{}", all.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_who_comes_back_is_offered_what_it_missed_and_a_restart() {
    let world = World::start_by(Connections::Two).await;
    let token = world.api_token("lab", "ada");
    let ada = world.join(&token).await;
    let (sid, first) = {
        let seen = ada.seen.lock().expect("unpoisoned");
        (seen.sid.clone(), offers(&seen).last().copied().cloned().expect("an offer"))
    };
    let mut back = world.resume(&token, &sid).await;
    let restart = until(&mut back, offer).await;
    assert_ne!(ice_name(&restart), ice_name(&first));
    assert_eq!(restart.id, first.id + 1);
    // The line breaks before the answer: the same is offered again, because the client may have taken it on.
    let mut again = world.resume(&token, &sid).await;
    let same = until(&mut again, offer).await;
    assert_eq!((same.sdp, same.id), (restart.sdp, restart.id + 1));
    // By the other way it is nobody.
    let one = connect(world.http, &token, None, |join| (join.reconnect, join.participant_sid) = (true, sid.clone()));
    assert_eq!(until(&mut one.await.expect("a socket"), leave).await.action(), Action::Reconnect);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_offer_without_an_answer_or_with_nonsense_ends_its_client_alone() {
    let patience = Patience { answer: Duration::from_millis(500), ..Patience::default() };
    let world = World::start_with(patience).await;
    let ada = Client::join_by(Connections::Two, world.http, &world.api_token("lab", "ada")).await;
    let bob = Client::join_by(Connections::Two, world.http, &world.api_token("lab", "bob")).await;
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    for (name, answer) in [("mute", None), ("mad", Some("nonsense".to_owned())), ("odd", Some(String::new()))] {
        let mut socket = connect_two(world.http, &world.api_token("lab", name), "").await.expect("a socket");
        let offered = until(&mut socket, offer).await;
        if let Some(sdp) = answer {
            // Readable, and no answer to what was offered.
            let sdp = if sdp.is_empty() { offered.sdp.replace("a=mid:", "a=mid:x") } else { sdp };
            say(&mut socket, Say::Answer(SessionDescription { sdp, id: offered.id, ..Default::default() })).await;
        }
        assert_eq!(until(&mut socket, leave).await.action(), Action::Reconnect, "{name}");
        bob.let_flow(&sound, 20).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_who_only_sends_is_offered_nothing() {
    let world = World::start().await;
    let bob = Client::join(world.http, &world.api_token("lab", "bob")).await;
    let video = VideoGrant { room_join: true, room: "lab".into(), can_subscribe: Some(false), ..Default::default() };
    let ada = Client::begin_by(Connections::Two, world.http, &world.token_with("ada", video)).await.expect("a socket");
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    bob.let_flow(&sound, 50).await;
    // It has one connection, and by that it is there and hears.
    let here = |s: &Seen| s.people.get("ada").is_some_and(|p| p.state == 2);
    bob.until("her who is active", here).await;
    bob.data(b"hello", 1, &["ada"]);
    ada.until("the word of bob", |s| s.data.len() == 1).await;
    let seen = ada.seen.lock().expect("unpoisoned");
    assert!(offers(&seen).is_empty() && seen.heard(|h| matches!(h, Hear::Join(j) if !j.subscriber_primary)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_who_sends_from_a_second_place_too_stays_at_the_first() {
    let world = World::start().await;
    let ada = Client::join_by(Connections::Two, world.http, &world.api_token("lab", "ada")).await;
    let bob = Client::join_by(Connections::Two, world.http, &world.api_token("lab", "bob")).await;
    let token = world.api_token("lab", "ada");
    let mut screen = connect_two(world.http, &token, "&publish=screen").await.expect("a socket");
    let join = until(&mut screen, |said| if let Hear::Join(join) = said { Some(join) } else { None }).await;
    let place = join.participant.expect("a participant");
    let may = place.permission.map(|permission| (permission.can_publish, permission.can_subscribe));
    assert_eq!((&*place.identity, may), ("ada#screen", Some((true, false))));
    assert!(join.other_participants.iter().any(|other| other.identity == "ada"));
    let sound = bob.stream("mic", Kind::Audio, MICROPHONE).await;
    ada.let_flow(&sound, 20).await;
}
