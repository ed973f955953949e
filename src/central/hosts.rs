//! Where log files go: hosts that Central names. They must be in the API host's own registrable domain, or the user must name
//! them.

use sophos_ct_forwarder::host::{host_named, host_of, is_loopback};

use super::model::Endpoints;
use crate::ui::{Code, Failure, Result, t};

impl Endpoints {
    /// Returns all hosts, each once and in lower case, the ingest host first.
    #[must_use]
    pub(crate) fn hosts(&self) -> Vec<String> {
        let ingest = host_of(&self.ingest_url).unwrap_or_default();
        let mut hosts = vec![ingest];
        for host in &self.upload_hosts {
            let host = host_named(host).unwrap_or_else(|| host.clone());
            if !hosts.contains(&host) {
                hosts.push(host);
            }
        }
        hosts
    }

    /// Refuses hosts outside the API host's own domain that the user has not named (`--ingest-host`), and an ingest URL that is
    /// not https.
    pub(crate) fn must_be_trusted(&self, api_host: &str, named: &[String]) -> Result<()> {
        let local = is_loopback(api_host) && is_loopback(&self.ingest_url);
        if !local && !self.ingest_url.starts_with("https://") {
            let complaint = t!("ingest-insecure", url = self.ingest_url);
            return Err(Failure::new(Code::Conflict, complaint));
        }
        let foreign: Vec<String> = self
            .hosts()
            .into_iter()
            .filter(|host| !named.contains(host) && !is_related(api_host, host))
            .collect();
        if foreign.is_empty() {
            return Ok(());
        }
        let flags: Vec<String> = foreign
            .iter()
            .map(|host| format!("--ingest-host {}", crate::ui::shell::quoted(host)))
            .collect();
        let complaint = t!("ingest-foreign", hosts = foreign.join(", "), api = api_host);
        Err(Failure::new(Code::WrongTarget, complaint)
            .hinted(t!("ingest-foreign-hint", flags = flags.join(" "))))
    }
}

/// Refuses an API host outside the domain of the global host, which names it to whoever redeems an invitation.
pub(super) fn must_be_near(global: &str, api_host: &str) -> Result<()> {
    let host = host_of(api_host).unwrap_or_default();
    if is_related(global, &host) {
        return Ok(());
    }
    let foreign = t!("invitation-foreign", host = api_host, global = global);
    Err(Failure::new(Code::WrongTarget, foreign))
}

/// Whether a host (`host` or `host:port`) has the registrable domain of the API host (public suffix list). An IP address must
/// be that of the API host, or both must be on this machine.
fn is_related(api_host: &str, host: &str) -> bool {
    let url = format!("https://{host}");
    if is_loopback(&url) {
        return is_loopback(api_host);
    }
    let domain = |url: &str| {
        let parsed = url::Url::parse(url).ok()?;
        let name = parsed.domain()?.to_ascii_lowercase();
        let found = psl::domain(name.as_bytes())?;
        // A suffix that is not on the list does not show who owns the names below it.
        let known = found.suffix().is_known();
        known.then(|| String::from_utf8_lossy(found.as_bytes()).into_owned())
    };
    let same = host_of(api_host).is_ok_and(|api| api == host);
    same || domain(&url).is_some_and(|of| domain(api_host) == Some(of))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_related_by_their_registrable_domain_alone() {
        let api = "https://api-eu01.central.sophos.com";
        for (host, related) in [
            ("ingest.eu01.sophos.com", true),
            ("UPLOAD.sophos.com:8443", true),
            ("sophos.com.example.org", false),
            ("sophos.com", true),
            ("evilsophos.com", false),
            ("sophos.co", false),
            ("logs.s3.amazonaws.com", false),
            ("127.0.0.1:1", false),
            ("10.0.0.1", false),
            ("", false),
        ] {
            assert_eq!(is_related(api, host), related, "{host}");
        }
        assert!(
            !is_related("https://a.co.uk", "b.co.uk"),
            "a public suffix is nobody's"
        );
        assert!(is_related("http://127.0.0.1:1", "127.0.0.1:2"));
    }

    #[test]
    fn an_invitation_leads_to_no_host_outside_the_domain_of_the_global_host() {
        let global = "https://api.central.sophos.com";
        must_be_near(global, "https://api-eu01.central.sophos.com").unwrap();
        let outside = must_be_near(global, "https://api-eu01.sophos.example").unwrap_err();
        assert_eq!(outside.code, Code::WrongTarget);
        assert!(must_be_near(global, "http://127.0.0.1:4567").is_err());
        must_be_near("http://127.0.0.1:4566", "http://127.0.0.1:4567").unwrap();
    }

    #[test]
    fn a_host_outside_is_trusted_only_where_it_was_named() {
        let of = |ingest: &str, upload: &str| Endpoints {
            ingest_url: ingest.to_owned(),
            upload_hosts: vec![upload.to_owned()],
        };
        let api = "https://api-eu01.central.sophos.com";
        let inside = of("https://ingest.sophos.com/v1", "upload.sophos.com");
        inside.must_be_trusted(api, &[]).unwrap();
        let outside = of("https://ingest.sophos.com", "logs.s3.amazonaws.com");
        let refused = outside.must_be_trusted(api, &[]).unwrap_err();
        assert!(refused.hints[0].contains("--ingest-host logs.s3.amazonaws.com"));
        let named = ["logs.s3.amazonaws.com".to_owned()];
        outside.must_be_trusted(api, &named).unwrap();
        let other_case = of("https://INGEST.sophos.com", "Logs.S3.amazonaws.com:443");
        other_case.must_be_trusted(api, &named).unwrap();
        let plain = of("http://ingest.sophos.com", "upload.sophos.com");
        assert!(plain.must_be_trusted(api, &[]).is_err());
    }
}
