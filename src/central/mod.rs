//! The Central client: published operations to the letter, assumed ones as the contract has them.
//!
//! Retries with jitter on 429, 5xx and broken connections, honours Retry-After, renews tokens a minute early, signs in
//! once more on 401, follows no redirects, has time limits, uses the system's proxies.

mod answer;
mod call;
mod connections;
mod hosts;
pub mod model;

use std::{sync::Mutex, time::Duration};

use reqwest::Method;
use secrecy::SecretString;
use serde::Deserialize;

use crate::{
    aws::is_loopback,
    ui::{Code, Failure, Result, t},
};
use answer::Refusal;
use call::{PAGES, Token, With};
pub use connections::Versioned;
use model::{IdType, License, LicenseState, Tenant, WhoAmI};

/// Identity host, unless another is set.
pub const ID_URL: &str = "https://id.sophos.com";
/// Global API host, unless another is set.
pub const API_URL: &str = "https://api.central.sophos.com";

/// How Central is reached.
#[derive(Clone, Debug)]
pub struct Options {
    pub id_url: String,
    pub api_url: String,
    pub client_id: String,
    pub client_secret: SecretString,
}

/// A signed-in client. The tenant is chosen with [`Central::choose`].
pub struct Central {
    http: reqwest::Client,
    options: Options,
    token: Mutex<Option<Token>>,
    pub who: WhoAmI,
    pub tenant: Option<Tenant>,
}

impl Central {
    /// Signs in and asks who the credential is. `CentralSignIn` where that fails.
    pub async fn connect(options: Options) -> Result<Self> {
        for (name, url) in [
            ("SOPHOS_CENTRAL_ID_URL", &options.id_url),
            ("SOPHOS_CENTRAL_API_URL", &options.api_url),
        ] {
            check_url(name, url)?;
        }
        let mut builder = reqwest::Client::builder()
            .user_agent(format!("sophos-ct/{}", crate::VERSION))
            .connect_timeout(Duration::from_secs(10))
            .timeout(Duration::from_secs(60))
            .redirect(reqwest::redirect::Policy::none());
        if is_loopback(&options.api_url) && is_loopback(&options.id_url) {
            builder = builder.no_proxy();
        }
        let http = builder
            .build()
            .map_err(|error| Failure::new(Code::Central, error.to_string()))?;
        let mut central = Self {
            http,
            options,
            token: Mutex::new(None),
            who: WhoAmI {
                id: String::new(),
                id_type: IdType::Tenant,
                api_hosts: model::ApiHosts {
                    global: String::new(),
                    data_region: None,
                },
            },
            tenant: None,
        };
        let answer = central
            .call(
                Method::GET,
                &central.options.api_url.clone(),
                "/whoami/v1",
                With::default(),
            )
            .await;
        central.who = answer.map_err(Refusal::into_failure)?.json()?;
        if central.who.id_type == IdType::Tenant {
            let host = central
                .who
                .api_hosts
                .data_region
                .clone()
                .unwrap_or_default();
            let api_host = normalise(&host)?;
            central.tenant = Some(Tenant {
                id: central.who.id.clone(),
                name: String::new(),
                data_region: region_of(&api_host),
                api_host,
            });
        }
        Ok(central)
    }

    /// The tenants that a partner's or organization's credential may act for.
    pub async fn tenants(&self) -> Result<Vec<Tenant>> {
        let (path, header) = match self.who.id_type {
            IdType::Tenant => return Ok(self.tenant.clone().into_iter().collect()),
            IdType::Partner => ("/partner/v1/tenants", "X-Partner-ID"),
            IdType::Organization => ("/organization/v1/tenants", "X-Organization-ID"),
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
            // However many pages it claims to have.
            let last = page.items.is_empty() || number >= page.pages.total.min(PAGES);
            tenants.extend(page.items);
            if last {
                break;
            }
        }
        Ok(tenants)
    }

    /// Acts for this tenant from here on.
    pub fn choose(&mut self, mut tenant: Tenant) -> Result<()> {
        tenant.api_host = normalise(&tenant.api_host)?;
        self.tenant = Some(tenant);
        Ok(())
    }

    /// The tenant that this client acts for.
    ///
    /// # Panics
    /// Where none was chosen: commands choose one before anything else.
    #[must_use]
    pub fn tenant(&self) -> &Tenant {
        self.tenant
            .as_ref()
            .expect("a tenant is chosen before it is used")
    }

    /// Whether hosts other than Sophos's own are used; they are shown then.
    #[must_use]
    pub fn other_hosts(&self) -> Option<(&str, &str)> {
        (self.options.id_url != ID_URL || self.options.api_url != API_URL)
            .then_some((self.options.id_url.as_str(), self.options.api_url.as_str()))
    }

    /// The state of the licence with this product code.
    pub async fn license(&self, code: Option<&str>) -> LicenseState {
        #[derive(Deserialize)]
        struct Licenses {
            #[serde(default)]
            licenses: Vec<License>,
        }
        let Some(code) = code else {
            return LicenseState::CannotTell(t!("license-no-code"));
        };
        let scope = Some(("X-Tenant-ID", self.tenant().id.as_str()));
        let host = match normalise(&self.who.api_hosts.global) {
            Ok(host) => host,
            Err(failure) => return LicenseState::CannotTell(failure.message),
        };
        let with = With {
            scope,
            ..With::default()
        };
        let found = match self
            .call(Method::GET, &host, "/licenses/v1/licenses", with)
            .await
        {
            Ok(answer) => answer.json::<Licenses>(),
            Err(refusal) => Err(refusal.into_failure()),
        };
        let licenses = match found {
            Ok(found) => found.licenses,
            Err(failure) => return LicenseState::CannotTell(failure.message),
        };
        let today = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
        let of_code: Vec<License> = licenses
            .into_iter()
            .filter(|license| {
                license
                    .product
                    .as_ref()
                    .and_then(|product| product.code.as_deref())
                    == Some(code)
            })
            .collect();
        let ended = |license: &License| {
            // ISO dates order as text.
            let date = license.end_date.as_ref().and_then(|date| date.get(..10));
            !license.perpetual && date.is_some_and(|date| date < today.as_str())
        };
        if of_code.iter().any(|license| !ended(license)) {
            return LicenseState::Valid;
        }
        match of_code
            .into_iter()
            .filter_map(|license| license.end_date)
            .max()
        {
            Some(date) => LicenseState::Ended(date),
            None => LicenseState::Missing,
        }
    }
}

/// Only https, loopback hosts aside.
fn check_url(name: &str, url: &str) -> Result<()> {
    let parsed = url::Url::parse(url)
        .map_err(|_| Failure::usage(t!("url-invalid", name = name, value = url)))?;
    if parsed.scheme() == "https" || (parsed.scheme() == "http" && is_loopback(url)) {
        Ok(())
    } else {
        Err(Failure::usage(t!("url-insecure", name = name, value = url)))
    }
}

/// A host as Central gives it: https (loopback aside), no slash at the end.
fn normalise(host: &str) -> Result<String> {
    let host = host.trim_end_matches('/');
    let host = match host.strip_prefix("http://") {
        Some(rest) if !is_loopback(host) => format!("https://{rest}"),
        _ => host.to_owned(),
    };
    check_url("apiHost", &host)?;
    Ok(host)
}

/// `eu01` of `https://api-eu01.central.sophos.com`: for display only.
#[must_use]
pub fn region_of(host: &str) -> String {
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
