//! Checks of the forwarder's sign-in: proofs that are good, and proofs that must be refused.
//!
//! The caller's own session stands in for the forwarder: its role is registered as the forwarder's, its session's name as the
//! function's. So nothing is made in AWS.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use reqwest::Method;
use serde_json::{Value, json};
use sophos_ct_forwarder::{
    host::host_of,
    sign::{self, Unsigned},
};

use super::{
    answer::{Answer, Ask, Tried},
    bench::{Bench, new_id},
    change::{current, made},
    target::Forwarder,
};

/// The only body that is accepted (contract, `ingestToken`).
const BODY: &str = "Action=GetCallerIdentity&Version=2011-06-15";

pub(super) async fn run(bench: &mut Bench) -> Result<(), String> {
    let nothing = json!({ "url": "https://sts.eu-west-1.amazonaws.com/", "method": "POST", "headers": {}, "body": BODY });
    let unknown = post(bench, &new_id(), || Ok(nothing.clone())).await?;
    bench.note(
        "ingestToken",
        "knows no other id",
        unknown.refuses_by(&[(401, ""), (404, "notFound")]),
    );
    if bench.forwarder.is_err() {
        return Ok(());
    }
    let body = registered(bench, "signs in", json!({}));
    let id = made(bench, body).await?;
    let host = ingest_host(bench, &id).await?;
    good(bench, &id, &host).await?;
    for (name, error, spoil) in SPOILT {
        let spoilt = || spoil(bench, &id, &host, proof(bench, &id, &host)?);
        let answer = post(bench, &id, spoilt).await?;
        let refused = match name {
            // It does not fit the schema of this call's own body either.
            OTHER_METHOD => answer.refuses_by(&[(401, error), (422, "invalid")]),
            _ => answer.refuses(401, error),
        };
        bench.note("ingestToken", name, refused);
    }
    strangers(bench).await
}

/// Posts a proof. Each attempt has one of its own, since a signature is good once (contract, `ingestToken`).
async fn post(
    bench: &Bench,
    id: &str,
    proof: impl Fn() -> Result<Value, String>,
) -> Result<Answer, String> {
    let url = format!("{}/log-ingest/v1/connections/{id}/token", bench.ingest());
    let ask = Ask::new("ingestToken", Method::POST, url);
    bench.send_anew(|| Ok(ask.clone().json(proof()?))).await
}

/// The body of a connection whose forwarder is the caller's session; with other fields of the manifest.
pub(super) fn registered(bench: &Bench, suffix: &str, others: Value) -> Value {
    let mut body = bench.new_connection(suffix);
    if let Ok(Forwarder {
        account,
        partition,
        role,
        session,
        region,
        ..
    }) = &bench.forwarder
    {
        body["partition"] = partition.as_str().into();
        let resources = &mut body["resources"];
        resources["forwarderRole"] = format!("arn:{partition}:iam::{account}:role/{role}").into();
        let function = format!("arn:{partition}:lambda:{region}:{account}:function:{session}");
        resources["forwarderFunction"] = function.into();
        for (name, value) in others.as_object().into_iter().flatten() {
            resources[name.as_str()] = value.clone();
        }
    }
    body
}

/// The host that a connection's proofs are for.
pub(super) async fn ingest_host(bench: &mut Bench, id: &str) -> Result<String, String> {
    let url = current(bench, id).await?.text("/ingestUrl").to_owned();
    let host = host_of(&url).map_err(|_| "the connection has no ingestUrl".to_owned())?;
    bench.ingest_at(url);
    Ok(host)
}

/// Signs in as the forwarder of a connection.
pub(super) async fn sign_in(bench: &Bench, id: &str, host: &str) -> Result<Answer, String> {
    post(bench, id, || proof(bench, id, host)).await
}

