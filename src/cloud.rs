//! A way to AWS's APIs for a target: AWS itself, an endpoint, or the embedded cloud in process.

mod extras;
mod host_prefix;
mod pauses;
#[cfg(feature = "local")]
mod served;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
#[cfg(feature = "local")]
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
#[cfg(feature = "local")]
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeSerializationInterceptorContextRef;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::retry::RetryConfig;

use crate::resource::CallError;
pub use extras::Extras;
use host_prefix::NoHostPrefix;
use pauses::Attempts;
pub use pauses::{Pause, Pauses};
#[cfg(feature = "local")]
pub use served::{FOLDER as SERVED, Sign, url_of};

/// Where a stack is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The embedded cloud, whose store is this folder.
    Local { data_dir: PathBuf },
    /// AWS, or whatever `AWS_ENDPOINT_URL` and the per-service variables name.
    Aws,
    /// Anything that speaks AWS's protocols at this URL.
    Endpoint(String),
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Local { .. } => f.write_str("local"),
            Self::Aws => match environment_endpoint() {
                Some(endpoint) => f.write_str(&endpoint),
                None => f.write_str("aws"),
            },
            Self::Endpoint(url) => f.write_str(url),
        }
    }
}

/// The endpoint in AWS's place that the environment leads the AWS SDK to: that of all services, else
/// of the first that has one.
pub fn environment_endpoint() -> Option<String> {
    const ALL: &str = "AWS_ENDPOINT_URL";
    let of = |name: &str| std::env::var(name).ok().filter(|url| !url.is_empty());
    of(ALL).or_else(|| {
        let mut names: Vec<String> = std::env::vars_os()
            .filter_map(|(name, _)| name.into_string().ok())
            .filter(|name| name.starts_with(ALL))
            .collect();
        names.sort();
        names.iter().find_map(|name| of(name))
    })
}

/// The account of the embedded cloud, as its ARNs name it.
pub const LOCAL_ACCOUNT: &str = "000000000000";

/// Why a target could not be reached.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error(
        "no region is set: give it as --region, as `region` under [stack], or in the AWS profile"
    )]
    NoRegion,
    #[cfg(not(feature = "local"))]
    #[error("this athglue was built without the embedded cloud: use --target aws or an endpoint")]
    NoEmbeddedCloud,
    #[cfg(feature = "local")]
    #[error(
        "cannot open the embedded cloud in {}: {message}\n  \
         help: {}",
        data_dir.display(),
        if is_damaged(message) {
            "`athglue local reset` deletes what is in it, and `athglue up` makes it anew"
        } else {
            "it needs a folder that it can write to; --data-dir names another"
        }
    )]
    Open { data_dir: PathBuf, message: String },
    #[cfg(feature = "local")]
    #[error("{0}")]
    Chaos(String),
    #[error("cannot find out the account: {}", with_help(.0))]
    Identity(CallError),
}

/// Whether SQLite says that a store is no store any more.
#[cfg(feature = "local")]
fn is_damaged(message: &str) -> bool {
    ["malformed", "not a database"]
        .iter()
        .any(|text| message.contains(text))
}

/// The first call's error, with what the environment or the profile has to do with it.
fn explained(error: CallError, target: &Target, profile: Option<&str>) -> CallError {
    let endpoint = (*target == Target::Aws)
        .then(environment_endpoint)
        .flatten();
    match (endpoint, profile) {
        (Some(endpoint), _) if error.never_came() => error.with_help(format!(
            "AWS_ENDPOINT_URL names {endpoint}: start what is to answer there, or unset the variable"
        )),
        (None, Some(profile)) if error.lacks_credentials() => error.with_help(format!(
            "the profile {profile} gives none: `aws configure list-profiles` lists those that there are"
        )),
        _ => error,
    }
}

/// An error, and in a line of its own what can be done about it.
fn with_help(error: &CallError) -> String {
    match error.advice() {
        Some(advice) => format!("{error}\n  help: {advice}"),
        None => error.to_string(),
    }
}

/// The clients of every service, and what they share. Clones are cheap.
#[derive(Clone)]
pub struct Cloud {
    pub s3: aws_sdk_s3::Client,
    pub glue: aws_sdk_glue::Client,
    pub athena: aws_sdk_athena::Client,
    pub sfn: aws_sdk_sfn::Client,
    pub iam: aws_sdk_iam::Client,
    pub scheduler: aws_sdk_scheduler::Client,
    pub logs: aws_sdk_cloudwatchlogs::Client,
    target: Target,
    /// What Glue is called at, where the user's set-up says it.
    glue_url: Option<String>,
    account_id: String,
    region: String,
    calls: Calls,
    #[cfg(feature = "local")]
    embedded: Option<local_cloud::Cloud>,
}

impl std::fmt::Debug for Cloud {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cloud")
            .field("target", &self.target)
            .field("account_id", &self.account_id)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

impl Cloud {
    /// Opens `target` as [`Self::connect_with`] does, an embedded cloud with its store alone.
    #[cfg(test)]
    pub async fn connect(
        target: Target,
        profile: Option<&str>,
        region: Option<&str>,
    ) -> Result<Self, ConnectError> {
        Self::connect_with(target, profile, region, Extras::default()).await
    }

