//! The endpoints of identity, one file a resource.

mod accounts;
mod devices;
mod me;
mod sessions;
mod setup;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use kloud_http::AddressPrefix;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use me::{Me, me_view};

use crate::service::Identity;
use crate::sessions::Place;

/// Everything below `/api` that is about who is who.
pub fn routes(identity: Identity) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(setup::get_instance))
        .routes(routes!(setup::check_setup))
        .routes(routes!(setup::create_instance))
        .routes(routes!(accounts::judge_password))
        .routes(routes!(accounts::create_account))
        .routes(routes!(sessions::create_session))
        .routes(routes!(sessions::create_recovery_session))
        .routes(routes!(sessions::delete_session))
        .routes(routes!(me::get_me, me::update_me))
        .routes(routes!(me::create_reauthentication))
        .routes(routes!(me::update_password))
        .routes(routes!(me::create_recovery_codes))
        .routes(routes!(devices::list_devices, devices::delete_devices))
        .routes(routes!(devices::delete_device))
        .with_state(identity)
}

impl<S: Send + Sync> FromRequestParts<S> for Place {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let address = AddressPrefix::from_request_parts(parts, state).await?;
        let agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Ok(Self::new(agent, address))
    }
}
