//! People who use the program until it dies, and what they know of it afterwards.

use std::collections::BTreeMap;

use kloud_base::random_bytes;
use kloud_testkit::SeededRng;
use serde_json::{Value, json};

use super::process::{Reply, Server, until};
use super::{PASSWORD, account_body, text};

/// The process died before it answered: nobody knows whether it was done.
#[derive(Debug)]
pub struct Died;

/// Things that were asked for, and whether that was acknowledged.
#[derive(Default)]
struct Facts(BTreeMap<String, bool>);

impl Facts {
    fn doubt(&mut self, name: &str) {
        self.0.insert(name.to_owned(), false);
    }

    fn acknowledge(&mut self, name: &str) {
        self.0.insert(name.to_owned(), true);
    }

    fn doubted(&self) -> Vec<String> {
        self.0.iter().filter(|(_, known)| !**known).map(|(name, _)| name.clone()).collect()
    }

    /// Each acknowledged one is there once, each doubted one at most once.
    fn check(&self, found: &[String]) {
        for (name, acknowledged) in &self.0 {
            let times = found.iter().filter(|one| *one == name).count();
            assert!(times == 1 || (times == 0 && !acknowledged), "{name} is there {times} times");
        }
    }
}

/// How a device stands in the meeting and under Me, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    Certain { permit: bool, permission: bool },
    Doubted,
}

impl Known {
    fn both(on: bool) -> Self {
        Self::Certain { permit: on, permission: on }
    }
}

const DEVICES: [&str; 2] = ["camera", "microphone"];

/// A guest, or an account that was signed up on the way.
struct Passer {
    name: String,
    cookie: String,
    /// What a guest wrote.
    wrote: bool,
    /// The secret of the link of the end they asked for.
    leaving: Option<String>,
    /// They asked, and nobody answered.
    may_be_leaving: bool,
}

/// One person with a seat in the common meeting.
pub struct Actor {
    name: String,
    rng: SeededRng,
    count: usize,
    cookie: String,
    meeting: String,
    chat: String,
    messages: Facts,
    meetings: Facts,
    /// Identifiers whose sign-up was not answered.
    sign_ups: Vec<String>,
    accounts: Vec<Passer>,
    guests: Vec<Passer>,
    devices: BTreeMap<&'static str, Known>,
    yeses: usize,
    doubted_yeses: usize,
}

type Done = Result<(), Died>;

impl Actor {
    /// Somebody new who goes into the meeting.
    pub fn new(server: &Server, name: &str, seed: u64, meeting: &Value) -> Self {
        let cookie = server.person(&format!("{name}@example.org"), name);
        let code = text(meeting, "code").to_owned();
        let join = format!("/api/meetings/{code}/join");
        server.ask("POST", &join, &cookie, &json!({})).expect("an answer").expect(200);
        Self {
            name: name.to_owned(),
            rng: SeededRng::new(seed),
            count: 0,
            cookie,
            chat: format!("/api/conversations/{}/messages", text(meeting, "conversation_id")),
            meeting: format!("/api/meetings/{code}"),
            messages: Facts::default(),
            meetings: Facts::default(),
            sign_ups: Vec::new(),
            accounts: Vec::new(),
            guests: Vec::new(),
            devices: DEVICES.map(|device| (device, Known::both(false))).into(),
            yeses: 0,
            doubted_yeses: 0,
        }
    }

    fn roll(&self, below: u64) -> u64 {
        u64::from_le_bytes(random_bytes(&self.rng)) % below
    }

    /// Something of the mix.
    pub fn act(&mut self, server: &Server) -> Done {
        match self.roll(16) {
            0..=5 => self.send(server),
            6..=8 => self.toggle(server, DEVICES[0]),
            9 => self.toggle(server, DEVICES[1]),
            10 => self.withdraw(server, DEVICES[0]),
            11 => self.make_meeting(server),
            12 => self.sign_up(server),
            13 => self.cancel(server),
            _ => self.guest_comes_and_leaves(server).map(drop),
        }
    }

    /// All of the mix, and then waits until the guest is gone.
    pub fn act_all(&mut self, server: &Server) -> Done {
        self.send(server)?;
        self.toggle(server, DEVICES[0])?;
        self.make_meeting(server)?;
        self.sign_up(server)?;
        self.cancel(server)?;
        let Some(link) = self.guest_comes_and_leaves(server)? else { return Ok(()) };
        until("the guest is gone", || match state_of(server, &link) {
            Ok(state) => (state == "certified").then_some(Ok(())),
            Err(died) => Some(Err(died)),
        })
    }

    /// A name that nothing else has.
    fn name(&mut self, what: &str) -> String {
        self.count += 1;
        format!("{}-{what}-{}", self.name, self.count)
    }

    fn send(&mut self, server: &Server) -> Done {
        let words = self.name("says");
        self.messages.doubt(&words);
        self.send_again(server, &words)
    }

