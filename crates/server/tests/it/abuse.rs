//! Bad input from outside on the real process: each gets its answer, nobody else notices, nothing is kept.

use std::net::SocketAddr;

use kloud_base::Clock as _;
use kloud_livekit::proto::{
    DisconnectReason, SessionDescription, SignalRequest, SignalResponse, signal_request::Message as Say,
    signal_response::Message as Hear,
};
use kloud_livekit::{Claims, VideoGrant, sign};
use kloud_server::system::SystemClock;
use kloud_testkit::{Engine, TestDatabases, both_engines, fresh};
use prost::Message as _;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::Message;

use crate::support::process::{DEADLINE, Reply, Rig, Server, until};
use crate::support::socket::{Socket, join_request};
use crate::support::text;

const KEY: &str = "APIabuse";
const SECRET: &str = "a secret of more than thirty-two characters";

/// From another network than everybody else, so that its limits are its own.
async fn attacker(address: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from(([127, 66, 0, 1], 0))).unwrap();
    socket.connect(address).await.unwrap()
}

/// Writes bytes as they are and reads until the server closes.
async fn throw(address: SocketAddr, bytes: &[u8]) -> Option<Reply> {
    let mut stream = attacker(address).await;
    // It may have had enough before everything is said.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    Reply::read(&String::from_utf8_lossy(&answer))
}

fn request(line: &str, headers: &str, body: &str) -> Vec<u8> {
    let own = "host: localhost\r\norigin: http://localhost\r\nconnection: close\r\n";
    format!("{line} HTTP/1.1\r\n{own}{headers}\r\n{body}").into_bytes()
}

fn token(room: &str, issuer: &str, secret: &str, lives_seconds: i64) -> String {
    let now = SystemClock::default().now().as_millis() / kloud_base::SECOND;
    let claims = Claims {
        iss: issuer.to_owned(),
        sub: "eve".to_owned(),
        exp: Some(now + lives_seconds),
        video: VideoGrant { room: room.to_owned(), room_join: true, ..VideoGrant::default() },
        ..Claims::default()
    };
    sign(&claims, secret.as_bytes())
}

/// Two people in a meeting: their cookies, the meeting, the host's seat.
struct Pair {
    host: String,
    guest: String,
    messages: String,
    conversation: String,
    join: String,
    seat: Value,
}

