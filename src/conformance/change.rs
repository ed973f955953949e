//! Checks of changing a connection that is pending.

use reqwest::Method;
use serde_json::{Value, json};

use super::{answer::Answer, bench::Bench, saved::new_id};

/// A change of a connection, on the condition that it has this ETag.
pub(super) async fn patch(
    bench: &Bench,
    id: &str,
    etag: &str,
    change: Value,
) -> Result<Answer, String> {
    let ask = bench.of("updateConnection", Method::PATCH, &format!("/{id}"));
    bench.send(ask.with("if-match", etag).json(change)).await
}

/// A connection as it is.
pub(super) async fn current(bench: &Bench, id: &str) -> Result<Answer, String> {
    bench
        .send(bench.of("getConnection", Method::GET, &format!("/{id}")))
        .await
}

/// A change of a connection as it is.
pub(super) async fn change(bench: &Bench, id: &str, change: Value) -> Result<Answer, String> {
    let present = current(bench, id).await?;
    present.served()?;
    let etag = present.etag.unwrap_or_default();
    patch(bench, id, &etag, change).await
}

/// Saves a connection that later checks need.
pub(super) async fn made(bench: &mut Bench, body: Value) -> Result<String, String> {
    let id = new_id();
    let ask = bench.put(&id, body);
    let saved = bench.send(ask).await?;
    saved.served()?;
    match saved.status {
        201 => Ok(id),
        status => Err(format!(
            "a connection cannot be saved: {status} {}",
            saved.error()
        )),
    }
}

pub(super) async fn run(bench: &mut Bench) -> Result<(), String> {
    let body = bench.new_connection("three");
    let id = made(bench, body.clone()).await?;
    let before = current(bench, &id).await?;
    before.served()?;
    let name = bench.name("renamed");
    let etag = before.etag.clone().unwrap_or_default();
    let renamed = patch(bench, &id, &etag, json!({ "name": name })).await?;
    let rest = renamed.is(200).and_then(|()| {
        renamed.has("/name", name.as_str())?;
        renamed.has("/settings", body["settings"].clone())?;
        renamed.holds("/resources", &body["resources"])
    });
    bench.note(
        "updateConnection",
        "changes the name and leaves the rest",
        rest,
    );
    let is_new = renamed.etag().and_then(|new| match new == etag {
        true => Err(format!("ETag is still {etag}")),
        false => Ok(()),
    });
    bench.note("updateConnection", "answers with a new ETag", is_new);
    let stale = patch(bench, &id, &etag, json!({ "name": bench.name("stale") })).await?;
    let stale = renamed
        .served()
        .and_then(|()| stale.refuses(412, "changed"));
    bench.note("updateConnection", "refuses a stale ETag", stale);
    let ask = bench.of("updateConnection", Method::PATCH, &format!("/{id}"));
    let without = bench
        .send(ask.json(json!({ "name": bench.name("without") })))
        .await?;
    bench.note(
        "updateConnection",
        "requires If-Match",
        without.refuses(422, "invalid"),
    );
    whole(bench, &id).await?;
    refusals(bench, &id).await?;
    accounts(bench).await?;
    region(bench).await
}

/// Settings and resources are replaced, not merged.
async fn whole(bench: &mut Bench, id: &str) -> Result<(), String> {
    let settings = json!({ "prefix": "logs" });
    let answer = change(bench, id, json!({ "settings": settings })).await?;
    let whole = answer
        .is(200)
        .and_then(|()| answer.has("/settings", settings));
    bench.note("updateConnection", "replaces settings whole", whole);
    let items = json!([{ "kind": "topic", "arn": "arn:aws:sns:eu-west-1:111122223333:t", "ownership": "used" }]);
    let answer = change(bench, id, json!({ "resources": { "items": items } })).await?;
    let whole = answer.is(200).and_then(|()| {
        answer.holds("/resources/items", &items)?;
        match answer.body.pointer("/resources/buckets") {
            Some(Value::Array(buckets)) if !buckets.is_empty() => {
                Err("/resources/buckets is still there".to_owned())
            }
            _ => Ok(()),
        }
    });
    bench.note("updateConnection", "replaces the manifest whole", whole);
    Ok(())
}

async fn refusals(bench: &mut Bench, id: &str) -> Result<(), String> {
    let body = bench.new_connection("four");
    let taken = body["name"].clone();
    let other = made(bench, body).await?;
    let (invalid, not_active) = ((422, "invalid"), (409, "notActive"));
    for (name, body, refusals) in [
        (
            "refuses a name that is taken",
            json!({ "name": taken }),
            &[(409, "nameTaken")][..],
        ),
        (
            "refuses accounts without an organization",
            json!({ "accounts": ["444455556666"] }),
            &[invalid][..],
        ),
        (
            "refuses another region once there are resources",
            json!({ "homeRegion": "us-east-1" }),
            &[invalid][..],
        ),
        (
            "cannot be paused while pending",
            json!({ "status": "paused" }),
            &[not_active][..],
        ),
        (
            "refuses a status that a user cannot set",
            json!({ "status": "disconnected" }),
            &[invalid, not_active][..],
        ),
    ] {
        let answer = change(bench, id, body).await?;
        bench.note("updateConnection", name, answer.refuses_by(refusals));
    }
    let present = current(bench, &other).await?;
    present.served()?;
    let etag = present.etag.unwrap_or_default();
    let ask = bench.of("deleteConnection", Method::DELETE, &format!("/{other}"));
    let deleted = bench.send(ask.with("if-match", "*")).await?;
    let answer = patch(bench, &other, &etag, json!({ "name": bench.name("late") })).await?;
    // What has changed by the deletion may be seen first.
    let refused = deleted
        .served()
        .and_then(|()| answer.refuses_by(&[(412, "changed"), (409, "deleted")]));
    bench.note(
        "updateConnection",
        "refuses a change of what is deleted",
        refused,
    );
    Ok(())
}

async fn accounts(bench: &mut Bench) -> Result<(), String> {
    let mut body = bench.new_connection("five");
    body["organization"] = json!({ "id": "o-0123456789", "managementAccountId": bench.account() });
    let id = made(bench, body).await?;
    let answer = change(bench, &id, json!({ "accounts": ["444455556666"] })).await?;
    let one = answer
        .is(200)
        .and_then(|()| answer.has("/accounts", json!(["444455556666"])));
    let answer = change(bench, &id, json!({ "accounts": [] })).await?;
    // The field is not required: without it, it is all accounts too.
    let all = one
        .and_then(|()| answer.is(200))
        .and_then(|()| match answer.body.get("accounts") {
            None => Ok(()),
            Some(_) => answer.has("/accounts", json!([])),
        });
    bench.note(
        "updateConnection",
        "selects accounts of an organization",
        all,
    );
    Ok(())
}

async fn region(bench: &mut Bench) -> Result<(), String> {
    let body = json!({ "name": bench.name("six"), "awsAccountId": bench.account() });
    let id = made(bench, body).await?;
    let home = json!({ "partition": "aws", "homeRegion": "us-east-1", "mode": "existing" });
    let answer = change(bench, &id, home).await?;
    let set = answer
        .is(200)
        .and_then(|()| answer.has("/homeRegion", "us-east-1"));
    let name = "takes the region while there are no resources";
    bench.note("updateConnection", name, set);
    Ok(())
}
