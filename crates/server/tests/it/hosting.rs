//! What hosts and co-hosts do, and that what the interface hides the server refuses.

use axum::http::{Method, StatusCode};
use kloud_base::{DAY, HOUR, MINUTE, SECOND};
use kloud_testkit::{TestDatabases, both_engines};
use serde_json::{Value, json};

use crate::support::{Person, TestApp, text};

/// A meeting with its host inside.
struct Meeting {
    app: TestApp,
    host: Person,
    base: String,
}

impl Meeting {
    async fn begin(db: TestDatabases, admission: &str) -> Self {
        let (app, mut host) = TestApp::set_up(db).await;
        let body = json!({ "title": "Review", "admission": admission });
        let made = app.ask(&mut host, Method::POST, "/api/meetings", Some(body)).await.expect(StatusCode::CREATED);
        let base = format!("/api/meetings/{}", text(&made, "code"));
        app.ask(&mut host, Method::POST, &format!("{base}/join"), Some(json!({}))).await.expect(StatusCode::OK);
        Self { app, host, base }
    }

    async fn join(&self, who: &mut Person, name: &str) -> Value {
        self.post(who, "/join", json!({ "name": name })).await.expect(StatusCode::OK)
    }

    async fn post(&self, who: &mut Person, path: &str, body: Value) -> crate::support::Answer {
        self.app.ask(who, Method::POST, &format!("{}{path}", self.base), Some(body)).await
    }

    async fn put(&self, who: &mut Person, path: &str, body: Value) -> crate::support::Answer {
        self.app.ask(who, Method::PUT, &format!("{}{path}", self.base), Some(body)).await
    }

    async fn get(&self, who: &mut Person, path: &str) -> Value {
        self.app.ask(who, Method::GET, &format!("{}{path}", self.base), None).await.expect(StatusCode::OK)
    }

    async fn change(&mut self, body: Value) -> Value {
        self.app.ask(&mut self.host, Method::PATCH, &self.base, Some(body)).await.expect(StatusCode::OK)
    }

    /// What the host does to a seat.
    async fn act(&mut self, seat: &Value, act: &str, body: Value) {
        let path = format!("/people/{}/{act}", text(seat, "participant_id"));
        let mut host = self.host.clone();
        let answer = if matches!(act, "role" | "spotlight") {
            self.put(&mut host, &path, body).await
        } else {
            self.post(&mut host, &path, body).await
        };
        answer.expect(StatusCode::NO_CONTENT);
    }

    async fn device(&self, who: &mut Person, device: &str, on: bool) -> crate::support::Answer {
        self.put(who, &format!("/seat/devices/{device}"), json!({ "on": on, "language": "en" })).await
    }

    /// What the media server forwards of a seat.
    async fn forwarded(&self, seat: &Value) -> String {
        let mut host = self.host.clone();
        let room = self.get(&mut host, "/seat").await["media"]["room"].as_str().unwrap().parse().unwrap();
        let stats = self.app.app.carrier.embedded().unwrap().stats(&room).await.unwrap();
        let of = stats.of(&text(seat, "identity").parse().unwrap());
        format!("{:?}", of.map(|one| one.permits).unwrap_or_default()).replace('"', "")
    }

    async fn send(&self, who: &mut Person, n: u32) -> crate::support::Answer {
        let mut host = self.host.clone();
        let chat = text(&self.get(&mut host, "/seat").await, "conversation_id").to_owned();
        let message = json!({ "client_id": format!("01a20d60-08a9-7e07-b0e3-{n:012}"), "text": format!("number {n}") });
        self.app.ask(who, Method::POST, &format!("/api/conversations/{chat}/messages"), Some(message)).await
    }
}

