//! `cargo xtask soak`: people come and go at random for a while, and nothing of them stays behind.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::Value;

use crate::browsers;
use crate::served::{Served, free_port, pinned};

#[derive(Args)]
pub struct SoakArguments {
    /// How long people come and go
    #[arg(long, default_value_t = 10)]
    minutes: u64,
    /// Another seed is another story
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// So many people, each in one of three rooms at a time
    #[arg(long, default_value_t = 12)]
    people: u64,
    /// This binary instead of the quick build
    #[arg(long)]
    binary: Option<PathBuf>,
}

const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Over the second half, resident memory may rise by this part of itself and so many kB.
const RISE_MAX: f64 = 0.05;
const RISE_KB: f64 = 4_096.0;
/// Threads and descriptors more than before the first one came: connections that are kept for the next request.
const KEPT_MAX: u64 = 8;
const SETTLE: Duration = Duration::from_secs(60);

struct Sample {
    seconds: f64,
    resident: f64,
}

pub fn soak(arguments: &SoakArguments) -> Result<()> {
    let quick = browsers::binary()?;
    let load = quick.with_file_name("kloud-load");
    let binary = arguments.binary.clone().unwrap_or(quick);
    let hooks = free_port()?;
    let served = Served::start(&binary, None, Some(hooks))?;
    std::thread::sleep(Duration::from_secs(3));
    let before = (served.threads()?, served.descriptors()?);
    let mut people = pinned(&load, None);
    people.args(["soak", "--server", &format!("127.0.0.1:{}", served.port)]);
    people.args(["--key", &served.key, "--secret", &served.secret, "--hooks", &hooks.to_string()]);
    people.args(["--seconds", &(arguments.minutes * 60).to_string()]);
    people.args(["--seed", &arguments.seed.to_string(), "--people", &arguments.people.to_string()]);
    let mut people = people.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let lines = BufReader::new(people.stdout.take().context("its output")?).lines().map_while(Result::ok);
    let (say, said) = mpsc::channel();
    std::thread::spawn(move || lines.for_each(|line| drop(say.send(line))));

    let (began, mut samples, mut report) = (Instant::now(), Vec::new(), None);
    let mut are_there = true;
    loop {
        match said.recv_timeout(LOOK_EVERY) {
            Ok(line) => {
                let line: Value = serde_json::from_str(&line)?;
                are_there = false;
                report = line.get("ghosts").is_some().then_some(line);
            }
            Err(mpsc::RecvTimeoutError::Timeout) if are_there => {
                let (seconds, resident) = (began.elapsed().as_secs_f64(), served.resident()? as f64);
                samples.push(Sample { seconds, resident });
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
        }
    }
    people.wait()?;
    let report = report.context("the people failed; what the server did to them stands above")?;
    println!("{}", serde_json::to_string_pretty(&report)?);
    let after = settled(&served, before)?;
    judge(&report, &samples, before, after)
}

/// Threads and descriptors, once they are as few as before, or after a while.
fn settled(served: &Served, before: (u64, u64)) -> Result<(u64, u64)> {
    let began = Instant::now();
    loop {
        let now = (served.threads()?, served.descriptors()?);
        if (now.0 <= before.0 && now.1 <= before.1) || began.elapsed() > SETTLE {
            return Ok(now);
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

fn judge(report: &Value, samples: &[Sample], before: (u64, u64), after: (u64, u64)) -> Result<()> {
    let second_half = &samples[samples.len() / 2..];
    let mean = second_half.iter().map(|s| s.resident).sum::<f64>() / second_half.len().max(1) as f64;
    let span = second_half.last().map_or(0.0, |s| s.seconds) - second_half.first().map_or(0.0, |s| s.seconds);
    let rise = slope(second_half) * span;
    println!("memory: {mean:.0} kB in the mean of the second half, in which it rose by {rise:.0} kB");
    println!("threads: {} before, {} after; descriptors: {} before, {} after", before.0, after.0, before.1, after.1);
    let flat = rise <= mean * RISE_MAX + RISE_KB;
    let verdicts = [
        ("memory is flat", flat),
        ("nobody stayed behind", report["ghosts"] == 0),
        ("webhooks are balanced", report["balanced"] == true),
        ("no thread is left over", after.0 <= before.0 + KEPT_MAX),
        ("no descriptor is left over", after.1 <= before.1 + KEPT_MAX),
    ];
    for (what, holds) in verdicts {
        println!("{what}: {}", if holds { "holds" } else { "FAILS" });
    }
    if verdicts.iter().any(|(_, holds)| !holds) {
        bail!("something stayed behind");
    }
    Ok(())
}

/// kB a second, by least squares.
fn slope(samples: &[Sample]) -> f64 {
    let count = samples.len().max(1) as f64;
    let mean = |of: fn(&Sample) -> f64| samples.iter().map(of).sum::<f64>() / count;
    let (time, memory) = (mean(|s| s.seconds), mean(|s| s.resident));
    let over: f64 = samples.iter().map(|s| (s.seconds - time) * (s.resident - memory)).sum();
    let under: f64 = samples.iter().map(|s| (s.seconds - time).powi(2)).sum();
    if under > 0.0 { over / under } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rise_is_seen_through_noise() {
        let sample = |n: i32| Sample { seconds: f64::from(n), resident: f64::from(1_000 + 3 * n + 20 * (n % 2)) };
        let samples: Vec<_> = (0..100).map(sample).collect();
        assert!((slope(&samples) - 3.0).abs() < 0.1, "{}", slope(&samples));
        assert!(slope(&samples[..1]).abs() < f64::EPSILON && slope(&[]).abs() < f64::EPSILON);
    }
}
