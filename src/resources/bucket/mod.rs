//! The log bucket: the bucket itself and the expiry of log files here; our statements of its policy, what stands in the way
//! in a bucket that was there before us, and the log files in files of their own.

mod logs;
pub mod obstacles;
mod statements;

use std::{collections::BTreeMap, time::Duration};

use aws_sdk_s3::{
    operation::get_bucket_lifecycle_configuration::GetBucketLifecycleConfigurationOutput,
    types::{
        BucketLifecycleConfiguration, BucketLocationConstraint, CreateBucketConfiguration,
        ExpirationStatus, LifecycleExpiration, LifecycleRule, LifecycleRuleFilter, Tag, Tagging,
    },
};
use serde_json::Value;

use super::{Cx, Mark, Purpose, Seen, document, seen, unseen};
use crate::{
    aws::{Aws, error::AwsError, wait},
    connection::{ConnectionId, Design},
    policy::grant::Grant,
    ui::{Code, Failure, Result, t},
};
use logs::has_objects;
pub use logs::{delete_with_logs, log_prefixes, not_deletable};
use statements::read_policy;
pub use statements::{merge_policy, restore_policy};

/// A bucket as it stands.
#[derive(Clone, Debug)]
pub struct State {
    pub mark: Mark,
    pub tags: BTreeMap<String, String>,
    pub policy: Seen<Value>,
    /// No tags, no policy, no objects: what a run that was stopped right after `CreateBucket` leaves.
    pub untouched: bool,
    /// The lifecycle rule's days, where it is ours; unseen under the published policy.
    pub retention_days: Seen<i32>,
}

/// A bucket that is there but cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// `HeadBucket` was refused: another account's, or ours and hidden.
    Forbidden,
    /// It is in another region.
    Elsewhere(String),
}

async fn tags(aws: &Aws, bucket: &str) -> Result<Seen<BTreeMap<String, String>>, AwsError> {
    let tags = aws
        .s3
        .get_bucket_tagging()
        .bucket(bucket)
        .expected_bucket_owner(aws.caller.account.as_str())
        .send()
        .await
        .map_err(AwsError::of("s3:GetBucketTagging"));
    Ok(match seen(tags, &["NoSuchTagSet", "NoSuchTagSetError"])? {
        Seen::There(tags) => Seen::There(
            tags.tag_set()
                .iter()
                .map(|tag| (tag.key().to_owned(), tag.value().to_owned()))
                .collect(),
        ),
        Seen::Absent => Seen::There(BTreeMap::new()),
        Seen::Unseen(action) => Seen::Unseen(action),
    })
}

async fn lifecycle(aws: &Aws, bucket: &str, rule_id: &str) -> Result<Seen<i32>, AwsError> {
    Ok(read_lifecycle(aws, bucket).await?.and_then(|found| {
        let mut rules = found.rules().iter();
        let rule = rules.find(|rule| rule.id() == Some(rule_id))?;
        rule.expiration()?.days()
    }))
}

/// `HeadBucket`: absent, there, or there and unusable.
async fn head(aws: &Aws, bucket: &str) -> Result<Seen<Option<Unusable>>, AwsError> {
    let head = aws
        .s3
        .head_bucket()
        .bucket(bucket)
        .expected_bucket_owner(aws.caller.account.as_str())
        .send()
        .await;
    let here = aws.region.as_str();
    match head {
        Ok(answer) => Ok(Seen::There(match answer.bucket_region() {
            Some(region) if region != here => Some(Unusable::Elsewhere(region.to_owned())),
            _ => None,
        })),
        Err(error) => {
            let error = AwsError::of("s3:ListBucket")(error);
            match error.status {
                Some(404) => Ok(Seen::Absent),
                Some(301 | 307 | 400) if error.bucket_region.is_some() => Ok(Seen::There(Some(
                    Unusable::Elsewhere(error.bucket_region.clone().unwrap_or_default()),
                ))),
                Some(403) => Ok(Seen::There(Some(Unusable::Forbidden))),
                _ => Err(error),
            }
        }
    }
}

