//! Which files and folders of the build context a step takes.

use common::dockerfile::{Copy, Detail, Mount, parse};

use crate::model::context::{ContextEntry, ContextScan, EntryKind};
use crate::model::selection::{is_taken, select};
use crate::model::step::{Step, StepKind};

/// Puts into each `COPY`, `ADD` and `RUN` what it takes from the context.
pub(crate) fn add_context_files(steps: &mut [Step], context: &ContextScan) {
    for step in steps
        .iter_mut()
        .filter(|step| step.kind == StepKind::Instruction)
    {
        step.context_files = context_sources(&step.name).map(|sources| files(context, &sources));
    }
}

/// The paths that an instruction takes from the context, from the builder's own words, in which
/// variables are put in. `None` when it takes none.
fn context_sources(instruction: &str) -> Option<Vec<String>> {
    let dockerfile = parse(&format!("FROM scratch\n{instruction}\n")).ok()?;
    let detail = &dockerfile.stages.first()?.instructions.first()?.detail;
    match detail {
        Detail::Run(run) => mounted(&run.mounts),
        detail => copied(detail),
    }
}

/// The paths that a `RUN` mounts from the context. `None` when it mounts none.
fn mounted(mounts: &[Mount]) -> Option<Vec<String>> {
    let binds = mounts
        .iter()
        .filter(|mount| mount.kind == "bind" && mount.from.is_none());
    let paths: Vec<_> = binds
        .map(|mount| mount.source.clone().unwrap_or_else(|| "/".to_owned()))
        .collect();
    (!paths.is_empty()).then_some(paths)
}

/// The paths that a `COPY` or `ADD` takes from the context. `None` for what is neither, or takes
/// them from elsewhere.
pub(super) fn copied(detail: &Detail) -> Option<Vec<String>> {
    match detail {
        Detail::Copy(Copy {
            from: None,
            sources,
            ..
        })
        | Detail::Add(Copy {
            from: None,
            sources,
            ..
        }) => {
            let local = sources.iter().filter(|source| !is_remote(source));
            Some(local.cloned().collect())
        }
        _ => None,
    }
}

/// What `ADD` fetches instead of copying.
fn is_remote(source: &str) -> bool {
    ["http://", "https://", "git://", "git@"]
        .iter()
        .any(|prefix| source.starts_with(prefix))
}

fn files(context: &ContextScan, sources: &[String]) -> Vec<ContextEntry> {
    if sources.is_empty() {
        return Vec::new();
    }
    let selected = select(&context.entries, sources);
    let both = context.entries.iter().zip(selected);
    let is_wanted =
        |entry: &ContextEntry| entry.kind != EntryKind::Directory || is_taken(&entry.path, sources);
    both.filter(|(entry, selected)| *selected && is_wanted(entry))
        .map(|(entry, _)| entry.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(paths: &[&str]) -> ContextScan {
        let entry = |path: &&str| ContextEntry {
            path: path.trim_end_matches('/').to_owned(),
            kind: if path.ends_with('/') {
                EntryKind::Directory
            } else {
                EntryKind::File
            },
            mode: 0o644,
            size_bytes: 1,
            modified_ns: 0,
            digest: None,
            inode: None,
        };
        ContextScan {
            dir: "context".into(),
            ignore_path: None,
            entries: paths.iter().map(entry).collect(),
            skipped: Vec::new(),
        }
    }

    #[test]
    fn a_copy_takes_the_files_that_its_sources_name() {
        let context = context(&["a/", "a/b/", "a/b/c.rs", "a/d.rs", "e.rs", "f.txt"]);
        let all: &[&str] = &["a", "a/b", "a/b/c.rs", "a/d.rs", "e.rs", "f.txt"];
        let cases: [(&str, Option<&[&str]>); 12] = [
            ("COPY a/ /src/", Some(&["a", "a/b", "a/b/c.rs", "a/d.rs"])),
            ("COPY ./a/b e.rs /src/", Some(&["a/b", "a/b/c.rs", "e.rs"])),
            ("COPY a/d.rs e.rs /src/", Some(&["a/d.rs", "e.rs"])),
            ("COPY *.rs /src/", Some(&["e.rs"])),
            ("COPY . .", Some(all)),
            (
                "RUN --mount=source=a/b,target=/b make",
                Some(&["a/b", "a/b/c.rs"]),
            ),
            (
                "RUN --mount=target=/src --mount=from=x,target=/x make",
                Some(all),
            ),
            (r#"COPY --chown=1:1 ["f.txt", "/to"]"#, Some(&["f.txt"])),
            ("ADD https://example.org/x f.txt /to/", Some(&["f.txt"])),
            ("ADD https://example.org/x /to/", Some(&[])),
            ("COPY --from=build /a /a", None),
            ("RUN --mount=type=cache,target=/c make", None),
        ];
        for (instruction, expected) in cases {
            let sources = context_sources(instruction);
            let files = sources.map(|sources| files(&context, &sources));
            let paths = files
                .as_ref()
                .map(|files| files.iter().map(|f| f.path.as_str()));
            let paths: Option<Vec<&str>> = paths.map(Iterator::collect);
            assert_eq!(paths.as_deref(), expected, "{instruction}");
        }
    }
}
