//! The agreement as a plain page: no script, no cookie, nothing stored about the visit.

use std::fmt::Write as _;

use kloud_identity::InstanceView;
use kloud_identity::model::Language;

use crate::text::{SINCE, VERSION, text};

/// The style of the plain pages.
pub const STYLE: &str = include_str!("../text/page.css");

struct Words {
    lang: &'static str,
    other: (&'static str, &'static str),
    version: &'static str,
    contents: &'static str,
    contact: &'static str,
    within: &'static str,
    no_contact: &'static str,
}

const ENGLISH: Words = Words {
    lang: "en",
    other: ("/agreement/zh", "中文"),
    version: "Version",
    contents: "Contents",
    contact: "Answers for your data here",
    within: "Answers within days:",
    no_contact: "Nobody answers yet: this instance has not been set up.",
};

const CHINESE: Words = Words {
    lang: "zh-CN",
    other: ("/agreement", "English"),
    version: "版本",
    contents: "目录",
    contact: "本实例数据保护联系人",
    within: "答复天数：",
    no_contact: "尚无联系人：本实例还没有设置。",
};

/// The whole page.
pub fn page(language: Language, instance: Option<&InstanceView>) -> String {
    let words = match language {
        Language::English => &ENGLISH,
        Language::Chinese => &CHINESE,
    };
    let text = text(language);
    let mut body = String::new();
    for part in &text.parts {
        let _ = write!(body, "<section id=\"{}\"><h2>{}</h2>{}</section>", part.anchor, escape(&part.title), part.html);
    }
    let contents: String = text
        .parts
        .iter()
        .map(|part| format!("<li><a href=\"#{}\">{}</a></li>", part.anchor, escape(&part.title)))
        .collect();
    let contact = match instance {
        Some(view) => format!(
            "<p><b>{}</b><br>{}<br>{}<br>{} {}</p>",
            words.contact,
            escape(&view.officer.name),
            escape(&view.officer.contact),
            words.within,
            view.officer.answers_within_days
        ),
        None => format!("<p>{}</p>", words.no_contact),
    };
    let (other, other_name) = words.other;
    format!(
        "<!doctype html><html lang=\"{lang}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title>\
         <link rel=\"stylesheet\" href=\"/agreement.css\"></head><body><header><a class=\"brand\" href=\"/\">Kloud</a>\
         <a href=\"{other}\" lang=\"{other_lang}\">{other_name}</a></header><main><nav aria-label=\"{contents_title}\">\
         <ol>{contents}</ol></nav><article><h1>{title}</h1><p class=\"meta\">{version} {number} · {since} · \
         <code>{hash}</code></p>{preamble}{body}<footer>{contact}</footer></article></main></body></html>",
        lang = words.lang,
        title = escape(&text.title),
        other_lang = if words.lang == "en" { "zh-CN" } else { "en" },
        contents_title = words.contents,
        version = words.version,
        number = VERSION,
        since = SINCE,
        hash = &text.hash,
        preamble = text.preamble,
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