fn pair(server: &Server) -> Pair {
    let host = server.set_up();
    let made = server.meeting(&host);
    let join = format!("/api/meetings/{}/join", text(&made, "code"));
    let seat = server.ask("POST", &join, &host, &json!({})).unwrap().expect(200);
    let guest = server.ask("POST", &join, "", &json!({ "name": "Omar" })).unwrap().cookie;
    let conversation = text(&made, "conversation_id").to_owned();
    let messages = format!("/api/conversations/{conversation}/messages");
    Pair { host, guest, messages, conversation, join, seat }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_bad_request_gets_its_answer() {
    let rig = Rig::new(fresh(Engine::Sqlite).await);
    let server = rig.start();
    let pair = pair(&server);
    let json = "content-type: application/json\r\n";
    let large = "x".repeat(257 * 1024);
    let length = |body: &str| format!("{json}content-length: {}\r\n", body.len());
    let chunks = format!("{json}transfer-encoding: chunked\r\n");
    let cases: Vec<(&str, Vec<u8>, u16, &str)> = vec![
        ("no JSON", request("POST /api/sessions", &length("{\"no"), "{\"no"), 422, "invalid"),
        (
            "another type",
            request("POST /api/sessions", "content-type: text/plain\r\ncontent-length: 2\r\n", "{}"),
            415,
            "invalid",
        ),
        ("a large body", request("POST /api/sessions", &length(&large), &large), 413, "too_large"),
        (
            "a large body in chunks",
            request("POST /api/sessions", &chunks, &format!("{:x}\r\n{large}\r\n0\r\n\r\n", large.len())),
            413,
            "too_large",
        ),
        ("a chunk without a length", request("POST /api/sessions", &chunks, "zz\r\n{}\r\n0\r\n\r\n"), 422, "invalid"),
        ("another method", request("PATCH /api/sessions", &length("{}"), "{}"), 405, "method_not_allowed"),
        ("no such path", request("GET /api/nothing", "", ""), 404, "not_found"),
        (
            "a cookie that is no token",
            request("GET /api/me", "cookie: __Host-kloud=%%%\r\n", ""),
            401,
            "unauthenticated",
        ),
        (
            "a foreign cookie",
            request("GET /api/me", "cookie: __Host-kloud=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n", ""),
            401,
            "unauthenticated",
        ),
        ("no socket", request("GET /api/events", &format!("cookie: {}\r\n", pair.host), ""), 400, "invalid"),
        (
            "an id that is none",
            request("DELETE /api/me/devices/x", &format!("cookie: {}\r\n", pair.host), ""),
            404,
            "not_found",
        ),
    ];
    for (what, bytes, status, code) in cases {
        let reply = throw(server.address, &bytes).await.unwrap_or_else(|| panic!("{what}: an answer"));
        println!("{what}: {} {}", reply.status, reply.body);
        reply.problem(status, code);
    }
    // Before there is a request there is only a number.
    let long = "x".repeat(100 * 1024);
    for (what, bytes, statuses) in [
        ("no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec(), [400, 400]),
        ("a long header", request("GET /api/me", &format!("x-long: {long}\r\n"), ""), [431, 431]),
        ("a long path", request(&format!("GET /{long}"), "", ""), [414, 431]),
        ("many headers", request("GET /api/me", &"x: y\r\n".repeat(500), ""), [431, 431]),
    ] {
        let status = throw(server.address, &bytes).await.unwrap_or_else(|| panic!("{what}: an answer")).status;
        assert!(statuses.contains(&status), "{what}: {status}");
    }
    assert_eq!(server.get("/api/me", &pair.host).status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_socket_that_speaks_nonsense_is_closed_with_a_reason() {
    let rig = Rig::new(fresh(Engine::Sqlite).await);
    let server = rig.start();
    let pair = pair(&server);
    let token = text(&pair.seat["media"], "token");
    let offer = |sdp: &str| {
        let offer = SessionDescription { r#type: "offer".into(), sdp: sdp.into(), ..Default::default() };
        Message::binary(SignalRequest { message: Some(Say::Offer(offer)) }.encode_to_vec())
    };
    for (what, message, expected) in [
        ("a broken message", Message::binary(vec![0xff; 500]), (4400, "malformed")),
        ("a message cut short", Message::binary(vec![0x0a, 0x7f, 0x01]), (4400, "malformed")),
        ("text that is none of ours", Message::text("{\"no\":"), (4400, "malformed")),
        // What is too big has a number of its own (RFC 6455 section 7.4.1).
        ("a frame too large", Message::binary(vec![0; 1 << 20]), (1009, "Frame too large")),
    ] {
        let mut socket = Socket::signal(server.address, token).await;
        // A frame too large may be refused before it is whole.
        let _ = socket.try_say(message).await;
        let closed = socket.closed().await;
        let cut = closed.0 == 0 && expected.0 == 1009;
        assert!(cut || closed == (expected.0, expected.1.to_owned()), "{what}: {closed:?}");
    }
    for (what, sdp) in
        [("no description", "nonsense"), ("an empty one", ""), ("half a one", "v=0\r\nm=audio 9 X 111\r\n")]
    {
        // Who was sent away takes the seat again.
        let seat = server.ask("POST", &pair.join, &pair.host, &json!({})).unwrap().expect(200);
        let mut socket = Socket::signal(server.address, text(&seat["media"], "token")).await;
        socket.say(offer(sdp)).await;
        let (last, closed) = socket.last_words().await;
        let said = SignalResponse::decode(&last[..]).unwrap().message;
        let Some(Hear::Leave(leave)) = said else { panic!("{what}: {said:?} {closed:?}") };
        assert_ne!(leave.reason(), DisconnectReason::UnknownReason, "{what}");
    }
    assert_eq!(server.get("/api/me", &pair.host).status, 200);
}

both_engines! {
    async fn ten_thousand_bad_tokens_cost_nothing_and_disturb_nobody(db: TestDatabases) {
        let rig = Rig::new(db);
        rig.configure(&format!("[[livekit.keys]]\nkey = \"{KEY}\"\nsecret = \"{SECRET}\"\n"));
        let server = rig.start();
        let pair = pair(&server);
        let room = text(&pair.seat["media"], "room");
        let good = text(&pair.seat["media"], "token");
        let (head, signature) = good.rsplit_once('.').unwrap();
        let tokens = [
            (String::new(), 401),
            ("nonsense".to_owned(), 401),
            ("a.b.c".to_owned(), 401),
            ("x".repeat(20_000), 401),
            (format!("{head}.{}", signature.chars().rev().collect::<String>()), 401),
            (token("lab", KEY, SECRET, -3600), 401),
            (token("lab", "APIother", SECRET, 3600), 401),
            (token("lab", KEY, "another secret of thirty-two characters", 3600), 401),
            (token(room, "kloud meeting", SECRET, 3600), 401),
            (token(room, KEY, SECRET, 3600), 403),
        ];
        let attack = async |count: usize| {
            let batches = (0..50).map(|batch| {
                let (tokens, address) = (tokens.clone(), server.address);
                tokio::spawn(async move {
                    for n in 0..count / 50 {
                        let (token, status) = &tokens[(batch + n) % tokens.len()];
                        let line = format!("GET /rtc/v1?access_token={token}&join_request={}", join_request());
                        let upgrade = "upgrade: websocket\r\nsec-websocket-version: 13\r\n\
                                       sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
                        let reply = throw(address, &request(&line, upgrade, "")).await.expect("an answer");
                        assert_eq!(reply.status, *status, "{}", token.get(..40).unwrap_or(token));
                    }
                })
            });
            futures::future::join_all(batches).await.into_iter().for_each(|batch| batch.unwrap());
        };
        let mut hears = Socket::events(server.address, &pair.guest).await;
        hears.watch(&[(&pair.conversation, None)]).await;
        attack(1_000).await;
        let before = server.resident();
        let flood = attack(10_000);
        tokio::pin!(flood);
        let mut n = 0;
        loop {
            n += 1;
            let (address, cookie, path) = (server.address, pair.host.clone(), pair.messages.clone());
            let message = json!({ "client_id": format!("01a20d60-08a9-7e07-b0e3-{n:012}"), "text": "good" });
            let said = tokio::task::spawn_blocking(move || {
                crate::support::process::ask(address, "POST", &path, &cookie, &message)
            });
            let heard = async {
                assert_eq!(said.await.unwrap().expect("an answer").status, 201);
                assert_eq!(hears.event().await["seq"], n);
            };
            tokio::pin!(heard);
            tokio::select! {
                () = &mut flood => {
                    heard.await;
                    break;
                }
                () = &mut heard => {}
            }
        }
        let grown = server.resident().saturating_sub(before);
        println!("{n} good messages meanwhile; grown by {} KiB", grown / 1024);
        assert!(n > 5, "{n} messages meanwhile");
        assert!(grown < 40 << 20, "grown by {} MiB", grown >> 20);
    }
}

/// What a slow client does.
#[derive(Clone, Copy, Debug)]
enum Slow {
    SaysNothing,
    DripsHead,
    DripsBody,
}

/// Asks for much, takes nothing, and keeps its end open.
async fn never_reads(address: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    let asks = "GET /api-docs/openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(400);
    stream.write_all(asks.as_bytes()).await.unwrap();
    stream
}

/// Goes on until the server has had enough.
async fn be_slow(address: SocketAddr, how: Slow) -> String {
    let mut stream = attacker(address).await;
    let drop_by_drop = match how {
        Slow::SaysNothing => Vec::new(),
        Slow::DripsHead => request("GET /", &format!("x: {}\r\n", "y".repeat(2_000)), ""),
        Slow::DripsBody => {
            let head = "content-type: application/json\r\ncontent-length: 10000\r\n";
            stream.write_all(&request("POST /api/sessions", head, "")).await.unwrap();
            vec![b' '; 10_000]
        }
    };
    let (mut reader, mut writer) = stream.split();
    let drip = async {
        let mut pace = tokio::time::interval(std::time::Duration::from_millis(50));
        for byte in drop_by_drop {
            pace.tick().await;
            if writer.write_all(&[byte]).await.is_err() {
                break;
            }
        }
        std::future::pending::<()>().await
    };
    let mut answer = Vec::new();
    let let_go = async {
        tokio::select! {
            _ = reader.read_to_end(&mut answer) => {}
            () = drip => {}
        }
    };
    assert!(tokio::time::timeout(DEADLINE, let_go).await.is_ok(), "{how:?} is held");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_clients_are_let_go() {
    let rig = Rig::new(fresh(Engine::Sqlite).await);
    rig.configure("[http]\nhead_seconds = 1\nrequest_seconds = 1\ntaken_seconds = 1\n");
    let server = rig.start();
    let pair = pair(&server);
    for how in [Slow::SaysNothing, Slow::DripsHead, Slow::DripsBody] {
        let all = (0..50).map(|_| tokio::spawn(be_slow(server.address, how)));
        for answer in futures::future::join_all(all).await {
            let answer = answer.unwrap();
            match how {
                Slow::DripsBody => Reply::read(&answer).expect("an answer").problem(503, "timed_out"),
                Slow::SaysNothing | Slow::DripsHead => assert_eq!(answer, "", "{how:?}"),
            }
        }
        assert_eq!(server.get("/api/me", &pair.host).status, 200, "{how:?}");
    }
    let open = futures::future::join_all((0..50).map(|_| never_reads(server.address))).await;
    until("all are accepted", || (server.sockets() >= open.len()).then_some(()));
    until("nobody is held on to", || (server.sockets() < open.len() / 2).then_some(()));
    drop(open);
    assert_eq!(server.get("/api/me", &pair.host).status, 200);
}
