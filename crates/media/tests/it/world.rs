//! A server under test.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Body;
use axum::http::Request;
use kloud_base::{Clock, Rng, Timestamp};
use kloud_livekit::{Claims, VideoGrant, sign};
use kloud_load::{Client, Connections, Skills, Socket, connect, connect_two};
use kloud_media::{Epoch, Identity, Media, MediaConfig, Patience, Permits, RoomName, Ticket};
use kloud_sfu::Kind;
use serde_json::Value;
use tokio_tungstenite::tungstenite::Error;
use tower::ServiceExt;

pub const KEY: &str = "devkey";
pub const SECRET: &str = "a-secret-of-at-least-32-characters";
pub const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        NOW
    }
}

/// Counts, and stirs the count (SplitMix64), so that every run sees the same numbers and none twice.
#[derive(Default)]
pub struct Seeded(AtomicU64);

impl Rng for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let mut z = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes()[..chunk.len()]);
        }
    }
}

pub struct World {
    pub media: Media,
    pub http: SocketAddr,
    /// How its clients join.
    by: Connections,
}

/// Runs each of these tests with clients of one connection, and again with clients of two.
macro_rules! by_one_and_two {
    ($($name:ident),* $(,)?) => {
        mod by_one {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(kloud_load::Connections::One).await;
            })*
        }
        mod by_two {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(kloud_load::Connections::Two).await;
            })*
        }
    };
}
pub(crate) use by_one_and_two;

impl World {
    pub async fn start() -> Self {
        Self::start_with(Patience::default()).await
    }

    /// A server whose clients have so many connections.
    pub async fn start_by(by: Connections) -> Self {
        Self { by, ..Self::start().await }
    }

    pub async fn join(&self, token: &str) -> Client {
        Client::join_by(self.by, self.http, token).await
    }

    pub async fn join_able(&self, token: &str, skills: Skills) -> Client {
        Client::join_able(self.by, self.http, token, skills).await
    }

    pub async fn begin(&self, token: &str) -> Result<Client, Error> {
        Client::begin_by(self.by, self.http, token).await
    }

    /// The socket of one who comes back as this participant.
    pub async fn resume(&self, token: &str, sid: &str) -> Socket {
        let socket = match self.by {
            Connections::Two => connect_two(self.http, token, &format!("&reconnect=1&sid={sid}")).await,
            Connections::One => {
                connect(self.http, token, None, |join| (join.reconnect, join.participant_sid) = (true, sid.into()))
                    .await
            }
        };
        socket.expect("a socket")
    }

    pub async fn start_with(patience: Patience) -> Self {
        Self::start_as(|config| config.patience = patience).await
    }

    /// A server that is set up in another way.
    pub async fn start_as(change: impl FnOnce(&mut MediaConfig)) -> Self {
        let mut config = Self::config();
        change(&mut config);
        let media = Media::start(config).expect("a media server");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let http = listener.local_addr().expect("an address");
        let app = media.router();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { media, http, by: Connections::default() }
    }

    pub fn config() -> MediaConfig {
        let mut config = MediaConfig::new(Arc::new(StoppedClock), Arc::new(Seeded::default()));
        config.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        config.api_keys.insert(KEY.into(), SECRET.into());
        config.threads = 3;
        config
    }

    /// A token of the API key, for a room that it opens.
    pub fn api_token(&self, room: &str, identity: &str) -> String {
        self.token_with(identity, VideoGrant { room_join: true, room: room.into(), ..Default::default() })
    }

    /// A token that may do everything, and direct this room.
    pub fn admin_token(&self, room: &str) -> String {
        let video = VideoGrant {
            room_create: true,
            room_list: true,
            room_record: true,
            ingress_admin: true,
            room_admin: true,
            room: room.into(),
            destination_room: "elsewhere".into(),
            ..Default::default()
        };
        self.token_with("", video)
    }

    /// Calls the server API as a program with everything allowed in this room. What is answered must have this status.
    pub async fn order(&self, room: &str, method: &str, body: &Value, status: u16) -> Value {
        let token = self.admin_token(room);
        let path = format!("livekit.RoomService/{method}");
        let (told, answer) = self.post(&path, Some(&token), "application/json", body.to_string().into_bytes()).await;
        let answer = serde_json::from_slice(&answer).expect("JSON");
        assert_eq!(told, status, "{method} {body}: {answer}");
        answer
    }

    pub async fn post(&self, path: &str, token: Option<&str>, kind: &str, body: Vec<u8>) -> (u16, Vec<u8>) {
        let mut request = Request::post(format!("/twirp/{path}")).header("content-type", kind);
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let answer =
            self.media.router().oneshot(request.body(Body::from(body)).expect("a request")).await.expect("answered");
        let status = answer.status().as_u16();
        (status, axum::body::to_bytes(answer.into_body(), 1 << 20).await.expect("a body").to_vec())
    }

    pub fn token_with(&self, identity: &str, video: VideoGrant) -> String {
        let exp = Some(NOW.as_millis() / 1000 + 600);
        sign(&Claims { iss: KEY.into(), sub: identity.into(), exp, video, ..Default::default() }, SECRET.as_bytes())
    }

    pub async fn admit(&self, room: &str, identity: &str, permits: Permits) -> Ticket {
        let (room, identity) = (name(room), who(identity));
        self.media.admit(&room, &identity, identity.as_str(), permits, Epoch(1)).await.expect("admitted")
    }

    /// Packets of a source that the server has forwarded.
    pub async fn forwarded(&self, room: &str, identity: &str, source: kloud_media::Source) -> u64 {
        self.counted(room, identity, source).await.forwarded
    }

    /// Waits until the gate has held back so many packets of a source.
    pub async fn until_refused(&self, room: &str, identity: &str, source: kloud_media::Source, count: u64) {
        let wait = async {
            while self.counted(room, identity, source).await.refused_by_gate < count {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(30), wait).await.expect("refused in time");
    }

    pub async fn counted(&self, room: &str, identity: &str, source: kloud_media::Source) -> kloud_media::Counted {
        let stats = self.media.stats(&name(room)).await.expect("a room");
        stats.of(&who(identity)).map(|p| *p.packets.get(source)).unwrap_or_default()
    }
}

pub fn name(room: &str) -> RoomName {
    RoomName::new(room).expect("a name")
}

pub fn who(identity: &str) -> Identity {
    Identity::new(identity).expect("a name")
}

/// Ada is heard by both and read by bob, and eve is seen by bob.
pub async fn all_meet(ada: &Client, bob: &Client, eve: &Client) {
    let sound = ada.stream("mic", Kind::Audio, 2).await;
    let picture = eve.stream("cam", Kind::Video, 1).await;
    bob.let_flow(&sound, 50).await;
    eve.let_flow(&sound, 50).await;
    bob.let_flow(&picture, 50).await;
    ada.data(b"hello", 1, &[]);
    bob.until("the word of ada", |s| s.data.len() == 1).await;
}
