//! An HTTP client that stands around the real one, counts what passes, and makes trouble where a test asks for it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
            SharedHttpConnector,
        },
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;

/// What is to go wrong with a request.
#[derive(Debug, Clone)]
pub enum Trouble {
    /// It is carried out, and the connection breaks before the answer arrives.
    LostAnswer,
    /// It is carried out, and the service answers with an error of its own.
    FailedAnswer,
    /// The connection breaks before it is carried out.
    Reset,
    /// The service refuses it with this status and code.
    Refused(u16, &'static str),
    /// It is not carried out, and answered with this status and body.
    Answer(u16, String),
}

/// The client; clones share what they count and what they are told.
#[derive(Debug, Clone)]
pub struct Wire {
    real: SharedHttpClient,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Debug, Default)]
struct Seen {
    /// By operation, from the front: what is to go wrong with the next requests.
    troubles: BTreeMap<String, Vec<Option<Trouble>>>,
    /// Every request: its operation and its body.
    requests: Vec<(String, String)>,
}

impl Wire {
    /// Around `real`, without any trouble.
    pub fn around(real: SharedHttpClient) -> Self {
        Wire { real, seen: Arc::default() }
    }

    /// Makes trouble at the next request for `operation` after `passed` ones.
    pub fn trouble(&self, operation: &str, passed: usize, trouble: Trouble) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = seen.troubles.entry(operation.to_owned()).or_default();
        queue.extend(std::iter::repeat_n(None, passed));
        queue.push(Some(trouble));
    }

    /// The bodies of all requests for `operation`, those that failed included.
    pub fn requests(&self, operation: &str) -> Vec<String> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.requests.iter().filter(|(name, _)| name == operation).map(|(_, body)| body.clone()).collect()
    }

    fn next(&self, operation: &str, body: &str) -> Option<Trouble> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.requests.push((operation.to_owned(), body.to_owned()));
        let queue = seen.troubles.get_mut(operation)?;
        if queue.is_empty() { None } else { queue.remove(0) }
    }
}

impl HttpClient for Wire {
    fn http_connector(&self, settings: &HttpConnectorSettings, parts: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector { wire: self.clone(), real: self.real.http_connector(settings, parts) })
    }
}

#[derive(Debug)]
struct Connector {
    wire: Wire,
    real: SharedHttpConnector,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = request.body().bytes().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default();
        let target = request.headers().get("x-amz-target").map(str::to_owned);
        let trouble = self.wire.next(&operation(&request, target.as_deref(), &body), &body);
        let real = self.real.clone();
        HttpConnectorFuture::new(async move {
            let broken = || ConnectorError::io("connection reset by peer".into());
            match trouble {
                None => real.call(request).await,
                Some(Trouble::Reset) => Err(broken()),
                Some(Trouble::LostAnswer) => real.call(request).await.and(Err(broken())),
                Some(Trouble::FailedAnswer) => {
                    real.call(request).await?;
                    Ok(answer(500, "InternalError", target.is_some()))
                }
                Some(Trouble::Refused(status, code)) => Ok(answer(status, code, target.is_some())),
                Some(Trouble::Answer(status, body)) => {
                    Ok(HttpResponse::new(StatusCode::try_from(status).expect("a status"), SdkBody::from(body)))
                }
            }
        })
    }
}

/// `CreateVpc`, from the form that EC2 and STS take or from the header that KMS takes; `PUT backup-policy` for services
/// that are told by path.
fn operation(request: &HttpRequest, target: Option<&str>, body: &str) -> String {
    let action = || body.split('&').find_map(|part| part.strip_prefix("Action="));
    let named = target.and_then(|target| target.split('.').next_back()).or_else(action);
    let path = request.uri().split(['?', '#']).next().unwrap_or_default();
    let by_path = || format!("{} {}", request.method(), path.rsplit('/').next().unwrap_or_default());
    named.map_or_else(by_path, str::to_owned)
}

/// An error as the service would word it.
fn answer(status: u16, code: &str, is_json: bool) -> HttpResponse {
    let body = match is_json {
        true => format!(r#"{{"__type": "{code}", "message": "as the test asks"}}"#),
        false => format!(
            "<Response><Errors><Error><Code>{code}</Code><Message>as the test asks</Message></Error></Errors></Response>"
        ),
    };
    let mut answer = HttpResponse::new(StatusCode::try_from(status).expect("a status"), SdkBody::from(body));
    answer.headers_mut().insert("x-amzn-requestid", "request-1");
    answer
}
