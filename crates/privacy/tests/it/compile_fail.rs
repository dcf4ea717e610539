//! What must not compile, does not.
//!
//! Each cell of the table of purposes and categories is asked by itself whether `open` would compile there: the filled
//! ones must, the empty ones must not. A purpose that is missing from the list here turns it red too. The rest are files
//! that the compiler is given, with the errors that people see.

use kloud_privacy::category::*;
use kloud_privacy::purpose::purposes;
use kloud_privacy::{Category, CategoryName, MayOpen, Purpose, purposes as ground};

use crate::demo::Learn;

/// Asks whether `P: MayOpen<C>`: the inherent constant exists only then, and is taken before that of the trait.
struct Cell<P, C>(std::marker::PhantomData<(P, C)>);

trait Empty {
    const OPENS: bool = false;
}

impl<P, C> Empty for Cell<P, C> {}

impl<P: MayOpen<C>, C: Category> Cell<P, C> {
    const OPENS: bool = true;
}

/// What compiles for one purpose, in the order of all categories.
macro_rules! row {
    ($purpose:ty: $($category:ident)+) => {
        (<$purpose>::NAME, <$purpose>::OPENS, vec![$((CategoryName::$category, Cell::<$purpose, $category>::OPENS)),+])
    };
}

macro_rules! table {
    ($($purpose:ty),+ $(,)?) => {
        vec![$(row!(
            $purpose: Identity Contact Credential Employer Authored File Media Behaviour Location Financial Minor
                Pseudonym
        )),+]
    };
}

#[test]
fn a_value_opens_where_the_table_says_so_and_nowhere_else() {
    let table = table![
        ground::AnswerRequest,
        Learn,
        ground::Guard,
        ground::Invite,
        ground::Notify,
        ground::Preview,
        ground::Protect,
        ground::Search,
        ground::ShowOwn,
        ground::ShowToAudience,
        ground::ShowToOrganization,
        ground::SignIn,
        ground::Support,
    ];
    let names: Vec<_> = table.iter().map(|(name, _, _)| *name).collect();
    assert_eq!(names, purposes().iter().map(|purpose| purpose.name).collect::<Vec<_>>());
    let mut empty = 0;
    for (name, opens, cells) in table {
        assert_eq!(cells.len(), CategoryName::ALL.len());
        for (category, compiles) in cells {
            assert_eq!(compiles, opens.contains(&category), "{name} and {}", category.as_str());
            empty += usize::from(!compiles);
        }
    }
    assert_eq!(empty, 111);
}

#[test]
fn what_must_not_compile_does_not() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/compile_fail/common/compiles.rs");
    cases.compile_fail("tests/compile_fail/*.rs");
}
