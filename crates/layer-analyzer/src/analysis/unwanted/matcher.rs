//! Finds the rule that matches a path, fast.
//!
//! Archives have the files of a folder one after the other, so what the folder decides is found out
//! once for all of them. What is left for each file is to look up its name, and the ending of it.

use std::collections::HashMap;

use super::paths::PathRule;
use super::pattern::{Pattern, is_literal};

/// The patterns of a table of rules, by what they can be found by.
#[derive(Debug, Default)]
pub(super) struct Matcher {
    /// All patterns, each with the index of its rule.
    patterns: Vec<(usize, Pattern)>,
    /// Patterns of folders, by the folder's name.
    folders: HashMap<&'static [u8], Vec<usize>>,
    /// Patterns of folders whose names are not fixed.
    any_folder: Vec<usize>,
    /// Patterns of files in folders, by the name of the folder.
    in_folders: HashMap<&'static [u8], Vec<usize>>,
    /// Patterns of files that nothing fixed tells.
    in_any_folder: Vec<usize>,
    /// Patterns of files in any folder, by name.
    names: HashMap<&'static [u8], Vec<usize>>,
    /// Patterns `*.ENDING` of files in any folder, by ending.
    endings: HashMap<&'static [u8], Vec<usize>>,
    /// Other patterns of files in any folder, by the first byte of the name.
    starts: HashMap<u8, Vec<usize>>,
    /// What the rules leave out, by rule.
    exceptions: HashMap<usize, Vec<Pattern>>,
}

/// What a folder decides for its files.
#[derive(Debug, Default)]
struct Folder {
    /// The first rule that matches the folder or one above.
    rule: Option<usize>,
    /// Patterns of files that may match here.
    patterns: Vec<usize>,
}

/// A look at one path after the other.
#[derive(Debug)]
pub(super) struct Cursor<'m, 'a> {
    matcher: &'m Matcher,
    /// The folder of the last path. `None` before the first one.
    path: Option<&'a [u8]>,
    folder: Folder,
}

impl Matcher {
    /// Sorts the patterns of a table.
    pub(super) fn new(rules: &[PathRule]) -> Self {
        let mut matcher = Self::default();
        for (rule, PathRule { patterns, .. }) in (0..).zip(rules) {
            for written in patterns.split_whitespace() {
                match written.strip_prefix('!') {
                    Some(written) => matcher
                        .exceptions
                        .entry(rule)
                        .or_default()
                        .push(Pattern::new(written)),
                    None => matcher.add(rule, Pattern::new(written)),
                }
            }
        }
        matcher
    }

    fn add(&mut self, rule: usize, pattern: Pattern) {
        let name = pattern.name();
        let ending = name.strip_prefix(b"*.").filter(|ending| is_literal(ending));
        let ending = ending.filter(|ending| !ending.contains(&b'.'));
        let list = match (pattern.is_folder, pattern.folder()) {
            (true, _) if is_literal(name) => self.folders.entry(name).or_default(),
            (true, _) => &mut self.any_folder,
            (false, Some(folder)) if is_literal(folder) => {
                self.in_folders.entry(folder).or_default()
            }
            (false, Some(_)) => &mut self.in_any_folder,
            (false, None) if is_literal(name) => self.names.entry(name).or_default(),
            (false, None) => match ending {
                Some(ending) => self.endings.entry(ending).or_default(),
                None if is_literal(&name[..1]) => self.starts.entry(name[0]).or_default(),
                None => &mut self.in_any_folder,
            },
        };
        list.push(self.patterns.len());
        self.patterns.push((rule, pattern));
    }

    /// A look at paths, which is fast where the paths of a folder follow each other.
    pub(super) fn cursor(&self) -> Cursor<'_, '_> {
        Cursor {
            matcher: self,
            path: None,
            folder: Folder::default(),
        }
    }

    fn folder(&self, path: &[u8]) -> Folder {
        let names: Vec<&[u8]> = path.split(|byte| *byte == b'/').collect();
        let mut found = Folder::default();
        for (index, name) in names.iter().enumerate() {
            let listed = self.folders.get(name).into_iter().flatten();
            for pattern in listed.chain(&self.any_folder) {
                let (rule, pattern) = &self.patterns[*pattern];
                if pattern.ends(&names[..=index]) {
                    found.rule = Some(found.rule.map_or(*rule, |found| found.min(*rule)));
                }
            }
        }
        let last = names.last().copied().unwrap_or_default();
        let listed = self.in_folders.get(last).into_iter().flatten();
        let listed = listed.chain(&self.in_any_folder);
        let can_match = |pattern: &&usize| self.patterns[**pattern].1.can_be_in(&names);
        found.patterns = listed.filter(can_match).copied().collect();
        found
    }

    fn name(&self, folder: &Folder, path: &[u8], name: &[u8]) -> Option<usize> {
        let mut found = folder.rule;
        let ending = name.iter().rposition(|byte| *byte == b'.');
        let by_ending = ending.and_then(|dot| self.endings.get(&name[dot + 1..]));
        let by_start = name.first().and_then(|byte| self.starts.get(byte));
        let listed = [self.names.get(name), by_ending, by_start];
        let listed = listed.into_iter().flatten().flatten();
        for pattern in listed.chain(&folder.patterns) {
            let (rule, pattern) = &self.patterns[*pattern];
            let is_earlier = found.is_none_or(|found| *rule < found);
            if is_earlier && pattern.has_name(name) && pattern.has(path) {
                found = Some(*rule);
            }
        }
        found
    }
}

