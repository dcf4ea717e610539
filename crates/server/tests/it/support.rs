//! The program in process and as a process.

pub mod load;
pub mod process;
pub mod socket;

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use kloud_base::{Clock, Rng};
use kloud_server::app::{App, Ingredients};
use kloud_server::config::{Config, DataFolder};
use kloud_store::Database;
use kloud_testkit::{ManualClock, SeededRng, TestDatabases};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tower::ServiceExt as _;

pub const PASSWORD: &str = "correct horse battery";

/// The program in process, with time by hand.
pub struct TestApp {
    pub app: App,
    pub clock: Arc<ManualClock>,
    pub db: TestDatabases,
    router: Router,
}

impl TestApp {
    pub async fn open(db: TestDatabases) -> Self {
        Self::open_at(db, Arc::new(ManualClock::default()), 1).await
    }

    pub async fn open_at(db: TestDatabases, clock: Arc<ManualClock>, seed: u64) -> Self {
        Self::open_with(db, clock, seed, |_| {}).await
    }

    /// With what a test sets besides.
    pub async fn open_with(
        db: TestDatabases,
        clock: Arc<ManualClock>,
        seed: u64,
        set: impl FnOnce(&mut Config),
    ) -> Self {
        let folder = DataFolder::open(db.folder()).unwrap();
        let mut config = Config::default();
        config.media.port = 0;
        config.http.taken_seconds = NonZeroU32::MIN;
        if let (Database::Postgres(rows), Database::Postgres(keys)) = (&db.rows, &db.keys) {
            config.database.url = rows.clone();
            config.database.keys_url = keys.clone();
        }
        set(&mut config);
        let with = Ingredients {
            clock: clock.clone() as Arc<dyn Clock>,
            rng: Arc::new(SeededRng::new(seed)) as Arc<dyn Rng>,
            crash_points: Arc::default(),
        };
        let app = App::open(&folder, &config, with).await.unwrap();
        let router = app.router();
        Self { app, clock, db, router }
    }

    /// An app with an instance and its operator, and the operator's cookie.
    pub async fn set_up(db: TestDatabases) -> (Self, Person) {
        let app = Self::open(db).await;
        let operator = app.begin().await;
        (app, operator)
    }

    /// Makes the instance; its operator's cookie.
    pub async fn begin(&self) -> Person {
        let token = self.app.identity.begin_setup().await.unwrap().unwrap();
        let body = json!({
            "token": token,
            "instance_name": "Test",
            "officer": { "name": "Maya", "contact": "privacy@kloud.example", "answers_within_days": 30 },
            "account": account_body("operator@example.org", "Operator"),
        });
        let mut person = Person::default();
        self.ask(&mut person, Method::POST, "/api/setup", Some(body)).await.expect(StatusCode::CREATED);
        person
    }

    /// Somebody with an account.
    pub async fn person(&self, identifier: &str, nickname: &str) -> Person {
        let mut person = Person::default();
        let body = account_body(identifier, nickname);
        self.ask(&mut person, Method::POST, "/api/accounts", Some(body)).await.expect(StatusCode::CREATED);
        person
    }

    /// Sends a request as a browser would, and keeps the cookies it sets.
    pub async fn ask(&self, person: &mut Person, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "kloud.test")
            .header(header::ORIGIN, "http://kloud.test");
        if !person.cookies.is_empty() {
            request = request.header(header::COOKIE, person.cookie_line());
        }
        let body = match body {
            Some(json) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(json.to_string())
            }
            None => Body::empty(),
        };
        let mut request = request.body(body).unwrap();
        let peer = axum::extract::ConnectInfo(SocketAddr::from(([192, 0, 2, 7], 1)));
        request.extensions_mut().insert(peer);
        let response = self.router.clone().oneshot(request).await.unwrap();
        for set in response.headers().get_all(header::SET_COOKIE) {
            let (name, value) = set.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            person.cookies.retain(|(known, _)| known != name);
            if !value.is_empty() {
                person.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), 16 * 1024 * 1024).await.unwrap();
        Answer { status, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null), bytes: bytes.to_vec() }
    }

    /// Serves on a port of its own too; where.
    pub async fn listen(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let never = self.serve(listener);
        // Held by a task, so that it ends with the test's runtime.
        tokio::spawn(async move {
            never.closed().await;
        });
        address
    }

    /// Serves on this port until it is told to stop.
    pub fn serve(&self, listener: TcpListener) -> tokio::sync::watch::Sender<bool> {
        let (stop, stopping) = tokio::sync::watch::channel(false);
        tokio::spawn(self.app.listen(listener, stopping));
        stop
    }

    /// Runs every job that is due, and what it makes due.
    pub async fn run_jobs(&self) {
        self.app.runner.run_due().await.unwrap();
    }

    /// Closes everything and gives the databases back.
    pub async fn close(self) -> TestDatabases {
        self.app.stop().await;
        drop(self.router);
        self.app.close().await;
        self.db
    }
}

/// A browser's cookies.
#[derive(Clone, Default)]
pub struct Person {
    cookies: Vec<(String, String)>,
}

impl Person {
    /// Loses a cookie.
    pub fn forget(&mut self, name: &str) {
        self.cookies.retain(|(known, _)| known != name);
    }

    /// As one header.
    pub fn cookie_line(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }
}

pub struct Answer {
    pub status: StatusCode,
    pub body: Value,
    pub bytes: Vec<u8>,
}

impl Answer {
    #[track_caller]
    pub fn expect(self, status: StatusCode) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    /// An answer that is no JSON.
    #[track_caller]
    pub fn text(self, status: StatusCode) -> String {
        assert_eq!(self.status, status, "{}", self.body);
        String::from_utf8(self.bytes).unwrap()
    }

    #[track_caller]
    pub fn problem(self, status: StatusCode, code: &str) -> Value {
        let body = self.expect(status);
        assert_eq!(body["code"], code, "{body}");
        body
    }
}

pub fn account_body(identifier: &str, nickname: &str) -> Value {
    json!({ "identifier": identifier, "nickname": nickname, "password": PASSWORD, "language": "en" })
}

pub fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}"))
}
