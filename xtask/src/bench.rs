//! `cargo xtask bench …`: speed and memory, never in timed tests.

use anyhow::Result;
use clap::Args;

use crate::run::{command, run};

#[derive(Args)]
pub struct BenchArguments {
    /// Which benchmark: `idle` (memory and first page of a fresh start)
    name: BenchName,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum BenchName {
    Idle,
}

pub fn bench(arguments: &BenchArguments) -> Result<()> {
    match arguments.name {
        BenchName::Idle => {
            run(command("cargo").args(["build", "--release", "--package", "kloud-server"]))?;
            run(command("cargo").args(["run", "--release", "--package", "kloud-server", "--example", "bench_idle"]))
        }
    }
}
