//! Which of Central's hosts the function may connect to: the ingest host and the upload hosts of its settings, over https, and
//! never an address inside a private network. The sandbox's loopback hosts are the only exception.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    time::Duration,
};

use reqwest::{
    dns::{Addrs, Name, Resolve, Resolving},
    header::{HeaderMap, HeaderName, HeaderValue},
};

use crate::{
    host::{host_of, is_inside, is_loopback, is_public},
    settings::Settings,
};

/// Returns the client for all requests of the function. There is only one, since each client reads the machine's certificates
/// when it is made. Its only time limit is for connecting: reqwest's limit for a whole request would also stop an upload that
/// is still moving.
pub(crate) fn client(settings: &Settings) -> Result<reqwest::Client, String> {
    let builder = reqwest::Client::builder();
    let builder = match settings.endpoint {
        Some(_) => builder,
        None => builder
            .dns_resolver(Guarded::new(settings))
            .https_only(true),
    };
    builder
        .user_agent(format!("sophos-ct-forwarder/{}", crate::VERSION))
        .connect_timeout(Duration::from_secs(5))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .map_err(|error| error.to_string())
}

/// A resolver that refuses addresses inside a private network for Central's names. AWS's own endpoints may be inside the
/// customer's network.
struct Guarded {
    /// Central's hosts, without ports.
    names: BTreeSet<String>,
}

