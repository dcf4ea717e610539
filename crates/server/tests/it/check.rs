//! Trying the way before a meeting: anybody gets a room of their own, for a minute, and nothing else.

use axum::http::{Method, StatusCode};
use kloud_base::{Clock as _, MINUTE, SECOND};
use kloud_media::{Media, RoomName};
use kloud_testkit::{Engine, fresh};
use serde_json::Value;

use crate::support::socket::{Socket, join_request};
use crate::support::{Person, TestApp, text};

async fn open(app: &TestApp) -> Value {
    app.ask(&mut Person::default(), Method::POST, "/api/check", None).await.expect(StatusCode::CREATED)
}

/// What a token says, by its second part.
fn claims(token: &str) -> Value {
    let middle = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&data_encoding::BASE64URL_NOPAD.decode(middle.as_bytes()).unwrap()).unwrap()
}

fn room(token: &str) -> RoomName {
    claims(token)["video"]["room"].as_str().unwrap().parse().unwrap()
}

fn media(app: &TestApp) -> &Media {
    app.app.carrier.embedded().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_check_has_a_room_of_its_own_that_sends_no_sound_and_no_picture() {
    let (app, _) = TestApp::set_up(fresh(Engine::Sqlite).await).await;
    let (one, other) = (open(&app).await, open(&app).await);
    let rooms = [room(text(&one, "sender")), room(text(&other, "sender"))];
    assert_ne!(rooms[0], rooms[1]);
    assert_eq!(rooms[0], room(text(&one, "hearer")));
    for token in [text(&one, "sender"), text(&one, "hearer")] {
        let claims = claims(token);
        assert_eq!(claims["name"].as_str().unwrap_or_default(), "");
        assert!(!claims["video"]["roomAdmin"].as_bool().unwrap_or(false), "{claims}");
    }
    let address = app.listen().await;
    let mut socket = Socket::signal(address, text(&one, "sender")).await;
    let joined = socket.joined().await;
    let may = joined.participant.unwrap().permission.unwrap();
    assert!(may.can_publish_data && may.can_publish_sources.is_empty(), "{may:?}");
    assert!(!may.can_publish, "{may:?}");
    app.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_room_is_gone_after_a_minute_and_its_passes_open_no_other() {
    let (app, _) = TestApp::set_up(fresh(Engine::Sqlite).await).await;
    let one = open(&app).await;
    app.clock.advance(MINUTE - SECOND);
    let other = open(&app).await;
    assert!(media(&app).is_open(&room(text(&one, "sender"))));
    app.clock.advance(SECOND);
    open(&app).await;
    assert!(!media(&app).is_open(&room(text(&one, "sender"))));
    assert!(media(&app).is_open(&room(text(&other, "sender"))));
    // The pass itself lasts longer, and leads nowhere: not to its own room, and not to another's.
    let address = app.listen().await;
    let path = format!("/rtc/v1?access_token={}&join_request={}", text(&one, "sender"), join_request());
    assert!(Socket::open(address, &path, "http://localhost", "").await.is_err());
    let stats = media(&app).stats(&room(text(&other, "sender"))).await.unwrap();
    assert!(stats.participants.iter().all(|one| one.participant.is_none()));
    app.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_again_and_again_waits() {
    let (app, _) = TestApp::set_up(fresh(Engine::Sqlite).await).await;
    let before = app.clock.now();
    for _ in 0..30 {
        open(&app).await;
    }
    let refused = app.ask(&mut Person::default(), Method::POST, "/api/check", None).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.body["params"]["retry_after_seconds"], 1);
    app.clock.advance(SECOND);
    open(&app).await;
    assert_eq!(app.clock.now(), before + SECOND);
    app.close().await;
}
