//! The signed head of the leaf list, for whoever checks a receipt.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use kloud_http::{Json, Problem};
use kloud_privacy::consent::SignedHead;
use serde::Serialize;

use crate::service::Agreement;

#[derive(Serialize)]
struct GetLedgerResponse {
    head: Option<SignedHead>,
    /// In hex, in order.
    leaves: Vec<String>,
}

/// `/.well-known/kloud-ledger`: open to everybody, holds nobody's data.
pub fn ledger_routes(agreement: Agreement) -> Router {
    Router::new().route("/.well-known/kloud-ledger", get(get_ledger)).with_state(agreement)
}

async fn get_ledger(State(agreement): State<Agreement>) -> Result<Json<GetLedgerResponse>, Problem> {
    let list = agreement.privacy().leaf_list().await.map_err(|error| Problem::internal(&error))?;
    let (head, leaves) = list.map_or((None, Vec::new()), |(head, leaves)| (Some(head), leaves));
    let leaves = leaves.iter().map(|leaf| data_encoding::HEXLOWER.encode(leaf)).collect();
    Ok(Json(GetLedgerResponse { head, leaves }))
}
