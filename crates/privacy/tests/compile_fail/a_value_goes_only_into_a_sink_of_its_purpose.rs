#[path = "common/row.rs"]
mod row;

use kloud_privacy::purposes::SignIn;
use kloud_privacy::{Grant, Screen};

fn open(card: &row::Card, grant: &Grant<SignIn>) {
    let _ = card.pin().open(grant).unwrap().release(Screen);
}

fn main() {}
