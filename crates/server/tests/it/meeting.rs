//! The door, seats, devices and the chat, through the edge.

use axum::http::{Method, StatusCode};
use kloud_base::{DAY, HOUR, MINUTE, SECOND};
use kloud_testkit::{TestDatabases, both_engines};
use serde_json::{Value, json};
use tokio::sync::broadcast;

use crate::support::{Person, TestApp, text};

async fn meeting(app: &TestApp, host: &mut Person, admission: &str) -> (String, String) {
    let body = json!({ "title": "Review", "admission": admission });
    let made = app.ask(host, Method::POST, "/api/meetings", Some(body)).await.expect(StatusCode::CREATED);
    let chat = format!("/api/conversations/{}/messages", text(&made, "conversation_id"));
    (format!("/api/meetings/{}", text(&made, "code")), chat)
}

async fn join(app: &TestApp, person: &mut Person, base: &str, name: Option<&str>) -> Value {
    let body = json!({ "name": name });
    app.ask(person, Method::POST, &format!("{base}/join"), Some(body)).await.expect(StatusCode::OK)
}

both_engines! {
    async fn one_who_waits_gets_no_media_no_names_and_no_chat_until_let_in(db: TestDatabases) {
        let (app, mut host) = TestApp::set_up(db).await;
        let (base, chat) = meeting(&app, &mut host, "lobby").await;
        join(&app, &mut host, &base, None).await;
        let mut guest = Person::default();
        let door = app.ask(&mut guest, Method::GET, &format!("{base}/door"), None).await.expect(StatusCode::OK);
        assert_eq!((&door["inside"]["count"], &door["inside"]["names"]), (&json!(1), &Value::Null));
        let seat = join(&app, &mut guest, &base, Some("Omar")).await;
        assert_eq!((text(&seat, "status"), &seat["media"]), ("waiting", &Value::Null));
        app.ask(&mut guest, Method::GET, &format!("{base}/people"), None).await.expect(StatusCode::NOT_FOUND);
        app.ask(&mut guest, Method::GET, &chat, None).await.expect(StatusCode::NOT_FOUND);
        let yes = json!({ "on": true, "language": "en" });
        let early = app.ask(&mut guest, Method::PUT, &format!("{base}/seat/devices/camera"), Some(yes)).await;
        early.problem(StatusCode::FORBIDDEN, "not_inside");

        let admit = format!("{base}/people/{}/admit", text(&seat, "participant_id"));
        app.ask(&mut host, Method::POST, &admit, None).await.expect(StatusCode::NO_CONTENT);
        let seat = app.ask(&mut guest, Method::GET, &format!("{base}/seat"), None).await.expect(StatusCode::OK);
        assert_eq!(text(&seat, "status"), "admitted");
        assert!(!seat["media"].is_null());
        let people = app.ask(&mut guest, Method::GET, &format!("{base}/people"), None).await.expect(StatusCode::OK);
        let names: Vec<_> = people["people"].as_array().unwrap().iter().map(|one| text(one, "name")).collect();
        assert_eq!(names, ["Operator", "Omar"]);
        app.ask(&mut guest, Method::GET, &chat, None).await.expect(StatusCode::OK);
        app.close().await;
    }

    async fn one_who_was_put_out_knocks_again(db: TestDatabases) {
        let (app, mut host) = TestApp::set_up(db).await;
        let (base, chat) = meeting(&app, &mut host, "link").await;
        join(&app, &mut host, &base, None).await;
        let mut guest = Person::default();
        let seat = join(&app, &mut guest, &base, Some("Omar")).await;
        let remove = format!("{base}/people/{}/remove", text(&seat, "participant_id"));
        app.ask(&mut host, Method::POST, &remove, None).await.expect(StatusCode::NO_CONTENT);
        let seat = app.ask(&mut guest, Method::GET, &format!("{base}/seat"), None).await.expect(StatusCode::OK);
        assert_eq!(text(&seat, "status"), "removed");
        assert_eq!(text(&join(&app, &mut guest, &base, Some("Omar")).await, "status"), "waiting", "open link or not");
        app.ask(&mut guest, Method::GET, &chat, None).await.expect(StatusCode::NOT_FOUND);
        app.close().await;
    }

    async fn everything_is_off_until_its_person_says_yes_and_the_host_cannot(db: TestDatabases) {
        let (app, mut host) = TestApp::set_up(db).await;
        let (base, _) = meeting(&app, &mut host, "link").await;
        let seat = join(&app, &mut host, &base, None).await;
        assert_eq!(seat["permits"], json!({ "camera": false, "microphone": false, "screen": false, "data": true }));
        let device = format!("{base}/seat/devices/camera");
        let yes = json!({ "on": true, "language": "zh-CN" });
        let seat = app.ask(&mut host, Method::PUT, &device, Some(yes)).await.expect(StatusCode::OK);
        assert_eq!(seat["permits"]["camera"], true);
        let consents = app.ask(&mut host, Method::GET, "/api/me/consents", None).await.expect(StatusCode::OK);
        let consent = &consents["consents"][0];
        assert_eq!((text(consent, "purpose"), text(consent, "answer"), text(consent, "language")), ("device.camera", "yes", "zh-CN"));
        let receipt = format!("/api/me/consents/{}/receipt", text(consent, "consent_id"));
        app.ask(&mut host, Method::GET, &receipt, None).await.expect(StatusCode::OK);

        let off = json!({ "state": "off" });
        app.ask(&mut host, Method::PUT, "/api/me/permissions/camera", Some(off)).await.expect(StatusCode::OK);
        let seat = app.ask(&mut host, Method::GET, &format!("{base}/seat"), None).await.expect(StatusCode::OK);
        assert_eq!(seat["permits"]["camera"], false, "taken back under Me, it is off in the meeting");
        app.close().await;
    }

    async fn what_is_switched_on_again_at_once_stays_on(db: TestDatabases) {
        let (app, mut host) = TestApp::set_up(db).await;
        let (base, _) = meeting(&app, &mut host, "link").await;
        join(&app, &mut host, &base, None).await;
        let device = format!("{base}/seat/devices/camera");
        let mut ended = app.app.privacy.revoked();
        let (off, yes) = (json!({ "state": "off" }), json!({ "on": true, "language": "en" }));
        app.ask(&mut host, Method::PUT, &device, Some(yes.clone())).await.expect(StatusCode::OK);
        app.ask(&mut host, Method::PUT, "/api/me/permissions/camera", Some(off)).await.expect(StatusCode::OK);
        app.ask(&mut host, Method::PUT, &device, Some(yes)).await.expect(StatusCode::OK);
        // What has ended is followed only now.
        let (tell, late) = broadcast::channel(8);
        while let Ok(one) = ended.try_recv() {
            tell.send(one).expect("somebody listens");
        }
        assert_eq!(tell.len(), 1);
        drop(tell);
        app.app.meet.follow_revocations(late).await;
        let seat = app.ask(&mut host, Method::GET, &format!("{base}/seat"), None).await.expect(StatusCode::OK);
        assert_eq!(seat["permits"]["camera"], true);
        app.close().await;
    }

    async fn a_permission_taken_back_before_anybody_came_back_from_a_restart_is_off(db: TestDatabases) {
        let (app, mut host) = TestApp::set_up(db).await;
        let (base, _) = meeting(&app, &mut host, "link").await;
        join(&app, &mut host, &base, None).await;
        let yes = json!({ "on": true, "language": "en" });
        app.ask(&mut host, Method::PUT, &format!("{base}/seat/devices/camera"), Some(yes)).await.expect(StatusCode::OK);
        let clock = app.clock.clone();
        let app = TestApp::open_at(app.close().await, clock, 2).await;
        let off = json!({ "state": "off" });
        app.ask(&mut host, Method::PUT, "/api/me/permissions/camera", Some(off)).await.expect(StatusCode::OK);
        let seat = app.ask(&mut host, Method::GET, &format!("{base}/seat"), None).await.expect(StatusCode::OK);
        assert_eq!(seat["permits"]["camera"], false);
        app.close().await;
    }

    async fn what_was_allowed_for_a_sitting_ends_with_the_last_seat(db: TestDatabases) {
        let (app, mut host) = TestApp::set_up(db).await;
        let (first, _) = meeting(&app, &mut host, "link").await;
        let (second, _) = meeting(&app, &mut host, "link").await;
        let camera = async || {
            let all = app.ask(&mut host.clone(), Method::GET, "/api/me/permissions", None).await.expect(StatusCode::OK);
            let all = all["permissions"].as_array().unwrap().clone();
            text(all.iter().find(|one| one["class"] == "camera").unwrap(), "state").to_owned()
        };
        for base in [&first, &second] {
            join(&app, &mut host.clone(), base, None).await;
            let yes = json!({ "on": true, "language": "en" });
            let path = format!("{base}/seat/devices/camera");
            app.ask(&mut host.clone(), Method::PUT, &path, Some(yes)).await.expect(StatusCode::OK);
        }
        app.ask(&mut host.clone(), Method::POST, &format!("{first}/seat/leave"), None).await.expect(StatusCode::NO_CONTENT);
        assert_eq!(camera().await, "on", "the second meeting goes on");
        app.ask(&mut host.clone(), Method::POST, &format!("{second}/end"), None).await.expect(StatusCode::NO_CONTENT);
        assert_eq!(camera().await, "off");
        app.close().await;
    }

    async fn looks_that_follow_each_other_at_once_empty_no_seat(db: TestDatabases) {
        let (app, mut host) = TestApp::set_up(db).await;
        let (base, _) = meeting(&app, &mut host, "link").await;
        join(&app, &mut host, &base, None).await;
        let look = async |later| {
            app.clock.advance(later);
            app.app.meet.reap_seats().await.unwrap();
            let people = app.ask(&mut host.clone(), Method::GET, &base, None).await.expect(StatusCode::OK);
            people["inside"].clone()
        };
        assert_eq!(look(0).await, 1);
        assert_eq!(look(SECOND).await, 1, "a restart may bring two looks at once");
        assert_eq!(look(30 * SECOND).await, 0, "nobody came");
        app.close().await;
    }

    async fn sending_twice_is_sending_once_and_a_gap_is_filled(db: TestDatabases) {
        let (app, mut host) = TestApp::set_up(db).await;
        let (base, chat) = meeting(&app, &mut host, "link").await;
        join(&app, &mut host, &base, None).await;
        let message = |n: u32| json!({ "client_id": format!("01a20d60-08a9-7e07-b0e3-{n:012}"), "text": format!("number {n}") });
        for n in 1..=5 {
            app.ask(&mut host, Method::POST, &chat, Some(message(n))).await.expect(StatusCode::CREATED);
        }
        let again = app.ask(&mut host, Method::POST, &chat, Some(message(3))).await.expect(StatusCode::OK);
        assert_eq!(again["seq"], 3);
        let after = app.ask(&mut host, Method::GET, &format!("{chat}?after=2&limit=2"), None).await.expect(StatusCode::OK);
        let seqs: Vec<_> = after["messages"].as_array().unwrap().iter().map(|one| one["seq"].clone()).collect();
        assert_eq!((seqs, &after["more"]), (vec![json!(3), json!(4)], &json!(true)));
        let long = json!({ "client_id": "01a20d60-08a9-7e07-b0e3-000000000009", "text": "x".repeat(4001) });
        app.ask(&mut host, Method::POST, &chat, Some(long)).await.problem(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        app.close().await;
    }

    async fn an_ended_meeting_opens_no_more_and_its_chat_goes_in_time(db: TestDatabases) {
        let (app, mut host) = TestApp::set_up(db).await;
        let (base, chat) = meeting(&app, &mut host, "link").await;
        join(&app, &mut host, &base, None).await;
        let message = json!({ "client_id": "01a20d60-08a9-7e07-b0e3-000000000001", "text": "kept for a while" });
        app.ask(&mut host, Method::POST, &chat, Some(message)).await.expect(StatusCode::CREATED);
        app.ask(&mut host, Method::POST, &format!("{base}/end"), None).await.expect(StatusCode::NO_CONTENT);
        let late = app.ask(&mut host, Method::POST, &format!("{base}/join"), Some(json!({}))).await;
        late.problem(StatusCode::CONFLICT, "meeting_ended");
        app.clock.advance(50 * DAY);
        app.run_jobs().await;
        app.ask(&mut host, Method::GET, "/api/me", None).await.expect(StatusCode::OK);
        app.ask(&mut host, Method::GET, &chat, None).await.expect(StatusCode::OK);
        app.clock.advance(41 * DAY);
        app.run_jobs().await;
        app.ask(&mut host, Method::GET, &chat, None).await.expect(StatusCode::NOT_FOUND);
        app.close().await;
    }

    async fn a_guest_is_erased_on_request_and_by_the_clock(db: TestDatabases) {
        let (app, mut host) = TestApp::set_up(db).await;
        let (base, chat) = meeting(&app, &mut host, "link").await;
        join(&app, &mut host, &base, None).await;
        let (mut asks, mut stays) = (Person::default(), Person::default());
        for (guest, n) in [(&mut asks, 1), (&mut stays, 2)] {
            join(&app, guest, &base, Some("Guest")).await;
            let message = json!({ "client_id": format!("01a20d60-08a9-7e07-b0e3-{n:012}"), "text": "by a guest" });
            app.ask(guest, Method::POST, &chat, Some(message)).await.expect(StatusCode::CREATED);
        }
        let erased = app.ask(&mut asks, Method::POST, &format!("{base}/seat/erase"), None).await;
        erased.expect(StatusCode::ACCEPTED);
        for _ in 0..10 {
            app.run_jobs().await;
            app.clock.advance(MINUTE);
        }
        let states = async |host: &mut Person| {
            let read = app.ask(host, Method::GET, &chat, None).await.expect(StatusCode::OK);
            let messages = read["messages"].as_array().unwrap().clone();
            messages.iter().map(|one| text(&one["body"], "state").to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(states(&mut host).await, ["erased", "open"]);
        app.ask(&mut host, Method::POST, &format!("{base}/end"), None).await.expect(StatusCode::NO_CONTENT);
        app.clock.advance(30 * DAY + HOUR);
        for _ in 0..10 {
            app.run_jobs().await;
            app.clock.advance(MINUTE);
        }
        assert_eq!(states(&mut host).await, ["erased", "erased"]);
        app.close().await;
    }
}
