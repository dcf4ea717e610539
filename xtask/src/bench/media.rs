//! What a forwarded packet, a listener, a viewer and one who only sits there cost the server, against the bars; with the
//! server of a peer, both in turn, as ratios.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::{Value, json};

use super::clients::Clients;
use crate::served::Served;

#[derive(Args)]
pub struct MediaArguments {
    /// A `livekit-server` to compare with, in turn
    #[arg(long)]
    peer: Option<PathBuf>,
    /// How long each thing is measured
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// With a peer, so many turns; the first one does not count
    #[arg(long, default_value_t = 4)]
    turns: usize,
    /// This binary instead of a build
    #[arg(long)]
    pub binary: Option<PathBuf>,
    /// Where the figures go
    #[arg(long, default_value = "/tmp/kloud-bench-media.json")]
    json: PathBuf,
}

const SERVER_CORE: u32 = 0;
/// Who sends, and to how many. Memory of one more is the difference between a few of them and all.
const VIDEO: Crowd = Crowd { what: "video", senders: 1, many: 100 };
const AUDIO: Crowd = Crowd { what: "audio", senders: 10, many: 200 };
/// A meeting as most are, for the memory of one who listens.
const FEW_VOICES: Crowd = Crowd { what: "audio", senders: 3, many: 80 };
const FEW: usize = 20;
const IDLE: usize = 25;
/// So many rooms of them. With a single one the machine falls asleep between any two of their packets, and what is measured
/// is what it costs to wake it up.
const IDLE_ROOMS: usize = 20;
const SETTLE: Duration = Duration::from_secs(5);

struct Crowd {
    what: &'static str,
    senders: usize,
    many: usize,
}

/// A figure, its name, and what it may be at most.
const BARS: &[(&str, &str, f64)] = &[
    ("video_us_per_packet", "video: server µs for each forwarded packet", 3.0),
    ("audio_us_per_packet", "audio: server µs for each forwarded packet", 4.3),
    ("kb_per_listener", "kB for each listener of three voices", 150.0),
    ("kb_per_viewer", "kB for each viewer of video", 600.0),
    ("join_p95_ms", "from the first byte to the first packet, p95, ms", 250.0),
    ("delay_p99_ms", "from one client through the server to another, p99, ms", 3.0),
    ("idle_us_per_second", "one of 25 who only sit there, 20 rooms, µs a second", 30.0),
];

pub fn media(binary: &Path, load: &Path, arguments: &MediaArguments) -> Result<()> {
    let seconds = Duration::from_secs(arguments.seconds);
    let own = || measure(load, seconds, || Served::start(binary, Some(SERVER_CORE), None));
    let Some(peer) = &arguments.peer else {
        let figures = own()?;
        std::fs::write(&arguments.json, format!("{figures:#}\n"))?;
        return against_bars(&figures);
    };
    let mut turns = Vec::new();
    for _ in 0..arguments.turns.max(2) {
        let theirs = measure(load, seconds, || Served::start_peer(peer, SERVER_CORE))?;
        turns.push(json!({ "own": own()?, "peer": theirs }));
    }
    std::fs::write(&arguments.json, format!("{:#}\n", json!(turns)))?;
    ratios(&turns[1..])
}

fn measure(load: &Path, seconds: Duration, start: impl Fn() -> Result<Served>) -> Result<Value> {
    let video = streams(load, seconds, &start, &VIDEO)?;
    let audio = streams(load, seconds, &start, &AUDIO)?;
    let few_voices = streams(load, seconds, &start, &FEW_VOICES)?;
    let idle_alone = idle(load, seconds, &start()?, 1)?;
    let idle = idle(load, seconds, &start()?, IDLE_ROOMS)?;
    Ok(json!({
        "video_us_per_packet": video["us_per_packet"],
        "audio_us_per_packet": audio["us_per_packet"],
        "kb_per_viewer": video["kb_each"],
        "kb_per_listener": few_voices["kb_each"],
        "join_p95_ms": video["join_p95_ms"],
        "delay_p50_ms": video["delay_p50_ms"],
        "delay_p99_ms": video["delay_p99_ms"],
        "idle_us_per_second": idle,
        "idle_in_one_room_us_per_second": idle_alone,
        "video": video,
        "audio": audio,
        "few_voices": few_voices,
    }))
}

