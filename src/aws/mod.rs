//! AWS: who is calling and where, the clients, error classes, waiting for propagation.

mod caller;
mod clock;
mod conf;
mod endpoints;
pub(crate) mod error;
mod hints;
mod options;
pub(crate) mod permitted;
mod profiles;
mod proxy;
mod refusals;
#[cfg(test)]
pub(crate) mod served;
mod trace;
pub(crate) mod wait;
mod words;

pub(crate) use sophos_ct_forwarder::host::is_loopback;

#[cfg(feature = "sandbox")]
use aws_credential_types::{Credentials, provider::ProvideCredentials};

#[cfg(feature = "sandbox")]
use crate::ui::Failure;
use crate::{
    connection::Region,
    ui::{Code, Result},
};
pub(crate) use caller::Caller;
pub(crate) use hints::{of_certificate, through_proxy};
#[cfg(feature = "sandbox")]
pub(crate) use options::root_credentials;
pub use options::{Options, SandboxAws};
pub(crate) use profiles::{Profile, SignIn, profiles, signs_in_by_process};
pub(crate) use proxy::proxy_of;
use trace::Trace;

/// Builds a client that logs its calls.
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

/// The clients of one region, and the caller whose credentials they use.
#[derive(Clone, Debug)]
pub struct Aws {
    pub caller: Caller,
    pub region: Region,
    /// Where the region comes from: a flag, a variable or a profile.
    pub region_origin: String,
    /// Endpoints that replace AWS's own (`AWS_ENDPOINT_URL[_SERVICE]`): service or `*`, and URL.
    pub endpoints: Vec<(String, String)>,
    pub sts: aws_sdk_sts::Client,
    pub iam: aws_sdk_iam::Client,
    pub s3: aws_sdk_s3::Client,
    pub sns: aws_sdk_sns::Client,
    pub lambda: aws_sdk_lambda::Client,
    pub logs: aws_sdk_cloudwatchlogs::Client,
    pub cloudwatch: aws_sdk_cloudwatch::Client,
    pub cloudtrail: aws_sdk_cloudtrail::Client,
    pub organizations: aws_sdk_organizations::Client,
    pub events: aws_sdk_eventbridge::Client,
}

impl Aws {
    /// Finds credentials and region and asks who is calling. Fails with `AwsSignIn` if the credentials are missing or refused.
    pub async fn connect(options: &Options) -> Result<Self> {
        let (conf, region, region_origin) = match conf::load(options).await {
            Ok(loaded) => loaded,
            // A profile that is not there has no region either.
            Err(failure) if failure.code == Code::MissingAnswers && options.profile.is_some() => {
                return Err(hints::unknown_profile(options).await.unwrap_or(failure));
            }
            Err(failure) => return Err(failure),
        };
        let endpoints = endpoints::replaced(&conf, options);
        let sts = client!(aws_sdk_sts, &conf, region);
        let caller = match Caller::of(&sts).await {
            Ok(caller) => caller,
            Err(failure) if failure.code == Code::AwsSignIn => {
                return Err(hints::of_profile(failure, options).await);
            }
            Err(failure) if failure.code == Code::Unreachable => {
                return Err(hints::of_host(failure, &endpoints, &region));
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
            cloudwatch: client!(aws_sdk_cloudwatch, &conf, region),
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

    /// Returns what the user agent of each call says of this run: CloudTrail writes it into the call's event.
    #[must_use]
    pub(crate) fn run_in_user_agent(&self) -> Option<String> {
        let run = self.cloudtrail.config().app_name()?;
        Some(format!("app/{run}"))
    }

    /// Returns the client for CloudTrail in another region.
    #[must_use]
    pub(crate) fn cloudtrail_in(&self, region: &Region) -> aws_sdk_cloudtrail::Client {
        let conf = self.cloudtrail.config().to_builder();
        let region = aws_sdk_cloudtrail::config::Region::new(region.to_string());
        aws_sdk_cloudtrail::Client::from_conf(conf.region(region).build())
    }

    /// Returns the endpoint that the function must use as well: only if every service is on one loopback endpoint.
    #[must_use]
    pub fn loopback_endpoint(&self) -> Option<&str> {
        match &self.endpoints[..] {
            [(service, url)] if service == "*" && is_loopback(url) => Some(url),
            _ => None,
        }
    }

    /// Whether S3 is reached over plain http, so that a bucket policy must not require TLS.
    #[must_use]
    pub fn plain_http(&self) -> bool {
        self.loopback_endpoint()
            .is_some_and(|url| url.starts_with("http://"))
    }
}

/// Returns the credentials that the SDK finds, for a request that is signed and not sent.
#[cfg(feature = "sandbox")]
pub(crate) async fn credentials(options: &Options) -> Result<Credentials> {
    let refused = |cause: String| Failure::new(Code::AwsSignIn, cause);
    let (conf, ..) = conf::load(options).await?;
    let provider = conf.credentials_provider();
    let provider = provider.ok_or_else(|| refused("no credentials".to_owned()))?;
    let found = provider.provide_credentials().await;
    found.map_err(|error| refused(error.to_string()))
}

/// Returns the account's alias, if the caller may read it. The published permissions do not include this call, so nothing
/// depends on it.
pub(crate) async fn account_alias(aws: &Aws) -> Option<String> {
    let aliases = aws.iam.list_account_aliases().send().await.ok()?;
    aliases.account_aliases().first().cloned()
}
