//! Platforms, as Docker writes them: `linux/arm64/v8`.

use std::fmt;

use serde::Deserialize;

/// What an image runs on.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(crate) struct Platform {
    #[serde(default)]
    os: String,
    #[serde(default)]
    architecture: String,
    #[serde(default)]
    variant: String,
}

impl Platform {
    /// A platform with the one name that each of its parts has. `None` when its system or
    /// architecture is not known, as for attestations.
    ///
    /// Source: containerd/platforms `database.go`.
    pub(crate) fn known(os: &str, architecture: &str, variant: &str) -> Option<Self> {
        if [os, architecture]
            .iter()
            .any(|part| part.is_empty() || *part == "unknown")
        {
            return None;
        }
        let architecture = architecture.to_ascii_lowercase();
        let (architecture, variant) = match (architecture.as_str(), variant) {
            ("aarch64" | "arm64", "" | "8" | "v8") => ("arm64", ""),
            ("aarch64", variant) => ("arm64", variant),
            ("x86_64" | "x86-64" | "amd64", "" | "v1") => ("amd64", ""),
            ("x86_64" | "x86-64", variant) => ("amd64", variant),
            ("i386" | "i486" | "i586" | "i686", _) => ("386", ""),
            ("armhf", _) | ("arm", "" | "7") => ("arm", "v7"),
            ("armel", _) | ("arm", "6") => ("arm", "v6"),
            (architecture, variant) => (architecture, variant),
        };
        Some(Self {
            os: os.to_ascii_lowercase(),
            architecture: architecture.to_owned(),
            variant: variant.to_owned(),
        })
    }

    /// Reads `os/architecture` or `os/architecture/variant`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('/');
        let (os, architecture) = (parts.next()?, parts.next()?);
        let variant = parts.next().unwrap_or_default();
        let is_word = |text: &str| {
            text.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        };
        let is_whole =
            parts.next().is_none() && !text.ends_with('/') && text.split('/').all(is_word);
        is_whole.then(|| Self::known(os, architecture, variant))?
    }

    /// The platform of containers on this machine.
    pub(crate) fn host() -> Self {
        Self::known("linux", std::env::consts::ARCH, "").unwrap_or_default()
    }

    /// Whether it says that it is for no platform, as attestations do.
    pub(crate) fn is_unknown(&self) -> bool {
        self.os == "unknown" && self.architecture == "unknown"
    }

    /// The same with the one name of each part. `None` when it is not known.
    pub(crate) fn normal(&self) -> Option<Self> {
        Self::known(&self.os, &self.architecture, &self.variant)
    }

    /// Whether an image for this platform is one for `wanted`, which may leave the variant open.
    pub(crate) fn is_for(&self, wanted: &Self) -> bool {
        self == wanted
            || wanted.variant.is_empty()
                && (&self.os, &self.architecture) == (&wanted.os, &wanted.architecture)
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        if !self.variant.is_empty() {
            write!(f, "/{}", self.variant)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_platform_has_one_name() {
        for (text, expected) in [
            ("linux/amd64", "linux/amd64"),
            ("linux/x86_64", "linux/amd64"),
            ("linux/aarch64", "linux/arm64"),
            ("linux/arm64/v8", "linux/arm64"),
            ("linux/arm", "linux/arm/v7"),
            ("Linux/arm/v6", "linux/arm/v6"),
        ] {
            assert_eq!(Platform::parse(text).unwrap().to_string(), expected);
        }
        for text in [
            "",
            "linux",
            "linux/",
            "linux/amd64/v2/x",
            "unknown/unknown",
            "a b/c",
        ] {
            assert_eq!(Platform::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_platform_or_none(text: String) {
            let _ = Platform::parse(&text);
        }
    }

    #[test]
    fn a_variant_can_be_left_open() {
        let of = |text| Platform::parse(text).unwrap();
        assert!(of("linux/amd64/v3").is_for(&of("linux/amd64")));
        assert!(!of("linux/amd64").is_for(&of("linux/amd64/v3")));
        assert!(!of("linux/arm/v6").is_for(&of("linux/arm")));
    }
}
