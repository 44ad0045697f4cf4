//! The JSON documents of an image archive, as far as they are of use.
//!
//! Source: docker-image-spec "Combined Image JSON", image-spec config.md.

use serde::Deserialize;

use super::platform::Platform;

/// One image in `manifest.json`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ManifestEntry {
    pub(crate) config: String,
    pub(crate) repo_tags: Option<Vec<String>>,
    pub(crate) layers: Option<Vec<String>>,
}

/// An image's configuration.
#[derive(Debug, Deserialize)]
pub(crate) struct Config {
    #[serde(default)]
    pub(crate) os: String,
    #[serde(default)]
    pub(crate) architecture: String,
    #[serde(default)]
    pub(crate) variant: String,
    pub(crate) created: Option<String>,
    /// How a container runs.
    #[serde(default, rename = "config")]
    pub(crate) settings: serde_json::Value,
    pub(crate) rootfs: RootFs,
    pub(crate) history: Option<Vec<History>>,
}

/// The layers of an image.
#[derive(Debug, Deserialize)]
pub(crate) struct RootFs {
    pub(crate) diff_ids: Option<Vec<String>>,
}

/// One line of an image's history.
#[derive(Debug, Deserialize)]
pub(crate) struct History {
    #[serde(default)]
    pub(crate) created_by: String,
    #[serde(default)]
    pub(crate) empty_layer: bool,
}

impl Config {
    /// The platform with the one name that each of its parts has, to compare it.
    pub(crate) fn known_platform(&self) -> Option<Platform> {
        Platform::known(&self.os, &self.architecture, &self.variant)
    }

    /// The platform, such as `linux/arm64/v8`. `None` when the configuration does not say.
    pub(crate) fn platform(&self) -> Option<String> {
        let parts = [&self.os, &self.architecture, &self.variant];
        let is_known = !self.os.is_empty() && !self.architecture.is_empty();
        let known: Vec<&str> = parts
            .into_iter()
            .map(String::as_str)
            .filter(|part| !part.is_empty())
            .collect();
        is_known.then(|| known.join("/"))
    }
}
