//! Reads what Prometheus would read.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use serde_json::Value;

/// One answer of `/metrics`.
pub struct Scrape {
    text: String,
    samples: Vec<Sample>,
}

struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

impl Scrape {
    pub fn of(address: SocketAddr) -> Self {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "GET /metrics HTTP/1.1\r\nhost: kloud.test\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, text) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200") && head.contains("version=0.0.4"), "{head}");
        let samples = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(sample).collect();
        Self { text: text.to_owned(), samples }
    }

    /// The sum of the samples of a name that have these labels; 0 if there are none.
    pub fn value(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let has =
            |sample: &&Sample| labels.iter().all(|(key, value)| sample.labels.get(*key).is_some_and(|v| v == value));
        self.samples.iter().filter(|sample| sample.name == name).filter(has).map(|sample| sample.value).sum()
    }

    pub fn names(&self) -> BTreeSet<String> {
        self.samples.iter().map(|sample| sample.name.clone()).collect()
    }

    #[track_caller]
    pub fn tells_nothing_of(&self, secret: &str) {
        let told = self.samples.iter().flat_map(|sample| sample.labels.iter()).flat_map(|(key, value)| [key, value]);
        assert!(!told.into_iter().any(|word| word.contains(secret)), "a label says {secret:?}");
        // Short words may stand in the help, in another sense.
        let is_word = secret.len() < 4;
        assert!(is_word || !self.text.contains(secret), "{secret:?} in {}", self.text);
    }

    /// Every label that an expression asks for is one of the samples it asks of.
    #[track_caller]
    pub fn has_labels_of(&self, expression: &str) {
        for selector in expression.split("kloud_").skip(1) {
            let Some((name, rest)) = selector.split_once('{') else { continue };
            if !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
                continue;
            }
            for pair in rest.split('}').next().unwrap().split(',') {
                let (key, value) = pair.split_once('=').unwrap_or_else(|| panic!("{expression}"));
                let (key, value) = (key.trim_end_matches('!'), value.trim_start_matches('~').trim_matches('"'));
                let of_name: Vec<_> = self.samples.iter().filter(|s| s.name == format!("kloud_{name}")).collect();
                assert!(of_name.iter().all(|s| s.labels.contains_key(key)), "{key} of {expression}");
                let closed = !value.contains(['.', '|', '*', '$']) && !pair.contains("!=");
                let is_there = of_name.iter().any(|s| s.labels[key] == value);
                assert!(!closed || is_there || value == "5xx", "{pair} of {expression}");
            }
        }
    }
}

fn sample(line: &str) -> Sample {
    let (what, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("{line}"));
    let (name, labels) = match what.split_once('{') {
        Some((name, labels)) => (name, labels.trim_end_matches('}')),
        None => (what, ""),
    };
    let pairs = labels.split("\",").filter(|pair| !pair.is_empty());
    let pair = |pair: &str| {
        let (key, value) = pair.split_once('=').unwrap_or_else(|| panic!("{line}"));
        (key.to_owned(), value.trim_matches('"').to_owned())
    };
    let value = if value == "+Inf" { f64::INFINITY } else { value.parse().unwrap_or_else(|_| panic!("{line}")) };
    Sample { name: name.to_owned(), labels: pairs.map(pair).collect(), value }
}

/// Every expression in a dashboard.
pub fn expressions(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("expr").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|field| expressions(field, found));
        }
        Value::Array(values) => values.iter().for_each(|value| expressions(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The names of this server's numbers in an expression.
pub fn names_in(expression: &str) -> Vec<String> {
    let words = expression.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.filter(|word| word.starts_with("kloud_")).map(str::to_owned).collect()
}
