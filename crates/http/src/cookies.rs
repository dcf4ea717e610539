//! Cookies: `__Host-` names, HttpOnly, Secure, SameSite=Lax, nothing readable inside.

use axum::http::{HeaderMap, HeaderValue, header};
use kloud_base::Millis;

/// A cookie this program sets. The closed list is what the data map shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookie {
    /// The session of an account.
    Account,
    /// The seat of a guest.
    Guest,
    /// What a ban leaves in a browser, so that another name does not help. Nobody else has it.
    Mark,
}

impl Cookie {
    pub const ALL: &'static [Self] = &[Self::Account, Self::Guest, Self::Mark];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Account => "__Host-kloud",
            Self::Guest => "__Host-kloud-guest",
            Self::Mark => "__Host-kloud-mark",
        }
    }

    /// Its value in a request.
    pub fn read(self, headers: &HeaderMap) -> Option<&str> {
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, _)| *name == self.name())
            .map(|(_, value)| value)
    }

    /// The header that sets it for so many milliseconds. `value` is a token of ours: URL-safe characters only.
    pub fn set(self, value: &str, lives: Millis) -> (header::HeaderName, HeaderValue) {
        let text = format!("{}={value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={}", self.name(), lives / 1000);
        (header::SET_COOKIE, HeaderValue::from_str(&text).expect("a token holds URL-safe characters"))
    }

    /// The header that takes it away.
    pub fn clear(self) -> (header::HeaderName, HeaderValue) {
        self.set("", 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static("a=1; __Host-kloud-guest=g; __Host-kloud=t"));
        assert_eq!(Cookie::Account.read(&headers), Some("t"));
        assert_eq!(Cookie::Guest.read(&headers), Some("g"));
        headers.insert(header::COOKIE, HeaderValue::from_static("__Host-kloudy=t"));
        assert_eq!(Cookie::Account.read(&headers), None);
    }
}
