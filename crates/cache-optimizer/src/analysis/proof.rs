//! What the builds before and after a patch prove.

use std::collections::BTreeSet;

use crate::model::trial::{Difference, Rebuild, Replay, Trial};

/// What a patch is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// The image is the same, and a rebuild took less time.
    Saves,
    /// The image is the same, and no rebuild took less time.
    SavesNothing,
    /// The image is another one.
    ImageDiffers,
    /// It does not build.
    DoesNotBuild,
    /// Too little was measured to say.
    NotMeasured,
}

/// The least saving that counts, in milliseconds.
///
/// Chosen: the same build takes some tens of milliseconds more or less from one time to the next.
const LEAST_SAVED_MS: u64 = 100;

/// The part of a rebuild that has to be saved for it to count.
///
/// Chosen: builds of minutes vary by as much on a machine that does something else too.
const LEAST_SAVED_PART: u64 = 20;

/// What the trial of a patch proves, given what differs between builds of the unchanged Dockerfile.
pub(crate) fn proof(trial: &Trial, noise: &[Difference]) -> Proof {
    if trial.error.is_some() {
        return Proof::DoesNotBuild;
    }
    let differs = |found: &Option<Vec<Difference>>| {
        let found = found.as_deref().unwrap_or_default();
        !without_noise(found, noise).is_empty()
    };
    if differs(&trial.differences) || trial.replays.iter().any(|r| differs(&r.differences)) {
        return Proof::ImageDiffers;
    }
    let is_compared = trial.differences.is_some()
        && trial
            .replays
            .iter()
            .all(|replay| replay.differences.is_some());
    let is_measured = trial.replays.iter().any(|r| saved_ms(r).is_some());
    if !(is_compared && is_measured) {
        return Proof::NotMeasured;
    }
    if trial.replays.iter().any(saves) {
        Proof::Saves
    } else if trial.not_measured.is_empty() {
        Proof::SavesNothing
    } else {
        Proof::NotMeasured
    }
}

/// Milliseconds that the patch saved after the change for which it saved most.
pub(crate) fn most_saved_ms(trial: &Trial) -> Option<i64> {
    trial.replays.iter().filter_map(saved_ms).max()
}

/// Milliseconds that the patch saved after a change: the difference of the medians.
pub(crate) fn saved_ms(replay: &Replay) -> Option<i64> {
    let original_ms = median_ms(&replay.original)?;
    let patched_ms = median_ms(&replay.patched)?;
    Some(original_ms.cast_signed() - patched_ms.cast_signed())
}

fn saves(replay: &Replay) -> bool {
    let original_ms = median_ms(&replay.original).unwrap_or_default();
    let least_ms = LEAST_SAVED_MS.max(original_ms / LEAST_SAVED_PART);
    saved_ms(replay).is_some_and(|saved_ms| saved_ms >= least_ms.cast_signed())
}

/// The median of how long builds took, of an even number the lower one of the two in the middle.
pub(crate) fn median_ms(builds: &[Rebuild]) -> Option<u64> {
    let mut durations_ms: Vec<_> = builds.iter().map(|build| build.duration_ms).collect();
    durations_ms.sort_unstable();
    let middle = durations_ms.len().checked_sub(1)? / 2;
    durations_ms.get(middle).copied()
}

/// The differences that are no noise, sorted: of the paths and settings that no two builds of the
/// unchanged Dockerfile agree on, none says anything.
pub(crate) fn without_noise(found: &[Difference], noise: &[Difference]) -> Vec<Difference> {
    let name = |difference: &Difference| (difference.is_setting, difference.name.clone());
    let noise: BTreeSet<_> = noise.iter().map(name).collect();
    let mut found: Vec<_> = found
        .iter()
        .filter(|difference| !noise.contains(&name(difference)))
        .cloned()
        .collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::trial::{Change, Origin};

    fn took(durations_ms: &[u64]) -> Vec<Rebuild> {
        let rebuild = |&duration_ms| Rebuild {
            duration_ms,
            ran: Vec::new(),
        };
        durations_ms.iter().map(rebuild).collect()
    }

    fn replay(original_ms: &[u64], patched_ms: &[u64]) -> Replay {
        Replay {
            change: Change {
                origin: Origin::Given,
                paths: vec!["a".to_owned()],
            },
            original: took(original_ms),
            patched: took(patched_ms),
            differences: Some(Vec::new()),
        }
    }

    fn path(name: &str) -> Difference {
        Difference {
            is_setting: false,
            name: name.to_owned(),
            detail: "content".to_owned(),
        }
    }

    fn trial(replays: Vec<Replay>) -> Trial {
        Trial {
            differences: Some(Vec::new()),
            replays,
            ..Trial::default()
        }
    }

    #[test]
    fn the_median_of_an_even_number_is_the_lower_of_the_two() {
        assert_eq!(median_ms(&took(&[9, 1, 5])), Some(5));
        assert_eq!(median_ms(&took(&[9, 1])), Some(1));
        assert_eq!(median_ms(&[]), None);
    }

    #[test]
    fn the_change_that_gains_most_decides() {
        let trial = trial(vec![
            replay(&[1000], &[1300]),
            replay(&[5000, 5100, 9000], &[2000]),
        ]);
        assert_eq!(most_saved_ms(&trial), Some(3100));
        assert_eq!(proof(&trial, &[]), Proof::Saves);
    }

    #[test]
    fn what_a_build_varies_by_is_no_saving() {
        let of = |original_ms, patched_ms| {
            proof(&trial(vec![replay(&[original_ms], &[patched_ms])]), &[])
        };
        assert_eq!(of(1000, 901), Proof::SavesNothing);
        assert_eq!(of(1000, 900), Proof::Saves);
        assert_eq!(of(100_000, 95_001), Proof::SavesNothing);
        assert_eq!(of(100_000, 95_000), Proof::Saves);
        assert_eq!(of(1000, 3000), Proof::SavesNothing);
    }

    #[test]
    fn a_difference_that_is_no_noise_outweighs_any_saving() {
        let mut trial = trial(vec![replay(&[9000], &[1000])]);
        trial.differences = Some(vec![path("log"), path("app")]);
        assert_eq!(proof(&trial, &[path("log")]), Proof::ImageDiffers);
        assert_eq!(proof(&trial, &[path("log"), path("app")]), Proof::Saves);
        let left = without_noise(&[path("log"), path("app")], &[path("log")]);
        assert_eq!(left, [path("app")]);
    }

    #[test]
    fn an_image_that_is_stale_after_a_change_differs() {
        let mut trial = trial(vec![replay(&[9000], &[1000])]);
        trial.replays[0].differences = Some(vec![path("app")]);
        assert_eq!(proof(&trial, &[]), Proof::ImageDiffers);
    }

    #[test]
    fn too_little_proves_nothing() {
        assert_eq!(proof(&Trial::default(), &[]), Proof::NotMeasured);
        let mut half = trial(vec![replay(&[1000], &[])]);
        assert_eq!(proof(&half, &[]), Proof::NotMeasured);
        half.replays = vec![replay(&[1000], &[1000])];
        half.not_measured = vec!["a change of `b`".to_owned()];
        assert_eq!(proof(&half, &[]), Proof::NotMeasured);
        half.error = Some("exit code 1".to_owned());
        assert_eq!(proof(&half, &[]), Proof::DoesNotBuild);
    }
}
