//! Traces the files that a container sees back to the instructions that made them, through `COPY
//! --from` and the mounts of `RUN`.
//!
//! A copy keeps a file's content, so in the stage that it comes from the file is found by the digest
//! of it, whatever became of its name, owner and permissions. Costs about the same for every file.

mod place;

use std::collections::BTreeMap;

use crate::model::build::{BuiltTarget, StageImages};
use crate::model::image::Image;
use crate::model::map::Map;
use place::{Place, Source};

/// How many of the largest files of an instruction are named.
const LARGEST_COUNT: usize = 5;

/// What of an image one instruction made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Traced {
    /// The instruction.
    pub(crate) maker: Maker,
    /// The instructions that copied it between stages, from the last to the first.
    pub(crate) through: Vec<Line>,
    /// What it made.
    pub(crate) files: Files,
}

/// What made files: an instruction, or an image that is not of the Dockerfile.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Maker {
    /// The instruction's place. `None` for an image, and when it is not known.
    pub(crate) line: Option<Line>,
    /// The stage's name. `None` for an image, and when it is not known.
    pub(crate) stage: Option<String>,
    /// The instruction as written, or the image's name.
    pub(crate) text: String,
}

/// A line of a Dockerfile.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Line {
    /// The Dockerfile.
    pub(crate) path: String,
    /// The line, from 1.
    pub(crate) line: u32,
}

/// Files that have the same maker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Files {
    /// Bytes of their contents, each counted once however many names it has.
    pub(crate) size_bytes: u64,
    /// How many names of files there are.
    pub(crate) file_count: u64,
    /// The largest with their bytes, largest first, then by path.
    pub(crate) largest: Vec<(u64, Vec<u8>)>,
}

/// Tells for all files of an image that a target made which instruction did, most bytes first.
/// Nothing when none of the target's stages is among `stages`.
pub(crate) fn trace(image: &Image, target: &BuiltTarget, stages: &StageImages) -> Vec<Traced> {
    let kept = target.stage_images.iter().filter_map(|stage| {
        let image = stages.get(&stage.image_id)?;
        Some((stage.stage, target.stage_target(stage.stage), image))
    });
    let kept: Vec<(u32, BuiltTarget, &Image)> = kept.collect();
    if kept.is_empty() {
        return Vec::new();
    }
    let stages = kept
        .iter()
        .map(|(index, target, image)| (*index, Place::new(image, target)));
    let tracer = Tracer {
        last: Place::new(image, target),
        stages: stages.collect(),
    };
    tracer.traced()
}

struct Tracer<'a> {
    /// The image itself.
    last: Place<'a>,
    /// The stages that files can come from, by position.
    stages: BTreeMap<u32, Place<'a>>,
}

/// The way of a file back to its maker.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Way {
    /// The layers that hold it: the image's, then those of stages. The last one's instruction made
    /// it, unless it comes from outside.
    steps: Vec<(Option<u32>, u32)>,
    /// Whether the last one's instruction copied it from an image that is not of the Dockerfile.
    is_from_outside: bool,
}

impl Tracer<'_> {
    fn traced(&self) -> Vec<Traced> {
        let mut by_way: Map<Way, Files> = Map::default();
        let contents = self.last.stack.tree.contents();
        let mut is_counted = vec![false; contents.len()];
        for seen in self.last.stack.tree.visible() {
            let Some(content) = seen.content else {
                continue;
            };
            let is_other_name = std::mem::replace(&mut is_counted[content], true);
            let files = by_way.entry(self.way(content, &seen.path)).or_default();
            files.file_count += 1;
            if !is_other_name {
                files.add(contents[content].size_bytes, seen.path);
            }
        }
        let mut by_maker: BTreeMap<(Maker, Vec<Line>), Files> = BTreeMap::new();
        for (way, files) in by_way {
            by_maker.entry(self.maker(&way)).or_default().merge(files);
        }
        let traced = by_maker.into_iter();
        let mut traced: Vec<Traced> = traced
            .map(|((maker, through), files)| Traced {
                maker,
                through,
                files,
            })
            .collect();
        traced.sort_by_key(|traced| std::cmp::Reverse(traced.files.size_bytes));
        traced
    }

    /// Follows a content of the image, seen at `path`, from stage to stage. That ends, because a
    /// stage takes files only from those before it.
    fn way(&self, content: usize, path: &[u8]) -> Way {
        let mut way = Way::default();
        let (mut at, mut place, mut content, mut path) = (None, &self.last, content, path);
        loop {
            let original = place.original(content);
            let stored = &place.stack.tree.contents()[original];
            if original != content {
                (content, path) = (original, stored.path);
            }
            let layer = stored.layer;
            way.steps.push((at, layer));
            let Some(file) = place.file(content) else {
                return way;
            };
            let takes = &place.layers[layer as usize].takes;
            let next = takes.iter().find_map(|take| match take.source {
                Source::Stage(index) => {
                    let stage = self.stages.get(&index)?;
                    let found = stage.find(&file, path, take.mapping.as_ref())?;
                    Some((index, stage, found))
                }
                Source::Image(_) => None,
            });
            let Some((index, stage, found)) = next else {
                way.is_from_outside = place.layers[layer as usize].copied_image().is_some();
                return way;
            };
            (at, place, content) = (Some(index), stage, found);
            path = stage.stack.tree.contents()[found].path;
        }
    }

    /// Who made what came this way, and through which lines it came.
    fn maker(&self, way: &Way) -> (Maker, Vec<Line>) {
        let layers = way.steps.iter().filter_map(|(at, layer)| {
            let place = match at {
                None => &self.last,
                Some(stage) => self.stages.get(stage)?,
            };
            place.layers.get(*layer as usize)
        });
        let layers: Vec<_> = layers.collect();
        let mut through: Vec<Line> = layers
            .iter()
            .filter_map(|layer| layer.maker.line.clone())
            .collect();
        let last = layers.last();
        let image = last.and_then(|last| last.copied_image());
        let maker = match (image, last) {
            (Some(image), _) if way.is_from_outside => Maker {
                line: None,
                stage: None,
                text: image.to_owned(),
            },
            (_, Some(last)) => {
                through.truncate(layers.len() - 1);
                last.maker.clone()
            }
            (_, None) => Maker {
                line: None,
                stage: None,
                text: String::new(),
            },
        };
        (maker, through)
    }
}

impl Files {
    fn add(&mut self, size_bytes: u64, path: Vec<u8>) {
        self.size_bytes += size_bytes;
        let smaller = |(size, other): &(u64, Vec<u8>)| (*size, &path) < (size_bytes, other);
        let place = self.largest.iter().position(smaller);
        let place = place.unwrap_or(self.largest.len());
        self.largest.insert(place, (size_bytes, path));
        self.largest.truncate(LARGEST_COUNT);
    }

    fn merge(&mut self, other: Self) {
        self.file_count += other.file_count;
        let listed: u64 = other.largest.iter().map(|(size, _)| size).sum();
        self.size_bytes += other.size_bytes - listed;
        for (size_bytes, path) in other.largest {
            self.add(size_bytes, path);
        }
    }
}

#[cfg(test)]
mod tests;
