//! The server's API as a program with its key calls it.

use std::net::SocketAddr;

use clap::Args;
use kloud_livekit::{Claims, VideoGrant, sign};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The year 2096: nobody who measures waits for the end of a token.
const FAR: i64 = 4_000_000_000;

/// A server, and a key of it.
#[derive(Args, Clone, Debug)]
pub struct Server {
    /// Address and port of its web port
    #[arg(long)]
    pub server: SocketAddr,
    #[arg(long)]
    pub key: String,
    #[arg(long, allow_hyphen_values = true)]
    pub secret: String,
}

impl Server {
    pub fn token(&self, room: &str, identity: &str) -> String {
        let video = VideoGrant { room_join: true, room: room.into(), ..VideoGrant::default() };
        self.sign(identity, video)
    }

    /// Calls the room service; status and answer.
    pub async fn call(&self, room: &str, method: &str, body: &Value) -> (u16, Value) {
        let video = VideoGrant { room_create: true, room_admin: true, room: room.into(), ..VideoGrant::default() };
        let (token, body) = (self.sign("", video), body.to_string());
        let head = format!(
            "POST /twirp/livekit.RoomService/{method} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(self.server).await.expect("the server listens");
        stream.write_all(head.as_bytes()).await.expect("the server reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        (status, serde_json::from_str(body).unwrap_or(Value::Null))
    }

    /// How many are in a room; none in one that is not there.
    pub async fn people(&self, room: &str) -> usize {
        match self.call(room, "ListParticipants", &serde_json::json!({ "room": room })).await {
            (200, answer) => answer["participants"].as_array().map_or(0, Vec::len),
            (404, _) => 0,
            (status, answer) => panic!("{status} {answer}"),
        }
    }

    fn sign(&self, identity: &str, video: VideoGrant) -> String {
        let claims = Claims { iss: self.key.clone(), sub: identity.into(), exp: Some(FAR), video, ..Claims::default() };
        sign(&claims, self.secret.as_bytes())
    }
}
