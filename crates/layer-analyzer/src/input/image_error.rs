//! Why no whole image can be made of what a source holds.

use super::blobs::BlobError;
use super::limits::LimitError;

/// Why an image is not whole, or cannot be told from others.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ImageError {
    #[error(transparent)]
    Blob(#[from] BlobError),
    #[error(transparent)]
    Limit(#[from] LimitError),
    #[error("`{name}` is not the JSON that it should be")]
    Json {
        name: String,
        source: serde_json::Error,
    },
    #[error("it holds neither `manifest.json` nor `index.json`")]
    NoDocument,
    #[error("`{name}` names no image")]
    NoImage { name: String },
    #[error("`{name}` names no image, but {others}")]
    OnlyOthers { name: String, others: String },
    #[error("no image is called `{reference}`")]
    NoReference {
        reference: String,
        names: Vec<String>,
    },
    #[error("no image is for {wanted}")]
    NoPlatform { wanted: String, found: Vec<String> },
    #[error("the image is there for several platforms, but not for this machine's, {host}")]
    ManyPlatforms { host: String, found: Vec<String> },
    #[error("digest `{digest}` is no SHA-256 of 64 hexadecimal digits, which alone is read")]
    Unread { digest: String },
    #[error("`{name}` has the digest `{found}`, but `{expected}` is expected")]
    Digest {
        name: String,
        expected: String,
        found: String,
    },
    #[error("`{config}` lists {diff_ids} layers, but `{manifest}` names {layers}")]
    LayerCount {
        config: String,
        manifest: String,
        diff_ids: usize,
        layers: usize,
    },
}

impl ImageError {
    /// What may help.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::NoReference { names, .. } if names.is_empty() => {
                Some("no image there has a name".to_owned())
            }
            Self::NoReference { names, .. } => Some(format!("there is {}", listed(names))),
            Self::NoPlatform { found, .. } => Some(format!("it is there for {}", listed(found))),
            Self::ManyPlatforms { found, .. } => {
                Some(format!("choose one with `--platform`: {}", listed(found)))
            }
            Self::NoDocument => Some(
                "`docker save` writes images; `docker export` writes the files of a container"
                    .to_owned(),
            ),
            _ => None,
        }
    }
}

fn listed(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}
