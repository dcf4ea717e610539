//! The mechanism that keeps the agreement: what is held is declared, sealed, opened for a purpose, and gone when its
//! key is gone.
//!
//! - A column says what it holds beside the field ([`PersonalData`]); silence does not compile.
//! - A personal value in a row is [`Sealed`] under a key that belongs to the person; [`Privacy::sealer`] gives the
//!   right to seal, a [`Grant`] the right to open for one [`Purpose`].
//! - Keys live in a database of their own, the keystore, under roots that live in a file ([`keys`]). Two databases have
//!   no common transaction, so order is the protocol: a key is committed before what it seals and dies before it.
//! - The end of a person, a guest or a single key is one machine ([`erase`]).
//!
//! Invariants: no opening and no new key for one who is being erased; nothing is swept because a key is absent, only
//! because the ledger of endings says so; one process for each data set.
//! What it deliberately does not do: know any product, render anything, or decide who may see what; a slice checks its
//! own access rule and passes the proof.

#![cfg_attr(test, allow(clippy::unwrap_used))]

// The derive writes `::kloud_privacy::…`, here too.
extern crate self as kloud_privacy;

pub mod audit;
pub mod category;
pub mod consent;
pub mod disclosure;
mod envelope;
pub mod erase;
mod error;
mod gesture;
mod grant;
mod granting;
mod holder;
mod housekeeping;
mod identifier;
pub mod inventory;
mod inventory_tables;
mod keys;
mod migrations;
mod my_data;
mod opening;
mod orm;
mod own;
mod people;
pub mod permission;
mod place;
mod privacy;
pub mod purpose;
pub mod purposes;
pub mod reconcile;
mod revoked;
pub mod rotate;
mod sealed;
mod sealer;
mod subject;
mod time;

pub use category::{Category, CategoryName, KeyClass};
pub use consent::{Answer, ConsentId, Consented, Scope};
pub use envelope::{Envelope, MAX_BYTES, Place};
pub use erase::{AdvanceErasure, EraseRequest, ErasureId, ErasureState, ErasureTicket};
pub use error::PrivacyError;
pub use gesture::{Gesture, GivenBy};
pub use grant::Grant;
pub use holder::{Ended, Holder, Person, Swept, TellRecipient};
pub use identifier::{Index, Reservation};
pub use inventory::{ColumnDecl, ColumnUse, Described, Erase, PersonalRow, Retention, Source, TableDecl};
pub use kloud_privacy_derive::PersonalData;
pub use my_data::Export;
pub use opening::{Detail, OpeningSeen};
pub use people::{NewKey, NewSubject};
pub use place::{Field, FieldFor, Placed, RowKey, Shown};
pub use privacy::{Privacy, PrivacyOptions};
pub use purpose::{
    Basis, Compare, DayRow, Delivery, Derive, MayOpen, Membership, Named, NeedsConsent, NeedsNoConsent, Own, Pack,
    Purpose, PurposeDecl, Record, RecordClass, Screen, Sink,
};
pub use reconcile::Reconciled;
pub use revoked::{Revoked, RevokedKind};
pub use sealed::{Open, Opened, Personal, Sealed};
pub use sealer::Sealer;
pub use subject::{Actor, KeyId, Life, MemberId, Owner, SubjectId, SubjectKind};
/// For `#[derive(Zeroize)]` on structs that are sealed.
pub use zeroize;

/// The keystore's own schema, for the database that holds nothing else.
pub fn keystore_migrations() -> Vec<Box<dyn sea_orm_migration::MigrationTrait>> {
    vec![Box::new(migrations::k0001_keystore::Migration)]
}

/// What this crate keeps beside the rows of the slices.
pub fn migrations() -> Vec<Box<dyn sea_orm_migration::MigrationTrait>> {
    vec![Box::new(migrations::m0002_privacy::Migration)]
}

/// What the derive and the macros need from their caller's point of view. Not part of the API.
#[doc(hidden)]
pub mod __private {
    pub use crate::place::seal_in_place;
    pub use linkme;
    pub use serde_json;
}
