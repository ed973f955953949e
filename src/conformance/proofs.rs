//! Checks of the forwarder's sign-in: proofs that are good, and proofs that must be refused.
//!
//! The caller's own session stands in for the forwarder: its role is registered as the forwarder's, its session's name as the
//! function's. So nothing is made in AWS.

use std::{cell::RefCell, time::Duration};

use reqwest::Method;
use serde_json::{Value, json};
use sophos_ct_forwarder::host::host_of;

use super::{
    answer::{Answer, Ask, Tried},
    bench::Bench,
    change::{current, made},
    saved::new_id,
    signing::{BODY, CHECKED, Signing, proof},
    spoilt::{OTHER_METHOD, SPOILT},
    target::Forwarder,
};

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
    let connection = current(bench, id).await?;
    connection.served()?;
    let url = connection.text("/ingestUrl").to_owned();
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
        connection.has("/forwarderChecks/detail", CHECKED)?;
        match connection.text("/forwarderSeenAt") {
            "" => Err("/forwarderSeenAt is missing".to_owned()),
            _ => Ok(()),
        }
    });
    bench.note("ingestToken", "notes the sign-in", noted);
    let again = post(bench, id, || Ok(first.clone())).await?;
    // What was not looked at is not used up.
    let used = answer.served();
    let refused = |again: &Answer| -> Tried {
        used.clone()?;
        again.refuses(401, "signatureReused")
    };
    let name = "refuses the same request again";
    bench.note("ingestToken", name, refused(&again));
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
    bench.note("ingestToken", name, refused(&again));
    Ok(())
}

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
