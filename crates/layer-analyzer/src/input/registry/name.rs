//! What `host[:port]/name[:tag|@digest]` names, and how its registry is spoken to.

use std::net::IpAddr;

use oci_client::Reference;

use super::RegistryError;

/// Reads the name of an image in a registry.
///
/// Source: <https://pkg.go.dev/github.com/distribution/reference>; a name without a host is one of
/// Docker Hub, one without a tag or digest has the tag `latest`.
///
/// # Errors
///
/// It is no such name.
pub(super) fn reference(name: &str) -> Result<Reference, RegistryError> {
    let parse = |text: &str| -> Result<Reference, RegistryError> {
        text.parse().map_err(|source| RegistryError::Name {
            name: without_login(name).to_owned(),
            source,
        })
    };
    // The parser knows no IPv6 addresses, so it gets another host to look at.
    match name.split_once('/') {
        Some((host, rest)) if is_ipv6(host) => {
            let image = parse(&format!("localhost/{rest}"))?;
            let (host, repository) = (host.to_owned(), image.repository().to_owned());
            Ok(match (image.tag(), image.digest()) {
                (_, Some(digest)) => Reference::with_digest(host, repository, digest.to_owned()),
                (tag, None) => {
                    Reference::with_tag(host, repository, tag.unwrap_or("latest").to_owned())
                }
            })
        }
        _ => parse(name),
    }
}

/// Whether a registry is on this machine, where Docker speaks plain HTTP.
/// Source: <https://docs.docker.com/reference/cli/dockerd/#insecure-registries>
pub(super) fn is_loopback(host: &str) -> bool {
    let address = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None => host.split(':').next(),
    };
    let address = address.unwrap_or_default();
    address == "localhost" || address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// A name without what can be a login in front of its host, as URLs have.
fn without_login(name: &str) -> &str {
    let host = name.split_once("://").map_or(name, |(_, rest)| rest);
    let first = host.split('/').next().unwrap_or_default();
    match first.rsplit_once('@') {
        Some((login, _)) if !first.contains("@sha256:") => &host[login.len() + 1..],
        _ => name,
    }
}

/// Whether a host is an IPv6 address in brackets, perhaps with a port.
fn is_ipv6(host: &str) -> bool {
    let Some((address, port)) = host.strip_prefix('[').and_then(|rest| rest.split_once(']')) else {
        return false;
    };
    let is_port = |text: &str| text.parse::<u16>().is_ok();
    let is_end = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
    is_end && matches!(address.parse(), Ok(IpAddr::V6(_)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_a_host_a_repository_and_a_tag_or_digest() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        let with_digest = format!("[::1]:5000/a/b@{digest}");
        let cases = [
            (
                "r.example:5000/a/b:1",
                "r.example:5000",
                "a/b",
                Some("1"),
                None,
            ),
            ("ghcr.io/a", "ghcr.io", "a", Some("latest"), None),
            ("debian:12", "docker.io", "library/debian", Some("12"), None),
            ("[::1]:5000/a:2", "[::1]:5000", "a", Some("2"), None),
            (
                &with_digest,
                "[::1]:5000",
                "a/b",
                None,
                Some(digest.as_str()),
            ),
        ];
        for (name, host, repository, tag, digest) in cases {
            let found = reference(name).unwrap();
            assert_eq!((found.registry(), found.repository()), (host, repository));
            assert_eq!((found.tag(), found.digest()), (tag, digest), "{name}");
        }
        for name in [
            "",
            "https://r.example/a",
            "r.example/A",
            "r.example/a:",
            "[x]/a",
            "[::1/a",
        ] {
            assert!(reference(name).is_err(), "{name}");
        }
    }

    #[test]
    fn this_machine_has_many_names() {
        for host in [
            "localhost",
            "localhost:5000",
            "127.0.0.1:5000",
            "127.9.9.9",
            "[::1]:5000",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "localhost.example",
            "10.0.0.1:5000",
            "[::2]:5000",
            "127.example",
            "",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }

    #[test]
    fn an_error_does_not_repeat_a_login() {
        for name in ["https://ci:hunter22@r.example/a", "ci:hunter22@r.example/a"] {
            let error = reference(name).unwrap_err().to_string();
            assert_eq!(error, "`r.example/a` does not name an image of a registry");
        }
        let error = reference("a@sha256:0a").unwrap_err().to_string();
        assert!(error.starts_with("`a@sha256:0a`"));
    }

    proptest! {
        #[test]
        fn any_text_is_a_name_or_an_error(text in r"[a-z\[\]:/@.0-9]{0,30}|.{0,20}") {
            let _ = reference(&text);
            let _ = is_loopback(&text);
        }
    }
}
