//! One linear list of migrations over all crates: numbers without gap or double.

use std::collections::BTreeMap;

use super::source::Source;

pub fn check(sources: &[Source]) -> Vec<String> {
    let mut findings = Vec::new();
    let mut numbers: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    for source in sources.iter().filter(|source| source.path.contains("/src/migrations/")) {
        let file = source.path.rsplit('/').next().unwrap_or_default();
        // The keystore is a database of its own with a list of its own: k0001_…
        if file == "mod.rs" || file.starts_with('k') {
            continue;
        }
        match file.strip_prefix('m').and_then(|rest| rest.get(..4)).and_then(|digits| digits.parse().ok()) {
            Some(number) => numbers.entry(number).or_default().push(&source.path),
            None => findings.push(format!("{}: migrations are named m<NNNN>_<what>.rs", source.path)),
        }
    }
    for (expected, (number, paths)) in (1..).zip(&numbers) {
        if *number != expected {
            findings.push(format!("m{expected:04} is missing before {}", paths[0]));
            break;
        }
        if paths.len() > 1 {
            findings.push(format!("m{number:04} stands twice: {}", paths.join(", ")));
        }
    }
    findings
}
