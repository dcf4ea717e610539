//! The purposes that several slices share. The closed table is `privacy.md`, section 5.
//!
//! Adding one, or opening more under one, changes the checked-in list of the tests and asks for consent again where
//! the purpose rests on it.

crate::purpose! {
    /// Signs a person in.
    pub SignIn {
        name: "sign_in", version: 1, basis: Contract, record: Own,
        opens: [Contact, Credential], sinks: [Compare, Delivery],
    }
    /// Shows a person what is theirs.
    pub ShowOwn {
        name: "show_own", version: 1, basis: Right, record: Own,
        opens: [
            Identity, Contact, Employer, Authored, File, Media, Behaviour, Location, Financial, Minor, Pseudonym,
        ],
        sinks: [Screen, Pack],
    }
    /// Shows what a person put before others to those others.
    pub ShowToAudience {
        name: "show_to_audience", version: 1, basis: Contract, record: Membership,
        opens: [Identity, Authored, File, Media, Pseudonym], sinks: [Screen],
    }
    /// Shows what an employer entered inside that organization.
    pub ShowToOrganization {
        name: "show_to_organization", version: 1, basis: Contract, record: Membership,
        opens: [Identity, Employer], sinks: [Screen],
    }
    /// Invites somebody; other people may object by a stop link.
    pub Invite {
        name: "invite", version: 1, basis: Contract, record: DayRow,
        opens: [Identity, Contact], sinks: [Delivery, Screen],
    }
    /// Sends a person a notice by the channel they chose.
    pub Notify {
        name: "notify", version: 1, basis: Contract, record: DayRow,
        opens: [Contact], sinks: [Delivery],
    }
    /// Finds what a person may see.
    pub Search {
        name: "search", version: 1, basis: Contract, record: Membership,
        opens: [Authored, File], sinks: [Screen, Derive],
    }
    /// Makes a small picture of a file.
    pub Preview {
        name: "preview", version: 1, basis: Contract, record: DayRow,
        opens: [File], sinks: [Derive],
    }
    /// Keeps accounts safe.
    pub Protect {
        name: "protect", version: 1, basis: LegitimateInterest, record: DayRow,
        opens: [Behaviour, Credential], sinks: [Compare],
    }
    /// Answers a request that the law gives a person.
    pub AnswerRequest {
        name: "answer_request", version: 1, basis: Law, record: Named,
        opens: [
            Identity, Contact, Employer, Authored, File, Media, Behaviour, Location, Financial, Minor, Pseudonym,
        ],
        sinks: [Pack, Screen],
    }
    /// Helps a person who asked.
    pub Support {
        name: "support", version: 1, basis: Request, record: Named,
        opens: [Identity, Contact], sinks: [Screen],
    }
    /// Shows a guardian what concerns the child.
    pub Guard {
        name: "guard", version: 1, basis: Guardian, record: Named,
        opens: [Identity, Minor, Behaviour], sinks: [Screen],
    }
}
