//! The commands beside `serve`, as a person runs them: receipts, the audit, a wrong configuration.

use std::path::Path;
use std::process::Output;

use kloud_store::Database;
use kloud_testkit::{Engine, TestDatabases, both_engines, fresh};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::support::process::Rig;
use crate::support::text;

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[track_caller]
fn fails_with(output: &Output, words: &[&str]) {
    let said = said(output);
    assert!(!output.status.success(), "{said}");
    words.iter().for_each(|word| assert!(said.contains(word), "{said:?} says {word:?}"));
}

/// `kloud verify` with a receipt and a ledger.
fn verify(rig: &Rig, receipt: &Value, ledger: &Value) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, value: &Value| {
        let path = folder.path().join(name);
        std::fs::write(&path, value.to_string()).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (receipt, ledger) = (write("receipt.json", receipt), write("ledger.json", ledger));
    rig.kloud(&["verify", &receipt, "--ledger", &ledger])
}

both_engines! {
    async fn a_receipt_is_verified_without_a_server_and_an_altered_one_is_not(db: TestDatabases) {
        let rig = Rig::new(db);
        let server = rig.start();
        let host = server.set_up();
        let meeting = format!("/api/meetings/{}", text(&server.meeting(&host), "code"));
        server.ask("POST", &format!("{meeting}/join"), &host, &json!({})).unwrap().expect(200);
        for device in ["camera", "microphone"] {
            let path = format!("{meeting}/seat/devices/{device}");
            server.ask("PUT", &path, &host, &json!({ "on": true, "language": "en" })).unwrap().expect(200);
        }
        let consents = server.get("/api/me/consents", &host).expect(200);
        let receipt = |index: usize| {
            let id = text(&consents["consents"][index], "consent_id");
            server.get(&format!("/api/me/consents/{id}/receipt"), &host).expect(200)
        };
        let (receipt, other) = (receipt(0), receipt(1));
        let early = server.get("/.well-known/kloud-ledger", "").expect(200);
        server.kill();
        // The head is signed once a day.
        rig.advance_hours(25);
        let server = rig.start();
        let ledger = crate::support::process::until("a head with both leaves", || {
            let ledger = server.get("/.well-known/kloud-ledger", "").expect(200);
            (ledger["head"]["count"] == 2).then_some(ledger)
        });
        server.kill();

        for genuine in [&receipt, &other] {
            let good = verify(&rig, genuine, &ledger);
            assert!(good.status.success() && said(&good).starts_with("Genuine: yes to device."), "{}", said(&good));
        }
        let changed = |value: &Value, pointer: &str, to: Value| {
            let mut value = value.clone();
            *value.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = to;
            value
        };
        let altered = changed(&receipt, "/receipt/pii_processing/purpose", json!("device.screen"));
        fails_with(&verify(&rig, &altered, &ledger), &["not genuine", "signature"]);
        let borrowed = changed(&receipt, "/signature", other["signature"].clone());
        fails_with(&verify(&rig, &borrowed, &ledger), &["not genuine", "signature"]);
        fails_with(&verify(&rig, &json!({ "no": "receipt" }), &ledger), &["not genuine", "no receipt"]);
        let mut shorter = ledger.clone();
        shorter["leaves"].as_array_mut().unwrap().pop();
        fails_with(&verify(&rig, &receipt, &shorter), &["not genuine", "ledger"]);
        let forged = changed(&ledger, "/leaves/0", json!("00".repeat(32)));
        fails_with(&verify(&rig, &receipt, &forged), &["not genuine", "ledger"]);
        let miscounted = changed(&ledger, "/head/count", json!(1));
        fails_with(&verify(&rig, &receipt, &miscounted), &["not genuine", "ledger"]);
        let foreign = changed(&ledger, "/head/public_key", json!("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="));
        fails_with(&verify(&rig, &receipt, &foreign), &["not genuine", "another"]);
        let unreadable = changed(&ledger, "/leaves/0", json!("xyz"));
        fails_with(&verify(&rig, &receipt, &unreadable), &["leaf"]);
        if early["head"].is_null() {
            fails_with(&verify(&rig, &receipt, &early), &["no head yet"]);
        } else {
            fails_with(&verify(&rig, &receipt, &early), &["not genuine"]);
        }
    }

    async fn the_audit_finds_a_word_and_a_value_in_the_open(db: TestDatabases) {
        let rig = Rig::new(db);
        let server = rig.start();
        server.set_up();
        server.kill();
        rig.audit_is_clean();
        let audit = || rig.kloud(&["audit", "--canary", "canary-7f3a-word", "--canary", "operator@example.org"]);
        assert!(audit().status.success(), "{}", said(&audit()));

        let planted = rig.folder().join("left-behind.bin");
        std::fs::write(&planted, data_encoding::BASE64.encode(b"before canary-7f3a-word after")).unwrap();
        let found = audit();
        fails_with(&found, &["word 1", "left-behind.bin", "base64"]);
        assert!(!said(&found).contains("canary-7f3a"), "a report does not repeat the word");
        std::fs::remove_file(&planted).unwrap();

        let (url, value) = match rig.database() {
            Database::Sqlite(path) => (format!("sqlite://{}", path.display()), "CAST('plain' AS BLOB)"),
            Database::Postgres(url) => (url.clone(), "'plain'::bytea"),
        };
        let rows = sea_orm::Database::connect(url).await.unwrap();
        rows.execute_unprepared(&format!("UPDATE accounts SET nickname = {value}")).await.unwrap();
        rows.close().await.unwrap();
        fails_with(&audit(), &["accounts.nickname holds 1 values that are no envelopes"]);
    }
}

/// What `kloud serve` says to a configuration.
fn serve_with(rig: &Rig, text: &str) -> Output {
    std::fs::write(rig.folder().join("kloud.toml"), text).unwrap();
    rig.kloud(&["serve"])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_configuration_says_which_key_what_was_found_and_what_was_expected() {
    let rig = Rig::new(fresh(Engine::Sqlite).await);
    for (text, words) in [
        ("lisen = \"127.0.0.1:1\"", &["`lisen`", "expected one of", "listen", "kloud.toml"][..]),
        ("[media]\nports = 1", &["media", "`ports`", "expected one of", "port"]),
        (
            "listen = \"nonsense\"",
            &["listen in", "kloud.toml", "found \"nonsense\"", "expected an address with a port"],
        ),
        ("[media]\nadvertise = [\"here\"]", &["media.advertise", "found [\"here\"]", "expected IP addresses"]),
        ("[media]\nport = 70000", &["media.port", "70000", "expected u16"]),
        ("[media]\nport = \"x\"", &["media.port", "found string \"x\"", "expected u16"]),
        ("[http]\nhead_seconds = 0", &["http.head_seconds", "found", "0", "expected"]),
        ("[[livekit.keys]]\nkey = \"a\"", &["livekit.keys", "`secret` is missing"]),
        ("[database]\nurl = \"postgres://x/y\"", &["database.keys_url", "expected both or neither"]),
        ("listen = ", &["kloud.toml", "line 1"]),
    ] {
        fails_with(&serve_with(&rig, text), words);
        assert!(
            !Path::new(&rig.folder().join("kloud.db")).exists(),
            "nothing is made before the configuration is right"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_is_taken_is_named() {
    let rig = Rig::new(fresh(Engine::Sqlite).await);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    fails_with(&rig.kloud(&["serve", "--listen", &address]), &["listen", &address]);
}
