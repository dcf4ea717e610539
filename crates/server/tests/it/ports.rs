//! The ways into the real binary: one port for everything, inside of TLS and beside it; and the doctor, who tries them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use kloud_testkit::{Engine, TestDatabases, both_engines, fresh};

use crate::support::process::{DEADLINE, Rig, until};

/// A certificate for `localhost` and its key, in files of the data folder.
struct Pair {
    certificate: PathBuf,
    key: PathBuf,
}

impl Pair {
    fn write(rig: &Rig, named: &str) -> Self {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let path = |end: &str| rig.folder().join(format!("{named}-{end}.pem"));
        let pair = Self { certificate: path("certificate"), key: path("key") };
        std::fs::write(&pair.certificate, made.cert.pem()).unwrap();
        std::fs::write(&pair.key, made.signing_key.serialize_pem()).unwrap();
        pair
    }

    fn configuration(&self) -> String {
        format!("[tls]\ncertificate = {:?}\nkey = {:?}\n", self.certificate, self.key)
    }
}

/// An application that is told of rooms; it gives one answer to everybody.
struct Application {
    url: String,
    answer: Arc<AtomicU16>,
}

impl Application {
    fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let answer = Arc::new(AtomicU16::new(200));
        let said = answer.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let said = said.clone();
                std::thread::spawn(move || take_one(stream, &said));
            }
        });
        Self { url, answer }
    }
}

/// Reads one request to its end and answers it.
fn take_one(mut stream: TcpStream, answer: &AtomicU16) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        match line.trim_end().to_lowercase().split_once(": ") {
            Some(("content-length", value)) => length = value.parse().ok()?,
            Some(_) => {}
            None if line.trim_end().is_empty() => break,
            None => {}
        }
    }
    reader.read_exact(&mut vec![0; length]).ok()?;
    let status = answer.load(Ordering::SeqCst);
    write!(stream, "HTTP/1.1 {status} Said\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").ok()
}

async fn rig() -> Rig {
    Rig::new(fresh(Engine::Sqlite).await)
}

fn doctor(rig: &Rig, arguments: &[&str]) -> (bool, String) {
    let Output { status, stdout, stderr } = rig.kloud(&[&["doctor"], arguments].concat());
    assert!(status.code().is_some_and(|code| code < 2), "{status}: {}", String::from_utf8_lossy(&stderr));
    (status.success(), String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr))
}

/// What the doctor says of one way.
#[track_caller]
fn line<'a>(said: &'a str, way: &str) -> &'a str {
    let way = format!("{way:<26}");
    said.lines().find(|line| line.starts_with(&way)).unwrap_or_else(|| panic!("nothing of {way}: {said}"))[26..].trim()
}

