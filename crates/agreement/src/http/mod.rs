//! The endpoints of the agreement, one file a resource.

mod cancellation;
mod consents;
mod data;
mod exports;
mod ledger;
mod permissions;
mod text;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use ledger::ledger_routes;

use crate::service::Agreement;

/// Everything below `/api` that is about what is held of people.
pub fn routes(agreement: Agreement) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(text::get_agreement))
        .routes(routes!(permissions::list_permissions))
        .routes(routes!(permissions::withdraw_permission))
        .routes(routes!(data::list_data))
        .routes(routes!(data::list_openings))
        .routes(routes!(data::list_guest_data))
        .routes(routes!(consents::list_consents))
        .routes(routes!(consents::get_receipt))
        .routes(routes!(exports::create_export))
        .routes(routes!(exports::get_export))
        .routes(routes!(exports::get_export_file))
        .routes(routes!(cancellation::get_cancellation, cancellation::create_cancellation))
        .routes(routes!(cancellation::get_cancellation_status))
        .routes(routes!(cancellation::take_back_cancellation))
        .routes(routes!(cancellation::erase_guest))
        .with_state(agreement)
}
