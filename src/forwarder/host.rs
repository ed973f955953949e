//! Hosts of URLs: on this machine, inside a private network, or on the internet.

use std::net::IpAddr;

/// Whether a URL leads to this machine.
#[must_use]
pub fn is_loopback(url: &str) -> bool {
    address(url).is_some_and(|ip| ip.is_loopback())
        || host_of(url).is_ok_and(|host| host.split(':').next() == Some("localhost"))
}

/// Returns the host of a URL if it is an IP address and not a name.
fn address(url: &str) -> Option<IpAddr> {
    match url::Url::parse(url).ok()?.host()? {
        url::Host::Ipv4(ip) => Some(ip.into()),
        url::Host::Ipv6(ip) => Some(ip.into()),
        url::Host::Domain(_) => None,
    }
}

/// Whether an address is reachable on the internet: it is not in a private, local, shared or reserved range (IANA
/// special-purpose address registries).
pub(crate) fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            let shared = a == 100 && (64..128).contains(&b);
            let benchmarks = a == 198 && (18..20).contains(&b);
            let protocols = a == 192 && b == 0 && c == 0;
            !(ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_documentation()
                || shared
                || benchmarks
                || protocols
                || a == 0
                || a >= 224)
        }
        IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
            Some(ip) => is_public(IpAddr::V4(ip)),
            // Global unicast, except documentation and the ranges that embed other addresses (6to4, Teredo).
            None => {
                let [first, second, ..] = ip.segments();
                (0x2000..0x4000).contains(&first)
                    && first != 0x2002
                    && !(first == 0x2001 && (second == 0xdb8 || second == 0))
            }
        },
    }
}

/// Whether a URL's host is an IP address inside a private network. Names are checked when they are resolved.
#[must_use]
pub fn is_inside(url: &str) -> bool {
    address(url).is_some_and(|ip| !is_public(ip))
}

/// Returns `host` or `host:port` of a URL.
pub fn host_of(url: &str) -> Result<String, String> {
    let parsed = url::Url::parse(url).map_err(|_| "not a URL".to_owned())?;
    let host = parsed.host_str().ok_or_else(|| "no host".to_owned())?;
    Ok(match parsed.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

/// A host that is named as `host` or `host:port`, in the form that `host_of` gives those of URLs: in lower case, and without the
/// port of https. Nothing if it is none.
#[must_use]
pub fn host_named(text: &str) -> Option<String> {
    // As a part of a URL, nothing else than host and port is the same again.
    let host = host_of(&format!("https://{text}")).ok()?;
    let short = text.strip_suffix(":443").unwrap_or(text);
    host.eq_ignore_ascii_case(short).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_the_same_however_it_is_written() {
        for (text, url) in [
            ("UP.Example", "https://up.example/a"),
            ("a.example:443", "https://A.example"),
            ("a.example:8443", "https://a.example:8443/"),
            ("[::1]:443", "https://[::1]/"),
        ] {
            assert_eq!(host_named(text), host_of(url).ok(), "{text}");
        }
        for text in [
            "",
            "https://a.example",
            "a.example/b",
            "me@a.example",
            "a b",
            ":443",
        ] {
            assert_eq!(host_named(text), None, "{text}");
        }
    }

    #[test]
    fn addresses_inside_a_network_are_told_from_public_ones() {
        for inside in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fd00:ec2::254",
            "::ffff:169.254.169.254",
            "2002:a00:1::",
            "2001:db8::1",
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
        for public in [
            "52.95.110.1",
            "100.128.0.1",
            "2a05:d018::1",
            "::ffff:8.8.8.8",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }
}
