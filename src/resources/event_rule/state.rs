//! What can be seen of the rule, and what it is to be like.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    connection::Design,
    resources::seen::{Owner, Seen},
};

/// The rule as it stands.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub owner: Owner,
    pub pattern: Option<Value>,
    pub enabled: bool,
    pub targets: Seen<Targets>,
    /// It is enabled, has our pattern, and its target, if it can be read, is our function with the dead-letter queue.
    pub as_planned: bool,
    /// Its tag says that we turned the bucket's events on.
    pub turned_on: bool,
}

/// What a rule calls, by the target's id: its ARN and its dead-letter queue.
pub(crate) type Targets = BTreeMap<String, (String, Option<String>)>;

/// What was seen of the rule.
pub(crate) type Observed = Seen<State>;

/// The tag of the rule that says that we turned the bucket's events to EventBridge on. Its value is the bucket.
pub(super) const TAG_TURNED_ON: &str = "sophos-ct:turned-on";

/// Id of our target. AWS allows up to 64 characters of `[.\-_A-Za-z0-9]`.
pub(super) fn target_id(design: &Design) -> String {
    design.id.part("Target")
}

/// The pattern of the rule: what new log files of the bucket look like as events (S3 User Guide, "Using EventBridge").
pub(super) fn pattern(design: &Design) -> Value {
    json!({
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {
            "bucket": { "name": [design.bucket] },
            "object": { "key": [{ "prefix": design.log_prefix() }] },
        },
    })
}

impl State {
    /// The bucket whose log files the rule hands on: as the rule's tag has it or else its pattern.
    #[must_use]
    pub(crate) fn bucket(&self) -> Option<&str> {
        let tags = self.owner.tags.there();
        let turned_on = tags.and_then(|tags| tags.get(TAG_TURNED_ON));
        let turned_on = turned_on.map(String::as_str);
        turned_on.or_else(|| {
            self.pattern
                .as_ref()?
                .pointer("/detail/bucket/name/0")?
                .as_str()
        })
    }

    /// The prefix of these log files.
    #[must_use]
    pub(crate) fn prefix(&self) -> Option<&str> {
        let key = self
            .pattern
            .as_ref()?
            .pointer("/detail/object/key/0/prefix")?;
        let prefix = key.as_str()?.strip_suffix("AWSLogs/")?;
        Some(prefix.trim_end_matches('/'))
    }
}

#[cfg(test)]
impl State {
    /// A rule as planned that has not turned the bucket's events on.
    pub(crate) fn fixture(design: &Design) -> Self {
        let ours = (design.function_arn(), design.redrive());
        Self {
            owner: Owner::of_tags(design.id, Seen::There(design.all_tags())),
            pattern: Some(pattern(design)),
            enabled: true,
            targets: Seen::There(BTreeMap::from([(target_id(design), ours)])),
            as_planned: true,
            turned_on: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::{Feed, fixture};

    #[test]
    fn the_rule_hears_of_new_log_files_of_our_bucket_alone() {
        let design = fixture::design(Feed::New);
        let pattern = pattern(&design);
        assert_eq!(pattern["source"], json!(["aws.s3"]));
        assert_eq!(pattern["detail-type"], json!(["Object Created"]));
        let detail = &pattern["detail"];
        assert_eq!(detail["bucket"]["name"], json!([design.bucket]));
        let prefix = json!([{ "prefix": "AWSLogs/" }]);
        assert_eq!(detail["object"]["key"], prefix);
    }

    #[test]
    fn a_rule_shows_the_bucket_and_the_prefix_that_it_was_made_for() {
        let mut design = fixture::design(Feed::EventBridge { trail: None });
        for prefix in ["", "audit"] {
            design.prefix = prefix.parse().unwrap_or_default();
            let mut rule = State::fixture(&design);
            assert_eq!(rule.bucket(), Some(design.bucket.as_str()));
            assert_eq!(rule.prefix(), Some(prefix));
            // The tag outlives a pattern that somebody has changed.
            if let Seen::There(tags) = &mut rule.owner.tags {
                tags.insert(TAG_TURNED_ON.to_owned(), "turned-on".to_owned());
            }
            assert_eq!(rule.bucket(), Some("turned-on"));
        }
    }
}
