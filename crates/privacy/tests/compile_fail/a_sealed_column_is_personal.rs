use kloud_privacy::category::Authored;
use kloud_privacy::{PersonalData, Sealed};

#[derive(PersonalData)]
#[personal(table = "cards")]
struct Card {
    #[not_personal("nothing to see")]
    text: Sealed<String, Authored>,
}

fn main() {}
