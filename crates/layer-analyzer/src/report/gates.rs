//! Writes down which limits the images keep, and a finding for each that is not kept.

use common::report::{Finding, Gate, GateUnit, ImageLayers, LayerData, Severity};
use common::units::{format_bytes, ratio};

use crate::analysis::dive::Measures;
use crate::analysis::gates::{Numbers, Outcome, check};
use crate::model::limits::Limits;

/// The rule of the finding about an image that a baseline does not have.
pub(super) const NO_BASELINE_RULE: &str = "no-baseline";

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

/// Both numbers of a gate as people read them, with as many digits as it takes to tell them apart.
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
        rule: NO_BASELINE_RULE.to_owned(),
        severity: Severity::Note,
        message: "the baseline has nothing to compare this image with".to_owned(),
        advice: Some(
            "images are found by name, else by target; with `--own` they need a known base"
                .to_owned(),
        ),
        location: None,
        subject: Some(image.name.clone()),
        saving: None,
    }
}
