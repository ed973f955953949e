//! `remove` is killed after each write.

use serde_json::json;

use super::{killed_after, remove_words, side_by_side, undisturbed};
use crate::support::{World, blocking, fixtures, snapshot};

#[test]
fn remove_killed_after_any_write_leaves_nothing_of_ours_and_takes_nothing_of_theirs() {
    let (world, _) = undisturbed(&[]);
    foreign(&world);
    world.run(&remove_words(&world, &[])).exits(0);
    let writes = world.wire().writes();
    let (aws, central) = (snapshot::aws(&world), snapshot::central(&world));
    let left: Vec<&str> = aws.keys().map(String::as_str).collect();
    assert_eq!(
        left,
        [
            "bucket sophos-ct-demo-ACCOUNT-eu-west-1",
            "topic arn:aws:sns:eu-west-1:ACCOUNT:theirs"
        ]
    );
    let statements = aws[left[0]]["policy"]["Statement"].as_array().unwrap();
    assert_eq!(statements.len(), 1);
    assert_eq!(statements[0]["Sid"], "Theirs");
    side_by_side((0..=writes.len()).collect(), |number| {
        let (mut world, _) = undisturbed(&[]);
        foreign(&world);
        let done = killed_after(&world, number, &remove_words(&world, &[]));
        world.move_house();
        world.run(&remove_words(&world, &[])).exits(0);
        assert_eq!(snapshot::aws(&world), aws, "after {done:?}");
        assert_eq!(snapshot::central(&world), central, "after {done:?}");
    });
}

/// Adds what others may have: a topic next to ours, and a statement in the policy of our bucket.
fn foreign(world: &World) {
    blocking(async {
        let aws = world.aws().await;
        aws.sns.create_topic().name("theirs").send().await.unwrap();
        let bucket = format!("sophos-ct-demo-{}-eu-west-1", world.account);
        let mut policy = fixtures::bucket_policy_of(&aws, &bucket).await;
        let statement = json!({
            "Sid": "Theirs", "Effect": "Deny", "Principal": "*", "Action": ["s3:DeleteObject"],
            "Resource": format!("arn:aws:s3:::{bucket}/*"),
        });
        policy["Statement"]
            .as_array_mut()
            .unwrap()
            .insert(1, statement);
        fixtures::bucket_policy(&aws, &bucket, policy).await;
    });
}
