//! The connections of a tenant, and what Central says of them.

use std::collections::BTreeSet;

use reqwest::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Central,
    answer::Answer,
    call::{PAGES, With},
    model::{Connection, Endpoints, NewConnection, Statistics, Status},
};
use crate::{
    connection::{AccountId, ConnectionId, ConnectionName, Resources},
    ui::{Code, Failure, Result, t},
};

const CONNECTIONS: &str = "/cloud-integrations/v1/aws-cloudtrail/connections";

/// A connection with the ETag that a change of it must carry.
#[derive(Clone, Debug)]
pub struct Versioned {
    pub connection: Connection,
    pub etag: String,
}

impl Central {
    /// Summaries of the connections that fit; `query` as `listConnections` has it.
    pub async fn list(&self, query: &[(&str, String)]) -> Result<Vec<Connection>> {
        #[derive(Deserialize)]
        struct Page {
            items: Vec<Connection>,
            pages: Pages,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Pages {
            next_key: Option<String>,
        }
        let mut all = Vec::new();
        let mut next: Option<String> = None;
        // A key that comes twice would never end, and a page without items is the last.
        let mut keys = BTreeSet::new();
        loop {
            let mut query = query.to_vec();
            query.push(("pageSize", "200".to_owned()));
            query.extend(next.take().map(|key| ("pageFromKey", key)));
            let with = With {
                query: &query,
                ..With::default()
            };
            let page: Page = self
                .regional(Method::GET, CONNECTIONS, with)
                .await?
                .json()?;
            let empty = page.items.is_empty();
            all.extend(page.items);
            next = page.pages.next_key;
            let fresh = next.clone().is_some_and(|key| keys.insert(key));
            if empty || !fresh || keys.len() >= PAGES as usize {
                return Ok(all);
            }
        }
    }

    /// The live connection of this name.
    pub async fn by_name(&self, name: &ConnectionName) -> Result<Option<Versioned>> {
        let found = self.list(&[("name", name.to_string())]).await?;
        // The filter is not believed.
        let wanted = |connection: &Connection| {
            connection.name == *name && connection.status != Status::Deleted
        };
        match found.into_iter().find(wanted) {
            Some(summary) => Ok(self
                .by_id(summary.id)
                .await?
                .filter(|found| wanted(&found.connection))),
            None => Ok(None),
        }
    }

    /// A connection by id, also a deleted one.
    pub async fn by_id(&self, id: ConnectionId) -> Result<Option<Versioned>> {
        let path = format!("{CONNECTIONS}/{id}");
        let found = self.get_if_there(&path, With::default()).await?;
        found.map(|answer| versioned(&answer, id)).transpose()
    }

    /// What is at a path of the tenant's region; `None` where nothing is.
    async fn get_if_there(&self, path: &str, with: With<'_>) -> Result<Option<Answer>> {
        let scoped = self.scoped(with);
        match self.call(Method::GET, &self.host(), path, scoped).await {
            Ok(answer) => Ok(Some(answer)),
            Err(refusal) if refusal.status == Some(StatusCode::NOT_FOUND) => Ok(None),
            Err(refusal) => Err(refusal.into_failure()),
        }
    }

    /// The connections of one AWS account, deleted ones included.
    pub async fn of_account(&self, account: &AccountId) -> Result<Vec<Connection>> {
        let query = [
            ("awsAccountId", account.to_string()),
            ("includeDeleted", "true".to_owned()),
        ];
        let mut found = self.list(&query).await?;
        found.retain(|connection| connection.aws_account_id == *account);
        Ok(found)
    }

    /// Where log files of this tenant will go, before there is a connection. `None` where Central does not tell.
    pub async fn endpoints(&self) -> Result<Option<Endpoints>> {
        let path = "/cloud-integrations/v1/aws-cloudtrail/endpoints";
        let found = self.get_if_there(path, With::default()).await?;
        found.map(|answer| answer.json()).transpose()
    }

    /// What was decided and taken in since then, hour by hour. `None` from a Central that has none yet.
    pub async fn statistics(
        &self,
        id: ConnectionId,
        since: jiff::Timestamp,
    ) -> Result<Option<Statistics>> {
        let path = format!("{CONNECTIONS}/{id}/statistics");
        let query = [("since", since.to_string())];
        let with = With {
            query: &query,
            ..With::default()
        };
        let found = self.get_if_there(&path, with).await?;
        found.map(|answer| answer.json()).transpose()
    }

    /// Saves a new connection (`putConnection`). After a lost answer, what is there is compared, not trusted.
    pub async fn create(&self, id: ConnectionId, new: &NewConnection) -> Result<Versioned> {
        let body = json!(new);
        let path = format!("{CONNECTIONS}/{id}");
        let with = With {
            body: Some(&body),
            precondition: Some(("If-None-Match", "*")),
            ..With::default()
        };
        match self
            .call(Method::PUT, &self.host(), &path, self.scoped(with))
            .await
        {
            Ok(answer) => versioned(&answer, id),
            // We made the id a moment ago: it is our own earlier attempt whose answer was lost.
            Err(refusal) if refusal.status == Some(StatusCode::PRECONDITION_FAILED) => {
                let there = self
                    .by_id(id)
                    .await?
                    .ok_or_else(|| refusal.into_failure())?;
                if json!(there.connection.resources) == json!(new.resources)
                    && there.connection.name == new.name
                {
                    Ok(there)
                } else {
                    Err(Failure::new(
                        Code::Conflict,
                        t!("central-other-content", id = id),
                    ))
                }
            }
            Err(refusal) => Err(refusal.into_failure()),
        }
    }

    /// Changes a connection. 412 means that somebody changed it meanwhile: the caller reads and decides again.
    pub async fn update(&self, of: &Versioned, change: &Value) -> Result<Versioned> {
        let path = format!("{CONNECTIONS}/{}", of.connection.id);
        let with = With {
            body: Some(change),
            precondition: Some(("If-Match", &of.etag)),
            ..With::default()
        };
        match self
            .call(Method::PATCH, &self.host(), &path, self.scoped(with))
            .await
        {
            Ok(answer) => versioned(&answer, of.connection.id),
            Err(refusal) if refusal.status == Some(StatusCode::PRECONDITION_FAILED) => {
                // A retry after a lost answer meets its own change: then nothing differs any more.
                let there = self.by_id(of.connection.id).await?;
                match there {
                    Some(there) if applied(&there.connection, change) => Ok(there),
                    _ => Err(Failure::new(
                        Code::Conflict,
                        t!("central-changed", name = of.connection.name),
                    )),
                }
            }
            Err(refusal) => Err(refusal.into_failure()),
        }
    }

    /// Replaces the manifest, and the settings where they are given.
    pub async fn record(
        &self,
        of: &Versioned,
        resources: &Resources,
        settings: Option<&Value>,
    ) -> Result<Versioned> {
        let mut change = json!({ "resources": resources });
        if let Some(settings) = settings {
            change["settings"] = settings.clone();
        }
        self.update(of, &change).await
    }

    /// Deletes a connection as it was read; whatever it is meanwhile where `etag` is `*`. One that is gone already counts as
    /// deleted. `Conflict` where somebody has set it up or changed it meanwhile.
    pub async fn delete(&self, connection: &Connection, etag: &str) -> Result<()> {
        let path = format!("{CONNECTIONS}/{}", connection.id);
        let with = With {
            precondition: Some(("If-Match", etag)),
            ..With::default()
        };
        match self
            .call(Method::DELETE, &self.host(), &path, self.scoped(with))
            .await
        {
            Ok(_) => Ok(()),
            Err(refusal) if refusal.status == Some(StatusCode::NOT_FOUND) => Ok(()),
            Err(refusal) if refusal.status == Some(StatusCode::PRECONDITION_FAILED) => {
                Err(Failure::new(
                    Code::Conflict,
                    t!("central-changed", name = connection.name),
                ))
            }
            Err(refusal) => Err(refusal.into_failure()),
        }
    }
}

/// Whether a change is already what Central holds.
fn applied(connection: &Connection, change: &Value) -> bool {
    let there = json!(connection);
    change.as_object().is_some_and(|change| {
        change
            .iter()
            .all(|(key, value)| there.get(key) == Some(value))
    })
}

/// A connection as it was answered; another one than was asked for is refused.
fn versioned(answer: &Answer, id: ConnectionId) -> Result<Versioned> {
    let connection: Connection = answer.json()?;
    if connection.id != id {
        return Err(Failure::new(
            Code::Central,
            t!("central-other-connection", asked = id, got = connection.id),
        ));
    }
    Ok(Versioned {
        connection,
        etag: answer.etag.clone().unwrap_or_default(),
    })
}
