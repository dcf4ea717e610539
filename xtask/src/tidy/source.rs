//! Our Rust sources, read once, and bans that clippy cannot express.

use anyhow::Result;
use walkdir::WalkDir;

use crate::run::root;

pub struct Source {
    /// From the root, such as `crates/base/src/lib.rs`.
    pub path: String,
    pub text: String,
    pub syntax: Option<syn::File>,
}

impl Source {
    pub fn is_test(&self) -> bool {
        self.path.contains("/tests/")
            || self.path.ends_with("_tests.rs")
            || self.path.ends_with("/tests.rs")
            || self.path.contains("/examples/")
            || self.path.starts_with("crates/testkit/")
    }

    /// The crate's short name, such as `base`.
    pub fn of_crate(&self) -> &str {
        self.path.split('/').nth(1).unwrap_or_default()
    }
}

pub fn all() -> Result<Vec<Source>> {
    let root = root();
    let mut sources = Vec::new();
    for folder in ["crates", "xtask"] {
        for entry in WalkDir::new(root.join(folder)).sort_by_file_name() {
            let entry = entry?;
            let path = entry.path().strip_prefix(&root)?.to_string_lossy().into_owned();
            if path.ends_with(".rs") && !path.contains("/tests/compile_fail/") && !path.contains("/target/") {
                let text = std::fs::read_to_string(entry.path())?;
                sources.push(Source { syntax: syn::parse_file(&text).ok(), path, text });
            }
        }
    }
    Ok(sources)
}

/// The slices: crates with rules of their own about who may name the ORM.
const SLICES: &[&str] = &["identity", "agreement", "spaces", "chat", "meet"];

pub fn bans(sources: &[Source]) -> Vec<String> {
    let mut findings = Vec::new();
    for source in sources {
        let file = source.path.rsplit('/').next().unwrap_or_default();
        let lines = || source.text.lines().enumerate().map(|(number, line)| (number + 1, line.trim_start()));
        for (number, line) in lines() {
            let code = line.split("//").next().unwrap_or_default();
            let mut ban = |found: bool, why: &str| {
                if found {
                    findings.push(format!("{}:{number}: {why}", source.path));
                }
            };
            let slice = SLICES.contains(&source.of_crate()) && source.path.contains("/src/");
            let may_name_orm =
                file == "store.rs" || source.path.contains("/store/") || source.path.contains("/migrations/");
            ban(slice && !may_name_orm && code.contains("sea_orm"), "only store.rs and migrations/ name the ORM");
            ban(
                slice && file == "model.rs" && ["axum::", "tokio::", "sea_orm"].iter().any(|word| code.contains(word)),
                "model.rs is pure: no ORM, axum or tokio",
            );
            ban(
                slice && source.of_crate() != "agreement" && code.contains("kloud_agreement"),
                "slices never import agreement",
            );
            ban(
                source.is_test() && source.path.contains("/tests/") && code.contains("#[ignore"),
                "tests are never skipped",
            );
            ban(
                source.path.contains("/tests/") && (code.contains("thread::sleep(") || code.contains("time::sleep(")),
                "tests wait for a state, they never sleep",
            );
            ban(
                source.path != "crates/store/src/engine.rs"
                    && !source.path.starts_with("xtask/")
                    && code.contains("TransactionTrait"),
                "transactions begin in Store::begin and Store::read alone: the ORM's own are deferred on SQLite",
            );
            ban(!source.path.starts_with("xtask/") && line.contains("TODO"), "say it in an issue, or do it");
        }
        let opens = source.text.trim_start().starts_with("//!") || source.is_test();
        if !opens && (file == "lib.rs" || file == "main.rs" || source.path.contains("/src/")) {
            findings.push(format!("{}: a module opens with why it exists (//!)", source.path));
        }
    }
    findings
}
