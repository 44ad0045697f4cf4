//! Writes down how two images differ, as `common::report` has it.

mod findings;
mod words;

use common::report::{
    DifferenceCause, DifferenceData, DifferenceImage, DifferenceLayer, DifferenceTotals, Finding,
    LayerDifference, PathChange, Reproducibility, ReproducibilityVerdict, SettingDifference,
};
use common::secrets::{REDACTED, looks_secret};

use crate::analysis::difference::{
    self, Cause, Difference, Figures, PathDifference, Setting, Thing, ThingKind, difference,
};
use crate::analysis::history::instructions;
use crate::model::build::ImageOrigin;
use crate::model::image::Image;
use crate::model::path::to_place;

/// Compares two images, with the list of paths cut at `top`.
pub(crate) fn difference_data(
    before: &ImageOrigin<'_>,
    after: &ImageOrigin<'_>,
    top: usize,
) -> (DifferenceData, Vec<Finding>) {
    let found = difference(&before.0, &after.0);
    let paths = listed(&found.paths, top);
    let data = DifferenceData {
        before: image(&before.0, &found.figures[0]),
        after: image(&after.0, &found.figures[1]),
        reproducibility: Reproducibility {
            verdict: verdict(found.verdict),
            causes: causes(&found.causes),
        },
        totals: totals(&found.paths),
        paths_omitted: (found.paths.len() - paths.len()) as u64,
        paths: paths.into_iter().map(path_difference).collect(),
        settings: found.settings.iter().map(setting).collect(),
        layers: layers([&before.0, &after.0], &found),
    };
    let findings = findings::findings([before, after], &found);
    (data, findings)
}

fn image(image: &Image, figures: &Figures) -> DifferenceImage {
    DifferenceImage {
        name: image.name.clone(),
        id: image.id.clone(),
        platform: image.platform.clone(),
        size_bytes: figures.layer_bytes.iter().sum(),
        live_bytes: figures.live_bytes,
        file_count: figures.file_count,
        layer_count: u32::try_from(image.layers.len()).unwrap_or(u32::MAX),
    }
}

fn verdict(verdict: difference::Verdict) -> ReproducibilityVerdict {
    match verdict {
        difference::Verdict::Identical => ReproducibilityVerdict::Identical,
        difference::Verdict::Equivalent => ReproducibilityVerdict::Equivalent,
        difference::Verdict::Different => ReproducibilityVerdict::Different,
        difference::Verdict::Unknown => ReproducibilityVerdict::Unknown,
    }
}

fn causes(causes: &[Cause]) -> Vec<DifferenceCause> {
    causes.iter().copied().map(cause).collect()
}

fn cause(cause: Cause) -> DifferenceCause {
    match cause {
        Cause::Files => DifferenceCause::Files,
        Cause::Content => DifferenceCause::Content,
        Cause::Kind => DifferenceCause::Kind,
        Cause::Permissions => DifferenceCause::Permissions,
        Cause::Ownership => DifferenceCause::Ownership,
        Cause::Attributes => DifferenceCause::Attributes,
        Cause::Times => DifferenceCause::Times,
        Cause::Settings => DifferenceCause::Settings,
        Cause::Order => DifferenceCause::Order,
        Cause::Layers => DifferenceCause::Layers,
        Cause::Packing => DifferenceCause::Packing,
        Cause::History => DifferenceCause::History,
    }
}

/// The first `top` paths, where those of which only times differ give way to others.
fn listed<'a, 'b>(paths: &'b [PathDifference<'a>], top: usize) -> Vec<&'b PathDifference<'a>> {
    let only_times = |path: &&PathDifference| path.causes == [Cause::Times];
    let grave_count = paths.iter().filter(|path| !only_times(path)).count();
    let mut room_for_times = top.saturating_sub(grave_count);
    let mut keep = |path: &&PathDifference| {
        let is_kept = !only_times(path) || room_for_times > 0;
        if only_times(path) {
            room_for_times = room_for_times.saturating_sub(1);
        }
        is_kept
    };
    paths.iter().filter(|path| keep(path)).take(top).collect()
}

fn change(path: &PathDifference) -> PathChange {
    match (path.before, path.after) {
        (None, _) => PathChange::Added,
        (_, None) => PathChange::Removed,
        _ if path
            .causes
            .iter()
            .any(|c| matches!(c, Cause::Content | Cause::Kind)) =>
        {
            PathChange::Changed
        }
        _ => PathChange::Metadata,
    }
}

