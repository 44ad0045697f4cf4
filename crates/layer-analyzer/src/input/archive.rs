//! Image archives, as `docker save` writes them: read once, from start to end.
//!
//! Engines before 25 write a folder per layer and the manifest near the end; newer ones write OCI
//! blobs and the same manifest beside them. So everything is read by content, kept under its
//! member's name, and put together when the archive has ended.

use std::collections::HashMap;
use std::io::BufRead;
use std::sync::Arc;

use common::report::sha256_hex;
use serde::de::DeserializeOwned;

use super::bytes::Stream;
use super::config::{Config, ManifestEntry};
use super::member::{Content, DOCUMENT_BYTES_MAX};
use super::tar::{Member, MemberKind, TarError, TarReader};
use crate::model::image::{HistoryEntry, Image, Layer};
use crate::model::path;

const MANIFEST: &str = "manifest.json";
const OCI_LAYOUT: &str = "oci-layout";

/// How many bytes of JSON are kept of an archive.
///
/// Chosen: the documents of a thousand images with SBOMs fit, and a runner's memory holds them.
const JSON_BYTES_MAX: usize = 256 << 20;

/// How many links may lead from a name to its content.
///
/// Chosen: Linux's own limit (`path_resolution(7)`).
const LINK_COUNT_MAX: usize = 40;

