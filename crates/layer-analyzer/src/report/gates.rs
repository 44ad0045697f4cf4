//! Writes down which limits the images keep, and a finding for each that is not kept.

use common::report::{Finding, Gate, GateUnit, ImageLayers, LayerData, Severity};
use common::units::{format_bytes, ratio};

use crate::analysis::dive::Measures;
use crate::analysis::gates::{Numbers, Outcome, check};
use crate::analysis::rules::NO_BASELINE;
use crate::model::limits::Limits;

/// What images are judged by.
#[derive(Debug, Default)]
pub(crate) struct Policy {
    /// The limits.
    pub(crate) limits: Limits,
    /// Whether only the layers above the base count.
    pub(crate) is_own_only: bool,
    /// The images as they were before. `None` when nobody asked for a comparison.
    pub(crate) baseline: Option<Vec<ImageLayers>>,
}

/// Judges all images, in their order, and fills the report's gates; returns what there is to say.
pub(crate) fn judge(data: &mut LayerData, policy: &Policy) -> Vec<Finding> {
    let mut findings = Vec::new();
    for image in &data.images {
        let before = before(image, policy);
        if policy.baseline.is_some() && before.is_none() {
            findings.push(no_baseline(image));
        }
        let numbers = numbers(image, policy.is_own_only, before);
        for outcome in check(&policy.limits, &numbers) {
            if !outcome.is_kept {
                findings.push(broken(image, policy.is_own_only, &outcome));
            }
            data.gates.push(gate(image, &outcome));
        }
    }
    findings
}

/// Bytes of the image of the same name, else of the same target, in the baseline.
fn before(image: &ImageLayers, policy: &Policy) -> Option<u64> {
    let baseline = policy.baseline.as_deref()?;
    let by_name = || baseline.iter().rfind(|before| before.name == image.name);
    let has_target =
        |before: &&ImageLayers| image.target.is_some() && before.target == image.target;
    let before = by_name().or_else(|| baseline.iter().rfind(has_target))?;
    if policy.is_own_only {
        before.base.as_ref().map(|base| base.own_bytes)
    } else {
        Some(before.size_bytes)
    }
}

fn numbers(image: &ImageLayers, is_own_only: bool, size_before_bytes: Option<u64>) -> Numbers {
    let dive = image.dive.unwrap_or_default();
    let base = image.base.as_ref().filter(|_| is_own_only);
    let own_layers = image
        .layers
        .iter()
        .filter(|layer| base.is_none_or(|base| layer.index >= base.layer_count));
    let (size_bytes, live_bytes, wasted_bytes) = match base {
        None => (image.size_bytes, image.live_bytes, image.wasted_bytes),
        Some(base) => {
            let own_lost = image.wasted_bytes.saturating_sub(base.wasted_bytes);
            let live_bytes = base.own_bytes.saturating_sub(own_lost);
            (base.own_bytes, live_bytes, base.own_wasted_bytes)
        }
    };
    let counted_bytes = live_bytes.saturating_add(wasted_bytes);
    Numbers {
        efficiency_ratio: ratio(live_bytes, counted_bytes).unwrap_or(1.0),
        wasted_bytes,
        wasted_ratio: ratio(wasted_bytes, counted_bytes).unwrap_or(0.0),
        size_bytes,
        largest_layer_bytes: own_layers.map(|layer| layer.size_bytes).max().unwrap_or(0),
        size_before_bytes,
        dive: Measures {
            efficiency_ratio: dive.efficiency_ratio,
            wasted_bytes: dive.wasted_bytes,
            user_wasted_ratio: dive.user_wasted_ratio,
        },
    }
}

fn gate(image: &ImageLayers, outcome: &Outcome) -> Gate {
    Gate {
        rule: outcome.rule.to_owned(),
        image: image.name.clone(),
        limit: outcome.limit,
        value: outcome.value,
        unit: if outcome.is_bytes {
            GateUnit::Bytes
        } else {
            GateUnit::Ratio
        },
        passed: outcome.is_kept,
    }
}

fn broken(image: &ImageLayers, is_own_only: bool, outcome: &Outcome) -> Finding {
    let (value, limit) = amounts(outcome);
    let (what, bound) = match outcome.rule {
        "min-efficiency" => ("the efficiency", "at least"),
        "max-wasted-bytes" => ("what no container sees", "at most"),
        "max-wasted-ratio" => ("the share that no container sees", "at most"),
        "max-size" => ("the size", "at most"),
        "max-layer-size" => ("the largest layer's size", "at most"),
        "max-growth" => ("the growth since the baseline", "at most"),
        "min-dive-efficiency" => ("the efficiency as dive counts it", "at least"),
        "max-dive-wasted-bytes" => ("the waste as dive counts it", "at most"),
        _ => ("the share of waste as dive counts it", "at most"),
    };
    let whose = if is_own_only && !outcome.rule.contains("dive") {
        " of the layers above the base"
    } else {
        ""
    };
    Finding {
        rule: outcome.rule.to_owned(),
        severity: Severity::Error,
        message: format!("{what}{whose} is {value}, and has to be {bound} {limit}"),
        advice: None,
        location: None,
        subject: Some(image.name.clone()),
        saving: None,
    }
}

