//! AWS: who is calling and where, the clients, error classes, waiting for propagation.

pub mod error;
mod refusals;
mod trace;
pub mod wait;

use std::time::Duration;

use aws_config::{
    BehaviorVersion, FrameworkMetadata, SdkConfig, profile::ProfileFileCredentialsProvider,
    retry::RetryConfig, sts::AssumeRoleProvider, timeout::TimeoutConfig,
};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_smithy_async::time::SystemTimeSource;
use aws_smithy_http_client::tls;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::{
    app_name::AppName,
    os_shim_internal::{Env, Fs},
};

use secrecy::{ExposeSecret, SecretString};
pub use sophos_ct_forwarder::host::is_loopback;
use sophos_ct_forwarder::settings::dns_suffix;

use crate::{
    connection::{AccountId, Arn, Partition, Region},
    ui::{Code, Failure, Result, t},
};
use error::AwsError;
use trace::Trace;

/// A client that tells of its calls.
macro_rules! client {
    ($sdk:ident, $conf:expr, $region:expr $(, $option:ident($value:expr))?) => {
        $sdk::Client::from_conf(
            $sdk::config::Builder::from($conf)
                .interceptor(Trace {
                    region: $region.clone(),
                })
                $(.$option($value))?
                .build(),
        )
    };
}

/// How AWS is reached.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `--profile`.
    pub profile: Option<String>,
    /// `--region`, or the sandbox's.
    pub region: Option<Region>,
    /// Endpoint and account of the sandbox; the environment then counts for nothing.
    pub sandbox: Option<SandboxAws>,
}

/// The sandbox's AWS side.
#[derive(Clone, Debug)]
pub struct SandboxAws {
    pub endpoint: String,
    pub account: AccountId,
    /// The session token of the account's root, whose access key is the account's id.
    pub secret: SecretString,
    /// The role to act as; the account's root acts where there is none.
    pub role: Option<&'static str>,
    /// Another way to the endpoint than TCP.
    pub client: Option<SharedHttpClient>,
}

/// Of the root of an account in the sandbox. ministack: the account's id is its access key, and no signature of that key is
/// looked at; the gateway wants the secret as its session token.
#[must_use]
pub fn root_credentials(account: &AccountId, secret: &SecretString) -> Credentials {
    let token = secret.expose_secret().to_owned();
    Credentials::new(account.as_str(), "root", Some(token), None, "sandbox")
}

/// The caller, as `GetCallerIdentity` tells.
#[derive(Clone, Debug)]
pub struct Caller {
    pub account: AccountId,
    pub arn: String,
    pub partition: Partition,
}

impl Caller {
    /// The account's root user (`arn:aws:iam::123456789012:root`).
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.arn.ends_with(":root")
    }
}

/// The clients of one region, and whose they are.
#[derive(Clone, Debug)]
pub struct Aws {
    pub caller: Caller,
    pub region: Region,
    /// Where the region comes from: a flag, a variable, a profile.
    pub region_origin: String,
    /// Endpoints that replace AWS's own (`AWS_ENDPOINT_URL[_SERVICE]`): service or `*`, and URL.
    pub endpoints: Vec<(String, String)>,
    pub sts: aws_sdk_sts::Client,
    pub iam: aws_sdk_iam::Client,
    pub s3: aws_sdk_s3::Client,
    pub sns: aws_sdk_sns::Client,
    pub lambda: aws_sdk_lambda::Client,
    pub logs: aws_sdk_cloudwatchlogs::Client,
    pub cloudtrail: aws_sdk_cloudtrail::Client,
    pub organizations: aws_sdk_organizations::Client,
    pub events: aws_sdk_eventbridge::Client,
}

/// Services whose endpoint can be replaced one by one.
const SERVICES: &[&str] = &[
    "STS",
    "IAM",
    "S3",
    "SNS",
    "LAMBDA",
    "CLOUDWATCH_LOGS",
    "CLOUDTRAIL",
    "ORGANIZATIONS",
    "EVENTBRIDGE",
];

impl Aws {
    /// Finds credentials and region and asks who is calling. `AwsSignIn` where that fails.
    pub async fn connect(options: &Options) -> Result<Self> {
        let (conf, region, region_origin) = load(options).await?;
        let endpoints = endpoints(&conf, options);
        let sts = client!(aws_sdk_sts, &conf, region);
        let caller = match caller(&sts).await {
            Ok(caller) => caller,
            Err(failure) if failure.code == Code::AwsSignIn => {
                return Err(of_profile(failure, options).await);
            }
            Err(failure) if failure.code == Code::Unreachable => {
                return Err(of_host(failure, &endpoints, &region));
            }
            Err(failure) => return Err(failure),
        };
        let path_style = endpoints
            .iter()
            .any(|(service, _)| service == "*" || service == "S3");
        Ok(Self {
            iam: client!(aws_sdk_iam, &conf, region),
            s3: client!(aws_sdk_s3, &conf, region, force_path_style(path_style)),
            sns: client!(aws_sdk_sns, &conf, region),
            lambda: client!(aws_sdk_lambda, &conf, region),
            logs: client!(aws_sdk_cloudwatchlogs, &conf, region),
            cloudtrail: client!(aws_sdk_cloudtrail, &conf, region),
            organizations: client!(aws_sdk_organizations, &conf, region),
            events: client!(aws_sdk_eventbridge, &conf, region),
            caller,
            region,
            region_origin,
            endpoints,
            sts,
        })
    }

