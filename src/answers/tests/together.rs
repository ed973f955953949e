//! Whether answers fit together, and whether they fit the caller.

use super::given;
use crate::{
    answers::Origin,
    aws::Caller,
    connection::Partition,
    ui::{Code, Result, t},
};

/// The complaints of a check, one by one.
fn complaints(checked: Result<()>) -> Vec<String> {
    let Err(failure) = checked else {
        return Vec::new();
    };
    assert_eq!(failure.code, Code::Usage);
    let listed = format!("{}\n  - ", t!("answers-do-not-fit"));
    match failure.message.strip_prefix(&listed) {
        Some(list) => list.split("\n  - ").map(ToOwned::to_owned).collect(),
        None => vec![failure.message],
    }
}

fn together(list: &[(&str, &str)]) -> Vec<String> {
    complaints(given(list).fit_together())
}

/// The complaints about a caller of account 111122223333 who works in eu-west-1.
fn of_caller(list: &[(&str, &str)]) -> Vec<String> {
    let caller = Caller {
        account: "111122223333".parse().unwrap(),
        arn: String::new(),
        partition: Partition::Aws,
    };
    let region = "eu-west-1".parse().unwrap();
    complaints(given(list).fit_caller(&caller, &region))
}

#[test]
fn every_arn_is_of_the_callers_partition() {
    let arns = [
        (
            "trail",
            "arn:aws-cn:cloudtrail:eu-west-1:111122223333:trail/theirs",
        ),
        ("role-arn", "arn:aws-cn:iam::111122223333:role/role"),
        (
            "permissions-boundary",
            "arn:aws-cn:iam::111122223333:policy/bounds",
        ),
        ("kms-key", "arn:aws-cn:kms:eu-west-1:111122223333:key/key"),
        ("dead-letter", "arn:aws-cn:sqs:eu-west-1:111122223333:dead"),
        ("alarm", "arn:aws-cn:sns:eu-west-1:111122223333:pager"),
    ];
    let partition = "aws";
    let expected = arns.map(|(flag, arn)| {
        t!(
            "arn-partition",
            flag = flag,
            arn = arn,
            partition = partition
        )
    });
    assert_eq!(of_caller(&arns), expected);
    let ours = arns.map(|(flag, arn)| (flag, arn.replace("aws-cn", "aws")));
    let ours = ours.each_ref().map(|(flag, arn)| (*flag, arn.as_str()));
    assert_eq!(of_caller(&ours), [""; 0]);
    // The name of a trail is no ARN.
    assert_eq!(of_caller(&[("trail", "theirs")]), [""; 0]);
}

#[test]
fn role_and_dead_letter_target_are_of_the_callers_account_and_the_others_need_not_be() {
    let (role, queue) = (
        "arn:aws:iam::999999999999:role/role",
        "arn:aws:sqs:eu-west-1:999999999999:dead",
    );
    let account = "111122223333";
    let found = of_caller(&[
        (
            "trail",
            "arn:aws:cloudtrail:us-east-1:999999999999:trail/theirs",
        ),
        ("role-arn", role),
        (
            "permissions-boundary",
            "arn:aws:iam::999999999999:policy/bounds",
        ),
        ("kms-key", "arn:aws:kms:us-east-1:999999999999:key/key"),
        ("dead-letter", queue),
        ("alarm", "arn:aws:sns:eu-west-1:999999999999:pager"),
    ]);
    let expected = [("role-arn", role), ("dead-letter", queue)]
        .map(|(flag, arn)| t!("arn-account", flag = flag, arn = arn, account = account));
    assert_eq!(found, expected);
    let elsewhere = [
        ("dead-letter", "arn:aws:sqs:us-east-1:111122223333:dead"),
        ("alarm", "arn:aws:sns:us-east-1:111122223333:pager"),
    ];
    let region = "eu-west-1";
    let expected =
        elsewhere.map(|(flag, arn)| t!("arn-region", flag = flag, arn = arn, region = region));
    assert_eq!(of_caller(&elsewhere), expected);
}

#[test]
fn what_is_about_an_organization_needs_one() {
    let about = [
        ("org-id", "o-abcdefghij"),
        ("management-account", "111122223333"),
        ("accounts", "111122223333"),
    ];
    let refused = about.map(|(flag, _)| t!("only-organization", flag = flag));
    assert_eq!(together(&about), refused);
    let with = |organization| [&about[..], &[("organization", organization)]].concat();
    assert_eq!(together(&with("false")), refused);
    assert_eq!(together(&with("true")), [""; 0]);
}

#[test]
fn a_role_that_the_user_brings_has_neither_name_path_nor_boundary_of_ours() {
    let brought = ("role-arn", "arn:aws:iam::111122223333:role/role");
    let ours = [
        ("role", "other"),
        ("role-path", "/other/"),
        (
            "permissions-boundary",
            "arn:aws:iam::111122223333:policy/bounds",
        ),
    ];
    let refused = ours.map(|(flag, _)| t!("not-with-role-arn", flag = flag));
    assert_eq!(together(&[&ours[..], &[brought]].concat()), refused);
    assert_eq!(together(&ours), [""; 0]);
    // A default that was filled in is not an answer.
    let mut answers = given(&[brought]);
    answers.role.set("filled".parse().unwrap(), Origin::Default);
    assert_eq!(complaints(answers.fit_together()), [""; 0]);
}

#[test]
fn new_resources_and_existing_ones_have_answers_of_their_own() {
    let arn = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/theirs";
    let key = "arn:aws:kms:eu-west-1:111122223333:key/key";
    let of_existing = [("notify", "bucket"), ("kms-key", key), ("trail", arn)];
    let of_new = ("retention-days", "30");
    let all = |resources, more: &[(&'static str, &'static str)]| {
        together(&[&[("resources", resources)][..], more].concat())
    };
    assert_eq!(
        all("new", &of_existing),
        [
            t!("only-existing", flag = "notify"),
            t!("only-existing", flag = "kms-key"),
            t!("trail-name-only"),
        ]
    );
    assert_eq!(all("new", &[of_new, ("trail", "ours")]), [""; 0]);
    assert_eq!(
        all("existing", &[of_new]),
        [t!("only-new", flag = "retention-days")]
    );
    assert_eq!(all("existing", &of_existing), [""; 0]);
    // As long as it is open which ones there are, both may be given.
    assert_eq!(together(&[of_new, of_existing[0], of_existing[1]]), [""; 0]);
}