pub async fn observe(
    aws: &Aws,
    design: &Design,
) -> Result<Seen<Result<State, Unusable>>, AwsError> {
    let bucket = &design.bucket;
    match head(aws, bucket).await? {
        Seen::There(None) => {}
        Seen::There(Some(unusable)) => return Ok(Seen::There(Err(unusable))),
        Seen::Absent => return Ok(Seen::Absent),
        Seen::Unseen(action) => return Ok(Seen::Unseen(action)),
    }
    if !design.own_trail() {
        // Somebody else's: nothing of it is ours to look into.
        return Ok(Seen::There(Ok(State {
            mark: Mark::None,
            tags: BTreeMap::new(),
            policy: Seen::Absent,
            untouched: false,
            retention_days: Seen::Absent,
        })));
    }
    let rule = lifecycle_id(design.id);
    let wants_lifecycle = design.retention_days.is_some();
    let (tags, policy, lifecycle) =
        tokio::try_join!(tags(aws, bucket), read_policy(aws, bucket), async {
            if wants_lifecycle {
                lifecycle(aws, bucket, &rule).await
            } else {
                Ok(Seen::Absent)
            }
        })?;
    let (mark, tags) = match tags {
        Seen::There(tags) => (
            Mark::of_tags(
                design.id,
                tags.iter()
                    .map(|(key, value)| (key.as_str(), value.as_str())),
            ),
            tags,
        ),
        Seen::Unseen(action) => (Mark::Unseen(action), BTreeMap::new()),
        Seen::Absent => (Mark::None, BTreeMap::new()),
    };
    let bare = mark == Mark::None && tags.is_empty() && policy.is_absent();
    let untouched = bare && !has_objects(aws, bucket, None).await?;
    Ok(Seen::There(Ok(State {
        mark,
        tags,
        policy,
        untouched,
        retention_days: lifecycle,
    })))
}

/// Creates the bucket and marks it. An unmarked one that is there already is taken only if it is untouched.
pub async fn create(cx: Cx<'_>) -> Result<()> {
    let (aws, design) = (cx.aws, cx.design);
    // In us-east-1 a second CreateBucket succeeds and resets the bucket's ACL: look first.
    let there = if design.region.as_str() == "us-east-1" {
        !head(aws, &design.bucket).await?.is_absent()
    } else {
        false
    };
    if there {
        return adopt(cx).await;
    }
    let configuration = (design.region.as_str() != "us-east-1").then(|| {
        CreateBucketConfiguration::builder()
            .location_constraint(BucketLocationConstraint::from(design.region.as_str()))
            .build()
    });
    let made = wait::until_accepted(
        cx.waiting,
        Duration::from_secs(120),
        |error| error.is("OperationAborted").then(|| t!("wait-bucket-name")),
        || async {
            aws.s3
                .create_bucket()
                .bucket(&design.bucket)
                .set_create_bucket_configuration(configuration.clone())
                .send()
                .await
                .map_err(AwsError::of("s3:CreateBucket"))
        },
    )
    .await;
    match made {
        Ok(_) => put_tags(cx).await,
        Err(error) if error.is("BucketAlreadyOwnedByYou") => adopt(cx).await,
        Err(error) if error.is("BucketAlreadyExists") => Err(Failure::new(
            Code::Conflict,
            t!("conflict-bucket-taken", bucket = design.bucket),
        )),
        Err(error) => Err(error.into()),
    }
}

async fn adopt(cx: Cx<'_>) -> Result<()> {
    match observe(cx.aws, cx.design).await? {
        Seen::There(Ok(state)) if state.mark == Mark::Ours => Ok(()),
        Seen::There(Ok(state)) if state.untouched && cx.design.has_default_bucket() => {
            put_tags(cx).await
        }
        Seen::There(Ok(state)) => state.mark.must_be_ours(&cx.design.bucket_arn()),
        _ => Err(Failure::new(
            Code::Conflict,
            t!("conflict-bucket-taken", bucket = cx.design.bucket),
        )),
    }
}

/// Refusals of a write that pass once a bucket that was made a moment ago is known everywhere, or another change of it is
/// done (recorded: 307 `TemporaryRedirect`; Terraform's provider waits on the others).
pub(crate) fn fresh(error: &AwsError) -> Option<String> {
    let codes = [
        "OperationAborted",
        "NoSuchBucket",
        "TemporaryRedirect",
        "MalformedPolicy",
    ];
    codes
        .iter()
        .any(|code| error.is(code))
        .then(|| t!("wait-bucket"))
}

/// How long such refusals are waited for.
pub(crate) const FRESH: Duration = Duration::from_secs(60);

/// Only for a bucket that has no tags yet: `PutBucketTagging` replaces the whole set.
async fn put_tags(cx: Cx<'_>) -> Result<()> {
    let tags = Tagging::builder()
        .set_tag_set(Some(tags_as!(Tag, cx.design)))
        .build()
        .expect("the tag set is set");
    wait::until_accepted(cx.waiting, FRESH, fresh, || async {
        cx.aws
            .s3
            .put_bucket_tagging()
            .bucket(&cx.design.bucket)
            .expected_bucket_owner(cx.design.account.as_str())
            .tagging(tags.clone())
            .send()
            .await
            .map_err(AwsError::of("s3:PutBucketTagging"))
    })
    .await?;
    Ok(())
}

fn lifecycle_id(id: ConnectionId) -> String {
    id.part("Expiry")
}

