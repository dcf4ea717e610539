//! Which crate may use which, and what the pure ones must not contain.

use anyhow::Result;
use cargo_metadata::{DependencyKind, Metadata};

use crate::run::{command, output, root};

/// The table of `docs/architecture.md`. A crate may use what stands beside it and nothing else of ours.
const TABLE: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("privacy-derive", &[]),
    ("store", &["base"]),
    ("privacy", &["base", "store", "privacy-derive"]),
    ("http", &["base", "store", "privacy"]),
    ("identity", &["base", "store", "privacy", "http"]),
    ("agreement", &["base", "store", "privacy", "http", "identity"]),
    ("spaces", &["base", "store", "privacy", "http", "identity"]),
    ("chat", &["base", "store", "privacy", "http", "identity", "spaces"]),
    ("meet", &["base", "store", "privacy", "http", "identity", "spaces", "chat"]),
    ("sfu", &["base"]),
    ("livekit", &["base", "sfu"]),
    ("turn", &["base"]),
    ("media", &["base", "sfu", "livekit", "turn"]),
    (
        "server",
        &[
            "base",
            "store",
            "privacy",
            "http",
            "identity",
            "agreement",
            "spaces",
            "chat",
            "meet",
            "sfu",
            "livekit",
            "turn",
            "media",
            // `kloud doctor` joins as a load client does.
            "load",
        ],
    ),
    ("load", &["sfu", "livekit", "turn"]),
    ("testkit", &["base", "store", "privacy", "http"]),
];

/// Crates that decide and never act.
const PURE: &[&str] = &["base", "sfu", "livekit", "turn"];

/// What a pure crate's dependency tree must not hold.
const IMPURE: &[&str] = &["tokio", "mio", "socket2", "sqlx", "rustls", "aws-lc-rs", "getrandom"];

pub fn edges(metadata: &Metadata) -> Vec<String> {
    let mut findings = Vec::new();
    for package in metadata.workspace_packages() {
        let name = package.name.as_str();
        let Some(short) = name.strip_prefix("kloud-") else {
            if name != "xtask" {
                findings.push(format!("{name}: crates are named kloud-<noun>"));
            }
            continue;
        };
        let Some((_, may)) = TABLE.iter().find(|(of, _)| *of == short) else {
            findings.push(format!("{name} is not in the table"));
            continue;
        };
        for dependency in &package.dependencies {
            let Some(used) = dependency.name.strip_prefix("kloud-") else { continue };
            match dependency.kind {
                // A slice's tests may be handed whatever they need; tests of the ground stay on the ground.
                DependencyKind::Development => {}
                DependencyKind::Normal | DependencyKind::Build | DependencyKind::Unknown => {
                    if !may.contains(&used) {
                        findings.push(format!("{short} must not use {used}"));
                    }
                }
            }
        }
    }
    findings
}

pub fn purity() -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for pure in PURE {
        let package = format!("kloud-{pure}");
        let words = ["tree", "--package", &package, "--edges", "normal", "--prefix", "none", "--format", "{lib}"];
        let tree = output(command("cargo").args(words))?;
        let has = |banned: &str| tree.lines().any(|line| line.trim() == banned.replace('-', "_"));
        findings.extend(IMPURE.iter().filter(|banned| has(banned)).map(|banned| format!("{pure} contains {banned}")));
    }
    Ok(findings)
}

/// Each external dependency of the workspace stands under a comment, its own or that of the lines above it.
pub fn reasons() -> Result<Vec<String>> {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml"))?;
    let section = manifest.split("[workspace.dependencies]").nth(1).unwrap_or_default();
    let section = section.split("\n[").next().unwrap_or_default();
    let mut findings = Vec::new();
    let mut reason = false;
    for line in section.lines() {
        if line.starts_with('#') {
            reason = true;
        } else if line.is_empty() {
            reason = false;
        } else if let Some((name, _)) = line.split_once(' ') {
            let plain = ["serde", "serde_json", "thiserror", "anyhow", "async-trait", "futures", "bytes"];
            if !name.starts_with("kloud-") && !reason && !plain.contains(&name) {
                findings.push(format!("{name} has no reason"));
            }
            reason = false;
        }
    }
    Ok(findings)
}
