//! An HTTP client that stands around the real one, counts what passes, and makes trouble where a test asks for it.

use std::{
    collections::{BTreeMap, BTreeSet},
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
use tokio::sync::Notify;

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
    /// It is not carried out, and this is the answer: a status and a body.
    Answered(u16, String),
    /// The process is killed: before the request leaves, or once it has been carried out.
    Killed(Moment),
}

/// An answer given instead of the service's: made from all requests so far, that one included. For operations that the
/// emulators do not have.
pub type Script = fn(&[(String, String)]) -> String;

/// When a process is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Before,
    After,
}

/// The client; clones share what they count and what they are told.
#[derive(Debug, Clone)]
pub struct Wire {
    real: SharedHttpClient,
    seen: Arc<Mutex<Seen>>,
    kill: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Seen {
    /// By operation, from the front: what is to go wrong with the next requests.
    troubles: BTreeMap<String, Vec<Option<Trouble>>>,
    /// By operation: what is answered without asking the service.
    scripts: BTreeMap<String, Script>,
    /// What is to go wrong with a request that changes something, and how many of those come first.
    strike: Option<(usize, Trouble)>,
    /// Every request: its operation and its body.
    requests: Vec<(String, String)>,
    /// Service, method, path and query of those whose operation has no name here.
    unnamed: BTreeSet<String>,
}

/// Whether an operation changes something, by its name.
pub fn is_changing(operation: &str) -> bool {
    !["Assume", "Describe", "GET ", "Get", "List"].iter().any(|verb| operation.starts_with(verb))
}

impl Wire {
    /// Around `real`, without any trouble.
    pub fn around(real: SharedHttpClient) -> Self {
        Wire { real, seen: Arc::default(), kill: Arc::default() }
    }

    /// Makes trouble at the next request for `operation` after `passed` ones.
    pub fn trouble(&self, operation: &str, passed: usize, trouble: Trouble) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = seen.troubles.entry(operation.to_owned()).or_default();
        queue.extend(std::iter::repeat_n(None, passed));
        queue.push(Some(trouble));
    }

    /// Answers every request for `operation` by `script`.
    pub fn script(&self, operation: &str, script: Script) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.scripts.insert(operation.to_owned(), script);
    }

    /// Makes trouble at the next request that changes something, whichever it is, after `passed` ones.
    pub fn strike(&self, passed: usize, trouble: Trouble) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).strike = Some((passed, trouble));
    }

    /// Comes when a request has met [`Trouble::Killed`].
    pub async fn killed(&self) {
        self.kill.notified().await;
    }

    /// How often each operation was called, failures included.
    pub fn census(&self) -> BTreeMap<String, usize> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut census = BTreeMap::new();
        for (operation, _) in &seen.requests {
            *census.entry(operation.clone()).or_default() += 1;
        }
        census
    }

    /// What was asked of services that speak in resources and whose operations have no name here: service, method, path.
    pub fn unnamed(&self) -> BTreeSet<String> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).unnamed.clone()
    }

    /// The bodies of all requests for `operation`, those that failed included.
    pub fn requests(&self, operation: &str) -> Vec<String> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.requests.iter().filter(|(name, _)| name == operation).map(|(_, body)| body.clone()).collect()
    }

    fn next(&self, operation: &str, body: &str) -> Option<Trouble> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = &mut *seen;
        seen.requests.push((operation.to_owned(), body.to_owned()));
        if is_changing(operation)
            && let Some((passed, _)) = &mut seen.strike
        {
            match passed.checked_sub(1) {
                Some(fewer) => *passed = fewer,
                None => return seen.strike.take().map(|(_, trouble)| trouble),
            }
        }
        let queue = seen.troubles.get_mut(operation).filter(|queue| !queue.is_empty());
        let trouble = queue.and_then(|queue| queue.remove(0));
        let scripted = || seen.scripts.get(operation).map(|script| Trouble::Answered(200, script(&seen.requests)));
        trouble.or_else(scripted)
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
        let operation = operation(&request, &body);
        if operation.contains(' ') {
            let mut seen = self.wire.seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.unnamed.insert(format!("{} {} {}", service(&request), request.method(), request.uri()));
        }
        let trouble = self.wire.next(&operation, &body);
        let protocol = Protocol::of(&request, &body);
        let (real, kill) = (self.real.clone(), self.wire.kill.clone());
        HttpConnectorFuture::new(async move {
            let broken = || ConnectorError::io("connection reset by peer".into());
            match trouble {
                None => real.call(request).await,
                Some(Trouble::Reset) => Err(broken()),
                Some(Trouble::LostAnswer) => real.call(request).await.and(Err(broken())),
                Some(Trouble::FailedAnswer) => {
                    real.call(request).await?;
                    Ok(protocol.refusal(500, "InternalError"))
                }
                Some(Trouble::Refused(status, code)) => Ok(protocol.refusal(status, code)),
                Some(Trouble::Answered(status, body)) => Ok(answer(status, body)),
                Some(Trouble::Killed(moment)) => {
                    if moment == Moment::After {
                        real.call(request).await?;
                    }
                    kill.notify_one();
                    std::future::pending().await
                }
            }
        })
    }
}

