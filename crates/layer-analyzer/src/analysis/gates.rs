//! Compares an image's numbers with limits. A limit that is met exactly is kept.

use super::dive::Measures;
use crate::model::limits::{DiveLimits, Growth, Limits};

/// The rules of all gates.
pub(crate) const RULES: [&str; 9] = [
    "min-efficiency",
    "max-wasted-bytes",
    "max-wasted-ratio",
    "max-size",
    "max-layer-size",
    "max-growth",
    "min-dive-efficiency",
    "max-dive-wasted-bytes",
    "max-dive-user-wasted-ratio",
];

/// The numbers of an image that can have limits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Numbers {
    /// Live bytes / all bytes.
    pub(crate) efficiency_ratio: f64,
    /// Bytes that no container sees.
    pub(crate) wasted_bytes: u64,
    /// Those bytes / all bytes.
    pub(crate) wasted_ratio: f64,
    /// Bytes of all layers.
    pub(crate) size_bytes: u64,
    /// Bytes of the largest layer.
    pub(crate) largest_layer_bytes: u64,
    /// What `size_bytes` was before. `None` when that is not known.
    pub(crate) size_before_bytes: Option<u64>,
    /// What dive says.
    pub(crate) dive: Measures,
}

/// A limit, and what an image has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Outcome {
    /// One of [`RULES`].
    pub(crate) rule: &'static str,
    /// What is allowed.
    pub(crate) limit: f64,
    /// What the image has.
    pub(crate) value: f64,
    /// Whether both are bytes; otherwise they are ratios.
    pub(crate) is_bytes: bool,
    /// Whether the limit is kept.
    pub(crate) is_kept: bool,
}

/// Compares the numbers of one image with the limits, in the order of [`RULES`].
pub(crate) fn check(limits: &Limits, numbers: &Numbers) -> Vec<Outcome> {
    let [efficiency, wasted, wasted_ratio, size, layer, growth, ..] = RULES;
    let own = [
        at_least(efficiency, limits.min_efficiency, numbers.efficiency_ratio),
        at_most_bytes(wasted, limits.max_wasted_bytes, numbers.wasted_bytes),
        at_most(wasted_ratio, limits.max_wasted_ratio, numbers.wasted_ratio),
        at_most_bytes(size, limits.max_size_bytes, numbers.size_bytes),
        at_most_bytes(layer, limits.max_layer_bytes, numbers.largest_layer_bytes),
        check_growth(growth, limits.max_growth, numbers),
    ];
    let dive = limits.dive.map(|limits| check_dive(&limits, &numbers.dive));
    own.into_iter()
        .chain(dive.into_iter().flatten())
        .flatten()
        .collect()
}

fn check_dive(limits: &DiveLimits, found: &Measures) -> [Option<Outcome>; 3] {
    let [.., efficiency, wasted, user_wasted] = RULES;
    [
        at_least(efficiency, limits.min_efficiency, found.efficiency_ratio),
        at_most_bytes(wasted, limits.max_wasted_bytes, found.wasted_bytes),
        at_most(
            user_wasted,
            limits.max_user_wasted_ratio,
            found.user_wasted_ratio,
        ),
    ]
}

fn check_growth(rule: &'static str, limit: Option<Growth>, numbers: &Numbers) -> Option<Outcome> {
    let (now, before) = (numbers.size_bytes, numbers.size_before_bytes?);
    let more = now as f64 - before as f64;
    match limit? {
        Growth::Bytes(limit) => Some(Outcome {
            rule,
            limit: limit as f64,
            value: more,
            is_bytes: true,
            is_kept: now.saturating_sub(before) <= limit,
        }),
        // An image that had nothing grows by any share: as if it had had one byte.
        Growth::Ratio(limit) => at_most(rule, Some(limit), more / before.max(1) as f64),
    }
}

fn at_least(rule: &'static str, limit: Option<f64>, value: f64) -> Option<Outcome> {
    let limit = limit?;
    Some(Outcome {
        rule,
        limit,
        value,
        is_bytes: false,
        is_kept: value >= limit,
    })
}

