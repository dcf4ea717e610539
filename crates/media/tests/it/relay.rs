//! Media through the relay, for those who get through in no other way; and nothing else through it.

use std::net::SocketAddr;

use kloud_livekit::proto::{IceServer, signal_response::Message as Hear};
use kloud_load::{By, Carrier, Client, NoRelay, Relay};
use kloud_media::{Epoch, Permits, RelayConfig, Source};
use kloud_sfu::Kind;
use kloud_turn::Credentials;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

use crate::world::{World, all_meet, name, who};

const CAMERA: i32 = 1;
const MICROPHONE: i32 = 2;

async fn world() -> World {
    World::start_as(|config| config.relay = RelayConfig { on: true, told_by_udp: true, tls: Vec::new() }).await
}

async fn by_relay(world: &World, by: By, token: &str) -> Client {
    Client::join_by_relay(world.http, by, token).await
}

/// What the server has told a client of its relay.
async fn told(world: &World, identity: &str) -> IceServer {
    let client = Client::join(world.http, &world.api_token("lab", identity)).await;
    let seen = client.seen.lock().expect("unpoisoned");
    let told = seen.heard.iter().find_map(|heard| match heard {
        Hear::Join(join) => join.ice_servers.first().cloned(),
        _ => None,
    });
    told.expect("the server tells of its relay")
}

