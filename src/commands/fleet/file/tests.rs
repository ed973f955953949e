//! TOML and CSV say the same, and what does not fit is named with its line and column.

use super::{Complaint, csv, rows, tables};
use crate::{answers::Flags, commands::fleet::member::Member, connection::Partition};

type Parse = fn(&str) -> Result<Vec<super::Record>, Vec<Complaint>>;

fn read(parse: Parse, text: &str) -> Result<Vec<Member>, Vec<Complaint>> {
    let records = parse(text)?;
    rows::members(&records, &Flags::new(), &|_: &str| None)
}

/// The lines and texts of what does not fit, in the order of lines.
fn complaints(parse: Parse, text: &str) -> Vec<(usize, String)> {
    let mut complaints = read(parse, text).unwrap_err();
    complaints.sort_by_key(|complaint| complaint.line);
    let pairs = complaints.into_iter().map(|one| (one.line, one.text));
    pairs.collect()
}

const CSV: &str = "\
\u{feff}account,role,external-id,session-tags,region,tenant,name,retention-days,accept-cost,tag,function-role\r
111122223333,Setup,shared-1,\"Team=Security,Run=1\",eu-west-1,\"Shop, Ltd\",shop,90,yes,a=b,logs\r
\r
444455556666,arn:aws:iam::{account}:role/ops/Setup,,,,,,,,,\r
";

const TOML: &str = r#"
[[member]]
account = "111122223333"
role = "Setup"
external-id = "shared-1"
session-tags = ["Team=Security", "Run=1"]
region = "eu-west-1"
tenant = "Shop, Ltd"
name = "shop"
retention-days = 90
accept-cost = true
tag = ["a=b"]
function-role = "logs"

[[member]]
account = "444455556666"
role = "arn:aws:iam::{account}:role/ops/Setup"
"#;

#[test]
fn toml_and_csv_give_the_same_members() {
    let of_csv = read(csv::records, CSV).unwrap();
    let mut of_toml = read(tables::records, TOML).unwrap();
    for (one, other) in of_toml.iter_mut().zip(&of_csv) {
        one.line = other.line;
    }
    assert_eq!(of_csv, of_toml);
    let [first, second] = &of_csv[..] else {
        panic!("two members");
    };
    assert_eq!((first.line, second.line), (2, 4));
    assert_eq!(first.name.as_str(), "shop");
    assert_eq!(first.tenant.as_deref(), Some("Shop, Ltd"));
    assert_eq!(first.session_tags.len(), 2);
    assert_eq!(first.answers["accept-cost"], ["true"]);
    assert_eq!(first.answers["role"], ["logs"]);
    assert_eq!(second.name.as_str(), "aws-444455556666");
    let arn = |member: &Member| member.role_arn(Partition::China).unwrap();
    assert_eq!(arn(first), "arn:aws-cn:iam::111122223333:role/Setup");
    assert_eq!(arn(second), "arn:aws:iam::444455556666:role/ops/Setup");
}

#[test]
fn a_quoted_cell_may_have_commas_quotes_and_lines() {
    let text = "account,tenant\n111122223333,\"a \"\"b\"\",\nc\"\n1,\n";
    let records = csv::records(text).unwrap();
    assert_eq!(records[0].fields[1].texts, ["a \"b\",\nc"]);
    assert_eq!((records[0].line, records[1].line), (2, 4));
}

#[test]
fn everything_that_is_not_csv_is_named_with_its_line() {
    let text = "account,role,account\n1,\"a\"b,c\n2\n3,a\"b,c\n4,\"a\n";
    let lines = csv::records(text).unwrap_err();
    let mut lines: Vec<usize> = lines.iter().map(|one| one.line).collect();
    lines.sort_unstable();
    assert_eq!(lines, [1, 2, 3, 4, 5]);
}

#[test]
fn everything_that_is_no_fleet_in_toml_is_named_with_its_line() {
    let broken = complaints(tables::records, "[[member]]\naccount =\n\n[[member]\n");
    assert!(broken.iter().any(|(line, _)| *line == 2), "{broken:?}");
    let strange = complaints(tables::records, "colour = 1\n[[member]]\ntag = { a = 1 }\n");
    let lines: Vec<usize> = strange.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [1, 3]);
}

#[test]
fn everything_that_does_not_fit_is_named_with_its_line_and_column() {
    let text = "\
account,role,external-id,session-tags,region,retention-days,colour,expect-account
11112222333,,,,nowhere,,,
111122223333,arn:aws:iam::444455556666:role/Setup,x,Team,eu-west-1,soon,red,
444455556666,a b,,\"a=1,A=2\",,,blue,111122223333
444455556666,,,,,,,
,,,,eu-west-1,,,
";
    let found = complaints(csv::records, text);
    let places = found.iter().map(|(line, text)| {
        let column = text.split(':').next().unwrap();
        (*line, column.to_owned())
    });
    let places: Vec<(usize, String)> = places.collect();
    let expected = [
        (1, "colour"),
        (1, "expect-account"),
        (2, "account"),
        (2, "region"),
        (3, "role"),
        (3, "external-id"),
        (3, "session-tags"),
        (3, "retention-days"),
        (4, "role"),
        (4, "session-tags"),
        (5, "name"),
        (6, "account"),
    ];
    assert_eq!(
        places,
        expected.map(|(line, column)| (line, column.to_owned()))
    );
}

#[test]
fn a_name_that_cannot_be_read_is_not_compared_with_others() {
    let text = "account,name\n444455556666,a/b\n444455556666,\n444455556666,\n";
    let found = complaints(csv::records, text);
    let lines: Vec<usize> = found.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [2, 4], "{found:?}");
}

#[test]
fn an_account_may_have_several_connections_with_names_of_their_own() {
    let text = "account,name,region\n111122223333,one,eu-west-1\n111122223333,two,us-east-1\n";
    assert_eq!(read(csv::records, text).unwrap().len(), 2);
    let empty = complaints(csv::records, "account\n");
    assert_eq!(empty.len(), 1);
}

#[test]
fn answers_of_the_row_hold_before_those_of_the_command_line() {
    let text = "account,organization,retention-days\n111122223333,no,30\n";
    let members = read(csv::records, text).unwrap();
    let common = [
        ("retention-days", "90"),
        ("log-retention-days", "7"),
        ("organization", "true"),
    ];
    let common = common.map(|(key, text)| (key, vec![text.to_owned()]));
    let words = members[0].flags_of_setup(&crate::cli::AnswerFlags(Flags::from(common)));
    let expected = [
        "--name=aws-111122223333",
        "--expect-account=111122223333",
        "--log-retention-days=7",
        "--no-organization",
        "--retention-days=30",
    ];
    assert_eq!(words, expected);
}
