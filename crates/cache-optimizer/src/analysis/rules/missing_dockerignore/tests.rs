//! Leftovers that are found, those that are needed, and the ignore files after the patches.

use crate::model::build::Step;
use crate::model::context::leftovers;
use crate::model::sample::{at_line, file_set, ran, target};

use super::super::sample::{found, found_in, ignore_file_after, in_context, with_subject};
use super::*;

const MB: u64 = 1_000_000;

/// What is found in a context of 100 MB with this entry.
fn found_with(text: &str, name: &str, size_bytes: u64) -> Vec<Found> {
    let rest = ("src", 100 * MB - size_bytes);
    in_context(check, text, &[], &[(name, size_bytes), rest])
}

#[test]
fn what_dominates_the_context_is_found_with_its_bytes() {
    let text = "FROM node\nWORKDIR /app\nCOPY . .\n";
    let found = &found_with(text, "node_modules", 60 * MB)[0];
    assert_eq!(found.line, 3);
    let message = "`node_modules` is 60.0 MB of the build context (60.0 %), and no ignore file \
                   excludes it";
    assert_eq!(found.message, message);
    assert_eq!(
        found.advice,
        "add the line `node_modules` to `.dockerignore`"
    );
    assert_eq!(found.saved_bytes, Some(60 * MB));
}

#[test]
fn a_small_part_or_few_bytes_are_left_alone() {
    let text = "FROM node\nCOPY . .\n";
    assert!(found_with(text, "node_modules", 9 * MB).is_empty());
    assert_eq!(found_with(text, "node_modules", 10 * MB).len(), 1);
    assert!(in_context(check, text, &[], &[("target", MB - 1), ("src", MB)]).is_empty());
    assert!(found(check, text).is_empty());
}

#[test]
fn what_changes_by_itself_is_found_at_any_size() {
    let found = found_with("FROM node\nCOPY . .\n", ".git", 1);
    let message = "`.git` is copied, and changes without the sources: line 2 then runs again";
    assert_eq!(found[0].message, message);
}

#[test]
fn nothing_is_sent_that_no_instruction_takes() {
    for text in [
        "FROM node\nCOPY src/ src/\n",
        "FROM node\nCOPY --from=a . .\n",
        "FROM node\nCOPY --exclude=node_modules . .\n",
        "FROM node\nONBUILD COPY . .\n",
    ] {
        let found = found_with(text, "node_modules", 60 * MB);
        assert!(found.is_empty(), "{text}");
    }
}

#[test]
fn a_mount_takes_the_context_too() {
    let text = "FROM node\nRUN --mount=type=bind,target=. make\n";
    assert_eq!(found_with(text, "node_modules", 60 * MB)[0].line, 2);
}

#[test]
fn what_the_dockerfile_names_is_needed() {
    let text = "FROM nginx\nCOPY ./dist/ /usr/share/nginx/html\nCOPY . /src\n";
    assert!(found_with(text, "dist", 60 * MB).is_empty());
    assert_eq!(found_with(text, ".git", 60 * MB)[0].line, 3);
}

#[test]
fn history_that_a_step_asks_for_is_found_without_a_patch() {
    // After chatwoot.
    let text = "\
FROM ruby:3.3-alpine
WORKDIR /app
COPY . /app
RUN git rev-parse HEAD > /app/.git_sha
";
    let found = &found_with(text, ".git", 60 * MB)[0];
    let why = "`git rev-parse` in line 4 reads it";
    assert_eq!(found.remedy, Remedy::Withheld(why.to_owned()));
    let advice = "hand in what is asked for as a build argument, declared last, and add the line \
                  `.git` to `.dockerignore`";
    assert_eq!(found.advice, advice);
}

const NODE: &str = "FROM node\nWORKDIR /app\nCOPY . .\nRUN npm ci\n";

#[test]
fn an_ignore_file_is_made_or_added_to() {
    let files = [
        ("package.json", "{}"),
        ("src/a.js", "a"),
        (".git/HEAD", "ref"),
    ];
    assert_eq!(ignore_file_after(check, NODE, &files, None), ".git\n");
    let added = ignore_file_after(check, NODE, &files, Some("*.log\n"));
    assert_eq!(added, "*.log\n.git\n");
}

#[test]
fn leftovers_below_the_top_get_a_pattern_for_any_depth() {
    let large = "x".repeat(2_000_000);
    let files = [
        ("a/node_modules/x", large.as_str()),
        ("b/node_modules/x", large.as_str()),
        ("b/c.js", "c"),
    ];
    let after = ignore_file_after(check, NODE, &files, Some("*\n!a\n!b\n"));
    assert_eq!(after, "*\n!a\n!b\n**/node_modules\n");
    let found = found_in(check, NODE, &files, None);
    assert!(
        found[0]
            .message
            .starts_with("`a/node_modules` with 1 folder more of that name is 4.00 MB")
    );
}

#[test]
fn what_another_dockerfile_of_the_context_copies_is_kept() {
    let files = [
        (".git/HEAD", "ref"),
        ("ci/Dockerfile.tools", "FROM a\nCOPY .git/HEAD /head\n"),
    ];
    assert_eq!(ignore_file_after(check, NODE, &files, None), "");
    let found = found_in(check, NODE, &files, None);
    let why = "`ci/Dockerfile.tools` may copy `.git`, and use the same ignore file";
    assert_eq!(found[0].remedy, Remedy::Withheld(why.to_owned()));
}

#[test]
fn files_of_editors_are_found_at_any_depth() {
    let files = [
        ("src/.a.js.swp", "b"),
        ("src/a.js", "a"),
        ("src/b/.b.js.swp", "b"),
    ];
    let text = "FROM node\nCOPY src src\nRUN npm ci\n";
    let found = found_in(check, text, &files, None);
    let message = "`src/.a.js.swp` and 1 file like it is an editor's, and comes and goes while one \
                   works: line 2 then runs again";
    assert_eq!(found[0].message, message);
    assert_eq!(ignore_file_after(check, text, &files, None), "**/*.swp\n");
}

#[test]
fn a_file_that_is_named_as_an_editors_but_copied_is_kept() {
    let files = [("conf~", "b"), ("a~", "b")];
    let text = "FROM node\nCOPY conf~ /\nCOPY . .\n";
    let found = found_in(check, text, &files, None);
    let why = "`**/*~` would exclude `conf~` too";
    assert_eq!(found[0].remedy, Remedy::Withheld(why.to_owned()));
}

#[test]
fn the_bytes_are_those_that_steps_took() {
    let files = [(".git/HEAD", "reference"), ("a.js", "a")];
    let taken = [
        (".git/HEAD", "1", 0o644),
        (".git/index", "2", 0o644),
        ("a.js", "3", 0o644),
    ];
    let step = Step {
        files: Some(file_set("1", &taken)),
        ..at_line(3, ran("COPY . .", 1))
    };
    let target = target([step]);
    let found = with_subject(NODE, &files, |subject| {
        let mut recipe = subject.recipe.clone();
        recipe.context.leftovers = leftovers(&recipe.context.files);
        check(&Subject {
            recipe: &recipe,
            targets: &[&target],
            ..*subject
        })
    });
    // Two files, of a byte each.
    assert_eq!(found[0].saved_bytes, Some(2));
}
