use kloud_base::typed_id;
use kloud_privacy::category::{Authored, Credential};
use kloud_privacy::purposes::{Search, SignIn};
use kloud_privacy::{PersonalData, Sealed, SubjectId, purpose};

typed_id!(CardId, "crd");

purpose! {
    pub Learn { name: "learn", version: 1, basis: Consent, record: DayRow, opens: [Authored], sinks: [Derive] }
}

#[derive(PersonalData)]
#[personal(subject = "owner", table = "cards", key = "id")]
pub struct Card {
    #[not_personal("a random id")]
    pub id: CardId,
    #[not_personal("whose row it is")]
    pub owner: SubjectId,
    #[personal(
        label = "card.text", purposes(Search), basis = Contract, source = User, retention = account_life,
        erase = shred
    )]
    pub text: Sealed<String, Authored>,
    #[personal(
        label = "card.pin", purposes(SignIn), basis = Contract, source = User, retention = account_life,
        erase = shred
    )]
    pub pin: Sealed<String, Credential>,
}
