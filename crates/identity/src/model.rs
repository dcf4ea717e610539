//! Rules about identifiers, nicknames, passwords and codes. Pure.

use std::fmt;

use kloud_base::{DAY, MINUTE, Millis, Rng, random_bytes, text_enum};

/// How long a session lives without use.
pub const SESSION_LIVES: Millis = 60 * DAY;
/// How long showing one's password once more counts.
pub const REAUTHENTICATION_COUNTS: Millis = 10 * MINUTE;
/// How many recovery codes an account gets.
pub const RECOVERY_CODES: usize = 10;
/// NIST SP 800-63B-4: at least 15 characters where the password is the only factor.
pub const PASSWORD_MIN: usize = 15;
/// Longer ones are refused rather than cut.
pub const PASSWORD_MAX: usize = 256;

text_enum! {
    /// The languages the client speaks.
    pub enum Language { English = "en", Chinese = "zh-CN" }
}

text_enum! {
    /// How the client looks.
    pub enum Theme { System = "system", Light = "light", Dark = "dark" }
}

text_enum! {
    /// What is asked instead of a birth date.
    pub enum AgeBand { Adult = "adult", Minor = "minor" }
}

text_enum! {
    /// Why a password is refused.
    pub enum PasswordFault { TooShort = "too_short", TooLong = "too_long", TooCommon = "too_common", ContainsYou = "contains_you" }
}

/// Why a text is no identifier or no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextFault {
    Empty,
    TooLong,
    Malformed,
}

impl TextFault {
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong => "too_long",
            Self::Malformed => "malformed",
        }
    }
}

/// An e-mail address or a user name, as typed and as compared.
#[derive(Clone, PartialEq, Eq)]
pub struct Identifier(String);

impl Identifier {
    /// Accepts `name@host` or 3 to 64 letters, digits, `.`, `_`, `-`; any script.
    pub fn parse(text: &str) -> Result<Self, TextFault> {
        let text = text.trim();
        match text.chars().count() {
            0 => return Err(TextFault::Empty),
            1..=254 => {}
            255.. => return Err(TextFault::TooLong),
        }
        let fine = match text.split_once('@') {
            Some((name, host)) => {
                !name.is_empty()
                    && host.contains('.')
                    && !host.starts_with('.')
                    && !host.ends_with('.')
                    && !host.contains('@')
                    && !text.chars().any(|c| c.is_whitespace() || c.is_control())
            }
            None => {
                (3..=64).contains(&text.chars().count())
                    && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-'))
            }
        };
        if fine { Ok(Self(text.to_owned())) } else { Err(TextFault::Malformed) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form that is compared: lower case, so that nobody signs up as somebody else's capital letters.
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }
}

/// A name shown to others: 1 to 60 characters, no line breaks or control characters.
#[derive(Clone, PartialEq, Eq)]
pub struct Nickname(String);

impl Nickname {
    pub fn parse(text: &str) -> Result<Self, TextFault> {
        let text = text.trim();
        match text.chars().count() {
            0 => Err(TextFault::Empty),
            1..=60 if text.chars().any(char::is_control) => Err(TextFault::Malformed),
            1..=60 => Ok(Self(text.to_owned())),
            61.. => Err(TextFault::TooLong),
        }
    }

    pub fn into_string(self) -> String {
        self.0
    }
}

/// What is said of a password before it is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordVerdict {
    /// zxcvbn's 0 to 4.
    pub score: u8,
    pub fault: Option<PasswordFault>,
    /// In characters.
    pub length: usize,
}

/// Judges a password by length first and by what a guesser knows, among it the person's own words. Offline.
pub fn judge_password(password: &str, words: &[&str]) -> PasswordVerdict {
    let length = password.chars().count();
    let words: Vec<String> = words
        .iter()
        .flat_map(|word| word.split(|c: char| !c.is_alphanumeric()))
        .filter(|word| word.chars().count() >= 3)
        .map(str::to_lowercase)
        .collect();
    let inputs: Vec<&str> = words.iter().map(String::as_str).collect();
    let bounded: String = password.chars().take(PASSWORD_MAX).collect();
    let score = u8::from(zxcvbn::zxcvbn(&bounded, &inputs).score());
    let folded = password.to_lowercase();
    let rest = words.iter().fold(folded.clone(), |rest, word| rest.replace(word.as_str(), ""));
    let fault = if length < PASSWORD_MIN {
        Some(PasswordFault::TooShort)
    } else if length > PASSWORD_MAX {
        Some(PasswordFault::TooLong)
    } else if rest.chars().count() < PASSWORD_MIN - 5 && rest.len() < folded.len() {
        Some(PasswordFault::ContainsYou)
    } else if score < 3 || is_common_stretched(&folded) {
        Some(PasswordFault::TooCommon)
    } else {
        None
    };
    PasswordVerdict { score, fault, length }
}

/// A common password doubled, reversed or with digits behind it is still a common password.
fn is_common_stretched(folded: &str) -> bool {
    let body = folded.trim_end_matches(|c: char| c.is_ascii_digit() || !c.is_alphanumeric());
    let half: String = body.chars().take(body.chars().count() / 2).collect();
    let reversed: String = body.chars().rev().collect();
    let is_common = |text: &str| {
        text.chars().count() >= 4 && u8::from(zxcvbn::zxcvbn(text, &[]).score()) < 2 && text.chars().count() <= 10
    };
    (folded.len() > body.len() && is_common(body))
        || (!half.is_empty() && half.repeat(2) == *body && is_common(&half))
        || is_common(&reversed)
}

