//! A CloudTrail service as strict as AWS where an account's trail is concerned: it reads and evaluates bucket and topic
//! policies, knows names, limits and home regions, publishes the validation message, and delivers log files.

mod deliver;
mod records;

use aws_sdk_s3::primitives::ByteStream;
use serde_json::{Value, json};
use sophos_ct_forwarder::event::VALIDATION;

use super::{
    cloud::{CLOUDTRAIL as SERVICE, Caller, Cloud, Error, Organization, Trail},
    kms, notify,
};
use crate::{
    aws::Aws,
    connection::{Arn, names},
    policy::{
        self,
        evaluate::{Principal, Request, allows},
    },
};

pub use deliver::deliver;

/// Trails per region; fixed (CloudTrail quotas).
const LIMIT: usize = 5;

type Answer = Result<Value, Error>;

fn seconds() -> f64 {
    jiff::Timestamp::now().as_duration().as_secs_f64()
}

fn text<'a>(input: &'a Value, name: &str) -> Option<&'a str> {
    input.get(name).and_then(Value::as_str)
}

fn flag(input: &Value, name: &str) -> Option<bool> {
    input.get(name).and_then(Value::as_bool)
}

/// Answers one call of an authorised caller.
pub async fn call(cloud: &Cloud, caller: &Caller, operation: &str, input: &Value) -> Answer {
    match operation {
        "CreateTrail" => create(cloud, caller, input).await,
        "UpdateTrail" => update(cloud, caller, input).await,
        "DescribeTrails" => Ok(describe(cloud, caller, input)),
        "GetTrailStatus" => status(cloud, caller, input),
        "StartLogging" => log(cloud, caller, input, true),
        "StopLogging" => log(cloud, caller, input, false),
        "DeleteTrail" => {
            let arn = own(cloud, caller, input, "Name")?.arn;
            let mut trails = cloud.state();
            trails.list.retain(|trail| trail.arn != arn);
            trails.changed = true;
            Ok(json!({}))
        }
        "PutEventSelectors" => {
            let arn = own(cloud, caller, input, "TrailName")?.arn;
            let mut selectors = json!({ "TrailARN": arn });
            for name in ["EventSelectors", "AdvancedEventSelectors"] {
                if let Some(value) = input.get(name) {
                    selectors[name] = value.clone();
                }
            }
            change(cloud, &arn, |trail| trail.selectors = selectors.clone());
            Ok(selectors)
        }
        "GetEventSelectors" => Ok(visible(cloud, caller, input, "TrailName")?.selectors),
        "AddTags" => {
            let arn = own(cloud, caller, input, "ResourceId")?.arn;
            let tags = tags(input);
            change(cloud, &arn, |trail| {
                trail
                    .tags
                    .retain(|(key, _)| !tags.iter().any(|(new, _)| new == key));
                trail.tags.extend(tags);
            });
            Ok(json!({}))
        }
        "RemoveTags" => {
            let arn = own(cloud, caller, input, "ResourceId")?.arn;
            let tags = tags(input);
            change(cloud, &arn, |trail| {
                trail
                    .tags
                    .retain(|(key, _)| !tags.iter().any(|(old, _)| old == key))
            });
            Ok(json!({}))
        }
        "ListTags" => {
            let arns = input
                .get("ResourceIdList")
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default();
            let trails = cloud.state();
            let list: Result<Vec<Value>, Error> = arns
                .iter()
                .filter_map(Value::as_str)
                .map(|arn| {
                    let of_caller = |trail: &&Trail| {
                        trail.account == caller.account
                            || trail.maker.as_ref() == Some(&caller.account)
                    };
                    let trail = trails
                        .list
                        .iter()
                        .filter(of_caller)
                        .find(|trail| trail.arn == arn);
                    let trail = trail.ok_or_else(|| {
                        Error::new("ResourceNotFoundException", format!("{arn} is not there"))
                    })?;
                    let tags: Vec<Value> = trail
                        .tags
                        .iter()
                        .map(|(key, value)| json!({ "Key": key, "Value": value }))
                        .collect();
                    Ok(json!({ "ResourceId": arn, "TagsList": tags }))
                })
                .collect();
            Ok(json!({ "ResourceTagList": list? }))
        }
        "LookupEvents" => Ok(records::recent(&caller.account, &caller.region)),
        other => Err(Error::new(
            "UnsupportedOperationException",
            format!("{other} is not part of the sandbox"),
        )),
    }
}

