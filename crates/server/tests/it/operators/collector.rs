//! A collector of traces, as small as can be: it takes OTLP over HTTP and keeps what it hears.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use serde_json::Value;

pub struct Collector {
    pub address: SocketAddr,
    heard: Arc<Mutex<Heard>>,
}

#[derive(Default)]
struct Heard {
    spans: Vec<Span>,
    bytes: Vec<u8>,
}

impl Collector {
    pub async fn listen() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::new(Mutex::new(Heard::default()));
        let keeps = heard.clone();
        let take = async move |headers: HeaderMap, body: Bytes| {
            assert_eq!(headers["content-type"], "application/x-protobuf");
            let request = ExportTraceServiceRequest::decode(&body[..]).unwrap();
            let scopes = request.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
            let mut heard = keeps.lock().unwrap();
            heard.spans.extend(scopes.flat_map(|scope| scope.spans));
            heard.bytes.extend_from_slice(&body);
            StatusCode::OK
        };
        let router = axum::Router::new().route("/v1/traces", post(take));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, heard }
    }

    /// What it has heard so far, by trace.
    pub fn traces(&self) -> Vec<Vec<Span>> {
        let heard = self.heard.lock().unwrap();
        let mut traces: Vec<Vec<Span>> = Vec::new();
        for span in &heard.spans {
            match traces.iter_mut().find(|trace| trace[0].trace_id == span.trace_id) {
                Some(trace) => trace.push(span.clone()),
                None => traces.push(vec![span.clone()]),
            }
        }
        traces
    }

    #[track_caller]
    pub fn heard_nothing_of(&self, secret: &str) {
        let heard = self.heard.lock().unwrap();
        let found = heard.bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found, "{secret:?} in {:?}", heard.spans);
    }
}

/// The attributes of a span, all of them texts.
pub fn attributes(span: &Span) -> Value {
    let text = |value: &Option<any_value::Value>| match value {
        Some(any_value::Value::StringValue(text)) => Value::from(text.as_str()),
        other => panic!("{other:?}"),
    };
    let pairs = span.attributes.iter().map(|one| (one.key.clone(), text(&one.value.as_ref().unwrap().value)));
    Value::Object(pairs.collect())
}