/// A one-time code on paper: 12 characters of an alphabet without look-alikes (60 bits), in groups of four.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(String);

const ALPHABET: &[u8; 32] = b"23456789abcdefghjkmnpqrstuvwxyz!";

impl RecoveryCode {
    pub fn generate(rng: &dyn Rng) -> Self {
        let letters = random_bytes::<64>(rng)
            .into_iter()
            .map(|byte| ALPHABET[usize::from(byte & 31)])
            .filter(|letter| *letter != b'!')
            .map(char::from);
        let letters: Vec<char> = letters.take(12).collect();
        if letters.len() < 12 {
            return Self::generate(rng);
        }
        Self(letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-"))
    }

    /// What somebody typed, with or without dashes and spaces, in any case.
    pub fn parse(text: &str) -> Option<Self> {
        let letters: Vec<char> = text.to_lowercase().chars().filter(|c| c.is_ascii_alphanumeric()).collect();
        let groups = letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>();
        (letters.len() == 12).then(|| Self(groups.join("-")))
    }
}

impl fmt::Display for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `Chromium on Linux` out of a browser's own description: a coarse class, never the string itself.
pub fn device_label(user_agent: &str) -> &'static str {
    let has = |word: &str| user_agent.contains(word);
    let system = if has("Android") {
        1
    } else if has("iPhone") || has("iPad") {
        2
    } else if has("Windows") {
        3
    } else if has("Mac OS X") {
        4
    } else if has("Linux") || has("CrOS") {
        5
    } else {
        0
    };
    let browser = if has("Firefox/") {
        1
    } else if has("Edg/") {
        2
    } else if has("Chrome/") || has("Chromium/") {
        3
    } else if has("Safari/") {
        4
    } else {
        0
    };
    const LABELS: [[&str; 6]; 5] = [
        ["A device", "Android", "iPhone or iPad", "Windows", "Mac", "Linux"],
        ["Firefox", "Firefox on Android", "Firefox on iOS", "Firefox on Windows", "Firefox on Mac", "Firefox on Linux"],
        ["Edge", "Edge on Android", "Edge on iOS", "Edge on Windows", "Edge on Mac", "Edge on Linux"],
        [
            "Chromium",
            "Chromium on Android",
            "Chromium on iOS",
            "Chromium on Windows",
            "Chromium on Mac",
            "Chromium on Linux",
        ],
        ["Safari", "Safari on Android", "Safari on iOS", "Safari on Windows", "Safari on Mac", "Safari on Linux"],
    ];
    LABELS[browser][system]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_addresses_or_names() {
        let check = |text: &str, expected: Result<&str, TextFault>| {
            assert_eq!(Identifier::parse(text).as_ref().map(Identifier::as_str), expected.as_ref().copied(), "{text}");
        };
        check(" lin@example.org ", Ok("lin@example.org"));
        check("lin.wei", Ok("lin.wei"));
        check("林薇薇", Ok("林薇薇"));
        check("", Err(TextFault::Empty));
        check("ab", Err(TextFault::Malformed));
        check("lin@", Err(TextFault::Malformed));
        check("lin@host", Err(TextFault::Malformed));
        check("lin@a@b.c", Err(TextFault::Malformed));
        check("lin wei", Err(TextFault::Malformed));
        check(&"a".repeat(300), Err(TextFault::TooLong));
        assert_eq!(Identifier::parse("Lin@Example.org").map(|i| i.folded()), Ok("lin@example.org".to_owned()));
    }

    #[test]
    fn passwords_are_judged_by_length_and_by_what_a_guesser_knows() {
        let check = |password: &str, words: &[&str], expected: Option<PasswordFault>| {
            assert_eq!(judge_password(password, words).fault, expected, "{password}");
        };
        check("correct horse battery", &[], None);
        check("short", &[], Some(PasswordFault::TooShort));
        check("password1234567", &[], Some(PasswordFault::TooCommon));
        check("passwordpassword", &[], Some(PasswordFault::TooCommon));
        check("drowssapdrowssap", &[], Some(PasswordFault::TooCommon));
        check("aaaaaaaaaaaaaaaaaaaa", &[], Some(PasswordFault::TooCommon));
        check("linwei@example.org", &["linwei@example.org"], Some(PasswordFault::ContainsYou));
        check("一二三四五六七八九十天地玄黄宇宙洪荒🦊", &[], None);
        check("Γλυκό νερό, 7 лебедей и ещё 3 сороки над Эльбой: grüne Füchse ☂ 雨", &[], None);
        check(&"ab".repeat(200), &[], Some(PasswordFault::TooLong));
    }

    #[test]
    fn a_recovery_code_is_read_as_it_was_written_down() {
        struct Counter;
        impl Rng for Counter {
            fn fill(&self, bytes: &mut [u8]) {
                bytes.iter_mut().zip(0..).for_each(|(byte, n)| *byte = n);
            }
        }
        let code = RecoveryCode::generate(&Counter);
        assert_eq!(code.to_string(), "2345-6789-abcd");
        assert!(RecoveryCode::parse(" 2345 6789ABCD").is_some_and(|parsed| parsed == code));
        assert!(RecoveryCode::parse("2345").is_none());
    }

    #[test]
    fn a_device_is_a_coarse_class() {
        let chromium =
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
        assert_eq!(device_label(chromium), "Chromium on Linux");
        assert_eq!(device_label(""), "A device");
    }
}
