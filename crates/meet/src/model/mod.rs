//! Codes, seats, doors and devices. Pure. Beside it [`rights`] who may do what, [`policy`] what is kept, [`schedule`]
//! when.

mod policy;
mod rights;
mod schedule;

use std::fmt;

use kloud_base::{DAY, Millis, Rng, random_bytes, text_enum, typed_id};
use kloud_spaces::model::Role;

pub use policy::{Attendance, CHAT_DAYS, Policy};
pub use rights::{Rights, SeatRole, rights};
pub use schedule::{Schedule, ScheduleFault};

typed_id!(
    /// A meeting, from its link on.
    MeetingId,
    "mtg"
);
typed_id!(
    /// One person in one meeting.
    SeatId,
    "par"
);
typed_id!(
    /// One screen that somebody showed, from beginning to end.
    ShareId,
    "shr"
);
typed_id!(
    /// One browser that is kept out of a meeting.
    BanId,
    "ban"
);

/// How long a guest's key lives after the meeting's end.
pub const GUEST_KEY_DAYS: i64 = 30;
/// How long the key of one who was denied, or left the lobby, may live: within the hour.
pub const TURNED_AWAY_LIVES: Millis = kloud_base::HOUR;
/// How often empty seats are looked for; who is absent at two looks in a row has left.
pub const REAP_EVERY: Millis = 30 * kloud_base::SECOND;
/// A guest's cookie ends with the key at the latest.
pub const GUEST_SESSION_LIVES: Millis = GUEST_KEY_DAYS * DAY;
/// People in one meeting.
pub const SEATS_MAX: u64 = 200;
/// People at its door.
pub const WAITING_MAX: u64 = 100;

/// People whom a host shows large to everybody at once.
pub const SPOTLIGHT_MAX: usize = 3;

text_enum! {
    /// Who may come in by the link.
    pub enum Admission {
        /// Whoever has it.
        Link = "link",
        /// Whoever is let in by a host.
        Lobby = "lobby",
    }
}

text_enum! {
    pub enum MeetingState { Idle = "idle", Live = "live", Ended = "ended" }
}

text_enum! {
    /// Where somebody stands in a meeting.
    pub enum SeatStatus {
        Waiting = "waiting",
        Admitted = "admitted",
        Denied = "denied",
        /// Put out; may knock again.
        Removed = "removed",
        /// Put out for good, until a host lifts it.
        Banned = "banned",
        Left = "left",
    }
}

text_enum! {
    /// What a person can switch on in a meeting.
    pub enum Device { Camera = "camera", Microphone = "microphone", Screen = "screen" }
}

/// What of a person the media server forwards. Off until the person says yes, each by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Permits {
    pub camera: bool,
    pub microphone: bool,
    pub screen: bool,
    /// Data packets between clients; needs no device.
    pub data: bool,
}

impl Permits {
    /// With one device on or off.
    #[must_use]
    pub const fn with(mut self, device: Device, on: bool) -> Self {
        match device {
            Device::Camera => self.camera = on,
            Device::Microphone => self.microphone = on,
            Device::Screen => self.screen = on,
        }
        self
    }

    /// Without what the seat has no right to.
    #[must_use]
    pub const fn within(self, rights: Rights) -> Self {
        Self {
            camera: self.camera && rights.camera,
            microphone: self.microphone && rights.microphone,
            screen: self.screen && rights.screen,
            data: self.data && rights.chat,
        }
    }

    /// As one number for a row.
    pub const fn bits(self) -> i32 {
        self.camera as i32 | (self.microphone as i32) << 1 | (self.screen as i32) << 2 | (self.data as i32) << 3
    }

    pub const fn from_bits(bits: i32) -> Self {
        Self { camera: bits & 1 != 0, microphone: bits & 2 != 0, screen: bits & 4 != 0, data: bits & 8 != 0 }
    }
}

/// What stands in the link: ten letters in groups of 3, 4 and 3, some 47 bits, without look-alikes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Code(String);

const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz234567899";

impl Code {
    pub fn generate(rng: &dyn Rng) -> Self {
        let letters: String =
            random_bytes::<10>(rng).into_iter().map(|b| char::from(LETTERS[usize::from(b & 31)])).collect();
        Self(letters)
    }

