use kloud_privacy::category::Authored;
use kloud_privacy::purposes::SignIn;
use kloud_privacy::{PersonalData, Sealed, SubjectId};

#[derive(PersonalData)]
#[personal(subject = "id", table = "cards", key = "id")]
struct Card {
    #[not_personal("whose row it is")]
    id: SubjectId,
    #[personal(
        label = "card.text", purposes(SignIn), basis = Contract, source = User, retention = account_life,
        erase = shred
    )]
    text: Sealed<String, Authored>,
}

fn main() {}
