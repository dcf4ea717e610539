//! Joining, roles, withdrawal, removal and the end, with the media of this process and with that of a cluster: the same
//! tests for both. Then what only a cluster can do: not answer, refuse the key, and say what happens by webhooks.

mod doctor;
mod world;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use kloud_base::{Clock as _, Timestamp};
use kloud_livekit::proto::request_response::Reason;
use kloud_livekit::proto::{Room, signal_response::Message as Hear};
use kloud_livekit::{HookEvent, webhook_body, webhook_token};
use kloud_sfu::Kind;
use kloud_testkit::{Engine, ManualClock, fresh};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::support::{Person, TestApp, text};
use world::{KEY, Port, SECRET, World, until};

const CAMERA: i32 = 1;
const MICROPHONE: i32 = 2;
const SCREEN: i32 = 3;

macro_rules! both_carriers {
    ($(async fn $name:ident($world:ident: World) $body:block)*) => {
        $(
            mod $name {
                use super::*;

                async fn run($world: World) $body

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn embedded() {
                    run(World::embedded().await).await;
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn cluster() {
                    run(World::cluster().await).await;
                }
            }
        )*
    };
}

both_carriers! {
    async fn people_hear_and_see_each_other(world: World) {
        let (guest, seat) = world.join("Omar").await;
        let (first, second) = (world.connect(&world.seat).await, world.connect(&seat).await);
        world.device(&guest, "microphone", true).await.expect(StatusCode::OK);
        world.device(&world.host, "camera", true).await.expect(StatusCode::OK);
        let sound = second.stream("mic", Kind::Audio, MICROPHONE).await;
        let picture = first.stream("cam", Kind::Video, CAMERA).await;
        first.let_flow(&sound, 50).await;
        second.let_flow(&picture, 20).await;
        // On the wire people are members, and nothing of an account.
        let identity = text(&seat, "identity").to_owned();
        first.until("the guest", |s| s.people.get(&identity).is_some_and(|one| one.name == "Omar")).await;
        assert_eq!(world.inside().await, 2);
        world.close().await;
    }

    async fn whoever_may_not_send_is_refused(world: World) {
        let (guest, seat) = world.join("Omar").await;
        let (first, second) = (world.connect(&world.seat).await, world.connect(&seat).await);
        let marker = Marker::begin(&world).await;
        // Off until its person says yes.
        second.publish("early", Kind::Video, CAMERA);
        second.until("the refusal", refused(1)).await;
        world.device(&guest, "camera", true).await.expect(StatusCode::OK);
        let picture = second.stream("cam", Kind::Video, CAMERA).await;
        first.let_flow(&picture, 20).await;
        // A viewer sends nothing, not even with a client that goes on.
        world.act(Method::PUT, &seat, "role", json!({ "role": "viewer" })).await;
        marker.outlasts(&first, &picture).await;
        world.device(&guest, "camera", true).await.problem(StatusCode::FORBIDDEN, "not_allowed");
        second.publish("late", Kind::Video, CAMERA);
        second.until("the refusal", refused(2)).await;
        second.data(b"a word", 1, &[]);
        // And a client that comes again is held to the same.
        let seat = world.get(&guest, "/seat").await;
        let again = world.connect(&seat).await;
        again.publish("again", Kind::Audio, MICROPHONE);
        again.until("the refusal", refused(1)).await;
        assert!(first.seen.lock().unwrap().data.is_empty());
        world.close().await;
    }

    async fn what_is_taken_back_is_forwarded_no_more(world: World) {
        let (guest, seat) = world.join("Omar").await;
        let (first, second) = (world.connect(&world.seat).await, world.connect(&seat).await);
        let marker = Marker::begin(&world).await;
        for device in ["camera", "microphone"] {
            world.device(&guest, device, true).await.expect(StatusCode::OK);
        }
        let sound = second.stream("mic", Kind::Audio, MICROPHONE).await;
        let picture = second.stream("cam", Kind::Video, CAMERA).await;
        first.let_flow(&sound, 20).await;
        first.let_flow(&picture, 20).await;
        world.device(&guest, "camera", false).await.expect(StatusCode::OK);
        marker.outlasts(&first, &picture).await;
        first.let_flow(&sound, 20).await;
        // Under Me it is the same.
        let off = json!({ "state": "off" });
        let path = "/api/me/permissions/microphone";
        let answer = world.app.ask(&mut guest.clone(), Method::PUT, path, Some(off)).await;
        assert!(matches!(answer.status, StatusCode::OK | StatusCode::UNAUTHORIZED), "{}", answer.body);
        world.device(&guest, "microphone", false).await.expect(StatusCode::OK);
        marker.outlasts(&first, &sound).await;
        world.close().await;
    }

    async fn a_way_in_that_is_older_than_a_withdrawal_brings_nothing_back(world: World) {
        let (guest, seat) = world.join("Omar").await;
        let first = world.connect(&world.seat).await;
        world.device(&guest, "camera", true).await.expect(StatusCode::OK);
        let seat_then = world.get(&guest, "/seat").await;
        world.device(&guest, "camera", false).await.expect(StatusCode::OK);
        let second = world.connect(&seat_then).await;
        let identity = text(&seat, "identity").to_owned();
        first.until("permitted nothing but words", |s| {
            let held = s.people.get(&identity).and_then(|one| one.permission.clone());
            held.is_some_and(|held| !held.can_publish && held.can_publish_data)
        }).await;
        second.publish("cam", Kind::Video, CAMERA);
        second.until("the refusal", refused(1)).await;
        world.close().await;
    }

    async fn a_host_silences_one_until_they_speak_again(world: World) {
        let (guest, seat) = world.join("Omar").await;
        let (first, second) = (world.connect(&world.seat).await, world.connect(&seat).await);
        let marker = Marker::begin(&world).await;
        world.device(&guest, "microphone", true).await.expect(StatusCode::OK);
        let sound = second.stream("mic", Kind::Audio, MICROPHONE).await;
        first.let_flow(&sound, 20).await;
        world.act(Method::POST, &seat, "stop", json!({ "source": "microphone", "stay": false })).await;
        second.until("the word to be silent", |s| s.heard(|h| matches!(h, Hear::Mute(m) if m.sid == sound && m.muted))).await;
        marker.outlasts(&first, &sound).await;
        second.mute(&sound, false);
        first.let_flow(&sound, 20).await;
        world.close().await;
    }

    async fn who_is_put_out_stays_out_with_the_way_in_they_had(world: World) {
        let (_guest, seat) = world.join("Omar").await;
        let (first, second) = (world.connect(&world.seat).await, world.connect(&seat).await);
        world.act(Method::POST, &seat, "remove", json!({})).await;
        second.until("the end", |s| s.closed).await;
        let again = kloud_load::Client::begin(world.media_at(), text(&seat["media"], "token")).await;
        if let Ok(again) = again {
            again.until("the end again", |s| s.closed).await;
        }
        assert_eq!(world.inside().await, 1);
        // Nobody else is touched.
        world.device(&world.host, "microphone", true).await.expect(StatusCode::OK);
        let (_other, seat) = world.join("Maya").await;
        let third = world.connect(&seat).await;
        let sound = first.stream("mic", Kind::Audio, MICROPHONE).await;
        third.let_flow(&sound, 20).await;
        world.close().await;
    }

    async fn the_end_for_all_ends_the_room(world: World) {
        let (_guest, seat) = world.join("Omar").await;
        let (first, second) = (world.connect(&world.seat).await, world.connect(&seat).await);
        world.ask(&world.host, Method::POST, "/end", None).await.expect(StatusCode::NO_CONTENT);
        first.until("the end", |s| s.closed).await;
        second.until("the end", |s| s.closed).await;
        let late = world.ask(&Person::default(), Method::POST, "/join", Some(json!({ "name": "Late" }))).await;
        late.problem(StatusCode::CONFLICT, "meeting_ended");
        // A way in from before leads nowhere, also where it makes a room of this name anew.
        if let Ok(again) = kloud_load::Client::begin(world.media_at(), text(&seat["media"], "token")).await {
            again.until("the end again", |s| s.closed).await;
        }
        if let Some(cluster) = &world.cluster {
            let room = text(&seat["media"], "room").to_owned();
            until("no room", async || (!cluster.has_room(&room).await).then_some(())).await;
        }
        world.close().await;
    }

    async fn who_leaves_and_who_shows_a_screen_is_known(world: World) {
        let (guest, seat) = world.join("Omar").await;
        let (_first, second) = (world.connect(&world.seat).await, world.connect(&seat).await);
        world.device(&guest, "screen", true).await.expect(StatusCode::OK);
        second.stream("screen", Kind::Video, SCREEN).await;
        let shares = async || world.get(&world.host, "/recap").await["shares"].as_array().unwrap().clone();
        let share = until("a share", async || shares().await.first().cloned()).await;
        assert_eq!((text(&share, "name"), &share["ended_at"]), ("Omar", &Value::Null));
        second.leave().await;
        until("one fewer", async || (world.inside().await == 1).then_some(())).await;
        let share = until("its end", async || shares().await.first().filter(|one| !one["ended_at"].is_null()).cloned()).await;
        assert_eq!(text(&share, "name"), "Omar");
        let recap = world.get(&world.host, "/recap").await;
        let left = recap["people"]["listed"].as_array().unwrap().iter().find(|one| one["name"] == "Omar").cloned();
        assert!(!left.expect("listed")["left_at"].is_null());
        world.close().await;
    }
}

/// So many times the server has said no.
fn refused(times: usize) -> impl Fn(&kloud_load::Seen) -> bool {
    let is_no = |h: &Hear| matches!(h, Hear::RequestResponse(r) if r.reason() == Reason::NotAllowed);
    move |seen| seen.heard.iter().filter(|h| is_no(h)).count() >= times
}

/// Something that flows all the time, by which it is told that something else does not.
struct Marker {
    _client: kloud_load::Client,
    track: String,
}

impl Marker {
    async fn begin(world: &World) -> Self {
        let (person, seat) = world.join("Marker").await;
        let client = world.connect(&seat).await;
        world.device(&person, "microphone", true).await.expect(StatusCode::OK);
        let track = client.stream("marker", Kind::Audio, MICROPHONE).await;
        Self { _client: client, track }
    }

    /// Within a second nothing more of a track arrives: 40 packets of sound take 800 ms.
    async fn outlasts(&self, at: &kloud_load::Client, track: &str) {
        at.let_flow(&self.track, 40).await;
        let before = at.packets(track);
        at.let_flow(&self.track, 200).await;
        assert_eq!(at.packets(track), before, "it still flows");
    }
}

/// A server whose media should be at this address, its host, and a meeting of theirs.
async fn alone(at: SocketAddr, secret: &str) -> (TestApp, Person, String) {
    let app = World::open(fresh(Engine::Sqlite).await, Arc::new(ManualClock::default()), at, secret, 1).await;
    let mut host = app.begin().await;
    let made = app.ask(&mut host, Method::POST, "/api/meetings", Some(json!({ "admission": "link" }))).await;
    let code = text(&made.expect(StatusCode::CREATED), "code").to_owned();
    (app, host, format!("/api/meetings/{code}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_the_cluster_does_not_know_lets_nobody_in() {
    let world = World::cluster().await;
    let (app, mut host, base) = alone(world.media_at(), "another-secret-of-32-characters-!").await;
    let answer = app.ask(&mut host, Method::POST, &format!("{base}/join"), Some(json!({}))).await;
    answer.problem(StatusCode::SERVICE_UNAVAILABLE, "media_unavailable");
    app.close().await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_cluster_is_silent_joining_says_so_and_what_was_taken_back_holds_when_it_is_back() {
    let mut world = World::cluster().await;
    let (guest, seat) = world.join("Omar").await;
    let (first, second) = (world.connect(&world.seat).await, world.connect(&seat).await);
    let marker = Marker::begin(&world).await;
    world.device(&guest, "camera", true).await.expect(StatusCode::OK);
    let picture = second.stream("cam", Kind::Video, CAMERA).await;
    first.let_flow(&picture, 20).await;

    world.cluster.as_mut().unwrap().fall_silent().await;
    let unavailable = (StatusCode::SERVICE_UNAVAILABLE, "media_unavailable");
    let join = world.ask(&Person::default(), Method::POST, "/join", Some(json!({ "name": "Late" }))).await;
    join.problem(unavailable.0, unavailable.1);
    // Nobody is told that it holds before it does.
    world.device(&guest, "camera", false).await.problem(unavailable.0, unavailable.1);

    world.cluster.as_mut().unwrap().serve().await;
    let identity = text(&seat, "identity").to_owned();
    first
        .until("permitted nothing but words", |s| {
            let held = s.people.get(&identity).and_then(|one| one.permission.clone());
            held.is_some_and(|held| !held.can_publish)
        })
        .await;
    marker.outlasts(&first, &picture).await;
    world.join("Late").await;
    // And the next word counts again.
    world.device(&guest, "camera", true).await.expect(StatusCode::OK);
    let picture = second.stream("again", Kind::Video, CAMERA).await;
    first.let_flow(&picture, 20).await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_begins_again_finds_its_people_and_holds_them_to_what_they_permit() {
    let world = World::cluster().await;
    let (guest, seat) = world.join("Omar").await;
    let (first, second) = (world.connect(&world.seat).await, world.connect(&seat).await);
    let marker = Marker::begin(&world).await;
    world.device(&guest, "camera", true).await.expect(StatusCode::OK);
    let picture = second.stream("cam", Kind::Video, CAMERA).await;
    let world = world.restart().await;
    first.let_flow(&picture, 20).await;
    assert_eq!(world.inside().await, 3);
    world.device(&guest, "camera", false).await.expect(StatusCode::OK);
    marker.outlasts(&first, &picture).await;
    second.leave().await;
    until("one fewer", async || (world.inside().await == 2).then_some(())).await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rooms_of_others_in_the_cluster_are_left_alone() {
    let world = World::cluster().await;
    let stand = world.cluster.as_ref().unwrap();
    let claims = kloud_livekit::Claims {
        iss: KEY.into(),
        sub: "ada".into(),
        exp: Some(stand.app.clock.now().as_millis() / 1000 + 600),
        video: kloud_livekit::VideoGrant { room_join: true, room: "lab".into(), ..Default::default() },
        ..Default::default()
    };
    let ada = kloud_load::Client::join(stand.port.address, &kloud_livekit::sign(&claims, SECRET.as_bytes())).await;
    let (_guest, seat) = world.join("Omar").await;
    let (_first, second) = (world.connect(&world.seat).await, world.connect(&seat).await);
    second.leave().await;
    until("one fewer", async || (world.inside().await == 1).then_some(())).await;
    world.ask(&world.host, Method::POST, "/end", None).await.expect(StatusCode::NO_CONTENT);
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    let claims = kloud_livekit::Claims { sub: "bob".into(), ..claims };
    let bob = kloud_load::Client::join(stand.port.address, &kloud_livekit::sign(&claims, SECRET.as_bytes())).await;
    bob.let_flow(&sound, 20).await;
    assert!(stand.has_room("lab").await);
    world.close().await;
}

/// Delivers to the webhook of a server.
async fn deliver(app: &TestApp, token: &str, body: Vec<u8>) -> StatusCode {
    let request = Request::post("/media/livekit/webhook").header(header::CONTENT_TYPE, "application/webhook+json");
    let request = if token.is_empty() { request } else { request.header(header::AUTHORIZATION, token) };
    app.app.router().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap().status()
}

fn event(id: &str, now: Timestamp) -> Vec<u8> {
    webhook_body(HookEvent::RoomStarted, Room { name: "lab".into(), ..Room::default() }, id.into(), now, 0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_cluster_is_heard_and_only_to_its_measure() {
    let (app, ..) = alone(Port::take().await.address, SECRET).await;
    let now = app.clock.now();
    let body = event("EV_1", now);
    let signed = |body: &[u8]| webhook_token(KEY, SECRET.as_bytes(), body, now);
    assert_eq!(deliver(&app, "", body.clone()).await, StatusCode::UNAUTHORIZED);
    assert_eq!(deliver(&app, "no token", body.clone()).await, StatusCode::UNAUTHORIZED);
    let guessed = webhook_token(KEY, b"a-guess-of-at-least-32-characters", &body, now);
    assert_eq!(deliver(&app, &guessed, body.clone()).await, StatusCode::UNAUTHORIZED);
    let of_another = webhook_token("another", SECRET.as_bytes(), &body, now);
    assert_eq!(deliver(&app, &of_another, body.clone()).await, StatusCode::UNAUTHORIZED);
    assert_eq!(deliver(&app, &signed(b"{}"), body.clone()).await, StatusCode::UNAUTHORIZED, "another body's");
    let large = vec![b' '; 300 * 1024];
    assert_eq!(deliver(&app, &signed(&large), large.clone()).await, StatusCode::PAYLOAD_TOO_LARGE);
    let noise = b"no JSON".to_vec();
    assert_eq!(deliver(&app, &signed(&noise), noise.clone()).await, StatusCode::BAD_REQUEST);
    assert_eq!(deliver(&app, &signed(&body), body.clone()).await, StatusCode::OK);
    assert_eq!(deliver(&app, &signed(&body), body.clone()).await, StatusCode::OK, "told twice");
    app.clock.advance(10 * 60 * 1000);
    assert_eq!(deliver(&app, &signed(&body), body).await, StatusCode::UNAUTHORIZED, "told much later");
    app.close().await;
    // Where no cluster carries the media there is nobody to be heard.
    let (app, _) = TestApp::set_up(fresh(Engine::Sqlite).await).await;
    let body = event("EV_1", app.clock.now());
    let token = webhook_token(KEY, SECRET.as_bytes(), &body, app.clock.now());
    assert!(deliver(&app, &token, body).await.is_client_error());
    app.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_are_told_where_sound_and_picture_go() {
    let at = Port::take().await.address;
    let (app, mut host, base) = alone(at, SECRET).await;
    let door = app.ask(&mut host, Method::GET, &format!("{base}/door"), None).await.expect(StatusCode::OK);
    assert_eq!(door["media_elsewhere"], "127.0.0.1");
    let page = Request::get("/m/abc").body(Body::empty()).unwrap();
    let page = app.app.router().oneshot(page).await.unwrap();
    let policy = page.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
    assert!(policy.contains(&format!("connect-src 'self' ws://{0} http://{0};", at)), "{policy}");
    app.close().await;
    let (app, mut host) = TestApp::set_up(fresh(Engine::Sqlite).await).await;
    let made = app.ask(&mut host, Method::POST, "/api/meetings", Some(json!({ "admission": "link" }))).await;
    let door = format!("/api/meetings/{}/door", text(&made.expect(StatusCode::CREATED), "code"));
    let door = app.ask(&mut host, Method::GET, &door, None).await.expect(StatusCode::OK);
    assert_eq!(door["media_elsewhere"], Value::Null);
    app.close().await;
}
