//! Checks of saving, reading and listing connections.

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    answer::{Answer, Ask, Bearer, Tried},
    bench::Bench,
    saved::new_id,
};

pub(super) async fn run(bench: &mut Bench) -> Result<(), String> {
    let id = new_id();
    let new = bench.new_connection("one");
    let saved = bench.send(bench.put(&id, new.clone())).await?;
    bench.note(
        "putConnection",
        "saves a pending connection",
        pending(&saved, &id),
    );
    bench.note(
        "putConnection",
        "answers with an ETag",
        saved.etag().map(drop),
    );
    let kept = saved.is(201).and_then(|()| keeps(&saved, &new));
    bench.note(
        "putConnection",
        "keeps settings and manifest as they are",
        kept,
    );
    let path = "/cloud-integrations/v1/aws-cloudtrail/endpoints";
    let endpoints = bench
        .send(bench.ask("getEndpoints", Method::GET, path))
        .await?;
    let same = endpoints.served().and_then(|()| {
        let mut fields = ["ingestUrl", "uploadHosts"].into_iter();
        fields.try_for_each(|field| saved.has(&format!("/{field}"), endpoints.body[field].clone()))
    });
    bench.note("putConnection", "says where log files go", same);
    // Nothing else can be said of it if it is not there.
    saved.served()?;
    // With the same name, that would be taken too.
    let mut other = new.clone();
    other["name"] = bench.name("again").into();
    let again = bench.send(bench.put(&id, other)).await?;
    bench.note(
        "putConnection",
        "refuses an id that is there",
        again.refuses(412, "exists"),
    );
    refusals(bench, &new).await?;
    read(bench, &id, &new, &saved).await?;
    list(bench, &id).await
}

fn pending(saved: &Answer, id: &str) -> Tried {
    saved.is(201)?;
    saved.has("/id", id)?;
    saved.has("/status", "pending")
}

/// Each field that was saved comes back, with at least what was said in it.
fn keeps(answer: &Answer, new: &Value) -> Tried {
    let mut fields = new.as_object().into_iter().flatten();
    fields.try_for_each(|(name, value)| answer.holds(&format!("/{name}"), value))
}

/// What cannot be saved: the name of the check, and how the body differs from one that can.
fn unfit() -> Vec<(&'static str, &'static str, Value)> {
    let resource = |kind: &str, ownership: &str| json!({ "items": [{ "kind": kind, "arn": "arn:aws:s3:::b", "ownership": ownership }] });
    let role = json!({ "items": [], "forwarderRoleId": "AIDA12" });
    let organization = json!({ "id": "o-1", "managementAccountId": "111122223333" });
    let settings = json!({ "note": "x".repeat(65 * 1024) });
    vec![
        (
            "refuses a name that does not fit",
            "name",
            json!("verify/central"),
        ),
        (
            "refuses a name of 65 characters",
            "name",
            json!("v".repeat(65)),
        ),
        (
            "refuses an account that is none",
            "awsAccountId",
            json!("1234"),
        ),
        (
            "refuses a partition that is none",
            "partition",
            json!("aws-moon"),
        ),
        ("refuses a mode that is none", "mode", json!("old")),
        (
            "refuses a kind that is none",
            "resources",
            resource("queue", "created"),
        ),
        (
            "refuses an ownership that is none",
            "resources",
            resource("bucket", "borrowed"),
        ),
        ("refuses a role id that is none", "resources", role),
        (
            "refuses an organization that is none",
            "organization",
            organization,
        ),
        ("refuses settings of more than 64 KiB", "settings", settings),
    ]
}

