//! Schema and inventory compared, in both directions.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use kloud_store::Store;

use super::store;
use crate::envelope::Envelope;
use crate::error::PrivacyError;
use crate::inventory::{ColumnUse, Home, Retention, TableDecl, personal_columns, tables};

/// Something that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The schema has it, the inventory does not.
    Undeclared { table: String, column: String },
    /// The inventory has it, the schema does not.
    Missing { table: String, column: String },
    /// Two declarations for one table.
    DeclaredTwice { table: String },
    /// Two columns under one label.
    LabelTwice { label: String },
    /// A retention above the bound of its category.
    TooLong { label: String },
    /// A retention counts from a column that the table does not declare.
    SinceUnknown { label: String },
    /// A sealed column holds what is no envelope.
    NotSealed { table: String, column: String, rows: usize },
    /// Keys that no row ever used.
    Unused { keys: usize },
    /// Rows whose key is neither in the keystore nor in the ledger of endings.
    KeyMissing { rows: usize },
    /// Sign-in names that are reserved for nobody.
    Reserved { identifiers: usize },
    /// Keys that are gone, and the ledger does not say so.
    NotInLedger { endings: usize },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undeclared { table, column } => write!(f, "{table}.{column} is in the database and undeclared"),
            Self::Missing { table, column } => write!(f, "{table}.{column} is declared and not in the database"),
            Self::DeclaredTwice { table } => write!(f, "{table} is declared twice"),
            Self::LabelTwice { label } => write!(f, "the label {label} stands for two columns"),
            Self::TooLong { label } => write!(f, "{label} is kept longer than its category allows"),
            Self::SinceUnknown { label } => write!(f, "{label} is kept since a column that is not there"),
            Self::NotSealed { table, column, rows } => {
                write!(f, "{table}.{column} holds {rows} values that are no envelopes")
            }
            Self::Unused { keys } => write!(f, "{keys} keys were never used; the next start removes them"),
            Self::KeyMissing { rows } => {
                write!(f, "{rows} keys that rows need are neither held nor known to have ended")
            }
            Self::Reserved { identifiers } => write!(f, "{identifiers} names are reserved for nobody"),
            Self::NotInLedger { endings } => {
                write!(f, "{endings} endings are not in the ledger; the next start adds them")
            }
        }
    }
}

/// Where the migrated schema of a database and the linked inventory differ. Empty is right.
pub async fn closure(database: &Store, home: Home) -> Result<Vec<Fault>, PrivacyError> {
    compare(database, &tables(home)).await
}

async fn compare(database: &Store, declared: &[TableDecl]) -> Result<Vec<Fault>, PrivacyError> {
    let read = database.read().await?;
    let schema: BTreeSet<(String, String)> = store::columns(&read).await?.into_iter().collect();
    drop(read);
    let inventory: BTreeSet<(String, String)> = declared
        .iter()
        .flat_map(|table| table.columns.iter().map(|column| (table.table.to_owned(), column.column().to_owned())))
        .collect();
    let undeclared = schema
        .difference(&inventory)
        .map(|(table, column)| Fault::Undeclared { table: table.clone(), column: column.clone() });
    let missing = inventory
        .difference(&schema)
        .map(|(table, column)| Fault::Missing { table: table.clone(), column: column.clone() });
    Ok(undeclared.chain(missing).collect())
}

/// What is wrong with the inventory in itself. Empty is right.
pub fn inventory_faults() -> Vec<Fault> {
    let mut faults = Vec::new();
    for home in [Home::Rows, Home::Keystore] {
        let mut seen = BTreeMap::<&str, usize>::new();
        for table in tables(home) {
            *seen.entry(table.table).or_default() += 1;
            faults.extend(table.columns.iter().filter_map(|column| since_fault(&table, column)));
        }
        let twice = seen.into_iter().filter(|(_, count)| *count > 1);
        faults.extend(twice.map(|(table, _)| Fault::DeclaredTwice { table: table.to_owned() }));
    }
    let columns = personal_columns();
    for pair in columns.windows(2) {
        if pair[0].1.label == pair[1].1.label {
            faults.push(Fault::LabelTwice { label: pair[0].1.label.to_owned() });
        }
    }
    for (_, decl) in columns {
        if matches!(decl.retention, Retention::Days { days, .. } if days > decl.category.longest_days()) {
            faults.push(Fault::TooLong { label: decl.label.to_owned() });
        }
    }
    faults
}

fn since_fault(table: &TableDecl, column: &ColumnUse) -> Option<Fault> {
    let ColumnUse::Personal(decl) = column else { return None };
    let Retention::Days { since, .. } = decl.retention else { return None };
    let known = table.columns.iter().any(|column| column.column() == since);
    (!known).then(|| Fault::SinceUnknown { label: decl.label.to_owned() })
}

/// Sealed columns that hold something else than envelopes. Empty is right.
pub async fn unsealed_values(rows: &Store) -> Result<Vec<Fault>, PrivacyError> {
    let read = rows.read().await?;
    let mut faults = Vec::new();
    for (table, decl) in personal_columns().into_iter().filter(|(_, decl)| decl.sealed) {
        let values = store::blobs(&read, table, decl.column).await?;
        let wrong = values.iter().filter(|value| Envelope::parse(value).is_none()).count();
        if wrong > 0 {
            faults.push(Fault::NotSealed { table: table.to_owned(), column: decl.column.to_owned(), rows: wrong });
        }
    }
    Ok(faults)
}
