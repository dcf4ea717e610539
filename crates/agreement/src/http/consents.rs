//! A person's answers and their receipts.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use kloud_base::{Timestamp, text_enum};
use kloud_http::{Account, Json, Path, Problem, ProblemBody};
use kloud_privacy::consent::Receipt;
use kloud_privacy::{Answer, ConsentId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::service::Agreement;

#[derive(Serialize, ToSchema)]
pub struct Consent {
    consent_id: ConsentId,
    purpose: String,
    version: u32,
    scope: ConsentScope,
    answer: Answer,
    at: Timestamp,
    until: Option<Timestamp>,
    /// SHA-256 of the text, in hex.
    text_hash: String,
    language: String,
    agreement_version: u32,
}

#[derive(Serialize, ToSchema)]
pub struct ConsentScope {
    kind: ScopeKind,
    /// Of the one thing, where it has one.
    title: Option<String>,
}

text_enum! {
    /// Where an answer holds.
    pub enum ScopeKind { Standing = "standing", Meeting = "meeting" }
}

/// The scope of an answer that holds in general.
const EVERYWHERE: &str = "00000000-0000-0000-0000-000000000000";

impl From<(ConsentId, Receipt)> for Consent {
    fn from((consent_id, receipt): (ConsentId, Receipt)) -> Self {
        let body = receipt.receipt;
        let kind = if body.pii_processing.scope == EVERYWHERE { ScopeKind::Standing } else { ScopeKind::Meeting };
        Self {
            consent_id,
            purpose: body.pii_processing.purpose,
            version: body.pii_processing.purpose_version,
            scope: ConsentScope { kind, title: None },
            answer: body.event.event_state.parse().unwrap_or(Answer::No),
            at: body.event.event_time,
            until: body.event.validity_until,
            text_hash: body.pii_processing.privacy_notice_sha256,
            language: body.pii_processing.language,
            agreement_version: body.pii_processing.privacy_notice.parse().unwrap_or(0),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ListConsentsResponse {
    /// The newest first.
    consents: Vec<Consent>,
}

/// A person's answers
#[utoipa::path(get, path = "/me/consents", responses((status = 200, body = ListConsentsResponse), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = [])))]
pub async fn list_consents(
    State(agreement): State<Agreement>,
    Account(actor): Account,
) -> Result<Json<ListConsentsResponse>, Problem> {
    let consents = agreement.consents(actor.subject).await?.into_iter().map(Into::into).collect();
    Ok(Json(ListConsentsResponse { consents }))
}

/// The receipt of one answer; `kloud verify` checks it without this server
#[utoipa::path(get, path = "/me/consents/{consent_id}/receipt", params(("consent_id" = ConsentId, Path)), responses((status = 200, content_type = "application/json", body = Object), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = [])))]
pub async fn get_receipt(
    State(agreement): State<Agreement>,
    Account(actor): Account,
    Path(id): Path<ConsentId>,
) -> Result<impl IntoResponse, Problem> {
    let receipt = agreement.receipt(actor.subject, id).await?;
    let name = format!("attachment; filename=\"receipt-{id}.json\"");
    let file = HeaderValue::from_str(&name).map_err(|error| Problem::internal(&error))?;
    Ok(([(header::CONTENT_DISPOSITION, file)], Json(receipt)))
}
