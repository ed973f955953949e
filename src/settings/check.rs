//! Whether an answer fits its question: flags, variables, prompts, files and saved settings alike.

use std::{collections::BTreeSet, time::Duration};

use serde_json::Value;

use super::{Entry, Shape, entry};
use crate::{
    connection::{AccountId, Arn, ConnectionName, accounts, names},
    resources::log_group::RETENTIONS,
    ui::{Code, Failure, Result, t},
};

/// Texts of a flag, variable or prompt as a checked value.
pub(super) fn parse(entry: &Entry, texts: &[String]) -> Result<Value, String> {
    let last = texts.last().map(String::as_str).unwrap_or_default().trim();
    let value = match entry.shape {
        Shape::Text => Value::String(last.to_owned()),
        Shape::Flag => match last {
            "true" | "1" | "yes" => Value::Bool(true),
            "false" | "0" | "no" => Value::Bool(false),
            other => return Err(t!("invalid-flag", value = other)),
        },
        Shape::Number => match last.parse::<i32>() {
            Ok(number) => Value::from(number),
            Err(_) => return Err(t!("invalid-number", value = last)),
        },
        Shape::List if entry.key == "accounts" => accounts::parse(&texts.join(","))?
            .iter()
            .map(|account| Value::String(account.to_string()))
            .collect(),
        Shape::List => texts
            .iter()
            .flat_map(|text| text.split([',', '\n']))
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(|item| Value::String(item.to_owned()))
            .collect(),
    };
    check(entry, &value)?;
    Ok(value)
}

/// All that does not fit, as one error.
pub fn must_fit(complaints: Vec<String>) -> Result<()> {
    if complaints.is_empty() {
        Ok(())
    } else {
        Err(Failure::list(
            Code::Usage,
            t!("answers-do-not-fit"),
            complaints,
        ))
    }
}

/// Whether a text fits a question.
pub fn fits(key: &str, text: &str) -> Result<(), String> {
    let entry = entry(key).expect("only keys of the catalogue are asked for");
    parse(entry, &[text.to_owned()]).map(drop)
}

