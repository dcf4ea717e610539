//! Who may do what in a space: one table for the whole product. Pure.

use kloud_base::{text_enum, typed_id};

typed_id!(
    /// A group of people with roles and what they share.
    SpaceId,
    "spc"
);

text_enum! {
    /// What a space is for.
    pub enum SpaceKind { Personal = "personal", Meeting = "meeting" }
}

text_enum! {
    /// What somebody is in a space. Ordered: who is more may do all that who is less may.
    pub enum Role { Guest = "guest", Viewer = "viewer", Member = "member", Manager = "manager", Owner = "owner" }
}

/// What somebody would do in a space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// See that it is there, who is in it, and what it keeps.
    See,
    /// Read what was written there.
    ReadConversation,
    /// Write there.
    Post,
    /// Send camera, microphone or screen into a live meeting.
    PublishMedia,
    /// Let people in, send them out, silence them.
    ManagePeople,
    /// Change its title and who may come in.
    ChangeSettings,
    /// End it for all.
    End,
}

impl Action {
    pub const ALL: &'static [Self] = &[
        Self::See,
        Self::ReadConversation,
        Self::Post,
        Self::PublishMedia,
        Self::ManagePeople,
        Self::ChangeSettings,
        Self::End,
    ];

    /// The least role that may.
    const fn least(self) -> Role {
        match self {
            Self::See | Self::ReadConversation | Self::Post | Self::PublishMedia => Role::Guest,
            Self::ManagePeople | Self::ChangeSettings => Role::Manager,
            Self::End => Role::Owner,
        }
    }
}

/// The one access rule. Who has no role may nothing.
pub fn may(role: Option<Role>, action: Action) -> bool {
    match role {
        None => false,
        // A viewer looks and listens.
        Some(Role::Viewer) => matches!(action, Action::See | Action::ReadConversation),
        Some(role) => role >= action.least(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table() {
        use Action::*;
        let check = |role: Option<Role>, allowed: &[Action]| {
            for action in Action::ALL {
                assert_eq!(may(role, *action), allowed.contains(action), "{role:?} {action:?}");
            }
        };
        check(None, &[]);
        check(Some(Role::Viewer), &[See, ReadConversation]);
        check(Some(Role::Guest), &[See, ReadConversation, Post, PublishMedia]);
        check(Some(Role::Member), &[See, ReadConversation, Post, PublishMedia]);
        check(Some(Role::Manager), &[See, ReadConversation, Post, PublishMedia, ManagePeople, ChangeSettings]);
        check(Some(Role::Owner), Action::ALL);
    }
}
