//! What the rule is like.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::state::{Observed, TAG_TURNED_ON, Targets, pattern, target_id};
use crate::{
    connection::{Design, Kind},
    resources::{
        planned::{Across, Journal},
        settings::{Setting, Settings, of_tags},
    },
};

/// Returns the settings of the rule, if no messages come through a topic. The tag by which we remember that we turned the bucket's
/// events on is none of them.
#[must_use]
pub(crate) fn settings(
    design: &Design,
    seen: &Observed,
    _: Journal<'_>,
    _: &Across,
) -> Vec<Settings> {
    if design.has_topic() {
        return Vec::new();
    }
    let state = |enabled| Value::from(if enabled { "ENABLED" } else { "DISABLED" });
    let mut all = vec![
        Setting::new(
            "State",
            seen,
            |rule| Some(state(rule.enabled)),
            Some(state(true)),
        ),
        Setting::new(
            "EventPattern",
            seen,
            |rule| rule.pattern.clone(),
            Some(pattern(design)),
        ),
    ];
    all.extend(targets(design, seen));
    let tags = seen.as_ref().and_seen(|rule| rule.owner.tags.clone());
    let tags = tags.map(|mut tags| {
        tags.remove(TAG_TURNED_ON);
        tags
    });
    all.extend(of_tags(design, tags.as_ref()));
    vec![Settings::new(Kind::EventRule, design.rule_arn(), all)]
}

/// What the rule calls. Targets of others stay.
fn targets(design: &Design, seen: &Observed) -> Vec<Setting> {
    let shown = |arn: &str, queue: Option<&str>| json!({ "Arn": arn, "DeadLetterArn": queue });
    let ours = target_id(design);
    let all = seen.as_ref().and_seen(|rule| rule.targets.as_ref());
    let found = all.there().copied().into_iter();
    let mut names: BTreeSet<&String> = found.flat_map(BTreeMap::keys).collect();
    names.insert(&ours);
    let setting = |name: &String| {
        let found = |all: &&Targets| {
            let (arn, queue) = all.get(name)?;
            Some(shown(arn, queue.as_deref()))
        };
        let title = format!("Targets.{name}");
        if *name != ours {
            return Setting::new(title, &all, found, None).once();
        }
        let made = shown(&design.function_arn(), design.redrive().as_deref());
        Setting::new(title, &all, found, Some(made))
    };
    names.into_iter().map(setting).collect()
}
