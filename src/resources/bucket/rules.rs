//! Lifecycle rules as JSON, in the shape in which `aws s3api get-bucket-lifecycle-configuration` shows them.

use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, LifecycleExpiration, LifecycleRule, LifecycleRuleAndOperator,
    LifecycleRuleFilter, NoncurrentVersionExpiration, NoncurrentVersionTransition, Tag, Transition,
    TransitionStorageClass,
};
use serde_json::{Value, json};

/// The rules as one document.
pub(super) fn json(rules: &[LifecycleRule]) -> Value {
    let rules: Vec<Value> = rules.iter().map(rule).collect();
    json!({ "Rules": rules })
}

#[expect(
    deprecated,
    reason = "a rule may have a prefix where newer ones have a filter"
)]
fn rule(rule: &LifecycleRule) -> Value {
    object([
        ("ID", rule.id().map(Value::from)),
        ("Prefix", rule.prefix().map(Value::from)),
        ("Filter", rule.filter().map(filter)),
        ("Status", Some(rule.status().as_str().into())),
        ("Expiration", rule.expiration().map(expiration)),
        ("Transitions", list(rule.transitions(), transition)),
        (
            "NoncurrentVersionTransitions",
            list(rule.noncurrent_version_transitions(), version_transition),
        ),
        (
            "NoncurrentVersionExpiration",
            rule.noncurrent_version_expiration().map(version_expiration),
        ),
        (
            "AbortIncompleteMultipartUpload",
            rule.abort_incomplete_multipart_upload().map(abort),
        ),
    ])
}

fn filter(filter: &LifecycleRuleFilter) -> Value {
    object([
        ("Prefix", filter.prefix().map(Value::from)),
        ("Tag", filter.tag().map(tag)),
        (
            "ObjectSizeGreaterThan",
            filter.object_size_greater_than().map(Value::from),
        ),
        (
            "ObjectSizeLessThan",
            filter.object_size_less_than().map(Value::from),
        ),
        ("And", filter.and().map(all)),
    ])
}

fn all(all: &LifecycleRuleAndOperator) -> Value {
    object([
        ("Prefix", all.prefix().map(Value::from)),
        ("Tags", list(all.tags(), tag)),
        (
            "ObjectSizeGreaterThan",
            all.object_size_greater_than().map(Value::from),
        ),
        (
            "ObjectSizeLessThan",
            all.object_size_less_than().map(Value::from),
        ),
    ])
}

fn tag(tag: &Tag) -> Value {
    json!({ "Key": tag.key(), "Value": tag.value() })
}

fn expiration(expiration: &LifecycleExpiration) -> Value {
    let date = expiration.date().map(ToString::to_string);
    let marker = expiration.expired_object_delete_marker();
    object([
        ("Date", date.map(Value::from)),
        ("Days", expiration.days().map(Value::from)),
        ("ExpiredObjectDeleteMarker", marker.map(Value::from)),
    ])
}

fn transition(transition: &Transition) -> Value {
    let date = transition.date().map(ToString::to_string);
    object([
        ("Date", date.map(Value::from)),
        ("Days", transition.days().map(Value::from)),
        ("StorageClass", transition.storage_class().map(class)),
    ])
}

fn version_transition(transition: &NoncurrentVersionTransition) -> Value {
    let newer = transition.newer_noncurrent_versions();
    object([
        (
            "NoncurrentDays",
            transition.noncurrent_days().map(Value::from),
        ),
        ("StorageClass", transition.storage_class().map(class)),
        ("NewerNoncurrentVersions", newer.map(Value::from)),
    ])
}

fn version_expiration(expiration: &NoncurrentVersionExpiration) -> Value {
    let newer = expiration.newer_noncurrent_versions();
    object([
        (
            "NoncurrentDays",
            expiration.noncurrent_days().map(Value::from),
        ),
        ("NewerNoncurrentVersions", newer.map(Value::from)),
    ])
}

fn abort(abort: &AbortIncompleteMultipartUpload) -> Value {
    let days = abort.days_after_initiation();
    object([("DaysAfterInitiation", days.map(Value::from))])
}

fn class(class: &TransitionStorageClass) -> Value {
    class.as_str().into()
}

/// A list; `None` if it is empty.
fn list<T>(items: &[T], with: impl Fn(&T) -> Value) -> Option<Value> {
    let items: Vec<Value> = items.iter().map(with).collect();
    (!items.is_empty()).then_some(Value::Array(items))
}

/// An object of the members that are set.
fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    let members = members.into_iter();
    let set = members.filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(set.collect())
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::{primitives::DateTime, types::ExpirationStatus};

    use super::*;

    #[test]
    fn rules_of_others_are_shown_whole() {
        let tag = |key: &str| Tag::builder().key(key).value("1").build().unwrap();
        let both = LifecycleRuleAndOperator::builder()
            .prefix("reports/")
            .tags(tag("a"))
            .tags(tag("b"))
            .object_size_less_than(10);
        let filter = LifecycleRuleFilter::builder().and(both.build()).build();
        let class = TransitionStorageClass::Glacier;
        let to_glacier = Transition::builder().days(30).storage_class(class.clone());
        let older = NoncurrentVersionTransition::builder()
            .noncurrent_days(7)
            .storage_class(class);
        let oldest = NoncurrentVersionExpiration::builder()
            .noncurrent_days(90)
            .newer_noncurrent_versions(3);
        let uploads = AbortIncompleteMultipartUpload::builder().days_after_initiation(1);
        let expires = LifecycleExpiration::builder().date(DateTime::from_secs(0));
        let theirs = LifecycleRule::builder()
            .id("theirs")
            .filter(filter)
            .status(ExpirationStatus::Disabled)
            .expiration(expires.build())
            .transitions(to_glacier.build())
            .noncurrent_version_transitions(older.build())
            .noncurrent_version_expiration(oldest.build())
            .abort_incomplete_multipart_upload(uploads.build())
            .build()
            .unwrap();
        let expected = json!({ "Rules": [{
            "ID": "theirs",
            "Filter": { "And": {
                "Prefix": "reports/",
                "Tags": [{ "Key": "a", "Value": "1" }, { "Key": "b", "Value": "1" }],
                "ObjectSizeLessThan": 10,
            }},
            "Status": "Disabled",
            "Expiration": { "Date": "1970-01-01T00:00:00Z" },
            "Transitions": [{ "Days": 30, "StorageClass": "GLACIER" }],
            "NoncurrentVersionTransitions": [{ "NoncurrentDays": 7, "StorageClass": "GLACIER" }],
            "NoncurrentVersionExpiration": { "NoncurrentDays": 90, "NewerNoncurrentVersions": 3 },
            "AbortIncompleteMultipartUpload": { "DaysAfterInitiation": 1 },
        }]});
        assert_eq!(super::json(&[theirs]), expected);
    }
}
