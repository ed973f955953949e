//! `CreateTrail`.

use serde_json::Value;

use super::{
    admission::{check, organization, root, topic},
    describe::shown,
    input::{Answer, flag, text},
    notices::validate,
    selectors,
    tags::tags,
};
use crate::{
    connection::AccountId,
    sandbox::{
        cloud::{Caller, Cloud, Error, Trail},
        rules,
    },
};

/// Trails per region; fixed (CloudTrail quotas).
const LIMIT: usize = 5;

/// Creates a trail, which does not log yet.
pub(super) async fn create(cloud: &Cloud, caller: &Caller, input: &Value) -> Answer {
    let name = text(input, "Name").unwrap_or_default();
    if !rules::is_trail_name(name) {
        return Err(Error::new(
            "InvalidTrailNameException",
            "Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), hyphens (-), and \
             underscores (_).",
        ));
    }
    let root = root(cloud, caller).await?;
    let partition = root.caller.partition.as_str();
    let place = place(cloud, caller, input, partition)?;
    room(cloud, caller, name, &place.arn)?;
    let trail = described(caller, input, partition, place)?;
    if trail.multi_region && !trail.global {
        return Err(Error::new(
            "InvalidParameterCombinationException",
            "Multi-Region trail must include global service events.",
        ));
    }
    check(cloud, &root, &trail).await?;
    {
        let mut trails = cloud.state();
        trails.list.push(trail.clone());
        trails.changed = true;
    }
    validate(cloud, &root, &trail);
    Ok(shown(&trail))
}

/// Where a trail belongs.
struct Place {
    owner: AccountId,
    /// The id of the organization, if it is an organization's trail.
    organization: Option<String>,
    arn: String,
}

/// Where the trail of a call belongs. An organization's trail belongs to the management account, even if a delegated
/// administrator creates it.
fn place(cloud: &Cloud, caller: &Caller, input: &Value, partition: &str) -> Result<Place, Error> {
    let organization = match flag(input, "IsOrganizationTrail") {
        Some(true) => Some(organization(cloud, caller)?),
        _ => None,
    };
    let owner = organization
        .as_ref()
        .map_or(&caller.account, |found| &found.management)
        .clone();
    let arn = format!(
        "arn:{partition}:cloudtrail:{}:{owner}:trail/{}",
        caller.region,
        text(input, "Name").unwrap_or_default()
    );
    Ok(Place {
        owner,
        organization: organization.map(|found| found.id),
        arn,
    })
}

/// Refuses a trail whose name is taken, or that is one too many.
fn room(cloud: &Cloud, caller: &Caller, name: &str, arn: &str) -> Result<(), Error> {
    let (account, region) = (&caller.account, &caller.region);
    let trails = cloud.state();
    if trails.list.iter().any(|trail| trail.arn == arn) {
        let message = format!("Trail {name} already exists for customer: {account}");
        return Err(Error::new("TrailAlreadyExistsException", message));
    }
    let here =
        |trail: &&Trail| trail.account == *account && (trail.home == *region || trail.multi_region);
    if trails.list.iter().filter(here).count() >= LIMIT {
        let message = format!("User: {account} already has {LIMIT} trails in {region}.");
        return Err(Error::new(
            "MaximumNumberOfTrailsExceededException",
            message,
        ));
    }
    Ok(())
}

/// The trail that a call describes.
fn described(
    caller: &Caller,
    input: &Value,
    partition: &str,
    place: Place,
) -> Result<Trail, Error> {
    let named = text(input, "SnsTopicName").unwrap_or_default();
    Ok(Trail {
        account: place.owner,
        maker: Some(caller.account.clone()),
        home: caller.region.clone(),
        name: text(input, "Name").unwrap_or_default().to_owned(),
        organization: place.organization,
        bucket: text(input, "S3BucketName").unwrap_or_default().to_owned(),
        prefix: text(input, "S3KeyPrefix").unwrap_or_default().to_owned(),
        topic_arn: topic(caller, partition, named)?,
        key: text(input, "KmsKeyId")
            .filter(|key| !key.is_empty())
            .map(ToOwned::to_owned),
        global: flag(input, "IncludeGlobalServiceEvents").unwrap_or(true),
        multi_region: flag(input, "IsMultiRegionTrail").unwrap_or(false),
        validation: flag(input, "EnableLogFileValidation").unwrap_or(false),
        tags: tags(input),
        selectors: selectors::default(&place.arn),
        arn: place.arn,
        logging: false,
        started: None,
        stopped: None,
        delivered: None,
        delivery_error: None,
        digested: None,
        notified: None,
        notification_error: None,
    })
}
