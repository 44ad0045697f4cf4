//! Which image a step starts from, and whether it is another one than before.

use super::{Cause, Evidence};
use crate::model::build::{Step, Target};

/// The image that the step's stage starts from, where it is certainly another one. Only the first
/// step of a stage builds on the image itself; the others on that step.
pub(super) fn base_cause(step: &Step, evidence: &Evidence<'_>) -> Option<Cause> {
    let base = direct_base(step, evidence.target)?;
    let label = base.stage.as_deref()?;
    let before = stage_base(evidence.earlier.label_then(label), evidence.earlier.target)?;
    let (before_digest, digest) = (before.base_digest.as_ref()?, base.base_digest.as_ref()?);
    (before_digest != digest).then(|| Cause::BaseChanged {
        image: image(base),
        before: before_digest.clone(),
        after: digest.clone(),
    })
}

/// Whether the image at the root of the step's stage is certainly another one.
pub(super) fn has_other_base(step: &Step, evidence: &Evidence<'_>) -> bool {
    let label = step.stage.as_deref().unwrap_or_default();
    let root = evidence.target.stage_chain(label).last();
    let root = root.map_or(label, |stage| stage.label.as_str());
    let digest = |label: &str, target| stage_base(label, target)?.base_digest.as_ref();
    let before = digest(evidence.earlier.label_then(root), evidence.earlier.target);
    let after = digest(root, evidence.target);
    before
        .zip(after)
        .is_some_and(|(before, after)| before != after)
}

/// The `FROM` that a step uses, looked for through internal work.
fn direct_base<'a>(step: &Step, target: &'a Target) -> Option<&'a Step> {
    let mut ids: Vec<&str> = step.depends_on.iter().map(String::as_str).collect();
    let mut seen = Vec::new();
    while let Some(id) = ids.pop() {
        if seen.contains(&id) {
            continue;
        }
        seen.push(id);
        let Some(used) = target.steps.iter().find(|step| step.id == id) else {
            continue;
        };
        if used.is_base && used.stage == step.stage {
            return Some(used);
        }
        if !used.is_base && !used.is_instruction {
            ids.extend(used.depends_on.iter().map(String::as_str));
        }
    }
    None
}

/// The `FROM` of the stage with this label.
pub(super) fn stage_base<'a>(label: &str, target: &'a Target) -> Option<&'a Step> {
    let mut steps = target.steps.iter();
    steps.find(|step| step.is_base && step.stage.as_deref() == Some(label))
}

/// The image's name, from the step as the builder prints it, without a digest.
fn image(base: &Step) -> String {
    let words = base.text.split_whitespace().skip(1);
    let mut words = words.filter(|word| !word.starts_with("--"));
    let image = words.next().unwrap_or(&base.name);
    image.split('@').next().unwrap_or(image).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::misses::misses;
    use crate::model::sample::{build, internal, ran, target, uses};

    fn based_on(digest: Option<&str>) -> Target {
        let mut from = internal("FROM docker.io/library/debian:12@sha256:0");
        from.is_base = true;
        from.base_digest = digest.map(str::to_owned);
        let id = from.id.clone();
        target([from, uses(&[&id], ran("RUN a", 1))])
    }

    fn cause(before: Option<&str>, after: Option<&str>) -> Cause {
        let (before, after) = (build([based_on(before)]), build([based_on(after)]));
        misses(&after, Some(&before)).remove(0).cause
    }

    #[test]
    fn another_image_under_the_same_name_is_a_cause_with_both_digests() {
        let expected = Cause::BaseChanged {
            image: "docker.io/library/debian:12".to_owned(),
            before: "sha256:1".to_owned(),
            after: "sha256:2".to_owned(),
        };
        assert_eq!(cause(Some("sha256:1"), Some("sha256:2")), expected);
    }

    #[test]
    fn an_image_that_is_the_same_or_not_known_is_none() {
        for (before, after) in [(Some("1"), Some("1")), (None, Some("1")), (Some("1"), None)] {
            let cause = cause(before, after);
            assert!(matches!(cause, Cause::Unknown { .. }), "{cause:?}");
        }
    }
}