    fn send_again(&mut self, server: &Server, words: &str) -> Done {
        let sent = server.ask("POST", &self.chat, &self.cookie, &message(words)).ok_or(Died)?;
        assert!(matches!(sent.status, 200 | 201), "{sent:?}");
        self.messages.acknowledge(words);
        Ok(())
    }

    fn toggle(&mut self, server: &Server, device: &'static str) -> Done {
        let on = self.devices[device] != Known::both(true);
        self.devices.insert(device, Known::Doubted);
        let path = format!("{}/seat/devices/{device}", self.meeting);
        let Some(answer) = server.ask("PUT", &path, &self.cookie, &json!({ "on": on, "language": "en" })) else {
            self.doubted_yeses += usize::from(on);
            return Err(Died);
        };
        assert_eq!(answer.expect(200)["permits"][device], on);
        self.devices.insert(device, Known::both(on));
        self.yeses += usize::from(on);
        Ok(())
    }

    fn withdraw(&mut self, server: &Server, device: &'static str) -> Done {
        self.devices.insert(device, Known::Doubted);
        let path = format!("/api/me/permissions/{device}");
        let answer = server.ask("PUT", &path, &self.cookie, &json!({ "state": "off" })).ok_or(Died)?;
        assert_eq!(answer.expect(200)["state"], "off");
        self.devices.insert(device, Known::both(false));
        Ok(())
    }

    fn make_meeting(&mut self, server: &Server) -> Done {
        let title = self.name("meets");
        self.meetings.doubt(&title);
        let body = json!({ "title": title, "admission": "link" });
        server.ask("POST", "/api/meetings", &self.cookie, &body).ok_or(Died)?.expect(201);
        self.meetings.acknowledge(&title);
        Ok(())
    }

    fn sign_up(&mut self, server: &Server) -> Done {
        let identifier = self.name("signs.up") + "@example.org";
        self.sign_ups.push(identifier.clone());
        let made = server.ask("POST", "/api/accounts", "", &account_body(&identifier, "Passer")).ok_or(Died)?;
        self.signed_up(&identifier, made);
        Ok(())
    }

    fn signed_up(&mut self, identifier: &str, made: Reply) {
        assert_eq!(made.status, 201, "{}", made.body);
        self.sign_ups.retain(|one| one != identifier);
        self.accounts.push(Passer::new(identifier, made.cookie));
    }

    fn cancel(&mut self, server: &Server) -> Done {
        match self.accounts.iter_mut().rfind(|one| one.is_staying()) {
            Some(account) => account.leave(server, "/api/me/cancellation"),
            None => Ok(()),
        }
    }

    /// The secret under which the guest's end is shown.
    fn guest_comes_and_leaves(&mut self, server: &Server) -> Result<Option<String>, Died> {
        let name = self.name("guest");
        let join = format!("{}/join", self.meeting);
        let joined = server.ask("POST", &join, "", &json!({ "name": name })).ok_or(Died)?;
        assert_eq!(joined.status, 200, "{joined:?}");
        self.guests.push(Passer::new(&name, joined.cookie));
        let guest = self.guests.last_mut().expect("just pushed");
        let sent = server.ask("POST", &self.chat, &guest.cookie, &message(&guest.name)).ok_or(Died)?;
        sent.expect(201);
        guest.wrote = true;
        guest.leave(server, &format!("{}/seat/erase", self.meeting))?;
        Ok(guest.leaving.clone())
    }

    /// Everything acknowledged is there once and whole; what was in doubt is settled.
    pub fn check(&mut self, server: &Server) {
        for words in self.messages.doubted() {
            self.send_again(server, &words).expect("an answer");
        }
        // Whose end was certified before the texts were read has none in them.
        let gone: Vec<_> = self.guests.iter().map(|guest| guest.is_gone(server)).collect();
        let found = self.texts(server);
        self.messages.check(&found);
        self.guests.iter().zip(gone).for_each(|(guest, is_gone)| guest.check_text(is_gone, &found));
        let listed = server.get("/api/meetings", &self.cookie).expect(200);
        let hosted = array(&listed, "meetings").iter().filter(|one| one["role"] == "host");
        let titles: Vec<_> = hosted.map(|one| text(one, "title").to_owned()).collect();
        self.meetings.check(&titles);
        self.check_devices(server);
        self.check_consents(server);
        self.check_accounts(server);
    }

    /// What is said in the meeting, the numbers without a gap.
    fn texts(&self, server: &Server) -> Vec<String> {
        let (mut texts, mut seq) = (Vec::new(), 0);
        loop {
            let page = server.get(&format!("{}?after={seq}&limit=200", self.chat), &self.cookie).expect(200);
            for message in array(&page, "messages") {
                seq += 1;
                assert_eq!(message["seq"], seq);
                match text(&message["body"], "state") {
                    "open" => texts.push(text(&message["body"], "text").to_owned()),
                    state => assert_eq!(state, "erased", "{message}"),
                }
            }
            if page["more"] == false {
                return texts;
            }
        }
    }

