//! Tests of names and their rules.

use super::*;

fn name(text: &str) -> ConnectionName {
    text.parse().expect("a valid name")
}

#[test]
fn a_slug_that_had_to_change_carries_a_hash_of_the_name() {
    assert_eq!(slug(&name("demo")), "demo");
    assert_eq!(slug(&name("aws-123456789012")), "aws-123456789012");
    let changed = slug(&name("Demo"));
    assert!(
        changed.starts_with("demo-") && changed.len() == 9,
        "{changed}"
    );
    assert_ne!(changed, slug(&name("DEMO")));
    let long = slug(&name("a name that is far longer than twenty"));
    assert!(
        long.len() <= 20 && long.starts_with("a-name-that-is"),
        "{long}"
    );
    assert!(check_trail(&default_name(&name("a.b-"))).is_ok());
}

fn buckets(text: &str) -> (String, Option<String>) {
    let (name, account) = (name(text), "123456789012".parse().unwrap());
    let region = "eu-west-1".parse().unwrap();
    let repeating = repeating_bucket(&name, &account, &region);
    let default = default_bucket(&name, &account, &region);
    (default.to_string(), repeating.map(|name| name.to_string()))
}

#[test]
fn the_default_bucket_of_the_default_name_has_the_account_once() {
    let (default, repeating) = buckets("demo");
    assert_eq!(default, "sophos-ct-demo-123456789012-eu-west-1");
    assert_eq!(repeating, None);
    let (default, repeating) = buckets("aws-123456789012");
    assert_eq!(default, "sophos-ct-123456789012-eu-west-1");
    let twice = "sophos-ct-aws-123456789012-123456789012-eu-west-1";
    assert_eq!(repeating.as_deref(), Some(twice));
    // No other name of a connection leads to the same bucket.
    for name in ["aws", "aws-999999999999", "123456789012", "x-123456789012"] {
        let (other, repeating) = buckets(name);
        assert_eq!(other, format!("sophos-ct-{name}-123456789012-eu-west-1"));
        assert_eq!(repeating, None);
    }
}

#[test]
fn default_names_fit_every_service() {
    for text in [
        "demo",
        "aws-123456789012",
        "Z 9._-x",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "a--b",
    ] {
        let name = name(text);
        let default = default_name(&name);
        check_trail(&default).unwrap();
        check_topic(&default).unwrap();
        check_function(&default).unwrap();
        check_role(&default).unwrap();
        let account = "123456789012".parse().unwrap();
        for region in [
            "eu-west-1",
            "ap-southeast-1",
            "us-gov-west-1",
            "eusc-de-east-1",
        ] {
            check_bucket(&default_bucket(&name, &account, &region.parse().unwrap())).unwrap();
        }
    }
}
