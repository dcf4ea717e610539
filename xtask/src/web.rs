//! The client: its package manager, its build, its own checks.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::run::{cache, root, run};

/// npm's `ci` stumbles over locks with platform packages; this one works from a frozen lock.
const PNPM: &str = "pnpm@10.34.8";

/// `pnpm …` in `web/`, with the packages installed from the frozen lock.
pub fn pnpm(folder: &str, words: &[&str]) -> Result<()> {
    run(command(folder)?.args(words))
}

/// A `pnpm` command in a folder of the repository.
pub fn command(folder: &str) -> Result<Command> {
    let mut command = Command::new(ensure_pnpm()?);
    command.current_dir(root().join(folder));
    Ok(command)
}

/// Installs the packages of a folder from its frozen lock.
pub fn install(folder: &str) -> Result<()> {
    pnpm(folder, &["install", "--frozen-lockfile", "--prefer-offline", "--reporter=append-only"])
}

/// Builds `web/dist`, which the server embeds.
pub fn build() -> Result<()> {
    install("web")?;
    pnpm("web", &["run", "build"])
}

/// The package manager, fetched into the cache at its first use.
pub fn ensure_pnpm() -> Result<PathBuf> {
    let prefix = cache().join("pnpm");
    let program = prefix.join("node_modules/.bin/pnpm");
    if !program.exists() {
        std::fs::create_dir_all(&prefix)?;
        let words = ["install", "--silent", "--no-save", "--prefix"];
        run(Command::new("npm").args(words).arg(&prefix).arg(PNPM)).context("Node 20 with npm is needed")?;
    }
    Ok(program)
}
