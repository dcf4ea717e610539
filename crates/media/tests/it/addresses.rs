//! Whatever family an address is of, and whatever name it has outside.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use kloud_livekit::proto::signal_response::Message as Hear;
use kloud_load::Client;
use kloud_sfu::Kind;

use crate::world::World;

const MICROPHONE: i32 = 2;
const V4: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

/// Two join from these addresses and hear each other.
async fn hear_each_other(world: &World, from: [IpAddr; 2]) {
    let ada = Client::join_from(from[0], world.http, &world.api_token("lab", "ada")).await;
    let bob = Client::join_from(from[1], world.http, &world.api_token("lab", "bob")).await;
    let (hers, his) =
        (ada.stream("mic", Kind::Audio, MICROPHONE).await, bob.stream("mic", Kind::Audio, MICROPHONE).await);
    bob.let_flow(&hers, 20).await;
    ada.let_flow(&his, 20).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_has_ipv6_alone_serves_by_it() {
    let world = World::start_as(|config| config.listen = SocketAddr::new(V6, 0)).await;
    assert_eq!(world.media.advertised(), [V6]);
    hear_each_other(&world, [V6, V6]).await;
    let mut stream_only = Vec::new();
    for name in ["eve", "fay"] {
        let token = world.api_token("lab", name);
        stream_only.push(Client::join_by_tcp(world.http, world.media.local_addr(), &token).await);
    }
    let sound = stream_only[0].stream("mic", Kind::Audio, MICROPHONE).await;
    stream_only[1].let_flow(&sound, 20).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_listens_everywhere_serves_both_families_at_once() {
    let world = World::start_as(|config| {
        config.listen = SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), 0);
        config.advertise = vec![V4, V6];
    })
    .await;
    hear_each_other(&world, [V4, V6]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_with_another_name_outside_is_told_by_that_name_alone() {
    let outside: IpAddr = "127.0.0.2".parse().expect("an address");
    let world = World::start_as(|config| {
        config.listen = SocketAddr::from(([0, 0, 0, 0], 0));
        config.advertise = vec![outside];
        config.relay.told_by_udp = true;
    })
    .await;
    hear_each_other(&world, [V4, V4]).await;
    let eve = Client::join(world.http, &world.api_token("lab", "eve")).await;
    let seen = eve.seen.lock().expect("unpoisoned");
    let answers = seen.heard.iter().filter_map(|heard| match heard {
        Hear::Answer(answer) => Some(&answer.sdp),
        _ => None,
    });
    let told: Vec<_> = answers.flat_map(|sdp| sdp.lines()).filter(|line| line.starts_with("a=candidate:")).collect();
    assert!(!told.is_empty() && told.iter().all(|line| line.contains(" 127.0.0.2 ")), "{told:?}");
    let port = world.media.local_addr().port();
    assert!(seen.heard(|heard| match heard {
        Hear::Join(join) =>
            join.ice_servers[0].urls == ["udp", "tcp"].map(|by| format!("turn:127.0.0.2:{port}?transport={by}")),
        _ => false,
    }));
}
