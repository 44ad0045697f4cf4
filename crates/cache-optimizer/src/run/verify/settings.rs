//! How Dockerfiles are built: as the build report has it, and as the arguments say.

use common::report::{TargetOptions, TargetPlan};
use common::terminal::Printer;

use crate::cli::verify::BuildArgs;
use crate::model::build::REDACTED;
use crate::model::recipe::Recipe;
use crate::model::trial::Settings;

/// What of the first target that is made from `recipe` can be asked for again, with the arguments on
/// top. Warns of what cannot.
pub(super) fn settings(
    recipe: &Recipe,
    plans: &[TargetPlan],
    args: &BuildArgs,
    printer: &Printer,
) -> Settings {
    let plan = recipe
        .targets
        .first()
        .and_then(|name| plans.iter().find(|plan| plan.name == *name));
    let mut settings = plan.map(of_plan).unwrap_or_default();
    settings.options.retain(|(option, value)| {
        let is_known = !value.contains(REDACTED);
        if !is_known {
            printer.warning(format_args!(
                "the build report hides the value of `{option} {value}`, so the builds go without it"
            ));
        }
        is_known
    });
    settings.stage = args.stage.clone().or(settings.stage);
    let given = args.build_arg.iter();
    settings
        .options
        .extend(given.map(|arg| ("--build-arg", arg.clone())));
    settings
}

fn of_plan(plan: &TargetPlan) -> Settings {
    let pairs = |option, pairs: &std::collections::BTreeMap<String, String>| -> Vec<_> {
        let pair = |(name, value): (&String, &String)| (option, format!("{name}={value}"));
        pairs.iter().map(pair).collect()
    };
    let mut options = pairs("--build-arg", &plan.build_args);
    options.extend(pairs("--label", &plan.labels));
    options.extend(pairs("--build-context", &plan.named_contexts));
    options.extend(plan.platform.iter().map(|it| ("--platform", it.clone())));
    options.extend(of_options(&plan.options));
    Settings {
        stage: plan.stage.clone(),
        options,
    }
}

fn of_options(options: &TargetOptions) -> impl Iterator<Item = (&'static str, String)> {
    let repeated = [
        ("--secret", &options.secrets),
        ("--ssh", &options.ssh),
        ("--add-host", &options.extra_hosts),
    ];
    let repeated = repeated
        .into_iter()
        .flat_map(|(option, values)| values.iter().map(move |value| (option, value.clone())));
    let network = options.network.iter().map(|it| ("--network", it.clone()));
    repeated.chain(network)
}

#[cfg(test)]
mod tests {
    use common::cli::TerminalArgs;

    use super::*;
    use crate::model::sample;

    fn of(plan: TargetPlan, args: &BuildArgs) -> Settings {
        let mut recipe = sample::recipe("FROM a\n");
        recipe.targets = vec![plan.name.clone()];
        settings(
            &recipe,
            &[plan],
            args,
            &Printer::new(&TerminalArgs::default()),
        )
    }

    fn args(stage: Option<&str>, build_arg: &[&str]) -> BuildArgs {
        BuildArgs {
            stage: stage.map(str::to_owned),
            build_arg: build_arg.iter().map(|&arg| arg.to_owned()).collect(),
        }
    }

    fn plan() -> TargetPlan {
        TargetPlan {
            name: "app".to_owned(),
            stage: Some("build".to_owned()),
            build_args: [("A", "1"), ("TOKEN", REDACTED)]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            ..TargetPlan::default()
        }
    }

    #[test]
    fn what_is_hidden_is_left_out() {
        let settings = of(plan(), &args(None, &[]));
        assert_eq!(settings.stage.as_deref(), Some("build"));
        assert_eq!(settings.options, [("--build-arg", "A=1".to_owned())]);
    }

    #[test]
    fn arguments_come_after_what_the_report_says() {
        let settings = of(plan(), &args(Some("test"), &["A=2"]));
        assert_eq!(settings.stage.as_deref(), Some("test"));
        let options = ["A=1", "A=2"].map(|arg| ("--build-arg", arg.to_owned()));
        assert_eq!(settings.options, options);
    }
}