async fn refusals(bench: &mut Bench, taken: &Value) -> Result<(), String> {
    let ask = bench.put(&new_id(), taken.clone());
    let answer = bench.send(ask).await?;
    bench.note(
        "putConnection",
        "refuses a name that is taken",
        answer.refuses(409, "nameTaken"),
    );
    let fresh = bench.new_connection("refused");
    let ask = bench.put(&new_id(), fresh.clone()).without("if-none-match");
    let answer = bench.send(ask).await?;
    bench.note(
        "putConnection",
        "requires If-None-Match",
        answer.refuses(422, "invalid"),
    );
    // The version of this UUID is 1 (RFC 9562, section 5.1).
    let ask = bench.put("c232ab00-9414-11ec-b3c8-9f6bdeced846", fresh.clone());
    let answer = bench.send(ask).await?;
    let name = "refuses an id that is not a UUID v4";
    bench.note("putConnection", name, answer.refuses(422, "invalid"));
    let ask = bench.put(&new_id(), json!([]));
    let answer = bench.send(ask).await?;
    let name = "refuses a body that is no object";
    bench.note("putConnection", name, answer.refuses(422, "invalid"));
    let mut nameless = fresh.clone();
    if let Some(fields) = nameless.as_object_mut() {
        fields.remove("name");
    }
    let ask = bench.put(&new_id(), nameless);
    let answer = bench.send(ask).await?;
    let name = "refuses a body without a name";
    bench.note("putConnection", name, answer.refuses(422, "invalid"));
    for (name, field, value) in unfit() {
        let mut body = fresh.clone();
        body[field] = value;
        let ask = bench.put(&new_id(), body);
        let answer = bench.send(ask).await?;
        bench.note("putConnection", name, answer.refuses(422, "invalid"));
    }
    let ask = bench.put(&new_id(), fresh);
    let answer = bench.send(ask).await?;
    bench.note(
        "putConnection",
        "ends a name's use with a refusal",
        answer.is(201),
    );
    Ok(())
}

async fn read(bench: &mut Bench, id: &str, new: &Value, saved: &Answer) -> Result<(), String> {
    let ask = bench.of("getConnection", Method::GET, &format!("/{id}"));
    let answer = bench.send(ask.clone()).await?;
    let shown = answer.is(200).and_then(|()| keeps(&answer, new));
    bench.note("getConnection", "shows what was saved", shown);
    let same = answer.etag().and_then(|etag| match &saved.etag {
        Some(saved) if *saved != etag => Err(format!("ETag is {etag}, not {saved}")),
        _ => Ok(()),
    });
    bench.note("getConnection", "has the ETag of the last change", same);
    let other = bench.of("getConnection", Method::GET, &format!("/{}", new_id()));
    let unknown = bench.send(other).await?;
    bench.note(
        "getConnection",
        "knows no other id",
        unknown.refuses(404, "notFound"),
    );
    only_signed_in(bench, "getConnection", ask).await
}

/// The call needs a tenant and a token.
async fn only_signed_in(
    bench: &mut Bench,
    operation: &'static str,
    ask: Ask,
) -> Result<(), String> {
    let answer = bench.send(ask.clone().without("x-tenant-id")).await?;
    bench.note(operation, "requires the tenant", answer.refuses(400, ""));
    let answer = bench.send(ask.by(Bearer::Nobody)).await?;
    bench.note(
        operation,
        "refuses a call without a token",
        answer.refuses(401, ""),
    );
    Ok(())
}

/// One page of the connections.
async fn page(bench: &Bench, query: &str) -> Result<Answer, String> {
    let query = format!("?{}", query.replace(' ', "%20"));
    bench
        .send(bench.of("listConnections", Method::GET, &query))
        .await
}

/// The ids on a page.
fn ids(answer: &Answer) -> Result<Vec<String>, String> {
    answer.is(200)?;
    let ids = answer
        .list("items")?
        .iter()
        .map(|item| item["id"].as_str().unwrap_or_default().to_owned());
    Ok(ids.collect())
}

fn finds(answer: &Answer, expected: &[&str]) -> Tried {
    let found = ids(answer)?;
    if found == expected {
        return Ok(());
    }
    Err(format!(
        "finds {} connections, not exactly the {} that fit",
        found.len(),
        expected.len()
    ))
}

