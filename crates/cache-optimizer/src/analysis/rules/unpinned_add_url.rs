//! Finds `ADD` of what a server may change: a URL without a checksum, a repository without a commit.
//!
//! The builder asks the server in each build, and takes the answer's `Last-Modified` into the key.
//! Source: research/cache.md section 2.2.

use common::dockerfile::{Copy, Detail, Instruction};

use super::{Confidence, Found, Remedy, Subject};

/// Characters of a commit's full name, in SHA-1.
const COMMIT_LENGTH: usize = 40;

pub(super) fn check(subject: &Subject<'_>) -> Vec<Found> {
    let stages = subject.recipe.dockerfile.stages.iter();
    let instructions = stages.flat_map(|stage| &stage.instructions);
    instructions.filter_map(check_add).collect()
}

fn check_add(at: &Instruction) -> Option<Found> {
    let Detail::Add(add) = &at.detail else {
        return None;
    };
    let is_checked = add.flags.iter().any(|flag| flag.name == "checksum");
    let source = add.sources.iter().find(|source| is_remote(source))?;
    if is_checked || is_commit(source) {
        return None;
    }
    Some(if is_repository(source) {
        unpinned_repository(at, source)
    } else {
        unpinned_url(at, add, source)
    })
}

fn is_remote(source: &str) -> bool {
    ["http://", "https://", "git://", "git@", "ssh://"]
        .iter()
        .any(|start| source.starts_with(start))
}

/// Source: <https://docs.docker.com/reference/dockerfile/#adding-files-from-a-git-repository>
fn is_repository(source: &str) -> bool {
    let path = source.split(['#', '?']).next().unwrap_or(source);
    path.strip_suffix(".git").is_some() || !source.starts_with("http")
}

fn is_commit(source: &str) -> bool {
    let fragment = source.split_once('#').map(|(_, fragment)| fragment);
    let query = source.split_once("checksum=").map(|(_, query)| query);
    let reference = query.or(fragment).unwrap_or_default();
    let reference = reference.split([':', '&']).next().unwrap_or(reference);
    reference.len() == COMMIT_LENGTH && reference.chars().all(|c| c.is_ascii_hexdigit())
}

fn unpinned_url(at: &Instruction, add: &Copy, source: &str) -> Found {
    let message = format!("`{source}` is asked for in each build, and taken as it is then");
    if add.sources.len() > 1 {
        return Found {
            remedy: Remedy::Withheld("a checksum is that of one file".to_owned()),
            ..Found::new(
                at.line,
                message,
                "add each file by itself, with its checksum".to_owned(),
            )
        };
    }
    let rest = at
        .text
        .split_once(char::is_whitespace)
        .map_or("", |(_, rest)| rest.trim());
    let line = format!("{} --checksum=sha256:CHECKSUM {rest}", at.keyword);
    Found {
        confidence: Confidence::Certain,
        remedy: Remedy::Withheld(format!(
            "the checksum has to be fetched: write `{line}`, with what `curl -fsSL {source} | sha256sum` \
             prints"
        )),
        ..Found::new(at.line, message, "give its checksum".to_owned())
    }
}

fn unpinned_repository(at: &Instruction, source: &str) -> Found {
    let repository = source.split('#').next().unwrap_or(source);
    Found {
        confidence: Confidence::Certain,
        remedy: Remedy::Withheld(format!(
            "the commit has to be fetched: write `{repository}#COMMIT`, with what `git ls-remote \
             {repository}` prints"
        )),
        ..Found::new(
            at.line,
            format!("`{source}` is whatever its branch or tag is in each build"),
            "name the commit".to_owned(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{found, lines, withheld};
    use super::*;

    #[test]
    fn a_url_without_a_checksum_is_found_with_the_line_to_write() {
        // gogs/gogs, reduced.
        let text = "\
FROM alpine:3
ADD --chmod=755 https://github.com/tianon/gosu/releases/download/1.17/gosu-amd64 /usr/sbin/gosu
";
        assert_eq!(lines(check, text), [2]);
        assert_eq!(
            withheld(check, text, &[]),
            [
                "the checksum has to be fetched: write `ADD --checksum=sha256:CHECKSUM --chmod=755 \
              https://github.com/tianon/gosu/releases/download/1.17/gosu-amd64 /usr/sbin/gosu`, with what \
              `curl -fsSL https://github.com/tianon/gosu/releases/download/1.17/gosu-amd64 | sha256sum` \
              prints"
            ]
        );
    }

    #[test]
    fn a_repository_without_a_commit_is_found() {
        for source in [
            "https://github.com/a/b.git",
            "https://github.com/a/b.git#v1.0",
            "https://github.com/a/b.git#main:sub",
            "git@github.com:a/b.git",
        ] {
            let text = format!("FROM a\nADD {source} /b\n");
            let found = found(check, &text);
            assert_eq!(found[0].advice, "name the commit", "{source}");
        }
    }

    #[test]
    fn what_is_pinned_or_of_the_project_is_fine() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        for add in [
            "ADD --checksum=sha256:00 https://example.com/a /a".to_owned(),
            format!("ADD https://github.com/a/b.git#{commit} /b"),
            format!("ADD https://github.com/a/b.git#{commit}:sub /b"),
            "ADD a.tgz /a".to_owned(),
            "ADD <<EOF /a\nhttps://example.com\nEOF".to_owned(),
            "COPY https://example.com/a /a".to_owned(),
            "ONBUILD ADD https://example.com/a /a".to_owned(),
        ] {
            assert!(
                found(check, &format!("FROM a\n{add}\n")).is_empty(),
                "{add}"
            );
        }
    }

    #[test]
    fn several_files_have_no_one_checksum() {
        let text = "FROM a\nADD https://a.example/a https://a.example/b /c/\n";
        assert_eq!(
            withheld(check, text, &[]),
            ["a checksum is that of one file"]
        );
    }
}
