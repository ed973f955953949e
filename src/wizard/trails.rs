//! The trails of a region as rows to pick from.

use super::{
    ask::{Row, Rows},
    known::{Known, Topic},
};
use crate::{connection::Arn, resources::trail::State, ui::t};

/// The trails, and last the choice of a bucket whose trail is elsewhere.
pub(super) fn rows(trails: &[State], known: &Known<'_>) -> Rows {
    let rows = trails.iter().map(|trail| row(trail, known));
    let alone = Row::alone(t!("choice-bucket-alone"));
    // Without trails there is nothing to put below headings.
    let headings = match trails {
        [] => Vec::new(),
        _ => vec![
            t!("column-name"),
            t!("column-bucket"),
            t!("column-notifies"),
            t!("column-scope"),
            t!("column-used-by"),
        ],
    };
    Rows {
        headings,
        rows: rows.chain([alone]).collect(),
    }
}

fn row(trail: &State, known: &Known<'_>) -> Row {
    let mut detail = vec![trail.arn.clone()];
    let notifies = match known.topic_of(trail) {
        Topic::None => t!("trail-without-topic"),
        Topic::Here(name) => name,
        Topic::Elsewhere(arn) => {
            let name = arn.parse::<Arn>().map(|arn| arn.resource);
            let name = name.unwrap_or_else(|_| arn.clone());
            detail.push(t!("trail-with-topic", topic = arn));
            name
        }
    };
    let key = trail.kms_key.as_ref();
    detail.extend(key.map(|key| t!("trail-encrypted", key = key)));
    if !known.logs_management(trail) {
        detail.push(t!("trail-no-management"));
    }
    if !trail.multi_region {
        detail.push(t!("trail-one-region", region = trail.home_region));
    }
    let scope = if trail.organization {
        t!("trail-organization")
    } else {
        t!("trail-this-account")
    };
    Row {
        cells: vec![
            trail.name.clone(),
            trail.bucket.clone(),
            notifies,
            scope,
            users(trail, known).join(", "),
        ],
        detail: detail.join(", "),
    }
}

/// Who is known to use a trail: connections that collect from its bucket, and the product that made it.
fn users(trail: &State, known: &Known<'_>) -> Vec<String> {
    let same = |bucket: &str, prefix: &str| bucket == trail.bucket && prefix == trail.prefix;
    let uses = known.uses.iter();
    let uses = uses.filter(|one| same(&one.bucket, &one.prefix));
    let mut users: Vec<String> = uses.map(|one| one.connection.to_string()).collect();
    if trail.is_control_tower() {
        users.push("Control Tower".to_owned());
    }
    if trail.is_optix() {
        users.push("Sophos Cloud Optix".to_owned());
    }
    users
}