async fn list(bench: &mut Bench, first: &str) -> Result<(), String> {
    let mut second = bench.new_connection("two");
    second["organization"] =
        json!({ "id": "o-0123456789", "managementAccountId": bench.account() });
    second["accounts"] = json!(["444455556666", "777788889999"]);
    let id = new_id();
    let ask = bench.put(&id, second.clone());
    let saved = bench.send(ask).await?;
    saved.served()?;
    saved
        .is(201)
        .map_err(|how| format!("no second connection can be saved: {how}"))?;
    let name = second["name"].as_str().unwrap_or_default();
    let answer = page(bench, &format!("name={name}")).await?;
    bench.note(
        "listConnections",
        "finds exactly this name",
        finds(&answer, &[&id]),
    );
    let summary = ids(&answer).and_then(|_| is_summary(&answer));
    bench.note("listConnections", "lists summaries", summary);
    let all = everything(bench, "").await;
    bench.note(
        "listConnections",
        "keeps the order of creation",
        all.clone().and_then(|all| {
            let place = |id: &str| all.iter().position(|one| one == id);
            match (place(first), place(&id)) {
                (Some(one), Some(other)) if one < other => Ok(()),
                (Some(_), Some(_)) => Err("what was made first comes later".to_owned()),
                _ => Err("a connection that was made is missing".to_owned()),
            }
        }),
    );
    bench.note(
        "listConnections",
        "has pages, and each connection once",
        all.and_then(|mut all| {
            let count = all.len();
            all.sort();
            all.dedup();
            if all.len() == count {
                Ok(())
            } else {
                Err("a connection comes twice".to_owned())
            }
        }),
    );
    let account = bench.account();
    for (check, query, without) in [
        (
            "finds by account",
            format!("awsAccountId={account}"),
            "awsAccountId=999999999999".to_owned(),
        ),
        (
            "finds by status",
            "status=pending".to_owned(),
            "status=paused".to_owned(),
        ),
    ] {
        let with = everything(bench, &query).await;
        let without = everything(bench, &without).await;
        let tried = with
            .and_then(|with| Ok((with, without?)))
            .and_then(|(with, without)| {
                if !with.contains(&id) {
                    Err(format!("a connection that fits is missing with {query}"))
                } else if without.contains(&id) {
                    Err("a connection that does not fit is found".to_owned())
                } else {
                    Ok(())
                }
            });
        bench.note("listConnections", check, tried);
    }
    let of_organizations = everything(bench, "organization=true")
        .await
        .and_then(
            |found| match (found.contains(&id), found.iter().any(|one| one == first)) {
                (true, false) => Ok(()),
                (false, _) => Err("one that covers an organization is missing".to_owned()),
                (true, true) => Err("one without an organization is found".to_owned()),
            },
        );
    bench.note(
        "listConnections",
        "finds those of organizations",
        of_organizations,
    );
    limits(bench).await
}

fn is_summary(answer: &Answer) -> Tried {
    answer.has("/items/0/accountCount", 2)?;
    for field in ["accounts", "settings", "resources"] {
        if answer.body.pointer(&format!("/items/0/{field}")).is_some() {
            return Err(format!("a summary has {field}"));
        }
    }
    Ok(())
}

/// All connections that fit, two on a page.
async fn everything(bench: &Bench, query: &str) -> Result<Vec<String>, String> {
    let mut all = Vec::new();
    let mut key = String::new();
    // A test tenant has few connections; a listing that does not end is a fault.
    for _ in 0..500 {
        let answer = page(bench, &format!("pageSize=2&{query}{key}")).await?;
        let found = ids(&answer)?;
        if found.len() > 2 {
            return Err(format!("a page of 2 has {}", found.len()));
        }
        all.extend(found);
        let next = answer.text("/pages/nextKey");
        if next.is_empty() {
            return Ok(all);
        }
        let encoded: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
        key = format!("&pageFromKey={encoded}");
    }
    Err("the listing does not end".to_owned())
}

async fn limits(bench: &mut Bench) -> Result<(), String> {
    for (name, size) in [
        ("refuses a page size of 0", 0),
        ("refuses a page size of 201", 201),
    ] {
        let answer = page(bench, &format!("pageSize={size}")).await?;
        bench.note("listConnections", name, answer.refuses(400, ""));
    }
    let ask = bench.of("listConnections", Method::GET, "");
    only_signed_in(bench, "listConnections", ask).await
}
