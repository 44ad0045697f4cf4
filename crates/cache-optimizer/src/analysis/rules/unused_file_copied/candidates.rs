//! What lies at the top of a context for people and services, not for a build.

use crate::model::files::Files;

/// Something that is excluded by one pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    /// The pattern.
    pub(super) pattern: String,
    /// The files that it excludes.
    pub(super) paths: Vec<String>,
    /// Whether it is a text for people, which a build may embed.
    pub(super) is_text: bool,
}

impl Candidate {
    /// Whether a text mentions one of its files, or all of it.
    pub(super) fn is_in_text(&self, text: &str) -> bool {
        let own = std::iter::once(self.pattern.trim_end_matches('*'));
        let names = self.paths.iter().filter(|path| !path.contains('/'));
        own.chain(names.map(String::as_str))
            .any(|name| has_word(text, name))
    }
}

/// Whether a text has a name that is not part of a longer one.
fn has_word(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + name.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

/// Folders of CI services.
/// Source: the documentation of `GitHub`, `GitLab`, `CircleCI` and `Forgejo`.
const FOLDERS: [&str; 5] = [".circleci", ".forgejo", ".gitea", ".github", ".gitlab"];

/// Files of CI services and of builders, and those that people read. Not `.gitignore`, by which tools
/// such as hatch and Tailwind choose files.
const FILES: [&str; 10] = [
    ".dockerignore",
    ".gitlab-ci.yml",
    ".pre-commit-config.yaml",
    ".travis.yml",
    "CHANGELOG.md",
    "CODE_OF_CONDUCT.md",
    "CONTRIBUTING.md",
    "Jenkinsfile",
    "README.md",
    "SECURITY.md",
];

/// Starts of the names of files of builders.
const STARTS: [&str; 4] = ["Dockerfile", "compose.y", "docker-bake.", "docker-compose"];

/// Endings of files for people alone.
const FOR_PEOPLE: [&str; 10] = [
    ".adoc", ".drawio", ".gif", ".jpg", ".md", ".pdf", ".png", ".rst", ".svg", ".txt",
];

/// What of a context no build tool reads unless something mentions it.
pub(super) fn candidates(files: &Files) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for folder in files.folders.iter().filter(|it| !it.contains('/')) {
        let paths = below(files, folder);
        let is_docs =
            matches!(folder.as_str(), "doc" | "docs") && paths.iter().all(|it| is_for_people(it));
        if !paths.is_empty() && (is_docs || FOLDERS.contains(&folder.as_str())) {
            candidates.push(Candidate {
                pattern: folder.clone(),
                paths,
                is_text: is_docs,
            });
        }
    }
    for path in files.sizes_bytes.keys().filter(|it| !it.contains('/')) {
        // A readme is part of a crate's documentation by `include_str!`.
        let is_read = path == "README.md" && files.has_file("Cargo.toml");
        let is_one = FILES.contains(&path.as_str()) || STARTS.iter().any(|it| path.starts_with(it));
        if is_one && !is_read {
            candidates.push(Candidate {
                pattern: path.clone(),
                paths: vec![path.clone()],
                is_text: is_for_people(path),
            });
        }
    }
    candidates
}

fn below(files: &Files, folder: &str) -> Vec<String> {
    let start = format!("{folder}/");
    let from = files.sizes_bytes.range(start.clone()..);
    let in_folder = from.take_while(|(path, _)| path.starts_with(&start));
    in_folder.map(|(path, _)| path.clone()).collect()
}

fn is_for_people(path: &str) -> bool {
    FOR_PEOPLE
        .iter()
        .any(|ending| path.to_lowercase().ends_with(ending))
}
