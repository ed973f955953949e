//! Ids and other short texts as types, parsed once at the edge.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ui::t;

macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $check:expr, $message:tt) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            #[must_use]
            pub fn as_str(&self) -> &str { &self.0 }
        }

        impl FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                let check: fn(&str) -> bool = $check;
                if check(text) { Ok(Self(text.to_owned())) } else { Err(t!($message, value = text)) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = String;
            fn try_from(text: String) -> Result<Self, String> { text.parse() }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self { value.0 }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
    };
}

text_type!(
    /// An AWS account id: 12 digits.
    AccountId,
    |text| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()),
    "invalid-account"
);

text_type!(
    /// A connection's name, unique among the live connections of a tenant (`Name` of the Central contract).
    ConnectionName,
    |text| {
        (1..=64).contains(&text.len())
            && text.starts_with(|first: char| first.is_ascii_alphanumeric())
            && text.chars().all(|char| char.is_ascii_alphanumeric() || " ._-".contains(char))
            // Such a name would be taken for an id.
            && Uuid::try_parse(text).is_err()
    },
    "invalid-name"
);

text_type!(
    /// A region's name. Only its form is checked: AWS knows which regions exist. The longest names have 14 characters; with more
    /// than 19, a default bucket name would be too long for S3.
    Region,
    |text| {
        let parts: Vec<&str> = text.split('-').collect();
        parts.len() >= 3
            && text.len() <= 19
            && parts[..parts.len() - 1].iter().all(|part| {
                !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase())
            })
            && parts[parts.len() - 1].bytes().all(|byte| byte.is_ascii_digit())
            && !parts[parts.len() - 1].is_empty()
    },
    "invalid-region"
);

/// An AWS partition. It comes from the caller's ARN, never from a default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Partition {
    #[serde(rename = "aws")]
    Aws,
    #[serde(rename = "aws-cn")]
    China,
    #[serde(rename = "aws-us-gov")]
    GovCloud,
    #[serde(rename = "aws-eusc")]
    EuropeanSovereign,
}

impl Partition {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::China => "aws-cn",
            Self::GovCloud => "aws-us-gov",
            Self::EuropeanSovereign => "aws-eusc",
        }
    }

    /// Returns the partition of a region, by the region's name.
    #[must_use]
    pub fn of(region: &Region) -> Self {
        let name = region.as_str();
        [
            ("cn-", Self::China),
            ("us-gov-", Self::GovCloud),
            ("eusc-", Self::EuropeanSovereign),
        ]
        .into_iter()
        .find(|(start, _)| name.starts_with(start))
        .map_or(Self::Aws, |(_, partition)| partition)
    }
}

impl FromStr for Partition {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        [
            Self::Aws,
            Self::China,
            Self::GovCloud,
            Self::EuropeanSovereign,
        ]
        .into_iter()
        .find(|partition| partition.as_str() == text)
        .ok_or_else(|| t!("invalid-partition", value = text))
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A connection's id: UUID version 4, lower case, made by the client (`putConnection`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct ConnectionId(Uuid);

impl ConnectionId {
    /// Makes a random id.
    #[must_use]
    pub(crate) fn random() -> Self {
        Self(Uuid::new_v4())
    }

    /// Returns the id of one of our parts in a shared document. It is computed, never read (SPEC 2.2).
    #[must_use]
    pub(crate) fn part(&self, part: &str) -> String {
        format!("{}-{part}", self.part_prefix())
    }

    /// Returns what the ids of all our parts in shared documents start with.
    #[must_use]
    pub(crate) fn part_prefix(&self) -> String {
        format!("SophosCt-{self}")
    }
}

impl FromStr for ConnectionId {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match Uuid::try_parse(text) {
            Ok(id) if text.len() == 36 => Ok(Self(id)),
            _ => Err(t!("invalid-connection-id", value = text)),
        }
    }
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.hyphenated())
    }
}

/// An ARN, taken apart. ARNs are always built with the caller's partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arn {
    pub partition: String,
    pub service: String,
    /// Empty for S3 and IAM.
    pub region: String,
    /// Empty for S3.
    pub account: String,
    pub resource: String,
}

impl FromStr for Arn {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        match parts[..] {
            ["arn", partition, service, region, account, resource]
                if !partition.is_empty() && !service.is_empty() && !resource.is_empty() =>
            {
                Ok(Self {
                    partition: partition.to_owned(),
                    service: service.to_owned(),
                    region: region.to_owned(),
                    account: account.to_owned(),
                    resource: resource.to_owned(),
                })
            }
            _ => Err(t!("invalid-arn", value = text)),
        }
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            partition,
            service,
            region,
            account,
            resource,
        } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}