    /// Opens `target`. Without a `region` it is the profile's; the embedded cloud has `us-east-1`
    /// when nobody says otherwise, and the `extras`.
    #[cfg_attr(
        not(feature = "local"),
        allow(unused_variables, reason = "there is no embedded cloud to have extras")
    )]
    pub async fn connect_with(
        target: Target,
        profile: Option<&str>,
        region: Option<&str>,
        extras: Extras,
    ) -> Result<Self, ConnectError> {
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(https_client())
            .retry_config(retries());
        if let Some(region) = region {
            loader = loader.region(Region::new(region.to_owned()));
        }
        if let Some(profile) = profile {
            loader = loader.profile_name(profile);
        }
        let mut path_style = std::env::var_os("AWS_ENDPOINT_URL").is_some()
            || std::env::var_os("AWS_ENDPOINT_URL_S3").is_some();
        #[cfg(feature = "local")]
        let mut embedded = None;
        match &target {
            Target::Aws => {}
            Target::Endpoint(url) => {
                loader = loader.endpoint_url(url);
                path_style = true;
                // An endpoint that is no AWS asks for no real credentials.
                if profile.is_none() && std::env::var_os("AWS_ACCESS_KEY_ID").is_none() {
                    loader = loader.credentials_provider(test_credentials());
                }
            }
            #[cfg(feature = "local")]
            Target::Local { data_dir } => {
                path_style = true;
                let cloud = open_embedded(data_dir)?.keeping_express_histories();
                embedded = Some(extras.equip(cloud));
            }
            #[cfg(not(feature = "local"))]
            Target::Local { .. } => return Err(ConnectError::NoEmbeddedCloud),
        }
        #[cfg(feature = "local")]
        let config = match &embedded {
            Some(cloud) => embedded_config(cloud, region.unwrap_or("us-east-1")),
            None => loader.load().await,
        };
        #[cfg(not(feature = "local"))]
        let config = loader.load().await;
        let region = config.region().ok_or(ConnectError::NoRegion)?.to_string();
        let calls = Calls::default();
        let sts = client!(aws_sdk_sts, &config, calls);
        let account_id = if matches!(target, Target::Local { .. }) {
            LOCAL_ACCOUNT.to_owned()
        } else {
            account(&sts)
                .await
                .map_err(|error| ConnectError::Identity(explained(error, &target, profile)))?
        };
        Ok(Self {
            s3: s3_client(&config, &calls, path_style),
            glue: client!(aws_sdk_glue, &config, calls),
            athena: client!(aws_sdk_athena, &config, calls),
            sfn: sfn_client(&config, &calls),
            iam: client!(aws_sdk_iam, &config, calls),
            scheduler: client!(aws_sdk_scheduler, &config, calls),
            logs: client!(aws_sdk_cloudwatchlogs, &config, calls),
            glue_url: glue_url(&config),
            target,
            account_id,
            region,
            calls,
            #[cfg(feature = "local")]
            embedded,
        })
    }

    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Whether AWS's own Glue answers, which bills what it does.
    pub fn is_aws(&self) -> bool {
        match &self.target {
            Target::Local { .. } => false,
            Target::Endpoint(url) => is_of_aws(url),
            Target::Aws => self.glue_url.as_deref().is_none_or(is_of_aws),
        }
    }

    pub fn account_id(&self) -> &str {
        &self.account_id
    }

    pub fn region(&self) -> &str {
        &self.region
    }

    /// What was called through these clients, by operation.
    pub fn calls(&self) -> &Calls {
        &self.calls
    }

    /// Step Functions of another process that serves this very embedded cloud, if one does: what is
    /// started there does not end with this process.
    pub fn server(&self) -> Option<aws_sdk_sfn::Client> {
        #[cfg(feature = "local")]
        {
            let url = served::url(self.embedded.as_ref()?)?;
            let config = SdkConfig::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::new(self.region.clone()))
                .credentials_provider(SharedCredentialsProvider::new(test_credentials()))
                .http_client(https_client())
                .endpoint_url(url)
                .retry_config(retries())
                .build();
            Some(sfn_client(&config, &self.calls))
        }
        #[cfg(not(feature = "local"))]
        None
    }

    /// Waits for what the embedded cloud still does in this process: a crawl, a query, an
    /// execution. Elsewhere there is nothing to wait for.
    pub async fn finish(&self) {
        #[cfg(feature = "local")]
        if let Some(embedded) = &self.embedded {
            embedded.wait_idle().await;
        }
    }
}

/// The URL that Glue is called at, where the environment or the profile names one.
fn glue_url(config: &SdkConfig) -> Option<String> {
    let own = std::env::var("AWS_ENDPOINT_URL_GLUE").ok();
    let own = own.filter(|url| !url.is_empty());
    own.or_else(|| config.endpoint_url().map(str::to_owned))
}

