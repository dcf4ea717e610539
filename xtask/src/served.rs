//! A Kloud of its own for a measurement: started on an empty folder, looked at from outside, ended and forgotten.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::run::output;

/// A running server. It ends with this value, and its folder with it.
pub struct Served {
    child: Child,
    folder: Option<PathBuf>,
    pub port: u16,
    pub key: String,
    pub secret: String,
}

impl Served {
    /// Starts `binary`, on the processor of this number if one is given; `hooks` is the port where it tells webhooks.
    pub fn start(binary: &Path, core: Option<u32>, hooks: Option<u16>) -> Result<Self> {
        let folder = PathBuf::from(output(Command::new("mktemp").args(["-d", "/tmp/kloud-served-XXXXXX"]))?.trim());
        let port = free_port()?;
        let mut serve = pinned(binary, core);
        serve.arg("serve").arg("--data").arg(&folder).args(["--listen", &format!("127.0.0.1:{port}")]);
        if let Some(hooks) = hooks {
            serve.env("KLOUD_LIVEKIT__WEBHOOK__URLS", format!("[\"http://127.0.0.1:{hooks}/\"]"));
        }
        // What else the machine does must turn nobody away.
        serve.env("KLOUD_MEDIA__BUSY_MAX", "1");
        serve.env("KLOUD_MEDIA__PORT", "0").env("KLOUD_LOG", "warn").stdout(Stdio::null());
        let child = serve.spawn()?;
        let mut served = Self { child, folder: Some(folder.clone()), port, key: String::new(), secret: String::new() };
        wait_for(port)?;
        let config = std::fs::read_to_string(folder.join("kloud.toml"))?;
        let value = |name: &str| {
            let line = config.lines().find_map(|line| line.strip_prefix(&format!("{name} = \"")));
            let value = line.and_then(|rest| rest.strip_suffix('"')).map(str::to_owned);
            value.with_context(|| format!("no {name} in kloud.toml"))
        };
        (served.key, served.secret) = (value("key")?, value("secret")?);
        Ok(served)
    }

    /// Starts a `livekit-server` with the configuration of `docs/performance.md`, which speaks the same wire.
    pub fn start_peer(binary: &Path, core: u32) -> Result<Self> {
        const KEY: &str = "bench";
        const SECRET: &str = "a-secret-for-a-bench-on-one-machine-only";
        let (port, udp) = (free_port()?, free_port()?);
        let config = format!(
            "port: {port}\nbind_addresses: [\"127.0.0.1\"]\nkeys: {{{KEY}: \"{SECRET}\"}}\nrtc:\n  udp_port: {udp}\n  \
             use_external_ip: false\n  node_ip: 127.0.0.1\n  enable_loopback_candidate: true\n  \
             interfaces: {{includes: [lo]}}\n  stun_servers: [\"127.0.0.1:3478\"]\n  \
             batch_io: {{batch_size: 128, max_flush_interval: 2ms}}\nlogging: {{level: warn}}\n"
        );
        let mut serve = pinned(binary, Some(core));
        serve.args(["--config-body", &config]).env("GOMAXPROCS", "1").stdout(Stdio::null());
        let child = serve.spawn()?;
        let served = Self { child, folder: None, port, key: KEY.into(), secret: SECRET.into() };
        wait_for(port)?;
        Ok(served)
    }

    /// Time on processors since the start, of all its threads.
    pub fn busy(&self) -> Result<Duration> {
        let mut busy = Duration::ZERO;
        for task in std::fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            // A thread may end between the listing and the reading.
            let Ok(text) = std::fs::read_to_string(task?.path().join("schedstat")) else { continue };
            let nanos = text.split(' ').next().and_then(|first| first.parse().ok()).context("schedstat")?;
            busy += Duration::from_nanos(nanos);
        }
        Ok(busy)
    }

    /// Resident memory in kB.
    pub fn resident(&self) -> Result<u64> {
        self.status("VmRSS:")
    }

    pub fn threads(&self) -> Result<u64> {
        self.status("Threads:")
    }

    /// Open files, sockets among them.
    pub fn descriptors(&self) -> Result<u64> {
        Ok(std::fs::read_dir(format!("/proc/{}/fd", self.child.id()))?.count() as u64)
    }

    fn status(&self, name: &str) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)).context("the server is gone")?;
        Ok(line.split_whitespace().next().context("a number")?.parse()?)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(folder) = &self.folder {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

/// A program that stays on one processor, if one is given.
pub fn pinned(binary: &Path, core: Option<u32>) -> Command {
    match core {
        None => Command::new(binary),
        Some(core) => {
            let mut command = Command::new("taskset");
            command.args(["-c", &core.to_string()]).arg(binary);
            command
        }
    }
}

pub fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Waits until the port is open: the server listens only when it is ready.
pub fn wait_for(port: u16) -> Result<()> {
    for _ in 0..600 {
        if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    bail!("the server did not listen on port {port}")
}
