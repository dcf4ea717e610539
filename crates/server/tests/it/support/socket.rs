//! WebSockets as clients open them: the event socket and the signal socket.

use std::net::SocketAddr;
use std::time::Duration;

use data_encoding::BASE64URL;
use futures::{SinkExt, StreamExt};
use kloud_livekit::proto::{
    ClientInfo, ConnectionSettings, JoinRequest, JoinResponse, SignalResponse, WrappedJoinRequest,
    signal_response::Message as Hear,
};
use prost::Message as _;
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::process::DEADLINE;

pub struct Socket {
    socket: WebSocketStream<TcpStream>,
}

/// Why a socket was not opened.
#[derive(Debug, PartialEq)]
pub struct Refused {
    pub status: u16,
    pub body: Value,
}

impl Socket {
    /// Opens `/api/events` as a page of this origin with these cookies.
    pub async fn events(address: SocketAddr, cookie: &str) -> Self {
        let opened = Self::open(address, "/api/events", &format!("http://{address}"), cookie).await;
        opened.unwrap_or_else(|refused| panic!("{refused:?}"))
    }

    /// Opens `/rtc/v1` with a media token.
    pub async fn signal(address: SocketAddr, token: &str) -> Self {
        let path = format!("/rtc/v1?access_token={token}&join_request={}", join_request());
        let opened = Self::open(address, &path, "http://localhost", "").await;
        opened.unwrap_or_else(|refused| panic!("{refused:?}"))
    }

    pub async fn open(address: SocketAddr, path: &str, origin: &str, cookie: &str) -> Result<Self, Refused> {
        let stream = TcpStream::connect(address).await.unwrap();
        Self::over(stream, address, path, origin, cookie).await
    }

    /// As [`Socket::events`], by a client whose system takes hardly anything that it does not read.
    pub async fn narrow_events(address: SocketAddr, cookie: &str) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let stream = socket.connect(address).await.unwrap();
        Self::over(stream, address, "/api/events", &format!("http://{address}"), cookie).await.unwrap()
    }

    async fn over(
        stream: TcpStream,
        address: SocketAddr,
        path: &str,
        origin: &str,
        cookie: &str,
    ) -> Result<Self, Refused> {
        let mut request = format!("ws://{address}{path}").into_client_request().unwrap();
        request.headers_mut().insert("origin", origin.parse().unwrap());
        request.headers_mut().insert("cookie", cookie.parse().unwrap());
        match tokio_tungstenite::client_async(request, stream).await {
            Ok((socket, _)) => Ok(Self { socket }),
            Err(Error::Http(response)) => {
                let body = response.body().as_deref().unwrap_or_default();
                let body = serde_json::from_slice(body).unwrap_or(Value::Null);
                Err(Refused { status: response.status().as_u16(), body })
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// What the server says first to one who joins.
    pub async fn joined(&mut self) -> JoinResponse {
        loop {
            let said = tokio::time::timeout(DEADLINE, self.socket.next()).await.unwrap().unwrap().unwrap();
            let Message::Binary(bytes) = said else { continue };
            if let Some(Hear::Join(join)) = SignalResponse::decode(&bytes[..]).unwrap().message {
                return join;
            }
        }
    }

    pub async fn say(&mut self, message: Message) {
        self.try_say(message).await.unwrap();
    }

    pub async fn try_say(&mut self, message: Message) -> Result<(), Error> {
        self.socket.send(message).await
    }

    /// Watches streams from these events on; what the server says to that.
    pub async fn watch(&mut self, streams: &[(&str, Option<i64>)]) -> Value {
        let wanted: Vec<_> =
            streams.iter().map(|(stream, after)| json!({ "stream": stream, "after": after })).collect();
        self.say(Message::text(json!({ "watch": wanted }).to_string())).await;
        self.hear().await
    }

    /// The next thing said that is no ping.
    pub async fn hear(&mut self) -> Value {
        loop {
            let message = self.next().await.expect("a frame").expect("no error");
            assert!(!message.is_close(), "{message}");
            let Message::Text(text) = message else { continue };
            let said: Value = serde_json::from_str(text.as_str()).unwrap();
            if said["ping"].is_null() {
                return said;
            }
        }
    }

    /// The next event.
    pub async fn event(&mut self) -> Value {
        let said = self.hear().await;
        assert!(said["event"].is_object(), "{said}");
        said["event"].clone()
    }

    /// Reads until the server closes; its code and its reason. 0 when the line was cut.
    pub async fn closed(&mut self) -> (u16, String) {
        self.last_words().await.1
    }

    /// As [`Socket::closed`], and the last binary frame before it.
    pub async fn last_words(&mut self) -> (Vec<u8>, (u16, String)) {
        let mut last = Vec::new();
        let closed = loop {
            match self.next().await {
                Some(Ok(Message::Binary(bytes))) => last = bytes.to_vec(),
                Some(Ok(Message::Close(Some(frame)))) => break (frame.code.into(), frame.reason.to_string()),
                Some(Ok(Message::Close(None))) => break (1005, String::new()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => break (0, String::new()),
            }
        };
        (last, closed)
    }

    async fn next(&mut self) -> Option<Result<Message, Error>> {
        tokio::time::timeout(DEADLINE, self.socket.next()).await.expect("a frame in time")
    }
}

/// What a client says of itself in the query.
pub fn join_request() -> String {
    let join = JoinRequest {
        client_info: Some(ClientInfo { protocol: 17, client_protocol: 1, ..Default::default() }),
        connection_settings: Some(ConnectionSettings { auto_subscribe: true, ..Default::default() }),
        ..Default::default()
    };
    let wrapped = WrappedJoinRequest { compression: 0, join_request: join.encode_to_vec() };
    BASE64URL.encode(&wrapped.encode_to_vec())
}

/// Within the two seconds in which what ended is to be over.
pub async fn within_two_seconds<T>(what: &str, coming: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(2), coming).await.unwrap_or_else(|_| panic!("{what}: not within 2 s"))
}
