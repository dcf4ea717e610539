//! A search for planted words in every file of a folder, in the forms in which text hides.

use std::path::{Path, PathBuf};

use data_encoding::{BASE64, HEXLOWER, HEXUPPER};
use kloud_base::text_enum;

text_enum! {
    /// How a word was written.
    pub enum Form {
        Plain = "plain",
        Utf16Le = "utf16le",
        Utf16Be = "utf16be",
        Base64 = "base64",
        Percent = "percent",
        HexLower = "hex",
        HexUpper = "hex_upper",
    }
}

/// A word where it should not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub path: PathBuf,
    pub form: Form,
    /// Which of the words, by its place in the list: a report does not repeat what somebody wrote.
    pub word: usize,
}

/// Searches every file below a folder.
///
/// # Errors
/// When a file cannot be read: an unread file is no clean one.
pub fn scan_folder(folder: &Path, words: &[&str]) -> std::io::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                let bytes = std::fs::read(entry.path())?;
                let found = scan_bytes(&bytes, words);
                findings.extend(found.into_iter().map(|(word, form)| Finding { path: entry.path(), form, word }));
            }
        }
    }
    Ok(findings)
}

/// Which words stand in some bytes, and how.
pub fn scan_bytes(bytes: &[u8], words: &[&str]) -> Vec<(usize, Form)> {
    let mut found = Vec::new();
    for (index, word) in words.iter().enumerate() {
        for (form, patterns) in forms(word) {
            if patterns.iter().any(|pattern| contains(bytes, pattern)) {
                found.push((index, form));
            }
        }
    }
    found
}

fn contains(bytes: &[u8], pattern: &[u8]) -> bool {
    let Some(first) = pattern.first() else { return false };
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| byte == first) {
        rest = &rest[at..];
        if rest.starts_with(pattern) {
            return true;
        }
        rest = &rest[1..];
    }
    false
}

fn forms(word: &str) -> [(Form, Vec<Vec<u8>>); 7] {
    let utf16 = |bytes: fn(u16) -> [u8; 2]| word.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let percent: String = word.bytes().map(|byte| format!("%{byte:02X}")).collect();
    [
        (Form::Plain, vec![word.as_bytes().to_vec()]),
        (Form::Utf16Le, vec![utf16(u16::to_le_bytes)]),
        (Form::Utf16Be, vec![utf16(u16::to_be_bytes)]),
        (Form::Base64, base64_forms(word.as_bytes())),
        (Form::Percent, vec![percent.clone().into_bytes(), percent.to_lowercase().into_bytes(), mixed_percent(word)]),
        (Form::HexLower, vec![HEXLOWER.encode(word.as_bytes()).into_bytes()]),
        (Form::HexUpper, vec![HEXUPPER.encode(word.as_bytes()).into_bytes()]),
    ]
}

/// As browsers write it: only what is not plain is escaped. Words of plain letters have no such form of their own.
fn mixed_percent(word: &str) -> Vec<u8> {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(byte);
    if word.bytes().all(|byte| plain(&byte)) {
        return Vec::new();
    }
    word.bytes()
        .map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect::<String>()
        .into_bytes()
}

/// A word inside of a longer base64 text stands in one of three alignments; the characters at its edges depend on its
/// neighbours and are left out.
fn base64_forms(word: &[u8]) -> Vec<Vec<u8>> {
    (0..3)
        .map(|before| {
            let mut shifted = vec![0; before];
            shifted.extend_from_slice(word);
            let text = BASE64.encode(&shifted);
            let from = (before * 8).div_ceil(6);
            let to = (before + word.len()) * 8 / 6;
            text.as_bytes()[from..to].to_vec()
        })
        .filter(|pattern| pattern.len() >= 4)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_in_each_form_and_in_nothing_else() {
        let word = "canary-7f3 é";
        let check = |bytes: Vec<u8>, form: Form| {
            let mut around = b"before ".to_vec();
            around.extend(bytes);
            around.extend(b" after");
            assert_eq!(scan_bytes(&around, &["absent", word]), [(1, form)], "{form:?}");
        };
        check(word.as_bytes().to_vec(), Form::Plain);
        check(word.encode_utf16().flat_map(u16::to_le_bytes).collect(), Form::Utf16Le);
        check(word.encode_utf16().flat_map(u16::to_be_bytes).collect(), Form::Utf16Be);
        for before in ["", "x", "xy", "xyz"] {
            check(BASE64.encode(format!("{before}{word}.").as_bytes()).into_bytes(), Form::Base64);
        }
        check(b"canary-7f3%20%C3%A9".to_vec(), Form::Percent);
        check(HEXLOWER.encode(word.as_bytes()).into_bytes(), Form::HexLower);
        check(HEXUPPER.encode(word.as_bytes()).into_bytes(), Form::HexUpper);
        assert_eq!(scan_bytes(b"canary-7f", &[word]), []);
    }
}