/// Whether a value fits its question.
pub(super) fn check(entry: &Entry, value: &Value) -> Result<(), String> {
    let text = value.as_str().unwrap_or_default();
    let number = value.as_i64().unwrap_or_default();
    let one_of = |allowed: &[&str]| {
        if allowed.contains(&text) {
            Ok(())
        } else {
            Err(t!(
                "invalid-choice",
                value = text,
                allowed = allowed.join(", ")
            ))
        }
    };
    let shape = match entry.shape {
        Shape::Text => value.is_string(),
        Shape::Flag => value.is_boolean(),
        Shape::Number => value.is_i64() || value.is_u64(),
        Shape::List => value
            .as_array()
            .is_some_and(|list| list.iter().all(Value::is_string)),
    };
    if !shape {
        return Err(t!("invalid-shape", value = value));
    }
    let each = |with: fn(&str) -> Result<(), String>| {
        value
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .try_for_each(with)
    };
    match entry.key {
        "name" => text.parse::<ConnectionName>().map(drop),
        "management-account" | "expect-account" => text.parse::<AccountId>().map(drop),
        "org-id" => {
            let rest = text.strip_prefix("o-").unwrap_or_default();
            let fits = (10..=32).contains(&rest.len())
                && rest
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
            if fits {
                Ok(())
            } else {
                Err(t!("invalid-org-id", value = text))
            }
        }
        "accounts" => each(|account| account.parse::<AccountId>().map(drop)),
        "resources" => one_of(&["new", "existing"]),
        "notify" => one_of(&["trail", "bucket", "eventbridge"]),
        "trail" => match text.parse::<Arn>() {
            Ok(arn) if arn.service == "cloudtrail" => Ok(()),
            _ => names::check_trail(text),
        },
        "bucket" => names::check_bucket(text),
        "prefix" => names::check_prefix(text),
        "topic" => names::check_topic(text),
        "function" => names::check_function(text),
        "role" => names::check_role(text),
        "role-path" => names::check_role_path(text),
        "role-arn" => match text.parse::<Arn>()? {
            arn if arn.service == "iam" && arn.resource.starts_with("role/") => Ok(()),
            _ => Err(t!("invalid-role-arn", value = text)),
        },
        "dead-letter" => match text.parse::<Arn>()? {
            arn if ["sqs", "sns"].contains(&arn.service.as_str())
                && !arn.resource.ends_with(".fifo") =>
            {
                Ok(())
            }
            _ => Err(t!("invalid-dead-letter", value = text)),
        },
        "permissions-boundary" => match text.parse::<Arn>()? {
            arn if arn.service == "iam" && arn.resource.starts_with("policy/") => Ok(()),
            _ => Err(t!("invalid-boundary", value = text)),
        },
        // A policy takes a key by its ARN alone: an alias in it grants nothing (KMS Developer Guide, "Using aliases").
        "kms-key" => match text.parse::<Arn>()? {
            arn if arn.service == "kms" && is_key(&arn.resource) => Ok(()),
            _ => Err(t!("invalid-kms-key", value = text)),
        },
        "retention-days" if number < 1 => Err(t!("invalid-days", value = number)),
        "log-retention-days" if !RETENTIONS.iter().any(|days| i64::from(*days) == number) => {
            let allowed = RETENTIONS
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", ");
            Err(t!("invalid-choice", value = number, allowed = allowed))
        }
        "tag" => {
            each(|tag| names::check_tag(tag).map(drop))?;
            let keys: Vec<&str> = value
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|tag| tag.as_str()?.split_once('=').map(|(key, _)| key))
                .collect();
            let distinct: BTreeSet<&&str> = keys.iter().collect();
            // IAM takes 50 tags, and two are ours.
            if distinct.len() == keys.len() && keys.len() <= 48 {
                Ok(())
            } else {
                Err(t!("invalid-tags"))
            }
        }
        "ingest-host" => each(|host| {
            let parsed = url::Url::parse(&format!("https://{host}")).ok();
            let fits = parsed.is_some_and(|url| {
                sophos_ct_forwarder::host::host_of(url.as_str()).as_deref() == Ok(host)
            });
            fits.then_some(())
                .ok_or_else(|| t!("invalid-host", value = host))
        }),
        "wait" if parse_duration(text).is_none() => Err(t!("invalid-duration", value = text)),
        _ => Ok(()),
    }
}

/// `15m`, `24h`, `90s`, `500ms`, `2d`.
#[must_use]
pub fn parse_duration(text: &str) -> Option<Duration> {
    let unit = text.find(|char: char| !char.is_ascii_digit())?;
    let number: u64 = text[..unit].parse().ok()?;
    let milliseconds = match &text[unit..] {
        "ms" => 1,
        "s" => 1000,
        "m" => 60 * 1000,
        "h" => 3600 * 1000,
        "d" => 24 * 3600 * 1000,
        _ => return None,
    };
    number.checked_mul(milliseconds).map(Duration::from_millis)
}

/// The answers of a TOML file; all complaints at once.
pub(super) fn read_file(file: &str) -> Result<Vec<(&'static str, Value)>, Vec<String>> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| vec![t!("answers-unreadable", file = file, cause = error)])?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        vec![t!(
            "answers-unreadable",
            file = file,
            cause = error.message()
        )]
    })?;
    let mut values = Vec::new();
    let mut complaints = Vec::new();
    for (key, value) in table {
        let Some(entry) =
            entry(&key).filter(|entry| !["answers", "save-answers"].contains(&entry.key))
        else {
            complaints.push(t!("answers-unknown-key", file = file, key = key));
            continue;
        };
        let value = serde_json::to_value(value).unwrap_or_default();
        match check(entry, &value) {
            Ok(()) => values.push((entry.key, value)),
            Err(complaint) => complaints.push(format!("{file}, {key}: {complaint}")),
        }
    }
    if complaints.is_empty() {
        Ok(values)
    } else {
        Err(complaints)
    }
}

/// `key/` and a key id: a UUID, or `mrk-` and 32 hexadecimal digits.
fn is_key(resource: &str) -> bool {
    resource.strip_prefix("key/").is_some_and(|id| {
        !id.is_empty()
            && id
                .chars()
                .all(|char| char.is_ascii_alphanumeric() || char == '-')
    })
}
