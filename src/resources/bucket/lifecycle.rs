//! The expiry of log files: our rule among the bucket's lifecycle rules.

use aws_sdk_s3::{
    operation::get_bucket_lifecycle_configuration::GetBucketLifecycleConfigurationOutput,
    types::{
        BucketLifecycleConfiguration, ExpirationStatus, LifecycleExpiration, LifecycleRule,
        LifecycleRuleFilter,
    },
};

use super::{
    rules::json,
    state::Observed,
    writes::{fresh, once},
};
use crate::{
    aws::{Aws, error::AwsError},
    connection::{Design, Kind, Ownership, Resources},
    resources::{
        cx::Cx,
        document::{self, Written},
        seen::{Seen, denied, seen},
    },
    ui::Result,
};

/// Id of our rule.
fn id(design: &Design) -> String {
    design.id.part("Expiry")
}

/// The rules of the bucket.
pub(super) async fn rules(aws: &Aws, bucket: &str) -> Result<Seen<Vec<LifecycleRule>>, AwsError> {
    let found = read_lifecycle(aws, bucket).await?;
    Ok(found.map(|found| found.rules.unwrap_or_default()))
}

/// The days after which the bucket certainly lets log files expire, as far as S3 shows that. Of a bucket that we created, only the
/// rule that we gave it counts, which the manifest names; of one that was there before, whichever rule comes first.
pub(crate) async fn expiry(
    aws: &Aws,
    bucket: &str,
    design: &Design,
    manifest: &Resources,
) -> Result<Seen<i32>, AwsError> {
    let arn = design.bucket_arn();
    let is_ours = |kind| {
        let item = manifest.find(kind, &arn, None);
        item.is_some_and(|item| item.ownership == Ownership::Created)
    };
    let only = is_ours(Kind::Lifecycle).then(|| id(design));
    if only.is_none() && is_ours(Kind::Bucket) {
        return Ok(Seen::Absent);
    }
    let seen = rules(aws, bucket).await?;
    Ok(seen.and_then(|mut rules| {
        rules.retain(|rule| only.is_none() || rule.id() == only.as_deref());
        first_days(&rules, &design.log_prefix())
    }))
}

/// The fewest days after which one of these rules lets everything expire whose key begins so.
fn first_days(rules: &[LifecycleRule], prefix: &str) -> Option<i32> {
    let rules = rules.iter().filter(|rule| expires_all(rule, prefix));
    rules.filter_map(|rule| rule.expiration()?.days()).min()
}

/// Whether a rule is switched on and about every object whose key begins so.
#[expect(
    deprecated,
    reason = "a rule may have a prefix where newer ones have a filter"
)]
fn expires_all(rule: &LifecycleRule, prefix: &str) -> bool {
    let about = match rule.filter() {
        None => rule.prefix(),
        Some(filter) => {
            let some = filter.tag().is_some()
                || filter.and().is_some()
                || filter.object_size_greater_than().is_some()
                || filter.object_size_less_than().is_some();
            (!some).then(|| filter.prefix().unwrap_or_default())
        }
    };
    *rule.status() == ExpirationStatus::Enabled
        && about.is_some_and(|about| prefix.starts_with(about))
}

/// The days after which our rule among these lets log files expire.
pub(super) fn days(rules: &[LifecycleRule], design: &Design) -> Option<i32> {
    let id = id(design);
    let rule = rules.iter().find(|rule| rule.id() == Some(id.as_str()))?;
    rule.expiration()?.days()
}

/// The lifecycle rules before and after our rule is set.
#[must_use]
pub(super) fn written(design: &Design, seen: &Observed, days: i32) -> Written {
    let before = match seen {
        Seen::There(Ok(state)) => state.rules.clone(),
        Seen::There(Err(_)) | Seen::Absent => Seen::Absent,
        Seen::Denied(action) => Seen::Denied(action),
    };
    let after = with_ours(before.there().cloned().unwrap_or_default(), design, days);
    let (kind, arn) = (Kind::Lifecycle, design.bucket_arn());
    let before = before.map(|rules| json(&rules));
    Written::by(kind, arn, before, |_| Some(json(&after)))
}

/// Our rule.
pub(super) fn ours(design: &Design, days: i32) -> LifecycleRule {
    LifecycleRule::builder()
        .id(id(design))
        .status(ExpirationStatus::Enabled)
        .filter(
            LifecycleRuleFilter::builder()
                .prefix(design.log_prefix())
                .build(),
        )
        .expiration(LifecycleExpiration::builder().days(days).build())
        .build()
        .expect("status is set")
}

