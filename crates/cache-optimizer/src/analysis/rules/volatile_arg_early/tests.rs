//! Variables that stand too early, and those that cannot move.

use super::super::sample::{found, lines, mended, with_durations, withheld};
use super::*;

#[test]
fn a_commit_above_packages_moves_below_them_with_its_label() {
    // sherlock-project/sherlock, reduced.
    let text = "\
FROM python:3.11-slim
ARG VCS_REF
LABEL org.label-schema.vcs-ref=$VCS_REF
WORKDIR /opt
COPY requirements.txt .
RUN apt-get update && apt-get install -y git
RUN make -C /etc
";
    let found = with_durations(check, text, &[(6, 4000), (7, 10)]);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].line, found[0].saved_ms), (2, Some(4000)));
    assert_eq!(
        found[0].message,
        "a new value of `VCS_REF` runs line 6 again, which does not use it"
    );
    assert_eq!(found[0].advice, "declare it above line 7");
    assert_eq!(found[0].confidence, Confidence::Likely);
    let expected = "\
FROM python:3.11-slim
WORKDIR /opt
COPY requirements.txt .
RUN apt-get update && apt-get install -y git
ARG VCS_REF
LABEL org.label-schema.vcs-ref=$VCS_REF
RUN make -C /etc
";
    assert_eq!(mended(check, text, &[]), expected);
}

#[test]
fn what_is_meant_as_a_comment_names_nothing() {
    // sherlock-project/sherlock, reduced: what another variable holds stays where it is.
    let text = "\
FROM python:3.12-slim-bullseye
ARG VCS_REF= # CHANGE ME ON UPDATE
ARG VERSION_TAG= # CHANGE ME ON UPDATE
LABEL ref=$VCS_REF \\
      version=$VERSION_TAG
RUN pip3 install --no-cache-dir sherlock-project==$VERSION_TAG
WORKDIR /sherlock
";
    let expected = "\
FROM python:3.12-slim-bullseye
ARG VERSION_TAG= # CHANGE ME ON UPDATE
RUN pip3 install --no-cache-dir sherlock-project==$VERSION_TAG
ARG VCS_REF= # CHANGE ME ON UPDATE
LABEL ref=$VCS_REF \\
      version=$VERSION_TAG
WORKDIR /sherlock
";
    assert_eq!(found(check, text)[0].confidence, Confidence::Possible);
    assert_eq!(mended(check, text, &[]), expected);
}

