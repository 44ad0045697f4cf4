//! The environment that is built for, such as `production`, given to the targets that ask for it.

use common::dockerfile::{ArgDeclaration, Detail};

use super::stages::needed_stages;
use crate::model::plan::{Plan, Target};

/// The build argument, called like the variable that it comes from.
pub(crate) const BUILD_ENVIRONMENT: &str = "BUILD_ENVIRONMENT";

/// Sets the build argument of targets that declare it and have no value for it. The others stay as
/// they are: BuildKit warns of arguments that nobody declares.
pub(crate) fn set_build_environment(plan: &mut Plan, value: &str) {
    for target in &mut plan.targets {
        if declares(target) {
            let name = BUILD_ENVIRONMENT.to_owned();
            target.build_args.entry(name).or_insert(value.to_owned());
        }
    }
}

fn declares(target: &Target) -> bool {
    let is_it = |arg: &ArgDeclaration| arg.name == BUILD_ENVIRONMENT;
    let dockerfile = &target.dockerfile;
    let stages = needed_stages(target);
    let mut instructions = stages
        .iter()
        .flat_map(|stage| &dockerfile.stages[stage.index].instructions);
    dockerfile.global_args.iter().any(is_it)
        || instructions.any(|instruction| match &instruction.detail {
            Detail::Arg(args) => args.iter().any(is_it),
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(dockerfile: &str, args: &[(&str, &str)]) -> Option<String> {
        let mut plan = Plan {
            targets: vec![Target::sample("app", dockerfile).with_args(args)],
            ..Plan::default()
        };
        set_build_environment(&mut plan, "production");
        plan.targets[0].build_args.get(BUILD_ENVIRONMENT).cloned()
    }

    #[test]
    fn only_targets_that_declare_the_argument_get_it() {
        let some = Some("production".to_owned());
        assert_eq!(value("FROM a\nARG BUILD_ENVIRONMENT\n", &[]), some);
        assert_eq!(value("ARG BUILD_ENVIRONMENT=dev\nFROM a\n", &[]), some);
        assert_eq!(value("FROM a\nARG OTHER\n", &[]), None);
        let unneeded = "FROM a AS other\nARG BUILD_ENVIRONMENT\nFROM b\n";
        assert_eq!(value(unneeded, &[]), None);
    }

    #[test]
    fn a_value_that_is_set_stays() {
        let args = [("BUILD_ENVIRONMENT", "test")];
        let kept = value("FROM a\nARG BUILD_ENVIRONMENT\n", &args);
        assert_eq!(kept.as_deref(), Some("test"));
    }
}
