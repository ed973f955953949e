//! Names of what is created in AWS: the defaults of SPEC 3 and the rules each service has for them.

use sha2::{Digest, Sha256};

use super::{AccountId, ConnectionName, Region};
use crate::ui::t;

/// The short form of a connection's name that goes into resource names: at most 20 of `[a-z0-9-]`.
#[must_use]
pub fn slug(name: &ConnectionName) -> String {
    let lower = name.as_str().to_ascii_lowercase();
    let slug = lower
        .split(|char: char| !char.is_ascii_lowercase() && !char.is_ascii_digit())
        .filter(|run| !run.is_empty())
        .collect::<Vec<_>>()
        .join("-");
    if slug == name.as_str() && slug.len() <= 20 {
        return slug;
    }
    let head = slug[..slug.len().min(15)].trim_end_matches('-');
    let hash = Sha256::digest(name.as_str().as_bytes());
    format!("{head}-{}", hex::encode(&hash[..2]))
}

/// Default name of trail, topic, function and role.
#[must_use]
pub fn default_name(name: &ConnectionName) -> String {
    format!("sophos-ct-{}", slug(name))
}

/// Default name of the log bucket; unique by account and region, at most 63 characters in every region.
#[must_use]
pub fn default_bucket(name: &ConnectionName, account: &AccountId, region: &Region) -> String {
    format!("sophos-ct-{}-{account}-{region}", slug(name))
}

fn all(text: &str, allowed: &str) -> bool {
    text.chars()
        .all(|char| char.is_ascii_alphanumeric() || allowed.contains(char))
}

fn edges(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric())
}

fn is_ip(text: &str) -> bool {
    text.parse::<std::net::Ipv4Addr>().is_ok()
}

/// S3's rules for general purpose bucket names (S3 User Guide, bucketnamingrules); names with dots are
/// refused too, since TLS does not cover them.
pub fn check_bucket(text: &str) -> Result<(), String> {
    let reserved_start = ["xn--", "sthree-", "amzn-s3-demo-"];
    let reserved_end = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];
    let fits = (3..=63).contains(&text.len())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && edges(text)
        && !reserved_start.iter().any(|start| text.starts_with(start))
        && !reserved_end.iter().any(|end| text.ends_with(end));
    if fits {
        Ok(())
    } else {
        Err(t!("invalid-bucket", value = text))
    }
}

/// CloudTrail's rules for trail names (CloudTrail User Guide, trail naming requirements).
pub fn check_trail(text: &str) -> Result<(), String> {
    let adjacent = text
        .as_bytes()
        .windows(2)
        .any(|pair| pair.iter().all(|byte| b"._-".contains(byte)));
    let fits = (3..=128).contains(&text.len())
        && all(text, "._-")
        && edges(text)
        && !adjacent
        && !is_ip(text);
    if fits {
        Ok(())
    } else {
        Err(t!("invalid-trail", value = text))
    }
}

/// SNS's rules for topic names; FIFO topics cannot be used by CloudTrail.
pub fn check_topic(text: &str) -> Result<(), String> {
    let fits = (1..=256).contains(&text.len()) && all(text, "_-");
    if fits {
        Ok(())
    } else {
        Err(t!("invalid-topic", value = text))
    }
}

/// Lambda's rules for function names.
pub fn check_function(text: &str) -> Result<(), String> {
    let fits = (1..=64).contains(&text.len()) && all(text, "_-");
    if fits {
        Ok(())
    } else {
        Err(t!("invalid-function", value = text))
    }
}

/// IAM's rules for role names.
pub fn check_role(text: &str) -> Result<(), String> {
    let fits = (1..=64).contains(&text.len()) && all(text, "_+=,.@-");
    if fits {
        Ok(())
    } else {
        Err(t!("invalid-role", value = text))
    }
}

/// IAM's rules for paths: starts and ends with `/`.
pub fn check_role_path(text: &str) -> Result<(), String> {
    let fits = text.len() <= 512
        && text.starts_with('/')
        && text.ends_with('/')
        && text.chars().all(|char| char.is_ascii_graphic());
    if fits {
        Ok(())
    } else {
        Err(t!("invalid-role-path", value = text))
    }
}

/// CloudTrail's rule for key prefixes (at most 200 characters), without slashes at the edges, and with nothing that a policy
/// takes for a pattern or a variable, or not at all (IAM: characters up to U+00FF).
pub fn check_prefix(text: &str) -> Result<(), String> {
    let fits = text.len() <= 200
        && text
            .chars()
            .all(|char| !char.is_control() && char <= '\u{ff}' && !"*?${}\\\"".contains(char))
        && !text.starts_with('/')
        && !text.ends_with('/')
        && !text.contains("//")
        // URLs cannot name these.
        && !text.split('/').any(|part| part == "." || part == "..");
    if fits {
        Ok(())
    } else {
        Err(t!("invalid-prefix", value = text))
    }
}

/// A user's tag: key and value, within what IAM, S3, SNS, Lambda and CloudTrail all accept.
pub fn check_tag(text: &str) -> Result<(String, String), String> {
    let complaint = || t!("invalid-tag", value = text);
    let (key, value) = text.split_once('=').ok_or_else(complaint)?;
    let fits = |part: &str, max: usize| part.chars().count() <= max && all(part, " _.:/=+-@");
    let reserved = key.to_ascii_lowercase().starts_with("aws:") || key.starts_with("sophos-ct:");
    if key.is_empty() || reserved || !fits(key, 128) || !fits(value, 256) {
        return Err(complaint());
    }
    Ok((key.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn default_names_fit_every_service() {
        for text in [
            "demo",
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
}