/// Senders, and then more and more who get what they send.
fn streams(load: &Path, seconds: Duration, start: &impl Fn() -> Result<Served>, crowd: &Crowd) -> Result<Value> {
    let served = start()?;
    let mut clients = Clients::start(load, &served, crowd.what, 1, crowd.senders)?;
    let mut joins = clients.let_in(FEW)?;
    std::thread::sleep(SETTLE);
    let few = served.resident()?;
    joins.extend(clients.let_in(crowd.many)?);
    std::thread::sleep(SETTLE);
    let many = served.resident()?;
    let steady = clients.steadily(&served, seconds)?;
    joins.sort_by(f64::total_cmp);
    Ok(json!({
        "us_per_packet": steady.server * 1e6 / steady.packets,
        "packets_per_second": steady.packets / steady.took,
        "missing": steady.report["missing"],
        "server_cores": steady.server / steady.took,
        "load_cores": steady.load / steady.took,
        "kb_each": many.saturating_sub(few) as f64 / (crowd.many - FEW) as f64,
        "join_p50_ms": joins.get(joins.len() / 2),
        "join_p95_ms": joins.get(joins.len() * 95 / 100),
        "delay_p50_ms": steady.delay("p50"),
        "delay_p99_ms": steady.delay("p99"),
        "delay_p999_ms": steady.delay("p999"),
    }))
}

/// Everybody has a camera and a microphone, and nothing is sent. What the server does for nobody does not count.
fn idle(load: &Path, seconds: Duration, served: &Served, rooms: usize) -> Result<f64> {
    let busy = || {
        std::thread::sleep(2 * SETTLE);
        let (before, began) = (served.busy()?, Instant::now());
        std::thread::sleep(seconds);
        anyhow::Ok((served.busy()? - before).as_secs_f64() / began.elapsed().as_secs_f64())
    };
    let alone = busy()?;
    let _clients = Clients::start(load, served, "idle", rooms, IDLE)?;
    Ok((busy()? - alone) * 1e6 / (rooms * IDLE) as f64)
}

fn against_bars(figures: &Value) -> Result<()> {
    let mut is_passed = false;
    println!("{:<56}{:>10}{:>10}", "", "measured", "at most");
    for (name, title, bar) in BARS {
        let figure = figures[name].as_f64().with_context(|| format!("no {name}"))?;
        is_passed |= figure > *bar;
        println!("{title:<56}{figure:>10.2}{bar:>10.1}  {}", if figure > *bar { "FAILS" } else { "holds" });
    }
    for what in ["video", "audio", "few_voices"] {
        let of = |name: &str| figures[what][name].as_f64().unwrap_or(f64::NAN);
        println!(
            "{what}: {:.0} packets a second with {:.2} of a core for the server and {:.2} for the load clients",
            of("packets_per_second"),
            of("server_cores"),
            of("load_cores"),
        );
    }
    if is_passed {
        bail!("a bar is passed");
    }
    Ok(())
}

/// Own figures as parts of the peer's, the smallest of the turns and the middle one.
fn ratios(turns: &[Value]) -> Result<()> {
    println!("{:<56}{:>10}{:>10}", "parts of the peer's", "least", "median");
    for (name, title, _) in BARS {
        let of = |turn: &Value, whose: &str| turn[whose][name].as_f64().with_context(|| format!("no {name}"));
        let mut ratios = Vec::new();
        for turn in turns {
            ratios.push(of(turn, "own")? / of(turn, "peer")?);
        }
        ratios.sort_by(f64::total_cmp);
        println!("{title:<56}{:>10.2}{:>10.2}", ratios[0], ratios[ratios.len() / 2]);
    }
    Ok(())
}
