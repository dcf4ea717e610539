//! What the doctor finds beside a server whose media a cluster carries.

use kloud_testkit::{Engine, fresh};

use super::world::{KEY, SECRET};
use crate::support::process::Rig;

fn configuration(at: &str, secret: &str) -> String {
    format!("backend = \"livekit\"\n[media.livekit]\nurl = \"{at}\"\napi_key = \"{KEY}\"\napi_secret = \"{secret}\"\n")
}

fn line<'a>(said: &'a str, way: &str) -> &'a str {
    let found = said.lines().find(|line| line.starts_with(&format!("{way:<26}")));
    found.unwrap_or_else(|| panic!("{way} in {said}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_calls_the_cluster_and_names_the_cure() {
    let (stand, rig) = (Rig::new(fresh(Engine::Sqlite).await), Rig::new(fresh(Engine::Sqlite).await));
    stand.configure(&format!("[[livekit.keys]]\nkey = \"{KEY}\"\nsecret = \"{SECRET}\"\n"));
    let cluster = stand.start();
    let at = format!("http://127.0.0.1:{}", cluster.address.port());
    rig.configure(&configuration(&at, SECRET));
    let server = rig.start();
    let url = format!("http://localhost:{}", server.address.port());
    let doctor = || {
        let seen = rig.kloud(&["doctor", &url]);
        (seen.status.success(), String::from_utf8(seen.stdout).unwrap())
    };

    let (well, said) = doctor();
    assert!(well, "{said}");
    assert!(line(&said, "cluster").contains("ok "), "{said}");
    let webhook = line(&said, "cluster's webhook");
    assert!(webhook.contains("webhook.urls") && webhook.contains("/media/livekit/webhook"), "{said}");
    // Media that this process does not carry is not looked for here.
    assert!(!said.contains("media by UDP"), "{said}");

    rig.configure(&configuration(&at, "another-secret-of-32-characters-!"));
    let (well, said) = doctor();
    assert!(!well && line(&said, "cluster").contains("DEAD"), "{said}");
    assert!(said.contains("media.livekit.api_key") && said.contains("both clocks"), "{said}");
    assert!(line(&said, "cluster's webhook").contains("401"), "{said}");

    rig.configure(&configuration(&at, SECRET));
    drop(cluster);
    let (well, said) = doctor();
    assert!(!well && line(&said, "cluster").contains("cannot be reached"), "{said}");
    assert!(said.contains("start the LiveKit server"), "{said}");
}
