//! A device that is ended from another one: its sockets and its media go with it, at once.

use kloud_testkit::{TestDatabases, both_engines};
use prost::Message as _;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::support::process::Rig;
use crate::support::socket::{Socket, join_request, within_two_seconds};
use crate::support::{PASSWORD, text};

both_engines! {
    async fn an_ended_device_loses_its_sockets_and_its_media_within_two_seconds(db: TestDatabases) {
        let rig = Rig::new(db);
        let server = rig.start();
        let host = server.set_up();
        let sign_in = json!({ "identifier": "operator@example.org", "password": PASSWORD });
        let other = server.ask("POST", "/api/sessions", "", &sign_in).unwrap().cookie;
        let meeting = server.meeting(&host);
        let join = format!("/api/meetings/{}/join", text(&meeting, "code"));
        let seat = server.ask("POST", &join, &other, &json!({})).unwrap().expect(200);
        let (media, stays) = (text(&seat["media"], "token"), server.ask("POST", &join, "", &json!({ "name": "Omar" })));
        let stays = stays.unwrap();
        let mut events = Socket::events(server.address, &other).await;
        events.watch(&[(text(&meeting, "conversation_id"), None)]).await;
        let mut signal = Socket::signal(server.address, media).await;
        let mut guest = Socket::signal(server.address, text(&stays.body["media"], "token")).await;

        let devices = server.get("/api/me/devices", &host).expect(200);
        let device = devices["devices"].as_array().unwrap().iter().find(|one| one["current"] == false).unwrap();
        let path = format!("/api/me/devices/{}", text(device, "device_id"));
        assert_eq!(server.ask("DELETE", &path, &host, &Value::Null).unwrap().status, 204);
        let both = async { (events.closed().await, signal.closed().await) };
        let (events, _) = within_two_seconds("both sockets are closed", both).await;
        assert_eq!(events, (4401, "session_over".to_owned()));

        assert_eq!(server.get("/api/me", &other).status, 401);
        let again = format!("/rtc/v1?access_token={media}&join_request={}", join_request());
        let refused = Socket::open(server.address, &again, "http://localhost", "").await.err().expect("it is refused");
        assert_eq!(refused.status, 401, "its media token opens nothing any more");
        // The one beside is still there.
        guest.say(Message::binary(kloud_livekit::proto::SignalRequest::default().encode_to_vec())).await;
        assert_eq!(server.get(&format!("/api/meetings/{}/seat", text(&meeting, "code")), &stays.cookie).status, 200);
    }
}
