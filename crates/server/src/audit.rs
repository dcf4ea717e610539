//! `kloud audit`: what is held against what is declared, and words that should be gone.

use std::path::Path;

use anyhow::{Result, bail};
use kloud_base::Clock as _;
use kloud_privacy::audit::{closure, half_done, inventory_faults, scan_folder, unsealed_values};
use kloud_privacy::inventory::Home;
use kloud_store::{DataLock, DatabaseLock, Migrations, Store, StoreOptions};

use crate::app::{databases, migrations};
use crate::config::{DataFolder, Flags};
use crate::system::SystemClock;

/// Looks at a data folder that no server is using and says what it found.
pub async fn audit(data: &Path, canaries: &[String], clock_ahead_hours: i64) -> Result<()> {
    let folder = DataFolder::open(data)?;
    let config = folder.config(&Flags::default())?;
    let _lock = DataLock::take(folder.path())?;
    let (rows, keys) = databases(&folder, &config);
    let _database_lock = DatabaseLock::take(&rows).await?;
    let rows = Store::open(StoreOptions::new(rows), migrations()).await?;
    let keys =
        Store::open(StoreOptions::new(keys), Migrations::default().with(kloud_privacy::keystore_migrations)).await?;
    let mut findings: Vec<String> = Vec::new();
    let mut faults = inventory_faults();
    faults.extend(closure(&rows, Home::Rows).await?);
    faults.extend(closure(&keys, Home::Keystore).await?);
    faults.extend(unsealed_values(&rows).await?);
    faults.extend(half_done(&rows, &keys, &folder.keys(), SystemClock::ahead(clock_ahead_hours).now()).await?);
    findings.extend(faults.iter().map(ToString::to_string));
    rows.close().await;
    keys.close().await;
    let words: Vec<&str> = canaries.iter().map(String::as_str).collect();
    let found = scan_folder(folder.path(), &words)?;
    findings.extend(found.iter().map(|finding| {
        format!("word {} is in {}, as {}", finding.word + 1, finding.path.display(), finding.form.as_str())
    }));
    for finding in &findings {
        println!("{finding}");
    }
    println!("{} words looked for in every file; {} findings", words.len(), findings.len());
    if findings.is_empty() { Ok(()) } else { bail!("the audit found {} faults", findings.len()) }
}