/// For a write of a document that others write too: sent once, since before another attempt it is read anew.
pub(crate) fn once() -> aws_sdk_s3::config::Builder {
    aws_sdk_s3::config::Builder::new().retry_config(document::once())
}

async fn read_lifecycle(
    aws: &Aws,
    bucket: &str,
) -> Result<Seen<GetBucketLifecycleConfigurationOutput>, AwsError> {
    let found = aws
        .s3
        .get_bucket_lifecycle_configuration()
        .bucket(bucket)
        .expected_bucket_owner(aws.caller.account.as_str())
        .send()
        .await
        .map_err(AwsError::of("s3:GetLifecycleConfiguration"));
    seen(found, &["NoSuchLifecycleConfiguration"])
}

/// Sets the expiry of log files, on a bucket that we created. The call replaces the whole document, so the rules of others
/// are sent along. Where they cannot be read (the published policy does not allow it), there are none for certain only in a
/// bucket that is `new` in this run.
pub async fn put_lifecycle(cx: Cx<'_>, new: bool) -> Result<()> {
    let days = cx
        .design
        .retention_days
        .expect("the step is planned where there is a retention");
    let rule = LifecycleRule::builder()
        .id(lifecycle_id(cx.design.id))
        .status(ExpirationStatus::Enabled)
        .filter(
            LifecycleRuleFilter::builder()
                .prefix(cx.design.log_prefix())
                .build(),
        )
        .expiration(LifecycleExpiration::builder().days(days).build())
        .build()
        .expect("status is set");
    document::change(cx, fresh, || async {
        let (mut rules, smallest) = match read_lifecycle(cx.aws, &cx.design.bucket).await? {
            Seen::There(found) => (
                found.rules.unwrap_or_default(),
                found.transition_default_minimum_object_size,
            ),
            Seen::Absent => (Vec::new(), None),
            Seen::Unseen(_) if new => (Vec::new(), None),
            Seen::Unseen(action) => return Err(unseen(&cx.design.bucket_arn(), action).into()),
        };
        if rules.contains(&rule) {
            return Ok(());
        }
        rules.retain(|other| other.id() != rule.id());
        rules.push(rule.clone());
        let document = BucketLifecycleConfiguration::builder()
            .set_rules(Some(rules))
            .build()
            .expect("rules are set");
        cx.aws
            .s3
            .put_bucket_lifecycle_configuration()
            .bucket(&cx.design.bucket)
            .expected_bucket_owner(cx.design.account.as_str())
            .set_transition_default_minimum_object_size(smallest)
            .lifecycle_configuration(document)
            .customize()
            .config_override(once())
            .send()
            .await
            .map_err(AwsError::of("s3:PutLifecycleConfiguration"))?;
        Ok(())
    })
    .await
}

#[must_use]
pub fn grants(design: &Design, purpose: Purpose) -> Vec<Grant> {
    let arn = design.bucket_arn();
    let mut looks = obstacles::actions(design, purpose);
    if !design.own_trail() {
        looks.push("s3:ListBucket");
        return vec![Grant::new(&looks, &arn)];
    }
    let mut grants = vec![Grant::new(
        &["s3:ListBucket", "s3:GetBucketPolicy", "s3:GetBucketTagging"],
        &arn,
    )];
    match purpose {
        Purpose::Setup => {
            let mut actions = looks;
            actions.extend([
                "s3:CreateBucket",
                "s3:PutBucketTagging",
                "s3:PutBucketPolicy",
            ]);
            // Rules of others are kept where they can be read. The published policy lets them be written alone, which is
            // enough for a new bucket.
            if design.retention_days.is_some() {
                actions.extend([
                    "s3:GetLifecycleConfiguration",
                    "s3:PutLifecycleConfiguration",
                ]);
            }
            grants.push(Grant::new(&actions, &arn));
        }
        Purpose::Status => grants.push(Grant::new(&["s3:GetLifecycleConfiguration"], &arn)),
        // DeleteBucket takes empty buckets only: one that a stopped run left behind before its first log file.
        Purpose::Remove => grants.push(Grant::new(
            &[
                "s3:PutBucketPolicy",
                "s3:DeleteBucketPolicy",
                "s3:DeleteBucket",
            ],
            &arn,
        )),
        Purpose::RemoveLogs => {
            grants.push(Grant::new(
                &[
                    "s3:ListBucketVersions",
                    "s3:GetBucketObjectLockConfiguration",
                    "s3:GetBucketPolicy",
                ],
                &arn,
            ));
            grants.push(Grant::new(
                &["s3:DeleteObject", "s3:DeleteObjectVersion"],
                format!("{arn}/*"),
            ));
        }
    }
    grants
}
