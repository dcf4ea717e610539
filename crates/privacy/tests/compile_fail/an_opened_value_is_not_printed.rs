#[path = "common/row.rs"]
mod row;

use kloud_privacy::purposes::ShowOwn;
use kloud_privacy::{Grant, Open};

fn open(card: &row::Card, grant: &Grant<ShowOwn>) {
    if let Open::Opened(value) = card.text().open(grant).unwrap() {
        println!("{value:?}");
    }
}

fn main() {}
