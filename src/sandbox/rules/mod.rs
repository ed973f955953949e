//! The sandbox's own rules for ids, names and keys. Their sources are the contract and AWS's documentation. They share no code
//! with the program's parsers, so that the sandbox notices when one of those is wrong.

mod aws;
mod contract;
mod text;

use url::{Host, Url};

pub(super) use aws::{
    account_of_log_file, arn, filter_value, is_bucket_name, is_key_prefix, is_region,
    is_topic_name, is_trail_name,
};
pub(super) use contract::{
    is_account, is_connection_id, is_connection_name, is_list_of_accounts, is_partition,
    is_role_id, manifest_fault,
};

/// Whether a URL leads to this machine.
pub(super) fn is_of_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn judges(rule: fn(&str) -> bool, fitting: &[&str], others: &[&str]) {
        for text in fitting {
            assert!(rule(text), "{text}");
        }
        for text in others {
            assert!(!rule(text), "{text}");
        }
    }

    #[test]
    fn ids_and_names_fit_as_the_contract_says() {
        let long = "a".repeat(65);
        judges(
            is_account,
            &["123456789012"],
            &["12345678901", "12345678901a", ""],
        );
        judges(
            is_connection_name,
            &["a", "two words of. it_all-"],
            &["", " a", "-a", "ü", &long],
        );
        judges(
            is_connection_id,
            &["11111111-2222-4333-8444-555555555555"],
            &[
                "11111111-2222-1333-8444-555555555555",
                "11111111-2222-4333-7444-555555555555",
                "5F0C7A3E-8A1B-4C2D-9E3F-1A2B3C4D5E6F",
                "11111111222243338444555555555555",
            ],
        );
        judges(
            is_role_id,
            &["AROAEXAMPLEEXAMPLE23"],
            &["AIDAEXAMPLEEXAMPLE23", "AROA", "AROAexampleexample23"],
        );
        judges(is_partition, &["aws", "aws-eusc"], &["", "aws-iso"]);
    }

    #[test]
    fn names_fit_as_aws_says() {
        judges(
            is_region,
            &["eu-west-1", "cn-north-1", "us-gov-west-1", "us-iso-east-1"],
            &["moon", "eu-west", "eu-west-x", "eu--1", "EU-west-1"],
        );
        judges(
            is_trail_name,
            &["a.b", "sophos-ct-demo"],
            &["ab", "a--b", "a._b", "-ab", "ab-", "192.168.5.4", "a b"],
        );
        judges(
            is_bucket_name,
            &["logs", "my.logs-1"],
            &["Logs", "a..b", "-ab", "192.168.5.4", "xn--ab", "ab--x-s3"],
        );
        judges(is_key_prefix, &["", "audit logs/it's"], &["/a", "a/"]);
        judges(is_topic_name, &["theirs_1-2"], &["", "a.b", "some.fifo"]);
        assert_eq!(filter_value("a+b%2Bc/"), "a b+c/");
    }

    #[test]
    fn only_a_log_file_has_an_account() {
        let file = "CloudTrail/eu-west-1/2026/11/24/111122223333_CloudTrail_eu-west-1_20261124T0900Z_x.json.gz";
        for start in [
            "AWSLogs/111122223333/",
            "a/AWSLogs/b/AWSLogs/o-0123456789/111122223333/",
        ] {
            let key = format!("{start}{file}");
            assert_eq!(account_of_log_file(&key), Some("111122223333"), "{key}");
        }
        let key = format!("AWSLogs/111122223333/{file}");
        for (there, instead) in [
            ("AWSLogs/", ""),
            ("AWSLogs/", "AWSLogs/x/"),
            ("CloudTrail/", "CloudTrail-Digest/"),
            ("/24/", "/24/../"),
            ("AWSLogs/1111", "AWSLogs/x111"),
            (
                "111122223333_CloudTrail_eu-west-1_20261124T0900Z_x.json",
                ".json",
            ),
            (".json.gz", ".json"),
            (".json.gz", ".json.gz/"),
        ] {
            let other = key.replacen(there, instead, 1);
            assert_eq!(account_of_log_file(&other), None, "{other}");
        }
    }

    #[test]
    fn a_manifest_fits_the_contract_or_is_named() {
        let entry = json!({ "kind": "alarm", "arn": "arn:aws:x:::y", "ownership": "used" });
        let manifest = json!({ "items": [entry], "buckets": ["b"], "complete": true, "names": {} });
        assert_eq!(manifest_fault(&manifest), None);
        for (pointer, value) in [
            ("/items", json!(null)),
            ("/buckets", json!([1])),
            ("/complete", json!("yes")),
            ("/items/0/kind", json!("queue")),
            ("/items/0/ownership", json!("mine")),
        ] {
            let mut other = manifest.clone();
            *other.pointer_mut(pointer).unwrap() = value;
            assert!(manifest_fault(&other).is_some(), "{pointer}");
        }
    }
}
