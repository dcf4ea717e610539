//! The real binary as a process, on a data set of its own.

use std::cell::Cell;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use kloud_store::Database;
use kloud_testkit::TestDatabases;
use serde_json::{Value, json};

use super::account_body;

/// How long any state may take to come.
pub const DEADLINE: Duration = Duration::from_secs(60);
/// Between two looks at a state.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Asks again and again until the answer is a value.
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < DEADLINE, "never came: {what}");
        std::thread::park_timeout(LOOK_EVERY);
    }
}

/// A data set, and the command line that works on it.
pub struct Rig {
    db: TestDatabases,
    logs: tempfile::TempDir,
    hours: Cell<u32>,
    starts: Cell<usize>,
    /// Of web and media alike; 0 takes free ones, one for each.
    port: Cell<u16>,
}

impl Rig {
    pub fn new(db: TestDatabases) -> Self {
        let rig = Self {
            db,
            logs: tempfile::tempdir().unwrap(),
            hours: Cell::new(0),
            starts: Cell::new(0),
            port: Cell::new(0),
        };
        rig.configure("");
        rig
    }

    /// Writes the configuration: this data set, a free media port, and what the test wants.
    pub fn configure(&self, more: &str) {
        let port = self.port.get();
        let mut text = format!("listen = \"127.0.0.1:{port}\"\n[media]\nport = {port}\n");
        if let (Database::Postgres(rows), Database::Postgres(keys)) = (&self.db.rows, &self.db.keys) {
            text += &format!("[database]\nurl = \"{rows}\"\nkeys_url = \"{keys}\"\n");
        }
        std::fs::write(self.folder().join("kloud.toml"), text + more).unwrap();
    }

    /// From the next configuration on everything comes by one port.
    pub fn take_one_port(&self) -> u16 {
        let number = until("a number that is free for both protocols", || {
            let udp = std::net::UdpSocket::bind("127.0.0.1:0").ok()?;
            let address = udp.local_addr().ok()?;
            std::net::TcpListener::bind(address).ok().map(|_| address.port())
        });
        self.port.set(number);
        number
    }

    /// What the last server said.
    pub fn said(&self) -> String {
        self.last_log()
    }

    pub fn folder(&self) -> &std::path::Path {
        self.db.folder()
    }

    pub fn database(&self) -> &Database {
        &self.db.rows
    }

    /// From now on the clock of new processes is further ahead.
    pub fn advance_hours(&self, hours: u32) {
        self.hours.set(self.hours.get() + hours);
    }

    /// A server that is ready.
    pub fn start(&self) -> Server {
        self.start_with(&[]).unwrap_or_else(|| panic!("it ended before it was ready: {}", self.last_log()))
    }

    fn last_log(&self) -> String {
        std::fs::read_to_string(self.log(self.starts.get() - 1)).unwrap_or_default()
    }

    fn log(&self, start: usize) -> std::path::PathBuf {
        self.logs.path().join(format!("{start}.log"))
    }

    /// `None` when it ended before it was ready.
    pub fn start_with(&self, arguments: &[&str]) -> Option<Server> {
        let log = self.log(self.starts.replace(self.starts.get() + 1));
        let mut serve = Command::new(env!("CARGO_BIN_EXE_kloud"));
        serve
            .arg("serve")
            .arg("--data")
            .arg(self.folder())
            .args(["--listen", &format!("127.0.0.1:{}", self.port.get())]);
        serve.args(["--clock-ahead-hours", &self.hours.get().to_string()]).args(arguments);
        serve.env("KLOUD_LOG", "warn").stdout(Stdio::piped()).stderr(File::create(&log).unwrap());
        let began = Instant::now();
        let mut child = serve.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let found = lines.find_map(|line| line.unwrap().split("://localhost:").nth(1).map(str::to_owned));
        let Some(found) = found else {
            child.wait().unwrap();
            return None;
        };
        let (port, setup) = match found.split_once("/setup#") {
            Some((port, token)) => (port.to_owned(), Some(token.to_owned())),
            None => (found, None),
        };
        let address = SocketAddr::from(([127, 0, 0, 1], port.parse().unwrap()));
        let server = Server { child, address, setup, log };
        if server.ask("GET", "/", "", &Value::Null).is_some() {
            println!("first page {} ms after the start", began.elapsed().as_millis());
        }
        Some(server)
    }