fn at_most(rule: &'static str, limit: Option<f64>, value: f64) -> Option<Outcome> {
    let limit = limit?;
    Some(Outcome {
        rule,
        limit,
        value,
        is_bytes: false,
        is_kept: value <= limit,
    })
}

fn at_most_bytes(rule: &'static str, limit: Option<u64>, value: u64) -> Option<Outcome> {
    let limit = limit?;
    Some(Outcome {
        rule,
        limit: limit as f64,
        value: value as f64,
        is_bytes: true,
        is_kept: value <= limit,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers() -> Numbers {
        Numbers {
            efficiency_ratio: 0.75,
            wasted_bytes: 250,
            wasted_ratio: 0.25,
            size_bytes: 1000,
            largest_layer_bytes: 600,
            size_before_bytes: Some(800),
            dive: Measures {
                efficiency_ratio: 0.5,
                wasted_bytes: 500,
                user_wasted_ratio: 1.25,
            },
        }
    }

    /// The rules that are broken, and how many are looked at.
    fn broken(limits: &Limits) -> (Vec<&'static str>, usize) {
        let outcomes = check(limits, &numbers());
        let broken = outcomes.iter().filter(|outcome| !outcome.is_kept);
        (broken.map(|outcome| outcome.rule).collect(), outcomes.len())
    }

    #[test]
    fn a_limit_that_is_met_exactly_is_kept() {
        let limits = Limits {
            min_efficiency: Some(0.75),
            max_wasted_bytes: Some(250),
            max_wasted_ratio: Some(0.25),
            max_size_bytes: Some(1000),
            max_layer_bytes: Some(600),
            max_growth: Some(Growth::Ratio(0.25)),
            dive: Some(DiveLimits {
                min_efficiency: Some(0.5),
                max_wasted_bytes: Some(500),
                max_user_wasted_ratio: Some(1.25),
            }),
        };
        assert_eq!(broken(&limits), (vec![], 9));
        let limits = Limits {
            max_growth: Some(Growth::Bytes(200)),
            ..Limits::default()
        };
        assert_eq!(broken(&limits), (vec![], 1));
    }

    #[test]
    fn a_limit_that_is_just_missed_is_broken() {
        let limits = Limits {
            min_efficiency: Some(0.751),
            max_wasted_bytes: Some(249),
            max_wasted_ratio: Some(0.249),
            max_size_bytes: Some(999),
            max_layer_bytes: Some(599),
            max_growth: Some(Growth::Ratio(0.249)),
            dive: Some(DiveLimits {
                min_efficiency: Some(0.501),
                max_wasted_bytes: Some(499),
                max_user_wasted_ratio: Some(1.249),
            }),
        };
        assert_eq!(broken(&limits), (RULES.to_vec(), 9));
        let limits = Limits {
            max_growth: Some(Growth::Bytes(199)),
            ..Limits::default()
        };
        assert_eq!(broken(&limits), (vec!["max-growth"], 1));
    }

    #[test]
    fn growth_is_not_judged_without_a_size_before_and_shrinking_is_none() {
        let limits = Limits {
            max_growth: Some(Growth::Bytes(0)),
            ..Limits::default()
        };
        let now = |size_before_bytes| Numbers {
            size_before_bytes,
            ..numbers()
        };
        assert_eq!(check(&limits, &now(None)), []);
        let shrunk = check(&limits, &now(Some(1200))).remove(0);
        assert_eq!((shrunk.value, shrunk.is_kept), (-200.0, true));
    }

    #[test]
    fn growth_from_nothing_is_a_number() {
        let limits = Limits {
            max_growth: Some(Growth::Ratio(0.1)),
            ..Limits::default()
        };
        let from_nothing = Numbers {
            size_before_bytes: Some(0),
            ..numbers()
        };
        let outcome = check(&limits, &from_nothing).remove(0);
        assert_eq!((outcome.value, outcome.is_kept), (1000.0, false));
    }
}
