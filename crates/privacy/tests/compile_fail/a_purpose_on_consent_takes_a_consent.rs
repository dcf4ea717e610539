#[path = "common/row.rs"]
mod row;

use kloud_privacy::{DayRow, Privacy};

async fn grant(privacy: &Privacy, card: &row::Card) {
    let _ = privacy.grant::<row::Learn>(card.owner, card.owner, DayRow).await;
}

fn main() {}
