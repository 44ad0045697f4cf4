//! Which build arguments are part of a step's cache key.

use crate::model::build::{Stage, Step, Target};

/// The build arguments in the step's cache key. A `RUN` has all in its environment that were declared
/// before it, used or not, also in the stages that its stage starts from; other instructions see those
/// that their text names. An argument that is not declared acts on nothing.
pub(crate) fn visible_args<'a>(step: &Step, target: &'a Target) -> Vec<&'a str> {
    let Some((label, place)) = step.stage.as_deref().zip(step.place.as_ref()) else {
        return Vec::new();
    };
    let is_run = step.text.starts_with("RUN");
    let declared = stage_chain(label, target)
        .flat_map(|stage| &stage.args)
        // The stages that a stage starts from stand above it.
        .filter(|arg| arg.line < place.line);
    declared
        .map(|arg| arg.name.as_str())
        .filter(|name| is_run || mentions(&step.text, name))
        .collect()
}

/// The stage with this label, and those that it starts from.
fn stage_chain<'a>(label: &str, target: &'a Target) -> impl Iterator<Item = &'a Stage> {
    let stages = &target.stages;
    let first = stages.iter().find(|stage| stage.label == label);
    std::iter::successors(first, |stage| {
        let base_index = stage
            .base_index
            .filter(|base_index| *base_index < stage.index)?;
        stages.iter().find(|stage| stage.index == base_index)
    })
}

fn mentions(text: &str, name: &str) -> bool {
    text.split('$').skip(1).any(|rest| {
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let is_in_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        rest.strip_prefix(name)
            .is_some_and(|after| !after.starts_with(is_in_name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::build::Arg;
    use crate::model::sample::{arg, at_line, ran, stage, target};

    /// What a step in line 5 of the stage `build` sees, when that stage goes on from `base`.
    fn visible(text: &str, base: Vec<Arg>, build: Vec<Arg>) -> Vec<String> {
        let step = at_line(5, ran(text, 1));
        let mut target = target([]);
        target.stages = vec![
            stage(0, "base", None, base),
            stage(1, "build", Some(0), build),
        ];
        let names = visible_args(&step, &target).into_iter();
        names.map(str::to_owned).collect()
    }

    #[test]
    fn a_run_sees_what_is_declared_above_it_used_or_not() {
        let args = vec![arg("A", 3), arg("B", 4), arg("BELOW", 6)];
        assert_eq!(visible("RUN make", Vec::new(), args), ["A", "B"]);
    }

    #[test]
    fn a_run_sees_what_its_base_stage_declares() {
        assert_eq!(
            visible("RUN make", vec![arg("A", 2)], vec![arg("B", 4)]),
            ["B", "A"]
        );
    }

    #[test]
    fn another_instruction_sees_only_what_its_text_names() {
        for (text, is_visible) in [
            ("COPY ${DIR}/ /app", true),
            ("COPY ${DIR:-src} /app", true),
            ("COPY $DIR /app", true),
            ("WORKDIR /$DIR", true),
            ("COPY $DIRECTORY /app", false),
            ("COPY DIR /app", false),
        ] {
            let names = visible(text, Vec::new(), vec![arg("DIR", 2)]);
            assert_eq!(names == ["DIR"], is_visible, "{text}");
        }
    }

    #[test]
    fn a_stage_that_goes_on_from_itself_ends() {
        let mut target = target([]);
        target.stages = vec![stage(1, "build", Some(1), vec![arg("A", 2)])];
        let step = at_line(5, ran("RUN make", 1));
        assert_eq!(visible_args(&step, &target), ["A"]);
    }
}
