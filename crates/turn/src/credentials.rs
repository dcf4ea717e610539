//! Names and passwords that end by themselves (the "TURN REST API" draft): the name says when, the password proves
//! that this server has made the name. So there is no list of them, and none to take anybody off.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use kloud_base::{Rng, SECOND, Timestamp, random_bytes};
use md5::{Digest, Md5};
use sha1::Sha1;

/// Who is asked for a password.
pub const REALM: &str = "kloud";
/// Longest name that is looked at.
const MAX_NAME: usize = 128;

/// What a client is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    pub username: String,
    pub password: String,
}

/// What passwords are made of. Made at the start of the server and never told.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    pub fn random(rng: &dyn Rng) -> Self {
        Self(random_bytes::<32>(rng))
    }

    /// A name and a password for `who`, good until `until`.
    pub fn mint(&self, who: &str, until: Timestamp) -> Credentials {
        let username = format!("{}:{who}", until.as_millis() / SECOND);
        let password = STANDARD.encode(self.tag(&[username.as_bytes()]));
        Credentials { username, password }
    }

    /// The key that messages of this name are signed with; `None` if the name is none of ours or is over. Whether its
    /// bearer has the password only the signature shows.
    pub(crate) fn key_of(&self, username: &str, now: Timestamp) -> Option<[u8; 16]> {
        if username.len() > MAX_NAME {
            return None;
        }
        let (until, _) = username.split_once(':')?;
        let until: i64 = until.parse().ok()?;
        if until <= now.as_millis() / SECOND {
            return None;
        }
        let password = STANDARD.encode(self.tag(&[username.as_bytes()]));
        Some(key(username, REALM, &password))
    }

    /// A proof of ours over some bytes.
    pub(crate) fn tag(&self, parts: &[&[u8]]) -> [u8; 20] {
        let mut mac = <Hmac<Sha1> as KeyInit>::new_from_slice(&self.0).expect("keys of any length are taken");
        parts.iter().for_each(|part| mac.update(part));
        mac.finalize().into_bytes().into()
    }
}

/// RFC 8489 section 9.2.2. MD5 is what every client speaks; the secrecy lies in the password, which is random.
pub(crate) fn key(username: &str, realm: &str, password: &str) -> [u8; 16] {
    Md5::digest(format!("{username}:{realm}:{password}")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    #[test]
    fn a_name_is_good_until_its_end_and_for_its_maker_only() {
        let secret = Secret([1; 32]);
        let until = NOW + 60 * SECOND;
        let made = secret.mint("PA_x", until);
        assert_eq!(made.username, "1800000060:PA_x");
        let key = key(&made.username, REALM, &made.password);
        assert_eq!(secret.key_of(&made.username, NOW), Some(key));
        assert_eq!(secret.key_of(&made.username, until), None);
        assert_ne!(Secret([2; 32]).key_of(&made.username, NOW), Some(key));
        assert_ne!(secret.key_of("1900000000:PA_x", NOW), Some(key), "a later end is another name");
        for none in ["", ":", "x:PA_x", "1900000000", &format!("1900000000:{}", "x".repeat(200))] {
            assert_eq!(secret.key_of(none, NOW), None, "{none}");
        }
    }
}
