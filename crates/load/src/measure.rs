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
    /// So many rooms, alike; who comes goes to each in turn
    #[arg(long, default_value_t = 1)]
    rooms: usize,
    /// So many send in each room
    #[arg(long, default_value_t = 1)]
    senders: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// 2 Mbit/s each, in packets of 1,200 bytes
    Video,
    /// 50 packets of 100 bytes a second each
    Audio,
    /// A voice and a picture as it is in a small tile
    Talk,
    /// Everybody has a camera and a microphone, and nothing is sent
    Idle,
}

const MICROPHONE: i32 = 2;
const CAMERA: i32 = 1;

/// A room and the tracks that its senders send.
struct Room {
    name: String,
    tracks: Vec<String>,
}

pub async fn measure(arguments: &MeasureArguments) {
    let MeasureArguments { server, what, rooms, senders } = arguments;
    let (mut clients, mut filled) = (Vec::new(), Vec::new());
    for room in 0..*rooms {
        let mut room = Room { name: format!("bench-{room}"), tracks: Vec::new() };
        for sender in 0..*senders {
            let client = Client::join(server.server, &server.token(&room.name, &format!("sender-{sender}"))).await;
            room.tracks.extend(what.begin(&client).await);
            clients.push(client);
        }
        filled.push(room);
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
            let (viewer, took) = view(server, viewers.len(), &filled[viewers.len() % filled.len()]).await;
            joins.push(took);
            viewers.push(viewer);
        }
        println!("{}", json!({ "viewers": viewers.len(), "joins_ms": joins }));
    }
}

impl What {
    /// Begins to send; the tracks that others get.
    async fn begin(self, client: &Client) -> Vec<String> {
        const MIC: (&str, i32, Pace) = ("mic", MICROPHONE, Pace::VOICE);
        const CAM: (&str, i32, Pace) = ("cam", CAMERA, Pace::PICTURE);
        let lines: &[_] = match self {
            What::Video => &[CAM],
            What::Audio => &[MIC],
            What::Talk => &[MIC, ("cam", CAMERA, Pace::TILE)],
            What::Idle => &[MIC, CAM],
        };
        let mut tracks = Vec::new();
        for (cid, source, pace) in lines {
            let track = client.steady(cid, *source, *pace).await;
            if self == What::Idle {
                client.set_streaming(cid, false);
            } else {
                tracks.push(track);
            }
        }
        tracks
    }
}

/// Lets one in; the milliseconds from the beginning until the first packet.
async fn view(server: &Server, number: usize, room: &Room) -> (Client, f64) {
    let token = server.token(&room.name, &format!("viewer-{number}"));
    let began = Instant::now();
    let client = Client::begin(server.server, &token).await.expect("a socket");
    client.until("a first packet", |seen| !seen.packets.is_empty()).await;
    let took = began.elapsed().as_secs_f64() * 1_000.0;
    client.until("all that is sent", |seen| room.tracks.iter().all(|track| seen.packets_of(track) > 0)).await;
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