    /// The endpoint that the function is to use too: only where every service is on one loopback endpoint.
    #[must_use]
    pub fn loopback_endpoint(&self) -> Option<&str> {
        match &self.endpoints[..] {
            [(service, url)] if service == "*" && is_loopback(url) => Some(url),
            _ => None,
        }
    }

    /// Whether S3 is reached over plain http, so that a bucket policy must not insist on TLS.
    #[must_use]
    pub fn plain_http(&self) -> bool {
        self.loopback_endpoint()
            .is_some_and(|url| url.starts_with("http://"))
    }
}

/// A sign-in that failed, with the profile that was asked for where there is one.
async fn of_profile(failure: Failure, options: &Options) -> Failure {
    let named = match &options.profile {
        Some(profile) => Some(("--profile", profile.clone())),
        None => std::env::var("AWS_PROFILE")
            .ok()
            .filter(|name| !name.is_empty())
            .map(|name| ("AWS_PROFILE", name)),
    };
    let Some((origin, profile)) = named.filter(|_| options.sandbox.is_none()) else {
        return failure;
    };
    let files = EnvConfigFiles::default();
    let found = aws_config::profile::load(&Fs::real(), &Env::real(), &files, None).await;
    if found.is_ok_and(|all| all.get_profile(&profile).is_none()) {
        let message = t!("aws-profile-unknown", origin = origin, profile = profile);
        return Failure::new(Code::AwsSignIn, message).hinted(t!("aws-profile-unknown-hint"));
    }
    if options.profile.is_some() {
        failure.hinted(t!("aws-profile-hint", profile = profile))
    } else {
        failure
    }
}

/// No answer, with the host that was asked, the region that its name is made of, and the proxy in between.
fn of_host(failure: Failure, endpoints: &[(String, String)], region: &Region) -> Failure {
    let replaced = endpoints
        .iter()
        .find(|(service, _)| service == "*" || service == "STS");
    let (host, failure) = match replaced {
        Some((_, url)) => (url.clone(), failure),
        None => {
            let suffix = dns_suffix(Partition::of(region).as_str()).unwrap_or_default();
            let host = format!("https://sts.{region}.{suffix}");
            let hint = t!("aws-host-hint", host = host, region = region);
            (host, failure.hinted(hint))
        }
    };
    through_proxy(failure, &host)
}

/// No answer from a URL, with the proxy in between where the environment names one.
#[must_use]
pub fn through_proxy(failure: Failure, url: &str) -> Failure {
    match proxy(url) {
        Some((variable, proxy)) => {
            failure.hinted(t!("proxy-hint", variable = variable, proxy = proxy))
        }
        None => failure,
    }
}

/// The proxy that the environment names for a URL, without the credentials in it, and by which variable. What `NO_PROXY`
/// excepts is not looked at.
fn proxy(url: &str) -> Option<(&'static str, String)> {
    let variables: &[&'static str] = if is_loopback(url) {
        &[]
    } else if url.starts_with("http:") {
        &["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"]
    } else {
        &["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
    };
    variables.iter().find_map(|variable| {
        let value = std::env::var(variable)
            .ok()
            .filter(|value| !value.is_empty())?;
        let host = value
            .rsplit_once('@')
            .map_or(value.as_str(), |(_, host)| host);
        Some((*variable, host.to_owned()))
    })
}

/// A client that knows no proxy: what the environment names does not lead to this very machine.
fn direct() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(
            tls::rustls_provider::CryptoMode::AwsLc,
        ))
        .build_https()
}