/// Whether a URL leads to AWS, as that of a VPC endpoint does.
fn is_of_aws(url: &str) -> bool {
    let (_, rest) = url.split_once("://").unwrap_or(("", url));
    let host = rest.split(['/', ':', '?']).next().unwrap_or_default();
    [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"]
        .iter()
        .any(|domain| host.ends_with(domain))
}

/// Whose account it is. This is the first call, so that a target where nobody answers is told of
/// after seconds; one that answers, with whatever, is asked as patiently as in any other call.
async fn account(sts: &aws_sdk_sts::Client) -> Result<String, CallError> {
    let few = aws_sdk_sts::config::Builder::new().retry_config(RetryConfig::standard());
    let first = sts.get_caller_identity().customize().config_override(few);
    let identity = match first.send().await {
        Err(error) if !matches!(error, SdkError::DispatchFailure(_)) => {
            sts.get_caller_identity().send().await
        }
        other => other,
    };
    let identity = identity.map_err(|error| CallError::of("GetCallerIdentity", error))?;
    Ok(identity.account().unwrap_or(LOCAL_ACCOUNT).to_owned())
}

fn https_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(CryptoMode::Ring))
        .build_https()
}

#[cfg(feature = "local")]
fn open_embedded(data_dir: &std::path::Path) -> Result<local_cloud::Cloud, ConnectError> {
    let cloud = local_cloud::Cloud::open(data_dir).map_err(|error| ConnectError::Open {
        data_dir: data_dir.to_owned(),
        message: error.to_string(),
    })?;
    match crate::chaos::named() {
        Some(file) => crate::chaos::read(&file)
            .map(|chaos| cloud.with_chaos(chaos))
            .map_err(|error| ConnectError::Chaos(format!("{error:#}"))),
        None => Ok(cloud),
    }
}

/// Nothing of the user's AWS set-up may lead the calls of the embedded cloud elsewhere.
#[cfg(feature = "local")]
fn embedded_config(cloud: &local_cloud::Cloud, region: &str) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .credentials_provider(SharedCredentialsProvider::new(test_credentials()))
        .http_client(cloud.http_client())
        // It is only slow or throttled when a test wants it so.
        .retry_config(retries().with_initial_backoff(Duration::from_millis(20)))
        .build()
}

/// Throttling, a fault of the service's own, a lost answer: the SDK calls again, after pauses that
/// grow to 20 s. Of calls that fail three times in ten, one in 15,000 fails for good.
fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(8)
}

fn test_credentials() -> Credentials {
    Credentials::new("test", "test", None, None, "athglue")
}

/// A service's client that counts its calls.
macro_rules! client {
    ($service:ident, $config:expr, $calls:expr) => {
        $service::Client::from_conf(
            $service::config::Builder::from($config)
                .interceptor($calls.clone())
                .interceptor(Attempts)
                .build(),
        )
    };
}
use client;

fn s3_client(config: &SdkConfig, calls: &Calls, path_style: bool) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::config::Builder::from(config)
        .interceptor(calls.clone())
        .interceptor(Attempts)
        .force_path_style(path_style)
        .build();
    aws_sdk_s3::Client::from_conf(config)
}

fn sfn_client(config: &SdkConfig, calls: &Calls) -> aws_sdk_sfn::Client {
    let config = aws_sdk_sfn::config::Builder::from(config)
        .interceptor(calls.clone())
        .interceptor(Attempts)
        .interceptor(NoHostPrefix)
        .build();
    aws_sdk_sfn::Client::from_conf(config)
}

/// How often each operation was called; retries of the SDK count as one.
#[derive(Debug, Clone, Default)]
pub struct Calls {
    counts: Arc<Mutex<BTreeMap<String, usize>>>,
}

impl Calls {
    /// The counts so far, as `GetTable` → 3.
    pub fn counts(&self) -> BTreeMap<String, usize> {
        self.counts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The counts of operations that can change something.
    pub fn mutating(&self) -> BTreeMap<String, usize> {
        const READS: [&str; 5] = ["Get", "List", "Head", "Describe", "BatchGet"];
        let mut counts = self.counts();
        counts.retain(|operation, _| !READS.iter().any(|read| operation.starts_with(read)));
        counts
    }
}

impl Intercept for Calls {
    fn name(&self) -> &'static str {
        "Calls"
    }

    // The first hook that knows the operation.
    fn read_before_serialization(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(metadata) = config.load::<Metadata>() {
            *self
                .counts
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .entry(metadata.name().to_owned())
                .or_default() += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::is_of_aws;

    #[test]
    fn an_endpoint_of_aws_is_told_from_others_by_its_domain() {
        assert!(is_of_aws("https://glue.eu-west-1.amazonaws.com"));
        assert!(is_of_aws(
            "https://vpce-1.glue.eu-west-1.vpce.amazonaws.com/x"
        ));
        assert!(!is_of_aws("http://127.0.0.1:4566"));
        assert!(!is_of_aws("http://localhost:4566/amazonaws.com"));
    }
}
