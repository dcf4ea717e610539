//! `start` and `dev`: from a clone to a running Kloud.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;

use crate::run::{command, has, root, run, step};
use crate::{browsers, web};

#[derive(Args)]
pub struct StartArguments {
    /// Where Kloud keeps everything
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// The address to listen on
    #[arg(long, default_value = "127.0.0.1:7878")]
    listen: String,
}

/// Builds client and server and runs them; the server prints the address to open.
pub fn start(arguments: &StartArguments) -> Result<()> {
    need_tools()?;
    step("the client", web::build)?;
    let binary = step("the server", browsers::binary)?;
    serve(arguments, &binary)
}

/// The server, and the client with reload in front of it.
pub fn dev(arguments: &StartArguments) -> Result<()> {
    need_tools()?;
    step("the client", web::build)?;
    let mut client = web::command("web")?.args(["run", "dev"]).spawn()?;
    let served = step("the server", browsers::binary).and_then(|binary| serve(arguments, &binary));
    let _ = client.kill();
    served
}

fn serve(arguments: &StartArguments, binary: &Path) -> Result<()> {
    let mut serve = command(binary);
    serve.args(["serve", "--listen", &arguments.listen]);
    run(serve.arg("--data").arg(root().join(&arguments.data)))
}

fn need_tools() -> Result<()> {
    for (program, package) in [("cc", "build-essential"), ("node", "nodejs, version 20 or later"), ("npm", "npm")] {
        if !has(program) {
            bail!("`{program}` is missing; install {package}");
        }
    }
    Ok(())
}
