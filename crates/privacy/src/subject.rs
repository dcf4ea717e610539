//! Whose data it is.

use kloud_base::{text_enum, typed_id};

typed_id!(
    /// Whose data it is. Random: it says nothing, and rows that others share do not carry it.
    SubjectId,
    "sub"
);

typed_id!(
    /// The stand-in of a subject in rows that others share. When the subject is erased the way back to it is gone.
    MemberId,
    "mem"
);

typed_id!(
    /// One key. Random, so that an envelope says nothing of whose it is.
    KeyId,
    "key"
);

text_enum! {
    /// What a subject is.
    pub enum SubjectKind {
        Account = "account",
        Guest = "guest",
        /// Somebody without an account here: a contact, an invitee.
        OtherPerson = "other_person",
        Organization = "organization",
        Group = "group",
    }
}

text_enum! {
    /// Where a subject stands. One that is gone has no row.
    pub enum Life {
        Living = "living",
        /// Being erased: nothing opens any more and no key is made.
        Closing = "closing",
    }
}

/// Whose a row says it is: the subject itself, or its stand-in where others share the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    Subject(SubjectId),
    Member(MemberId),
}

impl From<SubjectId> for Owner {
    fn from(id: SubjectId) -> Self {
        Self::Subject(id)
    }
}

impl From<MemberId> for Owner {
    fn from(id: MemberId) -> Self {
        Self::Member(id)
    }
}

impl<T: Into<Owner> + Copy> From<&T> for Owner {
    fn from(id: &T) -> Self {
        (*id).into()
    }
}

/// Who opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    Person(SubjectId),
    /// A job of the program itself, by its kind.
    Job(&'static str),
}

impl From<SubjectId> for Actor {
    fn from(id: SubjectId) -> Self {
        Self::Person(id)
    }
}
