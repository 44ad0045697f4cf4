//! Names of images, and what a name means to a target.

use super::plan::{NamedContext, Target};

/// An image's name with what docker fills in: `debian` is `docker.io/library/debian:latest`.
///
/// Source: <https://github.com/distribution/reference>
pub(crate) fn full_name(image: &str) -> String {
    let (host, path) = match image.split_once('/') {
        Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => (host, path),
        _ => ("docker.io", image),
    };
    let library = if host == "docker.io" && !path.contains('/') {
        "library/"
    } else {
        ""
    };
    let has_tag = path
        .rsplit('/')
        .next()
        .is_some_and(|last| last.contains([':', '@']));
    let tag = if has_tag { "" } else { ":latest" };
    format!("{host}/{library}{path}{tag}")
}

impl Target {
    /// The named context that a name in `FROM` or `--from` means, with its own name.
    ///
    /// Names are compared as docker completes them, so that `alpine` also stands for
    /// `docker.io/library/alpine:latest`. Source: `namedContext` in frontend/dockerui/config.go of
    /// github.com/moby/buildkit.
    pub(crate) fn named_context(&self, reference: &str) -> Option<(&String, &NamedContext)> {
        let full = |name: &str| full_name(&name.to_ascii_lowercase());
        let asked = full(reference);
        self.named_contexts
            .iter()
            .find(|(name, _)| full(name) == asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_as_docker_completes_them() {
        let cases = [
            ("debian", "docker.io/library/debian:latest"),
            ("debian:12", "docker.io/library/debian:12"),
            ("acme/app", "docker.io/acme/app:latest"),
            ("docker.io/debian", "docker.io/library/debian:latest"),
            ("localhost:5000/app", "localhost:5000/app:latest"),
            ("r.example/app@sha256:00", "r.example/app@sha256:00"),
        ];
        for (image, full) in cases {
            assert_eq!(full_name(image), full);
        }
    }

    #[test]
    fn a_named_context_is_found_in_all_spellings_of_its_name() {
        let context = NamedContext::Image("debian:12".to_owned());
        let target = Target {
            named_contexts: [("Alpine".to_owned(), context)].into(),
            ..Target::default()
        };
        for name in ["alpine", "ALPINE:latest", "docker.io/library/alpine"] {
            assert!(target.named_context(name).is_some(), "{name}");
        }
        assert!(target.named_context("alpine:3").is_none());
    }
}
