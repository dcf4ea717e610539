//! What is written in the attributes.

use syn::meta::ParseNestedMeta;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Error, Ident, LitInt, LitStr, Path, Result, Token, parenthesized};

/// `#[personal(…)]` of a column.
pub struct Personal {
    pub label: LitStr,
    pub category: Option<Path>,
    pub purposes: Vec<Path>,
    pub basis: Ident,
    pub source: Ident,
    pub retention: Retention,
    pub erase: Erase,
    pub subject: Option<LitStr>,
}

pub enum Retention {
    AccountLife,
    ObjectLife,
    Days(LitInt, LitStr),
}

pub enum Erase {
    Shred,
    Delete,
    Anonymise,
    Keep(LitStr),
}

/// What a column says.
pub enum Said {
    Personal(Box<Personal>),
    NotPersonal(LitStr),
}

/// Reads what a column says; an error when it says nothing or both.
pub fn column(attributes: &[Attribute], span: proc_macro2::Span) -> Result<Option<Said>> {
    let mut said = None;
    for attribute in attributes {
        let now = if attribute.path().is_ident("personal") {
            Said::Personal(Box::new(personal(attribute)?))
        } else if attribute.path().is_ident("not_personal") {
            Said::NotPersonal(not_personal(attribute)?)
        } else {
            continue;
        };
        if said.replace(now).is_some() {
            return Err(Error::new(span, "a column says one thing: #[personal(…)] or #[not_personal(\"why\")]"));
        }
    }
    Ok(said)
}

/// `#[not_personal("why")]`.
pub fn not_personal(attribute: &Attribute) -> Result<LitStr> {
    let why: LitStr = attribute.parse_args()?;
    if why.value().trim().len() < 3 {
        return Err(Error::new(why.span(), "say why this is not personal"));
    }
    Ok(why)
}

fn personal(attribute: &Attribute) -> Result<Personal> {
    let mut parts = Parts::default();
    attribute.parse_nested_meta(|meta| parts.take(&meta))?;
    let span = attribute.span();
    let missing = |what: &str| Error::new(span, format!("#[personal(…)] lacks `{what}`"));
    if parts.purposes.is_none() {
        return Err(missing("purposes"));
    }
    Ok(Personal {
        label: parts.label.ok_or_else(|| missing("label"))?,
        category: parts.category,
        purposes: parts.purposes.unwrap_or_default(),
        basis: parts.basis.ok_or_else(|| missing("basis"))?,
        source: parts.source.ok_or_else(|| missing("source"))?,
        retention: parts.retention.ok_or_else(|| missing("retention"))?,
        erase: parts.erase.ok_or_else(|| missing("erase"))?,
        subject: parts.subject,
    })
}

#[derive(Default)]
struct Parts {
    label: Option<LitStr>,
    category: Option<Path>,
    purposes: Option<Vec<Path>>,
    basis: Option<Ident>,
    source: Option<Ident>,
    retention: Option<Retention>,
    erase: Option<Erase>,
    subject: Option<LitStr>,
}

impl Parts {
    fn take(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        let name = meta.path.require_ident()?.to_string();
        match name.as_str() {
            "label" => self.label = Some(label(meta.value()?.parse()?)?),
            "category" => self.category = Some(meta.value()?.parse()?),
            "purposes" => {
                let inner;
                parenthesized!(inner in meta.input);
                let list = Punctuated::<Path, Token![,]>::parse_terminated(&inner)?;
                self.purposes = Some(list.into_iter().collect());
            }
            "basis" => self.basis = Some(meta.value()?.parse()?),
            "source" => self.source = Some(meta.value()?.parse()?),
            "retention" => self.retention = Some(retention(meta)?),
            "erase" => self.erase = Some(erase(meta)?),
            "subject" => self.subject = Some(meta.value()?.parse()?),
            _ => return Err(meta.error("no such part of #[personal(…)]")),
        }
        Ok(())
    }
}

/// A label is `thing.column`, in lower case.
fn label(text: LitStr) -> Result<LitStr> {
    let value = text.value();
    let part = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    if value.split('.').count() < 2 || !value.split('.').all(part) {
        return Err(Error::new(text.span(), "a label looks like \"account.nickname\""));
    }
    Ok(text)
}

fn retention(meta: &ParseNestedMeta<'_>) -> Result<Retention> {
    let value = meta.value()?;
    let word: Ident = value.parse()?;
    match word.to_string().as_str() {
        "account_life" => Ok(Retention::AccountLife),
        "object_life" => Ok(Retention::ObjectLife),
        "days" => {
            let inner;
            parenthesized!(inner in value);
            let days: LitInt = inner.parse()?;
            inner.parse::<Token![,]>()?;
            Ok(Retention::Days(days, inner.parse()?))
        }
        _ => Err(Error::new(word.span(), "account_life, object_life or days(90, \"created_at\")")),
    }
}

fn erase(meta: &ParseNestedMeta<'_>) -> Result<Erase> {
    let value = meta.value()?;
    let word: Ident = value.parse()?;
    match word.to_string().as_str() {
        "shred" => Ok(Erase::Shred),
        "delete" => Ok(Erase::Delete),
        "anonymise" => Ok(Erase::Anonymise),
        "keep" => {
            let inner;
            parenthesized!(inner in value);
            Ok(Erase::Keep(inner.parse()?))
        }
        _ => Err(Error::new(word.span(), "shred, delete, anonymise or keep(\"reason\")")),
    }
}

/// What the struct says of all its columns.
#[derive(Default)]
pub struct OnStruct {
    pub subject: Option<LitStr>,
    pub not_personal: Option<LitStr>,
    pub table: Option<LitStr>,
    /// The primary key, where no `#[sea_orm(primary_key)]` says so.
    pub key: Option<LitStr>,
}

pub fn on_struct(attributes: &[Attribute]) -> Result<OnStruct> {
    let mut found = OnStruct::default();
    for attribute in attributes {
        if attribute.path().is_ident("personal") {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("subject") {
                    found.subject = Some(meta.value()?.parse()?);
                } else if meta.path.is_ident("table") {
                    found.table = Some(meta.value()?.parse()?);
                } else if meta.path.is_ident("key") {
                    found.key = Some(meta.value()?.parse()?);
                } else {
                    return Err(meta.error("on a struct: subject = \"column\", table = \"name\", key = \"column\""));
                }
                Ok(())
            })?;
        } else if attribute.path().is_ident("not_personal") {
            found.not_personal = Some(not_personal(attribute)?);
        } else if attribute.path().is_ident("sea_orm") {
            sea_orm(attribute, |name, value| {
                if name == "table_name" {
                    found.table = value;
                }
            })?;
        }
    }
    Ok(found)
}

/// Calls `seen` for each part of `#[sea_orm(…)]`, with its text if it has one.
pub fn sea_orm(attribute: &Attribute, mut seen: impl FnMut(&str, Option<LitStr>)) -> Result<()> {
    attribute.parse_nested_meta(|meta| {
        let name = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
        let mut text = None;
        if meta.input.peek(Token![=]) {
            let value: syn::Expr = meta.value()?.parse()?;
            if let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(literal), .. }) = value {
                text = Some(literal);
            }
        } else if meta.input.peek(syn::token::Paren) {
            let inner;
            parenthesized!(inner in meta.input);
            inner.parse::<proc_macro2::TokenStream>()?;
        }
        seen(&name, text);
        Ok(())
    })
}
