#[path = "row.rs"]
mod row;

use kloud_privacy::purposes::{Search, ShowOwn, SignIn};
use kloud_privacy::{Compare, Grant, Membership, Own, Privacy, Screen};
use row::Card;

fn open(card: &Card, own: &Grant<ShowOwn>, search: &Grant<Search>, sign_in: &Grant<SignIn>) {
    let _ = card.text().open(own).map(|open| open.release(Screen));
    let _ = card.text().open(search).map(|open| open.release(Screen));
    let _ = card.pin().open(sign_in).map(|open| open.release(Compare));
}

async fn grants(privacy: &Privacy, card: &Card) {
    let own = privacy.grant::<ShowOwn>(card.owner, card.owner, Own).await.unwrap();
    let membership = Membership::checked("cards::may_read", card.id.as_uuid());
    let search = privacy.grant::<Search>(card.owner, card.owner, membership).await.unwrap();
    let sign_in = privacy.grant::<SignIn>(card.owner, card.owner, Own).await.unwrap();
    open(card, &own, &search, &sign_in);
}

fn main() {
    let _ = grants;
}
