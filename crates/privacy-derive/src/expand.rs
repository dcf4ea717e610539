//! What the derive writes.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{DeriveInput, Error, LitStr, Path, Result, Type, parse_quote};

use crate::attributes::{self, Erase, OnStruct, Personal, Retention, Said};
use crate::fields::{self, Column, SealedType};

pub fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let on_struct = attributes::on_struct(&input.attrs)?;
    let table = on_struct
        .table
        .clone()
        .ok_or_else(|| Error::new_spanned(&input.ident, "no table: #[sea_orm(table_name = \"…\")]"))?;
    let columns = fields::columns(input, on_struct.not_personal.as_ref())?;
    let row = &input.ident;
    let declarations = columns.iter().map(declaration).collect::<Result<Vec<_>>>()?;
    let registry = registry(row, &table, &declarations);
    let mut sealed = Vec::new();
    let mut descriptions = Vec::new();
    let mut targets = Vec::new();
    for column in &columns {
        let Said::Personal(personal) = &column.said else { continue };
        if let Some(of) = &column.sealed {
            sealed.push(sealed_column(input, &table, &columns, &on_struct, column, personal, of)?);
            let ident = &column.ident;
            targets.push(if of.optional {
                quote!(targets.extend(self.#ident().map(|placed| placed.target()));)
            } else {
                quote!(targets.push(self.#ident().target());)
            });
        }
        descriptions.push(description(column)?);
    }
    Ok(quote! {
        #registry
        #(#sealed)*

        impl ::kloud_privacy::inventory::PersonalRow for #row {
            const TABLE: &'static ::kloud_privacy::inventory::TableDecl = &<#row>::__TABLE;

            fn envelopes(&self) -> ::std::vec::Vec<::kloud_privacy::audit::Target> {
                #[allow(unused_mut)]
                let mut targets = ::std::vec::Vec::new();
                #(#targets)*
                targets
            }

            fn describe(
                &self,
                grant: &::kloud_privacy::Grant<::kloud_privacy::purposes::ShowOwn>,
            ) -> ::std::result::Result<
                ::std::vec::Vec<::kloud_privacy::inventory::Described>,
                ::kloud_privacy::PrivacyError,
            > {
                let _ = grant;
                #[allow(unused_mut)]
                let mut described = ::std::vec::Vec::new();
                #(#descriptions)*
                ::std::result::Result::Ok(described)
            }
        }
    })
}

fn registry(row: &Ident, table: &LitStr, declarations: &[TokenStream]) -> TokenStream {
    quote! {
        impl #row {
            #[doc(hidden)]
            pub const __TABLE: ::kloud_privacy::inventory::TableDecl = ::kloud_privacy::inventory::TableDecl {
                table: #table,
                home: ::kloud_privacy::inventory::Home::Rows,
                columns: &[#(#declarations),*],
                module: module_path!(),
            };
        }

        const _: () = {
            #[allow(unsafe_code)]
            #[::kloud_privacy::__private::linkme::distributed_slice(::kloud_privacy::inventory::TABLES)]
            #[linkme(crate = ::kloud_privacy::__private::linkme)]
            static DECLARED: ::kloud_privacy::inventory::TableDecl = <#row>::__TABLE;
        };
    }
}

/// The entry of a column in the registry.
fn declaration(column: &Column) -> Result<TokenStream> {
    let name = &column.name;
    let personal = match &column.said {
        Said::NotPersonal(why) => {
            return Ok(quote! {
                ::kloud_privacy::inventory::ColumnUse::NotPersonal { column: #name, why: #why }
            });
        }
        Said::Personal(personal) => personal,
    };
    let entry = column_entry(column, personal)?;
    Ok(quote! { ::kloud_privacy::inventory::ColumnUse::Personal(#entry) })
}

fn column_entry(column: &Column, personal: &Personal) -> Result<TokenStream> {
    let name = &column.name;
    let Personal { label, basis, source, .. } = personal;
    let category = category(column, personal)?;
    let purposes = all_purposes(personal, &category);
    let retention = match &personal.retention {
        Retention::AccountLife => quote!(::kloud_privacy::inventory::Retention::AccountLife),
        Retention::ObjectLife => quote!(::kloud_privacy::inventory::Retention::ObjectLife),
        Retention::Days(days, since) => {
            quote!(::kloud_privacy::inventory::Retention::Days { days: #days, since: #since })
        }
    };
    let erase = match &personal.erase {
        Erase::Shred => quote!(::kloud_privacy::inventory::Erase::Shred),
        Erase::Delete => quote!(::kloud_privacy::inventory::Erase::Delete),
        Erase::Anonymise => quote!(::kloud_privacy::inventory::Erase::Anonymise),
        Erase::Keep(reason) => quote!(::kloud_privacy::inventory::Erase::Keep(#reason)),
    };
    let sealed = column.sealed.is_some();
    Ok(quote! {
        ::kloud_privacy::inventory::ColumnDecl {
            column: #name,
            label: #label,
            category: <#category as ::kloud_privacy::Category>::NAME,
            purposes: &[#(<#purposes as ::kloud_privacy::Purpose>::NAME),*],
            basis: ::kloud_privacy::Basis::#basis,
            source: ::kloud_privacy::inventory::Source::#source,
            retention: #retention,
            erase: #erase,
            sealed: #sealed,
        }
    })
}

/// The category: that of the type where it is sealed, else the one that is written.
fn category(column: &Column, personal: &Personal) -> Result<Type> {
    let Some(sealed) = &column.sealed else {
        let Some(path) = &personal.category else {
            return Err(Error::new(column.ident.span(), "#[personal(…)] lacks `category`"));
        };
        let name = &path.segments.last().ok_or_else(|| Error::new_spanned(path, "an empty path"))?.ident;
        return Ok(parse_quote!(::kloud_privacy::category::#name));
    };
    let of_type = fields::last_segment(&sealed.category).map(|segment| segment.ident.to_string());
    if let Some(written) = &personal.category
        && written.segments.last().map(|segment| segment.ident.to_string()) != of_type
    {
        return Err(Error::new_spanned(written, "the type says another category"));
    }
    Ok(sealed.category.clone())
}

fn is_credential(category: &Type) -> bool {
    fields::last_segment(category).is_some_and(|segment| segment.ident == "Credential")
}

/// What is written, and what everybody has a right to: to see what is theirs, and an answer to a request.
fn all_purposes(personal: &Personal, category: &Type) -> Vec<Path> {
    let implied = ["ShowOwn", "AnswerRequest"];
    let mut purposes: Vec<Path> = personal
        .purposes
        .iter()
        .filter(|path| path.segments.last().is_none_or(|last| implied.iter().all(|name| last.ident != name)))
        .cloned()
        .collect();
    if !is_credential(category) {
        purposes.push(parse_quote!(::kloud_privacy::purposes::ShowOwn));
        purposes.push(parse_quote!(::kloud_privacy::purposes::AnswerRequest));
    }
    purposes
}

fn sealed_column(
    input: &DeriveInput,
    table: &LitStr,
    columns: &[Column],
    on_struct: &OnStruct,
    column: &Column,
    personal: &Personal,
    of: &SealedType,
) -> Result<TokenStream> {
    let (row, vis, ident) = (&input.ident, &input.vis, &column.ident);
    let plain_name = ident.to_string().trim_start_matches("r#").to_owned();
    let field = format_ident!("__{}_{}", table.value(), plain_name);
    let seal = format_ident!("seal_{plain_name}");
    let label = &personal.label;
    let (value, category) = (&of.value, &of.category);
    let purposes = all_purposes(personal, category);
    let owner = owner(input, columns, on_struct, personal, column)?;
    let keys: Vec<&Column> = columns
        .iter()
        .filter(|column| column.primary_key || on_struct.key.as_ref().is_some_and(|key| column.ident == key.value()))
        .collect();
    if keys.is_empty() {
        return Err(Error::new_spanned(row, "no primary key: #[sea_orm(primary_key)]"));
    }
    let (key_names, key_types): (Vec<_>, Vec<_>) = keys.iter().map(|key| (&key.ident, &key.ty)).unzip();
    let own_parts = keys.iter().map(|key| row_part(key, &quote!(self.)));
    let given_parts = keys.iter().map(|key| row_part(key, &quote!()));
    let placed = quote!(::kloud_privacy::Placed<'_, #value, #category, #field>);
    let accessor = accessor(vis, ident, of.optional, &placed, &quote!(#(#own_parts)*), &owner);
    Ok(quote! {
        #[doc(hidden)]
        #[allow(non_camel_case_types)]
        #vis enum #field {}

        impl ::kloud_privacy::Field for #field {
            const LABEL: &'static str = #label;
        }

        #(impl ::kloud_privacy::FieldFor<#purposes> for #field {})*

        const _: fn() = || {
            // A column is declared only for purposes that may open its category.
            fn may_open<P: ::kloud_privacy::MayOpen<#category>>() {}
            #(may_open::<#purposes>();)*
        };

        #[allow(dead_code)]
        impl #row {
            #accessor

            /// Seals a value for the row of this key.
            #vis fn #seal(
                sealer: &::kloud_privacy::Sealer,
                #(#key_names: #key_types,)*
                value: &<#value as ::kloud_privacy::Personal>::Plain,
            ) -> ::std::result::Result<::kloud_privacy::Sealed<#value, #category>, ::kloud_privacy::PrivacyError> {
                ::kloud_privacy::__private::seal_in_place::<#value, #category, #field>(
                    sealer,
                    &(::kloud_privacy::RowKey::default() #(#given_parts)*),
                    value,
                )
            }
        }
    })
}

/// The method that gives a sealed column in its place.
fn accessor(
    vis: &syn::Visibility,
    ident: &Ident,
    optional: bool,
    placed: &TokenStream,
    own_parts: &TokenStream,
    owner: &Ident,
) -> TokenStream {
    let make = |sealed: TokenStream| {
        quote! {
            ::kloud_privacy::Placed::new(
                #sealed,
                ::kloud_privacy::RowKey::default() #own_parts,
                ::kloud_privacy::Owner::from(self.#owner),
            )
        }
    };
    if optional {
        let make = make(quote!(sealed));
        quote! {
            /// The value in its place, ready to be opened.
            #vis fn #ident(&self) -> ::std::option::Option<#placed> {
                self.#ident.as_ref().map(|sealed| #make)
            }
        }
    } else {
        let make = make(quote!(&self.#ident));
        quote! {
            /// The value in its place, ready to be opened.
            #vis fn #ident(&self) -> #placed {
                #make
            }
        }
    }
}

/// One column of the primary key as bytes.
fn row_part(key: &Column, of: &TokenStream) -> TokenStream {
    let ident = &key.ident;
    let ty = fields::last_segment(&key.ty).map(|segment| segment.ident.to_string()).unwrap_or_default();
    match ty.as_str() {
        "i64" | "i32" | "u32" | "i16" => quote!(.part(&#of #ident.to_be_bytes())),
        "Timestamp" => quote!(.part(&#of #ident.as_millis().to_be_bytes())),
        _ => quote!(.part(#of #ident.as_bytes())),
    }
}

/// The column that says whose the value is.
fn owner(
    input: &DeriveInput,
    columns: &[Column],
    on_struct: &OnStruct,
    personal: &Personal,
    column: &Column,
) -> Result<Ident> {
    let Some(name) = personal.subject.as_ref().or(on_struct.subject.as_ref()) else {
        let message = "whose is it? #[personal(subject = \"column\")] on the struct or on the column";
        return Err(Error::new(column.ident.span(), message));
    };
    columns
        .iter()
        .map(|column| &column.ident)
        .find(|ident| *ident == &name.value())
        .cloned()
        .ok_or_else(|| Error::new(name.span(), format!("{} has no such column", input.ident)))
}

/// The column for its owner, under *My data*.
fn description(column: &Column) -> Result<TokenStream> {
    let Said::Personal(personal) = &column.said else { return Ok(TokenStream::new()) };
    let entry = column_entry(column, personal)?;
    let ident = &column.ident;
    let category = category(column, personal)?;
    let shown = match &column.sealed {
        _ if is_credential(&category) => quote!(::kloud_privacy::Shown::Withheld),
        Some(of) if of.optional => quote! {
            match self.#ident() {
                ::std::option::Option::Some(placed) => placed.describe(grant)?,
                ::std::option::Option::None => {
                    ::kloud_privacy::Shown::Value(::kloud_privacy::__private::serde_json::Value::Null)
                }
            }
        },
        Some(_) => quote!(self.#ident().describe(grant)?),
        None => quote! {
            ::kloud_privacy::Shown::Value(
                ::kloud_privacy::__private::serde_json::to_value(&self.#ident).expect("a column is JSON"),
            )
        },
    };
    Ok(quote! {
        described.push(::kloud_privacy::inventory::Described {
            table: <Self as ::kloud_privacy::inventory::PersonalRow>::TABLE.table,
            column: {
                const COLUMN: ::kloud_privacy::inventory::ColumnDecl = #entry;
                COLUMN
            },
            value: #shown,
        });
    })
}
