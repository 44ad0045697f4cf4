//! The JSON documents of an image archive, as far as they are of use.
//!
//! Source: docker-image-spec "Combined Image JSON", image-spec config.md.

use serde::Deserialize;

/// One image in `manifest.json`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ManifestEntry {
    pub(super) config: String,
    pub(super) repo_tags: Option<Vec<String>>,
    pub(super) layers: Option<Vec<String>>,
}

/// An image's configuration.
#[derive(Debug, Deserialize)]
pub(super) struct Config {
    #[serde(default)]
    pub(super) os: String,
    #[serde(default)]
    pub(super) architecture: String,
    #[serde(default)]
    pub(super) variant: String,
    pub(super) created: Option<String>,
    /// How a container runs.
    #[serde(default)]
    pub(super) config: serde_json::Value,
    pub(super) rootfs: RootFs,
    pub(super) history: Option<Vec<History>>,
}

/// The layers of an image.
#[derive(Debug, Deserialize)]
pub(super) struct RootFs {
    pub(super) diff_ids: Option<Vec<String>>,
}

/// One line of an image's history.
#[derive(Debug, Deserialize)]
pub(super) struct History {
    #[serde(default)]
    pub(super) created_by: String,
    #[serde(default)]
    pub(super) empty_layer: bool,
}

impl Config {
    /// The platform, such as `linux/arm64/v8`. `None` when the configuration does not say.
    pub(super) fn platform(&self) -> Option<String> {
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
