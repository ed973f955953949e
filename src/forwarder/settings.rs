//! The function's settings: the environment that it is created with.

use crate::host::{host_named, is_inside, is_loopback};

/// Environment variables of the function: what `setup` writes and the forwarder reads.
pub mod env {
    /// The connection's id. It marks the function as ours (its tags may be unreadable).
    pub const CONNECTION: &str = "SOPHOS_CT_CONNECTION_ID";
    pub const INGEST_URL: &str = "SOPHOS_CT_INGEST_URL";
    /// Comma-separated `host` or `host:port`.
    pub const UPLOAD_HOSTS: &str = "SOPHOS_CT_UPLOAD_HOSTS";
    pub const BUCKET: &str = "SOPHOS_CT_BUCKET";
    /// The account that owns the bucket.
    pub const BUCKET_OWNER: &str = "SOPHOS_CT_BUCKET_OWNER";
    /// Key prefix, without slashes at its edges; may be empty.
    pub const PREFIX: &str = "SOPHOS_CT_PREFIX";
    pub const PARTITION: &str = "SOPHOS_CT_PARTITION";
    /// Set only if every endpoint is loopback (sandbox).
    pub const ENDPOINT: &str = "AWS_ENDPOINT_URL";
}

/// What the function's environment says.
#[derive(Clone, Debug)]
pub struct Settings {
    pub connection: String,
    /// Without a slash at its end.
    pub ingest_url: String,
    pub upload_hosts: Vec<String>,
    pub bucket: String,
    /// Twelve digits. A bucket of the same name in another account is not read.
    pub bucket_owner: String,
    pub prefix: String,
    pub region: String,
    /// The function's own name.
    pub function: String,
    /// DNS suffix of the partition's service endpoints.
    pub dns_suffix: &'static str,
    /// Replaces AWS's endpoints; loopback only.
    pub endpoint: Option<String>,
}

impl Settings {
    /// Reads the environment. The error says which variable is missing or does not fit.
    pub fn from_env() -> Result<Self, String> {
        Self::read(|name| std::env::var(name).ok())
    }

    fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let text = |name: &str| variable(name).ok_or_else(|| format!("{name} is not set"));
        let endpoint = variable(env::ENDPOINT).filter(|url| is_loopback(url));
        let ingest_url = text(env::INGEST_URL)?.trim_end_matches('/').to_owned();
        let sandbox = endpoint.is_some() && is_loopback(&ingest_url);
        if !sandbox && (!ingest_url.starts_with("https://") || is_inside(&ingest_url)) {
            return Err(format!(
                "{} must be https, and not an address in a private network",
                env::INGEST_URL
            ));
        }
        let partition = text(env::PARTITION)?;
        let dns_suffix = dns_suffix(&partition)
            .ok_or_else(|| format!("{} is unknown: {partition}", env::PARTITION))?;
        Ok(Self {
            connection: text(env::CONNECTION)?,
            ingest_url,
            upload_hosts: text(env::UPLOAD_HOSTS)?
                .split(',')
                .map(|host| host_named(host).unwrap_or_else(|| host.to_owned()))
                .collect(),
            bucket: text(env::BUCKET)?,
            bucket_owner: text(env::BUCKET_OWNER)?,
            prefix: variable(env::PREFIX).unwrap_or_default(),
            region: text("AWS_REGION")?,
            function: text("AWS_LAMBDA_FUNCTION_NAME")?,
            dns_suffix,
            endpoint,
        })
    }

    /// Returns what the key of every log file begins with.
    #[must_use]
    pub fn log_prefix(&self) -> String {
        match self.prefix.as_str() {
            "" => "AWSLogs/".to_owned(),
            prefix => format!("{prefix}/AWSLogs/"),
        }
    }

    /// Returns the URL of the log bucket, without a slash at its end.
    #[must_use]
    pub fn bucket_url(&self) -> String {
        let Self {
            bucket,
            region,
            dns_suffix,
            ..
        } = self;
        match &self.endpoint {
            Some(endpoint) => format!("{}/{bucket}", endpoint.trim_end_matches('/')),
            // The certificate for `*.s3.…` does not cover a name with dots.
            None if bucket.contains('.') => format!("https://s3.{region}.{dns_suffix}/{bucket}"),
            None => format!("https://{bucket}.s3.{region}.{dns_suffix}"),
        }
    }

    /// Returns the URL of the regional STS endpoint.
    #[must_use]
    pub fn sts_url(&self) -> String {
        match &self.endpoint {
            Some(endpoint) => format!("{}/", endpoint.trim_end_matches('/')),
            None => format!("https://sts.{}.{}/", self.region, self.dns_suffix),
        }
    }
}

/// Returns the DNS suffix of AWS's hosts in a partition.
#[must_use]
pub fn dns_suffix(partition: &str) -> Option<&'static str> {
    match partition {
        "aws" | "aws-us-gov" => Some("amazonaws.com"),
        "aws-cn" => Some("amazonaws.com.cn"),
        "aws-eusc" => Some("amazonaws.eu"),
        _ => None,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Reads an environment as `setup` writes it, with some variables replaced.
    pub(crate) fn settings(replaced: &[(&str, &str)]) -> Result<Settings, String> {
        let mut variables = BTreeMap::from([
            (env::CONNECTION, "c"),
            (env::INGEST_URL, "https://ingest.example.com/eu/"),
            (env::UPLOAD_HOSTS, "a.example.com,b.example.com:8443"),
            (env::BUCKET, "logs"),
            (env::BUCKET_OWNER, "123456789012"),
            (env::PREFIX, "audit"),
            (env::PARTITION, "aws"),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_LAMBDA_FUNCTION_NAME", "sophos-ct-demo"),
        ]);
        variables.extend(replaced.iter().copied());
        Settings::read(|name| variables.get(name).map(|text| (*text).to_owned()))
    }

    #[test]
    fn addresses_are_those_of_the_partition_and_plain_http_is_for_the_sandbox_alone() {
        let plain = settings(&[]).unwrap();
        assert_eq!(plain.ingest_url, "https://ingest.example.com/eu");
        assert_eq!(
            plain.bucket_url(),
            "https://logs.s3.eu-west-1.amazonaws.com"
        );
        let china = settings(&[
            (env::PARTITION, "aws-cn"),
            ("AWS_REGION", "cn-north-1"),
            (env::BUCKET, "logs.of.ours"),
        ])
        .unwrap();
        assert_eq!(
            china.bucket_url(),
            "https://s3.cn-north-1.amazonaws.com.cn/logs.of.ours"
        );
        let local = (env::INGEST_URL, "http://127.0.0.1:1");
        assert!(settings(&[local]).is_err());
        for refused in [
            "http://ingest.example.com",
            "https://169.254.169.254",
            "https://10.1.2.3:8443/x",
            "https://[::1]",
        ] {
            assert!(
                settings(&[(env::INGEST_URL, refused)]).is_err(),
                "{refused}"
            );
        }
        let endpoint = (env::ENDPOINT, "http://127.0.0.1:2");
        assert!(settings(&[local, endpoint]).is_ok());
        let foreign = (env::ENDPOINT, "http://endpoint.example.com");
        assert_eq!(settings(&[foreign]).unwrap().endpoint, None);
    }
}