both_engines! {
    async fn the_lobby_admits_one_or_all_and_takes_back(db: TestDatabases) {
        let mut meeting = Meeting::begin(db, "lobby").await;
        let (mut maya, mut omar) = (Person::default(), Person::default());
        let first = meeting.join(&mut maya, "Maya").await;
        let second = meeting.join(&mut omar, "Omar").await;
        meeting.act(&first, "admit", json!({})).await;
        assert_eq!(text(&meeting.get(&mut maya, "/seat").await, "status"), "admitted");
        assert_eq!(text(&meeting.get(&mut omar, "/seat").await, "status"), "waiting");
        let mut host = meeting.host.clone();
        meeting.post(&mut host, "/admit-all", json!({})).await.expect(StatusCode::NO_CONTENT);
        assert_eq!(text(&meeting.get(&mut omar, "/seat").await, "status"), "admitted");

        meeting.act(&second, "put-back", json!({})).await;
        let seat = meeting.get(&mut omar, "/seat").await;
        assert_eq!((text(&seat, "status"), &seat["media"]), ("waiting", &Value::Null));
        assert_eq!(meeting.forwarded(&second).await, "{}");
        meeting.app.ask(&mut omar, Method::GET, &format!("{}/people", meeting.base), None).await.expect(StatusCode::NOT_FOUND);
        meeting.act(&second, "admit", json!({})).await;
        assert_eq!(text(&meeting.get(&mut omar, "/seat").await, "status"), "admitted", "and in again");
        meeting.app.close().await;
    }

    async fn a_locked_meeting_lets_nobody_new_to_its_door(db: TestDatabases) {
        let mut meeting = Meeting::begin(db, "link").await;
        let (mut inside, mut late) = (Person::default(), Person::default());
        meeting.join(&mut inside, "Maya").await;
        assert_eq!(meeting.change(json!({ "locked": true })).await["locked"], true);
        let door = meeting.get(&mut late, "/door").await;
        assert_eq!((text(&door, "refusal"), &door["inside"]["names"]), ("locked", &Value::Null));
        meeting.post(&mut late, "/join", json!({ "name": "Late" })).await.problem(StatusCode::FORBIDDEN, "meeting_locked");
        meeting.post(&mut inside, "/seat/leave", json!({})).await.expect(StatusCode::NO_CONTENT);
        assert_eq!(text(&meeting.join(&mut inside, "Maya").await, "status"), "admitted", "who has a part comes back");
        meeting.change(json!({ "locked": false })).await;
        meeting.join(&mut late, "Late").await;
        meeting.app.close().await;
    }

    async fn a_passcode_is_asked_for_once_and_guessing_slows_down(db: TestDatabases) {
        let mut meeting = Meeting::begin(db, "link").await;
        assert_eq!(meeting.change(json!({ "passcode": "blue-42" })).await["passcode"], "blue-42");
        let mut guest = Person::default();
        let door = meeting.get(&mut guest, "/door").await;
        assert_eq!((&door["passcode_needed"], &door["inside"]["names"]), (&json!(true), &Value::Null));
        let join = |code: Option<&str>| json!({ "name": "Maya", "passcode": code });
        meeting.post(&mut guest, "/join", join(None)).await.problem(StatusCode::FORBIDDEN, "passcode_needed");
        for _ in 0..5 {
            meeting.post(&mut guest, "/join", join(Some("red"))).await.problem(StatusCode::FORBIDDEN, "wrong_passcode");
        }
        meeting.post(&mut guest, "/join", join(Some("blue-42"))).await.problem(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts");
        meeting.app.clock.advance(2 * SECOND);
        meeting.post(&mut guest, "/join", join(Some(" blue-42 "))).await.expect(StatusCode::OK);
        assert_eq!(meeting.get(&mut guest, "").await["passcode"], Value::Null, "an attendee is not told");
        meeting.post(&mut guest, "/seat/leave", json!({})).await.expect(StatusCode::NO_CONTENT);
        meeting.post(&mut guest, "/join", join(None)).await.expect(StatusCode::OK);
        let mut host = meeting.host.clone();
        let short = json!({ "passcode": "abc" });
        meeting.app.ask(&mut host, Method::PATCH, &meeting.base, Some(short)).await.problem(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(meeting.change(json!({ "passcode": "" })).await["passcode"], Value::Null);
        meeting.join(&mut Person::default(), "Omar").await;
        meeting.app.close().await;
    }

    async fn past_the_cap_one_waits_and_past_its_time_a_link_opens_nothing(db: TestDatabases) {
        let mut meeting = Meeting::begin(db, "link").await;
        meeting.change(json!({ "cap": 2 })).await;
        let statuses = [meeting.join(&mut Person::default(), "Second").await, meeting.join(&mut Person::default(), "Third").await];
        assert_eq!(statuses.each_ref().map(|seat| text(seat, "status")), ["admitted", "waiting"]);
        let at = (kloud_base::Clock::now(&*meeting.app.clock) + HOUR).to_rfc3339();
        meeting.change(json!({ "cap": 0, "expires_at": &at })).await;
        meeting.join(&mut Person::default(), "In time").await;
        meeting.app.clock.advance(HOUR);
        let mut late = Person::default();
        meeting.post(&mut late, "/join", json!({ "name": "Late" })).await.problem(StatusCode::FORBIDDEN, "expired");
        assert_eq!(meeting.change(json!({ "locked": false })).await["expires_at"], at, "what is not said stays");
        assert_eq!(meeting.change(json!({ "expires_at": null })).await["expires_at"], Value::Null);
        meeting.join(&mut late, "Late").await;
        meeting.app.close().await;
    }

    async fn a_ban_survives_another_name_and_another_seat(db: TestDatabases) {
        let mut meeting = Meeting::begin(db, "link").await;
        let mut guest = Person::default();
        let seat = meeting.join(&mut guest, "Trouble").await;
        meeting.act(&seat, "ban", json!({})).await;
        assert_eq!(meeting.forwarded(&seat).await, "{}");
        assert_eq!(text(&meeting.get(&mut guest, "/seat").await, "status"), "banned");
        assert_eq!(text(&meeting.join(&mut guest, "Somebody else").await, "status"), "banned", "as the same guest");
        guest.forget("__Host-kloud-guest");
        let again = json!({ "name": "Somebody else" });
        meeting.post(&mut guest, "/join", again.clone()).await.problem(StatusCode::FORBIDDEN, "banned");
        assert_eq!(text(&meeting.get(&mut guest, "/door").await, "refusal"), "banned");
        meeting.join(&mut Person::default(), "Somebody else").await;

        let mut host = meeting.host.clone();
        let people = meeting.get(&mut host, "/people").await;
        let banned = people["people"].as_array().unwrap().iter().find(|one| one["status"] == "banned").unwrap().clone();
        assert_eq!(text(&banned, "name"), "Trouble", "whoever bans sees whom");
        meeting.act(&banned, "unban", json!({})).await;
        meeting.post(&mut guest, "/join", again).await.expect(StatusCode::OK);
        meeting.app.close().await;
    }

    async fn who_comes_back_while_being_banned_is_banned(db: TestDatabases) {
        let meeting = Meeting::begin(db, "link").await;
        for round in 0..12 {
            let (mut guest, mut host) = (Person::default(), meeting.host.clone());
            let seat = meeting.join(&mut guest, "Trouble").await;
            meeting.post(&mut guest, "/seat/leave", json!({})).await.expect(StatusCode::NO_CONTENT);
            let ban = format!("/people/{}/ban", text(&seat, "participant_id"));
            let (banned, _) = tokio::join!(
                meeting.post(&mut host, &ban, json!({})),
                meeting.post(&mut guest, "/join", json!({ "name": "Trouble" })),
            );
            banned.expect(StatusCode::NO_CONTENT);
            assert_eq!(text(&meeting.get(&mut guest, "/seat").await, "status"), "banned", "round {round}");
        }
        meeting.app.close().await;
    }

    async fn a_banned_browser_with_ever_new_marks_is_remembered_by_a_few(db: TestDatabases) {
        let mut meeting = Meeting::begin(db, "link").await;
        let mut guest = Person::default();
        let seat = meeting.join(&mut guest, "Trouble").await;
        meeting.act(&seat, "ban", json!({})).await;
        let mut marks = 0;
        for _ in 0..20 {
            guest.forget("__Host-kloud-mark");
            meeting.get(&mut guest, "/seat").await;
            marks += usize::from(guest.cookie_line().contains("__Host-kloud-mark"));
        }
        assert_eq!(marks, 16);
        meeting.app.close().await;
    }

    async fn roles_are_rights_that_the_media_server_holds(db: TestDatabases) {
        let mut meeting = Meeting::begin(db, "link").await;
        let mut guest = Person::default();
        let seat = meeting.join(&mut guest, "Maya").await;
        meeting.device(&mut guest, "camera", true).await.expect(StatusCode::OK);
        meeting.device(&mut guest, "microphone", true).await.expect(StatusCode::OK);
        assert_eq!(meeting.forwarded(&seat).await, "{camera, microphone, data}");

        meeting.act(&seat, "role", json!({ "role": "viewer" })).await;
        assert_eq!(meeting.forwarded(&seat).await, "{}");
        meeting.device(&mut guest, "camera", true).await.problem(StatusCode::FORBIDDEN, "not_allowed");
        meeting.send(&mut guest, 1).await.problem(StatusCode::FORBIDDEN, "forbidden");
        meeting.put(&mut guest, "/seat/hand", json!({ "raised": true })).await.expect(StatusCode::OK);

        meeting.act(&seat, "role", json!({ "role": "attendee" })).await;
        assert_eq!(meeting.forwarded(&seat).await, "{data}", "what was on does not come back by itself");
        meeting.device(&mut guest, "camera", true).await.expect(StatusCode::OK);

        let rights = json!({ "microphone": true, "camera": false, "screen": true, "chat": false });
        meeting.change(json!({ "attendees_may": rights })).await;
        assert_eq!(meeting.forwarded(&seat).await, "{}");
        meeting.send(&mut guest, 2).await.problem(StatusCode::FORBIDDEN, "not_allowed");
        meeting.act(&seat, "role", json!({ "role": "speaker" })).await;
        meeting.device(&mut guest, "camera", true).await.expect(StatusCode::OK);
        meeting.send(&mut guest, 3).await.expect(StatusCode::CREATED);
        assert_eq!(meeting.forwarded(&seat).await, "{camera, data}");
        meeting.app.close().await;
    }

    async fn mute_all_that_stays_and_the_word_given_to_one(db: TestDatabases) {
        let mut meeting = Meeting::begin(db, "link").await;
        let (mut maya, mut omar) = (Person::default(), Person::default());
        let first = meeting.join(&mut maya, "Maya").await;
        meeting.join(&mut omar, "Omar").await;
        meeting.device(&mut maya, "microphone", true).await.expect(StatusCode::OK);
        let mut host = meeting.host.clone();
        meeting.post(&mut host, "/mute-all", json!({ "stay": true })).await.expect(StatusCode::NO_CONTENT);
        assert_eq!(meeting.forwarded(&first).await, "{data}");
        meeting.device(&mut maya, "microphone", true).await.problem(StatusCode::FORBIDDEN, "not_allowed");
        meeting.device(&mut host, "microphone", true).await.expect(StatusCode::OK);

        meeting.act(&first, "ask", json!({ "source": "microphone" })).await;
        assert_eq!(meeting.forwarded(&first).await, "{data}", "asked is not switched on");
        meeting.device(&mut maya, "microphone", true).await.expect(StatusCode::OK);
        meeting.device(&mut omar, "microphone", true).await.problem(StatusCode::FORBIDDEN, "not_allowed");

        meeting.act(&first, "stop", json!({ "source": "microphone", "stay": true })).await;
        let people = meeting.get(&mut omar, "/people").await;
        let seen = people["people"].as_array().unwrap().iter().find(|one| one["name"] == "Maya").unwrap().clone();
        assert_eq!((&seen["held"]["microphone"], &seen["rights"]["microphone"]), (&json!(true), &json!(false)));
        meeting.device(&mut maya, "microphone", true).await.problem(StatusCode::FORBIDDEN, "not_allowed");
        meeting.act(&first, "allow", json!({ "source": "microphone" })).await;
        meeting.device(&mut maya, "microphone", true).await.expect(StatusCode::OK);
        meeting.device(&mut maya, "screen", true).await.expect(StatusCode::OK);
        meeting.act(&first, "stop", json!({ "source": "screen", "stay": false })).await;
        assert_eq!(meeting.forwarded(&first).await, "{microphone, data}");
        meeting.post(&mut host, "/mute-all", json!({ "stay": true })).await.expect(StatusCode::NO_CONTENT);
        meeting.device(&mut maya, "microphone", true).await.problem(StatusCode::FORBIDDEN, "not_allowed");
        meeting.app.close().await;
    }

    async fn hands_stand_in_one_order_for_everybody(db: TestDatabases) {
        let mut meeting = Meeting::begin(db, "link").await;
        let mut people: Vec<Person> = vec![Person::default(); 3];
        let mut seats = Vec::new();
        for (n, person) in people.iter_mut().enumerate() {
            seats.push(meeting.join(person, &format!("Person {n}")).await);
        }
        for n in [2, 0, 1] {
            meeting.app.clock.advance(SECOND);
            meeting.put(&mut people[n], "/seat/hand", json!({ "raised": true })).await.expect(StatusCode::OK);
            // Raising it again keeps the place.
            meeting.put(&mut people[2], "/seat/hand", json!({ "raised": true })).await.expect(StatusCode::OK);
        }
        let order = async |who: &mut Person| {
            let listed = meeting.get(who, "/people").await["people"].as_array().unwrap().clone();
            listed.iter().map(|one| one["hand"].clone()).collect::<Vec<_>>()
        };
        let expected = vec![Value::Null, json!(2), json!(3), json!(1)];
        for person in &mut people {
            assert_eq!(order(person).await, expected);
        }
        let mut host = meeting.host.clone();
        assert_eq!(order(&mut host).await, expected);
        meeting.act(&seats[2], "lower-hand", json!({})).await;
        let order = |listed: Value| listed["people"].as_array().unwrap().iter().map(|one| one["hand"].clone()).collect::<Vec<_>>();
        assert_eq!(order(meeting.get(&mut host, "/people").await), [Value::Null, json!(1), json!(2), Value::Null]);
        meeting.post(&mut host, "/lower-hands", json!({})).await.expect(StatusCode::NO_CONTENT);
        assert!(order(meeting.get(&mut host, "/people").await).iter().all(Value::is_null));
        meeting.app.close().await;
    }

    async fn a_host_shows_up_to_three_people_large_to_everybody(db: TestDatabases) {
        let mut meeting = Meeting::begin(db, "link").await;
        let mut host = meeting.host.clone();
        let mut guests = [Person::default(), Person::default(), Person::default()];
        let mut seats = vec![meeting.get(&mut host, "/seat").await];
        for (guest, name) in guests.iter_mut().zip(["Maya", "Omar", "Lin"]) {
            seats.push(meeting.join(guest, name).await);
        }
        let places = async |meeting: &Meeting, who: &mut Person| {
            let listed = meeting.get(who, "/people").await;
            listed["people"].as_array().unwrap().iter().map(|one| one["spotlight"].clone()).collect::<Vec<_>>()
        };
        let on = json!({ "on": true });
        for seat in [2, 1, 0] {
            meeting.app.clock.advance(SECOND);
            meeting.act(&seats[seat], "spotlight", on.clone()).await;
            meeting.act(&seats[seat], "spotlight", on.clone()).await;
        }
        assert_eq!(places(&meeting, &mut guests[2]).await, [json!(3), json!(2), json!(1), Value::Null], "twice is once");
        meeting.app.clock.advance(SECOND);
        meeting.act(&seats[3], "spotlight", on.clone()).await;
        assert_eq!(places(&meeting, &mut host).await, [json!(2), json!(1), Value::Null, json!(3)], "the first is let go");
        meeting.act(&seats[1], "spotlight", json!({ "on": false })).await;
        assert_eq!(places(&meeting, &mut host).await, [json!(1), Value::Null, Value::Null, json!(2)]);

        let path = format!("/people/{}/spotlight", text(&seats[1], "participant_id"));
        meeting.put(&mut guests[0], &path, on.clone()).await.problem(StatusCode::FORBIDDEN, "forbidden");
        meeting.put(&mut Person::default(), &path, on.clone()).await.problem(StatusCode::UNAUTHORIZED, "unauthenticated");
        let host_path = format!("/people/{}/spotlight", text(&seats[0], "participant_id"));
        meeting.act(&seats[2], "role", json!({ "role": "co_host" })).await;
        meeting.put(&mut guests[1], &host_path, json!({ "on": false })).await.expect(StatusCode::NO_CONTENT);
        assert_eq!(places(&meeting, &mut host).await, [Value::Null, Value::Null, Value::Null, json!(1)], "a co-host too");

        meeting.post(&mut guests[2], "/seat/leave", json!({})).await.expect(StatusCode::NO_CONTENT);
        let left = format!("/people/{}/spotlight", text(&seats[3], "participant_id"));
        meeting.put(&mut host, &left, on.clone()).await.problem(StatusCode::NOT_FOUND, "not_found");
        meeting.join(&mut guests[2], "Lin").await;
        assert!(places(&meeting, &mut host).await.iter().all(Value::is_null), "it ends with the seat");
        meeting.app.close().await;
    }

    async fn a_co_host_manages_people_and_the_host_stays_above(db: TestDatabases) {
        let mut meeting = Meeting::begin(db, "link").await;
        let mut host = meeting.host.clone();
        let host_seat = meeting.get(&mut host, "/seat").await;
        let mut lin = meeting.app.person("lin@example.org", "Lin").await;
        let mut guest = Person::default();
        let seat = meeting.post(&mut lin, "/join", json!({})).await.expect(StatusCode::OK);
        let other = meeting.join(&mut guest, "Maya").await;
        meeting.act(&seat, "role", json!({ "role": "co_host" })).await;
        let path = |seat: &Value, act: &str| format!("/people/{}/{act}", text(seat, "participant_id"));
        meeting.put(&mut lin, &path(&other, "role"), json!({ "role": "speaker" })).await.expect(StatusCode::NO_CONTENT);
        meeting.put(&mut lin, &path(&other, "role"), json!({ "role": "co_host" })).await.problem(StatusCode::FORBIDDEN, "forbidden");
        meeting.post(&mut lin, &path(&host_seat, "remove"), json!({})).await.problem(StatusCode::FORBIDDEN, "forbidden");
        meeting.post(&mut lin, &path(&seat, "hand-over"), json!({})).await.problem(StatusCode::FORBIDDEN, "forbidden");
        let base = meeting.base.clone();
        meeting.app.ask(&mut lin, Method::PATCH, &base, Some(json!({ "locked": true }))).await.expect(StatusCode::OK);
        let title = meeting.app.ask(&mut lin, Method::PATCH, &base, Some(json!({ "title": "Mine" }))).await;
        title.problem(StatusCode::FORBIDDEN, "host_only");
        meeting.post(&mut lin, "/end", json!({})).await.expect(StatusCode::NOT_FOUND);

        let guest_host = meeting.post(&mut host, &path(&other, "hand-over"), json!({})).await;
        guest_host.problem(StatusCode::FORBIDDEN, "needs_account");
        meeting.act(&seat, "hand-over", json!({})).await;
        assert_eq!(text(&meeting.get(&mut lin, "/seat").await, "role"), "host");
        assert_eq!(text(&meeting.get(&mut host, "/seat").await, "role"), "co_host");
        let mine = meeting.app.ask(&mut lin, Method::PATCH, &base, Some(json!({ "title": "Mine" }))).await;
        assert_eq!(text(&mine.expect(StatusCode::OK), "title"), "Mine");
        meeting.post(&mut host, "/end", json!({})).await.expect(StatusCode::NOT_FOUND);
        meeting.post(&mut lin, "/end", json!({})).await.expect(StatusCode::NO_CONTENT);
        meeting.app.close().await;
    }

    async fn keeping_more_is_asked_about_again_and_attendance_is_kept_only_of_those_who_agree(db: TestDatabases) {
        let mut meeting = Meeting::begin(db, "link").await;
        let (mut maya, mut omar) = (Person::default(), Person::default());
        meeting.join(&mut maya, "Maya").await;
        meeting.join(&mut omar, "Omar").await;
        meeting.send(&mut maya, 1).await.expect(StatusCode::CREATED);
        let mut host = meeting.host.clone();
        let longer = json!({ "policy": { "chat_kept_days": 7 } });
        meeting.change(longer).await;
        let back = json!({ "policy": { "chat_kept_days": 90 } });
        meeting.app.ask(&mut host, Method::PATCH, &meeting.base, Some(back)).await.problem(StatusCode::CONFLICT, "only_shorter");
        assert_eq!(meeting.get(&mut maya, "/seat").await["policy"], json!({ "version": 1, "accepted": true }));

        meeting.change(json!({ "policy": { "attendance": "kept" } })).await;
        assert_eq!(meeting.get(&mut maya, "/seat").await["policy"], json!({ "version": 2, "accepted": false }));
        meeting.send(&mut maya, 2).await.problem(StatusCode::FORBIDDEN, "policy_changed");
        meeting.put(&mut maya, "/seat/policy", json!({ "version": 1 })).await.problem(StatusCode::FORBIDDEN, "policy_changed");
        meeting.put(&mut maya, "/seat/policy", json!({ "version": 2 })).await.expect(StatusCode::OK);
        meeting.send(&mut maya, 3).await.expect(StatusCode::CREATED);
        meeting.send(&mut host, 4).await.expect(StatusCode::CREATED);
        let recap = meeting.get(&mut host, "/recap").await;
        let listed: Vec<_> = recap["people"]["listed"].as_array().unwrap().iter().map(|one| text(one, "name")).collect();
        assert_eq!((listed, &recap["people"]["count"]), (vec!["Operator", "Maya"], &json!(3)));

        meeting.post(&mut host, "/end", json!({})).await.expect(StatusCode::NO_CONTENT);
        meeting.app.clock.advance(2 * HOUR);
        meeting.app.run_jobs().await;
        let recap = meeting.get(&mut host, "/recap").await;
        assert_eq!(recap["people"]["listed"].as_array().unwrap().len(), 2, "kept with the chat");
        let seat = meeting.get(&mut omar, "/seat").await;
        assert_eq!(text(&seat, "name"), "", "who did not agree and wrote nothing is nobody any more");
        assert_eq!(text(&meeting.get(&mut maya, "/seat").await, "name"), "Maya");
        meeting.app.clock.advance(7 * DAY);
        meeting.app.run_jobs().await;
        assert_eq!(meeting.get(&mut host, "/recap").await["people"]["listed"], json!([]));
        meeting.app.close().await;
    }

    async fn whoever_was_shown_what_is_not_kept_any_more_is_shown_it_anew(db: TestDatabases) {
        let mut meeting = Meeting::begin(db, "link").await;
        let (mut maya, mut omar) = (Person::default(), Person::default());
        let shown = meeting.get(&mut maya, "/door").await["policy"]["version"].clone();
        let join = |name: &str, shown: &Value| json!({ "name": name, "policy": shown });
        meeting.post(&mut omar, "/join", join("Omar", &shown)).await.expect(StatusCode::OK);
        meeting.post(&mut omar, "/seat/leave", json!({})).await.expect(StatusCode::NO_CONTENT);
        meeting.change(json!({ "policy": { "attendance": "kept" } })).await;
        for who in [&mut maya, &mut omar] {
            let refused = meeting.post(who, "/join", join("Maya", &shown)).await;
            refused.problem(StatusCode::FORBIDDEN, "policy_changed");
            meeting.post(who, "/join", join("Maya", &json!(99))).await.problem(StatusCode::FORBIDDEN, "policy_changed");
        }
        let back = meeting.post(&mut omar, "/join", json!({ "name": "Omar" })).await.expect(StatusCode::OK);
        assert_eq!(back["policy"], json!({ "version": 2, "accepted": false }), "what was not shown is not agreed to");
        let now = meeting.get(&mut maya, "/door").await["policy"]["version"].clone();
        let seat = meeting.post(&mut maya, "/join", join("Maya", &now)).await.expect(StatusCode::OK);
        assert_eq!(seat["policy"], json!({ "version": 2, "accepted": true }));
        meeting.app.close().await;
    }

    async fn one_takes_ones_own_part_out_of_a_meeting(db: TestDatabases) {
        let mut meeting = Meeting::begin(db, "link").await;
        meeting.change(json!({ "policy": { "attendance": "kept" } })).await;
        let mut maya = Person::default();
        let seat = meeting.join(&mut maya, "Maya").await;
        meeting.send(&mut maya, 1).await.expect(StatusCode::CREATED);
        let mut host = meeting.host.clone();
        meeting.send(&mut host, 2).await.expect(StatusCode::CREATED);
        let room = meeting.get(&mut host, "/seat").await["media"]["room"].as_str().unwrap().parse().unwrap();
        let member = text(&seat, "identity").parse().unwrap();
        meeting.app.app.meet.media_shown(room, member, true).await.unwrap();
        meeting.app.clock.advance(MINUTE);
        meeting.app.app.meet.media_shown(room, member, false).await.unwrap();
        let recap = meeting.get(&mut host, "/recap").await;
        assert_eq!((recap["shares"].as_array().unwrap().len(), text(&recap["shares"][0], "name")), (1, "Maya"));
        assert_eq!((&recap["chat"]["messages"], &recap["sittings"][0]["ended_at"]), (&json!(2), &Value::Null));

        meeting.post(&mut maya, "/seat/take-out", json!({})).await.expect(StatusCode::NO_CONTENT);
        assert_eq!(meeting.forwarded(&seat).await, "{}", "who takes out their part leaves");
        let recap = meeting.get(&mut host, "/recap").await;
        assert_eq!((recap["shares"].as_array().unwrap().len(), recap["people"]["listed"].as_array().unwrap().len()), (0, 1));
        assert_eq!(recap["chat"]["messages"], 1);
        assert_eq!(meeting.get(&mut maya, "/recap").await["you"]["taken_out"], true);
        meeting.app.close().await;
    }

    async fn messages_are_changed_by_their_author_and_taken_away_by_a_host_too(db: TestDatabases) {
        let meeting = Meeting::begin(db, "link").await;
        let (mut maya, mut omar, mut host) = (Person::default(), Person::default(), meeting.host.clone());
        let seat = meeting.join(&mut maya, "Maya").await;
        meeting.join(&mut omar, "Omar").await;
        let chat = format!("/api/conversations/{}/messages", text(&seat, "conversation_id"));
        let sent = meeting.send(&mut maya, 1).await.expect(StatusCode::CREATED);
        assert_eq!(sent["edited_at"], Value::Null);
        let path = format!("{chat}/{}", text(&sent, "message_id"));
        let words = json!({ "text": "better words" });
        let edited = meeting.app.ask(&mut maya, Method::PATCH, &path, Some(words.clone())).await.expect(StatusCode::OK);
        assert_eq!((text(&edited["body"], "text"), edited["edited_at"].is_null()), ("better words", false));
        for (who, method) in [(&omar, Method::PATCH), (&host, Method::PATCH), (&omar, Method::DELETE)] {
            let body = (method == Method::PATCH).then(|| words.clone());
            meeting.app.ask(&mut who.clone(), method, &path, body).await.problem(StatusCode::FORBIDDEN, "forbidden");
        }
        assert_eq!(text(&meeting.app.ask(&mut omar, Method::GET, &path, None).await.expect(StatusCode::OK)["body"], "text"), "better words");
        meeting.app.ask(&mut host, Method::DELETE, &path, None).await.expect(StatusCode::NO_CONTENT);
        meeting.app.ask(&mut host, Method::DELETE, &path, None).await.expect(StatusCode::NO_CONTENT);
        let gone = meeting.app.ask(&mut omar, Method::GET, &path, None).await.expect(StatusCode::OK);
        assert_eq!(text(&gone["body"], "state"), "deleted");
        meeting.app.ask(&mut maya, Method::PATCH, &path, Some(words)).await.expect(StatusCode::NOT_FOUND);
        meeting.app.close().await;
    }

    async fn a_planned_meeting_has_a_time_an_invitation_and_a_page(db: TestDatabases) {
        let (app, mut host) = TestApp::set_up(db).await;
        let at = (kloud_base::Clock::now(&*app.clock) + DAY).to_rfc3339();
        let plan = json!({ "title": "Review; with, care", "admission": "link", "starts_at": at, "duration_minutes": 45, "zone": "Europe/Berlin" });
        let made = app.ask(&mut host, Method::POST, "/api/meetings", Some(plan)).await.expect(StatusCode::CREATED);
        assert_eq!((text(&made, "starts_at"), &made["duration_minutes"], text(&made, "zone")), (&*at, &json!(45), "Europe/Berlin"));
        let base = format!("/api/meetings/{}", text(&made, "code"));
        let mut anybody = Person::default();
        assert_eq!(text(&app.ask(&mut anybody, Method::GET, &format!("{base}/door"), None).await.expect(StatusCode::OK), "starts_at"), at);
        let invitation = app.ask(&mut anybody, Method::GET, &format!("{base}/invite.ics"), None).await;
        let text_of = invitation.text(StatusCode::OK);
        for line in ["BEGIN:VCALENDAR", "SUMMARY:Review\\; with\\, care", "URL:http://kloud.test/m/", "DTSTART:", "DTEND:"] {
            assert!(text_of.contains(line), "{line} in {text_of}");
        }
        let half = json!({ "title": null, "admission": "link", "starts_at": at });
        app.ask(&mut host, Method::POST, "/api/meetings", Some(half)).await.problem(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        let instant = app.ask(&mut host, Method::POST, "/api/meetings", Some(json!({ "admission": "link" }))).await.expect(StatusCode::CREATED);
        let none = format!("/api/meetings/{}/invite.ics", text(&instant, "code"));
        app.ask(&mut anybody, Method::GET, &none, None).await.expect(StatusCode::NOT_FOUND);

        let mut lin = app.person("lin@example.org", "Lin").await;
        app.ask(&mut lin, Method::GET, &base, None).await.expect(StatusCode::NOT_FOUND);
        app.ask(&mut lin, Method::POST, &format!("{base}/join"), Some(json!({}))).await.expect(StatusCode::OK);
        let listed = app.ask(&mut lin, Method::GET, "/api/meetings", None).await.expect(StatusCode::OK);
        assert_eq!((text(&listed["meetings"][0], "role"), &listed["meetings"][0]["has_recap"]), ("attendee", &json!(true)));
        app.close().await;
    }
}
