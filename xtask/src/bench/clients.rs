//! The process of load clients that a measurement talks to, by a line of text for each order and each answer.

use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::served::{Served, pinned};

/// The server has the other one.
const CORE: u32 = 1;

/// What has arrived while nothing changed.
pub struct Steady {
    pub report: Value,
    pub packets: f64,
    /// Seconds that passed, and seconds on processors of the server and of the load clients.
    pub took: f64,
    pub server: f64,
    pub load: f64,
}

impl Steady {
    /// Milliseconds of a packet's way, such as `p99`.
    pub fn delay(&self, part: &str) -> Option<f64> {
        self.report["delay_us"][part].as_f64().map(|us| us / 1_000.0)
    }
}

/// The load clients, all in one process.
pub struct Clients {
    child: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Clients {
    /// Rooms that are alike, with so many senders in each.
    pub fn start(load: &Path, served: &Served, what: &str, rooms: usize, senders: usize) -> Result<Self> {
        let mut clients = pinned(load, Some(CORE));
        clients.args(["measure", "--server", &format!("127.0.0.1:{}", served.port), "--what", what]);
        clients.args(["--rooms", &rooms.to_string()]);
        clients.args(["--key", &served.key, "--secret", &served.secret, "--senders", &senders.to_string()]);
        let mut child = clients.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let orders = child.stdin.take().context("its input")?;
        let answers = BufReader::new(child.stdout.take().context("its output")?).lines();
        let mut clients = Self { child, orders, answers };
        clients.answer()?;
        Ok(clients)
    }

    /// Lets people in until there are so many who only look and listen; how long each took in milliseconds.
    pub fn let_in(&mut self, viewers: usize) -> Result<Vec<f64>> {
        let answer = self.ask(&viewers.to_string())?;
        Ok(answer["joins_ms"].as_array().into_iter().flatten().filter_map(Value::as_f64).collect())
    }

    /// What arrived since the last report.
    fn report(&mut self) -> Result<Value> {
        self.ask("report")
    }

    /// What arrives in so much time, and what it costs both sides.
    pub fn steadily(&mut self, served: &Served, time: Duration) -> Result<Steady> {
        self.report()?;
        let (busy, own, began) = (served.busy()?, self.busy()?, Instant::now());
        std::thread::sleep(time);
        let report = self.report()?;
        let packets = report["packets"].as_f64().filter(|packets| *packets > 0.0).context("nothing arrived")?;
        let (server, load) = ((served.busy()? - busy).as_secs_f64(), (self.busy()? - own).as_secs_f64());
        Ok(Steady { report, packets, took: began.elapsed().as_secs_f64(), server, load })
    }

    /// Time on processors since the start.
    fn busy(&self) -> Result<Duration> {
        let text = std::fs::read_to_string(format!("/proc/{}/schedstat", self.child.id()))?;
        Ok(Duration::from_nanos(text.split(' ').next().context("schedstat")?.parse()?))
    }

    fn ask(&mut self, order: &str) -> Result<Value> {
        writeln!(self.orders, "{order}")?;
        self.answer()
    }

    fn answer(&mut self) -> Result<Value> {
        let line = self.answers.next().context("the load clients ended")??;
        Ok(serde_json::from_str(&line)?)
    }
}

impl Drop for Clients {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
