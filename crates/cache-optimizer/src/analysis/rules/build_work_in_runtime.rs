//! Finds work of a build in the steps of the image itself: tools that a step installs and removes
//! again, so that each run of it installs them anew, and programs that only fetch something.

use common::dockerfile::Run;

use super::{Confidence, Found, Remedy, Subject};
use crate::analysis::build_packages::{installed, is_for_building, removed};
use crate::analysis::final_stage::{is_runtime, runs, start_words};
use crate::analysis::run_commands::run_commands;

/// Programs that fetch.
const FETCHERS: [&str; 3] = ["curl", "git", "wget"];

/// The end of the name of a shell script.
const SHELL_SCRIPT: &str = ".sh";

pub(super) fn check(subject: &Subject<'_>) -> Vec<Found> {
    let dockerfile = &subject.recipe.dockerfile;
    if dockerfile.stages.is_empty() || !is_runtime(dockerfile) {
        return Vec::new();
    }
    let runs = runs(dockerfile);
    let mut found = Vec::new();
    for (instruction, run) in &runs {
        if let Some(packages) = passing(run) {
            let message = format!(
                "this step installs {packages} and removes it again, so each run of it installs it anew"
            );
            let advice = "build in a stage of its own that keeps them, and copy what it makes";
            found.push(finding(
                instruction.line,
                message,
                advice,
                Confidence::Likely,
            ));
        }
    }
    found.extend(fetchers(subject));
    found
}

fn finding(line: u32, message: String, advice: &str, confidence: Confidence) -> Found {
    let why = "which files the program needs to run is not known";
    Found {
        confidence,
        remedy: Remedy::Withheld(why.to_owned()),
        ..Found::new(line, message, advice.to_owned())
    }
}

/// The first package for building that a step installs and removes.
fn passing(run: &Run) -> Option<String> {
    let commands = run_commands(run);
    let gone: Vec<&str> = commands.iter().flat_map(removed).collect();
    let mut installed = commands.iter().filter_map(installed);
    installed.find_map(|it| {
        let is_group_gone = it.group.is_some_and(|group| gone.contains(&group));
        let mut packages = it.packages.into_iter();
        let package =
            packages.find(|it| is_for_building(it) && (is_group_gone || gone.contains(it)))?;
        Some(format!("`{package}`"))
    })
}

/// Fetchers that are installed, that a step uses, and that the image does not start with. What it
/// starts may still call them, so a script that it starts leaves it open.
fn fetchers(subject: &Subject<'_>) -> Vec<Found> {
    let dockerfile = &subject.recipe.dockerfile;
    let starts = start_words(dockerfile);
    if starts
        .iter()
        .any(|word| word.ends_with(SHELL_SCRIPT) || word.contains("entrypoint"))
    {
        return Vec::new();
    }
    let runs = runs(dockerfile);
    let commands = |run: &Run| run_commands(run);
    let uses = |fetcher: &str| {
        let mut used = runs.iter().flat_map(|(_, run)| commands(run));
        used.any(|command| command.program == fetcher)
    };
    let mut found = Vec::new();
    for (instruction, run) in &runs {
        let commands = commands(run);
        let packages = commands
            .iter()
            .filter_map(installed)
            .flat_map(|it| it.packages);
        let gone: Vec<&str> = commands.iter().flat_map(removed).collect();
        let only_fetch = packages
            .filter(|package| FETCHERS.contains(package) && !gone.contains(package))
            .filter(|package| uses(package) && !starts.contains(package));
        for package in only_fetch {
            let message =
                format!("the image keeps `{package}`, which only its build is seen to use");
            let advice = "fetch with `ADD --checksum=`, or in a stage of its own";
            found.push(finding(
                instruction.line,
                message,
                advice,
                Confidence::Possible,
            ));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::sample::{found, lines};
    use super::*;

    #[test]
    fn tools_that_come_and_go_in_a_step_are_found() {
        // After superset.
        let text = "\
FROM python:3.10 AS lean
COPY requirements/base.txt requirements/
RUN apt-get update -qq && apt-get install -yqq build-essential \\
    && pip install -r requirements/base.txt \\
    && apt-get autoremove -yqq --purge build-essential
CMD [\"gunicorn\"]
";
        let found = found(check, text);
        let message = "this step installs `build-essential` and removes it again, so each run of it \
                       installs it anew";
        assert_eq!((found[0].line, found[0].message.as_str()), (3, message));
        let apk = "FROM a\nRUN apk add -t .d gcc && pip install b && apk del .d\nCMD x\n";
        assert_eq!(lines(check, apk), [2]);
    }

    #[test]
    fn a_fetcher_that_only_the_build_uses_is_found() {
        let text = |start: &str| {
            format!("FROM a\nRUN apk add curl git && curl -o /x https://example.com\n{start}\n")
        };
        assert_eq!(lines(check, &text("CMD [\"/x\"]")), [2]);
        for start in [
            "CMD [\"/entrypoint.sh\"]",
            "HEALTHCHECK CMD curl -f localhost\nCMD [\"/x\"]",
            "LABEL a=b",
        ] {
            assert!(found(check, &text(start)).is_empty(), "{start}");
        }
    }

    #[test]
    fn work_in_other_stages_is_as_it_should_be() {
        let text = "FROM a AS b\nRUN apk add gcc git && git clone x && apk del gcc\n\
                    FROM c\nCOPY --from=b /x /\nCMD [\"/x\"]\n";
        assert!(found(check, text).is_empty());
    }
}
