//! Rules of conversations. Pure.

use kloud_base::typed_id;

typed_id!(
    /// A conversation of a space.
    ConversationId,
    "con"
);
typed_id!(
    /// One message.
    MessageId,
    "msg"
);
typed_id!(
    /// The sender's own name for a message, made before it is sent, so that sending twice is sending once.
    ClientId,
    "cli"
);

/// The longest message, in characters.
pub const TEXT_MAX: usize = 4000;
/// Messages in one answer.
pub const PAGE_MAX: u64 = 200;

/// What somebody wrote, as it is kept: trimmed, not empty, not too long, without control characters but line breaks.
pub fn parse_text(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err("empty"),
        1..=TEXT_MAX => {
            let control = |c: char| c.is_control() && c != '\n' && c != '\t';
            Ok(text.replace("\r\n", "\n").chars().filter(|c| !control(*c)).collect())
        }
        _ => Err("too_long"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_trimmed_and_bounded() {
        let check = |text: &str, expected: Result<&str, &'static str>| {
            assert_eq!(parse_text(text), expected.map(str::to_owned), "{text:?}");
        };
        check(" hello\r\nworld ", Ok("hello\nworld"));
        check("a\u{0}b\u{1b}[31m", Ok("ab[31m"));
        check("  \n ", Err("empty"));
        check(&"x".repeat(4001), Err("too_long"));
        check(&"界".repeat(4000), Ok(&"界".repeat(4000)));
    }
}
