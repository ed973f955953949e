//! The SDK's configuration: credentials, region, retries and limits, from the environment or for the sandbox.

use std::time::Duration;

use aws_config::{
    BehaviorVersion, FrameworkMetadata, SdkConfig, profile::ProfileFileCredentialsProvider,
    retry::RetryConfig, sts::AssumeRoleProvider, timeout::TimeoutConfig,
};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_async::time::SystemTimeSource;
use aws_smithy_http_client::tls;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::app_name::AppName;
use sophos_ct_forwarder::host::is_loopback;

use super::{
    endpoints,
    options::{Options, SandboxAws, root_credentials},
};
use crate::{
    connection::{AccountId, Region},
    ui::{Code, Failure, Result, t},
};

/// Loads the configuration, for the sandbox if one is given, otherwise from the environment and the profile. Also returns the
/// region and where it comes from.
pub(super) async fn load(options: &Options) -> Result<(SdkConfig, Region, String)> {
    match &options.sandbox {
        Some(sandbox) => Ok(for_sandbox(sandbox, options.region.as_ref()).await),
        None => from_environment(options).await,
    }
}

/// Builds the configuration without the SDK's loader: the sandbox ignores the environment.
async fn for_sandbox(sandbox: &SandboxAws, asked: Option<&Region>) -> (SdkConfig, Region, String) {
    let (region, origin) = match asked {
        Some(region) => (region.clone(), "--region"),
        None => ("eu-west-1".parse().expect("a valid region"), "--sandbox"),
    };
    let root = root_credentials(&sandbox.account, &sandbox.secret);
    let conf = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .credentials_provider(SharedCredentialsProvider::new(root.clone()))
        .region(aws_types::region::Region::new(region.to_string()))
        .endpoint_url(&sandbox.endpoint)
        .http_client(sandbox.client.clone().unwrap_or_else(direct))
        .time_source(SystemTimeSource::new())
        .app_name(app_name())
        .build();
    let conf = match sandbox.role {
        Some(role) => acting_as(conf, root, &sandbox.account, role).await,
        None => conf,
    };
    (conf, region, origin.to_owned())
}

/// Returns the same configuration for a role that the account's root assumes.
async fn acting_as(
    conf: SdkConfig,
    root: Credentials,
    account: &AccountId,
    role: &str,
) -> SdkConfig {
    let session = AssumeRoleProvider::builder(format!("arn:aws:iam::{account}:role/{role}"))
        .session_name("sandbox")
        .configure(&conf)
        .build_from_provider(root)
        .await;
    let session = SharedCredentialsProvider::new(session);
    conf.into_builder().credentials_provider(session).build()
}

async fn from_environment(options: &Options) -> Result<(SdkConfig, Region, String)> {
    endpoints::must_fit()?;
    let framework = FrameworkMetadata::new("sophos-ct", Some(crate::VERSION))
        .expect("name and version are valid metadata");
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .read_timeout(Duration::from_secs(60))
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .app_name(app_name())
        .framework_metadata(framework)
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(5));
    if let Some(profile) = &options.profile {
        // As in the AWS CLI, a named profile wins over credentials in the environment.
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

/// Returns a new name for each run, by which its records in CloudTrail can be found.
fn app_name() -> AppName {
    let run = uuid::Uuid::new_v4().simple().to_string();
    AppName::new(format!("run-{}", &run[..12])).expect("an app name of hex digits is valid")
}

/// Finds the region and where it comes from. IMDS is not asked, because outside EC2 that costs a time-out.
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

/// Returns a client that uses no proxy: a proxy that the environment names does not lead to this machine.
fn direct() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(
            tls::rustls_provider::CryptoMode::AwsLc,
        ))
        .build_https()
}
