//! Which of a layer's largest files no container sees.

use super::stack::Stack;
use crate::model::map::Map;

/// For each layer, whether each of its largest files is lost in the end, in their order.
pub(crate) fn lost(stack: &Stack) -> Vec<Vec<bool>> {
    let mut lost_counts = Map::default();
    for (index, layer) in (0..).zip(&stack.layers) {
        for file in &layer.largest {
            lost_counts.insert((index, file.path, file.size_bytes), 0_u32);
        }
    }
    for content in stack.tree.contents() {
        let key = (content.layer, content.path, content.size_bytes);
        if content.loss.is_some()
            && let Some(count) = lost_counts.get_mut(&key)
        {
            *count += 1;
        }
    }
    // A layer can have a path twice with as many bytes; one of the two is then listed as lost.
    let mut is_lost = |key: &_| {
        let count = lost_counts.get_mut(key).filter(|count| **count > 0);
        count.map(|count| *count -= 1).is_some()
    };
    let layers = (0..).zip(&stack.layers);
    layers
        .map(|(index, layer)| {
            let files = layer.largest.iter();
            files
                .map(|file| is_lost(&(index, file.path, file.size_bytes)))
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::analysis::stack::stack;
    use crate::model::entry::{Entry, EntryKind};
    use crate::model::image::Layer;

    #[test]
    fn a_file_is_lost_when_a_higher_layer_or_a_later_entry_takes_its_place() {
        let layers = [
            vec![
                Entry::file("twice", 9),
                Entry::file("kept", 8),
                Entry::file("replaced", 7),
                Entry::file("twice", 9),
                Entry::file("deleted", 6),
            ],
            vec![
                Entry::file("replaced", 7),
                Entry::of("deleted", EntryKind::Whiteout),
            ],
        ];
        let layers = layers.map(|entries| Arc::new(Layer::of(entries)));
        let stack = stack(&layers, 10);
        assert_eq!(
            lost(&stack),
            [vec![true, false, false, true, true], vec![false]]
        );
    }
}