/// Why an image archive cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ArchiveError {
    #[error("{0}")]
    Tar(#[from] TarError),
    #[error("member `{member}` cannot be read")]
    Member {
        member: String,
        source: std::io::Error,
    },
    #[error("it holds no `{MANIFEST}`")]
    NoManifest,
    #[error("it is an OCI layout without `{MANIFEST}`, which is not supported yet")]
    OciOnly,
    #[error("`{MANIFEST}` names no image")]
    NoImage,
    #[error("`{member}` is not the JSON that it should be")]
    Json {
        member: String,
        source: serde_json::Error,
    },
    #[error("`{MANIFEST}` names `{member}`, but `{missing}` is not in the archive")]
    Missing { member: String, missing: String },
    #[error("`{MANIFEST}` names `{member}`, which is a link that leads nowhere")]
    LinkLoop { member: String },
    #[error("layer `{member}` is broken")]
    Layer {
        member: String,
        source: Arc<TarError>,
    },
    #[error("it is compressed with {compression}, which is not supported yet")]
    CompressedWhole { compression: &'static str },
    #[error("layer `{member}` is compressed with {compression}, which is not supported yet")]
    Compressed {
        member: String,
        compression: &'static str,
    },
    #[error("`{member}` is larger than {DOCUMENT_BYTES_MAX} bytes")]
    LargeDocument { member: String },
    #[error("it holds more than {JSON_BYTES_MAX} bytes of JSON")]
    MuchJson,
    #[error("`{member}` is named as {role}, but holds something else")]
    WrongContent { member: String, role: &'static str },
    #[error("`{config}` lists {diff_ids} layers, but `{MANIFEST}` names {layers}")]
    LayerCount {
        config: String,
        diff_ids: usize,
        layers: usize,
    },
    #[error("layer `{member}` has the digest `{found}`, but `{expected}` is expected")]
    Digest {
        member: String,
        expected: String,
        found: String,
    },
}

/// Reads all images of an archive, which get `name` as their name.
///
/// # Errors
///
/// The archive is cut off or malformed, or an image in it is not whole.
pub(crate) fn read_archive(reader: impl BufRead, name: &str) -> Result<Vec<Image>, ArchiveError> {
    let archive = Archive::read(reader)?;
    if !archive.contents.contains_key(MANIFEST.as_bytes()) {
        if let Some(offset) = archive.cut_at {
            return Err(TarError::Truncated { offset }.into());
        }
        let is_oci = archive.contents.contains_key(OCI_LAYOUT.as_bytes());
        return Err(if is_oci {
            ArchiveError::OciOnly
        } else {
            ArchiveError::NoManifest
        });
    }
    let manifest: Vec<ManifestEntry> = archive.json(MANIFEST)?;
    if manifest.is_empty() {
        return Err(ArchiveError::NoImage);
    }
    manifest
        .iter()
        .map(|entry| archive.image(entry, name))
        .collect()
}

/// The members of an archive, by their normal names.
#[derive(Debug, Default)]
struct Archive {
    contents: HashMap<Vec<u8>, Content>,
    /// What symbolic and hard links point to.
    links: HashMap<Vec<u8>, Vec<u8>>,
    /// Where it stops, when it has no end marker.
    cut_at: Option<u64>,
}

impl Archive {
    fn read(reader: impl BufRead) -> Result<Self, ArchiveError> {
        let mut tar = TarReader::new(Stream(reader));
        let mut archive = Self::default();
        let mut json_bytes = 0;
        while let Some(member) = tar.next_member()? {
            let name = path::normal(&member.path);
            match member.kind {
                MemberKind::File => {
                    let content =
                        Content::read(tar.body()).map_err(|source| ArchiveError::Member {
                            member: path::to_text(&name),
                            source,
                        })?;
                    if let Content::Json(json) = &content {
                        json_bytes += json.len();
                    }
                    if json_bytes > JSON_BYTES_MAX {
                        return Err(ArchiveError::MuchJson);
                    }
                    archive.contents.insert(name, content);
                }
                MemberKind::Symlink | MemberKind::HardLink => {
                    let target = link_target(&name, &member);
                    archive.links.insert(name, target);
                }
                MemberKind::Directory | MemberKind::Special(_) => {}
            }
        }
        archive.cut_at = tar.cut_at();
        Ok(archive)
    }

    fn image(&self, entry: &ManifestEntry, name: &str) -> Result<Image, ArchiveError> {
        let config: Config = self.json(&entry.config)?;
        let platform = config.platform();
        let (settings, created) = (config.config, config.created);
        let diff_ids = config.rootfs.diff_ids.unwrap_or_default();
        let layers = entry.layers.as_deref().unwrap_or_default();
        if diff_ids.len() != layers.len() {
            return Err(ArchiveError::LayerCount {
                config: entry.config.clone(),
                diff_ids: diff_ids.len(),
                layers: layers.len(),
            });
        }
        let layers = layers
            .iter()
            .zip(&diff_ids)
            .map(|(member, id)| self.layer(member, id));
        let history = config
            .history
            .unwrap_or_default()
            .into_iter()
            .map(|line| HistoryEntry {
                created_by: line.created_by,
                is_empty_layer: line.empty_layer,
            });
        let mut tags = entry.repo_tags.clone().unwrap_or_default();
        tags.sort();
        Ok(Image {
            name: name.to_owned(),
            id: sha256_hex(self.json_bytes(&entry.config)?),
            engine_id: None,
            tags,
            platform,
            settings,
            created,
            history: history.collect(),
            layers: layers.collect::<Result<_, _>>()?,
        })
    }

    fn layer(&self, member: &str, diff_id: &str) -> Result<Arc<Layer>, ArchiveError> {
        let named = || member.to_owned();
        let layer = match self.content(member)? {
            Content::Layer(Ok(layer)) => layer,
            Content::Layer(Err(error)) => {
                return Err(ArchiveError::Layer {
                    member: named(),
                    source: Arc::clone(error),
                });
            }
            Content::Compressed(compression) => {
                return Err(ArchiveError::Compressed {
                    member: named(),
                    compression,
                });
            }
            Content::Json(_) | Content::LargeDocument | Content::Unknown => {
                return Err(ArchiveError::WrongContent {
                    member: named(),
                    role: "a layer",
                });
            }
        };
        if layer.diff_id != diff_id {
            let (expected, found) = (diff_id.to_owned(), layer.diff_id.clone());
            return Err(ArchiveError::Digest {
                member: named(),
                expected,
                found,
            });
        }
        Ok(Arc::clone(layer))
    }

    fn json<T: DeserializeOwned>(&self, member: &str) -> Result<T, ArchiveError> {
        serde_json::from_slice(self.json_bytes(member)?).map_err(|source| ArchiveError::Json {
            member: member.to_owned(),
            source,
        })
    }

    fn json_bytes(&self, member: &str) -> Result<&[u8], ArchiveError> {
        match self.content(member)? {
            Content::Json(bytes) => Ok(bytes),
            Content::LargeDocument => Err(ArchiveError::LargeDocument {
                member: member.to_owned(),
            }),
            _ => Err(ArchiveError::WrongContent {
                member: member.to_owned(),
                role: "JSON",
            }),
        }
    }

    /// What a name of the manifest stands for, through links: Engines before 25 save a layer that
    /// an image has twice as a symbolic link to the first. Source: moby#24003.
    fn content(&self, member: &str) -> Result<&Content, ArchiveError> {
        let mut name = path::normal(member.as_bytes());
        for _ in 0..LINK_COUNT_MAX {
            if let Some(content) = self.contents.get(&name) {
                return Ok(content);
            }
            let Some(target) = self.links.get(&name) else {
                let missing = path::to_text(&name);
                return Err(ArchiveError::Missing {
                    member: member.to_owned(),
                    missing,
                });
            };
            name.clone_from(target);
        }
        Err(ArchiveError::LinkLoop {
            member: member.to_owned(),
        })
    }
}

/// The normal name that a link leads to: symbolic links start at their own folder.
fn link_target(name: &[u8], member: &Member) -> Vec<u8> {
    let is_relative = member.kind == MemberKind::Symlink && !member.link.starts_with(b"/");
    let folder = if is_relative {
        path::split_last(name).0
    } else {
        b""
    };
    path::normal(&path::join(folder, &member.link))
}

#[cfg(test)]
mod tests;
