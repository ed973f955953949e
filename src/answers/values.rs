//! The types of answers that the domain does not define, and how each type is read and written.

use std::{collections::BTreeSet, fmt, str::FromStr, time::Duration};

use serde_json::Value as Json;
use sophos_ct_forwarder::host::host_named;
use strum::{Display, EnumString, VariantNames};

use super::answer::{Shape, Value, of_another_shape};
use crate::{
    connection::{
        AccountId, ConnectionName, MOST_TAGS, accounts,
        names::{
            self, BoundaryArn, BucketName, DeadLetterArn, FunctionName, KeyArn, KeyPrefix,
            OrganizationId, RoleArn, RoleName, RolePath, TopicArn, TopicName, TrailArn, TrailName,
        },
    },
    resources::log_group::RETENTIONS,
    ui::t,
};

/// Returns the last of the texts: if a flag is given twice, the last one counts.
fn last(texts: &[String]) -> &str {
    texts.last().map(String::as_str).unwrap_or_default().trim()
}

/// Types that are written as one text.
macro_rules! texts {
    ($($type:ty),*) => {$(
        impl Value for $type {
            const SHAPE: Shape = Shape::Text;

            fn parse(texts: &[String]) -> Result<Self, String> {
                last(texts).parse()
            }

            fn from_json(value: &Json) -> Result<Self, String> {
                value.as_str().ok_or_else(|| of_another_shape(value))?.parse()
            }

            fn to_json(&self) -> Json {
                self.to_string().into()
            }
        }
    )*};
}

texts! {
    AccountId, BoundaryArn, BucketName, ConnectionName, DeadLetterArn, FilePath, FunctionName, KeyArn, KeyPrefix, Notify,
    OrganizationId, RoleArn, RoleName, RolePath, Source, TenantName, TopicArn, TopicName, Trail, Wait
}

impl Value for bool {
    const SHAPE: Shape = Shape::Flag;

    fn parse(texts: &[String]) -> Result<Self, String> {
        match last(texts) {
            "true" | "1" | "yes" => Ok(true),
            "false" | "0" | "no" => Ok(false),
            other => Err(t!("invalid-flag", value = other)),
        }
    }

    fn from_json(value: &Json) -> Result<Self, String> {
        value.as_bool().ok_or_else(|| of_another_shape(value))
    }

    fn to_json(&self) -> Json {
        (*self).into()
    }
}

/// The complaint about a text that is none of an answer's words.
fn not_among<T: VariantNames>(text: &str) -> String {
    let allowed = T::VARIANTS.join(", ");
    t!("invalid-choice", value = text, allowed = allowed)
}

/// Where trail and bucket come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, EnumString, VariantNames)]
#[strum(
    serialize_all = "lowercase",
    parse_err_ty = String,
    parse_err_fn = not_among::<Source>
)]
pub(crate) enum Source {
    New,
    Existing,
}

/// How an existing trail notifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, EnumString, VariantNames)]
#[strum(
    serialize_all = "lowercase",
    parse_err_ty = String,
    parse_err_fn = not_among::<Notify>
)]
pub(crate) enum Notify {
    Trail,
    Bucket,
    EventBridge,
}

/// Types that may be any text.
macro_rules! any_text {
    ($($(#[$doc:meta])* $type:ident),*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub(crate) struct $type(String);

        impl $type {
            #[must_use]
            pub(crate) fn as_str(&self) -> &str { &self.0 }
        }

        impl FromStr for $type {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> { Ok(Self(text.to_owned())) }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
    )*};
}

any_text! {
    /// Path of a file.
    FilePath,
    /// Name or id of a Central tenant.
    TenantName
}

/// A trail: the name of a new one, or the name or ARN of an existing one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trail {
    Name(TrailName),
    Arn(TrailArn),
}

impl Trail {
    /// Whether `other` is the name in this ARN, or the same value.
    #[must_use]
    pub(crate) fn is_of(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Arn(arn), Self::Name(name)) => arn.trail() == name.as_str(),
            _ => self == other,
        }
    }

    /// Returns a name that stands for any trail, for policies.
    #[must_use]
    pub(crate) fn any() -> Self {
        Self::Name(TrailName::any())
    }
}

impl FromStr for Trail {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(arn) => Ok(Self::Arn(arn)),
            Err(_) => text.parse().map(Self::Name),
        }
    }
}

impl fmt::Display for Trail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Arn(arn) => arn.fmt(f),
        }
    }
}

