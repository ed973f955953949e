//! What can be seen of the rule, and what it is to be like.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    connection::Design,
    resources::seen::{Mark, Seen, Stack, Tags},
};

/// The rule as it stands.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub mark: Mark,
    /// The stack that has made it, if its tags say so.
    pub stack: Option<Stack>,
    pub tags: Tags,
    pub pattern: Option<Value>,
    pub enabled: bool,
    /// What it calls, by the target's id: its ARN and its dead-letter queue.
    pub targets: BTreeMap<String, (String, Option<String>)>,
    /// It is enabled, has our pattern, and its target is our function with the dead-letter queue.
    pub as_planned: bool,
    /// Its tag says that we turned the bucket's events on.
    pub turned_on: bool,
}

/// What was seen of the rule.
pub(crate) type Observed = Seen<State>;

/// The tag of the rule that says that we turned the bucket's events to EventBridge on. Its value is the bucket.
pub(super) const TAG_TURNED_ON: &str = "sophos-ct:turned-on";

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
}
