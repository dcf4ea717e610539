//! A full room: load clients with real media, and two people in real browsers on the same machine.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::Value;

use crate::run::{command, run};

#[derive(Args)]
pub struct RoomArguments {
    /// Everyone in the room, the two browsers among them
    #[arg(long, default_value_t = 30)]
    people: u32,
    /// So many of the load clients have a microphone, and speak in turn
    #[arg(long, default_value_t = 6)]
    talkers: u32,
    /// So many of the two browsers have camera and microphone on
    #[arg(long, default_value_t = 2)]
    cameras: u32,
    /// How long it is measured
    #[arg(long, default_value_t = 30)]
    seconds: u32,
    /// Where the figures go
    #[arg(long, default_value = "/tmp/kloud-bench-room.json")]
    json: PathBuf,
    /// A folder for the profiles of the two pages
    #[arg(long)]
    profile: Option<PathBuf>,
}

/// Of one core.
const SERVER_MAX: f64 = 0.5;
/// Frames a second of a page that is fluid without a graphics card.
const FRAMES_MIN: f64 = 30.0;

pub fn room(binary: &Path, load: &Path, arguments: &RoomArguments) -> Result<()> {
    let RoomArguments { people, talkers, cameras, seconds, json, profile } = arguments;
    let mut script = command("node");
    script.arg("web/e2e/crowd.mjs").args([binary, load]).arg("--json").arg(json);
    for (name, value) in [("people", people), ("talkers", talkers), ("cameras", cameras), ("seconds", seconds)] {
        script.arg(format!("--{name}")).arg(value.to_string());
    }
    if let Some(folder) = profile {
        script.arg("--profile").arg(folder);
    }
    run(&mut script)?;
    let report: Value = serde_json::from_slice(&std::fs::read(json)?)?;
    print(&report);
    let server = number(&report, "server_cores")?;
    let slowest = pages(&report).filter_map(|page| page["median_frame_rate"].as_f64()).fold(f64::INFINITY, f64::min);
    let verdict = |holds: bool| if holds { "holds" } else { "FAILS" };
    println!("server below {SERVER_MAX} of a core: {}", verdict(server < SERVER_MAX));
    println!("pages at {FRAMES_MIN} frames a second or more: {}", verdict(slowest >= FRAMES_MIN));
    let used = number(&report, "machine_cores")?;
    let own: f64 = ["server_cores", "load_cores", "browser_cores"].iter().filter_map(|n| report[n].as_f64()).sum();
    if used - own > 0.2 {
        println!("others used {:.2} cores meanwhile, so the pages may have been held up by them", used - own);
    }
    if server >= SERVER_MAX || slowest < FRAMES_MIN {
        bail!("a limit is passed");
    }
    Ok(())
}

fn print(report: &Value) {
    println!("{:<28}{:>12}{:>12}", "", "page 1", "page 2");
    let rows = [
        ("median_frame_rate", "frames a second, median"),
        ("frame_rate", "frames a second, mean"),
        ("p95_gap_ms", "gap of frames, p95, ms"),
        ("longest_gap_ms", "longest gap, ms"),
        ("long_tasks", "tasks over 50 ms"),
        ("long_tasks_ms", "… together, ms"),
        ("pictures", "pictures that move"),
        ("decoded_per_second", "decoded frames a second"),
        ("freezes", "freezes"),
        ("lost_packets", "lost packets"),
    ];
    for (name, title) in rows {
        let cells: String = pages(report).map(|page| format!("{:>12}", page[name].to_string())).collect();
        println!("{title:<28}{cells}");
    }
    for (name, title) in [
        ("server_cores", "server, cores"),
        ("server_us_per_packet", "server, µs per packet"),
        ("server_kb", "server, kB"),
        ("load_cores", "load clients, cores"),
        ("browser_cores", "both browsers, cores"),
        ("machine_cores", "whole machine, cores"),
    ] {
        println!("{title:<28}{:>12}", report[name].to_string());
    }
    println!("{:<28}{:>12}", "load clients missed, packets", report["load"]["missing"].to_string());
}

fn pages(report: &Value) -> impl Iterator<Item = &Value> {
    report["browsers"].as_array().into_iter().flatten()
}

fn number(report: &Value, name: &str) -> Result<f64> {
    report[name].as_f64().with_context(|| format!("no {name} in the report"))
}
