//! What kind of personal data a value is. A category decides which key seals a value and which purposes may open it.

use kloud_base::text_enum;

text_enum! {
    /// The categories as values, for rows and reports.
    pub enum CategoryName {
        Identity = "identity",
        Contact = "contact",
        Credential = "credential",
        Employer = "employer",
        Authored = "authored",
        File = "file",
        Media = "media",
        Behaviour = "behaviour",
        Location = "location",
        Financial = "financial",
        Minor = "minor",
        Pseudonym = "pseudonym",
    }
}

text_enum! {
    /// How many keys a person has in a category, because what must be able to die alone has a key of its own.
    pub enum KeyClass {
        /// One for each person and category.
        Standing = "standing",
        /// One a month, destroyed when its retention ends.
        Monthly = "monthly",
        /// One for each thing.
        Single = "single",
    }
}

impl CategoryName {
    /// Which kind of key seals values of this category.
    pub const fn class(self) -> KeyClass {
        match self {
            Self::Identity
            | Self::Contact
            | Self::Credential
            | Self::Employer
            | Self::Authored
            | Self::Financial
            | Self::Minor
            | Self::Pseudonym => KeyClass::Standing,
            Self::Behaviour => KeyClass::Monthly,
            Self::File | Self::Media | Self::Location => KeyClass::Single,
        }
    }

    /// The longest a column of this category may be declared to stay, in days, when it does not live as long as the
    /// account or the thing it belongs to. Longer needs a change here, in the open.
    pub const fn longest_days(self) -> u32 {
        match self {
            Self::Behaviour => 730,
            Self::Location => 1,
            Self::Credential | Self::Minor => 400,
            Self::Contact | Self::Employer | Self::Pseudonym | Self::Identity => 730,
            Self::Authored | Self::File | Self::Media => 3650,
            Self::Financial => 3650,
        }
    }
}

/// A category as a type. Closed: only the types of this module implement it.
pub trait Category: closed::Closed + Send + Sync + 'static {
    const NAME: CategoryName;
}

mod closed {
    pub trait Closed {}
}

macro_rules! categories {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {
        $(
            $(#[$meta])*
            #[derive(Clone, Copy, Debug)]
            pub struct $name;

            impl closed::Closed for $name {}

            impl Category for $name {
                const NAME: CategoryName = CategoryName::$name;
            }
        )+
    };
}

categories! {
    /// Who somebody is: names, pictures of themselves, birth date.
    Identity,
    /// How to reach somebody.
    Contact,
    /// What proves that it is them. Never shown, not even to them.
    Credential,
    /// What an employer said about somebody.
    Employer,
    /// What somebody wrote.
    Authored,
    /// What somebody uploaded.
    File,
    /// What a camera or a microphone took.
    Media,
    /// What was observed: devices, times, uses.
    Behaviour,
    /// Where somebody was.
    Location,
    /// Payment.
    Financial,
    /// What only matters because somebody is young.
    Minor,
    /// A name that stands in for a person.
    Pseudonym,
}
