//! One throw-away PostgreSQL server for a whole test run.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::machine::{is_root, postgres_bin};
use crate::run::{output, run};

/// Runs until dropped; its folder goes with it.
pub struct Postgres {
    folder: PathBuf,
    bin: PathBuf,
    as_other: bool,
    pub url: String,
}

impl Postgres {
    /// Makes a cluster and starts it on a free port of the loopback address.
    pub fn start() -> Result<Self> {
        let bin = postgres_bin().context("PostgreSQL is not installed")?;
        let folder = PathBuf::from(output(Command::new("mktemp").args(["-d", "/tmp/kloud-pg-XXXXXX"]))?.trim());
        // PostgreSQL refuses to run as root.
        let as_other = is_root()?;
        if as_other {
            run(Command::new("chown").arg("nobody").arg(&folder))?;
        }
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let server = Self { folder, bin, as_other, url: format!("postgres://kloud@127.0.0.1:{port}") };
        let data = server.folder.join("data");
        output(server.program("initdb").args(["-A", "trust", "--no-sync", "-U", "kloud", "-D"]).arg(&data))?;
        let options = format!(
            "-c fsync=off -c max_connections=300 -c listen_addresses=127.0.0.1 -p {port} -k {}",
            server.folder.display()
        );
        let log = server.folder.join("log");
        run(server
            .program("pg_ctl")
            .args(["-w", "-s", "-o", &options, "-D"])
            .arg(&data)
            .arg("-l")
            .arg(log)
            .arg("start"))?;
        Ok(server)
    }

    fn program(&self, name: &str) -> Command {
        let program = self.bin.join(name);
        let mut command = if self.as_other {
            let mut command = Command::new("setpriv");
            command.args(["--reuid", "nobody", "--clear-groups"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir("/");
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let _ = self
            .program("pg_ctl")
            .args(["-s", "-m", "immediate", "-D"])
            .arg(self.folder.join("data"))
            .arg("stop")
            .status();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
