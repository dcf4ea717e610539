#[path = "common/row.rs"]
mod row;

use kloud_privacy::Grant;
use kloud_privacy::purposes::ShowToAudience;

fn open(card: &row::Card, grant: &Grant<ShowToAudience>) {
    let _ = card.text().open(grant);
}

fn main() {}
