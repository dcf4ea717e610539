#[path = "common/row.rs"]
mod row;

use kloud_privacy::Grant;
use kloud_privacy::purposes::ShowOwn;

fn open(card: &row::Card, grant: &Grant<ShowOwn>) {
    let _ = card.pin().open(grant);
}

fn main() {}
