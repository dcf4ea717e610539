//! A meeting whose media is carried by its own server, or by another Kloud that stands in as a LiveKit cluster: it
//! speaks the same calls, tokens and webhooks.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use kloud_base::{Clock as _, SECOND};
use kloud_livekit::{Claims, VideoGrant, sign};
use kloud_load::Client;
use kloud_server::config::{Config, LivekitKey, MediaCarrier};
use kloud_testkit::{Engine, ManualClock, TestDatabases, fresh};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower::ServiceExt as _;

use crate::support::{Answer, Person, TestApp, text};

pub const KEY: &str = "cluster-key";
pub const SECRET: &str = "a-secret-of-at-least-32-characters";
/// How long any state may take to come.
const DEADLINE: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Looks again and again until there is a value.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let mut looks = tokio::time::interval(LOOK_EVERY);
    let wait = async {
        loop {
            looks.tick().await;
            if let Some(found) = look().await {
                return found;
            }
        }
    };
    tokio::time::timeout(DEADLINE, wait).await.unwrap_or_else(|_| panic!("never came: {what}"))
}

/// A port that is kept for a server.
pub struct Port {
    pub address: SocketAddr,
    listener: Option<TcpListener>,
}

impl Port {
    pub async fn take() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self { address: listener.local_addr().unwrap(), listener: Some(listener) }
    }

    async fn listener(&mut self) -> TcpListener {
        match self.listener.take() {
            Some(listener) => listener,
            None => until("the port", async || TcpListener::bind(self.address).await.ok()).await,
        }
    }
}

/// The Kloud that stands in as the cluster.
pub struct Stand {
    pub app: TestApp,
    pub port: Port,
    stop: Option<watch::Sender<bool>>,
}

impl Stand {
    async fn begin(port: Port, hooks: SocketAddr, clock: Arc<ManualClock>) -> Self {
        let keys = vec![LivekitKey { key: KEY.into(), secret: SECRET.into() }];
        let set = |config: &mut Config| {
            config.livekit.keys = keys;
            config.livekit.webhook.urls = vec![format!("http://{hooks}/media/livekit/webhook")];
        };
        let app = TestApp::open_with(fresh(Engine::Sqlite).await, clock, 99, set).await;
        Self { app, port, stop: None }
    }

    pub async fn serve(&mut self) {
        let listener = self.port.listener().await;
        self.stop = Some(self.app.serve(listener));
    }

    /// Answers nothing any more; media goes on.
    pub async fn fall_silent(&mut self) {
        let stop = self.stop.take().unwrap();
        stop.send(true).unwrap();
        stop.closed().await;
    }

    pub async fn has_room(&self, room: &str) -> bool {
        let claims = Claims {
            iss: KEY.into(),
            exp: Some(self.app.clock.now().as_millis() / SECOND + 60),
            video: VideoGrant { room_list: true, ..VideoGrant::default() },
            ..Claims::default()
        };
        let request = Request::post("/twirp/livekit.RoomService/ListRooms")
            .header(header::AUTHORIZATION, format!("Bearer {}", sign(&claims, SECRET.as_bytes())))
            .header(header::CONTENT_TYPE, "application/json");
        let request = request.body(Body::from(json!({ "names": [room] }).to_string())).unwrap();
        let answer = self.app.app.router().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let body = axum::body::to_bytes(answer.into_body(), 64 * 1024).await.unwrap();
        String::from_utf8_lossy(&body).contains(room)
    }
}

/// A meeting with its host inside.
pub struct World {
    pub app: TestApp,
    pub host: Person,
    /// The host's seat.
    pub seat: Value,
    pub base: String,
    pub cluster: Option<Stand>,
    port: Port,
    background: JoinSet<()>,
    stop: watch::Sender<bool>,
}

impl World {
    pub async fn embedded() -> Self {
        let app = TestApp::open(fresh(Engine::Sqlite).await).await;
        Self::begin(app, None, Port::take().await).await
    }

    pub async fn cluster() -> Self {
        let (mut port, mut own) = (Port::take().await, Port::take().await);
        let clock = Arc::new(ManualClock::default());
        let app = Self::open(fresh(Engine::Sqlite).await, clock.clone(), port.address, SECRET, 1).await;
        port.listener = Some(port.listener().await);
        let mut stand = Stand::begin(port, own.address, clock).await;
        stand.serve().await;
        own.listener = Some(own.listener().await);
        Self::begin(app, Some(stand), own).await
    }

