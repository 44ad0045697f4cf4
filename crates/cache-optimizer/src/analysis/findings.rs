//! Applies every rule to every Dockerfile.

use std::collections::HashMap;

use super::rules::{Found, RULES, Rule, Subject};
use crate::model::build::{Build, Target};
use crate::model::recipe::Recipe;

/// What a rule found, and where.
#[derive(Debug)]
pub(crate) struct Finding<'a> {
    /// The rule that found it.
    pub(crate) rule: &'static Rule,
    /// The Dockerfile and its context.
    pub(crate) recipe: &'a Recipe,
    /// What it is.
    pub(crate) found: Found,
}

/// What the rules find in `recipes`, with times as `build` measured them.
pub(crate) fn findings<'a>(recipes: &'a [Recipe], build: Option<&Build>) -> Vec<Finding<'a>> {
    let mut findings = Vec::new();
    for recipe in recipes {
        let durations_ms = build
            .map(|build| durations_ms(recipe, build))
            .unwrap_or_default();
        let subject = Subject {
            recipe,
            durations_ms: &durations_ms,
        };
        for rule in &RULES {
            let found = (rule.check)(&subject).into_iter();
            findings.extend(found.map(|found| Finding {
                rule,
                recipe,
                found,
            }));
        }
    }
    findings
}

/// Milliseconds of the steps of a Dockerfile that ran and succeeded, by line; the longest where
/// several targets ran one.
fn durations_ms(recipe: &Recipe, build: &Build) -> HashMap<u32, u64> {
    let mut durations_ms = HashMap::new();
    let targets = build
        .targets
        .iter()
        .filter(|target| recipe.targets.contains(&target.name));
    for step in targets
        .flat_map(Target::misses)
        .filter(|step| !step.is_failed)
    {
        if let Some(place) = &step.place {
            let longest = durations_ms.entry(place.line).or_insert(0);
            *longest = step.duration_ms.max(*longest);
        }
    }
    durations_ms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::context::Context;
    use crate::model::sample::{at_line, build, cached, failed, ran, target};

    fn recipe(text: &str, targets: &[&str]) -> Recipe {
        Recipe {
            path: "Dockerfile".to_owned(),
            dockerfile: common::dockerfile::parse(text).unwrap(),
            context: Context::default(),
            targets: targets.iter().map(|&target| target.to_owned()).collect(),
        }
    }

    const FAULTY: &str = "FROM node\nCOPY . .\nRUN npm ci\n";

    #[test]
    fn the_longest_run_over_all_targets_is_what_mending_saves() {
        let one = target([at_line(3, ran("RUN npm ci", 10))]);
        let mut two = target([at_line(3, ran("RUN npm ci", 90))]);
        two.name = "two".to_owned();
        let build = build([one, two]);
        let recipes = [recipe(FAULTY, &["app", "two"])];
        let found = findings(&recipes, Some(&build));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].rule.id, "copy-before-install");
        assert_eq!(found[0].found.saved_ms, Some(90));
    }

    #[test]
    fn steps_that_were_cached_or_failed_measure_nothing() {
        for step in [cached("RUN npm ci"), failed("RUN npm ci", 10)] {
            let build = build([target([at_line(3, step)])]);
            let recipes = [recipe(FAULTY, &["app"])];
            assert_eq!(findings(&recipes, Some(&build))[0].found.saved_ms, None);
        }
    }

    #[test]
    fn both_negative_controls_of_the_research_are_clean() {
        for text in [VOTING_WORKER, SEARXNG] {
            assert!(findings(&[recipe(text, &[])], None).is_empty(), "{text}");
        }
    }

    /// After dockersamples/example-voting-app: worker/Dockerfile.
    const VOTING_WORKER: &str = "\
FROM --platform=${BUILDPLATFORM} mcr.microsoft.com/dotnet/sdk:7.0 AS build
ARG TARGETPLATFORM
ARG TARGETARCH
WORKDIR /source
COPY *.csproj .
RUN dotnet restore -a $TARGETARCH
COPY . .
RUN dotnet publish -c release -o /app -a $TARGETARCH --self-contained false --no-restore
FROM mcr.microsoft.com/dotnet/runtime:7.0
WORKDIR /app
COPY --from=build /app .
ENTRYPOINT [\"dotnet\", \"Worker.dll\"]
";

    /// After searxng/searxng: Dockerfile.
    const SEARXNG: &str = "\
FROM alpine:3.20
ENTRYPOINT [\"/sbin/tini\",\"--\",\"/usr/local/searxng/dockerfiles/docker-entrypoint.sh\"]
EXPOSE 8080
VOLUME /etc/searxng
ARG SEARXNG_GID=977
RUN addgroup -g ${SEARXNG_GID} searxng
WORKDIR /usr/local/searxng
COPY requirements.txt ./requirements.txt
RUN apk add --no-cache -t build-dependencies build-base python3-dev \\
 && apk add --no-cache ca-certificates python3 tini uwsgi \\
 && pip3 install --break-system-packages --no-cache -r requirements.txt \\
 && apk del build-dependencies \\
 && rm -rf /root/.cache
COPY --chown=searxng:searxng dockerfiles ./dockerfiles
COPY --chown=searxng:searxng searx ./searx
ARG VERSION_GITCOMMIT=unknown
RUN su searxng -c \"/usr/bin/python3 -m compileall -q searx\"
";
}
