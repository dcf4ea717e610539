//! Every operation of the description: who is nobody is refused, who is the wrong one is refused.

use axum::http::{Method, StatusCode};
use kloud_testkit::{Engine, TestDatabases, both_engines, fresh};
use serde_json::{Value, json};

use crate::support::{Person, TestApp, text};

/// Operations that are open to everybody, by their ids. May only shrink, or grow with a reason.
const OPEN: &[&str] = &[
    "check_setup",             // by the secret of the setup link
    "create_account",          // signing up
    "create_check",            // a room of one's own for a minute, before one has joined anything
    "create_instance",         // by the secret of the setup link
    "create_recovery_session", // signing in
    "create_seat",             // by the code of the link, with a name
    "create_session",          // signing in
    "get_agreement",           // read before use
    "get_cancellation_status", // by the secret of the request's link
    "get_door",                // by the code of the link
    "get_instance",            // what everybody may know
    "get_invitation",          // by the code of the link
    "judge_password",          // looked at and forgotten
    "take_back_cancellation",  // by the secret of the request's link
];

fn operations(app: &TestApp) -> Vec<(String, Method, String, Vec<String>)> {
    let description = serde_json::to_value(app.app.description()).unwrap();
    let mut found = Vec::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let schemes = operation["security"].as_array().map(Vec::as_slice).unwrap_or_default();
            let schemes = schemes.iter().flat_map(|one| one.as_object().unwrap().keys().cloned()).collect();
            let method: Method = method.to_uppercase().parse().unwrap();
            found.push((text(operation, "operationId").to_owned(), method, path.clone(), schemes));
        }
    }
    found
}

/// A path with plausible ids.
fn filled(path: &str, code: &str) -> String {
    let id = |prefix: &str| format!("{prefix}_{}", "0".repeat(26));
    path.replace("{code}", code)
        .replace("{device_id}", &id("ses"))
        .replace("{class}", "camera")
        .replace("{consent_id}", &id("cns"))
        .replace("{participant_id}", &id("par"))
        .replace("{source}", "camera")
        .replace("{message_id}", &id("msg"))
        .replace("{id}", &if path.contains("exports") { id("exp") } else { id("con") })
}

fn body_for(path: &str, method: &Method) -> Option<Value> {
    if *method == Method::GET || *method == Method::DELETE {
        return None;
    }
    Some(if path.ends_with("/hand") {
        json!({ "raised": true })
    } else if path.ends_with("/policy") {
        json!({ "version": 1 })
    } else if path.ends_with("/stop") {
        json!({ "source": "camera", "stay": false })
    } else if path.ends_with("/allow") || path.ends_with("/ask") {
        json!({ "source": "camera" })
    } else if path.ends_with("/spotlight") {
        json!({ "on": true })
    } else if path.ends_with("/role") {
        json!({ "role": "viewer" })
    } else if path.ends_with("/mute-all") {
        json!({ "stay": false })
    } else if path.ends_with("{message_id}") {
        json!({ "text": "x" })
    } else if path.contains("/devices/") {
        json!({ "on": true, "language": "en" })
    } else if path.ends_with("/messages") {
        json!({ "client_id": "01a20d60-08a9-7e07-b0e3-3361b00c9839", "text": "x" })
    } else if path.contains("/permissions/") {
        json!({ "state": "off" })
    } else if path.ends_with("/password") {
        json!({ "current_password": "x", "new_password": "y" })
    } else if path.ends_with("/reauthentication") {
        json!({ "password": "x" })
    } else if path.ends_with("/meetings") {
        json!({ "title": null, "admission": "link" })
    } else {
        json!({})
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_open_operations_are_a_closed_list_and_all_others_refuse_nobody() {
    let (app, mut host) = TestApp::set_up(fresh(Engine::Sqlite).await).await;
    let made = app.ask(&mut host, Method::POST, "/api/meetings", Some(json!({ "admission": "link" }))).await;
    let code = text(&made.expect(StatusCode::CREATED), "code").to_owned();
    let mut open = Vec::new();
    for (id, method, path, schemes) in operations(&app) {
        if schemes.is_empty() {
            open.push(id);
            continue;
        }
        let (mut nobody, body) = (Person::default(), body_for(&path, &method));
        let answer = app.ask(&mut nobody, method, &filled(&path, &code), body).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{id}: {}", answer.body);
        assert_eq!(answer.body["code"], "unauthenticated", "{id}");
    }
    open.sort();
    assert_eq!(open, OPEN);
    app.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_the_wrong_one_is_refused_everywhere() {
    let (app, mut host) = TestApp::set_up(fresh(Engine::Sqlite).await).await;
    let made = app.ask(&mut host, Method::POST, "/api/meetings", Some(json!({ "admission": "link" }))).await;
    let code = text(&made.expect(StatusCode::CREATED), "code").to_owned();
    let mut stranger = app.person("stranger@example.org", "Stranger").await;
    let mut guest = Person::default();
    let join = format!("/api/meetings/{code}/join");
    app.ask(&mut guest, Method::POST, &join, Some(json!({ "name": "Guest" }))).await.expect(StatusCode::OK);
    for (id, method, path, schemes) in operations(&app) {
        let (path_filled, body) = (filled(&path, &code), body_for(&path, &method));
        // A guest is nobody where an account is asked for.
        if schemes == ["account"] {
            let answer = app.ask(&mut guest, method.clone(), &path_filled, body.clone()).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{id} as a guest: {}", answer.body);
        }
        // A stranger has no part in somebody else's meeting, and may not learn more of it than its door.
        if path.contains("{code}") && !schemes.is_empty() {
            let answer = app.ask(&mut stranger, method.clone(), &path_filled, body.clone()).await;
            let refused = [StatusCode::NOT_FOUND, StatusCode::FORBIDDEN].contains(&answer.status);
            assert!(refused, "{id} as a stranger: {} {}", answer.status, answer.body);
        }
        // A guest inside is no host.
        let of_hosts = ["/people/{participant_id}/", "/admit-all", "/mute-all", "/lower-hands"];
        if of_hosts.iter().any(|part| path.contains(part)) || id == "update_meeting" {
            let answer = app.ask(&mut guest, method.clone(), &path_filled, body).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{id} as a guest: {}", answer.body);
        }
    }
    app.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_api_of_keys_answers_nobody_and_no_cookie() {
    let (app, mut host) = TestApp::set_up(fresh(Engine::Sqlite).await).await;
    for method in ["RoomService/ListRooms", "RoomService/CreateRoom", "Egress/ListEgress", "SIP/ListSIPTrunk"] {
        let path = format!("/twirp/livekit.{method}");
        for person in [&mut Person::default(), &mut host] {
            let answer = app.ask(person, Method::POST, &path, Some(json!({}))).await;
            assert_eq!((answer.status, &answer.body["code"]), (StatusCode::UNAUTHORIZED, &json!("unauthenticated")));
        }
    }
    app.close().await;
}

both_engines! {
    async fn another_origin_changes_nothing(db: TestDatabases) {
        let (app, operator) = TestApp::set_up(db).await;
        let request = axum::http::Request::builder()
            .method(Method::POST)
            .uri("/api/meetings")
            .header("host", "kloud.test")
            .header("origin", "http://evil.test")
            .header("content-type", "application/json")
            .body(axum::body::Body::from("{}"))
            .unwrap();
        let response = tower::ServiceExt::oneshot(app.app.router(), request).await.unwrap();
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        drop(operator);
        app.close().await;
    }
}
