//! What docs/style.md and docs/architecture.md promise, checked.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tests::tool::{TOOLS, workspace_dir};

const LINES_MAX: usize = 500;
const MAIN_LINES_MAX: usize = 10;

/// Which rooms of its own crate a room may use. `run` and `lib` may use all.
const ROOMS: [(&str, &[&str]); 7] = [
    ("cli", &[]),
    ("model", &["model"]),
    ("input", &["input", "model"]),
    ("analysis", &["analysis", "model"]),
    ("execute", &["execute", "input", "model"]),
    ("report", &["report", "model", "analysis"]),
    ("render", &["render"]),
];

/// All files below `dir` with one of the endings, in order.
fn files(dir: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() && !matches!(name, "target" | ".git" | "out" | "testdata") {
                folders.push(path);
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn rust_files() -> Vec<PathBuf> {
    let mut found = files(&workspace_dir().join("crates"), &[".rs"]);
    found.extend(files(&workspace_dir().join("tests"), &[".rs"]));
    assert!(found.len() > 50, "the workspace was searched");
    found
}

fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests").next().unwrap()
}

/// The rooms that a file uses by `crate::ROOM`.
fn used_rooms(text: &str) -> BTreeSet<&str> {
    let uses = without_tests(text).split("crate::").skip(1);
    uses.map(|rest| {
        rest.split(|c: char| !c.is_alphanumeric() && c != '_')
            .next()
            .unwrap()
    })
    .collect()
}

/// The room that a file belongs to: the first part of its path below `src/`.
fn room(path: &Path, src_dir: &Path) -> String {
    let below = path.strip_prefix(src_dir).unwrap();
    let first = below
        .components()
        .next()
        .unwrap()
        .as_os_str()
        .to_str()
        .unwrap();
    first.trim_end_matches(".rs").to_owned()
}

#[test]
fn data_flows_through_the_rooms_in_one_direction() {
    let mut faults = Vec::new();
    for tool in TOOLS {
        let src_dir = workspace_dir().join("crates").join(tool).join("src");
        for path in files(&src_dir, &[".rs"]) {
            let room = room(&path, &src_dir);
            let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
                continue;
            };
            let text = fs_err::read_to_string(&path).unwrap();
            for used in used_rooms(&text) {
                if !allowed.contains(&used) {
                    faults.push(format!("{}: `{room}` uses `{used}`", path.display()));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn no_tool_knows_another() {
    for tool in TOOLS {
        let manifest = workspace_dir().join("crates").join(tool).join("Cargo.toml");
        let text = fs_err::read_to_string(manifest).unwrap();
        let dependencies = text.split_once("[dependencies]").unwrap().1;
        for other in TOOLS {
            assert!(!dependencies.contains(other), "{tool} depends on {other}");
        }
    }
}

#[test]
fn test_aggregator_builds_without_the_engine() {
    let manifest = workspace_dir().join("crates/test-aggregator/Cargo.toml");
    let text = fs_err::read_to_string(manifest).unwrap();
    assert!(!text.contains("bollard") && !text.contains("\"docker\""));
}

#[test]
fn every_file_says_what_it_knows() {
    for path in rust_files() {
        let text = fs_err::read_to_string(&path).unwrap();
        assert!(
            text.starts_with("//! "),
            "{} starts with a module doc",
            path.display()
        );
    }
}

#[test]
fn files_stay_short() {
    for path in rust_files() {
        let lines = fs_err::read_to_string(&path).unwrap().lines().count();
        let max = if path.ends_with("main.rs") && path.to_str().unwrap().contains("/src/") {
            MAIN_LINES_MAX
        } else {
            LINES_MAX
        };
        assert!(
            lines <= max,
            "{} has {lines} lines, more than {max}",
            path.display()
        );
    }
}

#[test]
fn no_test_is_skipped_or_forgotten() {
    for path in rust_files() {
        let text = fs_err::read_to_string(&path).unwrap();
        let ignore = ["#[ig", "nore"].concat();
        assert!(!text.contains(&ignore), "{} skips a test", path.display());
    }
    for program in ["integration", "engine"] {
        let folder = workspace_dir().join("tests").join(program);
        let list = fs_err::read_to_string(folder.join("main.rs")).unwrap();
        for path in files(&folder, &[".rs"]) {
            let name = path.file_stem().unwrap().to_str().unwrap();
            assert!(
                name == "main" || list.contains(&format!("mod {name};")),
                "{} is not in main.rs",
                path.display()
            );
        }
    }
}

#[test]
fn links_between_the_documents_lead_somewhere() {
    let mut documents = files(&workspace_dir().join("docs"), &[".md"]);
    documents.push(workspace_dir().join("README.md"));
    for path in documents {
        let text = fs_err::read_to_string(&path).unwrap();
        for link in text.split("](").skip(1) {
            let target = link.split([')', '#']).next().unwrap();
            if target.is_empty() || target.contains("://") {
                continue;
            }
            let file = path.parent().unwrap().join(target);
            assert!(
                file.exists(),
                "{} links to {target}, which is not there",
                path.display()
            );
        }
    }
}
