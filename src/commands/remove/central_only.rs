//! Ends a connection in Central alone, and says what stays in AWS.

use super::removed;
use crate::{
    central::{Central, Versioned},
    commands::app::App,
    connection::{Ownership, Resource, Resources},
    plan::render,
    ui::{Code, Exit, Failure, Result, t},
};

pub(super) async fn central_only(app: &App, central: &Central, found: &Versioned) -> Result<Exit> {
    // AWS is not asked whether it is there.
    for line in recorded(&found.connection.manifest()) {
        app.printer.say(&line);
    }
    if !app.globals.yes {
        if !app.ask.possible() {
            return Err(Failure::new(
                Code::MissingAnswers,
                t!("remove-missing", flags = "--yes"),
            ));
        }
        if !app
            .ask
            .afresh()
            .confirm(&t!("ask-central-only"), false)
            .await?
        {
            return Err(Failure::new(Code::Declined, t!("declined")));
        }
    }
    app.if_stopped.replace(Some(t!("interrupted-removal")));
    central.delete(&found.connection, "*").await?;
    removed(app, &t!("removed", name = found.connection.name));
    Ok(Exit::Done)
}

/// What is the connection's, by Central's record: a line for each resource, with the ids of its parts. What it only uses is
/// somebody else's, and is left out.
fn recorded(manifest: &Resources) -> Vec<String> {
    let mut recorded: Vec<(&Resource, Vec<&str>)> = Vec::new();
    let items = manifest.items.iter();
    for item in items.filter(|item| item.ownership != Ownership::Used) {
        let id = item.id.as_deref();
        let known = recorded
            .iter_mut()
            .find(|(known, _)| known.kind == item.kind && known.arn == item.arn);
        match known {
            Some((_, ids)) => ids.extend(id),
            None => recorded.push((item, id.into_iter().collect())),
        }
    }
    recorded.iter().map(|(item, ids)| line(item, ids)).collect()
}

fn line(item: &Resource, ids: &[&str]) -> String {
    let kind = render::kind(item.kind);
    let arn = match item.id {
        Some(_) => format!("{} ({})", item.arn, ids.join(", ")),
        None => item.arn.clone(),
    };
    match item.ownership {
        Ownership::Modified => t!("recorded-part", kind = kind, arn = arn),
        Ownership::External => t!("recorded-of-stack", kind = kind, arn = arn),
        Ownership::Created | Ownership::Used => t!("recorded-in-aws", kind = kind, arn = arn),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::Kind;

    fn item(kind: Kind, arn: &str, id: Option<&str>, ownership: Ownership) -> Resource {
        Resource {
            kind,
            arn: arn.to_owned(),
            id: id.map(ToOwned::to_owned),
            region: None,
            ownership,
            was_absent: None,
            digest: None,
        }
    }

    #[test]
    fn what_is_only_used_is_never_listed_as_the_connections() {
        let (bucket, statements) = ("arn:aws:s3:::theirs", Kind::BucketPolicyStatement);
        let role = "arn:aws:iam::111122223333:role/demo";
        let manifest = Resources {
            items: vec![
                item(Kind::Bucket, bucket, None, Ownership::Used),
                item(statements, bucket, Some("one"), Ownership::Modified),
                item(Kind::Role, role, None, Ownership::Created),
                item(statements, bucket, Some("two"), Ownership::Modified),
                item(Kind::Topic, "arn:stack", None, Ownership::External),
            ],
            ..Resources::default()
        };
        let kind = render::kind;
        let parts = format!("{bucket} (one, two)");
        let expected = [
            t!("recorded-part", kind = kind(statements), arn = parts),
            t!("recorded-in-aws", kind = kind(Kind::Role), arn = role),
            t!(
                "recorded-of-stack",
                kind = kind(Kind::Topic),
                arn = "arn:stack"
            ),
        ];
        assert_eq!(recorded(&manifest), expected);
    }
}
