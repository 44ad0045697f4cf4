//! From two recorded builds to the report of how they differ.

use common::report::{
    BuildData, ComparedBuild, ComparedStep, ComparedTarget, ComparisonData, Difference, Finding,
    Location, Report, Saving, Severity, TargetBuild, TargetFigures,
};
use common::units::{format_bytes, format_duration};

use crate::analysis::comparison::{self, StepDifference, comparison, is_longer};
use crate::model::recorded::RecordedBuild;

/// How much an image has to grow to be worth a word, as well as by [`GROWTH_RATIO`].
///
/// Chosen: less does not change how long an image takes to fetch.
const GROWTH_BYTES: u64 = 1 << 20;

/// See [`GROWTH_BYTES`]. Chosen: new versions of what is in an image seldom make so much.
const GROWTH_RATIO: f64 = 0.1;

/// The body of the report, and the regressions among the differences.
pub(crate) fn comparison_data(
    [before, after]: [&Report<BuildData>; 2],
    [recorded_before, recorded_after]: [&RecordedBuild; 2],
) -> (ComparisonData, Vec<Finding>) {
    let found = comparison(recorded_before, recorded_after);
    let steps = found
        .steps
        .iter()
        .map(|step| compared_step(step, before, after));
    let data = ComparisonData {
        before: compared_build(before),
        after: compared_build(after),
        targets: compared_targets(&before.data, &after.data),
        steps: steps.collect(),
        unchanged_count: u32::try_from(found.unchanged_count).unwrap_or(u32::MAX),
    };
    let mut findings: Vec<Finding> = data.steps.iter().filter_map(step_regression).collect();
    findings.extend(data.targets.iter().filter_map(image_growth));
    findings.extend(slower_build(&data));
    (data, findings)
}

fn compared_build(report: &Report<BuildData>) -> ComparedBuild {
    ComparedBuild {
        report: report.id.clone(),
        created_at: report.created_at.clone(),
        totals: report.data.totals,
    }
}

fn compared_targets(before: &BuildData, after: &BuildData) -> Vec<ComparedTarget> {
    let named = |data: &BuildData, name: &str| {
        let mut targets = data.targets.iter();
        targets.find(|target| target.plan.name == name).map(figures)
    };
    let is_gone = |target: &&TargetBuild| named(after, &target.plan.name).is_none();
    let gone = before.targets.iter().filter(is_gone);
    let all = after.targets.iter().chain(gone);
    all.map(|target| ComparedTarget {
        target: target.plan.name.clone(),
        before: named(before, &target.plan.name),
        after: named(after, &target.plan.name),
    })
    .collect()
}

fn figures(target: &TargetBuild) -> TargetFigures {
    TargetFigures {
        status: target.status,
        duration_ms: target.duration_ms,
        image_size_bytes: target.image.as_ref().map(|image| image.size_bytes),
    }
}

fn compared_step(
    found: &StepDifference<'_>,
    before: &Report<BuildData>,
    after: &Report<BuildData>,
) -> ComparedStep {
    let of = match found.difference {
        comparison::Difference::Gone => before,
        _ => after,
    };
    let mut steps = of.data.targets.iter().flat_map(|target| &target.steps);
    let built = steps.find(|step| step.id == found.step.id);
    ComparedStep {
        difference: difference(found.difference),
        target: found.target.to_owned(),
        step: found.step.id.clone(),
        name: found.step.text.clone(),
        location: built.and_then(|step| step.location.clone()),
        before_ms: found.before_ms,
        after_ms: found.after_ms,
    }
}

fn difference(difference: comparison::Difference) -> Difference {
    match difference {
        comparison::Difference::BeganToMiss => Difference::BeganToMiss,
        comparison::Difference::BeganToHit => Difference::BeganToHit,
        comparison::Difference::Slower => Difference::Slower,
        comparison::Difference::Faster => Difference::Faster,
        comparison::Difference::New => Difference::New,
        comparison::Difference::Gone => Difference::Gone,
    }
}

