//! `#[derive(PersonalData)]`, used through `kloud_privacy` alone.
//!
//! It makes silence an error: each column says what it holds or why that is not personal, and from what is said come
//! the registry entry, typed accessors that know their place, and `seal_…` functions. It deliberately does not touch
//! the database: queries stay in the slice.

mod attributes;
mod expand;
mod fields;

use proc_macro::TokenStream;

/// Declares the columns of a row struct.
///
/// On the struct: `#[personal(subject = "column")]` names the column that says whose the row is (a `SubjectId` or a
/// `MemberId`); the table name and primary key are read from `#[sea_orm(…)]`. `#[not_personal("why")]` on the struct
/// speaks for all its columns.
///
/// On each column either `#[not_personal("why")]` or
/// `#[personal(label = "note.body", category = Authored, purposes(ShowNote), basis = Contract, source = User,
/// retention = account_life | object_life | days(90, "created_at"), erase = shred | delete | anonymise |
/// keep("reason"))]`. `category` may be left out where the type is `Sealed<T, C>`. `subject = "column"` on a column
/// overrides that of the struct.
///
/// A sealed column `body: Sealed<String, Authored>` gives `row.body()`, which opens under a grant, and
/// `Model::seal_body(&sealer, id, value)`, which seals for the row of that id.
#[proc_macro_derive(PersonalData, attributes(personal, not_personal))]
pub fn personal_data(input: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(input as syn::DeriveInput);
    // The ORM's dense format copies derives to a second struct, `ModelEx`, which is no table of its own.
    if input.ident == "ModelEx" {
        return TokenStream::new();
    }
    expand::expand(&input).unwrap_or_else(|error| error.to_compile_error()).into()
}
