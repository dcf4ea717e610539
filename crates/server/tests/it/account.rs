//! A person's account from its first to its last day, through the edge.

use axum::http::{Method, StatusCode};
use kloud_base::{DAY, MINUTE};
use kloud_privacy::audit::scan_folder;
use kloud_testkit::{Engine, TestDatabases, both_engines};
use serde_json::json;

use crate::support::{PASSWORD, Person, TestApp, account_body, text};

both_engines! {
    async fn nobody_is_served_before_the_setup_and_the_link_works_once(db: TestDatabases) {
        let app = TestApp::open(db).await;
        let mut person = Person::default();
        let body = account_body("lin@example.org", "Lin");
        app.ask(&mut person, Method::POST, "/api/accounts", Some(body)).await.problem(StatusCode::CONFLICT, "setup_required");
        let token = app.app.identity.begin_setup().await.unwrap().unwrap();
        let wrong = json!({ "token": "wrong" });
        app.ask(&mut person, Method::POST, "/api/setup/check", Some(wrong)).await.problem(StatusCode::FORBIDDEN, "setup_link_invalid");
        let body = |contact: &str| json!({
            "token": token, "instance_name": "Test",
            "officer": { "name": "Maya", "contact": contact, "answers_within_days": 30 },
            "account": account_body("op@example.org", "Op"),
        });
        let refused = app.ask(&mut person, Method::POST, "/api/setup", Some(body(" "))).await;
        assert_eq!(refused.problem(StatusCode::UNPROCESSABLE_ENTITY, "invalid")["params"]["field"], "officer.contact");
        app.ask(&mut person, Method::POST, "/api/setup", Some(body("a@b.c"))).await.expect(StatusCode::CREATED);
        app.ask(&mut person, Method::POST, "/api/setup", Some(body("a@b.c"))).await.problem(StatusCode::FORBIDDEN, "setup_link_invalid");
        app.close().await;
    }

    async fn an_identifier_is_one_persons_in_any_case(db: TestDatabases) {
        let (app, _) = TestApp::set_up(db).await;
        app.person("lin@example.org", "Lin").await;
        let body = account_body("LIN@example.ORG", "Other");
        let taken = app.ask(&mut Person::default(), Method::POST, "/api/accounts", Some(body)).await;
        taken.problem(StatusCode::CONFLICT, "identifier_taken");
        app.close().await;
    }

    async fn guessing_waits_longer_and_longer_and_a_stranger_elsewhere_does_not(db: TestDatabases) {
        let (app, _) = TestApp::set_up(db).await;
        app.person("lin@example.org", "Lin").await;
        let guess = |password: &str| json!({ "identifier": "lin@example.org", "password": password });
        for _ in 0..5 {
            let wrong = app.ask(&mut Person::default(), Method::POST, "/api/sessions", Some(guess("wrong"))).await;
            wrong.problem(StatusCode::UNAUTHORIZED, "sign_in_failed");
        }
        let slow = app.ask(&mut Person::default(), Method::POST, "/api/sessions", Some(guess(PASSWORD))).await;
        assert_eq!(slow.problem(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts")["params"]["retry_after_seconds"], 1);
        app.clock.advance(MINUTE);
        app.ask(&mut Person::default(), Method::POST, "/api/sessions", Some(guess(PASSWORD))).await.expect(StatusCode::CREATED);
        app.close().await;
    }

    async fn a_recovery_code_lets_in_once_and_ends_all_other_sessions(db: TestDatabases) {
        let (app, _) = TestApp::set_up(db).await;
        let mut person = Person::default();
        let body = account_body("lin@example.org", "Lin");
        let made = app.ask(&mut person, Method::POST, "/api/accounts", Some(body)).await.expect(StatusCode::CREATED);
        let code = made["recovery_codes"][3].as_str().unwrap().to_uppercase();
        let body = json!({ "identifier": "lin@example.org", "recovery_code": code, "new_password": "another long enough one" });
        let mut again = Person::default();
        let done = app.ask(&mut again, Method::POST, "/api/sessions/recovery", Some(body.clone())).await;
        assert_eq!(done.expect(StatusCode::CREATED)["recovery_codes_left"], 9);
        app.ask(&mut person, Method::GET, "/api/me", None).await.problem(StatusCode::UNAUTHORIZED, "unauthenticated");
        let twice = app.ask(&mut Person::default(), Method::POST, "/api/sessions/recovery", Some(body)).await;
        twice.problem(StatusCode::UNAUTHORIZED, "sign_in_failed");
        app.close().await;
    }

    async fn devices_end_one_by_one_and_all_at_once(db: TestDatabases) {
        let (app, _) = TestApp::set_up(db).await;
        let mut first = app.person("lin@example.org", "Lin").await;
        let sign_in = json!({ "identifier": "lin@example.org", "password": PASSWORD });
        let (mut second, mut third) = (Person::default(), Person::default());
        for person in [&mut second, &mut third] {
            app.ask(person, Method::POST, "/api/sessions", Some(sign_in.clone())).await.expect(StatusCode::CREATED);
        }
        let listed = app.ask(&mut first, Method::GET, "/api/me/devices", None).await.expect(StatusCode::OK);
        let devices = listed["devices"].as_array().unwrap();
        assert_eq!(devices.len(), 3);
        assert!(devices.iter().all(|device| device["place"] == "192.0.2.0/24"));
        let other = devices.iter().find(|device| device["current"] == false).unwrap();
        let path = format!("/api/me/devices/{}", text(other, "device_id"));
        app.ask(&mut first, Method::DELETE, &path, None).await.expect(StatusCode::NO_CONTENT);
        let ended = app.ask(&mut first, Method::DELETE, "/api/me/devices", None).await.expect(StatusCode::OK);
        assert_eq!(ended["ended"], 1);
        for person in [&mut second, &mut third] {
            app.ask(person, Method::GET, "/api/me", None).await.problem(StatusCode::UNAUTHORIZED, "unauthenticated");
        }
        app.ask(&mut first, Method::GET, "/api/me", None).await.expect(StatusCode::OK);
        app.close().await;
    }

    async fn a_sign_in_that_is_not_used_ends_by_itself(db: TestDatabases) {
        let (app, mut person) = TestApp::set_up(db).await;
        app.clock.advance(59 * DAY);
        app.ask(&mut person, Method::GET, "/api/me", None).await.expect(StatusCode::OK);
        app.clock.advance(59 * DAY);
        app.ask(&mut person, Method::GET, "/api/me", None).await.expect(StatusCode::OK);
        app.clock.advance(60 * DAY);
        app.ask(&mut person, Method::GET, "/api/me", None).await.problem(StatusCode::UNAUTHORIZED, "unauthenticated");
        app.close().await;
    }

    async fn a_copy_can_be_fetched_for_an_hour(db: TestDatabases) {
        let (app, mut person) = TestApp::set_up(db).await;
        let export = app.ask(&mut person, Method::POST, "/api/me/exports", None).await.expect(StatusCode::CREATED);
        let file = format!("/api/me/exports/{}/file", text(&export, "export_id"));
        app.clock.advance(59 * MINUTE);
        assert!(app.ask(&mut person, Method::GET, &file, None).await.bytes.starts_with(b"PK"), "a ZIP");
        app.clock.advance(MINUTE);
        app.ask(&mut person, Method::GET, &file, None).await.problem(StatusCode::NOT_FOUND, "not_found");
        app.close().await;
    }

    async fn a_cancelled_account_leaves_nothing_and_its_neighbour_keeps_everything(db: TestDatabases) {
        let canaries = ["canary-id@example.org", "Canarynick", "Canaryreal", "canary-text", "Canarytitle"];
        let (app, mut neighbour) = TestApp::set_up(db).await;
        let mut person = app.person(canaries[0], canaries[1]).await;
        let change = json!({ "real_name": canaries[2], "age_band": "adult" });
        app.ask(&mut person, Method::PATCH, "/api/me", Some(change)).await.expect(StatusCode::OK);
        let meeting = json!({ "title": canaries[4], "admission": "link" });
        let meeting = app.ask(&mut person, Method::POST, "/api/meetings", Some(meeting)).await.expect(StatusCode::CREATED);
        let base = format!("/api/meetings/{}", text(&meeting, "code"));
        let chat = format!("/api/conversations/{}/messages", text(&meeting, "conversation_id"));
        for someone in [&mut person, &mut neighbour] {
            app.ask(someone, Method::POST, &format!("{base}/join"), Some(json!({}))).await.expect(StatusCode::OK);
        }
        for (someone, client_id, text) in [
            (&mut person, "01a20d60-08a9-7e07-b0e3-000000000001", canaries[3]),
            (&mut neighbour, "01a20d60-08a9-7e07-b0e3-000000000002", "neighbour-text"),
        ] {
            let message = json!({ "client_id": client_id, "text": text });
            app.ask(someone, Method::POST, &chat, Some(message)).await.expect(StatusCode::CREATED);
        }
        let yes = json!({ "on": true, "language": "en" });
        app.ask(&mut person, Method::PUT, &format!("{base}/seat/devices/camera"), Some(yes)).await.expect(StatusCode::OK);

        let held = app.ask(&mut person, Method::GET, "/api/me/data", None).await.expect(StatusCode::OK);
        let shown = held.to_string();
        canaries.iter().for_each(|canary| assert!(shown.contains(canary), "My data shows {canary}"));

        app.clock.advance(8 * DAY);
        let asked = app.ask(&mut person, Method::POST, "/api/me/cancellation", None).await;
        asked.problem(StatusCode::FORBIDDEN, "reauthentication_required");
        let password = json!({ "password": PASSWORD });
        app.ask(&mut person, Method::POST, "/api/me/reauthentication", Some(password)).await.expect(StatusCode::NO_CONTENT);
        let export = app.ask(&mut person, Method::POST, "/api/me/exports", None).await.expect(StatusCode::CREATED);
        let file = format!("/api/me/exports/{}/file", text(&export, "export_id"));
        assert!(app.ask(&mut person, Method::GET, &file, None).await.bytes.starts_with(b"PK"), "a ZIP");
        app.ask(&mut neighbour, Method::GET, &file, None).await.problem(StatusCode::NOT_FOUND, "not_found");
        let asked = app.ask(&mut person, Method::POST, "/api/me/cancellation", None).await.expect(StatusCode::ACCEPTED);
        let request = json!({ "request": text(&asked, "request") });
        for _ in 0..20 {
            app.run_jobs().await;
            app.clock.advance(MINUTE);
        }
        let status = app.ask(&mut Person::default(), Method::POST, "/api/cancellations/status", Some(request)).await;
        let status = status.expect(StatusCode::OK);
        assert_eq!(status["state"], "certified", "{status}");
        assert!(!status["certificate"].is_null());
        app.ask(&mut person, Method::GET, "/api/me", None).await.problem(StatusCode::UNAUTHORIZED, "unauthenticated");
        let sign_in = json!({ "identifier": canaries[0], "password": PASSWORD });
        let gone = app.ask(&mut Person::default(), Method::POST, "/api/sessions", Some(sign_in)).await;
        gone.problem(StatusCode::UNAUTHORIZED, "sign_in_failed");

        let door = app.ask(&mut neighbour, Method::GET, &format!("{base}/door"), None).await.expect(StatusCode::OK);
        assert_eq!(door["state"], "ended", "a meeting ends with its host's account");
        let read = app.ask(&mut neighbour, Method::GET, &chat, None).await.expect(StatusCode::OK);
        assert_eq!(read["messages"][0]["body"]["state"], "erased");
        assert_eq!(read["messages"][0]["sender_name"], serde_json::Value::Null);
        assert_eq!(read["messages"][1]["body"]["text"], "neighbour-text");

        let engine = app.db.engine;
        let db = app.close().await;
        if engine == Engine::Sqlite {
            let found = scan_folder(db.folder(), &canaries).unwrap();
            assert!(found.is_empty(), "{found:?}");
        }
    }
}