/// The rules with ours after those of others.
pub(super) fn with_ours(
    mut rules: Vec<LifecycleRule>,
    design: &Design,
    days: i32,
) -> Vec<LifecycleRule> {
    let ours = ours(design, days);
    rules.retain(|other| other.id() != ours.id());
    rules.push(ours);
    rules
}

/// Sets the expiry of log files, on a bucket that we created. The call replaces the whole document, so the rules of others
/// are sent along. The published policy does not allow reading them; then only a bucket that is `new` in this run is certain to
/// have none.
pub(super) async fn put_lifecycle(cx: Cx<'_>, days: i32, new: bool) -> Result<()> {
    let ours = ours(cx.design, days);
    document::change(cx, fresh, || async {
        let (rules, smallest) = match read_lifecycle(cx.aws, &cx.design.bucket).await? {
            Seen::There(found) => (
                found.rules.unwrap_or_default(),
                found.transition_default_minimum_object_size,
            ),
            Seen::Absent => (Vec::new(), None),
            Seen::Denied(_) if new => (Vec::new(), None),
            Seen::Denied(action) => return Err(denied(&cx.design.bucket_arn(), action).into()),
        };
        if rules.contains(&ours) {
            return Ok(());
        }
        let document = BucketLifecycleConfiguration::builder()
            .set_rules(Some(with_ours(rules, cx.design, days)))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        aws::served,
        connection::{Feed, Resource, fixture},
    };

    /// A rule that lets what begins with a prefix expire.
    fn rule(name: &str, prefix: &str, days: i32, status: ExpirationStatus) -> LifecycleRule {
        let filter = LifecycleRuleFilter::builder().prefix(prefix).build();
        LifecycleRule::builder()
            .id(name)
            .status(status)
            .filter(filter)
            .expiration(LifecycleExpiration::builder().days(days).build())
            .build()
            .unwrap()
    }

    #[test]
    fn only_a_rule_about_all_log_files_lets_them_expire() {
        let (on, off) = (ExpirationStatus::Enabled, ExpirationStatus::Disabled);
        let days = |rules: &[LifecycleRule]| first_days(rules, "p/AWSLogs/");
        assert_eq!(days(&[]), None);
        for (prefix, expected) in [
            ("", Some(30)),
            ("p/", Some(30)),
            ("p/AWSLogs/", Some(30)),
            ("p/AWSLogs/111122223333/", None),
            ("reports/", None),
        ] {
            let found = days(&[rule("theirs", prefix, 30, on.clone())]);
            assert_eq!(found, expected, "{prefix}");
        }
        let several = [
            rule("long", "", 90, on.clone()),
            rule("short", "p/", 7, on),
            rule("off", "", 1, off),
        ];
        assert_eq!(days(&several), Some(7));
        let small = LifecycleRuleFilter::builder().object_size_less_than(10);
        let mut some = rule("some", "", 1, ExpirationStatus::Enabled);
        some.filter = Some(small.build());
        assert_eq!(days(&[some]), None);
    }

    /// The manifest of a connection with these resources of ours.
    fn manifest(design: &Design, kinds: &[Kind]) -> Resources {
        let items = kinds.iter().map(|kind| Resource {
            kind: *kind,
            arn: design.bucket_arn(),
            id: None,
            region: None,
            ownership: Ownership::Created,
            was_absent: None,
            digest: None,
        });
        Resources {
            items: items.collect(),
            ..Resources::default()
        }
    }

    #[tokio::test]
    async fn the_rules_of_a_bucket_that_we_created_count_only_if_we_gave_them() {
        let design = fixture::design(Feed::New);
        let ours = id(&design);
        let answer = |id: &str| {
            format!(
                "<LifecycleConfiguration><Rule><ID>{id}</ID><Status>Enabled</Status><Filter><Prefix></Prefix></Filter><Expiration><Days>9</Days></Expiration></Rule></LifecycleConfiguration>"
            )
        };
        let both = vec![Kind::Bucket, Kind::Lifecycle];
        for (kinds, shown, expected) in [
            (both.clone(), answer(&ours), Some(9)),
            (both, answer("theirs"), None),
            (vec![Kind::Bucket], answer(&ours), None),
            (Vec::new(), answer("theirs"), Some(9)),
        ] {
            let aws = served::aws(&design, move |asked| {
                let is_asked = asked.contains_key("lifecycle");
                is_asked.then(|| (200, shown.clone()))
            });
            let (aws, manifest) = (aws.await, manifest(&design, &kinds));
            let found = expiry(&aws, &design.bucket, &design, &manifest).await;
            assert_eq!(found.unwrap().there(), expected.as_ref(), "{kinds:?}");
        }
    }
}