/// Types that are a number of days, each with its own limits.
macro_rules! days {
    ($($(#[$doc:meta])* $type:ident: $check:expr),*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) struct $type(i32);

        impl $type {
            #[must_use]
            pub(crate) fn days(self) -> i32 { self.0 }
        }

        impl Value for $type {
            const SHAPE: Shape = Shape::Number;

            fn parse(texts: &[String]) -> Result<Self, String> {
                let text = last(texts);
                let number: i32 = text.parse().map_err(|_| t!("invalid-number", value = text))?;
                Self::from_json(&number.into())
            }

            fn from_json(value: &Json) -> Result<Self, String> {
                let number = value.as_i64().ok_or_else(|| of_another_shape(value))?;
                let check: fn(i64) -> Result<(), String> = $check;
                check(number)?;
                let number = i32::try_from(number);
                number.map(Self).map_err(|_| t!("invalid-number", value = value))
            }

            fn to_json(&self) -> Json {
                self.0.into()
            }
        }
    )*};
}

days! {
    /// After how many days log files of a new bucket expire.
    RetentionDays: |number| match number {
        ..1 => Err(t!("invalid-days", value = number)),
        _ => Ok(()),
    },
    /// How many days the function's own log is kept: one of the values that CloudWatch Logs accepts.
    LogRetentionDays: |number| {
        if RETENTIONS.iter().any(|days| i64::from(*days) == number) {
            return Ok(());
        }
        let allowed: Vec<String> = RETENTIONS.iter().map(ToString::to_string).collect();
        Err(t!("invalid-choice", value = number, allowed = allowed.join(", ")))
    }
}

impl LogRetentionDays {
    /// The number of days if none is given.
    pub(crate) const DEFAULT: Self = Self(30);
}

/// Returns the items of a list: a flag may be repeated, and each text may hold several items, separated by commas or lines.
fn items(texts: &[String]) -> impl Iterator<Item = String> {
    let parts = texts.iter().flat_map(|text| text.split([',', '\n']));
    let parts = parts.map(str::trim).filter(|item| !item.is_empty());
    parts.map(ToOwned::to_owned)
}

/// Reads a list of texts from JSON.
fn of_array(value: &Json) -> Result<Vec<String>, String> {
    let list = value.as_array().ok_or_else(|| of_another_shape(value))?;
    let texts = list.iter().map(|item| item.as_str().map(ToOwned::to_owned));
    let texts: Option<Vec<String>> = texts.collect();
    texts.ok_or_else(|| of_another_shape(value))
}

/// Accounts of an organization, sorted, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Accounts(pub BTreeSet<AccountId>);

impl Value for Accounts {
    const SHAPE: Shape = Shape::List;

    fn parse(texts: &[String]) -> Result<Self, String> {
        accounts::parse(&texts.join(",")).map(Self)
    }

    fn from_json(value: &Json) -> Result<Self, String> {
        let list = of_array(value)?;
        let accounts = list.iter().map(|account| account.parse());
        accounts.collect::<Result<_, _>>().map(Self)
    }

    fn to_json(&self) -> Json {
        self.0.iter().map(ToString::to_string).collect()
    }
}

/// The user's tags, `KEY=VALUE`, in the order given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tags(Vec<(String, String)>);

impl Tags {
    /// Keys with their values.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (String, String)> {
        self.0.iter().cloned()
    }

    fn of(list: impl Iterator<Item = String>) -> Result<Self, String> {
        let tags = list.map(|tag| names::check_tag(&tag));
        let tags: Vec<(String, String)> = tags.collect::<Result<_, _>>()?;
        let keys: BTreeSet<&String> = tags.iter().map(|(key, _)| key).collect();
        if keys.len() == tags.len() && keys.len() <= MOST_TAGS {
            Ok(Self(tags))
        } else {
            Err(t!("invalid-tags", most = MOST_TAGS))
        }
    }
}

impl Value for Tags {
    const SHAPE: Shape = Shape::List;

    fn parse(texts: &[String]) -> Result<Self, String> {
        Self::of(items(texts))
    }

    fn from_json(value: &Json) -> Result<Self, String> {
        Self::of(of_array(value)?.into_iter())
    }

    fn to_json(&self) -> Json {
        let tags = self.0.iter();
        tags.map(|(key, value)| format!("{key}={value}")).collect()
    }
}

/// Hosts, each as `host` or `host:port` in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hosts(pub Vec<String>);

impl Hosts {
    fn of(list: Vec<String>) -> Result<Self, String> {
        let named =
            |host: &String| host_named(host).ok_or_else(|| t!("invalid-host", value = host));
        list.iter().map(named).collect::<Result<_, _>>().map(Self)
    }
}

impl Value for Hosts {
    const SHAPE: Shape = Shape::List;

    fn parse(texts: &[String]) -> Result<Self, String> {
        Self::of(items(texts).collect())
    }

    fn from_json(value: &Json) -> Result<Self, String> {
        Self::of(of_array(value)?)
    }

    fn to_json(&self) -> Json {
        self.0.iter().cloned().collect()
    }
}

/// How long to wait, with the text as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wait {
    text: String,
    pub time: Duration,
}

impl FromStr for Wait {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let time = parse_duration(text).ok_or_else(|| t!("invalid-duration", value = text))?;
        let text = text.to_owned();
        Ok(Self { text, time })
    }
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Parses a duration: `15m`, `24h`, `90s`, `500ms`, `2d`.
#[must_use]
pub(crate) fn parse_duration(text: &str) -> Option<Duration> {
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