async fn allocate(world: &World, by: By, credentials: Credentials) -> Result<Relay, NoRelay> {
    let carrier = Carrier::open(by, world.media.local_addr()).await.expect("a way");
    Relay::allocate(carrier, credentials, [7; 8]).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_who_speaks_to_the_relay_alone_joins_hears_and_is_heard() {
    for by in [By::Udp, By::Tcp] {
        let world = world().await;
        let ada = by_relay(&world, by, &world.api_token("lab", "ada")).await;
        let bob = by_relay(&world, by, &world.api_token("lab", "bob")).await;
        let eve = Client::join(world.http, &world.api_token("lab", "eve")).await;
        all_meet(&ada, &bob, &eve).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_permit_that_ends_stops_what_runs_through_the_relay() {
    let world = world().await;
    world.media.open_room(&name("meet")).expect("opened");
    let ada = world.admit("meet", "ada", Permits::CAMERA | Permits::MICROPHONE).await;
    let bob = world.admit("meet", "bob", Permits::NONE).await;
    let (ada, bob) = (by_relay(&world, By::Udp, &ada.token).await, by_relay(&world, By::Tcp, &bob.token).await);
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    let picture = ada.stream("cam", Kind::Video, CAMERA).await;
    bob.let_flow(&picture, 50).await;
    world.media.permit(&name("meet"), &who("ada"), Permits::MICROPHONE, Epoch(2)).await.expect("shut");
    let before = world.counted("meet", "ada", Source::Camera).await;
    bob.let_flow(&sound, 200).await;
    let after = world.counted("meet", "ada", Source::Camera).await;
    assert_eq!(after.forwarded, before.forwarded);
    assert!(after.refused_by_gate > before.refused_by_gate, "it did go on sending: {after:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_relay_leads_to_this_server_and_to_nobody_else() {
    let world = world().await;
    let told = told(&world, "ada").await;
    let other = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let beside = other.local_addr().expect("an address");
    let elsewhere: SocketAddr = "127.0.0.2:7882".parse().expect("an address");
    for by in [By::Udp, By::Tcp] {
        let mut relay = allocate(&world, by, Relay::credentials(&told)).await.expect("an allocation");
        assert_eq!(relay.reach(elsewhere).await, Err(NoRelay::Refused(403)));
        assert_eq!(relay.reach(beside).await, Err(NoRelay::Refused(403)), "the right address, another port");
        for peer in [elsewhere, beside] {
            relay.send_anyway(b"to another", peer).await.expect("sent");
        }
        relay.reach(world.media.local_addr()).await.expect("the server itself");
    }
    // What is sent straight comes; nothing came before it.
    let direct = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    direct.send_to(b"marker", beside).await.expect("sent");
    let mut packet = [0; 100];
    let (length, from) = other.recv_from(&mut packet).await.expect("a packet");
    assert_eq!((&packet[..length], from), (&b"marker"[..], direct.local_addr().expect("an address")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_and_expired_passwords_open_no_way() {
    let world = world().await;
    let told = told(&world, "ada").await;
    let good = Relay::credentials(&told);
    let (until, id) = good.username.split_once(':').expect("an end and a name");
    let until: i64 = until.parse().expect("seconds");
    let cases = [
        Credentials { password: "guess".into(), ..good.clone() },
        Credentials { username: format!("{}:{id}", until + 1), ..good.clone() },
        Credentials { username: format!("1:{id}"), ..good.clone() },
        Credentials { username: String::new(), password: String::new() },
    ];
    for by in [By::Udp, By::Tcp] {
        for wrong in &cases {
            assert_eq!(allocate(&world, by, wrong.clone()).await.err(), Some(NoRelay::Refused(401)), "{wrong:?}");
        }
        assert!(allocate(&world, by, good.clone()).await.is_ok());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_name_has_so_many_allocations_and_no_more() {
    let world = world().await;
    let good = Relay::credentials(&told(&world, "ada").await);
    let mut held = Vec::new();
    for _ in 0..16 {
        held.push(allocate(&world, By::Tcp, good.clone()).await.expect("an allocation"));
    }
    assert_eq!(allocate(&world, By::Udp, good.clone()).await.err(), Some(NoRelay::Refused(486)));
    // A stream that is closed takes its allocation with it.
    drop(held);
    let wait = async { while allocate(&world, By::Udp, good.clone()).await.is_err() {} };
    tokio::time::timeout(std::time::Duration::from_secs(30), wait).await.expect("room again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_strangers_disturbs_nobody_and_is_answered_at_its_rate() {
    let world = world().await;
    let ada = by_relay(&world, By::Udp, &world.api_token("lab", "ada")).await;
    let bob = by_relay(&world, By::Tcp, &world.api_token("lab", "bob")).await;
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    bob.let_flow(&sound, 20).await;
    let flood = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let mut request = vec![0, 3, 0, 0, 0x21, 0x12, 0xa4, 0x42];
    request.extend([9; 12]);
    let began = std::time::Instant::now();
    let (mut answers, mut packet) = (0u64, [0; 300]);
    for _ in 0..20_000 {
        flood.send_to(&request, world.media.local_addr()).await.expect("sent");
        while flood.try_recv(&mut packet).is_ok() {
            answers += 1;
        }
    }
    bob.let_flow(&sound, 200).await;
    while flood.try_recv(&mut packet).is_ok() {
        answers += 1;
    }
    let allowed = 1_000 + 200 * (began.elapsed().as_secs() + 1);
    assert!((1..=allowed).contains(&answers), "{answers} answers, {allowed} allowed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nonsense_said_to_the_relay_ends_its_own_stream_and_no_other() {
    let world = world().await;
    let ada = by_relay(&world, By::Tcp, &world.api_token("lab", "ada")).await;
    let bob = by_relay(&world, By::Tcp, &world.api_token("lab", "bob")).await;
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    bob.let_flow(&sound, 20).await;
    let begun = [0, 3, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1];
    // A channel that a stranger has not, a length that no message has, another protocol.
    for next in [&[0x40, 0, 0, 4, 1, 2, 3, 4][..], &[0, 3, 0xff, 0xfc, 0x21, 0x12, 0xa4, 0x42], b"GET / HTTP/1.1\r\n"] {
        let mut stream = TcpStream::connect(world.media.local_addr()).await.expect("a stream");
        stream.write_all(&begun).await.expect("written");
        let mut answer = [0; 20];
        stream.read_exact(&mut answer).await.expect("an answer to what was right");
        assert_eq!(answer[..2], [1, 0x13]);
        let _ = stream.write_all(next).await;
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
    }
    bob.let_flow(&sound, 200).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_the_relay_is_off_nobody_is_told_of_it_and_it_does_not_answer() {
    let world = World::start_as(|config| config.relay.on = false).await;
    let ada = Client::join(world.http, &world.api_token("lab", "ada")).await;
    assert!(ada.seen.lock().expect("unpoisoned").heard(|h| matches!(h, Hear::Join(j) if j.ice_servers.is_empty())));
    let credentials = Credentials { username: "9999999999:ada".into(), password: "guess".into() };
    assert_eq!(allocate(&world, By::Tcp, credentials).await.err(), Some(NoRelay::Silent));
    let bob = Client::join(world.http, &world.api_token("lab", "bob")).await;
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    bob.let_flow(&sound, 20).await;
}
