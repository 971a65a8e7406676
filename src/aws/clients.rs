//! SDK clients: one per service and place, made when first needed and kept for the whole run, because each has its own
//! pool of connections and its own credentials.
//!
//! The SDK's retries are off: with its defaults it repeats every create whose answer was lost. Region, profile,
//! credentials, `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>` are read by `aws-config` itself, as every AWS tool
//! reads them.

use std::{
    collections::BTreeMap,
    fmt::Debug,
    sync::{Arc, OnceLock},
    time::Duration,
};

use aws_config::{
    BehaviorVersion, Region, SdkConfig, retry::RetryConfig, sts::AssumeRoleProvider, timeout::TimeoutConfig,
};
use aws_sdk_sts::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_http_client::tls::{Provider as Tls, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use futures::{FutureExt, future::BoxFuture};
use tokio::sync::{Mutex, OnceCell};

use crate::{
    base::{Identity, Place},
    driver::REQUEST_DEADLINE,
};

/// The longest that setting up a connection may take.
const CONNECT_DEADLINE: Duration = Duration::from_secs(5);

/// How AWS is reached, where it is not as the environment says.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Where requests go instead of to AWS; else what the environment says.
    pub endpoint_url: Option<String>,
    /// Access key and secret key; else what the environment says.
    pub credentials: Option<(String, String)>,
    /// What carries the requests; else HTTP over TLS, and plain HTTP where the endpoint says so.
    pub http: Option<SharedHttpClient>,
}

/// Hands out SDK clients. Cheap to clone.
///
/// What is inside is hidden from the compiler, and so are the futures of its functions: it would prove for every future of
/// every driver again that all clients of all services may go from thread to thread, which takes minutes.
#[derive(Debug, Clone)]
pub struct Clients(Arc<dyn Hidden>);

trait Hidden: Debug + Send + Sync {
    fn inner(&self) -> &Inner;
}

impl Hidden for Inner {
    fn inner(&self) -> &Inner {
        self
    }
}

#[derive(Debug)]
struct Inner {
    settings: Settings,
    /// What holds for all places; credentials are loaded once.
    base: OnceCell<SdkConfig>,
    places: Mutex<BTreeMap<Place, Arc<Services>>>,
    /// By role, whose accounts are known already.
    identities: Mutex<BTreeMap<Option<String>, Identity>>,
}

