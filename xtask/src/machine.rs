//! What the tests need from Debian, installed when root, else said in one line.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::run::{has, output, run};

struct Need {
    package: &'static str,
    there: fn() -> bool,
}

const NEEDS: &[Need] = &[
    Need { package: "build-essential", there: || has("cc") },
    Need { package: "postgresql", there: || postgres_bin().is_some() },
    Need { package: "chromium", there: || has("chromium") },
    Need { package: "fonts-noto-cjk", there: || Path::new("/usr/share/fonts/opentype/noto").exists() },
    Need { package: "iproute2", there: || has("ip") },
    Need { package: "espeak-ng", there: || has("espeak-ng") },
    Need { package: "nftables", there: || has("nft") || Path::new("/usr/sbin/nft").exists() },
    Need { package: "pebble", there: || has("pebble") },
    Need { package: "openssl", there: || has("openssl") },
    Need { package: "valgrind", there: || has("valgrind") },
    Need { package: "python3-venv", there: || Path::new("/usr/bin/python3").exists() && has_venv() },
];

/// Sees to it that every package is there.
pub fn ensure() -> Result<()> {
    let missing: Vec<_> = NEEDS.iter().filter(|need| !(need.there)()).map(|need| need.package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !is_root()? {
        bail!("the tests need some Debian packages; run this once:\n  sudo apt-get install {}", missing.join(" "));
    }
    println!("installing {}", missing.join(" "));
    run(Command::new("apt-get").args(["update", "-qq"]))?;
    run(Command::new("apt-get")
        .args(["install", "-y", "-qq", "--no-install-recommends"])
        .args(&missing)
        .env("DEBIAN_FRONTEND", "noninteractive"))
}

pub fn is_root() -> Result<bool> {
    Ok(output(Command::new("id").arg("-u"))?.trim() == "0")
}

/// The folder of PostgreSQL's programs; Debian keeps them off the path. The newest version wins.
pub fn postgres_bin() -> Option<std::path::PathBuf> {
    let mut found: Vec<_> =
        std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten().map(|entry| entry.path().join("bin")).collect();
    found.sort();
    found.pop().filter(|bin| bin.join("initdb").exists())
}

fn has_venv() -> bool {
    Command::new("/usr/bin/python3").args(["-c", "import ensurepip"]).output().is_ok_and(|o| o.status.success())
}
