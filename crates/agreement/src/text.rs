//! The agreement's text: one source a language, nine parts, each statement with its clause id, one fingerprint.

use std::sync::LazyLock;

use kloud_identity::model::Language;
use pulldown_cmark::{Event, Parser, html};
use sha2::{Digest, Sha256};

/// The number of this version. Grows with each change of either text.
pub const VERSION: u32 = 1;
/// The day from which this version holds.
pub const SINCE: &str = "2026-11-24";

/// One language of the agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    pub language: Language,
    pub title: String,
    /// What stands before the first part, as HTML.
    pub preamble: String,
    pub parts: Vec<Part>,
    /// SHA-256 of the source, in hex; each consent names it.
    pub hash: String,
}

/// One of the nine parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Stable: `part-1` to `part-9`.
    pub anchor: String,
    pub title: String,
    pub html: String,
}

/// The text in a language.
pub fn text(language: Language) -> &'static Text {
    static ENGLISH: LazyLock<Text> = LazyLock::new(|| read(Language::English, include_str!("../text/en.md")));
    static CHINESE: LazyLock<Text> = LazyLock::new(|| read(Language::Chinese, include_str!("../text/zh.md")));
    match language {
        Language::English => &ENGLISH,
        Language::Chinese => &CHINESE,
    }
}

/// SHA-256 of a text, as each answer names it.
pub fn digest(language: Language) -> [u8; 32] {
    let source = match language {
        Language::English => include_str!("../text/en.md"),
        Language::Chinese => include_str!("../text/zh.md"),
    };
    Sha256::digest(source.as_bytes()).into()
}

/// Whether a fingerprint is that of this version in some language.
pub fn is_current(version: u32, hash: &str) -> bool {
    version == VERSION && Language::ALL.iter().any(|language| text(*language).hash == hash)
}

/// The clause ids of a text, in order.
pub fn clauses(language: Language) -> Vec<&'static str> {
    let source = match language {
        Language::English => include_str!("../text/en.md"),
        Language::Chinese => include_str!("../text/zh.md"),
    };
    source.split('[').skip(1).filter_map(|rest| rest.split(']').next()).filter(|id| is_clause(id)).collect()
}

fn is_clause(text: &str) -> bool {
    text.starts_with('S') && text[1..].starts_with(|c: char| c.is_ascii_digit()) && !text.contains(' ')
}

fn read(language: Language, source: &str) -> Text {
    let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(source.as_bytes()));
    let mut sections = source.split("\n## ");
    let head = sections.next().unwrap_or_default();
    let (title, preamble) = head.split_once('\n').unwrap_or((head, ""));
    let parts = sections
        .zip(1..)
        .map(|(section, number)| {
            let (title, body) = section.split_once('\n').unwrap_or((section, ""));
            Part { anchor: format!("part-{number}"), title: title.to_owned(), html: to_html(body) }
        })
        .collect();
    Text { language, title: title.trim_start_matches("# ").to_owned(), preamble: to_html(preamble), parts, hash }
}

/// Markdown to HTML; clause ids become marks that can be linked to. The source is ours, but raw HTML in it would be
/// shown as text all the same.
fn to_html(markdown: &str) -> String {
    let events = Parser::new(markdown).map(|event| match event {
        Event::Html(raw) | Event::InlineHtml(raw) => Event::Text(raw),
        other => other,
    });
    let mut out = String::new();
    html::push_html(&mut out, events);
    mark_clauses(&out)
}

fn mark_clauses(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    for (index, piece) in html.split('[').enumerate() {
        match piece.split_once(']') {
            Some((id, rest)) if index > 0 && is_clause(id) => {
                out.push_str(&format!("<span class=\"clause\">{id}</span>{rest}"));
            }
            Some(_) | None => {
                if index > 0 {
                    out.push('[');
                }
                out.push_str(piece);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_have_nine_parts_and_the_same_clauses() {
        for language in Language::ALL {
            let text = text(*language);
            assert_eq!(text.parts.len(), 9, "{language:?}");
            assert!(text.parts.iter().all(|part| !part.html.is_empty() && !part.html.contains('[')));
        }
        assert_eq!(clauses(Language::English), clauses(Language::Chinese));
    }

    #[test]
    fn a_fingerprint_belongs_to_one_version() {
        assert!(is_current(VERSION, &text(Language::Chinese).hash));
        assert!(!is_current(VERSION + 1, &text(Language::Chinese).hash));
        assert!(!is_current(VERSION, "00"));
    }

    #[test]
    fn raw_html_is_shown_as_text() {
        assert!(!to_html("a <script>alert(1)</script> b").contains("<script>"));
    }
}
