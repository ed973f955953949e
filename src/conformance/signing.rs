//! The proofs that a sign-in posts: requests to STS, signed by the caller's own session.

use std::{collections::BTreeMap, time::SystemTime};

use serde_json::{Value, json};
use sophos_ct_forwarder::{
    host::host_of,
    sign::{self, Unsigned},
};

use super::{bench::Bench, target::Forwarder};

/// The only body that is accepted (contract, `ingestToken`).
pub(super) const BODY: &str = "Action=GetCallerIdentity&Version=2011-06-15";
/// What the forwarder says of itself.
pub(super) const CHECKED: &str = "verify-central";

/// A request to STS before it is signed.
pub(super) struct Signing<'a> {
    forwarder: &'a Forwarder,
    pub url: String,
    pub headers: BTreeMap<&'static str, String>,
    pub time: SystemTime,
}

impl<'a> Signing<'a> {
    pub(super) fn of(bench: &'a Bench, id: &str, host: &str) -> Result<Self, String> {
        let forwarder = bench.forwarder.as_ref().map_err(Clone::clone)?;
        let once = uuid::Uuid::new_v4().simple().to_string();
        let headers = [
            ("host", host_of(&forwarder.sts_url)?),
            (
                "content-type",
                "application/x-www-form-urlencoded".to_owned(),
            ),
            ("x-sophos-connection-id", id.to_owned()),
            ("x-sophos-ingest-host", host.to_owned()),
            ("x-sophos-once", once),
        ];
        Ok(Self {
            forwarder,
            url: forwarder.sts_url.clone(),
            headers: headers.into(),
            time: SystemTime::now(),
        })
    }

    pub(super) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(name, value.to_owned());
        self
    }

    /// The proof with this header sent, but not signed.
    pub(super) fn signed_without(mut self, name: &'static str) -> Result<Value, String> {
        let value = self.headers.remove(name);
        let mut proof = self.signed(BODY)?;
        proof["headers"][name] = value.into();
        Ok(proof)
    }

    /// The proof, as it is posted to Central.
    pub(super) fn signed(&self, body: &str) -> Result<Value, String> {
        let headers = self
            .headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()));
        let headers: Vec<(&str, &str)> = headers.collect();
        let url = &self.url;
        let unsigned = Unsigned {
            method: "POST",
            url,
            headers: &headers,
            service: "sts",
            region: &self.forwarder.region,
            body: sign::Body::Text(body),
        };
        let headers = sign::headers_at(&unsigned, &self.forwarder.credentials, self.time)?;
        let checks = json!({ "read": null, "detail": CHECKED });
        Ok(
            json!({ "url": url, "method": "POST", "headers": headers, "body": body, "checks": checks }),
        )
    }
}

/// A proof that is good.
pub(super) fn proof(bench: &Bench, id: &str, host: &str) -> Result<Value, String> {
    Signing::of(bench, id, host)?.signed(BODY)
}
