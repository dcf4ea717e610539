//! `cargo xtask …`: everything one does with this repository, in one place.

mod bench;
mod browsers;
mod generated;
mod machine;
mod postgres;
mod run;
mod served;
mod soak;
mod start;
mod suite;
mod tidy;
mod web;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Build, run and test Kloud")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build Kloud and run it on an embedded database; prints the address to open
    Start(start::StartArguments),
    /// Install what the tests need and run every test
    Test(suite::TestArguments),
    /// Format, lints, the rules of the house, types, generated files
    Check,
    /// Server and client with reload
    Dev(start::StartArguments),
    /// Unchanged LiveKit clients against the real binary
    Interop,
    /// Meetings on networks that block, narrow, cut and change
    Networks,
    /// People who come and go at random for a while: nothing of them stays behind
    Soak(soak::SoakArguments),
    /// Only the rules of the house (a part of check)
    Tidy,
    /// Write the generated files anew
    Gen,
    /// Speed and memory, as ratios in one run
    Bench(bench::BenchArguments),
}

fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Start(arguments) => start::start(&arguments),
        Command::Test(arguments) => suite::test(&arguments),
        Command::Check => suite::check(),
        Command::Dev(arguments) => start::dev(&arguments),
        Command::Interop => browsers::interop(),
        Command::Networks => browsers::networks(),
        Command::Soak(arguments) => soak::soak(&arguments),
        Command::Tidy => tidy::check(),
        Command::Gen => generated::write(),
        Command::Bench(arguments) => bench::bench(&arguments),
    }
}
