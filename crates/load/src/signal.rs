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
    let mut join = request(offer);
    change(&mut join);
    let url = format!("ws://{http}{}", path(&join, token));
    Ok(tokio_tungstenite::connect_async(url).await?.0)
}

/// Opens a signal socket at the older address, with these parameters beside the token.
pub async fn connect_two(http: SocketAddr, token: &str, parameters: &str) -> Result<Socket, tungstenite::Error> {
    let url = format!("ws://{http}/rtc?access_token={token}&sdk=go&protocol=17&auto_subscribe=1{parameters}");
    Ok(tokio_tungstenite::connect_async(url).await?.0)
}

/// What is asked for, below the address of the server.
pub(crate) fn path(join: &JoinRequest, token: &str) -> String {
    let wrapped = WrappedJoinRequest { compression: 0, join_request: join.encode_to_vec() };
    let query = base64::engine::general_purpose::URL_SAFE.encode(wrapped.encode_to_vec());
    format!("/rtc/v1?join_request={query}&access_token={token}")
}

pub(crate) fn request(sdp: Option<String>) -> JoinRequest {
    let offer = |sdp| SessionDescription { r#type: "offer".into(), sdp, id: 1, ..Default::default() };
    JoinRequest {
        client_info: Some(ClientInfo { protocol: 17, client_protocol: 1, ..Default::default() }),
        connection_settings: Some(ConnectionSettings { auto_subscribe: true, ..Default::default() }),
        publisher_offer: sdp.map(offer),
        ..Default::default()
    }
}
