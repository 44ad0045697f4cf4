//! What is found at the top of contexts, and what is used.

use super::super::sample::{check_recipe, context_of, found_in, ignore_file_after};
use super::*;
use crate::model::recipe::Recipe;
use crate::model::sample::recipe;

const GO: &str = "\
FROM golang AS build
WORKDIR /src
COPY . .
RUN go build -buildvcs=false -o /app
FROM scratch
COPY --from=build /app /app
CMD [\"/app\"]
";

const FILES: [(&str, &str); 6] = [
    (".github/workflows/ci.yml", "on: push"),
    ("Dockerfile", ""),
    ("README.md", "a"),
    ("docs/a.md", "a"),
    ("go.mod", "module a"),
    ("main.go", "package main"),
];

#[test]
fn what_is_for_people_and_services_is_found_with_the_steps_that_it_runs() {
    let recipe = Recipe {
        context: context_of(&FILES),
        ..recipe(GO)
    };
    let found = check_recipe(check, &recipe, &[(4, 7000)]);
    let expected = [
        ("`.github`, `Dockerfile`", Confidence::Likely),
        ("`docs`, `README.md`", Confidence::Possible),
    ];
    for (found, (names, confidence)) in found.iter().zip(expected) {
        let message = format!(
            "`COPY . .` takes {names}, which no step is seen to read: a change there runs 1 step again"
        );
        assert_eq!((found.line, &found.message), (3, &message));
        assert_eq!(found.saved_ms, Some(7000));
        assert_eq!(found.confidence, confidence);
    }
    assert_eq!(found.len(), 2);
    let after = ignore_file_after(check, GO, &FILES, Some("*.log\n"));
    assert_eq!(after, "*.log\n.github\nDockerfile\ndocs\nREADME.md\n");
}

#[test]
fn what_stays_in_the_image_is_only_possible() {
    let text = "FROM node\nCOPY . .\nRUN npm ci\nCMD [\"node\", \"a.js\"]\n";
    let found = found_in(check, text, &FILES, None);
    assert_eq!(found[0].confidence, Confidence::Possible);
}

/// The patterns of what is found for a context with these files.
fn patterns(text: &str, files: &[(&str, &str)]) -> String {
    ignore_file_after(check, text, files, None).replace('\n', " ")
}

#[test]
fn what_something_mentions_is_used() {
    let pip = "FROM python\nCOPY . .\nRUN pip install .\nCMD a\n";
    let readme = ("README.md", "a");
    let pyproject = |text| [readme, ("pyproject.toml", text)];
    assert_eq!(patterns(pip, &pyproject("readme = \"README.md\"")), "");
    assert_eq!(patterns(pip, &pyproject("name = \"a\"")), "README.md ");
    assert_eq!(
        patterns("FROM a\nCOPY . .\nRUN cp README.md /r\n", &[readme]),
        ""
    );
    assert_eq!(
        patterns(
            "FROM a\nCOPY . .\nRUN <<EOF\ncp README.md /r\nEOF\n",
            &[readme]
        ),
        ""
    );
    assert_eq!(
        patterns("FROM a\nCOPY *.md /r\nCOPY . .\nRUN b\n", &[readme]),
        ""
    );
    let other = [readme, ("ci/Dockerfile", "FROM a\nCOPY README.md /\n")];
    assert_eq!(patterns("FROM a\nCOPY . .\nRUN b\n", &other), "");
    let crate_files = [readme, ("Cargo.toml", "[package]")];
    assert_eq!(
        patterns("FROM rust\nCOPY . .\nRUN cargo build\n", &crate_files),
        ""
    );
    let site = [("docs/conf.py", "a"), ("docs/a.md", "a")];
    assert_eq!(patterns("FROM a\nCOPY . .\nRUN npm ci\n", &site), "");
}

#[test]
fn a_license_and_what_no_step_follows_are_left_alone() {
    assert_eq!(
        patterns("FROM a\nCOPY . .\nRUN b\n", &[("LICENSE", "a")]),
        ""
    );
    assert_eq!(patterns("FROM a\nRUN b\nCOPY . .\n", &FILES), "");
    assert_eq!(patterns("FROM a\nCOPY src /src\nRUN b\n", &FILES), "");
}

#[test]
fn files_of_a_history_that_is_asked_for_are_kept() {
    let text = "FROM a\nCOPY . .\nRUN git describe --dirty\n";
    let files = [("README.md", "a"), (".git/HEAD", "ref")];
    let found = found_in(check, text, &files, None);
    let why = "files would be missing in the history: `git describe` in line 3 reads it";
    assert_eq!(found[0].remedy, Remedy::Withheld(why.to_owned()));
}
