//! The columns of the struct.

use syn::{Data, DeriveInput, Error, GenericArgument, Ident, LitStr, PathArguments, Result, Type};

use crate::attributes::{self, Said};

pub struct Column {
    pub ident: Ident,
    pub name: String,
    pub ty: Type,
    pub primary_key: bool,
    pub said: Said,
    pub sealed: Option<SealedType>,
}

/// `Sealed<T, C>` or `Option<Sealed<T, C>>`.
pub struct SealedType {
    pub value: Type,
    pub category: Type,
    pub optional: bool,
}

pub fn columns(input: &DeriveInput, all_not_personal: Option<&LitStr>) -> Result<Vec<Column>> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new_spanned(&input.ident, "PersonalData is for row structs"));
    };
    let mut columns = Vec::new();
    let mut errors: Option<Error> = None;
    for field in &data.fields {
        match column(field, all_not_personal) {
            Ok(column) => columns.push(column),
            Err(error) => match &mut errors {
                Some(all) => all.combine(error),
                None => errors = Some(error),
            },
        }
    }
    errors.map_or(Ok(columns), Err)
}

fn column(field: &syn::Field, all_not_personal: Option<&LitStr>) -> Result<Column> {
    let ident = field.ident.clone().ok_or_else(|| Error::new_spanned(field, "a row struct has named fields"))?;
    let said = match (attributes::column(&field.attrs, ident.span())?, all_not_personal) {
        (Some(_), Some(_)) => {
            return Err(Error::new(ident.span(), "the struct already says that no column is personal"));
        }
        (Some(said), None) => said,
        (None, Some(why)) => Said::NotPersonal(why.clone()),
        (None, None) => {
            let message = format!("`{ident}` says nothing: #[personal(…)] or #[not_personal(\"why\")]");
            return Err(Error::new(ident.span(), message));
        }
    };
    let sealed = sealed(&field.ty);
    if sealed.is_some() && matches!(said, Said::NotPersonal(_)) {
        return Err(Error::new(ident.span(), "a sealed column is personal"));
    }
    let mut name = ident.to_string().trim_start_matches("r#").to_owned();
    let mut primary_key = false;
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("sea_orm")) {
        attributes::sea_orm(attribute, |part, text| match (part, text) {
            ("primary_key", _) => primary_key = true,
            ("column_name", Some(text)) => name = text.value(),
            _ => {}
        })?;
    }
    Ok(Column { ident, name, ty: field.ty.clone(), primary_key, said, sealed })
}

fn sealed(ty: &Type) -> Option<SealedType> {
    let segment = last_segment(ty)?;
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    let types: Vec<&Type> = arguments
        .args
        .iter()
        .filter_map(|argument| match argument {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        })
        .collect();
    match (segment.ident.to_string().as_str(), &types[..]) {
        ("Option", [inner]) => sealed(inner).map(|found| SealedType { optional: true, ..found }),
        ("Sealed", [value, category]) => {
            Some(SealedType { value: (*value).clone(), category: (*category).clone(), optional: false })
        }
        _ => None,
    }
}

/// The last name of a path type: `Credential` of `category::Credential`.
pub fn last_segment(ty: &Type) -> Option<&syn::PathSegment> {
    match ty {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}
