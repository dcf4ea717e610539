//! Instructions that a forwarded packet takes, counted by valgrind over a fixed run. No neighbour on the machine disturbs
//! that, so it guards what a clock could not.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::run::{command, output, root, run};

/// Where the numbers are kept.
const STORED: &str = "crates/media/instructions.json";
const KINDS: [&str; 2] = ["video", "audio"];
/// A packet may take this part more than is stored.
const MORE_MAX: f64 = 0.03;

/// Compares with the stored numbers, or stores them.
pub fn instructions(store: bool) -> Result<()> {
    run(command("cargo").args(["build", "--workspace", "--example", "instructions"]))?;
    let metadata = cargo_metadata::MetadataCommand::new().current_dir(root()).no_deps().exec()?;
    let program = metadata.target_directory.join("debug/examples/instructions");
    let mut counted = serde_json::Map::new();
    for kind in KINDS {
        counted.insert(kind.to_owned(), json!(count(program.as_std_path(), kind)?.round()));
    }
    let counted = Value::Object(counted);
    let path = root().join(STORED);
    if store {
        std::fs::write(&path, format!("{counted:#}\n"))?;
        println!("stored: {counted}");
        return Ok(());
    }
    let stored: Value = serde_json::from_str(&std::fs::read_to_string(&path).context("no stored numbers")?)?;
    let mut is_too_many = false;
    for kind in KINDS {
        let number = |of: &Value| of[kind].as_f64().with_context(|| format!("no number for {kind}"));
        let (now, before) = (number(&counted)?, number(&stored)?);
        let more = now / before - 1.0;
        println!("{kind}: {now:.0} instructions a packet, {before:.0} stored ({:+.1} %)", more * 100.0);
        is_too_many |= more > MORE_MAX;
        if more < -MORE_MAX {
            println!("   fewer: keep it so with `cargo xtask bench instructions --store`");
        }
    }
    if is_too_many {
        bail!("a forwarded packet takes more than {:.0} % more instructions than before", MORE_MAX * 100.0);
    }
    Ok(())
}

/// Instructions for each packet that leaves.
fn count(program: &Path, kind: &str) -> Result<f64> {
    let folder = output(Command::new("mktemp").args(["-d", "/tmp/kloud-instructions-XXXXXX"]))?;
    let file = Path::new(folder.trim()).join("counted");
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--quiet", "--collect-atstart=no"]);
    // What is counted is this function and what it calls.
    valgrind.arg("--toggle-collect=*drill*Drill*forward*").arg(format!("--callgrind-out-file={}", file.display()));
    let packets: f64 = output(valgrind.arg(program).arg(kind))?.trim().parse()?;
    let counted = std::fs::read_to_string(&file)?;
    std::fs::remove_dir_all(folder.trim())?;
    let total = counted.lines().find_map(|line| line.strip_prefix("summary: ").or(line.strip_prefix("totals: ")));
    let total: f64 = total.context("valgrind counted nothing")?.trim().parse()?;
    if packets < 1.0 || total < 1.0 {
        bail!("nothing was counted: {packets} packets, {total} instructions");
    }
    Ok(total / packets)
}