const WAYS: [&str; 7] = [
    "web page",
    "WebSocket",
    "media by UDP",
    "media by TCP",
    "relay (TURN) by UDP",
    "relay (TURN) by TCP",
    "relay (TURN) by TLS",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_comes_by_one_port_inside_of_tls_and_beside_it() {
    let rig = rig().await;
    let pair = Pair::write(&rig, "first");
    let port = rig.take_one_port();
    rig.configure(&(pair.configuration() + &key()));
    let server = rig.start();
    assert_eq!(server.address.port(), port);
    let url = format!("https://localhost:{port}");
    // Its own configuration says where it is.
    let (well, said) = doctor(&rig, &["--trust", pair.certificate.to_str().unwrap()]);
    assert!(well && line(&said, "certificate files").starts_with("ok"), "{said}");
    for way in WAYS {
        assert!(line(&said, way).starts_with("ok"), "{said}");
    }
    assert!(line(&said, "certificate").contains("days left"), "{said}");
    // Whoever comes without TLS is sent to it.
    let away = server.get("/setup?x=1", "");
    assert_eq!(away.status, 308);
    assert!(away.head.contains("location: https://localhost/setup?x=1"), "{}", away.head);
    // Without that trust the doctor says so, and still tries the rest.
    let (well, said) = doctor(&rig, &[&url]);
    assert!(!well && line(&said, "certificate").starts_with("DEAD"), "{said}");
    assert!(line(&said, "relay (TURN) by TLS").starts_with("ok"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_certificate_is_served_without_a_restart_and_a_wrong_one_never() {
    let rig = rig().await;
    let served = Pair::write(&rig, "served");
    let old = rig.folder().join("old.pem");
    std::fs::copy(&served.certificate, &old).unwrap();
    let port = rig.take_one_port();
    rig.configure(&(served.configuration() + &key()));
    let _server = rig.start();
    let url = format!("https://localhost:{port}");
    let trusted = |certificate: &PathBuf| {
        let (_, said) = doctor(&rig, &[&url, "--trust", certificate.to_str().unwrap()]);
        println!("{said}");
        line(&said, "certificate").starts_with("ok")
    };
    assert!(trusted(&old));
    // A key that does not fit.
    let other = Pair::write(&rig, "other");
    std::fs::copy(&other.key, &served.key).unwrap();
    until("the refusal of what does not fit", || rig.said().contains("the old one still is").then_some(()));
    assert!(trusted(&old));
    std::fs::copy(&other.certificate, &served.certificate).unwrap();
    until("the new certificate", || trusted(&other.certificate).then_some(()));
    assert!(!trusted(&old));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_names_the_dead_way_and_its_cure() {
    let rig = rig().await;
    rig.configure(&("advertise = [\"192.0.2.7\"]\ntcp = false\n".to_owned() + &key()));
    let server = rig.start();
    let url = format!("http://localhost:{}", server.address.port());
    let (well, said) = doctor(&rig, &[&url]);
    assert!(!well);
    assert!(line(&said, "WebSocket").starts_with("ok"), "{said}");
    assert!(line(&said, "media by UDP").starts_with("DEAD"), "{said}");
    assert!(said.contains("set media.advertise to its outer address"), "{said}");
    assert!(line(&said, "media by TCP").starts_with('-'), "off is not dead: {said}");
    assert!(line(&said, "certificate").starts_with('-'), "{said}");

    let (well, said) = doctor(&rig, &[&url, "--token", "nonsense"]);
    assert!(!well && line(&said, "WebSocket").starts_with("DEAD") && said.contains("give a --token"), "{said}");
    drop(server);
    let (well, said) = doctor(&rig, &[&url]);
    assert!(!well && line(&said, "web page").starts_with("DEAD") && said.contains("start `kloud serve`"), "{said}");
}

both_engines! {
    async fn the_doctor_tries_what_the_server_needs_and_whom_it_tells(db: TestDatabases) {
        let rig = Rig::new(db);
        let application = Application::listen();
        let told = |url: &str| format!("{}[livekit.webhook]\nurls = [\"{url}\"]\n", key());
        rig.configure(&told(&application.url));
        let server = rig.start();
        let url = format!("http://localhost:{}", server.address.port());
        let (well, said) = doctor(&rig, &[&url]);
        assert!(well && line(&said, "webhook").starts_with("ok"), "{said}");
        for database in ["database", "database of keys"] {
            assert!(line(&said, database).starts_with("ok") && line(&said, database).ends_with("migrations"), "{said}");
        }
        application.answer.store(401, Ordering::SeqCst);
        let (well, said) = doctor(&rig, &[&url]);
        assert!(!well && line(&said, "webhook").starts_with("DEAD"), "{said}");
        assert!(said.contains("give the application the secret of livekit.webhook.key"), "{said}");
        // Where nobody listens.
        rig.configure(&told("http://127.0.0.1:1/hook"));
        let (well, said) = doctor(&rig, &[&url]);
        assert!(!well && line(&said, "webhook").starts_with("DEAD") && said.contains("start the application"), "{said}");
        assert!(line(&said, "media by UDP").starts_with("ok"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_away_is_named_and_the_rest_is_tried() {
    let rig = rig().await;
    rig.configure(&key());
    let server = rig.start();
    let url = format!("http://localhost:{}", server.address.port());
    let away = |name: &str| format!("{name} = \"postgres://nobody@127.0.0.1:1/none\"\n");
    rig.configure(&(key() + "[database]\n" + &away("url") + &away("keys_url")));
    let (well, said) = doctor(&rig, &[&url]);
    assert!(!well && line(&said, "database").starts_with("DEAD"), "{said}");
    assert!(said.contains("start the PostgreSQL server that database.url names"), "{said}");
    assert!(said.contains("start the PostgreSQL server that database.keys_url names"), "{said}");
    assert!(line(&said, "media by UDP").starts_with("ok"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_says_nothing_or_not_enough_is_let_go() {
    let rig = rig().await;
    let pair = Pair::write(&rig, "first");
    rig.take_one_port();
    rig.configure(&(pair.configuration() + "[http]\nhead_seconds = 1\n"));
    let server = rig.start();
    // Nothing; half of a beginning of ICE and of the relay; a handshake that stops; what nobody speaks.
    let beginnings: [&[u8]; 5] = [&[], &[0, 20, 0, 1], &[0, 3, 0, 8, 0x21], &[0x16, 3, 1, 2, 0], &[0xff; 40]];
    for beginning in beginnings {
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.write_all(beginning).unwrap();
        let mut rest = Vec::new();
        // Closed or reset: in any case over, and not by this side's own patience.
        let ended = stream.read_to_end(&mut rest);
        assert!(!ended.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock), "{beginning:?}");
    }
    assert_eq!(server.get("/", "").status, 308, "others are served");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_that_cannot_be_read_is_named_at_the_start() {
    let rig = rig().await;
    let (pair, other) = (Pair::write(&rig, "first"), Pair::write(&rig, "other"));
    let cases = [
        (rig.folder().join("none.pem"), pair.key.clone(), "none.pem"),
        (pair.key.clone(), pair.key.clone(), "no certificate"),
        (pair.certificate.clone(), other.key.clone(), "do not fit each other"),
    ];
    for (certificate, key, word) in cases {
        rig.configure(&Pair { certificate, key }.configuration());
        assert!(rig.start_with(&[]).is_none());
        assert!(rig.said().contains(word), "{}", rig.said());
    }
}

/// An API key, for the doctor's room.
fn key() -> String {
    "[[livekit.keys]]\nkey = \"devkey\"\nsecret = \"a-secret-of-at-least-32-characters\"\n".to_owned()
}