async fn load(options: &Options) -> Result<(SdkConfig, Region, String)> {
    let run = uuid::Uuid::new_v4().simple().to_string();
    let app =
        AppName::new(format!("run-{}", &run[..12])).expect("an app name of hex digits is valid");
    let framework = FrameworkMetadata::new("sophos-ct", Some(crate::VERSION))
        .expect("name and version are valid metadata");
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .read_timeout(Duration::from_secs(60))
        .build();
    if let Some(sandbox) = &options.sandbox {
        let region = options
            .region
            .clone()
            .unwrap_or_else(|| "eu-west-1".parse().expect("a valid region"));
        let origin = if options.region.is_some() {
            "--region"
        } else {
            "--sandbox"
        };
        let root = root_credentials(&sandbox.account, &sandbox.secret);
        // Built without the loader: nothing of the environment counts in the sandbox.
        let conf = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .credentials_provider(SharedCredentialsProvider::new(root.clone()))
            .region(aws_types::region::Region::new(region.to_string()))
            .endpoint_url(&sandbox.endpoint)
            .http_client(sandbox.client.clone().unwrap_or_else(direct))
            .time_source(SystemTimeSource::new())
            .app_name(app)
            .build();
        let Some(role) = sandbox.role else {
            return Ok((conf, region, origin.to_owned()));
        };
        let session =
            AssumeRoleProvider::builder(format!("arn:aws:iam::{}:role/{role}", sandbox.account))
                .session_name("sandbox")
                .configure(&conf)
                .build_from_provider(root)
                .await;
        let session = SharedCredentialsProvider::new(session);
        let conf = conf.into_builder().credentials_provider(session).build();
        return Ok((conf, region, origin.to_owned()));
    }

    fitting_endpoints()?;
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .app_name(app)
        .framework_metadata(framework)
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(5));
    if let Some(profile) = &options.profile {
        // As in the AWS CLI: a profile that is named wins over credentials in the environment.
        let credentials = ProfileFileCredentialsProvider::builder()
            .profile_name(profile)
            .build();
        loader = loader
            .profile_name(profile)
            .credentials_provider(credentials);
    }
    if std::env::var("AWS_ENDPOINT_URL").is_ok_and(|url| is_loopback(&url)) {
        loader = loader.http_client(direct());
    }
    let (region, origin) = find_region(options).await?;
    let conf = loader
        .region(aws_types::region::Region::new(region.to_string()))
        .load()
        .await;
    Ok((conf, region, origin))
}

/// The SDK panics at an endpoint that is empty.
fn fitting_endpoints() -> Result<()> {
    let of_services = SERVICES
        .iter()
        .map(|service| format!("AWS_ENDPOINT_URL_{service}"));
    let complaints: Vec<String> = std::iter::once("AWS_ENDPOINT_URL".to_owned())
        .chain(of_services)
        .filter_map(|variable| {
            let value = std::env::var(&variable).ok()?;
            let fits = url::Url::parse(&value)
                .is_ok_and(|url| ["http", "https"].contains(&url.scheme()) && url.has_host());
            (!fits).then(|| t!("aws-endpoint-unfit", variable = variable, value = value))
        })
        .collect();
    if complaints.is_empty() {
        Ok(())
    } else {
        Err(Failure::usage(complaints.join("\n")))
    }
}

/// The region and where it comes from. IMDS is not asked: outside EC2 that costs a time-out.
async fn find_region(options: &Options) -> Result<(Region, String)> {
    let parse = |text: &str, origin: &str| {
        text.parse::<Region>()
            .map(|region| (region, origin.to_owned()))
            .map_err(|error| Failure::usage(format!("{origin}: {error}")))
    };
    if let Some(region) = &options.region {
        return Ok((region.clone(), "--region".to_owned()));
    }
    for variable in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
        if let Ok(text) = std::env::var(variable)
            && !text.is_empty()
        {
            return parse(&text, variable);
        }
    }
    let mut provider = aws_config::profile::ProfileFileRegionProvider::builder();
    if let Some(profile) = &options.profile {
        provider = provider.profile_name(profile);
    }
    let found = aws_config::meta::region::ProvideRegion::region(&provider.build()).await;
    match found {
        Some(region) => parse(region.as_ref(), &t!("origin-profile")),
        None => Err(Failure::new(Code::MissingAnswers, t!("region-missing"))
            .hinted(t!("region-missing-hint"))),
    }
}

fn endpoints(conf: &SdkConfig, options: &Options) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if options.sandbox.is_none() {
        for service in SERVICES {
            if let Ok(url) = std::env::var(format!("AWS_ENDPOINT_URL_{service}")) {
                found.push(((*service).to_owned(), url));
            }
        }
    }
    if let Some(url) = conf.endpoint_url() {
        found.push(("*".to_owned(), url.to_owned()));
    } else if options.sandbox.is_none()
        && let Ok(url) = std::env::var("AWS_ENDPOINT_URL")
    {
        found.push(("*".to_owned(), url));
    }
    found
}

async fn caller(sts: &aws_sdk_sts::Client) -> Result<Caller> {
    let identity = sts
        .get_caller_identity()
        .send()
        .await
        .map_err(AwsError::of("sts:GetCallerIdentity"))
        .map_err(AwsError::while_signing_in)?;
    let arn = identity.arn().unwrap_or_default().to_owned();
    let parsed: Arn = arn
        .parse()
        .map_err(|error: String| Failure::new(Code::AwsSignIn, error))?;
    Ok(Caller {
        account: identity
            .account()
            .unwrap_or_default()
            .parse()
            .map_err(|error: String| Failure::new(Code::AwsSignIn, error))?,
        partition: parsed
            .partition
            .parse()
            .map_err(|error: String| Failure::new(Code::AwsSignIn, error))?,
        arn,
    })
}

/// The account's alias, where the caller may see it: outside the published permissions, so never needed.
pub async fn account_alias(aws: &Aws) -> Option<String> {
    let aliases = aws.iam.list_account_aliases().send().await.ok()?;
    aliases.account_aliases().first().cloned()
}

/// Permission behind [`account_alias`].
pub const ALIAS_ACTION: &str = "iam:ListAccountAliases";