    fn check_devices(&mut self, server: &Server) {
        let seat = server.get(&format!("{}/seat", self.meeting), &self.cookie).expect(200);
        let all = server.get("/api/me/permissions", &self.cookie).expect(200);
        for (device, known) in &mut self.devices {
            let permit = seat["permits"][*device] == true;
            let permission = array(&all, "permissions").iter().find(|one| one["class"] == **device).expect("listed");
            let permission = permission["state"] == "on";
            assert!(permission || !permit, "{device} is on in the meeting and off under Me");
            let found = Known::Certain { permit, permission };
            assert!(*known == Known::Doubted || *known == found, "{device}: {known:?} was acknowledged, is {found:?}");
            *known = found;
        }
    }

    fn check_consents(&mut self, server: &Server) {
        let all = server.get("/api/me/consents", &self.cookie).expect(200);
        let found = array(&all, "consents").iter().filter(|one| one["answer"] == "yes").count();
        let least = self.yeses;
        assert!((least..=least + self.doubted_yeses).contains(&found), "{found} yeses, {least} acknowledged");
        (self.yeses, self.doubted_yeses) = (found, 0);
    }

    fn check_accounts(&mut self, server: &Server) {
        for account in &self.accounts {
            account.check_session(server);
        }
        for identifier in self.sign_ups.clone() {
            // Either the account is whole, or it was never made and can be made now, or its name is still reserved.
            let body = json!({ "identifier": identifier, "password": PASSWORD });
            let signed_in = server.ask("POST", "/api/sessions", "", &body).expect("an answer");
            if signed_in.status == 201 {
                self.signed_up(&identifier, signed_in);
                continue;
            }
            signed_in.problem(401, "sign_in_failed");
            let made = server.ask("POST", "/api/accounts", "", &account_body(&identifier, "Passer"));
            match made.expect("an answer") {
                made if made.status == 201 => self.signed_up(&identifier, made),
                made => made.problem(409, "identifier_taken"),
            }
        }
    }

    /// Days later nothing is under way or reserved any more.
    pub fn check_all_is_settled(&mut self, server: &Server) {
        assert!(self.sign_ups.is_empty(), "still reserved: {:?}", self.sign_ups);
        for passer in self.guests.iter().chain(&self.accounts) {
            if let Some(link) = &passer.leaving {
                until("the end is certified", || (state_of(server, link).expect("alive") == "certified").then_some(()));
            }
        }
        self.check(server);
    }
}

impl Passer {
    fn new(name: &str, cookie: String) -> Self {
        Self { name: name.to_owned(), cookie, wrote: false, leaving: None, may_be_leaving: false }
    }

    fn is_staying(&self) -> bool {
        self.leaving.is_none() && !self.may_be_leaving
    }

    fn leave(&mut self, server: &Server, path: &str) -> Done {
        self.may_be_leaving = true;
        let asked = server.ask("POST", path, &self.cookie, &json!({})).ok_or(Died)?;
        self.leaving = Some(text(&asked.expect(202), "request").to_owned());
        Ok(())
    }

    fn is_gone(&self, server: &Server) -> bool {
        self.leaving.as_ref().is_some_and(|link| state_of(server, link).expect("alive") == "certified")
    }

    /// What a guest wrote is there until the guest is gone.
    fn check_text(&self, is_gone: bool, found: &[String]) {
        let times = found.iter().filter(|one| **one == self.name).count();
        if is_gone {
            assert_eq!(times, 0, "{} is gone", self.name);
        } else if self.is_staying() && self.wrote {
            assert_eq!(times, 1, "{}", self.name);
        }
        assert!(times <= 1);
    }

    fn check_session(&self, server: &Server) {
        let me = server.get("/api/me", &self.cookie);
        match &self.leaving {
            Some(_) if self.is_gone(server) => me.problem(401, "unauthenticated"),
            _ if self.may_be_leaving => assert!(matches!(me.status, 200 | 401), "{me:?}"),
            _ => assert_eq!(text(&me.expect(200), "identifier"), self.name),
        }
    }
}

/// How far the end of somebody is.
fn state_of(server: &Server, link: &str) -> Result<String, Died> {
    let status = server.ask("POST", "/api/cancellations/status", "", &json!({ "request": link })).ok_or(Died)?;
    Ok(text(&status.expect(200), "state").to_owned())
}

/// A message whose id follows from its words, as if it were sent again by the same client.
fn message(words: &str) -> Value {
    let sum = words
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    json!({ "client_id": format!("01a20d60-08a9-7e07-b0e3-{:012x}", sum & 0xffff_ffff_ffff), "text": words })
}

fn array<'a>(value: &'a Value, name: &str) -> &'a Vec<Value> {
    value[name].as_array().unwrap_or_else(|| panic!("{name} in {value}"))
}
