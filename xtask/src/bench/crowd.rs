//! One room of 500, and a hundred rooms of five: whether everybody gets in and hears and sees without holes.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use super::clients::Clients;
use crate::served::Served;

/// Rooms, and those who look and listen in all of them; one more in each room speaks and shows a small picture.
const SCENES: &[(&str, usize, usize)] = &[("one room of 500", 1, 499), ("100 rooms of 5", 100, 400)];
const SERVER_CORE: u32 = 0;
const SETTLE: Duration = Duration::from_secs(5);
/// Of what is sent, so much may be missing.
const MISSING_MAX: f64 = 0.001;
/// Milliseconds from one client through the server to another, for 99 of 100 packets.
const DELAY_MAX: f64 = 20.0;

pub fn crowd(binary: &Path, load: &Path, seconds: u64) -> Result<()> {
    let mut holds = true;
    println!(
        "{:<18}{:>12}{:>12}{:>12}{:>12}{:>12}{:>12}{:>12}",
        "", "join p95 ms", "packets/s", "missing", "p50 ms", "p99 ms", "server core", "load core"
    );
    for (title, rooms, listeners) in SCENES {
        let served = Served::start(binary, Some(SERVER_CORE), None)?;
        let mut clients = Clients::start(load, &served, "talk", *rooms, 1)?;
        let mut joins = clients.let_in(*listeners)?;
        std::thread::sleep(SETTLE);
        let steady = clients.steadily(&served, Duration::from_secs(seconds))?;
        let missing = steady.report["missing"].as_f64().context("what is missing")? / steady.packets;
        let delay = |part: &str| steady.delay(part).unwrap_or(f64::NAN);
        joins.sort_by(f64::total_cmp);
        let p95 = joins.get(joins.len() * 95 / 100).copied().unwrap_or(f64::NAN);
        println!(
            "{title:<18}{p95:>12.0}{:>12.0}{:>11.3}%{:>12.2}{:>12.2}{:>12.2}{:>12.2}",
            steady.packets / steady.took,
            missing * 100.0,
            delay("p50"),
            delay("p99"),
            steady.server / steady.took,
            steady.load / steady.took,
        );
        holds &= missing <= MISSING_MAX && delay("p99") <= DELAY_MAX;
    }
    if !holds {
        bail!("more than {}% were missing, or 1 of 100 came later than {DELAY_MAX} ms", MISSING_MAX * 100.0);
    }
    Ok(())
}
