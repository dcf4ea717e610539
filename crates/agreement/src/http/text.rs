//! The agreement's text as data.

use kloud_http::{Json, Problem, ProblemBody, Query};
use kloud_identity::model::Language;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::text::{SINCE, VERSION, text};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GetAgreementQuery {
    language: Language,
}

#[derive(Serialize, ToSchema)]
pub struct GetAgreementResponse {
    version: u32,
    /// A day.
    since: &'static str,
    language: Language,
    /// SHA-256 of the text, in hex.
    hash: String,
    parts: Vec<AgreementPart>,
}

#[derive(Serialize, ToSchema)]
pub struct AgreementPart {
    anchor: String,
    title: String,
    html: String,
}

/// The agreement in force; also a page at `/agreement`
#[utoipa::path(get, path = "/agreement", params(GetAgreementQuery), responses((status = 200, body = GetAgreementResponse), (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn get_agreement(Query(query): Query<GetAgreementQuery>) -> Result<Json<GetAgreementResponse>, Problem> {
    let text = text(query.language);
    let parts = text.parts.iter().map(|part| AgreementPart {
        anchor: part.anchor.clone(),
        title: part.title.clone(),
        html: part.html.clone(),
    });
    Ok(Json(GetAgreementResponse {
        version: VERSION,
        since: SINCE,
        language: query.language,
        hash: text.hash.clone(),
        parts: parts.collect(),
    }))
}
