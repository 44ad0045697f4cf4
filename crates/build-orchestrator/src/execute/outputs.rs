//! What becomes of a target's result: an image in the Engine, files, or only what the cache keeps.

use common::engine::Engine;
use futures_util::StreamExt;
use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::session::Receiver;
use super::whole_file::WholeFile;
use crate::model::outcome::{Exported, TargetError, TargetErrorKind};
use crate::model::plan::{Attributes, Target};

/// The exporter that puts an image into the Engine's own store.
const IMAGE_EXPORTER: &str = "moby";

/// One thing that becomes of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Output {
    /// An image in the Engine.
    Image,
    /// The image in the Engine, and an archive of it that `docker load` reads.
    Saved(PathBuf),
    /// A folder with the files of the result.
    Folder(PathBuf),
    /// An archive with the files of the result.
    Archive(PathBuf),
    /// Nothing but what the cache keeps.
    Cache,
}

/// What a target's result becomes, an image if it does not say.
///
/// # Errors
///
/// An output lacks its destination, or is of a kind that no Engine has.
pub(super) fn outputs(target: &Target) -> Result<Vec<Output>, TargetError> {
    if target.outputs.is_empty() {
        return Ok(vec![Output::Image]);
    }
    let mut outputs = Vec::new();
    for output in target.outputs.iter().map(output) {
        let output = output?;
        if !outputs.contains(&output) {
            outputs.push(output);
        }
    }
    Ok(outputs)
}

/// The names that an image gets: the target's tags, and those of its outputs.
pub(super) fn names(target: &Target) -> Vec<String> {
    let of_outputs = target.outputs.iter().filter_map(|output| {
        let is_image = ["image", "registry", "docker"].contains(&output.kind.as_str());
        output.values.get("name").filter(|_| is_image)
    });
    let mut names = target.tags.clone();
    names.extend(of_outputs.flat_map(|names| names.split(',').map(str::to_owned)));
    names
}

fn output(attributes: &Attributes) -> Result<Output, TargetError> {
    let destination = || destination(attributes);
    match attributes.kind.as_str() {
        "image" | "registry" => Ok(Output::Image),
        "docker" if !attributes.values.contains_key("dest") => Ok(Output::Image),
        "docker" => Ok(Output::Saved(destination()?)),
        "local" => Ok(Output::Folder(destination()?)),
        "tar" => Ok(Output::Archive(destination()?)),
        "cacheonly" => Ok(Output::Cache),
        kind => Err(TargetError {
            kind: TargetErrorKind::Unsupported,
            message: format!(
                "the BuildKit of a Docker Engine has no output `type={kind}`; a BuildKit of its own and Engines with the containerd image store may"
            ),
        }),
    }
}

fn destination(attributes: &Attributes) -> Result<PathBuf, TargetError> {
    let kind = &attributes.kind;
    match attributes.values.get("dest").map(String::as_str) {
        None | Some("") => Err(wrong(format!(
            "the output `type={kind}` needs a destination: `type={kind},dest=PATH`"
        ))),
        Some("-") => Err(wrong(format!(
            "the output `type={kind},dest=-` would write to standard output, which belongs to the report: name a file"
        ))),
        Some(path) => Ok(path.into()),
    }
}

impl Output {
    /// The exporter and its options; no exporter when nothing is written.
    pub(super) fn exporter(&self, names: &[String]) -> (&'static str, HashMap<String, String>) {
        let none = HashMap::new();
        match self {
            Self::Image | Self::Saved(_) if names.is_empty() => (IMAGE_EXPORTER, none),
            Self::Image | Self::Saved(_) => {
                let name = ("name".to_owned(), names.join(","));
                (IMAGE_EXPORTER, HashMap::from([name]))
            }
            Self::Folder(_) => ("local", none),
            Self::Archive(_) => ("tar", none),
            Self::Cache => ("", none),
        }
    }

