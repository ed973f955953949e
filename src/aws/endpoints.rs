//! Endpoints that replace AWS's own (`AWS_ENDPOINT_URL[_SERVICE]`).

use aws_config::SdkConfig;

use super::options::Options;
use crate::ui::{Failure, Result, t};

/// The services whose endpoints can be replaced individually.
const SERVICES: &[&str] = &[
    "STS",
    "IAM",
    "S3",
    "SNS",
    "LAMBDA",
    "CLOUDWATCH",
    "CLOUDWATCH_LOGS",
    "CLOUDTRAIL",
    "ORGANIZATIONS",
    "EVENTBRIDGE",
];

/// Returns the endpoints that replace AWS's own, each as service (or `*` for all) and URL.
pub(super) fn replaced(conf: &SdkConfig, options: &Options) -> Vec<(String, String)> {
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

/// Refuses endpoints that are not http or https URLs: the SDK panics if one is empty.
pub(super) fn must_fit() -> Result<()> {
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
