//! The notifications of a bucket as a document: our entry, the entries of others, and what overlaps.

use aws_sdk_s3::types::{
    Event, EventBridgeConfiguration, FilterRule, FilterRuleName, NotificationConfiguration,
    NotificationConfigurationFilter, S3KeyFilter, TopicConfiguration,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::connection::Design;

/// Names of log files end with this. Those of digests do too; the forwarder tells them apart.
const SUFFIX: &str = ".json.gz";

/// Our entry.
pub(super) fn ours(design: &Design) -> TopicConfiguration {
    let rule = |name, value: &str| FilterRule::builder().name(name).value(value).build();
    TopicConfiguration::builder()
        .id(design.notification_id())
        .topic_arn(design.topic_arn())
        .events(Event::S3ObjectCreated)
        .filter(
            NotificationConfigurationFilter::builder()
                .key(
                    S3KeyFilter::builder()
                        .filter_rules(rule(FilterRuleName::Prefix, &encoded(&design.log_prefix())))
                        .filter_rules(rule(FilterRuleName::Suffix, SUFFIX))
                        .build(),
                )
                .build(),
        )
        .build()
        .expect("topic and events are set")
}

/// Our entry in the document, found by its id.
pub(super) fn of_ours<'a>(
    document: &'a NotificationConfiguration,
    design: &Design,
) -> Option<&'a TopicConfiguration> {
    let id = design.notification_id();
    document
        .topic_configurations()
        .iter()
        .find(|one| one.id() == Some(&id))
}

/// Whether two entries notify the same topic of the same events, with the same filter.
pub(super) fn same(one: &TopicConfiguration, other: &TopicConfiguration) -> bool {
    one.topic_arn() == other.topic_arn()
        && one.events() == other.events()
        && filter(one.filter()) == filter(other.filter())
}

/// A rule of others that S3 would not accept together with our entry. S3 refuses two rules for one kind of event if both their
/// prefixes and their suffixes overlap (S3 User Guide, "Configuring event notifications using object key name filtering"). A rule
/// without a prefix overlaps all others.
pub(super) fn overlapping(document: &NotificationConfiguration, design: &Design) -> Option<String> {
    let (id, prefix) = (design.notification_id(), design.log_prefix());
    let overlaps = |theirs: &Rule<'_>| {
        let mut events = theirs.events.iter();
        events.any(|event| event.as_str().starts_with("s3:ObjectCreated:"))
            && (theirs.prefix.starts_with(&prefix) || prefix.starts_with(&theirs.prefix))
            && (theirs.suffix.ends_with(SUFFIX) || SUFFIX.ends_with(&theirs.suffix))
    };
    rules(document)
        .into_iter()
        .find(|theirs| theirs.id != Some(&id) && overlaps(theirs))
        .map(|theirs| format!("{} → {}", theirs.id.unwrap_or_default(), theirs.target))
}

/// The document with our entry after those of others.
pub(super) fn with_ours(
    document: &NotificationConfiguration,
    design: &Design,
) -> NotificationConfiguration {
    let mut merged = without(document, design);
    merged
        .topic_configurations
        .get_or_insert_default()
        .push(ours(design));
    merged
}

/// The document without our entry, in the same order.
pub(super) fn without(
    document: &NotificationConfiguration,
    design: &Design,
) -> NotificationConfiguration {
    let id = design.notification_id();
    let mut rest = document.clone();
    if let Some(topics) = &mut rest.topic_configurations {
        topics.retain(|one| one.id() != Some(&id));
    }
    rest
}

/// The document with events to EventBridge on or off.
pub(super) fn bridged(document: &NotificationConfiguration, on: bool) -> NotificationConfiguration {
    let mut turned = document.clone();
    turned.event_bridge_configuration = on.then(|| EventBridgeConfiguration::builder().build());
    turned
}

/// A rule of the document, for any target.
struct Rule<'a> {
    id: Option<&'a str>,
    /// ARN of the topic, queue or function.
    target: &'a str,
    events: &'a [Event],
    /// Decoded.
    prefix: String,
    suffix: String,
}

/// All rules of the document.
fn rules(document: &NotificationConfiguration) -> Vec<Rule<'_>> {
    let rule = |id, target, events, of| {
        let (prefix, suffix) = filter(of);
        Rule {
            id,
            target,
            events,
            prefix,
            suffix,
        }
    };
    let topics = document.topic_configurations().iter();
    let topics = topics.map(|one| rule(one.id(), one.topic_arn(), one.events(), one.filter()));
    let queues = document.queue_configurations().iter();
    let queues = queues.map(|one| rule(one.id(), one.queue_arn(), one.events(), one.filter()));
    let functions = document.lambda_function_configurations().iter();
    let functions = functions.map(|one| {
        rule(
            one.id(),
            one.lambda_function_arn(),
            one.events(),
            one.filter(),
        )
    });
    topics.chain(queues).chain(functions).collect()
}

