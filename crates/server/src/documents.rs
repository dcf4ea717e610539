//! The pages: the embedded client's shells with the headers of their kind, hashed assets, the plain agreement.

use axum::Router;
use axum::body::Body;
use axum::extract::{FromRef, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use kloud_agreement::page;
use kloud_http::PageKind;
use kloud_identity::Identity;
use kloud_identity::model::Language;
use tower::ServiceExt as _;

/// The files of the client, and where its room connects beside this server.
#[derive(Clone)]
struct Client {
    assets: Router,
    media: String,
}

impl FromRef<Client> for Router {
    fn from_ref(client: &Client) -> Self {
        client.assets.clone()
    }
}

/// Everything that is not the API or media. `media` are the origins that the room may connect to beside this one.
pub fn router(identity: Identity, media: Vec<String>) -> Router {
    let assets = memory_serve::load!()
        .index_file(None)
        .fallback(None)
        .cache_control(memory_serve::CacheControl::Long)
        .into_router::<()>();
    let shells = Router::new()
        .route("/m/{*code}", get(call))
        .route("/m", get(app))
        // One may hear and see oneself there.
        .route("/check", get(call))
        .fallback(app_or_asset)
        .with_state(Client { assets, media: media.join(" ") })
        .layer(middleware::from_fn(close_api_names));
    let plain = Router::new()
        .route("/agreement", get(english))
        .route("/agreement/zh", get(chinese))
        .route("/agreement.css", get(style))
        .with_state(identity);
    plain.merge(shells)
}

/// A name below `/api` that no route answers is not a page.
async fn close_api_names(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if path.starts_with("/api/") || path.starts_with("/rtc") || path.starts_with("/twirp") {
        return kloud_http::Problem::not_found().into_response();
    }
    next.run(request).await
}

async fn shell(assets: Router, name: &'static str, kind: PageKind) -> Response {
    let request = Request::builder().uri(name).body(Body::empty()).expect("a fixed path is a URI");
    let Ok(mut response) = assets.oneshot(request).await;
    response.headers_mut().remove(header::CACHE_CONTROL);
    kind.write(response.headers_mut());
    response
}

async fn call(State(Client { assets, media }): State<Client>) -> Response {
    let mut response = shell(assets, "/meeting.html", PageKind::Call).await;
    if !media.is_empty() {
        PageKind::let_connect(response.headers_mut(), &media);
    }
    response
}

async fn app(State(assets): State<Router>) -> Response {
    shell(assets, "/index.html", PageKind::App).await
}

/// Assets have a dot in their name; every other path is a page of the application.
async fn app_or_asset(State(assets): State<Router>, method: Method, uri: Uri, request: Request) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let last = uri.path().rsplit('/').next().unwrap_or_default();
    if !last.contains('.') || last == "index.html" || last == "meeting.html" {
        return app(State(assets)).await;
    }
    let Ok(mut response) = assets.clone().oneshot(request).await;
    if response.status() == StatusCode::NOT_FOUND && last.ends_with(".wasm") {
        response = packed(assets, uri.path()).await;
    }
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response.headers_mut().insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    response
}

/// WebAssembly that the build has packed, sent as it lies here: to unpack megabytes at every start would serve nobody,
/// for whatever runs it takes gzip.
async fn packed(assets: Router, path: &str) -> Response {
    let Ok(request) = Request::builder().uri(format!("{path}.gz")).body(Body::empty()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let Ok(mut response) = assets.oneshot(request).await;
    if response.status() == StatusCode::OK {
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/wasm"));
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

async fn english(State(identity): State<Identity>) -> Response {
    agreement(identity, Language::English).await
}

async fn chinese(State(identity): State<Identity>) -> Response {
    agreement(identity, Language::Chinese).await
}

async fn agreement(identity: Identity, language: Language) -> Response {
    match identity.instance().await {
        Ok(instance) => {
            let mut response = Html(page::page(language, instance.as_ref())).into_response();
            PageKind::Plain.write(response.headers_mut());
            response
        }
        Err(error) => kloud_http::Problem::from(error).into_response(),
    }
}

async fn style() -> Response {
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8"));
    let mut response = ([kind], page::STYLE).into_response();
    PageKind::Plain.write(response.headers_mut());
    response
}
