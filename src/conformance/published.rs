//! Checks of the published operations, and of where log files go.

use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::Value;
use sophos_ct_forwarder::host::{host_named, host_of};

use super::{
    answer::{Answer, Ask, Bearer, Tried},
    bench::Bench,
    token::{self, grant},
};

/// Signs in; without that, nothing else can be tried. All of it is on hosts that the user has named.
pub(super) async fn sign_in(bench: &mut Bench) -> Result<(), String> {
    token(bench).await?;
    whoami(bench).await?;
    tenants(bench).await?;
    licenses(bench).await
}

/// Asks where log files will go. Returns the hosts that the answer names.
pub(super) async fn endpoints(bench: &mut Bench) -> Result<Vec<String>, String> {
    let path = "/cloud-integrations/v1/aws-cloudtrail/endpoints";
    let ask = bench.ask("getEndpoints", Method::GET, path);
    let without = bench.send(ask.clone().without("x-tenant-id")).await?;
    bench.note(
        "getEndpoints",
        "requires the tenant",
        without.refuses(400, ""),
    );
    let answer = bench.send(ask).await?;
    bench.note(
        "getEndpoints",
        "says where log files will go",
        fit_endpoints(&answer),
    );
    answer.served()?;
    let ingest = answer.text("/ingestUrl");
    let mut hosts = Vec::new();
    if let Ok(host) = host_of(ingest) {
        bench.ingest_at(ingest.to_owned());
        hosts.push(host);
    }
    let uploads = answer.list("uploadHosts").into_iter().flatten();
    hosts.extend(uploads.filter_map(|host| host_named(host.as_str()?)));
    Ok(hosts)
}

async fn token(bench: &mut Bench) -> Result<(), String> {
    let wrong = grant(bench, "client_credentials", "token", "wrong").await?;
    let refused = |answer: &Answer| -> Tried {
        answer.is(401)?;
        let code = answer.text("/errorCode");
        if code.starts_with("oauth.") {
            return Ok(());
        }
        Err(format!("errorCode is {code:?}, not oauth.…"))
    };
    bench.note("token", "refuses a wrong secret", refused(&wrong));
    let secret = bench.target.client_secret.clone();
    for (name, grant_type, scope) in [
        ("refuses another grant type", "password", "token"),
        ("refuses another scope", "client_credentials", "everything"),
    ] {
        let answer = grant(bench, grant_type, scope, secret.expose_secret()).await?;
        let refused = answer.served().and_then(|()| match answer.status {
            400 | 401 => Ok(()),
            status => Err(format!("answers {status}, not 400 or 401")),
        });
        bench.note("token", name, refused);
    }
    let (answer, token) = token::sign_in(bench).await?;
    bench.note("token", "signs the credential in", answer.is(200));
    answer.served()?;
    if token.text.is_empty() {
        return Err("there is no token: the credential was refused".to_owned());
    }
    bench.token.replace(Some(token));
    Ok(())
}

/// Asks whose a token is.
pub(super) async fn who(bench: &Bench, token: &str) -> Result<Answer, String> {
    let ask = global(bench, "whoami", "/whoami/v1");
    bench.send(ask.by(Bearer::Other(token.to_owned()))).await
}

/// A request to the global host.
pub(super) fn global(bench: &Bench, operation: &'static str, path: &str) -> Ask {
    let host = bench.target.api_url.trim_end_matches('/');
    Ask::new(operation, Method::GET, format!("{host}{path}")).by(Bearer::Client)
}

