//! Finds instructions that copy or mount a path which the ignore file excludes, so that the builder
//! does not find it.
//!
//! Each path is evaluated on its own, with the last pattern that matches deciding; an exception for
//! something in it, and a source with wildcards, are no fault.
//! Source: <https://docs.docker.com/reference/build-checks/copy-ignored-file/>; research/cache.md
//! section 7, rows 11 and 12.

use common::build_context::IgnoreFile;
use common::dockerfile::Detail;

use super::{Confidence, Found, Remedy, Subject};
use crate::analysis::context_sources::{Taken, is_in, taken};
use crate::analysis::ignore_edit::{IgnoreLine, ignore_lines};
use crate::model::context::Context;
use crate::model::edit::{Edit, EditedFile};
use crate::model::files::Files;

pub(super) fn check(subject: &Subject<'_>) -> Vec<Found> {
    let context = &subject.recipe.context;
    let Some(text) = &context.ignore_text else {
        return Vec::new();
    };
    let Ok(ignore) = IgnoreFile::parse(text) else {
        return Vec::new();
    };
    let lines = ignore_lines(context);
    let taken = taken(subject);
    taken
        .iter()
        .filter_map(|it| check_source(context, &ignore, &lines, it))
        .collect()
}

fn check_source(
    context: &Context,
    ignore: &IgnoreFile,
    lines: &[IgnoreLine<'_>],
    taken: &Taken<'_>,
) -> Option<Found> {
    let path = taken.path.as_deref()?;
    let is_plain = !path.is_empty() && !path.contains(['*', '?', '[', '\\']);
    if !is_plain || !ignore.ignores_path(path) || has_excepted(&context.files, path) {
        return None;
    }
    if is_exception_below(lines, path) {
        return None;
    }
    let line = deciding(lines, path)?;
    let does = match taken.instruction.detail {
        Detail::Run(_) => "mounts",
        _ => "copies",
    };
    let message = format!(
        "`{}` {does} `{path}`, which `{}` in line {} of `{}` excludes",
        taken.instruction.keyword,
        line.text.trim(),
        line.line,
        context.ignore_path
    );
    let advice = format!("add the line `!{path}` after it, or copy something else");
    let exception = Edit {
        file: EditedFile::IgnoreFile,
        line: line.line + 1,
        removed_count: 0,
        lines: vec![format!("!{path}")],
    };
    Some(Found {
        // Which of the two is meant is not known.
        confidence: Confidence::Possible,
        remedy: if context
            .ignore_text
            .as_ref()?
            .contains(char::REPLACEMENT_CHARACTER)
        {
            Remedy::Withheld("the ignore file is not UTF-8".to_owned())
        } else {
            Remedy::Patch(vec![exception])
        },
        ..Found::new(taken.instruction.line, message, advice)
    })
}

/// Whether something at or below an excluded path is offered.
fn has_excepted(files: &Files, path: &str) -> bool {
    let offered = files.sizes_bytes.keys().chain(&files.folders);
    offered.into_iter().any(|offered| is_in(offered, path))
}

/// Whether an exception may hold for something below a path, which need not be there yet.
fn is_exception_below(lines: &[IgnoreLine<'_>], path: &str) -> bool {
    lines.iter().any(|line| {
        let wildcard = line.pattern.find(['*', '?', '[']);
        let start = &line.pattern[..wildcard.unwrap_or(line.pattern.len())];
        let is_open = wildcard.is_some() && (start.is_empty() || path.starts_with(start));
        line.is_exception && (is_open || is_in(line.pattern, path) && line.pattern != path)
    })
}

/// The last pattern that matches a path.
fn deciding<'a, 'b>(lines: &'b [IgnoreLine<'a>], path: &str) -> Option<&'b IgnoreLine<'a>> {
    let matches = |line: &&IgnoreLine<'_>| {
        IgnoreFile::parse(line.pattern).is_ok_and(|file| file.ignores_path(path))
    };
    lines.iter().rev().find(matches)
}

#[cfg(test)]
mod tests {
    use super::super::sample::{found_in, ignore_file_after};
    use super::*;

    const FILES: [(&str, &str); 2] = [("src/a", "a"), ("web/b", "b")];

    fn count(copy: &str, ignore: &str) -> usize {
        let text = format!("FROM a\n{copy}\n");
        found_in(check, &text, &FILES, Some(ignore)).len()
    }

    #[test]
    fn a_source_that_is_excluded_is_found_with_the_line_that_does_it() {
        let text = "FROM nginx\nCOPY dist/ /usr/share/nginx/html\n";
        let found = found_in(check, text, &FILES, Some("*.md\ndist\n*.log\n"));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 2);
        let message = "`COPY` copies `dist`, which `dist` in line 2 of `.dockerignore` excludes";
        assert_eq!(found[0].message, message);
        let after = ignore_file_after(check, text, &FILES, Some("*.md\ndist\n*.log\n"));
        assert_eq!(after, "*.md\ndist\n!dist\n*.log\n");
    }

    #[test]
    fn sources_below_an_excluded_folder_and_mounted_ones_are_found() {
        assert_eq!(count("COPY build/out/app /app", "build\n"), 1);
        assert_eq!(count("COPY src/a build/x /app", "build\n"), 1);
        assert_eq!(
            count(
                "RUN --mount=type=bind,source=build,target=/b make",
                "build\n"
            ),
            1
        );
    }

    #[test]
    fn exceptions_decide_path_by_path() {
        // The two that BuildKit's own check gets wrong.
        assert_eq!(count("COPY . /app", "*\n!src\n"), 0);
        assert_eq!(count("COPY src /app", "*\n!src\n"), 0);
        assert_eq!(count("COPY build /app", "*\n!src\n"), 1);
        assert_eq!(count("COPY build /app", "build\n!build/app\n"), 0);
        assert_eq!(count("COPY build /app", "*\n!**/*.jar\n"), 0);
        assert_eq!(count("COPY src /app", "!src\nsrc\n"), 1);
    }

    #[test]
    fn other_stages_wildcards_and_unknown_variables_are_left_alone() {
        for copy in [
            "COPY --from=b dist /app",
            "COPY dist* /app",
            "COPY $DIST /app",
            "ADD https://example.com/dist /app",
            "COPY <<EOF dist\nx\nEOF",
        ] {
            assert_eq!(count(copy, "dist\n"), 0, "{copy}");
        }
    }
}
