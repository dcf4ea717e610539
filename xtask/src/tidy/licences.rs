//! Licences we may ship, one registry, and the duplicates that are known.

use std::collections::BTreeMap;

use cargo_metadata::Metadata;

const ALLOWED: &[&str] = &[
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "0BSD",
    "Unlicense",
    "CC0-1.0",
    "Unicode-3.0",
    "MPL-2.0",
    "BSL-1.0",
    "CDLA-Permissive-2.0",
    "OpenSSL",
    "bzip2-1.0.6",
];

/// Names that appear in more than one major version, because of libraries that have not moved yet. May only shrink.
const MOST_DUPLICATES: usize = 45;

pub fn check(metadata: &Metadata) -> Vec<String> {
    let mut findings = Vec::new();
    let mut versions: BTreeMap<&str, usize> = BTreeMap::new();
    for package in &metadata.packages {
        let name = package.name.as_str();
        if package.source.is_none() {
            continue;
        }
        *versions.entry(name).or_default() += 1;
        if !package.source.as_ref().is_some_and(|source| source.is_crates_io()) {
            findings.push(format!("{name} does not come from the registry"));
        }
        match &package.license {
            Some(licence) if permitted(licence) => {}
            Some(licence) => findings.push(format!("{name}: licence {licence}")),
            None if package.license_file.is_some() => {}
            None => findings.push(format!("{name} names no licence")),
        }
    }
    let duplicates: Vec<_> = versions.iter().filter(|(_, count)| **count > 1).map(|(name, _)| *name).collect();
    if duplicates.len() > MOST_DUPLICATES {
        findings.push(format!(
            "{} names in several versions, {MOST_DUPLICATES} are known: {}",
            duplicates.len(),
            duplicates.join(" ")
        ));
    }
    findings
}

/// Enough of SPDX for this: one allowed side of each OR, every part of each AND.
fn permitted(licence: &str) -> bool {
    let licence = licence.replace(['(', ')'], "").replace('/', " OR ");
    licence.split(" OR ").any(|side| side.split(" AND ").all(|part| ALLOWED.contains(&part.trim())))
        || licence.split(" AND ").all(|part| part.split(" OR ").any(|one| ALLOWED.contains(&one.trim())))
}
