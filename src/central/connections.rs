//! The connections of a tenant, and what Central says about them.

use std::collections::BTreeSet;

use reqwest::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Central,
    answer::Answer,
    model::{Connection, Endpoints, NewConnection, Statistics, Status},
    request::{PAGES, With},
};
use crate::{
    connection::{AccountId, ConnectionId, ConnectionName, Resources},
    ui::{Code, Failure, Result, t},
};

pub(super) const CONNECTIONS: &str = "/cloud-integrations/v1/aws-cloudtrail/connections";

/// The most connections that a page can have (contract: `listConnections`).
const MOST: &str = "200";

/// A connection with the ETag that a change of it must carry.
#[derive(Clone, Debug)]
pub(crate) struct Versioned {
    pub connection: Connection,
    pub etag: String,
}

/// The pages of a list of connections, one after the other.
pub(crate) struct Listing<'a> {
    central: &'a Central,
    query: &'a [(&'a str, String)],
    next: Option<String>,
    /// A page key that comes twice would never end.
    keys: BTreeSet<String>,
    ended: bool,
}

impl Listing<'_> {
    /// Returns the connections of the next page; `None` after the last one.
    pub(crate) async fn page(&mut self) -> Result<Option<Vec<Connection>>> {
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
        if self.ended {
            return Ok(None);
        }
        let mut query = self.query.to_vec();
        query.push(("pageSize", MOST.to_owned()));
        query.extend(self.next.take().map(|key| ("pageFromKey", key)));
        let with = With {
            query: &query,
            ..With::default()
        };
        let page = self.central.regional(Method::GET, CONNECTIONS, with);
        let page: Page = page.await?.json()?;
        self.next = page.pages.next_key;
        let next = self.next.clone();
        let fresh = next.is_some_and(|key| self.keys.insert(key));
        // A page without items is the last one.
        self.ended = page.items.is_empty() || !fresh || self.keys.len() >= PAGES as usize;
        Ok(Some(page.items))
    }
}

impl Central {
    /// Returns summaries of the connections that match; `query` has the parameters of `listConnections`.
    pub(crate) async fn list(&self, query: &[(&str, String)]) -> Result<Vec<Connection>> {
        let mut listing = self.listing(query);
        let mut all = Vec::new();
        while let Some(page) = listing.page().await? {
            all.extend(page);
        }
        Ok(all)
    }

    /// The same, page by page.
    pub(crate) fn listing<'a>(&'a self, query: &'a [(&'a str, String)]) -> Listing<'a> {
        Listing {
            central: self,
            query,
            next: None,
            keys: BTreeSet::new(),
            ended: false,
        }
    }

    /// Returns the connection with this name that is not deleted.
    pub(crate) async fn by_name(&self, name: &ConnectionName) -> Result<Option<Versioned>> {
        let found = self.list(&[("name", name.to_string())]).await?;
        // Central's filter is not trusted.
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

    /// Returns a connection by id, even a deleted one.
    pub(crate) async fn by_id(&self, id: ConnectionId) -> Result<Option<Versioned>> {
        let path = format!("{CONNECTIONS}/{id}");
        let found = self.get_if_there(&path, With::default()).await?;
        found.map(|answer| versioned(&answer, id)).transpose()
    }

    /// Gets a path in the tenant's region; `None` if Central has nothing there.
    async fn get_if_there(&self, path: &str, with: With<'_>) -> Result<Option<Answer>> {
        let scoped = self.scoped(with);
        match self.call(Method::GET, &self.host(), path, scoped).await {
            Ok(answer) => Ok(Some(answer)),
            Err(refusal) if refusal.is_absent() => Ok(None),
            Err(refusal) => Err(refusal.into_failure()),
        }
    }

    /// Returns the connections of one AWS account, deleted ones included.
    pub(crate) async fn of_account(&self, account: &AccountId) -> Result<Vec<Connection>> {
        let query = [
            ("awsAccountId", account.to_string()),
            ("includeDeleted", "true".to_owned()),
        ];
        let mut found = self.list(&query).await?;
        found.retain(|connection| connection.aws_account_id == *account);
        Ok(found)
    }

    /// Returns where log files of this tenant will go, before there is a connection. `None` if Central does not say.
    pub(crate) async fn endpoints(&self) -> Result<Option<Endpoints>> {
        let path = "/cloud-integrations/v1/aws-cloudtrail/endpoints";
        let found = self.get_if_there(path, With::default()).await?;
        found.map(|answer| answer.json()).transpose()
    }

    /// Returns what Central has decided and received since then, hour by hour. `None` if Central has no statistics yet.
    pub(crate) async fn statistics(
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

    /// Saves a new connection (`putConnection`). After a lost answer, the connection that is there is compared, not trusted.
    pub(crate) async fn create(&self, id: ConnectionId, new: &NewConnection) -> Result<Versioned> {
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
            // We made the id a moment ago, so this is our own earlier attempt, whose answer was lost.
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

    /// Changes a connection: `wanted` says what of it, `None` if it is so already, or why it cannot be. It is asked once more if the
    /// connection has become another one meanwhile.
    ///
    /// # Errors
    ///
    /// Fails if Central refuses the change; with [`Code::Conflict`] also if the connection changes again and again.
    pub(crate) async fn change(
        &self,
        found: Versioned,
        wanted: impl Fn(&Connection) -> Result<Option<Value>>,
    ) -> Result<Versioned> {
        let Some(change) = wanted(&found.connection)? else {
            return Ok(found);
        };
        let failure = match self.update(&found, &change).await {
            Err(failure) if failure.code == Code::Conflict => failure,
            done => return done,
        };
        let Some(newer) = self.by_id(found.connection.id).await? else {
            return Err(failure);
        };
        match wanted(&newer.connection)? {
            None => Ok(newer),
            // Nobody has changed it: trying again would end the same.
            Some(_) if newer.etag == found.etag => Err(failure),
            Some(change) => self.update(&newer, &change).await,
        }
    }

    /// Changes a connection. 412 means that someone changed it meanwhile: the caller must read it and decide again.
    pub(crate) async fn update(&self, of: &Versioned, change: &Value) -> Result<Versioned> {
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
                // After a lost answer, a retry meets its own change: then nothing differs any more.
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

    /// Replaces the manifest, and the settings if they are given.
    pub(crate) async fn record(
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

    /// Deletes a connection if it is still as it was read, or in any state if `etag` is `*`. A connection that is already gone
    /// counts as deleted. Fails with `Conflict` if someone has set it up or changed it meanwhile.
    pub(crate) async fn delete(&self, connection: &Connection, etag: &str) -> Result<()> {
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
            Err(refusal) if refusal.is_absent() => Ok(()),
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

/// Whether Central already holds what a change sets.
fn applied(connection: &Connection, change: &Value) -> bool {
    let there = json!(connection);
    change.as_object().is_some_and(|change| {
        change
            .iter()
            .all(|(key, value)| there.get(key) == Some(value))
    })
}

/// Reads the connection in an answer. A connection other than the requested one is refused.
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