/// Prefix and suffix of a rule, decoded. S3 may return the names in another case (`Prefix`).
fn filter(filter: Option<&NotificationConfigurationFilter>) -> (String, String) {
    let value = |name: &str| {
        let rules = filter
            .and_then(|filter| filter.key())
            .map(S3KeyFilter::filter_rules);
        rules
            .into_iter()
            .flatten()
            .find(|rule| {
                let found = rule.name().map(FilterRuleName::as_str);
                found.is_some_and(|found| found.eq_ignore_ascii_case(name))
            })
            .and_then(|rule| rule.value())
            .map(decoded)
            .unwrap_or_default()
    };
    (value("prefix"), value("suffix"))
}

/// A filter value as S3 expects it: a space as `+`, other special characters percent-encoded, `/` and unreserved characters
/// unchanged (S3 User Guide, "Configuring event notifications using object key name filtering"; recorded).
fn encoded(value: &str) -> String {
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'_')
        .remove(b'.')
        .remove(b'~')
        .remove(b'/')
        .remove(b' ');
    utf8_percent_encode(value, KEPT)
        .to_string()
        .replace(' ', "+")
}

fn decoded(value: &str) -> String {
    let plain = value.replace('+', " ");
    percent_decode_str(&plain).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::connection::{Feed, fixture};

    fn design() -> Design {
        fixture::design(Feed::Bucket { trail: None })
    }

    fn entry(id: &str, prefix: &str, suffix: &str) -> TopicConfiguration {
        let rule = |name, value: &str| FilterRule::builder().name(name).value(value).build();
        let key = S3KeyFilter::builder()
            .filter_rules(rule(FilterRuleName::Prefix, prefix))
            .filter_rules(rule(FilterRuleName::Suffix, suffix))
            .build();
        TopicConfiguration::builder()
            .id(id)
            .topic_arn("arn:aws:sns:eu-west-1:123456789012:theirs")
            .events(Event::S3ObjectCreated)
            .filter(NotificationConfigurationFilter::builder().key(key).build())
            .build()
            .unwrap()
    }

    proptest! {
        #[test]
        fn merging_and_taking_out_keeps_what_others_have_in_its_order(
            theirs in prop::collection::vec(("[a-z]{1,6}", "[a-z/]{0,6}", "[a-z.]{0,6}"), 0..6),
        ) {
            let design = design();
            let theirs: Vec<_> = theirs.iter().map(|(id, prefix, suffix)| entry(id, prefix, suffix)).collect();
            let document = NotificationConfiguration::builder().set_topic_configurations(Some(theirs)).build();
            let merged = with_ours(&document, &design);
            prop_assert_eq!(&with_ours(&merged, &design), &merged);
            prop_assert!(of_ours(&merged, &design).is_some_and(|found| same(found, &ours(&design))));
            prop_assert_eq!(without(&merged, &design), document);
        }
    }

    #[test]
    fn a_prefix_is_sent_as_s3_takes_it_and_compared_decoded() {
        assert_eq!(encoded("a b/AWSLogs/"), "a+b/AWSLogs/");
        assert_eq!(encoded("a+b=\u{fc}"), "a%2Bb%3D%C3%BC");
        for prefix in ["a b", "a+b", "100%", "\u{fc}/=x", "plain-_.~/"] {
            assert_eq!(decoded(&encoded(prefix)), prefix);
        }
        // An entry of others, with the space as they may have written it.
        let mut design = design();
        design.prefix = "a b".parse().unwrap();
        for theirs in ["a+b/", "a%20b/"] {
            let document = NotificationConfiguration::builder()
                .topic_configurations(entry("theirs", theirs, ""))
                .build();
            assert!(overlapping(&document, &design).is_some(), "{theirs}");
        }
    }

    #[test]
    fn rules_overlap_where_both_prefix_and_suffix_can_fit_one_key() {
        let design = design();
        let overlaps = |prefix: &str, suffix: &str| {
            let document = NotificationConfiguration::builder()
                .topic_configurations(entry("theirs", prefix, suffix))
                .build();
            overlapping(&document, &design).is_some()
        };
        for (prefix, suffix) in [
            ("", ""),
            ("AWSLogs/", ""),
            ("AWSLogs/1/", ".gz"),
            ("", ".json.gz"),
            ("AWS", ".json.gz"),
        ] {
            assert!(overlaps(prefix, suffix), "{prefix} {suffix}");
        }
        for (prefix, suffix) in [("reports/", ""), ("", ".csv"), ("AWSLogs/", ".txt")] {
            assert!(!overlaps(prefix, suffix), "{prefix} {suffix}");
        }
    }
}
