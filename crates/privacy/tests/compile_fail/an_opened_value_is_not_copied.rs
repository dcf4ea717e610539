use kloud_privacy::Opened;
use kloud_privacy::purposes::ShowOwn;

fn copy(value: &Opened<String, ShowOwn>) -> Opened<String, ShowOwn> {
    value.clone()
}

fn main() {}
