//! What is held, declared beside the column that holds it and collected at link time.
//!
//! One registry feeds the data map, `inventory.json`, *My data*, the export, retention and the erase plan; the closure
//! tests of [`crate::audit`] compare it with the migrated schema in both directions.
//!
//! Invariant: an entry of a crate that nobody names in code is not linked and silently missing; whoever builds a binary
//! writes `use kloud_x as _;` for each slice and compares the list with a checked-in one.

use kloud_base::text_enum;
use linkme::distributed_slice;
use serde_json::{Value, json};

use crate::category::CategoryName;
use crate::error::PrivacyError;
use crate::grant::Grant;
use crate::place::Shown;
use crate::purpose::{Basis, purposes};
use crate::purposes::ShowOwn;

text_enum! {
    /// Where a value comes from.
    pub enum Source {
        User = "user",
        Employer = "employer",
        ThirdParty = "third_party",
        Observed = "observed",
    }
}

/// How long a value stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retention {
    /// Until the account or the guest ends.
    AccountLife,
    /// Until the thing it belongs to ends.
    ObjectLife,
    /// So many days from the time in `since`.
    Days { days: u32, since: &'static str },
}

/// What an erasure does to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Erase {
    /// The key dies, the row goes with the sweep.
    Shred,
    /// The row goes.
    Delete,
    /// The row stays and leads to nobody.
    Anonymise,
    /// The value stays, for this reason.
    Keep(&'static str),
}

/// One column with personal data.
#[derive(Clone, Copy, Debug)]
pub struct ColumnDecl {
    pub column: &'static str,
    /// Frozen; renaming the column changes nothing sealed.
    pub label: &'static str,
    pub category: CategoryName,
    /// The names of the purposes that open it.
    pub purposes: &'static [&'static str],
    pub basis: Basis,
    pub source: Source,
    pub retention: Retention,
    pub erase: Erase,
    /// Whether it holds envelopes.
    pub sealed: bool,
}

/// One column: personal, or why not.
#[derive(Clone, Copy, Debug)]
pub enum ColumnUse {
    Personal(ColumnDecl),
    NotPersonal { column: &'static str, why: &'static str },
}

impl ColumnUse {
    pub const fn column(&self) -> &'static str {
        match self {
            Self::Personal(decl) => decl.column,
            Self::NotPersonal { column, .. } => column,
        }
    }
}

/// Which of the two databases holds a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    Rows,
    Keystore,
}

/// One table.
#[derive(Clone, Copy, Debug)]
pub struct TableDecl {
    pub table: &'static str,
    pub home: Home,
    pub columns: &'static [ColumnUse],
    /// Where it is declared.
    pub module: &'static str,
}

/// Every table that is linked in. In no order: use [`tables`].
#[distributed_slice]
pub static TABLES: [TableDecl];

/// Every table that is linked in, by name.
pub fn tables(home: Home) -> Vec<TableDecl> {
    let mut all: Vec<_> = TABLES.iter().copied().filter(|table| table.home == home).collect();
    all.sort_by_key(|table| table.table);
    all
}

/// Every column with personal data, by label.
pub fn personal_columns() -> Vec<(&'static str, ColumnDecl)> {
    let mut all: Vec<_> = TABLES
        .iter()
        .flat_map(|table| {
            table.columns.iter().filter_map(|column| match column {
                ColumnUse::Personal(decl) => Some((table.table, *decl)),
                ColumnUse::NotPersonal { .. } => None,
            })
        })
        .collect();
    all.sort_by_key(|(_, decl)| decl.label);
    all
}

/// A row that declares its columns. Implemented by `#[derive(PersonalData)]`.
pub trait PersonalRow {
    const TABLE: &'static TableDecl;

    /// Each sealed column as an attacker would find it.
    fn envelopes(&self) -> Vec<crate::audit::Target>;

    /// Each personal column with its value, for its owner.
    fn describe(&self, grant: &Grant<ShowOwn>) -> Result<Vec<Described>, PrivacyError>;
}

/// One value under *My data*: what, why, until when, from where.
pub struct Described {
    pub table: &'static str,
    pub column: ColumnDecl,
    pub value: Shown,
}

impl Described {
    /// The form of the export.
    pub fn to_json(&self) -> Value {
        let (state, value) = match &self.value {
            Shown::Value(value) => ("value", value.clone()),
            Shown::Withheld => ("withheld", Value::Null),
            Shown::Erased => ("erased", Value::Null),
            Shown::Broken => ("broken", Value::Null),
        };
        let mut entry = column_json(self.table, &self.column);
        entry["state"] = state.into();
        entry["value"] = value;
        entry
    }
}

fn column_json(table: &str, decl: &ColumnDecl) -> Value {
    json!({
        "label": decl.label,
        "table": table,
        "column": decl.column,
        "category": decl.category.as_str(),
        "purposes": decl.purposes,
        "basis": decl.basis.as_str(),
        "source": decl.source.as_str(),
        "retention": retention_json(decl.retention),
        "erase": erase_json(decl.erase),
        "sealed": decl.sealed,
    })
}

fn retention_json(retention: Retention) -> Value {
    match retention {
        Retention::AccountLife => json!({ "until": "account_ends" }),
        Retention::ObjectLife => json!({ "until": "object_ends" }),
        Retention::Days { days, since } => json!({ "until": "days", "days": days, "since": since }),
    }
}

fn erase_json(erase: Erase) -> Value {
    match erase {
        Erase::Shred => json!({ "how": "shred" }),
        Erase::Delete => json!({ "how": "delete" }),
        Erase::Anonymise => json!({ "how": "anonymise" }),
        Erase::Keep(reason) => json!({ "how": "keep", "reason": reason }),
    }
}

/// The whole inventory as it is published: every personal column, every purpose. Sorted, so two equal programs give
/// equal bytes.
pub fn inventory_json() -> Value {
    let columns: Vec<Value> = personal_columns().iter().map(|(table, decl)| column_json(table, decl)).collect();
    let purposes: Vec<Value> = purposes()
        .iter()
        .map(|purpose| {
            json!({
                "name": purpose.name,
                "version": purpose.version,
                "basis": purpose.basis.as_str(),
                "record": purpose.record.as_str(),
                "opens": purpose.opens.iter().map(|category| category.as_str()).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({ "columns": columns, "purposes": purposes })
}

/// Declares a table that holds nothing personal, or nothing of the data side, without a row struct.
///
/// ```
/// kloud_privacy::plain_table! {
///     Rows "settings": "of the instance, nobody's" { "name", "value" }
/// }
/// ```
#[macro_export]
macro_rules! plain_table {
    ($($home:ident $table:literal: $why:literal { $($column:literal),+ $(,)? })+) => {
        $(
            const _: () = {
                #[allow(unsafe_code)]
                #[$crate::__private::linkme::distributed_slice($crate::inventory::TABLES)]
                #[linkme(crate = $crate::__private::linkme)]
                static DECLARED: $crate::inventory::TableDecl = $crate::inventory::TableDecl {
                    table: $table,
                    home: $crate::inventory::Home::$home,
                    columns: &[$($crate::inventory::ColumnUse::NotPersonal { column: $column, why: $why }),+],
                    module: module_path!(),
                };
            };
        )+
    };
}