    /// What somebody typed or pasted: with or without dashes, in any case, or the whole link.
    pub fn parse(text: &str) -> Option<Self> {
        let path = text.trim().split(['?', '#']).next().unwrap_or_default();
        let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let letters: String = last.chars().filter(|c| *c != '-' && *c != ' ').flat_map(char::to_lowercase).collect();
        let fine = letters.len() == 10 && letters.bytes().all(|letter| LETTERS.contains(&letter));
        fine.then_some(Self(letters))
    }

    /// As kept in a row: ten letters.
    pub fn as_row(&self) -> &str {
        &self.0
    }

    pub fn from_row(row: &str) -> Self {
        Self(row.to_owned())
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", &self.0[..3], &self.0[3..7], &self.0[7..])
    }
}

/// Whether somebody must knock. Who already has a part in the meeting's space walks in.
pub fn knocks(admission: Admission, role: Option<Role>) -> bool {
    match admission {
        Admission::Link => false,
        Admission::Lobby => role.is_none(),
    }
}

/// A meeting's title: 1 to 120 characters, one line; nothing typed is no title.
pub fn parse_title(text: &str) -> Result<Option<String>, &'static str> {
    let text = text.trim();
    match text.chars().count() {
        0 => Ok(None),
        1..=120 if text.chars().any(char::is_control) => Err("malformed"),
        1..=120 => Ok(Some(text.to_owned())),
        121.. => Err("too_long"),
    }
}

/// A passcode: 4 to 32 characters on one line; nothing typed is none.
pub fn parse_passcode(text: &str) -> Result<Option<String>, &'static str> {
    let text = text.trim();
    match text.chars().count() {
        0 => Ok(None),
        1..4 => Err("too_short"),
        4..=32 if text.chars().any(char::is_control) => Err("malformed"),
        4..=32 => Ok(Some(text.to_owned())),
        33.. => Err("too_long"),
    }
}

/// The most that a host lets in at once; 0 is no bound of theirs.
pub fn parse_cap(cap: u32) -> Result<Option<i32>, &'static str> {
    match (cap, i32::try_from(cap)) {
        (0, _) => Ok(None),
        (2.., Ok(fine)) if u64::from(cap) <= SEATS_MAX => Ok(Some(fine)),
        _ => Err("out_of_range"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Steps;
    impl Rng for Steps {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.iter_mut().zip(0..).for_each(|(byte, n)| *byte = n * 3);
        }
    }

    #[test]
    fn a_code_is_read_in_every_form_people_paste() {
        let code = Code::generate(&Steps);
        assert_eq!(code.to_string(), "adg-kpsv-y36");
        for text in [
            "adg-kpsv-y36",
            "ADGKPSVY36",
            " adg kpsv y36 ",
            "https://k.example/m/adg-kpsv-y36",
            "http://localhost:7878/m/adg-kpsv-y36/?a#b",
        ] {
            assert!(Code::parse(text).as_ref() == Some(&code), "{text}");
        }
        for text in ["", "adg", "adg-kpsv-y4l", "adg-kpsv-y367", "https://k.example/"] {
            assert!(Code::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn permits_survive_a_row_and_one_device_moves_alone() {
        for bits in 0..16 {
            assert_eq!(Permits::from_bits(bits).bits(), bits);
        }
        let permits = Permits::default().with(Device::Camera, true);
        assert_eq!(permits, Permits { camera: true, ..Permits::default() });
        assert_eq!(permits.with(Device::Camera, false), Permits::default());
    }

    #[test]
    fn passcodes_and_caps_are_bounded() {
        for (text, expected) in
            [("", Ok(None)), (" ", Ok(None)), ("abc", Err("too_short")), (" abcd ", Ok(Some("abcd")))]
        {
            assert_eq!(parse_passcode(text), expected.map(|code| code.map(str::to_owned)), "{text:?}");
        }
        assert_eq!(parse_passcode(&"x".repeat(33)), Err("too_long"));
        for (cap, expected) in [(0, Ok(None)), (1, Err("out_of_range")), (2, Ok(Some(2))), (201, Err("out_of_range"))] {
            assert_eq!(parse_cap(cap), expected, "{cap}");
        }
    }

    #[test]
    fn who_has_a_part_does_not_knock() {
        assert!(knocks(Admission::Lobby, None));
        assert!(!knocks(Admission::Lobby, Some(Role::Guest)));
        assert!(!knocks(Admission::Link, None));
    }
}