impl Guarded {
    fn new(settings: &Settings) -> Self {
        let uploads = settings.upload_hosts.iter();
        let urls = uploads.map(|host| format!("https://{host}"));
        let names = urls
            .chain([settings.ingest_url.clone()])
            .filter_map(|url| Some(url::Url::parse(&url).ok()?.host_str()?.to_owned()))
            .collect();
        Self { names }
    }
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let guarded = self.names.contains(name.as_str());
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<SocketAddr> =
                found.filter(|at| !guarded || is_public(at.ip())).collect();
            if found.is_empty() {
                return Err(format!("{} has no public address", name.as_str()).into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Accepts only the upload hosts of the settings, over https, with a name or a public address.
pub(crate) fn check_upload_url(settings: &Settings, url: &str) -> Result<(), String> {
    let parsed = url::Url::parse(url).map_err(|_| "the upload URL is not a URL".to_owned())?;
    let host = host_of(url).map_err(|complaint| format!("the upload URL has {complaint}"))?;
    let refused = || {
        Err(format!(
            "the upload host {host} is not one that this connection may send to"
        ))
    };
    if !settings.upload_hosts.contains(&host)
        || !parsed.username().is_empty()
        || parsed.password().is_some()
    {
        return refused();
    }
    if settings.endpoint.is_some() && is_loopback(url) {
        return Ok(());
    }
    if parsed.scheme() != "https" || is_inside(url) {
        return refused();
    }
    Ok(())
}

/// How many headers Central may ask an upload to carry, and how many bytes they may have in all.
const MOST_HEADERS: (usize, usize) = (32, 8 * 1024);
/// Headers that only the function or the HTTP connection may set.
const OURS: [&str; 12] = [
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "expect",
    "host",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

/// Checks and returns the headers that Central wants sent with an upload.
pub(crate) fn upload_headers(told: &BTreeMap<String, String>) -> Result<HeaderMap, String> {
    let bytes: usize = told
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    if told.len() > MOST_HEADERS.0 || bytes > MOST_HEADERS.1 {
        return Err("the offer's answer asks for too many headers".to_owned());
    }
    let mut headers = HeaderMap::new();
    for (name, value) in told {
        let refused =
            || format!("the offer's answer asks for a header that is not allowed: {name:?}");
        let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| refused())?;
        if OURS.contains(&header.as_str()) {
            return Err(refused());
        }
        let value = HeaderValue::from_str(value).map_err(|_| refused())?;
        headers.insert(header, value);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{env, tests::settings};

    #[test]
    fn uploads_go_to_the_hosts_of_the_settings_over_https_and_never_inside() {
        let inside = (
            env::UPLOAD_HOSTS,
            "A.example.com:443,b.example.com:8443,10.0.0.1,127.0.0.1:1,169.254.169.254,[fd00::1],93.184.215.14",
        );
        let fits = |settings: &Settings, url: &str| check_upload_url(settings, url).is_ok();
        let real = settings(&[inside]).unwrap();
        for good in [
            "https://a.example.com/x?y",
            "https://b.example.com:8443/",
            "https://93.184.215.14/",
        ] {
            assert!(fits(&real, good), "{good}");
        }
        for bad in [
            "http://a.example.com/x",
            "https://a.example.com:444/x",
            "https://b.example.com/",
            "https://c.example.com/",
            "https://a.example.com@evil.example.com/",
            "https://user@a.example.com/",
            "https://10.0.0.1/",
            "http://127.0.0.1:1/",
            "https://127.0.0.1:1/",
            "https://169.254.169.254/latest",
            "https://[fd00::1]/",
            "ftp://a.example.com/",
            "/relative",
            "",
        ] {
            assert!(!fits(&real, bad), "{bad}");
        }
        let sandbox = settings(&[inside, (env::ENDPOINT, "http://127.0.0.1:2")]).unwrap();
        assert!(fits(&sandbox, "http://127.0.0.1:1/upload"));
        assert!(!fits(&sandbox, "http://127.0.0.1:3/upload"));
    }

    #[test]
    fn centrals_names_must_lead_outside_and_others_need_not() {
        let resolves = |guarded: (&'static str, &str)| {
            let guard = Guarded::new(&settings(&[guarded]).unwrap());
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            let name = "localhost".parse().unwrap();
            runtime.build().unwrap().block_on(guard.resolve(name))
        };
        assert!(resolves((env::UPLOAD_HOSTS, "a.example.com")).is_ok());
        for guarded in [
            (env::UPLOAD_HOSTS, "a.example.com,localhost:8443"),
            (env::INGEST_URL, "https://localhost/eu"),
        ] {
            let refused = resolves(guarded).err().unwrap().to_string();
            assert!(refused.contains("no public address"), "{refused}");
        }
    }

    #[test]
    fn absurd_headers_are_refused() {
        let of = |name: &str, value: &str| {
            upload_headers(&BTreeMap::from([(name.to_owned(), value.to_owned())]))
        };
        assert!(of("content-type", "application/gzip").is_ok());
        assert!(of("x-amz-meta-a", "b").is_ok());
        for (name, value) in [
            ("Host", "evil"),
            ("content-length", "0"),
            ("Transfer-Encoding", "chunked"),
            ("authorization", "x"),
            ("a b", "c"),
            ("", "c"),
            ("x", "a\r\nb: c"),
        ] {
            assert!(of(name, value).is_err(), "{name}");
        }
    }

    #[test]
    fn headers_are_counted_and_so_are_the_bytes_of_their_names_and_values() {
        let bytes = |value: usize| {
            let header = ("x-a".to_owned(), "y".repeat(value));
            upload_headers(&BTreeMap::from([header])).is_ok()
        };
        assert!(bytes(8 * 1024 - 3));
        assert!(!bytes(8 * 1024 - 2));
        let headers = |count: usize| {
            let told = (0..count).map(|number| (format!("x-{number}"), String::new()));
            upload_headers(&told.collect()).is_ok()
        };
        assert!(headers(32));
        assert!(!headers(33));
    }

    #[test]
    fn the_client_sends_over_https_alone_and_central_is_not_looked_for_inside() {
        let ingest = (env::INGEST_URL, "https://localhost/eu");
        let client = client(&settings(&[ingest]).unwrap()).unwrap();
        let refused = |url: &str| {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = runtime.enable_all().build().unwrap();
            runtime.block_on(client.get(url).send()).unwrap_err()
        };
        // Port 1 answers nobody, so that a client that connects fails otherwise.
        assert!(refused("http://127.0.0.1:1/").is_builder());
        let inside = format!("{:?}", refused("https://localhost:1/"));
        assert!(inside.contains("no public address"), "{inside}");
    }
}
