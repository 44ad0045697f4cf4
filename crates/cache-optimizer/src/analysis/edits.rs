//! What was edited in a Dockerfile above a step: in its stage, and in those that its stage starts from.

use common::dockerfile::makes_step;
use std::collections::HashSet;

use crate::model::build::{Step, Target, keyword};

/// Whether a step certainly builds on others than before: on more, on fewer, or on the same in another
/// order. One whose text alone differs may make the same.
pub(crate) fn is_moved(before: (&Step, &Target), after: (&Step, &Target)) -> bool {
    let is_step = |&(_, text): &(u32, &str)| makes_step(&keyword(text).to_ascii_uppercase());
    let texts = |(step, target)| -> Vec<&str> {
        let above = above(step, target).into_iter().filter(is_step);
        above.map(|(_, text)| text).collect()
    };
    let (mut before, mut after) = (texts(before), texts(after));
    if before == after || before.len() != after.len() {
        return before != after;
    }
    before.sort_unstable();
    after.sort_unstable();
    before == after
}

/// The instructions above a step that can have an effect on its key, in order.
pub(crate) fn decisive_above<'a>(step: &Step, target: &'a Target) -> Vec<&'a str> {
    let above = above(step, target).into_iter();
    above
        .map(|(_, text)| text)
        .filter(|text| is_decisive(text))
        .collect()
}

/// Whether an instruction makes a step, or alters how later ones run. The others only describe the
/// image. Source: research/cache.md section 2.3.
fn is_decisive(text: &str) -> bool {
    !matches!(
        keyword(text).to_ascii_uppercase().as_str(),
        "CMD"
            | "ENTRYPOINT"
            | "EXPOSE"
            | "HEALTHCHECK"
            | "LABEL"
            | "MAINTAINER"
            | "STOPSIGNAL"
            | "VOLUME"
    )
}

/// The gone instruction that stood nearest to where a new one stands now, of the same keyword.
pub(crate) fn replaced<'a>(
    earlier: &'a Target,
    label_then: &str,
    (step, now): (&Step, &Target),
) -> Option<&'a str> {
    let label = step.stage.as_deref()?;
    let line = step.place.as_ref()?.line;
    let stage = |target: &'a Target, label: &str| target.stages.iter().find(|s| s.label == label);
    let kept: HashSet<_> = now
        .stages
        .iter()
        .filter(|stage| stage.label == label)
        .flat_map(|stage| stage.texts.values())
        .collect();
    let gone = stage(earlier, label_then)?.texts.iter();
    let is_same_keyword = |text: &str| keyword(text).eq_ignore_ascii_case(keyword(&step.text));
    gone.filter(|(_, text)| is_same_keyword(text) && !kept.contains(text))
        .min_by_key(|(gone_line, _)| gone_line.abs_diff(line))
        .map(|(_, text)| text.as_str())
}

/// The first instruction above a step that was not there before, with its line. Those that have no
/// effect on it are passed over.
pub(crate) fn edited_above<'a>(
    before: (&Step, &Target),
    after: (&Step, &'a Target),
) -> Option<(u32, &'a str)> {
    let before: HashSet<_> = above(before.0, before.1)
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    let mut after = above(after.0, after.1).into_iter();
    after.find(|(_, text)| is_decisive(text) && !before.contains(text))
}

/// The instructions above a step, by line.
pub(crate) fn above<'a>(step: &Step, target: &'a Target) -> Vec<(u32, &'a str)> {
    let Some((label, place)) = step.stage.as_deref().zip(step.place.as_ref()) else {
        return Vec::new();
    };
    let texts = target.stage_chain(label).flat_map(|stage| &stage.texts);
    let mut above: Vec<_> = texts
        .map(|(&line, text)| (line, text.as_str()))
        .filter(|(line, _)| *line < place.line)
        .collect();
    above.sort_unstable();
    above
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample::{at_line, ran, stage, target};

    /// A stage with these instructions from line 2, and the step of the last one.
    fn written(texts: &[&str]) -> (Step, Target) {
        let mut target = target([]);
        let mut stage = stage(0, "build", None, Vec::new());
        let lines = (2..).zip(texts);
        stage.texts = lines.map(|(n, &text)| (n, text.to_owned())).collect();
        target.stages = vec![stage];
        let last = u32::try_from(texts.len()).unwrap() + 1;
        (at_line(last, ran(texts[texts.len() - 1], 1)), target)
    }

    fn moved(before: &[&str], after: &[&str]) -> bool {
        let (before, after) = (written(before), written(after));
        is_moved((&before.0, &before.1), (&after.0, &after.1))
    }

    #[test]
    fn a_step_is_moved_by_one_that_is_gone_added_or_swapped_above_it() {
        let before = ["RUN a", "COPY b b", "RUN c"];
        assert!(moved(&before, &["RUN a", "RUN c"]));
        assert!(moved(
            &before,
            &["RUN a", "COPY b b", "WORKDIR /d", "RUN c"]
        ));
        assert!(moved(&before, &["COPY b b", "RUN a", "RUN c"]));
    }

    #[test]
    fn a_step_is_not_moved_by_metadata_or_by_what_is_below_it_or_spelled_anew() {
        let before = ["WORKDIR /a", "COPY b b", "RUN c"];
        assert!(!moved(&before, &before));
        assert!(!moved(
            &before,
            &["LABEL a=b", "WORKDIR /a", "COPY b b", "RUN c"]
        ));
        assert!(!moved(&before, &["WORKDIR /a", "COPY b /a/b", "RUN c"]));
    }

    #[test]
    fn the_first_new_instruction_above_is_named_with_its_line() {
        let before = written(&["ENV A=1", "RUN c"]);
        let after = written(&["ENV A=2", "USER d", "RUN c"]);
        let edited = edited_above((&before.0, &before.1), (&after.0, &after.1));
        assert_eq!(edited, Some((2, "ENV A=2")));
        let none = edited_above((&before.0, &before.1), (&before.0, &before.1));
        assert_eq!(none, None);
    }
}
