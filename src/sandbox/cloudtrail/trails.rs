//! Trails in the sandbox's state: finding one for a caller, changing, starting, stopping and deleting it.

use serde_json::{Value, json};
use tokio::sync::OwnedMutexGuard;

use super::{
    access::root_of,
    digests,
    input::{Answer, text},
};
use crate::sandbox::cloud::{Caller, Cloud, Error, Trail};

/// Starts or stops logging.
pub(super) async fn log(cloud: &Cloud, caller: &Caller, input: &Value, on: bool) -> Answer {
    let arn = own(cloud, caller, input, "Name")?.arn;
    let alone = cloud.alone(&arn).await;
    change(cloud, &arn, |trail| {
        trail.logging = on;
        if on {
            trail.started = Some(seconds());
        } else {
            trail.stopped = Some(seconds());
        }
    });
    let trail = own(cloud, caller, input, "Name")?;
    if on {
        digests::begin(cloud, &trail);
    } else {
        end(cloud, trail, alone).await;
    }
    Ok(json!({}))
}

/// Deletes a trail.
pub(super) async fn delete(cloud: &Cloud, caller: &Caller, input: &Value) -> Answer {
    let trail = own(cloud, caller, input, "Name")?;
    let alone = cloud.alone(&trail.arn).await;
    {
        let mut trails = cloud.state();
        trails.list.retain(|there| there.arn != trail.arn);
        trails.changed = true;
    }
    end(cloud, trail, alone).await;
    Ok(json!({}))
}

/// Delivers the last digests of a trail that was stopped or deleted. A caller that goes away does not keep them back.
async fn end(cloud: &Cloud, trail: Trail, alone: OwnedMutexGuard<()>) {
    let cloud = cloud.clone();
    let last = tokio::spawn(async move {
        if let Some(root) = root_of(&cloud, &trail).await {
            digests::close(&cloud, &root, &trail).await;
        }
        drop(alone);
    });
    // It fails only if the sandbox ends.
    let _ = last.await;
}

/// Finds a trail that shows in the caller's region. A name stands for a trail of this region, an ARN for one of any region.
pub(super) fn visible(
    cloud: &Cloud,
    caller: &Caller,
    input: &Value,
    parameter: &str,
) -> Result<Trail, Error> {
    let name = text(input, parameter).unwrap_or_default();
    let member_of = cloud.organization_of(&caller.account).map(|found| found.id);
    let trails = cloud.state();
    let trail = trails.list.iter().find(|trail| {
        let own = trail.account == caller.account;
        let shadow = trail.organization.is_some() && trail.organization == member_of;
        (own || shadow) && trail.arn == name
            || own && trail.name == name && (trail.home == caller.region || trail.multi_region)
    });
    trail.cloned().ok_or_else(|| not_found(name, caller))
}

/// Finds a trail that the caller may change. A trail can be changed in its home region only.
pub(super) fn own(
    cloud: &Cloud,
    caller: &Caller,
    input: &Value,
    parameter: &str,
) -> Result<Trail, Error> {
    let trail = visible(cloud, caller, input, parameter)?;
    let delegated = cloud
        .organization_of(&caller.account)
        .is_some_and(|found| found.delegated.contains(&caller.account));
    if trail.account != caller.account && !(delegated && trail.organization.is_some()) {
        return Err(Error::new(
            "OperationNotPermittedException",
            "A member account cannot change the organization's trail",
        ));
    }
    if trail.home == caller.region {
        Ok(trail)
    } else {
        Err(Error::new(
            "InvalidHomeRegionException",
            format!("The home region of the trail is {}", trail.home),
        ))
    }
}

/// The message contains the trail's name, even if the call named its ARN (recorded).
fn not_found(name: &str, caller: &Caller) -> Error {
    let name = name.rsplit('/').next().unwrap_or(name);
    let account = &caller.account;
    let message = format!("Unknown trail: {name} for the user: {account}");
    Error::new("TrailNotFoundException", message)
}

/// Changes the trail with this ARN, if it is still there.
pub(super) fn change(cloud: &Cloud, arn: &str, with: impl FnOnce(&mut Trail)) {
    let mut trails = cloud.state();
    if let Some(trail) = trails.list.iter_mut().find(|trail| trail.arn == arn) {
        with(trail);
    }
    trails.changed = true;
}

/// The present time as CloudTrail's answers give it: seconds since 1970.
pub(super) fn seconds() -> f64 {
    jiff::Timestamp::now().as_duration().as_secs_f64()
}
