//! What `cargo xtask bench instructions` counts: `… -- video` or `… -- audio`. Prints how many packets left.

use kloud_media::drill::{Drill, Plan};

fn main() {
    let plan = match std::env::args().nth(1).as_deref() {
        Some("video") => Plan::VIDEO,
        Some("audio") => Plan::AUDIO,
        other => panic!("video or audio, not {other:?}"),
    };
    println!("{}", Drill::prepare(&plan).forward());
}
