//! The client for Central: published operations follow their documentation to the letter, assumed ones follow the contract.
//!
//! It retries with jitter on 429, 5xx and broken connections, honours Retry-After, gives up in time, renews tokens a minute early,
//! signs in once more on 401, follows no redirects, and uses the system's proxies.

mod answer;
mod call;
mod connections;
mod hosts;
mod invitations;
mod license;
pub(crate) mod model;
mod options;
mod patience;
mod receipts;
mod request;
mod token;
mod trace;

use std::time::Duration;

use reqwest::Method;
use serde::Deserialize;

use crate::{
    aws::is_loopback,
    connection::ConnectionId,
    ui::{Code, Failure, Result, t},
};
use answer::Refusal;
pub(crate) use connections::Versioned;
pub(crate) use invitations::{Invitation, Open, is_code};
use model::{ApiHosts, IdType, Tenant, WhoAmI};
pub(crate) use options::{API_URL, Credential, ID_URL, InvitationCode, Options};
use request::{PAGES, With};
use token::Token;

/// The contract, as `schema` prints it.
pub(crate) const CONTRACT: &str = include_str!("../../schemas/central-api.yaml");

/// A signed-in client. The tenant is chosen with [`Central::choose`].
pub(crate) struct Central {
    http: reqwest::Client,
    options: Options,
    token: Token,
    pub who: WhoAmI,
    pub tenant: Option<Tenant>,
    /// The connection that an invitation is for: this client may do nothing but finish it.
    pub invited: Option<ConnectionId>,
}

impl Central {
    /// Signs in and asks whose credential it is. Fails with `CentralSignIn` if the credential is refused.
    pub(crate) async fn connect(options: Options) -> Result<Self> {
        let mut central = Self::new(options)?;
        let answer = central
            .call(
                Method::GET,
                &central.options.api_url.clone(),
                "/whoami/v1",
                With::default(),
            )
            .await;
        central.who = answer.map_err(Refusal::into_failure)?.json()?;
        central.tenant = own_tenant(&central.who)?;
        Ok(central)
    }

    /// A client that has not signed in yet.
    fn new(options: Options) -> Result<Self> {
        for (name, url) in [
            ("SOPHOS_CENTRAL_ID_URL", &options.id_url),
            ("SOPHOS_CENTRAL_API_URL", &options.api_url),
        ] {
            check_url(name, url)?;
        }
        Ok(Self {
            http: http_client(&options)?,
            options,
            token: Token::default(),
            who: WhoAmI {
                id: String::new(),
                id_type: IdType::Tenant,
                api_hosts: ApiHosts {
                    global: String::new(),
                    data_region: None,
                },
            },
            tenant: None,
            invited: None,
        })
    }

    /// Whether this client may read a connection, as far as its own rights go.
    #[must_use]
    pub(crate) fn may_read(&self, id: ConnectionId) -> bool {
        self.invited.is_none_or(|invited| invited == id)
    }

    /// Returns the tenants that a partner's or organization's credential may act for.
    pub(crate) async fn tenants(&self) -> Result<Vec<Tenant>> {
        let (path, header) = match self.who.id_type {
            IdType::Tenant => return Ok(self.tenant.clone().into_iter().collect()),
            IdType::Partner => ("/partner/v1/tenants", "X-Partner-ID"),
            IdType::Organization => ("/organization/v1/tenants", "X-Organization-ID"),
            IdType::Unknown => return Err(Failure::new(Code::Central, t!("central-id-type"))),
        };
        #[derive(Deserialize)]
        struct Page {
            items: Vec<Tenant>,
            pages: Pages,
        }
        #[derive(Deserialize)]
        struct Pages {
            #[serde(default)]
            total: u32,
        }
        let host = normalise(&self.who.api_hosts.global)?;
        let mut tenants = Vec::new();
        for number in 1.. {
            let query = [
                ("page", number.to_string()),
                ("pageSize", "100".to_owned()),
                ("pageTotal", "true".to_owned()),
            ];
            let with = With {
                query: &query,
                scope: Some((header, &self.who.id)),
                ..With::default()
            };
            let page: Page = self
                .call(Method::GET, &host, path, with)
                .await
                .map_err(Refusal::into_failure)?
                .json()?;
            // At most `PAGES`, however many pages Central claims to have.
            let last = page.items.is_empty() || number >= page.pages.total.min(PAGES);
            tenants.extend(page.items);
            if last {
                break;
            }
        }
        Ok(tenants)
    }

    /// Chooses the tenant that this client acts for from here on.
    pub(crate) fn choose(&mut self, mut tenant: Tenant) -> Result<()> {
        tenant.api_host = normalise(&tenant.api_host)?;
        self.tenant = Some(tenant);
        Ok(())
    }

    /// Returns the tenant that this client acts for.
    ///
    /// # Panics
    /// If none was chosen. Commands choose one before anything else.
    #[must_use]
    pub(crate) fn tenant(&self) -> &Tenant {
        self.tenant
            .as_ref()
            .expect("a tenant is chosen before it is used")
    }
}

/// Returns a client that follows no redirects, has time limits, and uses the system's proxies unless Central is on this
/// machine.
fn http_client(options: &Options) -> Result<reqwest::Client> {
    let mut builder = reqwest::Client::builder()
        .user_agent(format!("sophos-ct/{}", crate::VERSION))
        .connect_timeout(Duration::from_secs(10))
        .read_timeout(patience::SILENCE)
        .redirect(reqwest::redirect::Policy::none());
    if is_loopback(&options.api_url) && is_loopback(&options.id_url) {
        builder = builder.no_proxy();
    }
    builder
        .build()
        .map_err(|error| Failure::new(Code::Central, error.to_string()))
}

/// Returns the tenant of a tenant's own credential; `None` for a partner's or an organization's.
fn own_tenant(who: &WhoAmI) -> Result<Option<Tenant>> {
    if who.id_type != IdType::Tenant {
        return Ok(None);
    }
    let host = who.api_hosts.data_region.clone().unwrap_or_default();
    let api_host = normalise(&host)?;
    Ok(Some(Tenant {
        id: who.id.clone(),
        name: String::new(),
        data_region: region_of(&api_host),
        api_host,
    }))
}

/// Accepts only https, except for loopback hosts.
pub(crate) fn check_url(name: &str, url: &str) -> Result<()> {
    let parsed = url::Url::parse(url)
        .map_err(|_| Failure::usage(t!("url-invalid", name = name, value = url)))?;
    if parsed.scheme() == "https" || (parsed.scheme() == "http" && is_loopback(url)) {
        Ok(())
    } else {
        Err(Failure::usage(t!("url-insecure", name = name, value = url)))
    }
}

/// Normalises a host that Central names: https (except loopback), no slash at the end.
fn normalise(host: &str) -> Result<String> {
    let host = host.trim_end_matches('/');
    let host = match host.strip_prefix("http://") {
        Some(rest) if !is_loopback(host) => format!("https://{rest}"),
        _ => host.to_owned(),
    };
    check_url("apiHost", &host)?;
    Ok(host)
}

/// Returns the region in the name of a host: `eu01` for `https://api-eu01.central.sophos.com`. For display only.
#[must_use]
pub(crate) fn region_of(host: &str) -> String {
    let name = url::Url::parse(host)
        .ok()
        .and_then(|url| url.host_str().map(ToOwned::to_owned))
        .unwrap_or_default();
    match name
        .split('.')
        .next()
        .and_then(|first| first.strip_prefix("api-"))
    {
        Some(region) => region.to_owned(),
        None => name,
    }
}