#[test]
fn without_a_use_it_moves_below_the_last_step() {
    let text = "\
FROM alpine:3
# When it was built.
arg BUILD_DATE
run apk add git
COPY . .
CMD [\"a\"]
";
    let expected = "\
FROM alpine:3
run apk add git
# When it was built.
arg BUILD_DATE
COPY . .
CMD [\"a\"]
";
    assert_eq!(mended(check, text, &[]), expected);
}

#[test]
fn what_a_build_reads_without_a_word_of_it_stays_above_it() {
    // meilisearch/meilisearch, reduced.
    let text = "\
FROM rust:alpine AS compiler
ARG COMMIT_SHA
ARG COMMIT_DATE
ENV VERGEN_GIT_SHA=${COMMIT_SHA} VERGEN_GIT_COMMIT_TIMESTAMP=${COMMIT_DATE}
RUN apk add -q --no-cache build-base
WORKDIR /meilisearch
COPY . .
RUN cargo build --release
";
    let expected = "\
FROM rust:alpine AS compiler
RUN apk add -q --no-cache build-base
WORKDIR /meilisearch
COPY . .
ARG COMMIT_SHA
ARG COMMIT_DATE
ENV VERGEN_GIT_SHA=${COMMIT_SHA} VERGEN_GIT_COMMIT_TIMESTAMP=${COMMIT_DATE}
RUN cargo build --release
";
    let message = &found(check, text)[0].message;
    assert!(message.contains("`COMMIT_SHA`, `COMMIT_DATE`"), "{message}");
    assert_eq!(mended(check, text, &[]), expected);
    let build_only = text.replace("RUN apk add -q --no-cache build-base\n", "");
    assert!(found(check, &build_only).is_empty());
}

#[test]
fn a_version_that_only_the_build_is_given_moves() {
    // go-gitea/gitea, reduced.
    let text = "\
FROM golang:1.21-alpine AS build-env
ARG GOPROXY
ENV GOPROXY ${GOPROXY:-direct}
ARG GITEA_VERSION
ARG TAGS=\"sqlite\"
RUN apk --no-cache add build-base git nodejs
COPY . .
RUN make clean-all build
";
    assert_eq!(lines(check, text), [4]);
    let after = mended(check, text, &[]);
    assert!(
        after.ends_with("COPY . .\nARG GITEA_VERSION\nRUN make clean-all build\n"),
        "{after}"
    );
    let branch = text.replace("GITEA_VERSION", "GITEA_VERSION=\"release/v1.12\"");
    assert_eq!(lines(check, &branch), [4]);
    // One that is written down is that of a tool.
    assert!(found(check, &text.replace("GITEA_VERSION", "GITEA_VERSION=1.2")).is_empty());
    let global = format!("ARG GITEA_VERSION=1.2\n{text}");
    assert!(found(check, &global).is_empty());
}

#[test]
fn a_variable_that_the_next_step_uses_is_where_it_belongs() {
    for run in [
        "curl -fsSL https://example.com/$VERSION.tgz",
        "make",
        "npm run build",
        "[\"/bin/sh\", \"-c\", \"echo $VERSION\"]",
        "<<EOF\napk add a=$VERSION\nEOF",
    ] {
        let text = format!("FROM a\nARG VERSION\nRUN {run}\nRUN apk add git\n");
        assert!(found(check, &text).is_empty(), "{run}");
    }
}

#[test]
fn instructions_that_have_no_variable_in_their_key_are_no_loss() {
    let text = "FROM a\nARG VCS_REF\nLABEL a=$VCS_REF\nCOPY --from=b /c .\nUSER d\nCMD [\"e\"]\n";
    assert!(found(check, text).is_empty());
    assert!(found(check, "ARG VCS_REF\nFROM a\nRUN apk add git\n").is_empty());
    assert!(found(check, "FROM a\nARG GO_VERSION=1\nRUN apk add git\n").is_empty());
    assert!(found(check, "FROM a\nARG GIT_COMMIT=0fb7a02\nRUN apk add git\n").is_empty());
}

#[test]
fn nothing_moves_past_what_changes_its_value() {
    for between in ["ENV A=2", "LABEL b=c"] {
        let text = format!(
            "FROM a\nENV A=1\nARG VERSION\nLABEL b=\"$A $VERSION\"\n{between}\nRUN apk add git\n"
        );
        assert!(found(check, &text).is_empty(), "{between}");
    }
}

#[test]
fn an_install_that_runs_code_of_packages_makes_it_only_possible() {
    let text = "FROM a\nARG VCS_REF\nRUN npm ci\n";
    assert_eq!(found(check, text)[0].confidence, Confidence::Possible);
    assert_eq!(
        mended(check, text, &[]),
        "FROM a\nRUN npm ci\nARG VCS_REF\n"
    );
}

#[test]
fn a_variable_leaks_into_the_stages_that_start_from_its_own() {
    let text = "FROM a AS base\nARG VCS_REF\nLABEL ref=$VCS_REF\nFROM base\nRUN apk add git\n";
    let found = with_durations(check, text, &[(5, 700)]);
    assert_eq!((found[0].line, found[0].saved_ms), (2, Some(700)));
    assert_eq!(withheld(check, text, &[]).len(), 1);
    let used = text.replace("RUN apk add git", "RUN make");
    assert!(super::super::sample::found(check, &used).is_empty());
}

#[test]
fn comments_within_continued_lines_move_along() {
    let text = "FROM a\nARG \\\n  # of the commit\n  GIT_SHA\nRUN apk add git\n";
    let expected = "FROM a\nRUN apk add git\nARG \\\n  # of the commit\n  GIT_SHA\n";
    assert_eq!(mended(check, text, &[]), expected);
}

#[test]
fn a_value_that_targets_of_one_build_do_not_share_splits_their_cache() {
    use crate::analysis::stage_state::states;
    use crate::model::sample::{recipe, target};
    // apache/superset, reduced.
    let text = "\
FROM node:18 AS superset-node
ARG NPM_BUILD_CMD=\"build\"
RUN apt-get update -qq && apt-get install -yqq build-essential python3
COPY ./superset-frontend ./
RUN npm run ${NPM_BUILD_CMD}
";
    assert!(found(check, text).is_empty());
    let recipe = recipe(text);
    let (one, mut two) = (target([]), target([]));
    two.build_args
        .insert("NPM_BUILD_CMD".to_owned(), "build-dev".to_owned());
    let found = check(&Subject {
        recipe: &recipe,
        durations_ms: &std::collections::HashMap::new(),
        targets: &[&one, &two],
        states: &states(&recipe.dockerfile),
    });
    assert_eq!(found[0].line, 2);
    assert_eq!(found[0].advice, "declare it above line 5");
}
