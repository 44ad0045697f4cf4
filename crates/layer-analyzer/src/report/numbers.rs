//! What the analyses find in one image, side by side: they look at the same stack of layers, and
//! none waits for another.

use std::thread;

use super::directories::Space;
use crate::analysis::changes::{Changes, changes};
use crate::analysis::dive;
use crate::analysis::duplicates::{Duplicates, duplicates};
use crate::analysis::stack::Stack;
use crate::analysis::unwanted::files::{Group, groups};
use crate::analysis::unwanted::secrets::{Telltale, telltales};
use crate::analysis::waste::{Waste, waste};
use crate::model::ignore::Ignore;
use crate::model::image::Image;

/// What was found in an image.
pub(super) struct Numbers<'a> {
    pub(super) waste: Waste<'a>,
    /// What each layer changes, lowest first.
    pub(super) changes: Vec<Changes>,
    pub(super) dive: dive::Measures,
    /// `None` when contents were not read.
    pub(super) duplicates: Option<Duplicates<'a>>,
    pub(super) unwanted: Unwanted<'a>,
    pub(super) space: Space<'a>,
}

/// The files that should not be in an image.
pub(super) struct Unwanted<'a> {
    pub(super) groups: Vec<Group<'a>>,
    pub(super) telltales: Vec<Telltale<'a>>,
}

impl<'a> Numbers<'a> {
    /// Analyses an image whose layers are stacked, with lists cut at `top`.
    pub(super) fn of(image: &'a Image, stack: &Stack<'a>, ignore: &Ignore, top: usize) -> Self {
        let (layers, tree) = (&image.layers, &stack.tree);
        thread::scope(|scope| {
            let dive = scope.spawn(|| dive::measures(layers, tree.gone()));
            let unwanted = scope.spawn(|| Unwanted {
                groups: groups(tree, layers, ignore),
                telltales: telltales(tree, layers, ignore),
            });
            let space = scope.spawn(|| Space::of(stack, top));
            Self {
                waste: waste(tree, layers.len(), top),
                changes: changes(layers, tree.gone()),
                duplicates: duplicates(layers, tree, top),
                dive: dive.join().expect("an analysis does not fail"),
                unwanted: unwanted.join().expect("an analysis does not fail"),
                space: space.join().expect("an analysis does not fail"),
            }
        })
    }
}