/// The message has the name, also where an ARN was asked for (recorded).
fn not_found(name: &str, caller: &Caller) -> Error {
    let name = name.rsplit('/').next().unwrap_or(name);
    let account = &caller.account;
    let message = format!("Unknown trail: {name} for the user: {account}");
    Error::new("TrailNotFoundException", message)
}

fn tags(input: &Value) -> Vec<(String, String)> {
    let list = input.get("TagsList").and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(|tag| {
            Some((
                text(tag, "Key")?.to_owned(),
                text(tag, "Value").unwrap_or_default().to_owned(),
            ))
        })
        .collect()
}

fn change(cloud: &Cloud, arn: &str, with: impl FnOnce(&mut Trail)) {
    let mut trails = cloud.state();
    if let Some(trail) = trails.list.iter_mut().find(|trail| trail.arn == arn) {
        with(trail);
    }
    trails.changed = true;
}

/// A trail that shows in the caller's region: a name is one of the region, an ARN one of anywhere.
fn visible(cloud: &Cloud, caller: &Caller, input: &Value, parameter: &str) -> Result<Trail, Error> {
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

/// A trail that may be changed from here: in its home region only.
fn own(cloud: &Cloud, caller: &Caller, input: &Value, parameter: &str) -> Result<Trail, Error> {
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

fn shown(trail: &Trail) -> Value {
    let mut shown = json!({
        "Name": trail.name,
        "TrailARN": trail.arn,
        "S3BucketName": trail.bucket,
        "IncludeGlobalServiceEvents": trail.global,
        "IsMultiRegionTrail": trail.multi_region,
        "LogFileValidationEnabled": trail.validation,
        "IsOrganizationTrail": trail.organization.is_some(),
    });
    if !trail.prefix.is_empty() {
        shown["S3KeyPrefix"] = trail.prefix.clone().into();
    }
    if let Some(key) = &trail.key {
        shown["KmsKeyId"] = key.clone().into();
    }
    if let Some(topic) = &trail.topic_arn {
        shown["SnsTopicARN"] = topic.clone().into();
        shown["SnsTopicName"] = topic.clone().into();
    }
    shown
}

fn describe(cloud: &Cloud, caller: &Caller, input: &Value) -> Value {
    let shadows = flag(input, "includeShadowTrails").unwrap_or(true);
    let names = input.get("trailNameList").and_then(Value::as_array);
    let member_of = cloud.organization_of(&caller.account).map(|found| found.id);
    let list: Vec<Value> = cloud
        .state()
        .list
        .iter()
        .filter(|trail| {
            // Members see the organization's trails as shadows.
            let shadow = shadows && trail.organization.is_some() && trail.organization == member_of;
            (trail.account == caller.account || shadow)
                && (trail.home == caller.region || (shadows && trail.multi_region))
                && names.is_none_or(|names| {
                    names.is_empty()
                        || names
                            .iter()
                            .any(|name| *name == trail.name || *name == trail.arn)
                })
        })
        .map(|trail| {
            let mut shown = shown(trail);
            shown["HomeRegion"] = trail.home.to_string().into();
            shown["HasCustomEventSelectors"] =
                (trail.selectors != default_selectors(&trail.arn)).into();
            shown["HasInsightSelectors"] = false.into();
            shown
        })
        .collect();
    json!({ "trailList": list })
}

fn status(cloud: &Cloud, caller: &Caller, input: &Value) -> Answer {
    let trail = visible(cloud, caller, input, "Name")?;
    let text = |at: Option<f64>| {
        let at = at.and_then(|at| jiff::Timestamp::from_second(at as i64).ok());
        at.map(|at| at.to_string()).unwrap_or_default()
    };
    // Times as text are empty where they are not reached, the others left out (recorded).
    let mut status = json!({
        "IsLogging": trail.logging,
        "LatestDeliveryAttemptTime": text(trail.delivered),
        "LatestDeliveryAttemptSucceeded": text(trail.delivered),
        "LatestNotificationAttemptTime": text(trail.notified),
        "LatestNotificationAttemptSucceeded": text(trail.notified),
        "TimeLoggingStarted": text(trail.started),
        "TimeLoggingStopped": text(trail.stopped),
    });
    let fields = [
        ("StartLoggingTime", json!(trail.started)),
        ("StopLoggingTime", json!(trail.stopped)),
        ("LatestDeliveryTime", json!(trail.delivered)),
        ("LatestDeliveryError", json!(trail.delivery_error)),
        ("LatestNotificationTime", json!(trail.notified)),
        ("LatestNotificationError", json!(trail.notification_error)),
    ];
    for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_null()) {
        status[name] = value;
    }
    Ok(status)
}

fn log(cloud: &Cloud, caller: &Caller, input: &Value, on: bool) -> Answer {
    let arn = own(cloud, caller, input, "Name")?.arn;
    change(cloud, &arn, |trail| {
        trail.logging = on;
        if on {
            trail.started = Some(seconds());
        } else {
            trail.stopped = Some(seconds());
        }
    });
    Ok(json!({}))
}

fn default_selectors(arn: &str) -> Value {
    json!({
        "TrailARN": arn,
        "EventSelectors": [{
            "ReadWriteType": "All", "IncludeManagementEvents": true,
            "DataResources": [], "ExcludeManagementEventSources": [],
        }],
    })
}

/// The topic's ARN from an ARN or a name.
fn topic(caller: &Caller, partition: &str, name: &str) -> Result<Option<String>, Error> {
    if name.is_empty() {
        return Ok(None);
    }
    if name.ends_with(".fifo") {
        return Err(Error::new(
            "InvalidSnsTopicNameException",
            "SNS FIFO topics are not supported",
        ));
    }
    if let Ok(arn) = name.parse::<Arn>() {
        return Ok(Some(arn.to_string()));
    }
    names::check_topic(name)
        .map_err(|message| Error::new("InvalidSnsTopicNameException", message))?;
    Ok(Some(format!(
        "arn:{partition}:sns:{}:{}:{name}",
        caller.region, caller.account
    )))
}

async fn create(cloud: &Cloud, caller: &Caller, input: &Value) -> Answer {
    let name = text(input, "Name").unwrap_or_default();
    names::check_trail(name).map_err(|message| Error::new("InvalidTrailNameException", message))?;
    let root = root(cloud, caller).await?;
    let partition = root.caller.partition.as_str();
    let organization = if flag(input, "IsOrganizationTrail") == Some(true) {
        Some(organization(cloud, caller)?)
    } else {
        None
    };
    // An organization's trail is the management account's, also where a delegated administrator makes it.
    let owner = organization
        .as_ref()
        .map_or(&caller.account, |found| &found.management);
    let arn = format!(
        "arn:{partition}:cloudtrail:{}:{owner}:trail/{name}",
        caller.region
    );
    {
        let trails = cloud.state();
        let here = |trail: &&Trail| {
            trail.account == caller.account && (trail.home == caller.region || trail.multi_region)
        };
        if trails.list.iter().any(|trail| trail.arn == arn) {
            return Err(Error::new(
                "TrailAlreadyExistsException",
                format!(
                    "Trail {name} already exists for customer: {}",
                    caller.account
                ),
            ));
        }
        if trails.list.iter().filter(here).count() >= LIMIT {
            let message = format!(
                "User: {} already has {LIMIT} trails in {}.",
                caller.account, caller.region
            );
            return Err(Error::new(
                "MaximumNumberOfTrailsExceededException",
                message,
            ));
        }
    }
    let trail = Trail {
        account: owner.clone(),
        maker: Some(caller.account.clone()),
        home: caller.region.clone(),
        name: name.to_owned(),
        organization: organization.as_ref().map(|found| found.id.clone()),
        bucket: text(input, "S3BucketName").unwrap_or_default().to_owned(),
        prefix: text(input, "S3KeyPrefix").unwrap_or_default().to_owned(),
        topic_arn: topic(
            caller,
            partition,
            text(input, "SnsTopicName").unwrap_or_default(),
        )?,
        key: text(input, "KmsKeyId")
            .filter(|key| !key.is_empty())
            .map(ToOwned::to_owned),
        global: flag(input, "IncludeGlobalServiceEvents").unwrap_or(true),
        multi_region: flag(input, "IsMultiRegionTrail").unwrap_or(false),
        validation: flag(input, "EnableLogFileValidation").unwrap_or(false),
        tags: tags(input),
        selectors: default_selectors(&arn),
        arn,
        logging: false,
        started: None,
        stopped: None,
        delivered: None,
        delivery_error: None,
        digested: None,
        notified: None,
        notification_error: None,
    };
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

async fn update(cloud: &Cloud, caller: &Caller, input: &Value) -> Answer {
    let mut trail = own(cloud, caller, input, "Name")?;
    let root = root(cloud, caller).await?;
    let set = |field: &mut String, name: &str| {
        if let Some(value) = text(input, name) {
            value.clone_into(field);
        }
    };
    set(&mut trail.bucket, "S3BucketName");
    set(&mut trail.prefix, "S3KeyPrefix");
    if let Some(key) = text(input, "KmsKeyId") {
        trail.key = (!key.is_empty()).then(|| key.to_owned());
    }
    if let Some(name) = text(input, "SnsTopicName") {
        trail.topic_arn = topic(caller, root.caller.partition.as_str(), name)?;
    }
    for (field, name) in [
        (&mut trail.global, "IncludeGlobalServiceEvents"),
        (&mut trail.multi_region, "IsMultiRegionTrail"),
        (&mut trail.validation, "EnableLogFileValidation"),
    ] {
        *field = flag(input, name).unwrap_or(*field);
    }
    match flag(input, "IsOrganizationTrail") {
        Some(true) => trail.organization = Some(organization(cloud, caller)?.id),
        Some(false) => trail.organization = None,
        None => {}
    }
    check(cloud, &root, &trail).await?;
    change(cloud, &trail.arn, |there| *there = trail.clone());
    validate(cloud, &root, &trail);
    Ok(shown(&trail))
}

async fn root(cloud: &Cloud, caller: &Caller) -> Result<std::sync::Arc<Aws>, Error> {
    cloud
        .root(&caller.account, &caller.region)
        .await
        .ok_or_else(|| {
            Error::new(
                "CloudTrailInvalidClientTokenIdException",
                "the account is not known",
            )
        })
}

/// What CloudTrail asks of the caller's organization before it makes a trail for it.
fn organization(cloud: &Cloud, caller: &Caller) -> Result<Organization, Error> {
    let found = cloud.organization_of(&caller.account).ok_or_else(|| {
        Error::new(
            "OrganizationsNotInUseException",
            "The account is not a member of an organization",
        )
    })?;
    if found.management != caller.account && !found.delegated.contains(&caller.account) {
        return Err(Error::new(
            "NotOrganizationMasterAccountException",
            "The account is not the management account of the organization",
        ));
    }
    if !found.trusted.iter().any(|service| service == SERVICE) {
        return Err(Error::new(
            "CloudTrailAccessNotEnabledException",
            "CloudTrail is not a trusted service of the organization",
        ));
    }
    Ok(found)
}

/// The folder of the trail owner's log files: `[prefix/]AWSLogs/account/CloudTrail/`.
fn folder(trail: &Trail) -> String {
    let prefix = if trail.prefix.is_empty() {
        String::new()
    } else {
        format!("{}/", trail.prefix)
    };
    format!("{prefix}AWSLogs/{}/CloudTrail/", trail.account)
}

/// The folder of an organization's log files, one level above its accounts: `[prefix/]AWSLogs/o-id/`.
fn organization_folder(trail: &Trail, id: &str) -> String {
    let end = format!("{}/CloudTrail/", trail.account);
    let folder = folder(trail);
    format!("{}{id}/", folder.strip_suffix(&end).unwrap_or(&folder))
}

/// What CloudTrail checks before it accepts a trail: it must be able to write to the bucket and to publish.
async fn check(cloud: &Cloud, root: &Aws, trail: &Trail) -> Result<(), Error> {
    names::check_bucket(&trail.bucket)
        .map_err(|message| Error::new("InvalidS3BucketNameException", message))?;
    names::check_prefix(&trail.prefix)
        .map_err(|message| Error::new("InvalidS3PrefixException", message))?;
    let head = root.s3.head_bucket().bucket(&trail.bucket).send().await;
    let Ok(head) = head else {
        let message = format!("S3 bucket {} does not exist!", trail.bucket);
        return Err(Error::new("S3BucketDoesNotExistException", message));
    };
    if let Some(key) = &trail.key {
        let region = head.bucket_region().and_then(|region| region.parse().ok());
        let region = region.unwrap_or_else(|| trail.home.clone());
        let refusal = kms::refusal(
            cloud.emulator(),
            &root.caller.account,
            key,
            &region,
            &trail.arn,
        );
        if let Some(code) = refusal.await {
            return Err(Error::new(code, format!("KMS key {key} cannot be used")));
        }
    }
    // S3 comes before the topic, and its markers stay also where the call fails (recorded).
    let folders = marked_folders(trail);
    for (number, folder) in folders.iter().enumerate() {
        if !may_write(root, trail, number > 0).await {
            let message = format!(
                "Incorrect S3 bucket policy is detected for bucket: {}",
                trail.bucket
            );
            return Err(Error::new("InsufficientS3BucketPolicyException", message));
        }
        let marker = root
            .s3
            .put_object()
            .bucket(&trail.bucket)
            .key(folder)
            .content_type("application/json")
            .content_encoding("gzip")
            .body(ByteStream::from_static(b""))
            .send();
        marker.await.map_err(|_| {
            let message = "the marker cannot be written";
            Error::new("S3BucketDoesNotExistException", message)
        })?;
    }
    if let Some(topic) = &trail.topic_arn {
        let may = notify::may_publish(root, topic, SERVICE, &trail.arn)
            .await
            .unwrap_or(false);
        if !may {
            let message = "SNS Topic does not exist or the topic policy is incorrect!";
            return Err(Error::new("InsufficientSnsTopicPolicyException", message));
        }
    }
    Ok(())
}

/// The folders that get a zero-byte marker: of log files, and with validation of digests.
fn marked_folders(trail: &Trail) -> Vec<String> {
    let logs = folder(trail);
    let digests = digest_folder(&logs);
    let digests = trail.validation.then_some(digests);
    std::iter::once(logs).chain(digests).collect()
}

/// The folder of digests beside one of log files.
fn digest_folder(logs: &str) -> String {
    let beside = logs.strip_suffix("/CloudTrail/").unwrap_or(logs);
    format!("{beside}/CloudTrail-Digest/")
}

/// Whether the bucket's policy lets CloudTrail look at its ACL and write below the trail's folder, or that of its digests.
async fn may_write(root: &Aws, trail: &Trail, digests: bool) -> bool {
    let found = root
        .s3
        .get_bucket_policy()
        .bucket(&trail.bucket)
        .send()
        .await
        .ok();
    let document =
        policy::parse(found.as_ref().and_then(|answer| answer.policy())).unwrap_or_default();
    let bucket = format!("arn:{}:s3:::{}", root.caller.partition, trail.bucket);
    let own = match digests {
        true => digest_folder(&folder(trail)),
        false => folder(trail),
    };
    let mut objects = vec![format!("{bucket}/{own}x")];
    if let Some(id) = &trail.organization {
        objects.push(format!("{bucket}/{}x", organization_folder(trail, id)));
    }
    let context = [
        ("aws:SourceArn", Some(trail.arn.as_str())),
        ("aws:SourceAccount", Some(trail.account.as_str())),
        ("aws:SecureTransport", Some("true")),
        ("s3:x-amz-acl", Some("bucket-owner-full-control")),
    ];
    let may = |action, resource: &str| {
        allows(
            &document,
            &Request {
                principal: Principal::Service(SERVICE),
                action,
                resource,
                context: &context,
                complete: true,
            },
        )
    };
    may("s3:GetBucketAcl", &bucket) && objects.iter().all(|object| may("s3:PutObject", object))
}

/// Publishes the validation message, after the call has been answered.
fn validate(cloud: &Cloud, root: &std::sync::Arc<Aws>, trail: &Trail) {
    let Some(topic) = trail.topic_arn.clone() else {
        return;
    };
    let (cloud, root, arn) = (
        cloud.clone(),
        std::sync::Arc::clone(root),
        trail.arn.clone(),
    );
    tokio::spawn(async move {
        // That a log file's message was refused stays until the next one is taken (recorded).
        let sent = notify::publish(&root, &topic, SERVICE, &arn, VALIDATION).await;
        if sent.is_ok() {
            change(&cloud, &arn, |trail| trail.notified = Some(seconds()));
        }
    });
}

/// Keeps what became of a notification for `GetTrailStatus`.
fn noted(cloud: &Cloud, arn: &str, sent: Result<(), &'static str>) {
    change(cloud, arn, |trail| match sent {
        Ok(()) => {
            trail.notified = Some(seconds());
            trail.notification_error = None;
        }
        Err(code) => trail.notification_error = Some(code.to_owned()),
    });
}
