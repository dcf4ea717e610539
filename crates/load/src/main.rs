//! Fills a meeting. Seats come in by the standard input, one JSON object with `url` and `token` a line; each is answered
//! with `{"joined": …}` once it is taken. After an empty line they speak in turn until the input ends, and each further
//! line is answered with what they got so far.
//!
//! `measure` and `soak` are for `cargo xtask bench media` and `cargo xtask soak`.

mod api;
mod hooks;
mod measure;
mod soak;

use std::net::SocketAddr;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use kloud_load::{Client, Grid};
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, BufReader, Stdin};

#[derive(Parser)]
#[command(about = "Load clients in a meeting")]
struct Arguments {
    #[command(subcommand)]
    other: Option<Other>,
    #[command(flatten)]
    crowd: Crowd,
}

#[derive(Subcommand)]
enum Other {
    /// Steady streams, counted and timed
    Measure(measure::MeasureArguments),
    /// People who come and go at random
    Soak(soak::SoakArguments),
}

#[derive(Args)]
struct Crowd {
    /// Of all, so many have a microphone and speak in turn
    #[arg(long, default_value_t = 6)]
    talkers: usize,
    /// Of all, so many show nothing of themselves
    #[arg(long, default_value_t = 0)]
    hidden: usize,
    /// Tiles that each of them looks at
    #[arg(long, default_value_t = 49)]
    tiles: usize,
    /// Pixels across of a tile
    #[arg(long, default_value_t = 224)]
    tile_width: u32,
    /// Seconds that one speaks before the next begins
    #[arg(long, default_value_t = 3)]
    turn: u64,
}

#[derive(Deserialize)]
struct Seat {
    url: String,
    token: String,
}

/// Microphones and cameras have these names of their own in each client.
const VOICE: &str = "voice";
const CAMERA: &str = "camera";

type Input = tokio::io::Lines<BufReader<Stdin>>;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments = Arguments::parse();
    match arguments.other {
        Some(Other::Measure(arguments)) => measure::measure(&arguments).await,
        Some(Other::Soak(arguments)) => soak::soak(&arguments).await,
        None => crowd(&arguments.crowd).await,
    }
}

async fn crowd(arguments: &Crowd) {
    let mut input = BufReader::new(tokio::io::stdin()).lines();
    let grid = Grid { tiles: arguments.tiles, width: arguments.tile_width, height: arguments.tile_width * 9 / 16 };
    let mut clients = Vec::new();
    while let Some(seat) = next_seat(&mut input).await {
        let client = Client::join_with(address(&seat.url), &seat.token, grid).await;
        if clients.len() >= arguments.hidden {
            client.camera(CAMERA).await;
        }
        if clients.len() < arguments.talkers {
            client.voice(VOICE).await;
        }
        clients.push(client);
        println!("{}", serde_json::json!({ "joined": clients.len() }));
    }
    let talkers = &clients[..arguments.talkers.min(clients.len())];
    tokio::select! {
        () = speak_in_turn(talkers, Duration::from_secs(arguments.turn)) => {}
        () = answer(&mut input, &clients) => {}
    }
}

async fn next_seat(input: &mut Input) -> Option<Seat> {
    let line = input.next_line().await.expect("lines of text").filter(|line| !line.is_empty())?;
    Some(serde_json::from_str(&line).expect("a seat"))
}

fn address(url: &str) -> SocketAddr {
    url.trim_start_matches("ws://").parse().expect("ws:// and an address of numbers")
}

async fn answer(input: &mut Input, clients: &[Client]) {
    while let Ok(Some(_)) = input.next_line().await {
        println!("{}", report(clients));
    }
}

/// One speaks at a time, and each begins a moment before the one before ends.
async fn speak_in_turn(talkers: &[Client], turn: Duration) {
    if talkers.is_empty() {
        return std::future::pending().await;
    }
    let mut before: Option<&Client> = None;
    for talker in talkers.iter().cycle() {
        talker.speak(VOICE, true);
        tokio::time::sleep(turn / 4).await;
        if let Some(before) = before.filter(|before| !std::ptr::eq(*before, talker)) {
            before.speak(VOICE, false);
        }
        tokio::time::sleep(turn - turn / 4).await;
        before = Some(talker);
    }
}

fn report(clients: &[Client]) -> serde_json::Value {
    let sum = |count: fn(&kloud_load::Seen) -> u64| -> u64 {
        clients.iter().map(|client| count(&client.seen.lock().expect("unpoisoned"))).sum()
    };
    serde_json::json!({
        "packets": sum(|seen| seen.packets.values().sum()),
        "keyframes": sum(|seen| seen.keyframes.values().sum()),
        "missing": sum(|seen| seen.missing),
        "restarts": sum(|seen| seen.restarts),
        "closed": sum(|seen| u64::from(seen.closed)),
    })
}
