//! The API and its description, made of the same routes.

use axum::Router;
use kloud_agreement::Agreement;
use kloud_chat::Chat;
use kloud_identity::Identity;
use kloud_meet::Meet;
use utoipa::OpenApi;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::SwaggerUi;

/// The head of the description.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Kloud",
        description = "People meet, work and share; the privacy agreement is kept by the code.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    // Named in a path only, which does not register it.
    components(schemas(kloud_meet::model::Device)),
)]
struct Description;

/// The routes below `/api` and what describes them.
pub fn api(identity: &Identity, chat: &Chat, meet: &Meet, agreement: &Agreement) -> (Router, utoipa::openapi::OpenApi) {
    let below = OpenApiRouter::new()
        .merge(kloud_identity::routes(identity.clone()))
        .merge(kloud_meet::routes(meet.clone()))
        .merge(kloud_chat::routes(chat.clone()))
        .merge(kloud_agreement::routes(agreement.clone()));
    let (router, mut description) =
        OpenApiRouter::with_openapi(Description::openapi()).nest("/api", below).split_for_parts();
    let components = description.components.get_or_insert_default();
    for cookie in kloud_http::Cookie::ALL {
        let name = match cookie {
            kloud_http::Cookie::Account => "account",
            kloud_http::Cookie::Guest => "guest",
            // Lets nobody in.
            kloud_http::Cookie::Mark => continue,
        };
        let scheme = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(cookie.name())));
        components.add_security_scheme(name, scheme);
    }
    for (name, schema) in &mut components.schemas {
        if let RefOr::T(Schema::Object(object)) = schema
            && !name.ends_with("Request")
            && !name.ends_with("Body")
        {
            // An answer says `null`; only a request leaves out.
            object.required = object.properties.keys().cloned().collect();
        }
    }
    (router, description)
}

/// The local page that shows the API; contacts nobody.
pub fn page(description: utoipa::openapi::OpenApi) -> Router {
    SwaggerUi::new("/api-docs").url("/api-docs/openapi.json", description).into()
}