/// `CreateVpc`: from the form that EC2, RDS and others take, from the header that KMS, ECS and others take, from the path
/// that CloudWatch takes, or from the resource that EFS, Backup and Lambda mean.
fn operation(request: &HttpRequest, body: &str) -> String {
    let target = request.headers().get("x-amz-target").and_then(|target| target.split('.').next_back());
    let action = || body.split('&').find_map(|part| part.strip_prefix("Action="));
    if let Some(name) = target.or_else(action) {
        return name.to_owned();
    }
    let path = request.uri().split("://").last().and_then(|rest| rest.find('/').map(|at| &rest[at..])).unwrap_or("/");
    let path = path.split('?').next().unwrap_or("/");
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    if let [.., "operation", name] = segments[..] {
        return name.to_owned();
    }
    let means = |(method, pattern, _): &&(&str, &str, &str)| {
        let pattern: Vec<&str> = pattern.split('/').collect();
        *method == request.method()
            && pattern.len() == segments.len()
            && pattern.iter().zip(&segments).all(|(expected, found)| *expected == "*" || expected == found)
    };
    let known = REST.iter().find(means);
    known.map_or_else(|| format!("{} {path}", request.method()), |(_, _, name)| (*name).to_owned())
}

/// The service that a request is signed for: `Credential=key/20261122/us-east-1/apigateway/aws4_request`.
fn service(request: &HttpRequest) -> &str {
    let signature = request.headers().get("authorization").unwrap_or_default();
    signature.split('/').nth(3).unwrap_or_default()
}

/// The requests of the services that speak in resources: method, path, operation.
const REST: &[(&str, &str, &str)] = &[
    ("POST", "2015-02-01/file-systems", "CreateFileSystem"),
    ("GET", "2015-02-01/file-systems", "DescribeFileSystems"),
    ("PUT", "2015-02-01/file-systems/*", "UpdateFileSystem"),
    ("DELETE", "2015-02-01/file-systems/*", "DeleteFileSystem"),
    ("PUT", "2015-02-01/file-systems/*/protection", "UpdateFileSystemProtection"),
    ("PUT", "2015-02-01/file-systems/*/backup-policy", "PutBackupPolicy"),
    ("GET", "2015-02-01/file-systems/*/backup-policy", "DescribeBackupPolicy"),
    ("PUT", "2015-02-01/file-systems/*/policy", "PutFileSystemPolicy"),
    ("GET", "2015-02-01/file-systems/*/policy", "DescribeFileSystemPolicy"),
    ("DELETE", "2015-02-01/file-systems/*/policy", "DeleteFileSystemPolicy"),
    ("PUT", "2015-02-01/file-systems/*/lifecycle-configuration", "PutLifecycleConfiguration"),
    ("GET", "2015-02-01/file-systems/*/lifecycle-configuration", "DescribeLifecycleConfiguration"),
    ("POST", "2015-02-01/file-systems/*/replication-configuration", "CreateReplicationConfiguration"),
    ("DELETE", "2015-02-01/file-systems/*/replication-configuration", "DeleteReplicationConfiguration"),
    ("GET", "2015-02-01/file-systems/replication-configurations", "DescribeReplicationConfigurations"),
    ("POST", "2015-02-01/mount-targets", "CreateMountTarget"),
    ("GET", "2015-02-01/mount-targets", "DescribeMountTargets"),
    ("DELETE", "2015-02-01/mount-targets/*", "DeleteMountTarget"),
    ("PUT", "2015-02-01/mount-targets/*/security-groups", "ModifyMountTargetSecurityGroups"),
    ("GET", "2015-02-01/mount-targets/*/security-groups", "DescribeMountTargetSecurityGroups"),
    ("POST", "2015-02-01/access-points", "CreateAccessPoint"),
    ("GET", "2015-02-01/access-points", "DescribeAccessPoints"),
    ("DELETE", "2015-02-01/access-points/*", "DeleteAccessPoint"),
    ("PUT", "backup-vaults/*", "CreateBackupVault"),
    ("GET", "backup-vaults/*", "DescribeBackupVault"),
    ("DELETE", "backup-vaults/*", "DeleteBackupVault"),
    ("GET", "backup-vaults", "ListBackupVaults"),
    ("PUT", "backup-vaults/*/access-policy", "PutBackupVaultAccessPolicy"),
    ("GET", "backup-vaults/*/access-policy", "GetBackupVaultAccessPolicy"),
    ("DELETE", "backup-vaults/*/access-policy", "DeleteBackupVaultAccessPolicy"),
    ("PUT", "backup-vaults/*/notification-configuration", "PutBackupVaultNotifications"),
    ("GET", "backup-vaults/*/notification-configuration", "GetBackupVaultNotifications"),
    ("DELETE", "backup-vaults/*/notification-configuration", "DeleteBackupVaultNotifications"),
    ("PUT", "backup-vaults/*/vault-lock", "PutBackupVaultLockConfiguration"),
    ("DELETE", "backup-vaults/*/vault-lock", "DeleteBackupVaultLockConfiguration"),
    ("PUT", "backup/plans", "CreateBackupPlan"),
    ("GET", "backup/plans", "ListBackupPlans"),
    ("GET", "backup/plans/*", "GetBackupPlan"),
    ("POST", "backup/plans/*", "UpdateBackupPlan"),
    ("DELETE", "backup/plans/*", "DeleteBackupPlan"),
    ("PUT", "backup/plans/*/selections", "CreateBackupSelection"),
    ("GET", "backup/plans/*/selections", "ListBackupSelections"),
    ("GET", "backup/plans/*/selections/*", "GetBackupSelection"),
    ("DELETE", "backup/plans/*/selections/*", "DeleteBackupSelection"),
    ("POST", "2015-03-31/functions", "CreateFunction"),
    ("GET", "2015-03-31/functions/*", "GetFunction"),
    ("DELETE", "2015-03-31/functions/*", "DeleteFunction"),
    ("PUT", "2015-03-31/functions/*/code", "UpdateFunctionCode"),
    ("PUT", "2015-03-31/functions/*/configuration", "UpdateFunctionConfiguration"),
    ("PUT", "2021-07-20/functions/*/runtime-management-config", "PutRuntimeManagementConfig"),
    ("GET", "2021-07-20/functions/*/runtime-management-config", "GetRuntimeManagementConfig"),
    ("PUT", "2024-08-31/functions/*/recursion-config", "PutFunctionRecursionConfig"),
    ("GET", "2024-08-31/functions/*/recursion-config", "GetFunctionRecursionConfig"),
    ("PUT", "2017-10-31/functions/*/concurrency", "PutFunctionConcurrency"),
    ("DELETE", "2017-10-31/functions/*/concurrency", "DeleteFunctionConcurrency"),
    ("POST", "2015-03-31/functions/*/policy", "AddPermission"),
    ("GET", "2015-03-31/functions/*/policy", "GetPolicy"),
    ("DELETE", "2015-03-31/functions/*/policy/*", "RemovePermission"),
];