    /// What takes the result that BuildKit sends.
    pub(super) fn receiver(&self) -> Option<Receiver> {
        match self {
            Self::Folder(path) => Some(Receiver::Folder(path.clone())),
            Self::Archive(path) => Some(Receiver::Archive(path.clone())),
            Self::Image | Self::Saved(_) | Self::Cache => None,
        }
    }

    /// Whether it makes an image in the Engine.
    pub(super) fn is_image(&self) -> bool {
        matches!(self, Self::Image | Self::Saved(_))
    }

    /// What was written, once it is.
    ///
    /// # Errors
    ///
    /// It cannot be read.
    pub(super) fn exported(&self) -> Result<Option<Exported>, TargetError> {
        let (kind, path) = match self {
            Self::Folder(path) => ("local", path),
            Self::Archive(path) => ("tar", path),
            Self::Saved(path) => ("docker", path),
            Self::Image | Self::Cache => return Ok(None),
        };
        let size_bytes = size_bytes(path).map_err(|error| wrong(error.to_string()))?;
        Ok(Some(Exported {
            kind: kind.to_owned(),
            path: path.clone(),
            size_bytes,
        }))
    }
}

fn size_bytes(path: &Path) -> std::io::Result<u64> {
    let metadata = fs_err::symlink_metadata(path)?;
    if !metadata.is_dir() {
        return Ok(metadata.len());
    }
    let mut sum = 0;
    for entry in fs_err::read_dir(path)? {
        sum += size_bytes(&entry?.path())?;
    }
    Ok(sum)
}

/// Writes an image of the Engine into an archive, under its names if it has some.
pub(super) async fn save(
    engine: &Engine,
    image_id: &str,
    names: &[String],
    path: &Path,
) -> Result<(), TargetError> {
    let asked: Vec<&str> = match names {
        [] => vec![image_id],
        names => names.iter().map(String::as_str).collect(),
    };
    let mut file = WholeFile::create(path).map_err(|error| wrong(error.to_string()))?;
    let mut chunks = std::pin::pin!(engine.api.export_images(&asked));
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| TargetError {
            kind: TargetErrorKind::Unavailable,
            message: format!("failed to read the image `{image_id}` from the Engine: {error}"),
        })?;
        file.write_all(&chunk)
            .map_err(|error| wrong(error.to_string()))?;
    }
    file.finish().map_err(|error| wrong(error.to_string()))
}

fn wrong(message: String) -> TargetError {
    TargetError {
        kind: TargetErrorKind::Build,
        message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(outputs: &[(&str, &str)]) -> Target {
        let outputs = outputs.iter().map(|(kind, dest)| Attributes {
            kind: (*kind).to_owned(),
            values: match *dest {
                "" => [].into(),
                dest => [("dest".to_owned(), dest.to_owned())].into(),
            },
        });
        Target {
            outputs: outputs.collect(),
            ..Target::sample("app", "FROM scratch\n")
        }
    }

    #[test]
    fn the_kinds_of_outputs_are_told_apart() {
        assert_eq!(outputs(&target(&[])).unwrap(), [Output::Image]);
        let given = [
            ("registry", ""),
            ("image", ""),
            ("docker", ""),
            ("docker", "a.tar"),
            ("local", "out"),
            ("tar", "b.tar"),
            ("cacheonly", ""),
        ];
        let expected = [
            Output::Image,
            Output::Saved("a.tar".into()),
            Output::Folder("out".into()),
            Output::Archive("b.tar".into()),
            Output::Cache,
        ];
        assert_eq!(outputs(&target(&given)).unwrap(), expected);
    }

    #[test]
    fn an_output_that_has_no_place_is_refused() {
        let error = |output| outputs(&target(&[output])).unwrap_err();
        let message = error(("local", "")).message;
        assert_eq!(
            message,
            "the output `type=local` needs a destination: `type=local,dest=PATH`"
        );
        let message = error(("tar", "-")).message;
        assert!(message.contains("standard output"), "{message}");
        assert_eq!(error(("oci", "a")).kind, TargetErrorKind::Unsupported);
    }
}