async fn whoami(bench: &mut Bench) -> Result<(), String> {
    let ask = global(bench, "whoami", "/whoami/v1");
    let without = bench.send(ask.clone().by(Bearer::Nobody)).await?;
    bench.note(
        "whoami",
        "refuses a call without a token",
        without.refuses(401, ""),
    );
    let unknown = who(bench, "verify-central").await?;
    bench.note(
        "whoami",
        "refuses a token that it has not given",
        unknown.refuses(401, ""),
    );
    let answer = bench.send(ask).await?;
    bench.note("whoami", "says whose the credential is", answer.is(200));
    answer.served()?;
    let region = answer.text("/apiHosts/dataRegion");
    let is_tenant = answer.text("/idType") == "tenant";
    let fits = match (is_tenant, region.is_empty()) {
        (true, true) => Err("apiHosts.dataRegion is missing".to_owned()),
        (false, false) => Err(format!("apiHosts.dataRegion is {region}")),
        _ => Ok(()),
    };
    bench.note("whoami", "names the data region of a tenant alone", fits);
    let (tenant, host) = match &bench.target.tenant {
        Some((tenant, host)) => (tenant.clone(), host.clone()),
        None if is_tenant => (answer.text("/id").to_owned(), region.to_owned()),
        None => return Err("the credential is not a tenant's: name one with --tenant".to_owned()),
    };
    bench.tenant = tenant;
    let host = host.trim_end_matches('/');
    bench.host = match host.strip_prefix("http://") {
        Some(rest) if !crate::aws::is_loopback(host) => format!("https://{rest}"),
        _ => host.to_owned(),
    };
    if bench.host.is_empty() {
        return Err("whoami names no host of the data region".to_owned());
    }
    // Who the credential is decides which list of tenants is theirs.
    let who = answer.body;
    for (kind, operation, header, path) in LISTS {
        if who["idType"] == kind {
            let id = who["id"].as_str().unwrap_or_default();
            let ask = global(bench, operation, path).with(header, id);
            let listed = bench.send(ask).await?;
            bench.note(operation, "lists tenants", tenants_fit(&listed));
        }
    }
    Ok(())
}

/// The lists of tenants: whose they are, operation, header and path.
pub(super) const LISTS: [(&str, &str, &str, &str); 2] = [
    (
        "partner",
        "partnerTenants",
        "x-partner-id",
        "/partner/v1/tenants?pageTotal=true",
    ),
    (
        "organization",
        "organizationTenants",
        "x-organization-id",
        "/organization/v1/tenants?pageTotal=true",
    ),
];

fn tenants_fit(answer: &Answer) -> Tried {
    answer.is(200)?;
    for tenant in answer.list("items")? {
        for field in ["id", "name", "dataRegion", "apiHost"] {
            if !tenant[field].is_string() {
                return Err(format!("/items: {field} is missing"));
            }
        }
    }
    answer
        .body
        .get("pages")
        .map(drop)
        .ok_or_else(|| "/pages is missing".to_owned())
}

/// The id of nobody: a list is not given to others.
async fn tenants(bench: &mut Bench) -> Result<(), String> {
    for ((_, operation, header, path), name) in LISTS
        .into_iter()
        .zip(["is for partners alone", "is for organizations alone"])
    {
        let nobody = super::saved::new_id();
        let answer = bench
            .send(global(bench, operation, path).with(header, nobody))
            .await?;
        let refused = answer.served().and_then(|()| match answer.status {
            400..=404 => answer.misfit.clone().map_or(Ok(()), Err),
            status => Err(format!("answers {status} to somebody else's id, not 403")),
        });
        bench.note(operation, name, refused);
    }
    Ok(())
}

async fn licenses(bench: &mut Bench) -> Result<(), String> {
    let ask = global(bench, "licenses", "/licenses/v1/licenses");
    let without = bench.send(ask.clone()).await?;
    bench.note("licenses", "requires the tenant", without.refuses(400, ""));
    let answer = bench
        .send(ask.with("x-tenant-id", bench.tenant.clone()))
        .await?;
    let fits = answer
        .is(200)
        .and_then(|()| answer.list("licenses").map(drop));
    bench.note("licenses", "lists the licences", fits);
    Ok(())
}

fn fit_endpoints(answer: &Answer) -> Tried {
    answer.is(200)?;
    let url = answer.text("/ingestUrl");
    if url.is_empty() || url.ends_with('/') {
        return Err(format!(
            "/ingestUrl is {url:?}: a URL without a slash at its end"
        ));
    }
    let unfit = |host: &&Value| host.as_str().and_then(host_named).is_none();
    match answer.list("uploadHosts")?.iter().find(unfit) {
        Some(host) => Err(format!("/uploadHosts: {host} is not host or host:port")),
        None => Ok(()),
    }
}
