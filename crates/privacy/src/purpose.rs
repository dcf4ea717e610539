//! Why a value may be opened, as types.
//!
//! A purpose names the categories it opens, so `open` compiles only where [`MayOpen`] holds; it names how its openings
//! are recorded, so a grant asks for the matching evidence; and it names its sinks, so an opened value goes nowhere
//! else. Purposes are declared by [`crate::purpose!`] in any crate and collected at link time.

use kloud_base::text_enum;
use linkme::distributed_slice;

use crate::category::{Category, CategoryName};

text_enum! {
    /// On what ground a purpose rests.
    pub enum Basis {
        Contract = "contract",
        /// The person's own right.
        Right = "right",
        LegitimateInterest = "legitimate_interest",
        Consent = "consent",
        /// The employer's warranty that it may.
        Warranty = "warranty",
        /// The person asked for it.
        Request = "request",
        Law = "law",
        Guardian = "guardian",
    }
}

text_enum! {
    /// What stays behind of an opening, chosen so that the record is not itself surveillance.
    pub enum RecordClass { Own = "own", Membership = "membership", DayRow = "day_row", Named = "named" }
}

/// Why a value is opened. Implement it with [`crate::purpose!`].
pub trait Purpose: Send + Sync + 'static {
    /// Stable; kept in rows.
    const NAME: &'static str;
    /// Grows when the purpose opens more; a consent to an older version does not count.
    const VERSION: u32;
    const BASIS: Basis;
    /// The evidence that a grant asks for, and with it what is recorded.
    type Record: Record;
    const OPENS: &'static [CategoryName];
}

/// The purpose may open values of this category. Implemented by [`crate::purpose!`] alone.
pub trait MayOpen<C: Category>: Purpose {}

/// The purpose does not rest on consent, so a grant needs none. Implemented by [`crate::purpose!`] alone.
pub trait NeedsNoConsent: Purpose {}

/// The purpose rests on consent: a grant takes a [`crate::Consented`] for each person.
pub trait NeedsConsent: Purpose {}

/// A place where values opened for `P` may go.
pub trait Sink<P: Purpose>: Copy {}

/// The answer to the actor's own client.
#[derive(Clone, Copy, Debug)]
pub struct Screen;

/// A check inside the program, such as a password against its hash; only yes or no comes out.
#[derive(Clone, Copy, Debug)]
pub struct Compare;

/// Delivery to the person, such as a mail to their own address.
#[derive(Clone, Copy, Debug)]
pub struct Delivery;

/// A pack made for the person or an authority: an export, an answer to a request.
#[derive(Clone, Copy, Debug)]
pub struct Pack;

/// Work inside the program whose result is sealed again: previews, captions, search.
#[derive(Clone, Copy, Debug)]
pub struct Derive;

/// Evidence for a grant. One type for each [`RecordClass`]; closed.
pub trait Record: closed::Closed + Send + Sync {
    const CLASS: RecordClass;
    /// What goes into a named row.
    #[doc(hidden)]
    fn named(&self) -> Option<&Named> {
        None
    }
}

mod closed {
    pub trait Closed {}
}

/// The actor opens what is their own: no row, and the grant refuses anybody else's.
#[derive(Clone, Copy, Debug)]
pub struct Own;

/// Actor and owners share something; the membership with its dates is the record, so no row is written. Made by the
/// slice that holds the access rule, after it has checked it.
#[derive(Clone, Copy, Debug)]
pub struct Membership {
    rule: &'static str,
    group: uuid::Uuid,
}

impl Membership {
    /// The caller has checked `rule` for the group of this id.
    pub fn checked(rule: &'static str, group: uuid::Uuid) -> Self {
        Self { rule, group }
    }

    /// The rule that was checked.
    pub fn rule(&self) -> &'static str {
        self.rule
    }

    /// What both share.
    pub fn group(&self) -> uuid::Uuid {
        self.group
    }
}

/// One row for each person, purpose and day, with a count.
#[derive(Clone, Copy, Debug)]
pub struct DayRow;

/// One row for each person, on disk before the value opens, with who and why.
#[derive(Clone, Debug)]
pub struct Named {
    /// In which role, such as `officer`.
    pub role: &'static str,
    /// The name of who opens, as the person will read it.
    pub name: String,
    /// Why, as a code the client words.
    pub reason: &'static str,
}

impl closed::Closed for Own {}
impl closed::Closed for Membership {}
impl closed::Closed for DayRow {}
impl closed::Closed for Named {}

impl Record for Own {
    const CLASS: RecordClass = RecordClass::Own;
}
impl Record for Membership {
    const CLASS: RecordClass = RecordClass::Membership;
}
impl Record for DayRow {
    const CLASS: RecordClass = RecordClass::DayRow;
}
impl Record for Named {
    const CLASS: RecordClass = RecordClass::Named;

    fn named(&self) -> Option<&Named> {
        Some(self)
    }
}

/// A purpose as a value, for the checked-in list and the data map.
#[derive(Clone, Copy, Debug)]
pub struct PurposeDecl {
    pub name: &'static str,
    pub version: u32,
    pub basis: Basis,
    pub record: RecordClass,
    pub opens: &'static [CategoryName],
    /// Where it is declared.
    pub module: &'static str,
}

/// Every purpose that is linked in. In no order: use [`purposes`].
#[distributed_slice]
pub static PURPOSES: [PurposeDecl];

/// Every purpose that is linked in, by name.
pub fn purposes() -> Vec<PurposeDecl> {
    let mut all: Vec<_> = PURPOSES.iter().copied().collect();
    all.sort_by_key(|purpose| purpose.name);
    all
}

/// Declares purposes.
///
/// ```
/// kloud_privacy::purpose! {
///     /// Shows a note to those who share it.
///     pub ShowNote {
///         name: "show_note", version: 1, basis: Contract, record: Membership,
///         opens: [Authored], sinks: [Screen],
///     }
/// }
/// ```
#[macro_export]
macro_rules! purpose {
    ($($(#[$meta:meta])* $vis:vis $name:ident {
        name: $text:literal, version: $version:literal, basis: $basis:ident, record: $record:ident,
        opens: [$($category:ident),* $(,)?], sinks: [$($sink:ident),* $(,)?] $(,)?
    })+) => {
        $(
            $(#[$meta])*
            #[derive(Clone, Copy, Debug)]
            $vis struct $name;

            impl $crate::Purpose for $name {
                const NAME: &'static str = $text;
                const VERSION: u32 = $version;
                const BASIS: $crate::Basis = $crate::Basis::$basis;
                type Record = $crate::$record;
                const OPENS: &'static [$crate::CategoryName] = &[$($crate::CategoryName::$category),*];
            }

            $(impl $crate::MayOpen<$crate::category::$category> for $name {})*
            $(impl $crate::Sink<$name> for $crate::$sink {})*
            $crate::__purpose_basis!($basis, $name);

            const _: () = {
                #[allow(unsafe_code)]
                #[$crate::__private::linkme::distributed_slice($crate::purpose::PURPOSES)]
                #[linkme(crate = $crate::__private::linkme)]
                static DECLARED: $crate::PurposeDecl = $crate::PurposeDecl {
                    name: $text,
                    version: $version,
                    basis: $crate::Basis::$basis,
                    record: <$crate::$record as $crate::Record>::CLASS,
                    opens: <$name as $crate::Purpose>::OPENS,
                    module: module_path!(),
                };
            };
        )+
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __purpose_basis {
    (Consent, $name:ident) => {
        impl $crate::NeedsConsent for $name {}
    };
    ($other:ident, $name:ident) => {
        impl $crate::NeedsNoConsent for $name {}
    };
}
