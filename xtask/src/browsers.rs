//! What runs against the real binary from outside: browsers and stock clients.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

use crate::run::{cache, command, output, root, run};
use crate::served::wait_for;
use crate::{machine, web};

/// The binary, built with the whole workspace, so that each dependency is built with one set of features.
pub fn binary() -> Result<PathBuf> {
    run(command("cargo").args(["build", "--workspace"]))?;
    let metadata = cargo_metadata::MetadataCommand::new().current_dir(root()).no_deps().exec()?;
    Ok(metadata.target_directory.join("debug/kloud").into())
}

/// Unchanged LiveKit clients in an API room of a running Kloud.
pub fn interop() -> Result<()> {
    let binary = binary()?;
    let data = PathBuf::from(output(Command::new("mktemp").args(["-d", "/tmp/kloud-interop-XXXXXX"]))?.trim());
    let free = || std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let (port, hooks) = (free()?.port(), free()?.port());
    let mut serve = Command::new(&binary);
    serve.arg("serve").arg("--data").arg(&data).args(["--listen", &format!("127.0.0.1:{port}")]);
    serve.env("KLOUD_LIVEKIT__WEBHOOK__URLS", format!("[\"http://127.0.0.1:{hooks}/\"]"));
    let server = Server(serve.env("KLOUD_MEDIA__PORT", "0").stdout(Stdio::null()).stderr(Stdio::null()).spawn()?);
    wait_for(port)?;
    let config = std::fs::read_to_string(data.join("kloud.toml"))?;
    let value = |name: &str| {
        let line = config.lines().find_map(|line| line.strip_prefix(&format!("{name} = \"")));
        line.and_then(|rest| rest.strip_suffix('"'))
            .map(str::to_owned)
            .with_context(|| format!("no {name} in kloud.toml"))
    };
    let url = format!("ws://127.0.0.1:{port}");
    let mut clients = command("interop/run.sh");
    clients.args(["--url", &url, "--key", &value("key")?, "--secret", &value("secret")?]);
    clients.args(["--hooks", &hooks.to_string()]);
    clients.env("KLOUD_INTEROP_VENV", cache().join("interop-venv")).env("KLOUD_PNPM", web::ensure_pnpm()?);
    let ran = run(&mut clients);
    drop(server);
    std::fs::remove_dir_all(&data)?;
    ran?;
    println!("== browsers that may use the relay alone");
    run(command("node").arg("interop/browser/relay.mjs").arg(&binary))
}

/// Meetings on networks that block, narrow, cut and change. They are made in a network namespace of its own, which
/// takes root or a kernel that lets anyone be root in a namespace; without either this fails.
pub fn networks() -> Result<()> {
    web::install("interop/browser")?;
    let binary = binary()?;
    let python = python()?;
    let root = if machine::is_root()? { "--net --mount" } else { "--user --map-root-user --net --mount" };
    ["matrix", "network", "talk"].iter().try_for_each(|story| {
        // The named namespaces are files in a folder that nobody else sees and that goes with the last process.
        let inside = format!("mount -t tmpfs none /run && exec node interop/browser/{story}.mjs \"$0\"");
        let mut unshare = command("unshare");
        let inside = unshare.args(root.split(' ')).args(["sh", "-c", &inside]).arg(&binary);
        run(inside.env("PATH", path_with_sbin()).env("PYTHON", &python))
    })
}

/// A Python with the packages that the clients and measures in it need.
fn python() -> Result<PathBuf> {
    let venv = cache().join("interop-venv");
    let python = venv.join("bin/python");
    if !python.exists() {
        run(Command::new("/usr/bin/python3").args(["-m", "venv"]).arg(&venv))?;
    }
    let mut install = Command::new(&python);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]);
    run(install.arg(root().join("interop/python/requirements.txt")))?;
    Ok(python)
}

/// Debian keeps `ip`, `tc` and `nft` off the path of those who are not root.
#[expect(clippy::disallowed_methods, reason = "a tool of the command line")]
fn path_with_sbin() -> String {
    format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default())
}

/// Ends with the scope that started it.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
