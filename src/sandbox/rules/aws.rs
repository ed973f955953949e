//! What AWS's documentation says about names, ARNs and the keys of log files.

use std::net::Ipv4Addr;

use percent_encoding::percent_decode_str;

use super::{
    contract::{is_account, is_organization_id},
    text::{consists, ends_alphanumeric, is_digit, starts_alphanumeric},
};

/// A region's name: words of letters, then a number (the form of all codes in `partitions.json` of the AWS SDKs).
pub(crate) fn is_region(text: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_lowercase();
    let parts: Vec<&str> = text.split('-').collect();
    match &parts[..] {
        [words @ .., number] if words.len() >= 2 => {
            words.iter().all(|word| consists(word, 1..=64, letter))
                && consists(number, 1..=64, is_digit)
        }
        _ => false,
    }
}

/// A trail's name (CloudTrail API Reference, `CreateTrail`): 3 to 128 letters, digits, `.`, `_` and `-`; none of the latter three
/// at an end or next to each other; not an IP address.
pub(crate) fn is_trail_name(text: &str) -> bool {
    consists(text, 3..=128, |byte| {
        byte.is_ascii_alphanumeric() || b"._-".contains(&byte)
    }) && !text.split(['.', '_', '-']).any(str::is_empty)
        && !is_ip_address(text)
}

/// The name of a general purpose bucket (S3 User Guide, "General purpose bucket naming rules").
pub(crate) fn is_bucket_name(text: &str) -> bool {
    const STARTS: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];
    const ENDS: [&str; 5] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];
    consists(text, 3..=63, |byte| {
        byte.is_ascii_lowercase() || is_digit(byte) || b".-".contains(&byte)
    }) && starts_alphanumeric(text)
        && ends_alphanumeric(text)
        && !text.contains("..")
        && !is_ip_address(text)
        && !STARTS.iter().any(|start| text.starts_with(start))
        && !ENDS.iter().any(|end| text.ends_with(end))
}

fn is_ip_address(text: &str) -> bool {
    text.parse::<Ipv4Addr>().is_ok()
}

/// The key prefix of a trail: at most 200 characters (CloudTrail API Reference, `CreateTrail`). CloudTrail adds the `/` behind
/// it, so none may stand at its ends.
pub(crate) fn is_key_prefix(text: &str) -> bool {
    text.chars().count() <= 200 && !text.starts_with('/') && !text.ends_with('/')
}

/// The name of a standard topic (SNS API Reference, `CreateTopic`): 1 to 256 letters, digits, `_` and `-`.
pub(crate) fn is_topic_name(text: &str) -> bool {
    consists(text, 1..=256, |byte| {
        byte.is_ascii_alphanumeric() || b"_-".contains(&byte)
    })
}

/// An ARN, taken apart (IAM User Guide, "Amazon Resource Names": `arn:partition:service:region:account:resource`).
pub(crate) struct Arn<'a> {
    pub partition: &'a str,
    /// Empty for IAM, S3 and STS.
    pub region: &'a str,
    /// Empty for S3.
    pub account: &'a str,
    pub resource: &'a str,
}

/// Takes an ARN apart. `None` for any other text.
pub(crate) fn arn(text: &str) -> Option<Arn<'_>> {
    let (partition, rest) = text.strip_prefix("arn:")?.split_once(':')?;
    let (service, rest) = rest.split_once(':')?;
    let (region, rest) = rest.split_once(':')?;
    let (account, resource) = rest.split_once(':')?;
    let complete = ![partition, service, resource].contains(&"");
    complete.then_some(Arn {
        partition,
        region,
        account,
        resource,
    })
}

/// The account whose log file has this key (CloudTrail User Guide, "Finding your CloudTrail log files":
/// `[prefix/]AWSLogs/[o-id/]account/CloudTrail/region/YYYY/MM/DD/….json.gz`; the contract does not ask for more of the name).
/// `None` for digests, markers and everything else.
pub(crate) fn account_of_log_file(key: &str) -> Option<&str> {
    let segments: Vec<&str> = key.split('/').collect();
    // From the end: a prefix may itself contain `AWSLogs`.
    let [
        head @ ..,
        account,
        "CloudTrail",
        region,
        year,
        month,
        day,
        file,
    ] = &segments[..]
    else {
        return None;
    };
    let folder = match head {
        [.., "AWSLogs"] => true,
        [.., "AWSLogs", organization] => is_organization_id(organization),
        _ => false,
    };
    let date = consists(year, 4..=4, is_digit)
        && consists(month, 2..=2, is_digit)
        && consists(day, 2..=2, is_digit);
    let named = file
        .strip_suffix(".json.gz")
        .is_some_and(|name| !name.is_empty());
    (folder && is_account(account) && is_region(region) && date && named).then_some(*account)
}

/// The value of a notification filter, decoded as S3 compares it: `+` is a space, the rest is percent-encoded (S3 User Guide,
/// "Configuring event notifications using object key name filtering"; recorded).
pub(crate) fn filter_value(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}
