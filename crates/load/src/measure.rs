//! Steady streams for `cargo xtask bench media`. Each line of the standard input is an order, and is answered by one line:
//! a number lets so many viewers in, in all, and is answered with how long each took until its first packet; anything else
//! is answered with what arrived since the last answer.

use std::time::Instant;

use clap::{Args, ValueEnum};
use kloud_load::{Client, Pace};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::api::Server;

#[derive(Args)]
pub struct MeasureArguments {
    #[command(flatten)]
    server: Server,
    #[arg(long, value_enum)]
    what: What,
    /// So many send
    #[arg(long, default_value_t = 1)]
    senders: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// 2 Mbit/s each, in packets of 1,200 bytes
    Video,
    /// 50 packets of 100 bytes a second each
    Audio,
    /// Everybody has a camera and a microphone, and nothing is sent
    Idle,
}

const MICROPHONE: i32 = 2;
const CAMERA: i32 = 1;
const ROOM: &str = "bench";

pub async fn measure(arguments: &MeasureArguments) {
    let MeasureArguments { server, what, senders } = arguments;
    let (mut clients, mut tracks) = (Vec::new(), Vec::new());
    for sender in 0..*senders {
        let client = Client::join(server.server, &server.token(ROOM, &format!("sender-{sender}"))).await;
        match what {
            What::Video => tracks.push(client.steady("cam", CAMERA, Pace::PICTURE).await),
            What::Audio => tracks.push(client.steady("mic", MICROPHONE, Pace::VOICE).await),
            What::Idle => {
                for (cid, source, pace) in [("mic", MICROPHONE, Pace::VOICE), ("cam", CAMERA, Pace::PICTURE)] {
                    client.steady(cid, source, pace).await;
                    client.set_streaming(cid, false);
                }
            }
        }
        clients.push(client);
    }
    println!("{}", json!({ "ready": true }));
    let mut viewers: Vec<Client> = Vec::new();
    let mut input = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = input.next_line().await.expect("lines of text") {
        let Ok(wanted) = line.trim().parse::<usize>() else {
            println!("{}", report(clients.iter().chain(&viewers)));
            continue;
        };
        let mut joins = Vec::new();
        while viewers.len() < wanted {
            let (viewer, took) = view(server, viewers.len(), &tracks).await;
            joins.push(took);
            viewers.push(viewer);
        }
        println!("{}", json!({ "viewers": viewers.len(), "joins_ms": joins }));
    }
}

/// Lets one in; the milliseconds from the beginning until the first packet.
async fn view(server: &Server, number: usize, tracks: &[String]) -> (Client, f64) {
    let token = server.token(ROOM, &format!("viewer-{number}"));
    let began = Instant::now();
    let client = Client::begin(server.server, &token).await.expect("a socket");
    client.until("a first packet", |seen| !seen.packets.is_empty()).await;
    let took = began.elapsed().as_secs_f64() * 1_000.0;
    client.until("all that is sent", |seen| tracks.iter().all(|track| seen.packets_of(track) > 0)).await;
    (client, took)
}

fn report<'a>(clients: impl Iterator<Item = &'a Client>) -> Value {
    let (mut packets, mut missing, mut delays) = (0u64, 0u64, Vec::new());
    for client in clients {
        let mut seen = client.seen.lock().expect("unpoisoned");
        packets += std::mem::take(&mut seen.packets).values().sum::<u64>();
        missing += std::mem::take(&mut seen.missing);
        delays.append(&mut seen.delays);
    }
    delays.sort_unstable();
    let part = |thousandths: usize| delays.get(delays.len() * thousandths / 1_000).copied();
    json!({
        "packets": packets,
        "missing": missing,
        "delay_us": { "p50": part(500), "p99": part(990), "p999": part(999) },
    })
}
