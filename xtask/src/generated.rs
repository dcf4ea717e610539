//! Files made from the code, committed so that a change of them is seen in review.

use anyhow::{Result, bail};

use crate::browsers;
use crate::run::{command, output, root};

struct Generated {
    path: &'static str,
    make: fn() -> Result<String>,
}

/// Each is made by the binary itself.
const FILES: &[Generated] = &[Generated { path: "web/openapi.json", make: || kloud(&["openapi"]) }];

fn kloud(words: &[&str]) -> Result<String> {
    output(command(browsers::binary()?).args(words))
}

/// Writes them all.
pub fn write() -> Result<()> {
    for file in FILES {
        std::fs::write(root().join(file.path), (file.make)()?)?;
        println!("wrote {}", file.path);
    }
    Ok(())
}

/// Fails when one is not current.
pub fn check() -> Result<()> {
    for file in FILES {
        let there = std::fs::read_to_string(root().join(file.path)).unwrap_or_default();
        if there != (file.make)()? {
            bail!("{} is not current; run `cargo xtask gen` and commit it", file.path);
        }
    }
    Ok(())
}
