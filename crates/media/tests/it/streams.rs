//! Media by TCP, for those whose network lets no UDP through.

use kloud_base::Rng;
use kloud_media::{Epoch, Permits, Source};
use kloud_sfu::Kind;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::world::{Seeded, World, all_meet, name, who};
use kloud_load::Client;

const CAMERA: i32 = 1;
const MICROPHONE: i32 = 2;

async fn by_tcp(world: &World, token: &str) -> Client {
    Client::join_by_tcp(world.http, world.media.local_addr(), token).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sound_and_pictures_go_both_ways_by_tcp() {
    let world = World::start().await;
    let ada = by_tcp(&world, &world.api_token("lab", "ada")).await;
    let bob = by_tcp(&world, &world.api_token("lab", "bob")).await;
    let eve = Client::join(world.http, &world.api_token("lab", "eve")).await;
    all_meet(&ada, &bob, &eve).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_permit_that_ends_stops_what_runs_by_tcp() {
    let world = World::start().await;
    world.media.open_room(&name("meet")).expect("opened");
    let ada = world.admit("meet", "ada", Permits::CAMERA | Permits::MICROPHONE).await;
    let bob = world.admit("meet", "bob", Permits::NONE).await;
    let (ada, bob) = (by_tcp(&world, &ada.token).await, by_tcp(&world, &bob.token).await);
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
async fn one_who_does_not_read_holds_nobody_up() {
    let world = World::start().await;
    let ada = Client::join(world.http, &world.api_token("lab", "ada")).await;
    let bob = by_tcp(&world, &world.api_token("lab", "bob")).await;
    let eve = by_tcp(&world, &world.api_token("lab", "eve")).await;
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    let picture = ada.stream("cam", Kind::Video, CAMERA).await;
    bob.let_flow(&picture, 20).await;
    bob.set_stalled(true);
    eve.let_flow(&picture, 1_500).await;
    eve.let_flow(&sound, 200).await;
    bob.set_stalled(false);
    bob.let_flow(&sound, 50).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nonsense_ends_its_own_stream_and_no_other() {
    let world = World::start().await;
    let ada = by_tcp(&world, &world.api_token("lab", "ada")).await;
    let bob = by_tcp(&world, &world.api_token("lab", "bob")).await;
    let sound = ada.stream("mic", Kind::Audio, MICROPHONE).await;
    bob.let_flow(&sound, 20).await;
    let rng = Seeded::default();
    for n in 0..64usize {
        let mut stream = TcpStream::connect(world.media.local_addr()).await.expect("a stream");
        let mut words = vec![0; 40 * n + 8];
        rng.fill(&mut words);
        // A length that no packet has, a packet that is no request, or a request that names nobody.
        words[..8]
            .copy_from_slice(&[[0xff, 0xff, 0, 0, 0, 0, 0, 0], [0, 4, 0x80, 1, 2, 3, 0xff, 0xff], *b"GET / HT"][n % 3]);
        let _ = stream.write_all(&words).await;
        let mut rest = Vec::new();
        // Closed or reset: in any case over.
        let _ = stream.read_to_end(&mut rest).await;
        assert!(rest.is_empty());
    }
    // One whom the server trusts is cut off as well, alone: the length that it claims is too long.
    let eve = by_tcp(&world, &world.api_token("lab", "eve")).await;
    eve.raw(vec![7; 4_000]);
    eve.until("the end of the stream", |s| s.cut_off).await;
    bob.let_flow(&sound, 200).await;
}
