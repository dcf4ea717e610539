//! `cargo xtask bench …`: speed and memory, never in timed tests.

mod clients;
mod crowd;
pub mod instructions;
mod media;
mod room;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};

use crate::run::{command, output, run, step};
use crate::{browsers, web};

#[derive(Args)]
pub struct BenchArguments {
    #[command(subcommand)]
    name: BenchName,
    /// Measure the quick build, which `start` uses, instead of the release build
    #[arg(long, global = true)]
    quick: bool,
}

#[derive(Subcommand)]
enum BenchName {
    /// Memory at rest, and the first page after a start on an existing data folder
    Idle,
    /// A full room on this machine: what the server takes, and how smooth two browsers stay
    Room(room::RoomArguments),
    /// What packets, listeners, viewers and joins cost the server, against the bars or against a peer
    Media(media::MediaArguments),
    /// One room of 500 and a hundred rooms of five
    Crowd {
        /// How long each of them is measured
        #[arg(long, default_value_t = 20)]
        seconds: u64,
    },
    /// Instructions for each forwarded packet, against the stored numbers
    Instructions {
        /// Store what is counted instead
        #[arg(long)]
        store: bool,
    },
}

/// At rest, in kilobytes.
const IDLE_MAX: u64 = 150_000;
const FIRST_PAGE_MAX: Duration = Duration::from_secs(2);

pub fn bench(arguments: &BenchArguments) -> Result<()> {
    if let BenchName::Instructions { store } = arguments.name {
        return instructions::instructions(store);
    }
    if matches!(arguments.name, BenchName::Room(_)) {
        step("the client", web::build)?;
    }
    let quick = browsers::binary()?;
    let named = match &arguments.name {
        BenchName::Media(media) => media.binary.clone(),
        _ => None,
    };
    let binary = if let Some(named) = named {
        named
    } else if arguments.quick {
        quick.clone()
    } else {
        run(command("cargo").args(["build", "--release", "--package", "kloud-server"]))?;
        quick.parent().and_then(Path::parent).context("a target folder")?.join("release/kloud")
    };
    let load = quick.with_file_name("kloud-load");
    match &arguments.name {
        BenchName::Idle => idle(&binary),
        BenchName::Instructions { store } => instructions::instructions(*store),
        BenchName::Crowd { seconds } => crowd::crowd(&binary, &load, *seconds),
        BenchName::Media(arguments) => media::media(&binary, &load, arguments),
        // The load clients are always of the quick build: their parts that carry packets are optimised in it.
        BenchName::Room(arguments) => room::room(&binary, &load, arguments),
    }
}

fn idle(binary: &Path) -> Result<()> {
    let data = PathBuf::from(output(Command::new("mktemp").args(["-d", "/tmp/kloud-bench-XXXXXX"]))?.trim());
    // The first start makes the data folder; the second is measured.
    start(binary, &data)?;
    let (first_page, resident) = start(binary, &data)?;
    std::fs::remove_dir_all(&data)?;
    println!("first page after start: {} ms (at most {} ms)", first_page.as_millis(), FIRST_PAGE_MAX.as_millis());
    println!("memory at rest: {resident} kB (at most {IDLE_MAX} kB)");
    if first_page > FIRST_PAGE_MAX || resident > IDLE_MAX {
        bail!("a limit is passed");
    }
    Ok(())
}

/// Starts, asks for the first page, waits until it is at rest; answers the time and the resident memory in kB.
fn start(binary: &Path, data: &Path) -> Result<(Duration, u64)> {
    let began = Instant::now();
    let mut serve = Command::new(binary);
    serve.arg("serve").arg("--data").arg(data).args(["--listen", "127.0.0.1:0"]);
    let mut child = serve.env("KLOUD_MEDIA__PORT", "0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let lines = BufReader::new(child.stdout.take().context("its output")?).lines();
    let address = lines.map_while(Result::ok).find_map(|line| line.split("localhost:").nth(1).map(str::to_owned));
    let address = address.context("it says where it is")?;
    let port: u16 = address.split(['/', '#']).next().unwrap_or_default().trim().parse()?;
    let mut page = TcpStream::connect(("127.0.0.1", port))?;
    page.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    page.read_to_end(&mut answer)?;
    let first_page = began.elapsed();
    std::thread::sleep(Duration::from_secs(5));
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()))?;
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let resident = resident.and_then(|rest| rest.trim().strip_suffix("kB")).context("VmRSS")?.trim().parse()?;
    child.kill()?;
    child.wait()?;
    if !answer.starts_with(b"HTTP/1.1 200") {
        bail!("the first page did not come");
    }
    Ok((first_page, resident))
}
