//! Headers that every answer carries. `Permissions-Policy` and the content security policy belong to a document, so
//! they are chosen by the kind of document.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// What an answer is to the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageKind {
    /// Data, never shown by itself.
    Api,
    /// The application's pages; may read the clipboard when the person presses the button for it.
    App,
    /// Pages that may use camera, microphone, screen and speaker choice, each asked for at the press of its button.
    Call,
    /// Text without script, such as the agreement.
    Plain,
}

const POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// The device classes a browser can be told about; whatever a document does not name is denied.
const FEATURES: &[&str] = &[
    "accelerometer",
    "autoplay",
    "bluetooth",
    "camera",
    "clipboard-read",
    "clipboard-write",
    "display-capture",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "publickey-credentials-get",
    "screen-wake-lock",
    "serial",
    "speaker-selection",
    "usb",
    "xr-spatial-tracking",
];

impl PageKind {
    fn allowed(self) -> &'static [&'static str] {
        match self {
            Self::Api | Self::Plain => &[],
            Self::App => &["clipboard-read", "clipboard-write"],
            Self::Call => &[
                "autoplay",
                "camera",
                "clipboard-write",
                "display-capture",
                "fullscreen",
                "microphone",
                "picture-in-picture",
                "screen-wake-lock",
                "speaker-selection",
            ],
        }
    }

    fn permissions_policy(self) -> String {
        let allowed = self.allowed();
        let all = FEATURES.iter().map(|feature| {
            if allowed.contains(feature) { format!("{feature}=(self)") } else { format!("{feature}=()") }
        });
        all.collect::<Vec<_>>().join(", ")
    }

    fn content_security_policy(self) -> &'static str {
        match self {
            Self::Api => "default-src 'none'; frame-ancestors 'none'",
            Self::Plain => {
                "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; base-uri 'none'; \
                 form-action 'none'; frame-ancestors 'none'"
            }
            Self::App => {
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
                 connect-src 'self'; worker-src 'self'; media-src 'self' blob:; manifest-src 'self'; base-uri 'none'; \
                 form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'"
            }
            // Sound filters are WebAssembly, and without this they fail silently.
            Self::Call => {
                "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
                 img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self' blob:; \
                 media-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
                 frame-ancestors 'none'"
            }
        }
    }

    /// Lets a page whose headers are written connect to other places too, such as `wss://media.example`.
    pub fn let_connect(headers: &mut HeaderMap, places: &str) {
        let Some(policy) = headers.get(header::CONTENT_SECURITY_POLICY).and_then(|value| value.to_str().ok()) else {
            return;
        };
        let wider = policy.replace("connect-src 'self'", &format!("connect-src 'self' {places}"));
        if let Ok(wider) = HeaderValue::from_str(&wider) {
            headers.insert(header::CONTENT_SECURITY_POLICY, wider);
        }
    }

    /// Writes the headers of this kind; what is there already stays.
    pub fn write(self, headers: &mut HeaderMap) {
        let mut put = |name: HeaderName, value: &str| {
            if !headers.contains_key(&name) {
                headers.insert(name, HeaderValue::from_str(value).expect("our own headers are ASCII"));
            }
        };
        put(header::CONTENT_SECURITY_POLICY, self.content_security_policy());
        put(POLICY, &self.permissions_policy());
        put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        put(header::REFERRER_POLICY, "no-referrer");
        put(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
        put(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
        match self {
            Self::Api => put(header::CACHE_CONTROL, "private, no-store"),
            Self::App | Self::Call | Self::Plain => put(header::CACHE_CONTROL, "no-cache"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_call_page_may_use_devices() {
        assert!(PageKind::Call.permissions_policy().contains("camera=(self)"));
        for document in [PageKind::Api, PageKind::App, PageKind::Plain] {
            let policy = document.permissions_policy();
            for feature in ["camera", "microphone", "geolocation", "display-capture"] {
                assert!(policy.contains(&format!("{feature}=()")), "{document:?} {feature}");
            }
        }
        assert!(PageKind::App.permissions_policy().contains("clipboard-read=(self)"));
    }

    #[test]
    fn every_allowed_feature_is_known() {
        for document in [PageKind::Api, PageKind::App, PageKind::Call, PageKind::Plain] {
            assert!(document.allowed().iter().all(|feature| FEATURES.contains(feature)));
        }
    }
}
