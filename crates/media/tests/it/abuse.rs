//! Clients that speak nonsense end at most themselves.

use std::net::SocketAddr;

use axum::http::StatusCode;
use futures::{SinkExt, StreamExt};
use kloud_base::Rng;
use kloud_livekit::proto::{SessionDescription, SignalRequest, signal_request::Message as Say};
use kloud_sfu::Kind;
use prost::Message as _;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio_tungstenite::tungstenite::Message;

use crate::world::{Seeded, World};
use kloud_load::{Client, connect};

const MICROPHONE: i32 = 2;

/// Sends one frame on a fresh socket and waits until the server has closed it or answered.
async fn throw(world: &World, identity: &str, frame: Message) {
    let mut socket = connect(world.http, &world.api_token("lab", identity), None, |_| {}).await.expect("a socket");
    let _ = socket.send(frame).await;
    let _ = socket.send(Message::Binary(SignalRequest { message: Some(Say::Ping(1)) }.encode_to_vec().into())).await;
    let answered = |m: &Message| m.is_binary() && m.clone().into_data().first() == Some(&0x90);
    while let Some(Ok(message)) = socket.next().await {
        if message.is_close() || answered(&message) {
            break;
        }
    }
}

fn offer(sdp: String) -> Message {
    let offer = SessionDescription { r#type: "offer".into(), sdp, ..Default::default() };
    Message::Binary(SignalRequest { message: Some(Say::Offer(offer)) }.encode_to_vec().into())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nonsense_leaves_others_undisturbed() {
    let world = World::start().await;
    let ada = Client::join(world.http, &world.api_token("lab", "ada")).await;
    let bob = Client::join(world.http, &world.api_token("lab", "bob")).await;
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    bob.let_flow(&sound, 20).await;

    let media: SocketAddr = world.media.local_addr();
    let udp = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let rng = Seeded::default();
    let eve = Client::join(world.http, &world.api_token("lab", "eve")).await;
    for n in 0..10_000usize {
        let mut packet = vec![0; n % 200];
        rng.fill(&mut packet);
        // The beginnings of STUN, DTLS and RTP, so that every reader gets its share.
        if let Some(first) = packet.first_mut() {
            *first = [0, 1, 22, 128, 200, 255][n % 6];
        }
        if n % 6 < 2 && packet.len() > 8 {
            packet[1] = 1;
            packet[4..8].copy_from_slice(&[0x21, 0x12, 0xa4, 0x42]);
        }
        udp.send_to(&packet, media).await.expect("sent");
        // And the same from an address that the server trusts.
        eve.raw(packet);
    }

    throw(&world, "garbage", Message::Binary(vec![0xff; 500].into())).await;
    throw(&world, "text", Message::Text("{\"no\":".into())).await;
    throw(&world, "cut", Message::Binary(vec![0x0a, 0x7f, 0x01].into())).await;
    throw(&world, "giant", offer("v".repeat(600_000))).await;
    throw(&world, "lines", offer(format!("v=0\r\n{}", "m=audio 9 X 111\r\na=mid:1\r\n".repeat(500)))).await;
    throw(&world, "empty", offer(String::new())).await;
    throw(&world, "half", offer("v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=sendonly\r\n".into())).await;
    throw(&world, "huge", Message::Binary(vec![0; 1 << 20].into())).await;
    bob.raw_data(vec![0xff; 300]);

    bob.let_flow(&sound, 200).await;
    assert!(!bob.seen.lock().expect("unpoisoned").closed);
}

/// A socket of a client that compresses what it says, as browsers do.
async fn compressing(world: &World, identity: &str) -> yawc::TcpWebSocket {
    let token = world.api_token("lab", identity);
    let url = format!("ws://{}/rtc?access_token={token}&sdk=js&protocol=17&auto_subscribe=1", world.http);
    let options = yawc::Options::default().with_compression_level(yawc::CompressionLevel::fast());
    yawc::WebSocket::connect(url.parse().expect("an address")).with_options(options).await.expect("a socket")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn compressed_frames_are_read_and_one_that_grows_without_end_ends_its_sender() {
    let world = World::start().await;
    let mut socket = compressing(&world, "ada").await;
    // Longer than what is sent uncompressed, and of the kind that is ignored.
    let long = SignalRequest { message: Some(Say::Ping(1)) }.encode_to_vec().repeat(1_000);
    socket.send(yawc::frame::Frame::binary(long)).await.expect("sent");
    let answered = |frame: &yawc::frame::Frame| frame.payload().first() == Some(&0x90);
    while !answered(&socket.next().await.expect("the answer")) {}

    let mut bomb = compressing(&world, "eve").await;
    let zeros = vec![0; 64 << 20];
    bomb.send(yawc::frame::Frame::binary(zeros)).await.expect("sent: it is small on the wire");
    while bomb.next().await.is_some_and(|frame| frame.opcode() != yawc::frame::OpCode::Close) {}
    let ping = SignalRequest { message: Some(Say::Ping(1)) }.encode_to_vec();
    socket.send(yawc::frame::Frame::binary(ping)).await.expect("sent");
    while !answered(&socket.next().await.expect("the answer")) {}
}

/// The status of a plain request.
async fn status(world: &World, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(world.http).await.expect("connected");
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("written");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("read");
    let code = answer.split(' ').nth(1).and_then(|c| c.parse().ok()).expect("a status");
    (code, answer.to_ascii_lowercase())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_can_be_read_by_pages_of_other_origins() {
    let world = World::start().await;
    let token = world.api_token("lab", "ada");
    let cases = [
        ("/rtc/v1/validate".to_owned(), StatusCode::UNAUTHORIZED),
        (format!("/rtc/v1/validate?access_token={token}x"), StatusCode::UNAUTHORIZED),
        (format!("/rtc/v1/validate?access_token={token}&join_request=!!"), StatusCode::BAD_REQUEST),
        (format!("/rtc/v1/validate?access_token={token}&join_request=CAA"), StatusCode::OK),
        (format!("/rtc/v1?access_token={token}&join_request=CAA"), StatusCode::BAD_REQUEST),
        ("/rtc/v1".to_owned(), StatusCode::UNAUTHORIZED),
        ("/rtc/validate".to_owned(), StatusCode::UNAUTHORIZED),
        (format!("/rtc/validate?access_token={token}"), StatusCode::OK),
        (format!("/rtc?access_token={token}"), StatusCode::BAD_REQUEST),
        ("/rtc".to_owned(), StatusCode::UNAUTHORIZED),
    ];
    for (path, expected) in cases {
        let (code, answer) = status(&world, &path).await;
        assert_eq!(code, expected.as_u16(), "{path}");
        assert!(answer.contains("access-control-allow-origin: *"), "{path}");
    }
}
