//! The files of an image or stage, to be found by content, and what made each of its layers.

use std::sync::Arc;

use super::{Line, Maker};
use crate::analysis::base::base_of_target;
use crate::analysis::copying::{Mapping, directory, takings};
use crate::analysis::history::instructions;
use crate::analysis::origin::{Origin, origins, stages_down};
use crate::analysis::stack::{Stack, stack};
use crate::model::build::{BuiltTarget, Stage};
use crate::model::entry::{ContentDigest, EntryKind};
use crate::model::image::{Image, Layer};
use crate::model::map::Map;
use crate::model::path::split_last;

/// An image, or a stage as one.
pub(super) struct Place<'a> {
    /// Its files.
    pub(super) stack: Stack<'a>,
    /// What made its layers, lowest first.
    pub(super) layers: Vec<MadeLayer>,
    read: &'a [Arc<Layer>],
    /// The positions of contents that a layer took away, by content and that layer.
    taken: Map<(File, u32), usize>,
    /// The positions of the first contents that are seen.
    seen: Map<File, usize>,
    /// The same by content and last name of the path.
    seen_by_name: Map<(File, &'a [u8]), usize>,
}

/// What makes two files the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct File {
    digest: ContentDigest,
    size_bytes: u64,
}

/// What made a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MadeLayer {
    /// The instruction or image.
    pub(super) maker: Maker,
    /// Whether it is a `RUN`.
    is_run: bool,
    /// What the instruction takes files from.
    pub(super) takes: Vec<Take>,
}

/// Something that an instruction takes files from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Take {
    /// What it is.
    pub(super) source: Source,
    /// Which paths become which. `None` for a mount.
    pub(super) mapping: Option<Mapping>,
}

/// What files can be taken from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// An earlier stage, by position.
    Stage(u32),
    /// Something that is not of the Dockerfile, as written.
    Image(String),
}

impl<'a> Place<'a> {
    /// An image that a target made.
    pub(super) fn new(image: &'a Image, target: &BuiltTarget) -> Self {
        let mut place = Self {
            stack: stack(&image.layers, 0),
            layers: made_layers(image, target),
            read: &image.layers,
            taken: Map::default(),
            seen: Map::default(),
            seen_by_name: Map::default(),
        };
        for (content, stored) in place.stack.tree.contents().iter().enumerate() {
            let Some(file) = place.file(content) else {
                continue;
            };
            match stored.loss {
                Some(loss) if stored.layer < loss.layer => {
                    place.taken.insert((file, loss.layer), content);
                }
                Some(_) => {}
                None => {
                    let (_, name) = split_last(stored.path);
                    place.seen.entry(file).or_insert(content);
                    place.seen_by_name.entry((file, name)).or_insert(content);
                }
            }
        }
        place
    }

    /// The content that was there before a `RUN` changed only its owner, permissions or path, and so
    /// stored it again. Any other content is its own original.
    pub(super) fn original(&self, mut content: usize) -> usize {
        let contents = self.stack.tree.contents();
        while let Some(file) = self.file(content) {
            let layer = contents[content].layer;
            match self.taken.get(&(file, layer)) {
                Some(&taken) if self.layers[layer as usize].is_run => content = taken,
                _ => return content,
            }
        }
        content
    }

    /// The file with a content. `None` when it is empty, or was not read.
    pub(super) fn file(&self, content: usize) -> Option<File> {
        let content = &self.stack.tree.contents()[content];
        let layer = self.read.get(content.layer as usize)?;
        match layer.entries.get(content.index as usize)?.kind {
            EntryKind::File(file) if file.size_bytes > 0 => Some(File {
                digest: file.digest?,
                size_bytes: file.size_bytes,
            }),
            _ => None,
        }
    }

    /// The content that was copied to `path`: where the instruction says that it was, else one of
    /// the same name, else any.
    pub(super) fn find(
        &self,
        file: &File,
        path: &[u8],
        mapping: Option<&Mapping>,
    ) -> Option<usize> {
        let any = *self.seen.get(file)?;
        let origins = mapping.map_or_else(Vec::new, |mapping| mapping.origins(path));
        let mapped = origins.iter().find_map(|origin| {
            let content = self.stack.tree.content_at(origin)?;
            (self.file(content)? == *file).then_some(content)
        });
        let named = || self.seen_by_name.get(&(*file, split_last(path).1)).copied();
        Some(mapped.or_else(named).unwrap_or(any))
    }
}

impl MadeLayer {
    /// The image that a `COPY` takes all its files from. `None` for any other instruction.
    pub(super) fn copied_image(&self) -> Option<&str> {
        self.takes.iter().find_map(|take| match &take.source {
            Source::Image(name) => take.mapping.as_ref().map(|_| name.as_str()),
            Source::Stage(_) => None,
        })
    }
}

fn made_layers(image: &Image, target: &BuiltTarget) -> Vec<MadeLayer> {
    let count = image.layers.len();
    let origins = origins(target, &image.history, count);
    let base = base_of_target(target, &origins).filter(|base| base.layer_count > 0);
    let (base_name, base_count) = base.map_or((None, 0), |base| (base.name, base.layer_count));
    let told = instructions(&image.history, count);
    let mut down = stages_down(target);
    down.reverse();
    let layers = (0..).zip(origins).zip(told);
    let layers = layers.map(|((index, origin), told)| {
        if let Some(origin) = origin {
            return own_layer(&origin, target, &down);
        }
        let base = base_name.clone().filter(|_| index < base_count);
        outside(base.or(told).unwrap_or_else(|| "unknown".to_owned()))
    });
    layers.collect()
}

fn outside(text: String) -> MadeLayer {
    MadeLayer {
        maker: Maker {
            line: None,
            stage: None,
            text,
        },
        is_run: false,
        takes: Vec::new(),
    }
}

fn own_layer(origin: &Origin, target: &BuiltTarget, down: &[&Stage]) -> MadeLayer {
    let directory = directory(down, origin.line);
    let takings = takings(origin.text, directory.as_deref()).into_iter();
    MadeLayer {
        maker: Maker {
            line: Some(Line {
                path: origin.path.to_owned(),
                line: origin.line,
            }),
            stage: Some(origin.stage.to_owned()),
            text: origin.text.to_owned(),
        },
        is_run: origin
            .text
            .get(..3)
            .is_some_and(|it| it.eq_ignore_ascii_case("RUN")),
        takes: takings
            .map(|taking| Take {
                source: source(target, origin.stage_index, taking.from),
                mapping: taking.mapping,
            })
            .collect(),
    }
}

/// What a name means for an instruction of the stage at `before`: as BuildKit has it, the last
/// stage of that name, else the stage of that number, else an image.
fn source(target: &BuiltTarget, before: u32, name: String) -> Source {
    let earlier = || target.stages.iter().filter(|stage| stage.index < before);
    let named = earlier().rfind(|stage| stage.label.eq_ignore_ascii_case(&name));
    let number = name.parse().ok();
    let stage = named.or_else(|| earlier().find(|stage| Some(stage.index) == number));
    stage.map_or(Source::Image(name), |stage| Source::Stage(stage.index))
}
