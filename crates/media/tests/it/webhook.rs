//! An application hears what happens in its rooms: in order, signed, and without anybody waiting for it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::{SinkExt, StreamExt};
use kloud_livekit::proto::{
    SignalRequest, SignalResponse, signal_request::Message as Say, signal_response::Message as Hear,
};
use kloud_livekit::verify;
use kloud_load::{Client, connect};
use kloud_media::{MediaConfig, Patience, Permits, WebhookConfig};
use kloud_sfu::Kind;
use prost::Message as _;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::sync::Notify;
use tokio_tungstenite::tungstenite::Message;

use crate::moving::{between, send};
use crate::world::{KEY, NOW, SECRET, World, name};

const MICROPHONE: i32 = 2;

/// An application that listens.
#[derive(Clone)]
struct Application {
    url: String,
    heard: Arc<Mutex<Heard>>,
    changed: Arc<Notify>,
}

#[derive(Default)]
struct Heard {
    taken: Vec<Value>,
    offered: usize,
    /// Answers that are given before anything is taken, the next one first.
    first: Vec<StatusCode>,
    /// Does not answer.
    stuck: bool,
}

impl Application {
    async fn listen(first: &[StatusCode]) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let heard = Arc::new(Mutex::new(Heard { first: first.to_vec(), ..Heard::default() }));
        let this = Self { url, heard, changed: Arc::default() };
        let take = this.clone();
        let app = Router::new()
            .route("/hook", post(async move |headers: HeaderMap, body: Bytes| take.take(&headers, &body).await));
        tokio::spawn(async move { axum::serve(listener, app).await });
        this
    }

    async fn take(&self, headers: &HeaderMap, body: &Bytes) -> StatusCode {
        assert_eq!(headers["content-type"], "application/webhook+json");
        let token = headers["authorization"].to_str().expect("a text");
        let claims = verify(token, SECRET.as_bytes(), NOW).expect("a good signature");
        assert_eq!(
            (claims.iss.as_str(), &claims.other["sha256"]),
            (KEY, &json!(STANDARD.encode(Sha256::digest(body))))
        );
        {
            let mut heard = self.heard.lock().expect("unpoisoned");
            heard.offered += 1;
            self.changed.notify_waiters();
            if !heard.first.is_empty() {
                return heard.first.remove(0);
            }
        }
        self.until("an answer", |heard| !heard.stuck).await;
        self.heard.lock().expect("unpoisoned").taken.push(serde_json::from_slice(body).expect("JSON"));
        self.changed.notify_waiters();
        StatusCode::OK
    }

    fn set_stuck(&self, stuck: bool) {
        self.heard.lock().expect("unpoisoned").stuck = stuck;
        self.changed.notify_waiters();
    }

    /// Waits for a state.
    async fn until(&self, what: &str, fits: impl Fn(&Heard) -> bool) {
        let wait = async {
            loop {
                let changed = self.changed.notified();
                if fits(&self.heard.lock().expect("unpoisoned")) {
                    return;
                }
                changed.await;
            }
        };
        let came = tokio::time::timeout(Duration::from_secs(30), wait).await;
        assert!(came.is_ok(), "never came: {what}; heard {:?}", self.told());
    }

    /// Waits for so many events and gives them all.
    async fn events(&self, count: usize) -> Vec<Value> {
        self.until("the events", |heard| heard.taken.len() >= count).await;
        self.heard.lock().expect("unpoisoned").taken.clone()
    }

    /// The names of the events so far, with the room and the person.
    fn told(&self) -> Vec<String> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let line =
            |e: &Value| [text(&e["event"]), text(&e["room"]["name"]), text(&e["participant"]["identity"])].join(" ");
        self.heard.lock().expect("unpoisoned").taken.iter().map(|e| line(e).trim().to_owned()).collect()
    }

    async fn world(&self) -> World {
        World::start_as(|config| self.configure(config)).await
    }

    fn configure(&self, config: &mut MediaConfig) {
        config.webhooks = Some(WebhookConfig { key: KEY.into(), urls: vec![self.url.clone()] });
        config.patience = Patience { webhook: Duration::from_millis(20), ..Patience::default() };
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_in_a_room_is_told_in_order() {
    let application = Application::listen(&[]).await;
    let world = application.world().await;
    let ada = Client::join(world.http, &world.api_token("lab", "ada")).await;
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    application.events(3).await;
    ada.say(Say::Leave(Default::default()));
    application.events(5).await;
    world.order("lab", "DeleteRoom", &json!({ "room": "lab" }), 200).await;
    let events = application.events(6).await;
    let expected = [
        "room_started lab",
        "participant_joined lab ada",
        "track_published lab ada",
        "track_unpublished lab ada",
        "participant_left lab ada",
        "room_finished lab",
    ];
    assert_eq!(application.told(), expected);
    assert_eq!((&events[2]["track"]["sid"], &events[3]["track"]["sid"]), (&json!(sound), &json!(sound)));
    assert_eq!(
        (&events[1]["participant"]["state"], &events[4]["participant"]["state"]),
        (&json!("ACTIVE"), &json!("DISCONNECTED"))
    );
    assert_eq!(events[4]["participant"]["disconnectReason"], "CLIENT_INITIATED");
    assert_eq!(
        (&events[5]["roomEndReason"], &events[0]["createdAt"]),
        (&json!("ROOM_END_API_DELETE"), &json!("1800000000"))
    );
    let mut ids: Vec<_> = events.iter().map(|e| e["id"].to_string()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 6, "each has an id of its own");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_who_moves_has_left_one_room_and_joined_the_other() {
    let application = Application::listen(&[]).await;
    let world = application.world().await;
    let ada = Client::join(world.http, &world.api_token("lab", "ada")).await;
    ada.stream("mic", Kind::Audio, MICROPHONE).await;
    application.events(3).await;
    send(&world, "ada", "lab", "hall", 200).await;
    application.events(8).await;
    ada.leave().await;
    let events = application.events(10).await;
    let told = application.told();
    let of = |room: &str| {
        let in_it = |line: &&String| line.split(' ').nth(1) == Some(room);
        told.iter().filter(in_it).map(|line| line.split(' ').next().unwrap_or_default()).collect::<Vec<_>>()
    };
    let stay = ["room_started", "participant_joined", "track_published", "track_unpublished", "participant_left"];
    assert_eq!((of("lab"), of("hall")), (stay.to_vec(), stay.to_vec()));
    let left = |room: &str| {
        let ends = |e: &&Value| e["event"] == "participant_left" && e["room"]["name"] == room;
        events.iter().find(ends).map(|e| e["participant"]["disconnectReason"].clone())
    };
    assert_eq!((left("lab"), left("hall")), (Some(json!("MIGRATION")), Some(json!("CLIENT_INITIATED"))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_who_is_shown_in_another_room_has_joined_and_left_that_one_too() {
    let application = Application::listen(&[]).await;
    let world = application.world().await;
    let ada = Client::join(world.http, &world.api_token("lab", "ada")).await;
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    application.events(3).await;
    between(&world, "ForwardParticipant", "ada", ("lab", "hall"), 200).await;
    application.events(6).await;
    ada.stream("second", Kind::Audio, MICROPHONE).await;
    application.events(8).await;
    let permission = json!({ "canSubscribe": true, "canPublish": false });
    let body = json!({ "room": "lab", "identity": "ada", "permission": permission });
    world.order("lab", "UpdateParticipant", &body, 200).await;
    application.events(12).await;
    ada.leave().await;
    let events = application.events(14).await;
    let told = application.told();
    for room in ["lab", "hall"] {
        let in_it = |line: &&String| line.split(' ').nth(1) == Some(room);
        let of: Vec<_> = told.iter().filter(in_it).map(|l| l.split(' ').next().unwrap_or_default()).collect();
        let (on, off) = ("track_published", "track_unpublished");
        assert_eq!(of, ["room_started", "participant_joined", on, on, off, off, "participant_left"], "{room}");
        let first = events.iter().find(|e| e["event"] == on && e["room"]["name"] == room);
        assert_eq!(first.map(|e| &e["track"]["sid"]), Some(&json!(sound)));
    }
}

/// Comes and goes without ever having had media.
async fn look_in(world: &World) {
    let mut socket = connect(world.http, &world.api_token("lab", "ada"), None, |_| {}).await.expect("a socket");
    let welcome = socket.next().await.expect("a frame").expect("a frame").into_data();
    let welcome = SignalResponse::decode(&welcome[..]).expect("a response").message;
    assert!(matches!(welcome, Some(Hear::Join(_))));
    let leave = SignalRequest { message: Some(Say::Leave(Default::default())) }.encode_to_vec();
    socket.send(Message::Binary(leave.into())).await.expect("sent");
    while socket.next().await.is_some_and(|frame| frame.is_ok()) {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_who_never_had_media_has_not_joined() {
    let application = Application::listen(&[]).await;
    let world = application.world().await;
    look_in(&world).await;
    application.events(2).await;
    assert_eq!(application.told(), ["room_started lab", "participant_connection_aborted lab ada"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_taken_is_offered_again_before_anything_newer() {
    let busy = StatusCode::SERVICE_UNAVAILABLE;
    let application = Application::listen(&[busy, busy, StatusCode::TOO_MANY_REQUESTS]).await;
    let world = application.world().await;
    world.order("lab", "CreateRoom", &json!({ "name": "lab" }), 200).await;
    world.order("lab", "DeleteRoom", &json!({ "room": "lab" }), 200).await;
    application.events(2).await;
    assert_eq!(application.told(), ["room_started lab", "room_finished lab"]);
    assert_eq!(application.heard.lock().expect("unpoisoned").offered, 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_refused_is_given_up_and_the_next_one_says_so() {
    let application = Application::listen(&[StatusCode::UNAUTHORIZED]).await;
    let world = application.world().await;
    world.order("lab", "CreateRoom", &json!({ "name": "lab" }), 200).await;
    application.until("the first offer", |heard| heard.offered == 1).await;
    let ada = Client::join(world.http, &world.api_token("lab", "ada")).await;
    let events = application.events(1).await;
    assert_eq!((&events[0]["event"], &events[0]["numDropped"]), (&json!("participant_joined"), &json!(1)));
    drop(ada);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_application_that_does_not_answer_holds_up_nobody_and_hears_how_much_it_missed() {
    let application = Application::listen(&[]).await;
    application.set_stuck(true);
    let world = application.world().await;
    // More than a line holds. Each of them comes in and goes as if nobody listened.
    for _ in 0..300 {
        look_in(&world).await;
    }
    // Another room has a line of its own.
    world.order("hall", "CreateRoom", &json!({ "name": "hall" }), 200).await;
    application.until("both rooms", |heard| heard.offered >= 2).await;
    assert_eq!(application.told(), [""; 0]);
    application.set_stuck(false);
    application.until("the line is empty", |heard| heard.taken.len() >= 200).await;
    look_in(&world).await;
    application.until("the count", |heard| heard.taken.iter().any(|e| e["numDropped"].as_u64() > Some(0))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_meetings_nothing_is_told() {
    let application = Application::listen(&[]).await;
    let world = application.world().await;
    world.media.open_room(&name("meet")).expect("opened");
    let ticket = world.admit("meet", "ada", Permits::ALL).await;
    let ada = Client::join(world.http, &ticket.token).await;
    ada.stream("mic", Kind::Audio, MICROPHONE).await;
    world.media.close(&name("meet")).await.expect("closed");
    ada.until("the end", |s| s.closed).await;
    world.order("lab", "CreateRoom", &json!({ "name": "lab" }), 200).await;
    application.events(1).await;
    assert_eq!(application.told(), ["room_started lab"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopping_server_tells_the_end_of_its_rooms() {
    let application = Application::listen(&[]).await;
    let world = application.world().await;
    let ada = Client::join(world.http, &world.api_token("lab", "ada")).await;
    application.events(2).await;
    world.media.shutdown().await;
    // No wait: the server has waited.
    let heard = application.told();
    assert_eq!(heard[2..], ["participant_left lab ada", "room_finished lab"]);
    drop(ada);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn webhooks_that_cannot_be_sent_stop_the_start() {
    for (key, url) in [("nobody", "http://127.0.0.1:1/"), (KEY, "ftp://127.0.0.1/"), (KEY, "nonsense")] {
        let mut config = World::config();
        config.webhooks = Some(WebhookConfig { key: key.into(), urls: vec![url.into()] });
        assert!(kloud_media::Media::start(config).is_err(), "{key} {url}");
    }
}
