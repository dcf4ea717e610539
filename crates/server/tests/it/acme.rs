//! A certificate from an authority that is asked for it: a real one, small and on this machine.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command};

use kloud_testkit::{Engine, fresh};
use serde_json::json;

use crate::support::process::{DEADLINE, Rig, until};

/// An authority that certifies whoever answers at a port.
struct Authority {
    process: Child,
    directory: String,
    roots: String,
    /// What its own server is trusted by.
    own: reqwest::Certificate,
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Authority {
    /// Looks for proofs at `port`; its root is written to `authority.pem`.
    fn start(folder: &Path, port: u16) -> Self {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let (certificate, key) = (folder.join("authority.pem"), folder.join("authority-key.pem"));
        std::fs::write(&certificate, made.cert.pem()).unwrap();
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        let [listen, manage] = [(); 2].map(|()| {
            let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            free.local_addr().unwrap().port()
        });
        let config = json!({ "pebble": {
            "listenAddress": format!("127.0.0.1:{listen}"),
            "managementListenAddress": format!("127.0.0.1:{manage}"),
            "certificate": certificate,
            "privateKey": key,
            "httpPort": 1,
            "tlsPort": port,
        }});
        let path = folder.join("authority.json");
        std::fs::write(&path, config.to_string()).unwrap();
        let said = File::create(folder.join("authority.log")).unwrap();
        let process = Command::new("pebble")
            .args(["-config", path.to_str().unwrap()])
            .envs([("PEBBLE_VA_NOSLEEP", "1"), ("PEBBLE_WFE_NONCEREJECT", "0")])
            .stdout(said.try_clone().unwrap())
            .stderr(said)
            .spawn()
            .expect("the package pebble is installed");
        Self {
            process,
            directory: format!("https://localhost:{listen}/dir"),
            roots: format!("https://localhost:{manage}/roots/0"),
            own: reqwest::Certificate::from_pem(made.cert.pem().as_bytes()).unwrap(),
        }
    }

    /// The root of what it certifies; it makes a new one each time it is started.
    async fn root(&self) -> reqwest::Certificate {
        let client = trusting(self.own.clone());
        let began = std::time::Instant::now();
        loop {
            if let Ok(answer) = client.get(&self.roots).send().await {
                return reqwest::Certificate::from_pem(&answer.bytes().await.unwrap()).unwrap();
            }
            assert!(began.elapsed() < DEADLINE, "the authority never answers");
            tokio::task::yield_now().await;
        }
    }
}

#[expect(clippy::disallowed_types, reason = "a visitor of this test, not the server")]
fn trusting(root: reqwest::Certificate) -> reqwest::Client {
    reqwest::Client::builder().tls_certs_only([root]).build().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_is_ordered_proved_on_the_one_port_and_kept() {
    let rig = Rig::new(fresh(Engine::Sqlite).await);
    let port = rig.take_one_port();
    let authority = Authority::start(rig.folder(), port);
    let own = rig.folder().join("authority.pem");
    let order = |directory: &str| {
        format!("[tls]\nnames = [\"localhost\"]\n[tls.acme]\ndirectory = {directory:?}\nroot = {own:?}\n")
    };
    let client = trusting(authority.root().await);
    let page = format!("https://localhost:{port}/healthz");
    let answers = || {
        let asked = client.get(&page).send();
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(asked)).ok()
    };
    rig.configure(&order(&authority.directory));
    let server = rig.start();
    until("a page with the authority's certificate", || answers().filter(|answer| answer.status() == 204));
    // The secret of the certificate is this user's alone.
    let folder = rig.folder().join("certificates");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&folder).unwrap().permissions());
    assert_eq!(mode & 0o077, 0);
    drop(server);
    // Where the authority is away, what it gave is still served.
    drop(authority);
    let _server = rig.start();
    until("the page again", || answers().filter(|answer| answer.status() == 204));
}
