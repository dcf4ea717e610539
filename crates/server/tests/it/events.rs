//! The event socket as clients see it: who may watch what, order without holes, what ends it.

use axum::http::{Method, StatusCode};
use kloud_base::DAY;
use kloud_testkit::{TestDatabases, both_engines};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::support::socket::{Refused, Socket, within_two_seconds};
use crate::support::{PASSWORD, Person, TestApp, text};

/// A meeting with its host inside: the path of its chat's messages, its conversation, its link.
struct Place {
    messages: String,
    conversation: String,
    base: String,
}

async fn place(app: &TestApp, host: &mut Person) -> Place {
    let body = json!({ "admission": "link" });
    let made = app.ask(host, Method::POST, "/api/meetings", Some(body)).await.expect(StatusCode::CREATED);
    let conversation = text(&made, "conversation_id").to_owned();
    let base = format!("/api/meetings/{}", text(&made, "code"));
    app.ask(host, Method::POST, &format!("{base}/join"), Some(json!({}))).await.expect(StatusCode::OK);
    Place { messages: format!("/api/conversations/{conversation}/messages"), conversation, base }
}

async fn say(app: &TestApp, person: &mut Person, place: &Place, n: usize) {
    let body = json!({ "client_id": format!("01a20d60-08a9-7e07-b0e3-{n:012}"), "text": format!("number {n}") });
    app.ask(person, Method::POST, &place.messages, Some(body)).await.expect(StatusCode::CREATED);
}

/// A guest inside, and their seat.
async fn guest(app: &TestApp, place: &Place) -> (Person, String) {
    let mut guest = Person::default();
    let join = format!("{}/join", place.base);
    let seat = app.ask(&mut guest, Method::POST, &join, Some(json!({ "name": "Omar" }))).await.expect(StatusCode::OK);
    (guest, text(&seat, "participant_id").to_owned())
}

async fn seqs(socket: &mut Socket, count: usize) -> Vec<i64> {
    let mut seqs = Vec::new();
    for _ in 0..count {
        seqs.push(socket.event().await["seq"].as_i64().unwrap());
    }
    seqs
}

