//! Descriptors, indexes and manifests of OCI images, and which of them are images at all.
//!
//! Source: image-spec descriptor.md, image-index.md, manifest.md; BuildKit
//! `docs/attestations/attestation-storage.md`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::platform::Platform;

const CONFIGS: [&str; 3] = [
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.docker.container.image.v1+json",
    // What Docker 1.10 wrote.
    "application/octet-stream",
];
const MANIFESTS: [&str; 2] = [
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
];
const INDEXES: [&str; 2] = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
];
const ATTESTATION_LAYER: &str = "application/vnd.in-toto+json";

/// Set on descriptors of what says something of an image; source: BuildKit.
const REFERENCE_TYPE: &str = "vnd.docker.reference.type";
/// The name of an image, or the part after its colon.
const REF_NAME: &str = "org.opencontainers.image.ref.name";
/// The whole name of an image.
const IMAGE_NAME: &str = "io.containerd.image.name";

/// What one document says of another blob.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Descriptor {
    pub(crate) digest: String,
    media_type: Option<String>,
    artifact_type: Option<String>,
    platform: Option<Platform>,
    annotations: Option<BTreeMap<String, String>>,
}

/// An index or a manifest: which one, its media type or its fields tell.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Document {
    artifact_type: Option<String>,
    pub(crate) config: Option<Descriptor>,
    pub(crate) layers: Option<Vec<Descriptor>>,
    pub(crate) manifests: Option<Vec<Descriptor>>,
}

/// What a descriptor leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Index,
    Manifest,
    /// Its document has to tell.
    Unsaid,
    /// Something that is no image, such as an attestation.
    Other,
}

impl Descriptor {
    /// A descriptor of which nothing is known but the digest.
    pub(crate) fn of(digest: &str) -> Self {
        Self {
            digest: digest.to_owned(),
            ..Self::default()
        }
    }

    /// What it leads to. That a media type is not known is no error.
    pub(crate) fn role(&self) -> Role {
        let is_about_another = self.annotation(REFERENCE_TYPE).is_some();
        let is_artifact = is_other_config(self.artifact_type.as_deref());
        let is_nowhere = self.platform.as_ref().is_some_and(Platform::is_unknown);
        if is_about_another || is_artifact || is_nowhere {
            return Role::Other;
        }
        match self.media_type.as_deref() {
            None | Some("") => Role::Unsaid,
            Some(name) if INDEXES.contains(&name) => Role::Index,
            Some(name) if MANIFESTS.contains(&name) => Role::Manifest,
            Some(_) => Role::Other,
        }
    }

    /// What it is called where it is left out.
    pub(crate) fn kind(&self) -> &str {
        match self.annotation(REFERENCE_TYPE) {
            Some(kind) => kind,
            None => self
                .artifact_type
                .as_deref()
                .or(self.media_type.as_deref())
                .unwrap_or("unknown"),
        }
    }

    /// The platform, if it says one.
    pub(crate) fn platform(&self) -> Option<Platform> {
        self.platform.as_ref()?.normal()
    }

    /// The name that it gives to an image, as Docker writes it.
    pub(crate) fn tag(&self) -> Option<String> {
        let name = self
            .annotation(IMAGE_NAME)
            .or_else(|| self.annotation(REF_NAME))?;
        Some(familiar(name).to_owned())
    }

    /// Whether it is called so.
    pub(crate) fn is_called(&self, reference: &str) -> bool {
        [IMAGE_NAME, REF_NAME].into_iter().any(|key| {
            self.annotation(key)
                .is_some_and(|name| name == reference || familiar(name) == familiar(reference))
        })
    }

    fn annotation(&self, key: &str) -> Option<&str> {
        self.annotations.as_ref()?.get(key).map(String::as_str)
    }
}

impl Document {
    /// Whether a manifest is an image's, and not an attestation or another artifact.
    pub(crate) fn is_image(&self) -> bool {
        let Some(config) = &self.config else {
            return false;
        };
        !is_other_config(self.artifact_type.as_deref())
            && !is_other_config(config.media_type.as_deref())
            && !self.is_attestation()
    }

    /// Whether all of its layers are statements on an image: BuildKit's older attestations have the
    /// configuration of an image.
    fn is_attestation(&self) -> bool {
        let mut layers = self.layers.iter().flatten().peekable();
        layers.peek().is_some()
            && layers.all(|layer| layer.media_type.as_deref() == Some(ATTESTATION_LAYER))
    }

    /// What it is called where it is left out.
    pub(crate) fn kind(&self) -> &str {
        if self.is_attestation() {
            return ATTESTATION_LAYER;
        }
        let config = self.config.as_ref();
        let config = config.and_then(|config| config.media_type.as_deref());
        self.artifact_type
            .as_deref()
            .or(config)
            .unwrap_or("unknown")
    }
}

/// Whether a media type is one of another thing than an image's configuration.
fn is_other_config(media_type: Option<&str>) -> bool {
    media_type.is_some_and(|name| !name.is_empty() && !CONFIGS.contains(&name))
}

/// A name without what Docker leaves out. Source: distribution/reference `FamiliarString`.
pub(crate) fn familiar(name: &str) -> &str {
    let name = name.strip_prefix("docker.io/").unwrap_or(name);
    name.strip_prefix("library/").unwrap_or(name)
}
