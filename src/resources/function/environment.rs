//! The function's environment, and its entry in the manifest.

use std::collections::BTreeMap;

use sophos_ct_forwarder::env;

use crate::{
    connection::{Design, Kind, Ownership, Resource},
    resources::cx::environment_digest,
};

/// The variable that says that a stack has made the function, and with which tool. Unlike a tag, it is in every answer about the
/// function.
pub(super) const MANAGED_BY: &str = "SOPHOS_CT_MANAGED_BY";

/// Id of the manifest's entry for the function's environment.
pub(crate) const ENVIRONMENT: &str = "environment";

/// The function's whole environment. Central says where log files go (`ingest_url`, `upload_hosts`); `loopback` is the endpoint
/// of a sandbox.
#[must_use]
pub(crate) fn environment(
    design: &Design,
    ingest_url: &str,
    upload_hosts: &[String],
    loopback: Option<&str>,
) -> BTreeMap<String, String> {
    let mut variables = vec![
        (env::CONNECTION, design.id.to_string()),
        (env::INGEST_URL, ingest_url.to_owned()),
        (env::UPLOAD_HOSTS, upload_hosts.join(",")),
        (env::BUCKET, design.bucket.to_string()),
        (env::BUCKET_OWNER, design.account.to_string()),
        (env::PREFIX, design.prefix.to_string()),
        (env::PARTITION, design.partition.to_string()),
    ];
    variables.extend(loopback.map(|endpoint| (env::ENDPOINT, endpoint.to_owned())));
    let variables = variables.into_iter();
    variables
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// The environment of a function that runs a newer version than this program's: `made`, and beside it those of the variables that
/// were found that this program does not know. The newer code may need them.
#[must_use]
pub(crate) fn of_newer(
    design: &Design,
    made: &BTreeMap<String, String>,
    found: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    // All that we ever make, also on another machine than this.
    let ours = environment(design, "", &[], Some(""));
    let unknown = found.iter().filter(|(name, _)| !ours.contains_key(*name));
    let all = unknown.chain(made);
    all.map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// The manifest's entry for the environment, which is known only once Central has said where log files go.
#[must_use]
pub(crate) fn environment_item(
    design: &Design,
    environment: &BTreeMap<String, String>,
) -> Resource {
    Resource {
        kind: Kind::Function,
        arn: design.function_arn(),
        id: Some(ENVIRONMENT.to_owned()),
        region: Some(design.region.to_string()),
        ownership: Ownership::Created,
        was_absent: None,
        digest: Some(environment_digest(environment)),
    }
}
