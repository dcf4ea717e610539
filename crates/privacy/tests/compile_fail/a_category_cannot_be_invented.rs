use kloud_privacy::{Category, CategoryName};

struct Anything;

impl Category for Anything {
    const NAME: CategoryName = CategoryName::Identity;
}

fn main() {}
