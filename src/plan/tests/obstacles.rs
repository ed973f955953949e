//! What in a bucket that was there before us stands in the way, or may.

use crate::{
    connection::{Feed, fixture},
    plan::Plan,
    resources::{
        bucket::obstacles::{Denial, Obstacles, Who},
        seen::Seen,
    },
    ui::t,
};

/// The plan for a bucket `theirs` that has these obstacles.
fn heeded(obstacles: &Obstacles) -> Plan {
    let mut plan = Plan::default();
    plan.heed(&fixture::design(Feed::Bucket { trail: None }), obstacles);
    plan
}

fn denial(statement: &str, who: Who, certain: bool) -> Denial {
    Denial {
        statement: statement.to_owned(),
        who,
        certain,
    }
}

#[test]
fn a_statement_that_denies_is_a_conflict_and_one_that_may_deny_is_a_note() {
    let plan = heeded(&Obstacles {
        denials: Seen::There(vec![
            denial("OnlyVpc", Who::CloudTrail, true),
            denial("OnlyAdmins", Who::Function, true),
            denial("OnlyTagged", Who::CloudTrail, false),
            denial("OnlyMfa", Who::Function, false),
        ]),
        ..Obstacles::default()
    });
    let cloudtrail = t!("who-cloudtrail");
    let role = "arn:aws:iam::111122223333:role/sophos-ct-demo";
    let function = t!("who-function", role = role);
    let conflict = |statement: &str, who: &str| {
        t!(
            "conflict-deny-statement",
            bucket = "theirs",
            statement = statement,
            who = who
        )
    };
    let note = |statement: &str, who: &str| {
        t!(
            "note-deny-statement",
            bucket = "theirs",
            statement = statement,
            who = who
        )
    };
    assert_eq!(
        plan.conflicts,
        [
            conflict("OnlyVpc", &cloudtrail),
            conflict("OnlyAdmins", &function)
        ]
    );
    assert_eq!(
        plan.notes,
        [note("OnlyTagged", &cloudtrail), note("OnlyMfa", &function)]
    );
}

#[test]
fn requester_pays_is_a_conflict_and_object_lock_and_abac_are_notes() {
    let bucket = "theirs";
    let pays = heeded(&Obstacles {
        requester_pays: Seen::There(()),
        ..Obstacles::default()
    });
    let conflict = t!("conflict-requester-pays", bucket = bucket);
    assert_eq!((pays.conflicts, pays.notes), (vec![conflict], vec![]));
    let lock = heeded(&Obstacles {
        object_lock: Seen::There(()),
        ..Obstacles::default()
    });
    let note = t!("note-object-lock", bucket = bucket);
    assert_eq!((lock.conflicts, lock.notes), (vec![], vec![note]));
    let abac = heeded(&Obstacles {
        abac: Seen::There(()),
        ..Obstacles::default()
    });
    let role = "arn:aws:iam::111122223333:role/sophos-ct-demo";
    let note = t!("note-abac", bucket = bucket, role = role);
    assert_eq!((abac.conflicts, abac.notes), (vec![], vec![note]));
}

#[test]
fn what_could_not_be_looked_at_is_named_once_with_every_missing_action() {
    let nothing = heeded(&Obstacles::default());
    assert_eq!((nothing.conflicts, nothing.notes), (vec![], vec![]));
    let hidden = heeded(&Obstacles {
        denials: Seen::Denied("s3:GetBucketPolicy"),
        requester_pays: Seen::Denied("s3:GetBucketRequestPayment"),
        object_lock: Seen::Denied("s3:GetBucketObjectLockConfiguration"),
        abac: Seen::Denied("s3:GetBucketAbac"),
    });
    let actions = "s3:GetBucketPolicy, s3:GetBucketRequestPayment, \
                   s3:GetBucketObjectLockConfiguration, s3:GetBucketAbac";
    let note = t!("note-bucket-denied", bucket = "theirs", actions = actions);
    assert_eq!((hidden.conflicts, hidden.notes), (vec![], vec![note]));
}
