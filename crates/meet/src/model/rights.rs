//! Roles and rights: what a seat may switch on, whatever its person permits. Pure.

use kloud_base::text_enum;
use kloud_spaces::model::Role;

use super::Device;

text_enum! {
    /// What somebody is in a meeting.
    pub enum SeatRole {
        Host = "host",
        /// Manages people as the host does.
        CoHost = "co_host",
        /// May always speak and show.
        Speaker = "speaker",
        /// May what the meeting says attendees may.
        Attendee = "attendee",
        /// Looks, listens and raises a hand.
        Viewer = "viewer",
    }
}

impl SeatRole {
    /// The part in the meeting's space that goes with it.
    pub const fn part(self, is_guest: bool) -> Role {
        match self {
            Self::Host => Role::Owner,
            Self::CoHost => Role::Manager,
            Self::Speaker | Self::Attendee if is_guest => Role::Guest,
            Self::Speaker | Self::Attendee => Role::Member,
            Self::Viewer => Role::Viewer,
        }
    }

    /// Whether it lets people in and sends them out.
    pub const fn manages(self) -> bool {
        matches!(self, Self::Host | Self::CoHost)
    }
}

/// What may be switched on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    pub microphone: bool,
    pub camera: bool,
    pub screen: bool,
    pub chat: bool,
}

impl Rights {
    pub const NONE: Self = Self { microphone: false, camera: false, screen: false, chat: false };
    pub const ALL: Self = Self { microphone: true, camera: true, screen: true, chat: true };

    /// As one number for a row.
    pub const fn bits(self) -> i32 {
        self.microphone as i32 | (self.camera as i32) << 1 | (self.screen as i32) << 2 | (self.chat as i32) << 3
    }

    pub const fn from_bits(bits: i32) -> Self {
        Self { microphone: bits & 1 != 0, camera: bits & 2 != 0, screen: bits & 4 != 0, chat: bits & 8 != 0 }
    }

    pub const fn of(self, device: Device) -> bool {
        match device {
            Device::Microphone => self.microphone,
            Device::Camera => self.camera,
            Device::Screen => self.screen,
        }
    }

    #[must_use]
    pub const fn with(mut self, device: Device, on: bool) -> Self {
        match device {
            Device::Microphone => self.microphone = on,
            Device::Camera => self.camera = on,
            Device::Screen => self.screen = on,
        }
        self
    }

    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self::from_bits(self.bits() | other.bits())
    }

    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self::from_bits(self.bits() & !other.bits())
    }
}

/// What a seat may: what its role gives, what a host gave it beyond that, less what a host holds back.
pub const fn rights(role: SeatRole, attendees_may: Rights, granted: Rights, held: Rights) -> Rights {
    match role {
        SeatRole::Host => Rights::ALL,
        SeatRole::CoHost | SeatRole::Speaker => Rights::ALL.without(held),
        SeatRole::Attendee => attendees_may.or(granted).without(held),
        SeatRole::Viewer => Rights::NONE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MICROPHONE: Rights = Rights { microphone: true, ..Rights::NONE };

    #[test]
    fn rights_survive_a_row() {
        for bits in 0..16 {
            assert_eq!(Rights::from_bits(bits).bits(), bits);
        }
    }

    #[test]
    fn the_table() {
        let silent = Rights::ALL.without(MICROPHONE);
        let none = Rights::NONE;
        assert_eq!(rights(SeatRole::Host, none, none, Rights::ALL), Rights::ALL, "nobody holds the host");
        assert_eq!(rights(SeatRole::Speaker, none, none, none), Rights::ALL, "a speaker is above the meeting's rule");
        assert_eq!(rights(SeatRole::Speaker, none, none, MICROPHONE), silent);
        assert_eq!(rights(SeatRole::CoHost, none, none, MICROPHONE), silent);
        assert_eq!(rights(SeatRole::Attendee, silent, none, none), silent);
        assert_eq!(rights(SeatRole::Attendee, silent, MICROPHONE, none), Rights::ALL, "one was given the word");
        assert_eq!(rights(SeatRole::Attendee, Rights::ALL, MICROPHONE, MICROPHONE), silent, "held is held");
        assert_eq!(rights(SeatRole::Viewer, Rights::ALL, Rights::ALL, none), none);
    }

    #[test]
    fn parts_of_the_space_follow_the_role() {
        for (role, guest, part) in [
            (SeatRole::Host, false, Role::Owner),
            (SeatRole::CoHost, true, Role::Manager),
            (SeatRole::Speaker, false, Role::Member),
            (SeatRole::Attendee, true, Role::Guest),
            (SeatRole::Viewer, false, Role::Viewer),
        ] {
            assert_eq!(role.part(guest), part, "{role:?}");
        }
    }
}
