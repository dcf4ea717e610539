//! People who come, speak, show themselves, mute, change networks, vanish, come back under their own name, and go, all by
//! the roll of seeded dice. At the end everybody has left, and it is looked at what stayed behind.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use clap::Args;
use kloud_load::Client;
use serde_json::json;

use crate::api::Server;
use crate::hooks::Hooks;

#[derive(Args)]
pub struct SoakArguments {
    #[command(flatten)]
    server: Server,
    /// Where the server tells its webhooks
    #[arg(long)]
    hooks: u16,
    #[arg(long)]
    seconds: u64,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[arg(long, default_value_t = 12)]
    people: u64,
    #[arg(long, default_value_t = 3)]
    rooms: u64,
}

/// Until the last ghost is gone and the last room is finished.
const PATIENCE: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(250);
const MICROPHONE: &str = "voice";
const CAMERA: &str = "camera";

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }

    async fn pause(&mut self) {
        tokio::time::sleep(Duration::from_millis(100 + self.below(900))).await;
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, Default)]
struct Done {
    joins: u64,
    tracks: u64,
    mutes: u64,
    moves: u64,
    vanished: u64,
    doubled: u64,
}

pub async fn soak(arguments: &SoakArguments) {
    let SoakArguments { server, hooks, seconds, seed, people, rooms } = arguments;
    let hooks = Hooks::listen(*hooks).await;
    let until = Instant::now() + Duration::from_secs(*seconds);
    let done = Arc::new(Mutex::new(Done::default()));
    let tasks: Vec<_> = (0..*people)
        .map(|number| {
            let person = Person {
                server: server.clone(),
                name: format!("p{number}"),
                dice: Dice(seed.wrapping_mul(1_000).wrapping_add(number)),
                rooms: *rooms,
                done: done.clone(),
            };
            tokio::spawn(person.live(until))
        })
        .collect();
    for task in tasks {
        task.await.expect("a person fails only where the server fails them");
    }
    println!("{}", json!({ "left": true }));
    let began = Instant::now();
    let mut ghosts;
    loop {
        ghosts = 0;
        for room in 0..*rooms {
            ghosts += server.people(&name_of(room)).await;
        }
        if (ghosts == 0 && hooks.told().is_balanced()) || began.elapsed() > PATIENCE {
            break;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    let (told, done) = (hooks.told(), *done.lock().expect("unpoisoned"));
    let report = json!({
        "ghosts": ghosts,
        "settled_ms": began.elapsed().as_millis(),
        "balanced": told.is_balanced(),
        "webhooks": told.events,
        "webhooks_dropped": told.dropped,
        "joins": done.joins,
        "tracks": done.tracks,
        "mutes": done.mutes,
        "moves": done.moves,
        "vanished": done.vanished,
        "doubled": done.doubled,
    });
    println!("{report}");
}

fn name_of(room: u64) -> String {
    format!("soak-{room}")
}

struct Person {
    server: Server,
    name: String,
    dice: Dice,
    rooms: u64,
    done: Arc<Mutex<Done>>,
}

impl Person {
    async fn live(mut self, until: Instant) {
        while Instant::now() < until {
            let room = name_of(self.dice.below(self.rooms));
            let mut client = self.join(&room).await;
            let mut tracks = Vec::new();
            for _ in 0..=self.dice.below(10) {
                self.dice.pause().await;
                if self.dice.below(10) == 0 {
                    // From another device under the same name: the first one is let go.
                    let second = self.join(&room).await;
                    client.until("the end of the first", |s| s.closed).await;
                    self.note(|done| done.doubled += 1);
                    (client, tracks) = (second, Vec::new());
                } else {
                    self.act(&client, &mut tracks).await;
                }
                if Instant::now() >= until {
                    break;
                }
            }
            if self.dice.below(3) == 0 {
                self.note(|done| done.vanished += 1);
                client.hang_up();
            } else {
                client.leave().await;
            }
            self.dice.pause().await;
        }
    }

    async fn join(&mut self, room: &str) -> Client {
        let client = Client::join(self.server.server, &self.server.token(room, &self.name)).await;
        self.note(|done| done.joins += 1);
        client
    }

    async fn act(&mut self, client: &Client, tracks: &mut Vec<String>) {
        match (self.dice.below(6), tracks.len()) {
            (0 | 1, 0) => {
                tracks.push(client.voice(MICROPHONE).await);
                client.speak(MICROPHONE, true);
                self.note(|done| done.tracks += 1);
            }
            (0 | 1, 1) => {
                tracks.push(client.camera(CAMERA).await);
                self.note(|done| done.tracks += 1);
            }
            (2 | 3, 1..) => {
                let which = self.dice.below(tracks.len() as u64);
                let track = &tracks[usize::try_from(which).unwrap_or(0)];
                client.mute(track, self.dice.below(2) == 0);
                self.note(|done| done.mutes += 1);
            }
            (4, _) => {
                client.change_address();
                self.note(|done| done.moves += 1);
            }
            _ => client.data(b"a word to everybody", 0, &[]),
        }
    }

    fn note(&self, change: impl FnOnce(&mut Done)) {
        change(&mut self.done.lock().expect("unpoisoned"));
    }
}
