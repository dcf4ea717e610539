//! The signal socket.

use std::net::SocketAddr;

use base64::Engine;
use kloud_livekit::proto::{ClientInfo, ConnectionSettings, JoinRequest, SessionDescription, WrappedJoinRequest};
use prost::Message as _;
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, tungstenite};

pub type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Opens a signal socket, with a change of the join request if wanted.
pub async fn connect(
    http: SocketAddr,
    token: &str,
    offer: Option<String>,
    change: impl FnOnce(&mut JoinRequest),
) -> Result<Socket, tungstenite::Error> {
    let mut join = JoinRequest {
        client_info: Some(ClientInfo { protocol: 17, client_protocol: 1, ..Default::default() }),
        connection_settings: Some(ConnectionSettings { auto_subscribe: true, ..Default::default() }),
        publisher_offer: offer.map(|sdp| SessionDescription {
            r#type: "offer".into(),
            sdp,
            id: 1,
            ..Default::default()
        }),
        ..Default::default()
    };
    change(&mut join);
    let wrapped = WrappedJoinRequest { compression: 0, join_request: join.encode_to_vec() };
    let query = base64::engine::general_purpose::URL_SAFE.encode(wrapped.encode_to_vec());
    let url = format!("ws://{http}/rtc/v1?join_request={query}&access_token={token}");
    Ok(tokio_tungstenite::connect_async(url).await?.0)
}