async fn good(bench: &mut Bench, id: &str, host: &str) -> Result<(), String> {
    let last = RefCell::new(Value::Null);
    let kept = || -> Result<Value, String> {
        let proof = proof(bench, id, host)?;
        last.replace(proof.clone());
        Ok(proof)
    };
    let answer = post(bench, id, kept).await?;
    let first = last.take();
    bench.note(
        "ingestToken",
        "signs the registered role in",
        answer.is(200),
    );
    let connection = current(bench, id).await?;
    let noted = answer.is(200).and_then(|()| {
        connection.has("/forwarderVersion", crate::VERSION)?;
        connection.has("/forwarderChecks/read", Value::Null)?;
        match connection.text("/forwarderSeenAt") {
            "" => Err("/forwarderSeenAt is missing".to_owned()),
            _ => Ok(()),
        }
    });
    bench.note("ingestToken", "notes the sign-in", noted);
    let again = post(bench, id, || Ok(first.clone())).await?;
    bench.note(
        "ingestToken",
        "refuses the same request again",
        again.refuses(401, "signatureReused"),
    );
    // Another time makes another signature.
    let once = first["headers"]["x-sophos-once"]
        .as_str()
        .unwrap_or_default();
    let other = || {
        let mut signing = Signing::of(bench, id, host)?.with("x-sophos-once", once);
        signing.time -= Duration::from_secs(2);
        signing.signed(BODY)
    };
    let again = post(bench, id, other).await?;
    let name = "refuses the same x-sophos-once again";
    bench.note("ingestToken", name, again.refuses(401, "signatureReused"));
    Ok(())
}

/// A request to STS before it is signed.
struct Signing<'a> {
    forwarder: &'a Forwarder,
    headers: BTreeMap<&'static str, String>,
    time: SystemTime,
}

impl<'a> Signing<'a> {
    fn of(bench: &'a Bench, id: &str, host: &str) -> Result<Self, String> {
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
            headers: headers.into(),
            time: SystemTime::now(),
        })
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(name, value.to_owned());
        self
    }

    /// The proof, as it is posted to Central.
    fn signed(&self, body: &str) -> Result<Value, String> {
        let headers = self
            .headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()));
        let headers: Vec<(&str, &str)> = headers.collect();
        let url = &self.forwarder.sts_url;
        let unsigned = Unsigned {
            method: "POST",
            url,
            headers: &headers,
            service: "sts",
            region: &self.forwarder.region,
            body: sign::Body::Text(body),
        };
        let headers = sign::headers_at(&unsigned, &self.forwarder.credentials, self.time)?;
        let checks = json!({ "read": null, "detail": "verify-central" });
        Ok(
            json!({ "url": url, "method": "POST", "headers": headers, "body": body, "checks": checks }),
        )
    }
}

fn proof(bench: &Bench, id: &str, host: &str) -> Result<Value, String> {
    Signing::of(bench, id, host)?.signed(BODY)
}

/// Makes a proof one that must be refused.
type Spoil = fn(&Bench, &str, &str, Value) -> Result<Value, String>;

const OTHER_METHOD: &str = "refuses another method";

