//! SDK clients: one per service and place, made when first needed and kept for the whole run, because each has its own
//! pool of connections and its own credentials.
//!
//! The SDK's retries are off: with its defaults it repeats every create whose answer was lost. Region, profile,
//! credentials, `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>` are read by `aws-config` itself, as every AWS tool
//! reads them.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
    time::Duration,
};

use aws_config::{
    BehaviorVersion, Region, SdkConfig, retry::RetryConfig, sts::AssumeRoleProvider, timeout::TimeoutConfig,
};
use aws_sdk_sts::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_http_client::tls::{Provider as Tls, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use tokio::sync::{Mutex, OnceCell};

use crate::{base::Place, driver::REQUEST_DEADLINE};

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
#[derive(Debug, Clone)]
pub struct Clients(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: Settings,
    /// What holds for all places; credentials are loaded once.
    base: OnceCell<SdkConfig>,
    places: Mutex<BTreeMap<Place, Arc<Services>>>,
}

/// The clients of one place.
#[derive(Debug)]
struct Services {
    config: SdkConfig,
    sts: OnceLock<aws_sdk_sts::Client>,
    #[cfg(feature = "ec2")]
    ec2: OnceLock<aws_sdk_ec2::Client>,
    #[cfg(feature = "kms")]
    kms: OnceLock<aws_sdk_kms::Client>,
}

impl Clients {
    /// Clients by `settings`, and for the rest by the environment. Nothing is read or sent before the first client is
    /// asked for.
    pub fn new(settings: Settings) -> Self {
        Clients(Arc::new(Inner { settings, base: OnceCell::new(), places: Mutex::default() }))
    }

    /// The client for the security token service.
    pub async fn sts(&self, place: &Place) -> aws_sdk_sts::Client {
        let services = self.services(place).await;
        services.sts.get_or_init(|| aws_sdk_sts::Client::new(&services.config)).clone()
    }

    /// The client for EC2.
    #[cfg(feature = "ec2")]
    pub async fn ec2(&self, place: &Place) -> aws_sdk_ec2::Client {
        let services = self.services(place).await;
        services.ec2.get_or_init(|| aws_sdk_ec2::Client::new(&services.config)).clone()
    }

    /// The client for KMS.
    #[cfg(feature = "kms")]
    pub async fn kms(&self, place: &Place) -> aws_sdk_kms::Client {
        let services = self.services(place).await;
        services.kms.get_or_init(|| aws_sdk_kms::Client::new(&services.config)).clone()
    }

    async fn services(&self, place: &Place) -> Arc<Services> {
        let mut places = self.0.places.lock().await;
        if let Some(services) = places.get(place) {
            return services.clone();
        }
        let services = Arc::new(Services {
            config: self.config(place).await,
            sts: OnceLock::new(),
            #[cfg(feature = "ec2")]
            ec2: OnceLock::new(),
            #[cfg(feature = "kms")]
            kms: OnceLock::new(),
        });
        places.insert(place.clone(), services.clone());
        services
    }

    async fn config(&self, place: &Place) -> SdkConfig {
        let region = Region::new(place.region.clone());
        let base = self.0.base.get_or_init(|| self.0.settings.load(region.clone())).await;
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
