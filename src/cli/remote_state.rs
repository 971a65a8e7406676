//! `--state s3://bucket/prefix`: states in a bucket, which is found as every AWS tool finds it.
//!
//! `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`, `AWS_REGION` and keys are read from the environment; with the AWS SDK compiled
//! in, also everything else that it knows: profiles, SSO, assumed roles. A bucket of AWS itself says where it is.

use crate::{cli::error::CommandError, state::Store};

/// Whether `--state` means something else than a folder.
pub fn is_remote(place: &str) -> bool {
    place.contains("://")
}

/// The states at `s3://bucket/prefix`. Nothing is sent yet.
///
/// # Errors
/// The place is not written as it has to be, or this program was built without such states.
pub fn open(place: &str) -> Result<Box<dyn Store>, CommandError> {
    let (bucket, prefix) = parse(place).ok_or_else(|| {
        CommandError::input(format!("states cannot be kept at `{place}`"))
            .hint("give a folder, or a bucket with or without a prefix: `s3://bucket/prefix`")
    })?;
    bucket_states(bucket, prefix)
}

/// Bucket and prefix.
fn parse(place: &str) -> Option<(&str, &str)> {
    let rest = place.strip_prefix("s3://")?;
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    let is_bucket = (3..=63).contains(&bucket.len()) && bucket.chars().all(is_plain);
    let is_safe = |c: char| c.is_ascii_alphanumeric() || "-_./=@+".contains(c);
    let prefix = prefix.strip_suffix('/').filter(|prefix| !prefix.is_empty()).unwrap_or(prefix);
    let is_prefix = prefix.chars().all(is_safe) && !prefix.split('/').any(|part| matches!(part, "." | ".."));
    let is_prefix = is_prefix && (prefix.is_empty() || prefix.split('/').all(|part| !part.is_empty()));
    (is_bucket && is_prefix).then_some((bucket, prefix))
}

#[cfg(not(feature = "remote-state"))]
fn bucket_states(bucket: &str, _: &str) -> Result<Box<dyn Store>, CommandError> {
    Err(CommandError::input(format!(
        "this provision was built without states in buckets (`--no-default-features`): `{bucket}` cannot be used"
    ))
    .hint("give a folder, or build with the default features, or with `--features remote-state`"))
}

#[cfg(feature = "remote-state")]
fn bucket_states(bucket: &str, prefix: &str) -> Result<Box<dyn Store>, CommandError> {
    use futures::FutureExt;

    let name = bucket.to_owned();
    let connect = Box::new(move || s3::connect(name.clone()).boxed());
    let states = crate::state::ObjectStates::new(format!("s3://{bucket}"), prefix, connect);
    Ok(Box::new(states.map_err(CommandError::input)?))
}

#[cfg(feature = "remote-state")]
mod s3 {
    use std::{io, sync::Arc, time::Duration};

    use object_store::{
        ClientOptions, ObjectStore, RetryConfig,
        aws::{AmazonS3Builder, AmazonS3ConfigKey as Key, S3ConditionalPut, resolve_bucket_region},
    };

    use crate::state::StoreError;

    /// The longest that one request may take, and that it is repeated. A lease outlives both.
    const PATIENCE: Duration = Duration::from_secs(20);

    pub async fn connect(bucket: String) -> Result<Arc<dyn ObjectStore>, StoreError> {
        let failed = |error: object_store::Error| StoreError::Io {
            what: format!("cannot use the bucket `{bucket}`"),
            source: io::Error::other(error.to_string()),
        };
        // The process has one already if something else needed it first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let retry = RetryConfig { max_retries: 5, retry_timeout: PATIENCE, ..RetryConfig::default() };
        let mut builder = AmazonS3Builder::from_env()
            .with_bucket_name(&bucket)
            .with_conditional_put(S3ConditionalPut::ETagMatch)
            .with_retry(retry);
        #[cfg(feature = "aws")]
        {
            builder = super::sdk::configure(builder).await;
        }
        let endpoint = builder.get_config_value(&Key::S3Endpoint).or(builder.get_config_value(&Key::Endpoint));
        let options = ClientOptions::new()
            .with_timeout(PATIENCE)
            .with_allow_http(endpoint.as_ref().is_some_and(|url| url.starts_with("http://")));
        if endpoint.is_none() {
            // The region of the stack says nothing about where its state is.
            builder = builder.with_region(resolve_bucket_region(&bucket, &options).await.map_err(failed)?);
        }
        Ok(Arc::new(builder.with_client_options(options).build().map_err(failed)?))
    }
}