/// How a service words what it refuses.
#[derive(Debug, Clone, Copy)]
enum Protocol {
    Cbor,
    Ec2,
    Json,
    Query,
}

impl Protocol {
    fn of(request: &HttpRequest, body: &str) -> Protocol {
        let kind = request.headers().get("content-type").unwrap_or_default();
        match () {
            () if kind.contains("cbor") => Protocol::Cbor,
            () if body.contains("Version=2016-11-15") => Protocol::Ec2,
            () if body.starts_with("Action=") => Protocol::Query,
            () => Protocol::Json,
        }
    }

    /// An error as the service would word it.
    fn refusal(self, status: u16, code: &'static str) -> HttpResponse {
        const MESSAGE: &str = "as the test asks";
        let body = match self {
            Protocol::Json => format!(r#"{{"__type": "{code}", "message": "{MESSAGE}"}}"#).into_bytes(),
            Protocol::Ec2 => {
                let error = format!("<Error><Code>{code}</Code><Message>{MESSAGE}</Message></Error>");
                format!("<Response><Errors>{error}</Errors></Response>").into_bytes()
            }
            Protocol::Query => {
                let error =
                    format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>{MESSAGE}</Message></Error>");
                format!("<ErrorResponse>{error}<RequestId>request-1</RequestId></ErrorResponse>").into_bytes()
            }
            // A map of two texts: <https://www.rfc-editor.org/rfc/rfc8949#section-3.1>.
            Protocol::Cbor => {
                let mut body = vec![0xa2];
                for text in ["__type", code, "message", MESSAGE] {
                    body.extend([0x78, u8::try_from(text.len()).expect("a short text")]);
                    body.extend(text.as_bytes());
                }
                body
            }
        };
        let mut answer = answer(status, body);
        if let Protocol::Cbor = self {
            answer.headers_mut().insert("smithy-protocol", "rpc-v2-cbor");
        }
        answer
    }
}

fn answer(status: u16, body: impl Into<SdkBody>) -> HttpResponse {
    let mut answer = HttpResponse::new(StatusCode::try_from(status).expect("a status"), body.into());
    answer.headers_mut().insert("x-amzn-requestid", "request-1");
    answer
}