    /// Runs another command on the same data set.
    pub fn kloud(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kloud"));
        command.args(arguments).env("KLOUD_DATA", self.folder());
        command
            .env("KLOUD_CLOCK_AHEAD_HOURS", self.hours.get().to_string())
            .env_remove("RUST_BACKTRACE")
            .output()
            .unwrap()
    }

    /// `kloud audit` finds nothing.
    #[track_caller]
    pub fn audit_is_clean(&self) {
        let audit = self.kloud(&["audit"]);
        assert!(audit.status.success(), "{audit:?}");
    }
}

/// A running `kloud serve`.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    /// The token of the setup link, before there is an instance.
    pub setup: Option<String>,
    log: std::path::PathBuf,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    /// Everything before the body, in lower case.
    pub head: String,
    /// The cookie that was set, as it is sent back.
    pub cookie: String,
    pub body: Value,
}

impl Reply {
    pub fn read(answer: &str) -> Option<Self> {
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let set = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap_or_default();
        let cookie = set.split(';').next().unwrap_or_default().to_owned();
        let body = serde_json::from_str(body).unwrap_or(Value::Null);
        Some(Self { status, head: head.to_lowercase(), cookie, body })
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    /// A refusal in its one shape.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) {
        assert!(self.head.contains("content-type: application/problem+json"), "{}", self.head);
        assert_eq!((self.status, &self.body["code"]), (status, &json!(code)), "{}", self.body);
    }
}

impl Server {
    /// `None` when the process died before it answered.
    pub fn ask(&self, method: &str, path: &str, cookie: &str, body: &Value) -> Option<Reply> {
        ask(self.address, method, path, cookie, body)
    }

    /// An answer that must come.
    #[track_caller]
    pub fn get(&self, path: &str, cookie: &str) -> Reply {
        self.ask("GET", path, cookie, &Value::Null).expect("an answer")
    }

    /// Sets the instance up; the operator's cookie.
    pub fn set_up(&self) -> String {
        let body = json!({
            "token": self.setup, "instance_name": "Test",
            "officer": { "name": "Maya", "contact": "a@b.c", "answers_within_days": 30 },
            "account": account_body("operator@example.org", "Operator"),
        });
        let made = self.ask("POST", "/api/setup", "", &body).expect("an answer");
        assert_eq!(made.status, 201, "{}", made.body);
        made.cookie
    }

    /// Somebody with an account.
    pub fn person(&self, identifier: &str, nickname: &str) -> String {
        let made = self.ask("POST", "/api/accounts", "", &account_body(identifier, nickname)).expect("an answer");
        assert_eq!(made.status, 201, "{}", made.body);
        made.cookie
    }

    /// A meeting that anybody with the link may enter.
    pub fn meeting(&self, host: &str) -> Value {
        let body = json!({ "admission": "link" });
        self.ask("POST", "/api/meetings", host, &body).expect("an answer").expect(201)
    }

    /// Memory that the process holds, in bytes.
    pub fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap() * 1024
    }

    /// Waits until the process has ended by itself.
    pub fn wait_for_death(mut self) {
        let child = &mut self.child;
        let status = until("the end of the process", || child.try_wait().unwrap());
        assert!(!status.success(), "{status}");
    }

    /// How many sockets it holds.
    pub fn sockets(&self) -> usize {
        let files = std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap();
        let links = files.filter_map(|file| std::fs::read_link(file.unwrap().path()).ok());
        links.filter(|link| link.to_string_lossy().starts_with("socket:")).count()
    }

    /// As `kill -9` does, while others still talk to it.
    pub fn kill_now(&self) {
        let killed = Command::new("kill").args(["-9", &self.child.id().to_string()]).status().unwrap();
        assert!(killed.success());
    }

    /// As `kill -9` does, and it is gone.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("the server said:\n{}", std::fs::read_to_string(&self.log).unwrap_or_default());
        }
    }
}

/// One request on a connection of its own, as a browser of the same origin sends it.
pub fn ask(address: SocketAddr, method: &str, path: &str, cookie: &str, body: &Value) -> Option<Reply> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(DEADLINE)).ok()?;
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\norigin: http://localhost\r\ncookie: {cookie}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    Reply::read(&String::from_utf8_lossy(&answer))
}