#[cfg(all(feature = "remote-state", feature = "aws"))]
mod sdk {
    use std::{
        sync::Arc,
        time::{Duration, SystemTime},
    };

    use async_trait::async_trait;
    use aws_config::BehaviorVersion;
    use aws_credential_types::{
        Credentials,
        provider::{ProvideCredentials, SharedCredentialsProvider},
    };
    use object_store::{
        CredentialProvider, Error,
        aws::{AmazonS3Builder, AmazonS3ConfigKey as Key, AwsCredential},
    };
    use tokio::sync::Mutex;

    /// Credentials that end sooner than this are asked for anew.
    const MARGIN: Duration = Duration::from_secs(300);

    /// Credentials, region and endpoint as the SDK finds them.
    pub async fn configure(mut builder: AmazonS3Builder) -> AmazonS3Builder {
        let http = crate::aws::clients::default_http();
        let config = aws_config::defaults(BehaviorVersion::latest()).http_client(http).load().await;
        if let Some(region) = config.region() {
            builder = builder.with_region(region.to_string());
        }
        if let Some(url) = config.endpoint_url()
            && builder.get_config_value(&Key::S3Endpoint).is_none()
        {
            builder = builder.with_endpoint(url);
        }
        match config.credentials_provider() {
            Some(provider) => builder.with_credentials(Arc::new(SdkCredentials { provider, known: Mutex::default() })),
            None => builder,
        }
    }

    #[derive(Debug)]
    struct SdkCredentials {
        provider: SharedCredentialsProvider,
        known: Mutex<Option<Credentials>>,
    }

    #[async_trait]
    impl CredentialProvider for SdkCredentials {
        type Credential = AwsCredential;

        async fn get_credential(&self) -> object_store::Result<Arc<AwsCredential>> {
            let mut known = self.known.lock().await;
            let usable = known.clone().filter(|known| !known.expiry().is_some_and(is_near));
            let found = match usable {
                Some(usable) => usable,
                None => {
                    let found = self.provider.provide_credentials().await;
                    found.map_err(|error| Error::Generic { store: "S3", source: Box::new(error) })?
                }
            };
            *known = Some(found.clone());
            Ok(Arc::new(AwsCredential {
                key_id: found.access_key_id().to_owned(),
                secret_key: found.secret_access_key().to_owned(),
                token: found.session_token().map(str::to_owned),
            }))
        }
    }

    #[expect(clippy::disallowed_methods, reason = "credentials end by the wall clock")]
    fn is_near(end: SystemTime) -> bool {
        end.duration_since(SystemTime::now()).map_or(true, |left| left < MARGIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_named_with_or_without_a_prefix() {
        assert_eq!(parse("s3://states"), Some(("states", "")));
        assert_eq!(parse("s3://states/"), Some(("states", "")));
        assert_eq!(parse("s3://my.states-1/team/a_b/"), Some(("my.states-1", "team/a_b")));
    }

    #[test]
    fn what_is_no_bucket_or_would_leave_its_prefix_is_refused() {
        for place in [
            "s3://",
            "s3:///x",
            "s3://ab",
            "s3://Bucket",
            "s3://user@states",
            "s3://states/a//b",
            "s3://states//",
            "s3://states/..",
            "s3://states/a/../b",
            "s3://states/a?b",
            "s3://states/a#b",
            "s3://states:80/a",
            "gs://states",
            "S3://states",
        ] {
            assert_eq!(parse(place), None, "{place}");
            assert!(open(place).is_err(), "{place}");
        }
    }

    #[test]
    #[cfg(not(feature = "remote-state"))]
    fn a_program_without_states_in_buckets_says_so() {
        let Err(error) = open("s3://states/team") else { panic!("it cannot be opened") };
        assert!(error.message.contains("built without states in buckets"), "{}", error.message);
        assert!(error.hints[0].contains("--features remote-state"), "{:?}", error.hints);
    }
}