fn totals(paths: &[PathDifference]) -> DifferenceTotals {
    let mut totals = DifferenceTotals::default();
    for path in paths {
        let bytes = |thing: Option<Thing>| {
            let thing = thing.filter(|thing| !thing.is_further_name);
            thing.and_then(size_bytes).unwrap_or(0)
        };
        match change(path) {
            PathChange::Added => {
                totals.added_count += 1;
                totals.added_bytes += bytes(path.after);
            }
            PathChange::Removed => {
                totals.removed_count += 1;
                totals.removed_bytes += bytes(path.before);
            }
            PathChange::Changed => {
                totals.changed_count += 1;
                totals.changed_bytes += bytes(path.after);
            }
            PathChange::Metadata => totals.metadata_count += 1,
        }
    }
    totals
}

fn size_bytes(thing: Thing) -> Option<u64> {
    match thing.kind {
        ThingKind::File(content) => Some(content.size_bytes),
        _ => None,
    }
}

fn path_difference(found: &PathDifference) -> common::report::PathDifference {
    common::report::PathDifference {
        path: to_place(&found.path).into_owned(),
        change: change(found),
        causes: causes(&found.causes),
        before_bytes: found.before.and_then(size_bytes),
        after_bytes: found.after.and_then(size_bytes),
        detail: words::detail(found),
        layer: found.layer,
    }
}

fn setting(found: &Setting) -> SettingDifference {
    let (name, part) = &found.name;
    let is_secret = part.as_deref().is_some_and(looks_secret);
    let shown = |value: &Option<String>| {
        let value = value.clone()?;
        Some(if is_secret {
            REDACTED.to_owned()
        } else {
            value
        })
    };
    SettingDifference {
        name: match part {
            Some(part) => format!("{name}.{part}"),
            None => name.clone(),
        },
        before: shown(&found.before),
        after: shown(&found.after),
    }
}

fn layers(images: [&Image; 2], found: &Difference) -> Vec<LayerDifference> {
    let instructions = images.map(|image| instructions(&image.history, image.layers.len()));
    let side = |side: usize, index: usize| {
        let layer = images[side].layers.get(index)?;
        Some(DifferenceLayer {
            diff_id: layer.diff_id.clone(),
            size_bytes: found.figures[side].layer_bytes[index],
            instruction: instructions[side][index].clone(),
        })
    };
    let pairs = (0..).zip(found.layer_causes.iter().enumerate());
    pairs
        .map(|(place, (index, found))| LayerDifference {
            index: place,
            before: side(0, index),
            after: side(1, index),
            causes: causes(found),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::entry::Metadata;

    fn path<'a>(path: &str, causes: Vec<Cause>) -> PathDifference<'a> {
        PathDifference {
            path: path.into(),
            before: None,
            after: None,
            causes,
            layer: 0,
        }
    }

    #[test]
    fn paths_with_other_times_give_way_to_others() {
        let paths = [
            path("a", vec![Cause::Times]),
            path("b", vec![Cause::Content, Cause::Times]),
            path("c", vec![Cause::Times]),
            path("d", vec![]),
        ];
        let names = |top| -> Vec<String> {
            let listed = listed(&paths, top);
            listed
                .iter()
                .map(|path| to_place(&path.path).into_owned())
                .collect()
        };
        assert_eq!(names(1), ["b"]);
        assert_eq!(names(2), ["b", "d"]);
        assert_eq!(names(3), ["a", "b", "d"]);
        assert_eq!(names(9), ["a", "b", "c", "d"]);
    }

    #[test]
    fn a_secret_is_said_to_differ_and_not_shown() {
        let found = setting(&Setting {
            name: ("Env".to_owned(), Some("NPM_TOKEN".to_owned())),
            before: None,
            after: Some("\"hunter22\"".to_owned()),
        });
        assert_eq!(found.name, "Env.NPM_TOKEN");
        assert_eq!(
            (found.before, found.after.as_deref()),
            (None, Some(REDACTED))
        );
    }

    #[test]
    fn a_further_name_of_a_file_adds_no_bytes() {
        let metadata = Metadata::default();
        let thing = |is_further_name| Thing {
            kind: ThingKind::File(crate::model::entry::FileContent {
                size_bytes: 7,
                ..Default::default()
            }),
            metadata: Some(&metadata),
            is_further_name,
        };
        let added = |is_further_name| PathDifference {
            after: Some(thing(is_further_name)),
            ..path("f", vec![])
        };
        let totals = totals(&[added(false), added(true)]);
        assert_eq!((totals.added_count, totals.added_bytes), (2, 7));
    }
}
