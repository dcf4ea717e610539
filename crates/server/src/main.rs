//! The `kloud` binary.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

use kloud_server::config::Flags;
use kloud_server::doctor::{self, Patient};
use kloud_server::{audit, serve, tools};

#[derive(Parser)]
#[command(name = "kloud", version, about = "People meet, work and share; the privacy agreement is kept by the code.")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve Kloud from a data folder
    Serve(ServeArguments),
    /// Print the API description (OpenAPI 3.1)
    Openapi,
    /// Check what is held against what is declared, and look for words that should be gone
    Audit(AuditArguments),
    /// Check a receipt without any server
    Verify(VerifyArguments),
    /// Try every way to a running Kloud from this machine, and say what cures the dead ones
    Doctor(DoctorArguments),
    /// What a LiveKit server offers beside the meetings
    Livekit {
        #[command(subcommand)]
        command: LivekitCommand,
    },
}

#[derive(Args)]
struct Folder {
    /// Where Kloud keeps everything
    #[arg(long, default_value = "data", env = "KLOUD_DATA")]
    data: PathBuf,
}

#[derive(Args)]
struct ServeArguments {
    #[command(flatten)]
    folder: Folder,
    /// The address to listen on [default: 127.0.0.1:7878]
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// Ends the process at a named crash point, as `kill -9` would; for drills
    #[arg(long, hide = true, env = "KLOUD_CRASH_AT")]
    crash_at: Option<String>,
    #[command(flatten)]
    ahead: Ahead,
}

/// Runs with a clock that is ahead; for drills.
#[derive(Args)]
struct Ahead {
    #[arg(long, hide = true, env = "KLOUD_CLOCK_AHEAD_HOURS", default_value_t = 0)]
    clock_ahead_hours: i64,
}

#[derive(Args)]
struct AuditArguments {
    #[command(flatten)]
    folder: Folder,
    #[command(flatten)]
    ahead: Ahead,
    /// A word that must be in no file of the data folder, in any encoding; may be given several times
    #[arg(long)]
    canary: Vec<String>,
}

#[derive(Args)]
struct VerifyArguments {
    /// The receipt, as it was downloaded
    receipt: PathBuf,
    /// What the instance publishes at /.well-known/kloud-ledger
    #[arg(long)]
    ledger: PathBuf,
}

#[derive(Args)]
struct DoctorArguments {
    #[command(flatten)]
    folder: Folder,
    /// What people open, such as https://meet.example.org; where the configuration says, if not given
    url: Option<String>,
    /// A token for an API room; made with the key of the data folder if not given
    #[arg(long)]
    token: Option<String>,
    /// A certificate in PEM to trust beside those that this machine trusts
    #[arg(long)]
    trust: Option<PathBuf>,
}

#[derive(Subcommand)]
enum LivekitCommand {
    /// Print a token for an API room, signed with the key of the data folder's configuration
    Token(TokenArguments),
}

#[derive(Args)]
struct TokenArguments {
    #[command(flatten)]
    folder: Folder,
    /// The room
    #[arg(long)]
    room: String,
    /// Who its bearer is there
    #[arg(long)]
    identity: String,
    /// How long it may be used to join
    #[arg(long, default_value_t = 6)]
    hours: u32,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    start_log();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match arguments.command {
        Command::Serve(serve) => {
            let flags = Flags { listen: serve.listen };
            let drill = serve::Drill { crash_at: serve.crash_at, clock_ahead_hours: serve.ahead.clock_ahead_hours };
            runtime.block_on(serve::serve(&serve.folder.data, &flags, drill))
        }
        Command::Openapi => runtime.block_on(tools::print_openapi()),
        Command::Audit(audit) => {
            runtime.block_on(audit::audit(&audit.folder.data, &audit.canary, audit.ahead.clock_ahead_hours))
        }
        Command::Verify(verify) => tools::verify(&verify.receipt, &verify.ledger),
        Command::Doctor(DoctorArguments { folder, url, token, trust }) => {
            let patient = Patient { url, token, trust };
            if !runtime.block_on(doctor::doctor(&folder.data, &patient))? {
                std::process::exit(1);
            }
            Ok(())
        }
        Command::Livekit { command: LivekitCommand::Token(token) } => {
            tools::print_token(&token.folder.data, &token.room, &token.identity, token.hours)
        }
    }
}

/// One line an event on standard error; `KLOUD_LOG` chooses what (`info` when it is not set).
fn start_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("KLOUD_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,kloud=info,str0m=error"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .init();
}
