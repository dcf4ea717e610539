use kloud_privacy::PersonalData;

#[derive(PersonalData)]
#[personal(table = "cards")]
struct Card {
    #[not_personal("a random id")]
    id: uuid::Uuid,
    text: String,
    more: String,
}

fn main() {}
