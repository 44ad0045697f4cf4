//! Whether all that decides a step's key is known to be as it was. Then only one thing is left: the
//! builder does not have the result any more, or is another builder.

use super::bases::stage_base;
use super::{Evidence, NOT_RECORDED};
use crate::analysis::edits::{decisive_above, edited_above};
use crate::model::build::{FileSet, Step, keyword};

/// What is missing to be sure that nothing in the key changed. `None` when nothing is.
pub(super) fn missing(before: &Step, step: &Step, evidence: &Evidence<'_>) -> Option<String> {
    edits(before, step, evidence)
        .or_else(|| base(step, evidence))
        .or_else(|| used(step, evidence))
        .or_else(|| own(before, step))
}

fn edits(before: &Step, step: &Step, evidence: &Evidence<'_>) -> Option<String> {
    let (before, after) = ((before, evidence.earlier.target), (step, evidence.target));
    if let Some((line, text)) = edited_above(before, after) {
        let keyword = keyword(text);
        return Some(format!(
            "the effect of the edited `{keyword}` in line {line}"
        ));
    }
    let is_same = decisive_above(before.0, before.1) == decisive_above(after.0, after.1);
    (!is_same)
        .then(|| "the effect of the instructions above, which were removed or moved".to_owned())
}

/// The image that it all starts from has to be known, and the same, in both builds.
fn base(step: &Step, evidence: &Evidence<'_>) -> Option<String> {
    let label = step.stage.as_deref().unwrap_or_default();
    let root = evidence.target.stage_chain(label).last();
    let root = root.map_or(label, |stage| stage.label.as_str());
    // Without a `FROM` step it starts from nothing.
    let base = stage_base(root, evidence.target)?;
    let before = stage_base(evidence.earlier.label_then(root), evidence.earlier.target);
    let digest = base.base_digest.as_ref();
    let is_same = digest.is_some() && digest == before.and_then(|step| step.base_digest.as_ref());
    (!is_same).then(|| "the digest of the base image, in both builds".to_owned())
}

/// All that it uses has to have come from the cache, or is no instruction.
fn used(step: &Step, evidence: &Evidence<'_>) -> Option<String> {
    let unknown = step.depends_on.iter().find(|id| {
        let used = evidence.steps.get(id.as_str());
        !used.is_some_and(|used| used.is_hit() || !used.is_instruction)
    })?;
    Some(format!("what became of `{unknown}`"))
}

fn own(before: &Step, step: &Step) -> Option<String> {
    let other_files = || Some("the files that the step takes, in both builds".to_owned());
    let is_from_elsewhere = step.text.contains("from=");
    let uses_other_stage = step.depends_on.len() > 1;
    if step.text.contains("://") || is_from_elsewhere && !uses_other_stage {
        return Some("what the step takes from elsewhere".to_owned());
    }
    if step.is_run() {
        if before.run.is_none() || before.run != step.run {
            return Some(NOT_RECORDED.to_owned());
        }
        let binds_context = step.run.iter().flat_map(|run| &run.mounts).any(|mount| {
            !mount.contains("from=") && (mount.contains("type=bind") || !mount.contains("type="))
        });
        return (binds_context && !is_known_to_be_same(before, step)).then(other_files)?;
    }
    let takes_files = matches!(
        keyword(&step.text).to_ascii_uppercase().as_str(),
        "COPY" | "ADD"
    );
    (takes_files && !is_from_elsewhere && !is_known_to_be_same(before, step)).then(other_files)?
}

fn is_known_to_be_same(before: &Step, step: &Step) -> bool {
    let (Some(before), Some(after)) = (&before.files, &step.files) else {
        return false;
    };
    let folders = |set: &FileSet| set.folders.clone();
    before.digest == after.digest && folders(before).is_some() && folders(before) == folders(after)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::analysis::cause::Cause;
    use crate::analysis::misses::misses;
    use crate::model::build::{RunInputs, Step, Target};
    use crate::model::sample::{at_line, build, cached, file_set, ran, stage, target, uses};

    fn known(mut step: Step) -> Step {
        step.run = Some(RunInputs::default());
        step
    }

    /// Why the last step of these ran, between two builds of the same Dockerfile.
    fn cause(before: &Target, after: &Target) -> Cause {
        let (before, after) = (build([before.clone()]), build([after.clone()]));
        misses(&after, Some(&before)).remove(0).cause
    }

    fn is_evicted(before: &Target, after: &Target) -> bool {
        match cause(before, after) {
            Cause::Evicted => true,
            Cause::Unknown { .. } => false,
            other => panic!("{other:?} is not meant"),
        }
    }

    #[test]
    fn a_run_of_which_all_is_known_and_the_same_was_evicted() {
        let before = target([known(cached("RUN a"))]);
        let after = target([known(ran("RUN a", 1))]);
        assert!(is_evicted(&before, &after));
        assert!(!is_evicted(&target([cached("RUN a")]), &after));
    }

    #[test]
    fn a_copy_of_the_same_files_and_folders_was_evicted() {
        let copy = |mut step: Step, folders: Option<u32>| {
            let mut files = file_set("1", &[]);
            files.folders = folders.map(|mode| BTreeMap::from([("src".to_owned(), mode)]));
            step.files = Some(files);
            target([step])
        };
        let before = copy(cached("COPY src /src"), Some(0o755));
        let after = |folders| copy(ran("COPY src /src", 1), folders);
        assert!(is_evicted(&before, &after(Some(0o755))));
        assert!(!is_evicted(&before, &after(None)));
    }

    #[test]
    fn what_comes_from_elsewhere_or_from_an_unknown_base_settles_nothing() {
        for text in [
            "ADD https://example.com/a /a",
            "COPY --from=nginx /a /a",
            "RUN --mount=from=nginx,target=/a make",
        ] {
            let before = target([known(cached(text))]);
            assert!(
                !is_evicted(&before, &target([known(ran(text, 1))])),
                "{text}"
            );
        }
        let mut from = cached("FROM a");
        from.is_base = true;
        from.is_instruction = false;
        let id = from.id.clone();
        let both = |step| target([from.clone(), uses(&[&id], known(step))]);
        assert!(!is_evicted(&both(cached("RUN a")), &both(ran("RUN a", 1))));
    }

    #[test]
    fn labels_above_have_no_effect_and_swapped_variables_may() {
        let written = |texts: &[&str], step: Step| {
            let mut target = target([at_line(9, known(step))]);
            let mut stage = stage(0, "build", None, Vec::new());
            let lines = (2..).zip(texts);
            stage.texts = lines.map(|(n, &text)| (n, text.to_owned())).collect();
            target.stages = vec![stage];
            target
        };
        let pairs: [([&str; 2], [&str; 2], bool); 2] = [
            (["LABEL a=1", "ENV b=1"], ["LABEL a=2", "ENV b=1"], true),
            (["ENV a=1", "ENV b=1"], ["ENV b=1", "ENV a=1"], false),
        ];
        for (before, after, expected) in pairs {
            let before = written(&before, cached("RUN a"));
            let after = written(&after, ran("RUN a", 1));
            assert_eq!(is_evicted(&before, &after), expected);
        }
    }
}