/// The clients of one place, and the ways to them: one line per service, under the name of its feature.
macro_rules! services {
    ($($(#[$condition:meta])* $service:ident: $sdk:ident, $name:literal;)*) => {
        #[derive(Debug)]
        struct Services {
            sdk_config: SdkConfig,
            $($(#[$condition])* $service: OnceLock<$sdk::Client>,)*
        }

        impl Services {
            fn new(sdk_config: SdkConfig) -> Self {
                Services { sdk_config, $($(#[$condition])* $service: OnceLock::new(),)* }
            }
        }

        impl Clients {
            $(
                #[doc = concat!("The client for ", $name, ".")]
                $(#[$condition])*
                pub fn $service<'a>(&'a self, place: &'a Place) -> BoxFuture<'a, $sdk::Client> {
                    let client = async move {
                        let services = self.services(place).await;
                        services.$service.get_or_init(|| $sdk::Client::new(&services.sdk_config)).clone()
                    };
                    client.boxed()
                }
            )*
        }
    };
}

services! {
    #[cfg(feature = "apigateway")]
    apigateway: aws_sdk_apigateway, "API Gateway";
    #[cfg(feature = "application-autoscaling")]
    application_autoscaling: aws_sdk_applicationautoscaling, "Application Auto Scaling";
    #[cfg(feature = "backup")]
    backup: aws_sdk_backup, "AWS Backup";
    #[cfg(feature = "budgets")]
    budgets: aws_sdk_budgets, "AWS Budgets";
    #[cfg(feature = "certificatemanager")]
    certificatemanager: aws_sdk_acm, "Certificate Manager";
    #[cfg(feature = "cloudcontrol")]
    cloudcontrol: aws_sdk_cloudcontrol, "Cloud Control";
    #[cfg(feature = "cloudfront")]
    cloudfront: aws_sdk_cloudfront, "CloudFront";
    #[cfg(feature = "cloudtrail")]
    cloudtrail: aws_sdk_cloudtrail, "CloudTrail";
    #[cfg(feature = "cloudwatch")]
    cloudwatch: aws_sdk_cloudwatch, "CloudWatch";
    #[cfg(feature = "cognito")]
    cognito: aws_sdk_cognitoidentityprovider, "Cognito user pools";
    #[cfg(feature = "config")]
    config: aws_sdk_config, "AWS Config";
    #[cfg(feature = "dynamodb")]
    dynamodb: aws_sdk_dynamodb, "DynamoDB";
    #[cfg(feature = "ec2")]
    ec2: aws_sdk_ec2, "EC2";
    #[cfg(feature = "ecr")]
    ecr: aws_sdk_ecr, "ECR";
    #[cfg(feature = "ecs")]
    ecs: aws_sdk_ecs, "ECS";
    #[cfg(feature = "efs")]
    efs: aws_sdk_efs, "EFS";
    #[cfg(feature = "elasticache")]
    elasticache: aws_sdk_elasticache, "ElastiCache";
    #[cfg(feature = "elasticloadbalancingv2")]
    elasticloadbalancingv2: aws_sdk_elasticloadbalancingv2, "Elastic Load Balancing, version 2";
    #[cfg(feature = "guardduty")]
    guardduty: aws_sdk_guardduty, "GuardDuty";
    #[cfg(feature = "iam")]
    iam: aws_sdk_iam, "IAM";
    #[cfg(feature = "kinesis")]
    kinesis: aws_sdk_kinesis, "Kinesis";
    #[cfg(feature = "kms")]
    kms: aws_sdk_kms, "KMS";
    #[cfg(feature = "lambda")]
    lambda: aws_sdk_lambda, "Lambda";
    #[cfg(feature = "logs")]
    logs: aws_sdk_cloudwatchlogs, "CloudWatch Logs";
    #[cfg(feature = "rds")]
    rds: aws_sdk_rds, "RDS";
    #[cfg(feature = "route53")]
    route53: aws_sdk_route53, "Route 53";
    #[cfg(feature = "s3")]
    s3: aws_sdk_s3, "S3";
    #[cfg(feature = "secretsmanager")]
    secretsmanager: aws_sdk_secretsmanager, "Secrets Manager";
    #[cfg(feature = "sns")]
    sns: aws_sdk_sns, "SNS";
    #[cfg(feature = "ssm")]
    ssm: aws_sdk_ssm, "Systems Manager";
    #[cfg(feature = "wafv2")]
    wafv2: aws_sdk_wafv2, "WAF";
    sts: aws_sdk_sts, "the security token service";
}

impl Clients {
    /// Clients by `settings`, and for the rest by the environment. Nothing is read or sent before the first client is
    /// asked for.
    pub fn new(settings: Settings) -> Self {
        Clients(Arc::new(Inner {
            settings,
            base: OnceCell::new(),
            places: Mutex::default(),
            identities: Mutex::default(),
        }))
    }

    pub(super) fn identities(&self) -> &Mutex<BTreeMap<Option<String>, Identity>> {
        &self.0.inner().identities
    }

    async fn services(&self, place: &Place) -> Arc<Services> {
        let mut places = self.0.inner().places.lock().await;
        if let Some(services) = places.get(place) {
            return services.clone();
        }
        let services = Arc::new(Services::new(self.sdk_config(place).await));
        places.insert(place.clone(), services.clone());
        services
    }

    async fn sdk_config(&self, place: &Place) -> SdkConfig {
        let region = Region::new(place.region.clone());
        let base = self.0.inner().base.get_or_init(|| self.0.inner().settings.load(region.clone())).await;
        let config = base.to_builder().region(region).build();
        let Some(role) = &place.role_arn else { return config };
        let role = AssumeRoleProvider::builder(role).session_name("provision").configure(&config).build().await;
        config.into_builder().credentials_provider(SharedCredentialsProvider::new(role)).build()
    }
}

impl Settings {
    /// The configuration for all places; `region` only spares the search for a default one.
    async fn load(&self, region: Region) -> SdkConfig {
        let timeouts =
            TimeoutConfig::builder().connect_timeout(CONNECT_DEADLINE).operation_timeout(REQUEST_DEADLINE).build();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(region)
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts)
            .http_client(self.http.clone().unwrap_or_else(default_http));
        if let Some(url) = &self.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        if let Some((access, secret)) = &self.credentials {
            loader = loader.credentials_provider(Credentials::new(access, secret, None, None, "settings"));
        }
        loader.load().await
    }
}

/// The HTTP client that is used where none is given: TLS by rustls with the certificates of the system.
pub fn default_http() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new().tls_provider(Tls::Rustls(CryptoMode::Ring)).build_https()
}
