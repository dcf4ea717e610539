//! A slice as others write them: rows with the derive, a holder, one purpose of its own.

pub mod holder;
pub mod m9001_demo;

use kloud_base::{Timestamp, typed_id};
use kloud_privacy::category::{Authored, Behaviour, Contact, Credential, Employer, File, Identity};
use kloud_privacy::purposes::{Invite, Notify, Protect, ShowToAudience, ShowToOrganization, SignIn};
use kloud_privacy::{KeyId, MemberId, PersonalData, Sealed, SubjectId, purpose};
use sea_orm::entity::prelude::*;

typed_id!(PersonId, "per");
typed_id!(NoteId, "not");
typed_id!(PaperId, "pap");

purpose! {
    /// Learns from what people do; only with their yes.
    pub Learn {
        name: "demo_learn", version: 2, basis: Consent, record: DayRow, opens: [Behaviour], sinks: [Derive],
    }
}

pub mod person {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, PersonalData)]
    #[sea_orm(table_name = "persons")]
    #[personal(subject = "subject_id")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        #[not_personal("a random id")]
        pub id: PersonId,
        #[not_personal("whose row it is")]
        pub subject_id: SubjectId,
        #[personal(
            label = "person.nickname", category = Identity, purposes(ShowToAudience, Invite), basis = Contract,
            source = User, retention = account_life, erase = shred
        )]
        pub nickname: Sealed<String, Identity>,
        #[personal(
            label = "person.address", category = Contact, purposes(SignIn, Notify), basis = Contract, source = User,
            retention = account_life, erase = shred
        )]
        pub address: Option<Sealed<String, Contact>>,
        #[personal(
            label = "person.password", purposes(SignIn, Protect), basis = Contract, source = User,
            retention = account_life, erase = shred
        )]
        pub password: Sealed<String, Credential>,
        #[personal(
            label = "person.last_seen", purposes(Learn, Protect), basis = Contract, source = Observed,
            retention = days(90, "joined_at"), erase = shred
        )]
        pub last_seen: Sealed<i64, Behaviour>,
        #[personal(
            label = "person.desk", purposes(ShowToOrganization), basis = Warranty, source = Employer,
            retention = account_life, erase = shred
        )]
        pub desk: Option<Sealed<String, Employer>>,
        #[personal(
            label = "person.joined_at", category = Behaviour, purposes(), basis = Contract, source = Observed,
            retention = account_life, erase = delete
        )]
        pub joined_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Shared by many; knows its author by a stand-in.
pub mod note {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, PersonalData)]
    #[sea_orm(table_name = "notes")]
    #[personal(subject = "author")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        #[not_personal("a random id")]
        pub id: NoteId,
        #[not_personal("a stand-in")]
        pub author: MemberId,
        #[personal(
            label = "note.body", purposes(ShowToAudience), basis = Contract, source = User,
            retention = object_life, erase = shred
        )]
        pub body: Option<Sealed<String, Authored>>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A thing with a key of its own.
pub mod paper {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, PersonalData)]
    #[sea_orm(table_name = "papers")]
    #[personal(subject = "subject_id")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        #[not_personal("a random id")]
        pub id: PaperId,
        #[not_personal("whose row it is")]
        pub subject_id: SubjectId,
        #[not_personal("which key")]
        pub key_id: KeyId,
        #[personal(
            label = "paper.name", purposes(ShowToAudience), basis = Contract, source = User,
            retention = object_life, erase = shred
        )]
        pub name: Sealed<String, File>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
