//! The rules of the house that a machine can hold: each is one function that lists what breaks it.

mod crates;
mod licences;
mod migrations;
mod sizes;
mod source;
mod words;

use anyhow::{Result, bail};

/// Runs every rule and lists all that is broken at once.
pub fn check() -> Result<()> {
    let metadata = cargo_metadata::MetadataCommand::new().current_dir(crate::run::root()).exec()?;
    let sources = source::all()?;
    let rules: [(&str, Vec<String>); 8] = [
        ("who may depend on whom", crates::edges(&metadata)),
        ("pure crates do no I/O", crates::purity()?),
        ("every dependency has a reason", crates::reasons()?),
        ("licences and sources", licences::check(&metadata)),
        ("sizes", sizes::check(&sources)),
        ("words of the ground", words::check(&sources)),
        ("bans", source::bans(&sources)),
        ("migrations have gapless numbers", migrations::check(&sources)),
    ];
    let mut broken = 0;
    for (rule, findings) in rules {
        for finding in findings {
            println!("{rule}: {finding}");
            broken += 1;
        }
    }
    if broken > 0 {
        bail!("{broken} findings");
    }
    Ok(())
}