fn step_regression(step: &ComparedStep) -> Option<Finding> {
    let (before_ms, after_ms) = step.before_ms.zip(step.after_ms)?;
    let (before, after) = (format_duration(before_ms), format_duration(after_ms));
    let (rule, message) = match step.difference {
        Difference::Slower => (
            "step-slower",
            format!("`{}` takes {after} instead of {before}", step.name),
        ),
        Difference::BeganToMiss => (
            "step-began-to-miss",
            format!(
                "`{}` came from the cache, and now runs for {after}",
                step.name
            ),
        ),
        _ => return None,
    };
    let duration_ms = after_ms.saturating_sub(before_ms);
    Some(Finding {
        saving: Some(Saving {
            duration_ms: Some(duration_ms),
            size_bytes: None,
        }),
        ..finding(rule, message, Some(&step.target), step.location.clone())
    })
}

fn image_growth(target: &ComparedTarget) -> Option<Finding> {
    let before = target.before?.image_size_bytes?;
    let after = target.after?.image_size_bytes?;
    let growth = after.saturating_sub(before);
    let is_growth = growth >= GROWTH_BYTES && growth as f64 >= before as f64 * GROWTH_RATIO;
    let message = format!(
        "the image has {} instead of {}",
        format_bytes(after),
        format_bytes(before)
    );
    is_growth.then(|| Finding {
        saving: Some(Saving {
            duration_ms: None,
            size_bytes: Some(growth),
        }),
        ..finding("image-grew", message, Some(&target.target), None)
    })
}

fn slower_build(data: &ComparisonData) -> Option<Finding> {
    let [before_ms, after_ms] = [&data.before, &data.after].map(|build| build.totals.duration_ms);
    let message = format!(
        "the build takes {} instead of {}",
        format_duration(after_ms),
        format_duration(before_ms)
    );
    is_longer(before_ms, after_ms).then(|| finding("build-slower", message, None, None))
}

fn finding(
    rule: &str,
    message: String,
    subject: Option<&str>,
    location: Option<Location>,
) -> Finding {
    Finding {
        rule: rule.to_owned(),
        severity: Severity::Warning,
        message,
        advice: None,
        location,
        subject: subject.map(str::to_owned),
        saving: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(before: Option<u64>, after: Option<u64>) -> ComparedTarget {
        let figures = |image_size_bytes| TargetFigures {
            status: common::report::TargetStatus::Built,
            duration_ms: None,
            image_size_bytes,
        };
        ComparedTarget {
            target: "app".to_owned(),
            before: Some(figures(before)),
            after: Some(figures(after)),
        }
    }

    #[test]
    fn an_image_grew_when_it_did_so_by_much_and_by_a_large_part() {
        let rule = |before, after| image_growth(&target(before, after)).map(|found| found.rule);
        assert_eq!(
            rule(Some(10_000_000), Some(12_000_000)).unwrap(),
            "image-grew"
        );
        assert_eq!(rule(Some(100), Some(200)), None);
        assert_eq!(rule(Some(100_000_000), Some(105_000_000)), None);
        assert_eq!(rule(None, Some(105_000_000)), None);
    }

    #[test]
    fn only_what_got_worse_is_a_regression() {
        let step = |difference| ComparedStep {
            difference,
            target: "app".to_owned(),
            step: "app/build/2".to_owned(),
            name: "RUN make".to_owned(),
            location: None,
            before_ms: Some(0),
            after_ms: Some(1500),
        };
        let missed = step_regression(&step(Difference::BeganToMiss)).unwrap();
        assert_eq!(
            missed.message,
            "`RUN make` came from the cache, and now runs for 1.50 s"
        );
        assert_eq!(missed.saving.unwrap().duration_ms, Some(1500));
        let slower = step_regression(&step(Difference::Slower)).unwrap();
        assert_eq!(slower.message, "`RUN make` takes 1.50 s instead of 0 ms");
        assert_eq!(step_regression(&step(Difference::BeganToHit)), None);
    }
}