/// Proofs that must be refused: the check, the error, and what is wrong with the proof.
const SPOILT: [(&str, &str, Spoil); 14] = [
    (
        "refuses a request of two minutes ago",
        "signatureExpired",
        |bench, id, host, _| {
            let mut signing = Signing::of(bench, id, host)?;
            signing.time -= Duration::from_secs(120);
            signing.signed(BODY)
        },
    ),
    (
        "refuses a request of two minutes ahead",
        "signatureExpired",
        |bench, id, host, _| {
            let mut signing = Signing::of(bench, id, host)?;
            signing.time += Duration::from_secs(120);
            signing.signed(BODY)
        },
    ),
    (
        "refuses a request for another connection",
        "signatureInvalid",
        |bench, _, host, _| Signing::of(bench, &new_id(), host)?.signed(BODY),
    ),
    (
        "refuses a request for another ingest host",
        "signatureInvalid",
        |bench, id, _, _| Signing::of(bench, id, "ingest.example.com")?.signed(BODY),
    ),
    (
        "refuses a header that is not listed",
        "signatureInvalid",
        |bench, id, host, _| {
            Signing::of(bench, id, host)?
                .with("x-forwarded-host", "example.com")
                .signed(BODY)
        },
    ),
    (
        "refuses an x- header that is not signed",
        "signatureInvalid",
        |bench, id, host, _| {
            let mut signing = Signing::of(bench, id, host)?;
            let once = signing.headers.remove("x-sophos-once");
            let mut proof = signing.signed(BODY)?;
            proof["headers"]["x-sophos-once"] = once.into();
            Ok(proof)
        },
    ),
    (
        "refuses x-sophos-once that is too short",
        "signatureInvalid",
        |bench, id, host, _| {
            Signing::of(bench, id, host)?
                .with("x-sophos-once", "0123456789abcdef")
                .signed(BODY)
        },
    ),
    (
        "refuses accept with parameters",
        "signatureInvalid",
        |bench, id, host, _| {
            Signing::of(bench, id, host)?
                .with("accept", "text/xml;q=1")
                .signed(BODY)
        },
    ),
    (
        "refuses another body",
        "signatureInvalid",
        |bench, id, host, _| {
            Signing::of(bench, id, host)?.signed("Action=GetCallerIdentity&Version=2011-06-15&x=1")
        },
    ),
    (OTHER_METHOD, "signatureInvalid", |_, _, _, mut proof| {
        proof["method"] = "GET".into();
        Ok(proof)
    }),
    (
        "refuses another path",
        "signatureInvalid",
        |_, _, _, mut proof| {
            let url = proof["url"].as_str().unwrap_or_default();
            proof["url"] = format!("{url}other").into();
            Ok(proof)
        },
    ),
    (
        "refuses a host that is not STS",
        "signatureInvalid",
        |_, _, _, mut proof| {
            // Reserved names lead nowhere (RFC 2606).
            proof["url"] = "https://sts.example.com/".into();
            Ok(proof)
        },
    ),
    (
        "refuses a signature that is wrong",
        "signatureInvalid",
        |_, _, _, mut proof| {
            let signed = proof["headers"]["authorization"]
                .as_str()
                .unwrap_or_default();
            let (rest, last) = signed.split_at(signed.len().saturating_sub(1));
            let other = if last == "0" { "1" } else { "0" };
            proof["headers"]["authorization"] = format!("{rest}{other}").into();
            Ok(proof)
        },
    ),
    (
        "refuses a request that is not signed",
        "signatureInvalid",
        |_, _, _, mut proof| {
            if let Some(headers) = proof["headers"].as_object_mut() {
                headers.remove("authorization");
            }
            Ok(proof)
        },
    ),
];

/// Proofs of a role, a function or a role's id that the manifest does not name.
async fn strangers(bench: &mut Bench) -> Result<(), String> {
    let Ok(Forwarder {
        account,
        partition,
        region,
        ..
    }) = &bench.forwarder
    else {
        return Ok(());
    };
    let role = format!("arn:{partition}:iam::{account}:role/verify-central-other");
    let function =
        format!("arn:{partition}:lambda:{region}:{account}:function:verify-central-other");
    for (name, suffix, others) in [
        (
            "refuses another role",
            "role",
            json!({ "forwarderRole": role }),
        ),
        (
            "refuses another function",
            "function",
            json!({ "forwarderFunction": function }),
        ),
        (
            "refuses another role's id",
            "role id",
            json!({ "forwarderRoleId": "AROAVERIFYCENTRAL000" }),
        ),
    ] {
        let body = registered(bench, suffix, others);
        let id = made(bench, body).await?;
        let host = ingest_host(bench, &id).await?;
        let answer = sign_in(bench, &id, &host).await?;
        let refused: Tried = answer.refuses(401, "identityMismatch");
        bench.note("ingestToken", name, refused);
    }
    Ok(())
}
