//! From what was checked of images to the report that says so.

use common::report::{
    BuildData, CheckResult, Finding, ImageCheck, ImageStart, ImageValidation, Location, Report,
    Severity as WireSeverity, StageBase, StagePlan, StartState as WireState, TargetBuild,
    TargetPlan, Verdict,
};

use crate::analysis::image_checks::HeldTerms;
use crate::model::check::{Check, Fault, Outcome, Place, Severity};
use crate::model::image::{Examined, StartState, Started};

/// An image to check, and what a build report says of it.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    /// Its name or id in the Engine.
    pub(crate) image: String,
    /// The target that made it. `None` when no report that was read knows it.
    pub(crate) plan: Option<TargetPlan>,
}

impl Subject {
    /// The target's name.
    pub(crate) fn target(&self) -> Option<&str> {
        self.plan.as_ref().map(|plan| plan.name.as_str())
    }

    /// The stage that became the image.
    pub(crate) fn stage(&self) -> Option<String> {
        self.plan.as_ref()?.stages.last().map(StagePlan::label)
    }
}

/// The images of build reports.
pub(crate) fn built_subjects(reports: &[Report<BuildData>]) -> Vec<Subject> {
    let targets = reports.iter().flat_map(|report| &report.data.targets);
    let subject = |target: &TargetBuild| {
        Some(Subject {
            image: target.image.as_ref()?.id.clone(),
            plan: Some(target.plan.clone()),
        })
    };
    targets.filter_map(subject).collect()
}

/// What was checked of an image, as the report has it, and what was found.
pub(crate) fn image_validation(
    subject: &Subject,
    examined: &Examined,
    held: HeldTerms,
    checks: &[Check],
) -> (ImageValidation, Vec<Finding>) {
    let image = &examined.image;
    let name = image.tags.first().unwrap_or(&image.id);
    let shown = subject.target().unwrap_or(name);
    let plan = subject.plan.as_ref();
    let findings = checks.iter().flat_map(|check| findings(check, shown, plan));
    let validation = ImageValidation {
        name: name.clone(),
        id: image.id.clone(),
        target: subject.target().map(str::to_owned),
        stage: subject.stage(),
        platform: format!("{}/{}", image.os, image.architecture),
        size_bytes: image.size_bytes,
        user: image.user.clone(),
        command: image.command.clone(),
        contracts: held.sections,
        checks: checks.iter().map(image_check).collect(),
        start: examined.start.as_ref().map(image_start),
    };
    (validation, findings.collect())
}

/// The verdict on findings, of which those of `least` and above fail.
pub(crate) fn verdict(findings: &[Finding], least: WireSeverity, is_whole: bool) -> Verdict {
    // Severities sort the gravest first.
    if findings.iter().any(|finding| finding.severity <= least) {
        Verdict::Fail
    } else if is_whole {
        Verdict::Pass
    } else {
        Verdict::Incomplete
    }
}

fn image_check(check: &Check) -> ImageCheck {
    ImageCheck {
        rule: check.rule.to_owned(),
        result: match check.outcome {
            Outcome::Passed => CheckResult::Passed,
            Outcome::Skipped => CheckResult::Skipped,
            Outcome::Failed(_) => CheckResult::Failed,
        },
    }
}

fn image_start(start: &Started) -> ImageStart {
    let (state, exit_code) = match start.state {
        StartState::Healthy => (WireState::Healthy, None),
        StartState::Unhealthy => (WireState::Unhealthy, None),
        StartState::Running => (WireState::Running, None),
        StartState::Exited(code) => (WireState::Exited, Some(code)),
        StartState::Refused(_) => (WireState::Refused, None),
    };
    ImageStart {
        state,
        duration_ms: start.duration_ms,
        exit_code,
        log_tail: start.log_tail.clone(),
    }
}

fn findings(check: &Check, subject: &str, plan: Option<&TargetPlan>) -> Vec<Finding> {
    let Outcome::Failed(faults) = &check.outcome else {
        return Vec::new();
    };
    let faults = faults.iter();
    faults
        .map(|fault| finding(check.rule, fault, subject, plan))
        .collect()
}

/// A fault as a finding of a rule about a target or image.
pub(crate) fn finding(
    rule: &str,
    fault: &Fault,
    subject: &str,
    plan: Option<&TargetPlan>,
) -> Finding {
    Finding {
        rule: rule.to_owned(),
        severity: match fault.severity {
            Severity::Error => WireSeverity::Error,
            Severity::Warning => WireSeverity::Warning,
            Severity::Note => WireSeverity::Note,
        },
        message: fault.message.clone(),
        advice: fault.advice.clone(),
        location: plan.and_then(|plan| location(plan, fault.place)),
        subject: Some(subject.to_owned()),
        saving: None,
    }
}

fn location(plan: &TargetPlan, place: Place) -> Option<Location> {
    let last = plan.stages.last()?;
    match place {
        Place::Nowhere => None,
        Place::Line(line) => Some(Location {
            path: plan.dockerfile_path.clone(),
            line,
        }),
        Place::Instruction(keywords) => {
            let line = instruction_line(plan, last, keywords);
            Some(line.unwrap_or_else(|| last.location.clone()))
        }
    }
}

/// The last instruction with one of the keywords, in the stage or in one that it starts from.
fn instruction_line(plan: &TargetPlan, stage: &StagePlan, keywords: &[&str]) -> Option<Location> {
    let instructions = stage.instructions.iter().rev();
    let mut wanted = instructions.filter(|one| keywords.contains(&one.keyword.as_str()));
    if let Some(instruction) = wanted.next() {
        return Some(Location {
            path: stage.location.path.clone(),
            line: instruction.line,
        });
    }
    let StageBase::Stage { index } = stage.base else {
        return None;
    };
    // A stage starts from an earlier one only, so that this ends.
    let mut earlier = plan.stages.iter();
    let base = earlier.find(|base| base.index == index && index < stage.index)?;
    instruction_line(plan, base, keywords)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::plan::{Plan, Target};
    use crate::report::plan::plan_data;

    fn plan() -> TargetPlan {
        let dockerfile = "FROM scratch AS base\nUSER 1\nFROM base\nEXPOSE 80\nCMD [\"/a\"]\n";
        let plan = Plan {
            targets: vec![Target::sample("app", dockerfile)],
            ..Plan::default()
        };
        plan_data(&plan).targets.remove(0)
    }

    #[test]
    fn a_fault_is_at_the_instruction_also_of_an_earlier_stage() {
        let line = |keywords| {
            location(&plan(), Place::Instruction(keywords))
                .unwrap()
                .line
        };
        assert_eq!(line(&["EXPOSE"]), 4);
        assert_eq!(line(&["USER"]), 2);
        assert_eq!(line(&["ENTRYPOINT", "CMD"]), 5);
        assert_eq!(line(&["HEALTHCHECK"]), 3, "the stage itself");
        assert_eq!(location(&plan(), Place::Nowhere), None);
    }

    #[test]
    fn warnings_fail_only_where_that_is_asked_for() {
        let fault = Fault {
            severity: Severity::Warning,
            message: String::new(),
            advice: None,
            place: Place::Nowhere,
        };
        let found = [finding("a", &fault, "app", None)];
        assert_eq!(verdict(&found, WireSeverity::Error, true), Verdict::Pass);
        assert_eq!(verdict(&found, WireSeverity::Warning, true), Verdict::Fail);
        assert_eq!(
            verdict(&found, WireSeverity::Error, false),
            Verdict::Incomplete
        );
    }
}
