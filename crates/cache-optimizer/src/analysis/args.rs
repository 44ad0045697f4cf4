//! Which build arguments are part of a step's cache key, and which of them certainly changed.

use crate::model::build::{Arg, REDACTED, Step, Target};

/// The first build argument of a step that certainly has another value than before. One that was given
/// in one of the builds only is certain when the declaration that counted in the other has another
/// default; without one, a global `ARG` may have given the same value.
pub(crate) fn changed_arg<'a>(
    before: (&Step, &Target),
    after: (&Step, &'a Target),
) -> Option<&'a str> {
    let declared_before = visible_args(before.0, before.1);
    let default_before = |name: &str| {
        let arg = declared_before.iter().find(|arg| arg.name == name);
        arg.and_then(|arg| arg.default.as_deref())
    };
    let is_changed = |arg: &&Arg| {
        let name = &arg.name;
        match (before.1.build_args.get(name), after.1.build_args.get(name)) {
            (Some(before), Some(after)) => before != after,
            (None, Some(after)) => is_other(after, default_before(name)),
            (Some(before), None) => is_other(before, arg.default.as_deref()),
            (None, None) => false,
        }
    };
    let mut args = visible_args(after.0, after.1).into_iter();
    args.find(is_changed).map(|arg| arg.name.as_str())
}

/// What is missing on a build argument of a step whose values reports do not settle.
pub(crate) fn unclear_arg(before: &Target, after: (&Step, &Target)) -> Option<String> {
    let unclear = |arg: &Arg| {
        let name = &arg.name;
        match (before.build_args.get(name), after.1.build_args.get(name)) {
            (_, Some(value)) if value == REDACTED => {
                Some(format!("the value of `{name}`, which is redacted"))
            }
            (None, Some(_)) | (Some(_), None) => {
                Some(format!("the default of `{name}`, given in one build only"))
            }
            _ => None,
        }
    };
    visible_args(after.0, after.1).into_iter().find_map(unclear)
}

/// Whether a value that was given certainly differs from a default as it is written.
fn is_other(given: &str, default: Option<&str>) -> bool {
    let is_literal = |text: &&str| !text.contains(['$', '"', '\'', '\\', '`']);
    default
        .filter(is_literal)
        .is_some_and(|default| given != REDACTED && given != default)
}

/// The build arguments in the step's cache key. A `RUN` has all in its environment that were declared
/// before it, used or not, also in the stages that its stage starts from; other instructions see those
/// that their text names. An argument that is not declared acts on nothing.
fn visible_args<'a>(step: &Step, target: &'a Target) -> Vec<&'a Arg> {
    let Some((label, place)) = step.stage.as_deref().zip(step.place.as_ref()) else {
        return Vec::new();
    };
    let is_run = step.is_run();
    let declared = target
        .stage_chain(label)
        .flat_map(|stage| &stage.args)
        // The stages that a stage starts from stand above it.
        .filter(|arg| arg.line < place.line);
    declared
        .filter(|arg| is_run || mentions(&step.text, &arg.name))
        .collect()
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
        names.map(|arg| arg.name.clone()).collect()
    }

    #[test]
    fn a_run_sees_what_is_declared_above_it_used_or_not() {
        let args = vec![arg("A", 3), arg("B", 4), arg("BELOW", 6)];
        assert_eq!(visible("run make", Vec::new(), args.clone()), ["A", "B"]);
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
        assert_eq!(visible_args(&step, &target), [&arg("A", 2)]);
    }

    /// The argument that certainly changed for a step below `ARG V`, with this default in both builds.
    fn changed(default: Option<&str>, before: Option<&str>, after: Option<&str>) -> bool {
        let step = at_line(5, ran("RUN make", 1));
        let given = |value: Option<&str>| {
            let mut target = target([]);
            let mut declared = arg("V", 2);
            declared.default = default.map(str::to_owned);
            target.stages = vec![stage(0, "build", None, vec![declared])];
            let value = value.map(|value| ("V".to_owned(), value.to_owned()));
            target.build_args.extend(value);
            target
        };
        let (before, after) = (given(before), given(after));
        changed_arg((&step, &before), (&step, &after)) == Some("V")
    }

    #[test]
    fn a_value_that_is_given_as_the_default_has_not_changed() {
        assert!(!changed(Some("1"), None, Some("1")));
        assert!(!changed(Some("1"), Some("1"), None));
        assert!(changed(Some("1"), None, Some("2")));
        assert!(changed(Some("1"), Some("2"), None));
        assert!(changed(None, Some("1"), Some("2")));
    }

    #[test]
    fn a_default_that_is_not_known_or_not_literal_proves_no_change() {
        for default in [None, Some("$BASE"), Some("\"2\""), Some("2")] {
            assert!(!changed(default, None, Some("2")), "{default:?}");
        }
        assert!(!changed(Some("2"), None, Some(REDACTED)));
    }
}