    /// A server whose media is at this address.
    pub async fn open(db: TestDatabases, clock: Arc<ManualClock>, at: SocketAddr, secret: &str, seed: u64) -> TestApp {
        let set = |config: &mut Config| {
            config.media.backend = MediaCarrier::Livekit;
            config.media.livekit.url = format!("http://{at}");
            config.media.livekit.api_key = KEY.into();
            config.media.livekit.api_secret = secret.into();
        };
        TestApp::open_with(db, clock, seed, set).await
    }

    async fn begin(app: TestApp, cluster: Option<Stand>, mut port: Port) -> Self {
        let stop = app.serve(port.listener().await);
        let background = app.app.spawn_background();
        let mut host = app.begin().await;
        let body = json!({ "title": "Review", "admission": "link" });
        let made = app.ask(&mut host, Method::POST, "/api/meetings", Some(body)).await.expect(StatusCode::CREATED);
        let base = format!("/api/meetings/{}", text(&made, "code"));
        let kept = json!({ "policy": { "attendance": "kept" } });
        app.ask(&mut host, Method::PATCH, &base, Some(kept)).await.expect(StatusCode::OK);
        let join = format!("{base}/join");
        let seat = app.ask(&mut host, Method::POST, &join, Some(json!({}))).await.expect(StatusCode::OK);
        Self { app, host, seat, base, cluster, port, background, stop }
    }

    /// The server ends and begins again, on the same data and port; its cluster does not notice.
    pub async fn restart(self) -> Self {
        let Self { app, host, seat, base, cluster, mut port, background, stop } = self;
        drop(background);
        stop.send(true).unwrap();
        stop.closed().await;
        let clock = app.clock.clone();
        let at = cluster.as_ref().unwrap().port.address;
        let app = Self::open(app.close().await, clock, at, SECRET, 2).await;
        let stop = app.serve(port.listener().await);
        let background = app.app.spawn_background();
        Self { app, host, seat, base, cluster, port, background, stop }
    }

    pub async fn close(self) {
        drop(self.background);
        self.app.close().await;
        if let Some(cluster) = self.cluster {
            cluster.app.close().await;
        }
    }

    pub async fn ask(&self, who: &Person, method: Method, path: &str, body: Option<Value>) -> Answer {
        self.app.ask(&mut who.clone(), method, &format!("{}{path}", self.base), body).await
    }

    pub async fn get(&self, who: &Person, path: &str) -> Value {
        self.ask(who, Method::GET, path, None).await.expect(StatusCode::OK)
    }

    /// Somebody comes by the link.
    pub async fn join(&self, name: &str) -> (Person, Value) {
        let mut person = Person::default();
        let join = format!("{}/join", self.base);
        let seat = self.app.ask(&mut person, Method::POST, &join, Some(json!({ "name": name }))).await;
        (person, seat.expect(StatusCode::OK))
    }

    pub async fn device(&self, who: &Person, device: &str, on: bool) -> Answer {
        let body = json!({ "on": on, "language": "en" });
        self.ask(who, Method::PUT, &format!("/seat/devices/{device}"), Some(body)).await
    }

    /// What the host does to a seat.
    pub async fn act(&self, method: Method, seat: &Value, act: &str, body: Value) {
        let path = format!("/people/{}/{act}", text(seat, "participant_id"));
        self.ask(&self.host, method, &path, Some(body)).await.expect(StatusCode::NO_CONTENT);
    }

    /// Where the media of this meeting is.
    pub fn media_at(&self) -> SocketAddr {
        self.cluster.as_ref().map_or(self.port.address, |cluster| cluster.port.address)
    }

    /// Connects as the client of a seat would.
    pub async fn connect(&self, seat: &Value) -> Client {
        if self.cluster.is_some() {
            assert_eq!(text(&seat["media"], "url"), format!("ws://{}", self.media_at()));
        }
        Client::join(self.media_at(), text(&seat["media"], "token")).await
    }

    pub async fn inside(&self) -> Value {
        self.get(&self.host, "").await["inside"].clone()
    }
}