/// Both numbers of a gate that is not kept as people read them, with as many digits as it takes to tell them apart.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a gate in bytes holds whole numbers, and only what is more than nothing breaks it"
)]
fn amounts(outcome: &Outcome) -> (String, String) {
    let both = |write: fn(f64) -> String| (write(outcome.value), write(outcome.limit));
    let rounded: fn(f64) -> String = if outcome.is_bytes {
        |bytes| format_bytes(bytes as u64)
    } else {
        |ratio| format!("{:.1} %", ratio * 100.0)
    };
    let exact: fn(f64) -> String = if outcome.is_bytes {
        |bytes| format!("{bytes} B")
    } else {
        |ratio| format!("{} %", ratio * 100.0)
    };
    let (value, limit) = both(rounded);
    if value == limit {
        both(exact)
    } else {
        (value, limit)
    }
}

fn no_baseline(image: &ImageLayers) -> Finding {
    Finding {
        rule: NO_BASELINE.id.to_owned(),
        severity: Severity::Note,
        message: "the baseline has nothing to compare this image with".to_owned(),
        advice: Some(NO_BASELINE.advice.to_owned()),
        location: None,
        subject: Some(image.name.clone()),
        saving: None,
    }
}

#[cfg(test)]
mod tests {
    use common::report::{BaseShare, DiveMeasures, Layer};

    use super::*;
    use crate::model::limits::Growth;

    /// 1000 bytes in layers of 600, 300 and 100, of which the lowest is the base's; the base loses
    /// 200 to the layers above, and these lose 50.
    fn image() -> ImageLayers {
        let layer = |index, size_bytes| Layer {
            index,
            size_bytes,
            ..Layer::default()
        };
        ImageLayers {
            name: "app:2".to_owned(),
            target: Some("app".to_owned()),
            size_bytes: 1000,
            live_bytes: 750,
            wasted_bytes: 250,
            layers: vec![layer(0, 600), layer(1, 300), layer(2, 100)],
            dive: Some(DiveMeasures::default()),
            base: Some(BaseShare {
                name: None,
                layer_count: 1,
                size_bytes: 600,
                wasted_bytes: 200,
                own_bytes: 400,
                own_wasted_bytes: 250,
            }),
            ..ImageLayers::default()
        }
    }

    #[test]
    fn the_own_layers_answer_for_what_they_take_from_the_base() {
        let all = numbers(&image(), false, None);
        assert_eq!((all.size_bytes, all.largest_layer_bytes), (1000, 600));
        assert_eq!((all.efficiency_ratio, all.wasted_ratio), (0.75, 0.25));
        let own = numbers(&image(), true, None);
        assert_eq!((own.size_bytes, own.largest_layer_bytes), (400, 300));
        // 350 of their bytes are seen, and 250 of theirs and of the base's are not.
        let expected = (350.0 / 600.0, 250.0 / 600.0);
        assert_eq!((own.efficiency_ratio, own.wasted_ratio), expected);
    }

    #[test]
    fn the_image_before_is_found_by_name_else_by_target() {
        let named = |name: &str, target: &str, size_bytes| ImageLayers {
            name: name.to_owned(),
            target: Some(target.to_owned()),
            size_bytes,
            ..ImageLayers::default()
        };
        let policy = |baseline| Policy {
            baseline: Some(baseline),
            ..Policy::default()
        };
        let both = policy(vec![named("app:2", "other", 1), named("app:1", "app", 2)]);
        assert_eq!(before(&image(), &both), Some(1));
        let by_target = policy(vec![named("app:1", "app", 2)]);
        assert_eq!(before(&image(), &by_target), Some(2));
        let neither = policy(vec![named("app:1", "other", 2)]);
        assert_eq!(before(&image(), &neither), None);
        let without_base = Policy {
            is_own_only: true,
            ..by_target
        };
        assert_eq!(before(&image(), &without_base), None);
    }

    #[test]
    fn numbers_that_read_the_same_are_written_out() {
        let mut data = LayerData {
            images: vec![ImageLayers {
                size_bytes: 10_000_001,
                ..image()
            }],
            ..LayerData::default()
        };
        let limits = Limits {
            max_size_bytes: Some(10_000_000),
            max_growth: Some(Growth::Ratio(0.1)),
            ..Limits::default()
        };
        let policy = Policy {
            limits,
            ..Policy::default()
        };
        let findings = judge(&mut data, &policy);
        assert_eq!(
            findings[0].message,
            "the size is 10000001 B, and has to be at most 10000000 B"
        );
        assert_eq!((findings.len(), data.gates.len()), (1, 1));
    }
}
