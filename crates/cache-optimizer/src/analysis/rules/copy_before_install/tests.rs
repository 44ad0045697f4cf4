//! Dockerfiles with the fault and without, and what is said of them.

use super::super::sample::{found, in_context, lines, with_durations};
use super::*;

fn faulty_lines(text: &str) -> Vec<u32> {
    lines(check, text)
}

#[test]
fn sources_before_an_install_are_found_with_what_mending_saves() {
    // After juice-shop.
    let text = "\
FROM node:20 AS installer
COPY . /juice-shop
WORKDIR /juice-shop
RUN npm install --omit=dev --unsafe-perm
";
    let found = with_durations(check, text, &[(4, 30_000)]);
    let expected = Found {
        line: 2,
        message:
            "`COPY . /juice-shop` comes before `npm install --omit=dev --unsafe-perm` in line 4, \
                      so each change of the sources installs the dependencies again"
                .to_owned(),
        advice:
            "copy `package.json` and `package-lock.json` first, then install, then copy the sources"
                .to_owned(),
        saved_ms: Some(30_000),
        saved_bytes: None,
        confidence: Confidence::Likely,
        remedy: Remedy::Withheld("nothing is known of the build context".to_owned()),
    };
    assert_eq!(found, [expected]);
}

#[test]
fn the_time_of_a_step_that_also_builds_is_not_what_mending_saves() {
    let text = "FROM node\nCOPY . .\nRUN yarn install && yarn turbo run build\n";
    assert_eq!(
        with_durations(check, text, &[(3, 30_000)])[0].saved_ms,
        None
    );
}

#[test]
fn manifests_alone_before_an_install_are_as_they_should_be() {
    for copy in [
        "COPY package.json package-lock.json ./",
        "COPY package*.json ./",
        "COPY --from=build /app/ ./",
        "COPY patches/ patches/",
        "COPY .yarn/ .yarn/",
        "ADD https://example.com/a.tar.gz /a/",
    ] {
        let text = format!("FROM node\n{copy}\nRUN npm ci\nCOPY . .\nRUN npm run build\n");
        assert!(found(check, &text).is_empty(), "{copy}");
    }
}

#[test]
fn every_way_to_take_all_sources_is_known() {
    for copy in [
        "COPY . .",
        "COPY ./ /app/",
        "ADD . /app",
        "COPY * ./",
        "COPY src/ src/",
        "COPY a.txt . ./",
    ] {
        let text = format!("FROM node\n{copy}\nRUN npm ci\n");
        assert_eq!(faulty_lines(&text), [2], "{copy}");
    }
}

#[test]
fn a_source_without_a_slash_is_a_folder_when_the_context_says_so() {
    let text = "FROM node\nCOPY app app\nRUN npm ci\n";
    assert!(found(check, text).is_empty());
    assert_eq!(in_context(check, text, &["app"], &[])[0].line, 2);
}

#[test]
fn a_second_install_on_top_of_the_first_is_as_it_should_be() {
    // As uv's documentation has it: dependencies first, the project on top of them.
    let text = "\
FROM python:3.12
COPY pyproject.toml uv.lock ./
RUN uv sync --locked --no-install-project
COPY . .
RUN uv sync --locked
";
    assert!(found(check, text).is_empty());
}

#[test]
fn a_stage_goes_on_from_its_base() {
    let text = "\
FROM node AS base
COPY . .
FROM base AS build
RUN npm ci
FROM node AS other
RUN npm ci
";
    assert_eq!(faulty_lines(text), [2]);
}

#[test]
fn each_step_that_installs_is_found_once() {
    let text = "FROM a\nCOPY . .\nRUN npm ci && pip install -r a.txt\nRUN bundle install\n";
    assert_eq!(faulty_lines(text), [2, 2]);
}

#[test]
fn an_install_in_a_here_document_is_found() {
    let text = "FROM a\nCOPY . .\nRUN <<EOF\nset -e\nnpm ci\nEOF\n";
    assert_eq!(faulty_lines(text), [2]);
}

#[test]
fn what_needs_the_sources_or_names_packages_is_left_alone() {
    for run in [
        "pip install .",
        "cargo build --release",
        "npm install -g pm2",
        "make deps",
    ] {
        let text = format!("FROM a\nCOPY . .\nRUN {run}\n");
        assert!(found(check, &text).is_empty(), "{run}");
    }
}

#[test]
fn the_advice_names_the_files_and_the_flag_of_the_tool() {
    let advice = |run: &str| {
        let text = format!("FROM a\nCOPY . .\nRUN {run}\n");
        found(check, &text).remove(0).advice
    };
    assert_eq!(
        advice("poetry install"),
        "copy `pyproject.toml` and `poetry.lock` first, then install (`--no-root`), then copy the sources"
    );
    assert_eq!(
        advice("pip install -r requirements/prod.txt"),
        "copy `requirements/prod.txt` first, then install, then copy the sources"
    );
}
