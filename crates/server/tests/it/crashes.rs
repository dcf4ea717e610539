//! The real process, killed at named points and started again: nothing acknowledged is lost, nothing half done stays.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::support::{account_body, text};

struct Server {
    child: Child,
    port: u16,
    setup: Option<String>,
}

impl Server {
    fn start(data: &Path, crash_at: Option<&str>) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut serve = Command::new(env!("CARGO_BIN_EXE_kloud"));
        serve.arg("serve").arg("--data").arg(data).args(["--listen", &format!("127.0.0.1:{port}")]);
        serve.env("KLOUD_MEDIA__PORT", "0").env("KLOUD_LOG", "error");
        if let Some(point) = crash_at {
            serve.args(["--crash-at", point]);
        }
        let mut child = serve.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines.find_map(|line| line.unwrap().split("http://").nth(1).map(str::to_owned)).unwrap();
        let setup = address.split('#').nth(1).map(str::to_owned);
        Self { child, port, setup }
    }

    /// `None` when the process died before it answered.
    fn ask(&self, method: &str, path: &str, cookie: &str, body: &Value) -> Option<(u16, String, Value)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        let body = body.to_string();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\norigin: http://localhost\r\ncookie: {cookie}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(head.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let status = answer.split(' ').nth(1)?.parse().ok()?;
        let set = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap_or_default();
        let cookie = set.split(';').next().unwrap_or_default().to_owned();
        let json = answer.split("\r\n\r\n").nth(1).and_then(|text| serde_json::from_str(text).ok());
        Some((status, cookie, json.unwrap_or(Value::Null)))
    }

    fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An instance with its operator and a meeting; the cookie and the path of its chat.
fn prepare(data: &Path) -> (String, String) {
    let server = Server::start(data, None);
    let body = json!({
        "token": server.setup, "instance_name": "Test",
        "officer": { "name": "Maya", "contact": "a@b.c", "answers_within_days": 30 },
        "account": account_body("op@example.org", "Op"),
    });
    let (status, cookie, _) = server.ask("POST", "/api/setup", "", &body).unwrap();
    assert_eq!(status, 201);
    let (_, _, made) = server.ask("POST", "/api/meetings", &cookie, &json!({ "admission": "link" })).unwrap();
    let join = format!("/api/meetings/{}/join", text(&made, "code"));
    assert_eq!(server.ask("POST", &join, &cookie, &json!({})).unwrap().0, 200);
    let chat = format!("/api/conversations/{}/messages", text(&made, "conversation_id"));
    server.kill();
    (cookie, chat)
}

fn message(n: usize) -> Value {
    json!({ "client_id": format!("01a20d60-08a9-7e07-b0e3-{n:012}"), "text": format!("number {n}") })
}

#[test]
fn killed_at_each_point_of_a_message_every_acknowledged_one_is_there_once() {
    let folder = tempfile::tempdir().unwrap();
    let (cookie, chat) = prepare(folder.path());
    let mut acknowledged = 0;
    let mut sent = 0;
    for point in ["chat.before-commit:2", "store.before-commit:3", "store.after-commit:3"] {
        let server = Server::start(folder.path(), Some(point));
        while let Some((status, _, _)) = server.ask("POST", &chat, &cookie, &message(sent + 1)) {
            assert!(status == 201 || status == 200, "{status}");
            sent += 1;
            acknowledged = sent;
            assert!(sent < 1000, "{point} is reached");
        }
        server.kill();
    }
    let server = Server::start(folder.path(), None);
    // What died unanswered is sent again, and is there once.
    assert!(matches!(server.ask("POST", &chat, &cookie, &message(sent + 1)), Some((200 | 201, _, _))));
    let (_, _, read) = server.ask("GET", &format!("{chat}?limit=200"), &cookie, &Value::Null).unwrap();
    let texts: Vec<_> =
        read["messages"].as_array().unwrap().iter().map(|one| text(&one["body"], "text").to_owned()).collect();
    assert!(texts.len() > acknowledged);
    assert_eq!(texts, (1..=texts.len()).map(|n| format!("number {n}")).collect::<Vec<_>>());
    server.kill();
}

#[test]
fn killed_at_each_point_of_a_sign_up_the_person_can_sign_up_or_in_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path());
    for (n, point) in ["privacy.identifier.after-reserve", "identity.account-committed"].iter().enumerate() {
        let identifier = format!("person{n}@example.org");
        let server = Server::start(folder.path(), Some(point));
        let answered = server.ask("POST", "/api/accounts", "", &account_body(&identifier, "Person"));
        assert!(answered.is_none(), "{point}: the process died before it answered");
        server.kill();
        let server = Server::start(folder.path(), None);
        let sign_in = json!({ "identifier": identifier, "password": crate::support::PASSWORD });
        let (signed_in, ..) = server.ask("POST", "/api/sessions", "", &sign_in).unwrap();
        let (signed_up, ..) = server.ask("POST", "/api/accounts", "", &account_body(&identifier, "Person")).unwrap();
        // Either the account is whole, or the identifier is held until its reservation expires within the hour.
        assert!(signed_in == 201 || signed_up == 201 || signed_up == 409, "{point}: {signed_in} {signed_up}");
        server.kill();
    }
}
