//! Checks of deleting a connection.

use reqwest::Method;

use super::{
    answer::Tried,
    bench::Bench,
    change::{current, made},
    saved::new_id,
};

pub(super) async fn run(bench: &mut Bench) -> Result<(), String> {
    let new = bench.new_connection("deleted");
    let id = made(bench, new.clone()).await?;
    let before = current(bench, &id).await?;
    before.served()?;
    let ask = bench.of("deleteConnection", Method::DELETE, &format!("/{id}"));
    let without = bench.send(ask.clone()).await?;
    bench.note(
        "deleteConnection",
        "requires If-Match",
        without.refuses(422, "invalid"),
    );
    let stale = bench
        .send(ask.clone().with("if-match", "\"verify-central\""))
        .await?;
    bench.note(
        "deleteConnection",
        "refuses a stale ETag",
        stale.refuses(412, "changed"),
    );
    let etag = before.etag.clone().unwrap_or_default();
    let deleted = bench.send(ask.clone().with("if-match", etag)).await?;
    bench.note("deleteConnection", "deletes", deleted.is(204));
    // What follows from the deletion can be seen only if it was tried.
    let deleted = deleted.served();
    let again = bench
        .send(ask.with("if-match", "\"verify-central\""))
        .await?;
    bench.note(
        "deleteConnection",
        "deletes again, whatever If-Match says",
        deleted.clone().and_then(|()| again.is(204)),
    );
    let record = current(bench, &id).await?;
    let kept = deleted.clone().and_then(|()| {
        record.is(200)?;
        record.has("/status", "deleted")?;
        record.holds("/resources", &new["resources"])
    });
    bench.note(
        "deleteConnection",
        "keeps the record, manifest included",
        kept,
    );
    listed(bench, &id, before.text("/name"), &deleted).await?;
    let ask = bench.put(&new_id(), new);
    let freed = bench.send(ask).await?;
    let freed = deleted.and_then(|()| freed.is(201));
    bench.note("deleteConnection", "frees the name", freed);
    let ask = bench.of(
        "deleteConnection",
        Method::DELETE,
        &format!("/{}", new_id()),
    );
    let unknown = bench.send(ask.with("if-match", "*")).await?;
    bench.note(
        "deleteConnection",
        "knows no other id",
        unknown.refuses(404, "notFound"),
    );
    Ok(())
}

/// Whether lists show what is deleted only if they are asked to.
async fn listed(bench: &mut Bench, id: &str, name: &str, deleted: &Tried) -> Result<(), String> {
    let name = name.replace(' ', "%20");
    for (check, query, expected) in [
        ("leaves out what is deleted", String::new(), false),
        (
            "shows what is deleted if asked",
            "&includeDeleted=true".to_owned(),
            true,
        ),
    ] {
        let ask = bench.of(
            "listConnections",
            Method::GET,
            &format!("?name={name}{query}"),
        );
        let answer = bench.send(ask).await?;
        let tried = deleted.clone().and_then(|()| {
            answer.is(200)?;
            let found = answer.list("items")?.iter().any(|item| item["id"] == id);
            match (found, expected) {
                (true, false) => Err("a deleted connection is listed".to_owned()),
                (false, true) => Err("the deleted connection is missing".to_owned()),
                _ => Ok(()),
            }
        });
        bench.note("listConnections", check, tried);
    }
    Ok(())
}
