//! Designs for unit tests.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Design, Feed, Named, Partition,
    names::{KeyPrefix, TrailArn},
};

/// Returns the ARN of a trail that was there before us.
pub(crate) fn their_trail() -> TrailArn {
    let arn = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/theirs";
    arn.parse().unwrap()
}

/// Returns the design of a connection `demo` of account 111122223333 in eu-west-1, with default names.
pub(crate) fn design(feed: Feed) -> Design {
    let own = feed == Feed::New;
    let subscribes = matches!(feed, Feed::Subscribe { .. });
    let name = "sophos-ct-demo";
    let bucket = match own {
        true => "sophos-ct-demo-111122223333-eu-west-1",
        false => "theirs",
    };
    let topic = if subscribes { "theirs" } else { name };
    Design {
        id: "0f8c0c1e-2f5e-4a57-9d3c-5b1a6f0e7d21".parse().unwrap(),
        name: "demo".parse().unwrap(),
        account: "111122223333".parse().unwrap(),
        partition: Partition::Aws,
        region: "eu-west-1".parse().unwrap(),
        feed,
        organization: None,
        trail: name.parse().unwrap(),
        bucket: bucket.parse().unwrap(),
        prefix: KeyPrefix::default(),
        topic: topic.parse().unwrap(),
        function: name.parse().unwrap(),
        role: name.parse().unwrap(),
        role_path: "/".parse().unwrap(),
        own_role: true,
        permissions_boundary: None,
        retention_days: own.then_some(365),
        log_retention_days: 30,
        kms_key: None,
        dead_letter: None,
        alarm: None,
        tags: BTreeMap::new(),
        given: BTreeSet::from([Named::Resources, Named::Trail, Named::Bucket]),
        saved: BTreeSet::new(),
        plain_http: false,
    }
}

/// Returns one design for each way to hear of log files.
pub(crate) fn every_feed() -> [(&'static str, Design); 5] {
    let trail = their_trail();
    let maybe = Some(trail.clone());
    [
        ("new", Feed::New),
        (
            "subscribe",
            Feed::Subscribe {
                trail: trail.clone(),
            },
        ),
        ("trail", Feed::Trail { trail }),
        (
            "bucket",
            Feed::Bucket {
                trail: maybe.clone(),
            },
        ),
        ("eventbridge", Feed::EventBridge { trail: maybe }),
    ]
    .map(|(name, feed)| (name, design(feed)))
}
