//! An application that hears of its rooms by webhooks, and counts.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What was told so far.
#[derive(Clone, Debug, Default)]
pub struct Told {
    pub events: BTreeMap<String, u64>,
    /// The server says of so many that it could not tell them.
    pub dropped: u64,
}

impl Told {
    pub fn of(&self, event: &str) -> u64 {
        self.events.get(event).copied().unwrap_or(0)
    }

    /// Each beginning has its end.
    pub fn is_balanced(&self) -> bool {
        let pairs = [
            ("room_started", "room_finished"),
            ("participant_joined", "participant_left"),
            ("track_published", "track_unpublished"),
        ];
        self.dropped == 0 && pairs.iter().all(|(begins, ends)| self.of(begins) == self.of(ends))
    }
}

#[derive(Clone, Default)]
pub struct Hooks(Arc<Mutex<Told>>);

impl Hooks {
    /// Listens from now on.
    pub async fn listen(port: u16) -> Self {
        let hooks = Self::default();
        let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("the port of the webhooks");
        let heard = hooks.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(heard.clone().hear(stream));
            }
        });
        hooks
    }

    pub fn told(&self) -> Told {
        self.0.lock().expect("unpoisoned").clone()
    }

    /// The requests of one connection, one after the other.
    async fn hear(self, stream: TcpStream) {
        let mut stream = BufReader::new(stream);
        loop {
            let (mut length, mut line) = (0, String::new());
            loop {
                line.clear();
                match stream.read_line(&mut line).await {
                    Ok(1..) if line.trim().is_empty() => break,
                    Ok(1..) => {}
                    Ok(0) | Err(_) => return,
                }
                let lower = line.to_ascii_lowercase();
                length = lower.strip_prefix("content-length:").and_then(|l| l.trim().parse().ok()).unwrap_or(length);
            }
            let mut body = vec![0; length];
            if stream.read_exact(&mut body).await.is_err() {
                return;
            }
            self.note(&serde_json::from_slice(&body).expect("a webhook is JSON"));
            if stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.is_err() {
                return;
            }
        }
    }

    fn note(&self, event: &Value) {
        let mut told = self.0.lock().expect("unpoisoned");
        *told.events.entry(event["event"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
        told.dropped += event["numDropped"].as_u64().unwrap_or(0);
    }
}