impl<'a> Cursor<'_, 'a> {
    /// The index of the first rule of the table that matches a file's path.
    pub(super) fn rule(&mut self, path: &'a [u8]) -> Option<usize> {
        let slash = path.iter().rposition(|byte| *byte == b'/');
        let (folder, name) = match slash {
            Some(slash) => (&path[..slash], &path[slash + 1..]),
            None => (&path[..0], path),
        };
        if self.path != Some(folder) {
            self.path = Some(folder);
            self.folder = self.matcher.folder(folder);
        }
        let rule = self.matcher.name(&self.folder, path, name)?;
        let exceptions = self.matcher.exceptions.get(&rule);
        let is_exception = exceptions.is_some_and(|all| all.iter().any(|one| one.has(path)));
        (!is_exception).then_some(rule)
    }
}

#[cfg(test)]
mod tests {
    use super::super::credentials::CREDENTIALS;
    use super::super::paths::UNWANTED;
    use super::*;

    fn rule(table: &[PathRule], path: &str) -> Option<&'static str> {
        let matcher = Matcher::new(table);
        let rule = matcher.cursor().rule(path.as_bytes())?;
        Some(table[rule].rule.id)
    }

    #[test]
    fn each_rule_finds_what_it_is_about() {
        let cases = [
            (
                "var/lib/apt/lists/deb.debian.org_dists_Packages",
                "apt-cache",
            ),
            ("var/cache/apt/archives/curl.deb", "apt-cache"),
            ("var/cache/apk/APKINDEX.tar.gz", "apk-cache"),
            ("var/cache/dnf/x/repodata/a.xml", "rpm-cache"),
            ("root/.cache/pip/http/a", "python-package-cache"),
            ("opt/conda/pkgs/numpy-1.conda", "python-package-cache"),
            ("home/node/.npm/_cacache/index", "javascript-package-cache"),
            ("usr/local/cargo/registry/index/a", "cargo-cache"),
            ("go/pkg/mod/a/b.go", "go-cache"),
            ("root/.m2/repository/a.jar", "jvm-package-cache"),
            ("usr/local/bundle/cache/rails.gem", "ruby-package-cache"),
            ("var/lib/gems/3.1.0/cache/rack.gem", "ruby-package-cache"),
            ("root/.composer/cache/a", "php-package-cache"),
            ("root/.nuget/packages/a", "nuget-cache"),
            ("srv/app/.git/objects/0a/1b", "version-control"),
            ("srv/target/debug/app", "build-tree"),
            ("srv/main.o", "build-tree"),
            ("usr/lib/debug/.build-id/0a/1b.debug", "debug-symbols"),
            ("srv/app.debug", "debug-symbols"),
            ("core", "crash-dump"),
            ("srv/core.4711", "crash-dump"),
            ("srv/java_pid7.hprof", "crash-dump"),
            ("var/log/dpkg.log", "log-file"),
            ("tmp/a/b", "temporary-file"),
            ("srv/.DS_Store", "editor-litter"),
            (
                "usr/lib/python3/dist-packages/numpy/tests/a.py",
                "package-tests",
            ),
            (
                "usr/lib/python3/dist-packages/x/__pycache__/a.pyc",
                "python-bytecode",
            ),
            ("usr/bin/x86_64-linux-gnu-gcc-12", "build-tool"),
            ("usr/lib/gcc/x86_64-linux-gnu/12/cc1plus", "build-tool"),
            ("usr/share/man/man1/ls.1.gz", "documentation"),
        ];
        for (path, id) in cases {
            assert_eq!(rule(&UNWANTED, path), Some(id), "{path}");
        }
    }

    #[test]
    fn what_only_looks_like_it_is_left_alone() {
        for path in [
            "var/lib/apt/extended_states",
            "usr/lib/x86_64-linux-gnu/crt1.o",
            "srv/core",
            "var/lib/gems/3.1.0/gems/x-1/cache/y",
            "srv/core.2.js",
            "srv/core.js",
            "srv/git/config",
            "srv/tmp/a",
            "usr/share/doc/curl/copyright",
            "usr/bin/gcov",
            "etc/ssl/certs/ca-certificates.crt",
        ] {
            assert_eq!(rule(&UNWANTED, path), None, "{path}");
        }
    }

    #[test]
    fn files_of_credentials_are_known_by_path() {
        let cases = [
            ("root/.aws/credentials", Some("credential-file")),
            ("srv/prod.tfstate", Some("credential-file")),
            ("srv/.env", Some("env-file")),
            ("srv/.env.production", Some("env-file")),
            ("srv/.env.example", None),
            ("srv/.env.d.ts", None),
            ("root/.bash_history", Some("private-file")),
            ("root/.ssh/id_ed25519", Some("key-file")),
            ("root/.ssh/id_ed25519.pub", None),
            ("etc/ssh/ssh_host_rsa_key", Some("key-file")),
            ("srv/aws/credentials", None),
        ];
        for (path, id) in cases {
            assert_eq!(rule(&CREDENTIALS, path), id, "{path}");
        }
    }

    #[test]
    fn a_cursor_finds_the_same_as_a_fresh_look() {
        let matcher = Matcher::new(&UNWANTED);
        let mut cursor = matcher.cursor();
        for path in [
            "tmp/a",
            "tmp/b",
            "a",
            "srv/a.o",
            "srv/b",
            "tmp/a",
            "tmp/c/.git/x",
        ] {
            let path = path.as_bytes();
            assert_eq!(cursor.rule(path), matcher.cursor().rule(path));
        }
    }
}