both_engines! {
    async fn nobody_and_other_origins_open_no_socket(db: TestDatabases) {
        let (app, host) = TestApp::set_up(db).await;
        let address = app.listen().await;
        let own = format!("http://{address}");
        for (origin, cookie, status, code) in [
            (own.as_str(), "", 401, "unauthenticated"),
            (own.as_str(), "__Host-kloud=bm9ib2R5", 401, "unauthenticated"),
            ("http://evil.test", host.cookie_line().as_str(), 403, "origin_refused"),
            ("null", host.cookie_line().as_str(), 403, "origin_refused"),
        ] {
            let Err(Refused { status: refused, body }) = Socket::open(address, "/api/events", origin, cookie).await else {
                panic!("{origin} with {cookie:?} opened a socket");
            };
            assert_eq!((refused, &body["code"]), (status, &json!(code)), "{origin} with {cookie:?}");
        }
        app.close().await;
    }

    async fn a_stream_that_is_not_ones_own_is_refused_by_name(db: TestDatabases) {
        let (app, mut host) = TestApp::set_up(db).await;
        let address = app.listen().await;
        let place = place(&app, &mut host).await;
        let me = app.ask(&mut host, Method::GET, "/api/me", None).await.expect(StatusCode::OK);
        let seat = app.ask(&mut host, Method::GET, &format!("{}/seat", place.base), None).await.expect(StatusCode::OK);
        let all = [text(&me, "account_id"), &place.conversation, text(&seat, "participant_id"), text(&seat, "room_stream")];
        let wanted = all.map(|name| (name, None));
        let mut own = Socket::events(address, &host.cookie_line()).await;
        assert_eq!(own.watch(&wanted).await["refused"], json!([]));
        let stranger = app.person("stranger@example.org", "Stranger").await;
        let mut socket = Socket::events(address, &stranger.cookie_line()).await;
        let answer = socket.watch(&wanted).await;
        assert_eq!((&answer["watching"], &answer["refused"]), (&json!([]), &json!(all)));
        // A marker: what the stranger hears next is the answer to this, and no event.
        say(&app, &mut host, &place, 1).await;
        assert_eq!(own.event().await["kind"], "message.sent");
        assert_eq!(socket.watch(&[("nonsense", None)]).await["refused"], json!(["nonsense"]));
        app.close().await;
    }

    async fn a_client_that_asks_whether_the_line_holds_is_answered(db: TestDatabases) {
        let (app, host) = TestApp::set_up(db).await;
        let mut socket = Socket::events(app.listen().await, &host.cookie_line()).await;
        for ask in [1, 2, u64::MAX] {
            socket.say(Message::text(json!({ "ping": ask }).to_string())).await;
            assert_eq!(socket.hear().await, json!({ "pong": ask }));
        }
        socket.say(Message::text(r#"{"ping":-1}"#)).await;
        assert_eq!(socket.closed().await.0, 4400);
        app.close().await;
    }

    async fn events_come_in_order_and_what_was_missed_comes_first(db: TestDatabases) {
        let (app, mut host) = TestApp::set_up(db).await;
        let address = app.listen().await;
        let place = place(&app, &mut host).await;
        let stream = place.conversation.as_str();
        let mut socket = Socket::events(address, &host.cookie_line()).await;
        let answer = socket.watch(&[(stream, None)]).await;
        assert_eq!(answer["watching"], json!([{ "stream": stream, "last": 0 }]));
        for n in 1..=20 {
            say(&app, &mut host, &place, n).await;
        }
        let first = socket.event().await;
        assert_eq!((text(&first, "kind"), text(&first, "stream"), &first["seq"]), ("message.sent", stream, &json!(1)));
        assert!(!first.to_string().contains("number 1"), "ids, never what somebody wrote");
        assert_eq!(seqs(&mut socket, 19).await, (2..=20).collect::<Vec<_>>());
        drop(socket);
        for n in 21..=25 {
            say(&app, &mut host, &place, n).await;
        }
        let mut socket = Socket::events(address, &host.cookie_line()).await;
        let answer = socket.watch(&[(stream, Some(18))]).await;
        assert_eq!(answer["watching"], json!([{ "stream": stream, "last": 25 }]));
        assert_eq!(seqs(&mut socket, 7).await, (19..=25).collect::<Vec<_>>());
        say(&app, &mut host, &place, 26).await;
        assert_eq!(seqs(&mut socket, 1).await, [26]);
        app.close().await;
    }

    async fn who_was_away_too_long_or_knows_too_much_is_told_to_load_anew(db: TestDatabases) {
        let (app, mut host) = TestApp::set_up(db).await;
        let address = app.listen().await;
        let place = place(&app, &mut host).await;
        let stream = place.conversation.as_str();
        for n in 1..=3 {
            say(&app, &mut host, &place, n).await;
        }
        app.clock.advance(4 * DAY);
        say(&app, &mut host, &place, 4).await;
        app.clock.advance(4 * DAY);
        app.run_jobs().await;
        let mut socket = Socket::events(address, &host.cookie_line()).await;
        for (after, gap) in [(0, true), (2, true), (3, false), (4, false), (5, true)] {
            let answer = socket.watch(&[(stream, Some(after))]).await;
            let watching = &answer["watching"][0];
            assert_eq!((&watching["last"], watching["gap"] == true), (&json!(4), gap), "after {after}: {answer}");
            if after == 3 {
                assert_eq!(seqs(&mut socket, 1).await, [4]);
            }
        }
        // After a gap it goes on with what is new.
        say(&app, &mut host, &place, 5).await;
        assert_eq!(seqs(&mut socket, 1).await, [5]);
        app.clock.advance(8 * DAY);
        app.run_jobs().await;
        assert_eq!(socket.watch(&[(stream, Some(4))]).await["watching"][0]["gap"], true, "nothing of it is kept");
        app.close().await;
    }

    async fn a_session_that_ended_elsewhere_closes_its_socket(db: TestDatabases) {
        let (app, _) = TestApp::set_up(db).await;
        let address = app.listen().await;
        let mut first = app.person("lin@example.org", "Lin").await;
        let mut second = Person::default();
        let sign_in = json!({ "identifier": "lin@example.org", "password": PASSWORD });
        app.ask(&mut second, Method::POST, "/api/sessions", Some(sign_in)).await.expect(StatusCode::CREATED);
        let mut ended = Socket::events(address, &second.cookie_line()).await;
        let mut stays = Socket::events(address, &first.cookie_line()).await;
        app.ask(&mut first, Method::DELETE, "/api/me/devices", None).await.expect(StatusCode::OK);
        let closed = within_two_seconds("the ended session's socket", ended.closed()).await;
        assert_eq!(closed, (4401, "session_over".to_owned()));
        let me = app.ask(&mut first, Method::GET, "/api/me", None).await.expect(StatusCode::OK);
        assert_eq!(stays.watch(&[(text(&me, "account_id"), None)]).await["refused"], json!([]));
        app.close().await;
    }

    async fn one_who_is_put_out_hears_no_more(db: TestDatabases) {
        let (app, mut host) = TestApp::set_up(db).await;
        let address = app.listen().await;
        let place = place(&app, &mut host).await;
        let (guest, seat) = guest(&app, &place).await;
        let room = format!("room:{seat}");
        let mut socket = Socket::events(address, &guest.cookie_line()).await;
        socket.watch(&[(&place.conversation, None), (&room, None)]).await;
        say(&app, &mut host, &place, 1).await;
        assert_eq!(socket.event().await["kind"], "message.sent");
        let remove = format!("{}/people/{seat}/remove", place.base);
        app.ask(&mut host, Method::POST, &remove, None).await.expect(StatusCode::NO_CONTENT);
        let told = within_two_seconds("both streams are refused", async {
            loop {
                let said = socket.hear().await;
                if said["watching"] == json!([]) {
                    return said;
                }
            }
        });
        let mut refused = told.await["refused"].as_array().unwrap().clone();
        refused.sort_by_key(Value::to_string);
        assert!(refused.contains(&json!(place.conversation)), "{refused:?}");
        // A marker: the answer to this comes, and nothing of the meeting before it.
        say(&app, &mut host, &place, 2).await;
        let mine = [(place.conversation.as_str(), Some(0)), (room.as_str(), Some(0))];
        assert_eq!(socket.watch(&mine).await["watching"], json!([]));
        app.close().await;
    }

    async fn one_who_speaks_nonsense_is_told_so(db: TestDatabases) {
        let (app, host) = TestApp::set_up(db).await;
        let address = app.listen().await;
        let many = json!({ "watch": vec![json!({ "stream": "x" }); 201] }).to_string();
        for message in [
            Message::text("{\"no\":"),
            Message::text("{\"watch\":7}"),
            Message::text(many),
            Message::binary(vec![0xff; 100]),
            Message::text("x".repeat(65 * 1024)),
        ] {
            let length = message.len();
            let mut socket = Socket::events(address, &host.cookie_line()).await;
            socket.say(message).await;
            assert_eq!(socket.closed().await, (4400, "malformed".to_owned()), "{length} bytes");
        }
        app.close().await;
    }

    async fn a_slow_reader_is_let_go_and_harms_nobody(db: TestDatabases) {
        let (app, mut host) = TestApp::set_up(db).await;
        let address = app.listen().await;
        let place = place(&app, &mut host).await;
        let (guest, _) = guest(&app, &place).await;
        for n in 1..=100 {
            say(&app, &mut host, &place, n).await;
        }
        let mut slow = Socket::narrow_events(address, &guest.cookie_line()).await;
        let wanted = json!({ "watch": [{ "stream": place.conversation, "after": 0 }] }).to_string();
        // Asks for everything again and again, and takes nothing of it.
        let slow = tokio::spawn(async move {
            while slow.try_say(Message::text(wanted.clone())).await.is_ok() {}
        });
        let mut quick = Socket::events(address, &host.cookie_line()).await;
        quick.watch(&[(&place.conversation, None)]).await;
        let mut n = 100;
        while !slow.is_finished() {
            n += 1;
            say(&app, &mut host, &place, n).await;
            assert_eq!(quick.event().await["seq"], n);
        }
        app.close().await;
    }
}
