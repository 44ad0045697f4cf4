//! Ignore files, asked one question only: is this entry at the top of the context left out?
//!
//! Errs towards yes. A pattern that is not understood counts as excluding, because advice to exclude
//! what is excluded already is worse than silence.

/// The patterns of a `.dockerignore`, in order.
///
/// Source: <https://docs.docker.com/build/concepts/context/#dockerignore-files>
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct IgnoreFile {
    patterns: Vec<Pattern>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Pattern {
    /// The pattern without what makes no difference at the top: slashes around it, a leading `**/`,
    /// a trailing `/*` or `/**`.
    glob: String,
    is_exception: bool,
}

impl IgnoreFile {
    /// Reads the patterns. Any text is an ignore file.
    pub(crate) fn parse(text: &str) -> Self {
        let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
        let patterns = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        Self {
            patterns: patterns.map(Pattern::parse).collect(),
        }
    }

    /// Whether the entry of this name at the top of the context is left out. The last pattern that
    /// matches decides; an exception only counts when it is for the very name.
    pub(crate) fn excludes(&self, name: &str) -> bool {
        let decisive = self.patterns.iter().rfind(|pattern| {
            if pattern.is_exception {
                pattern.glob == name
            } else {
                matches(&pattern.glob, name)
            }
        });
        decisive.is_some_and(|pattern| !pattern.is_exception)
    }
}

impl Pattern {
    fn parse(line: &str) -> Self {
        let (is_exception, rest) = match line.strip_prefix('!') {
            Some(rest) => (true, rest.trim()),
            None => (false, line),
        };
        let mut glob = rest.trim_start_matches("./").trim_matches('/');
        while let Some(inner) = glob.strip_prefix("**/") {
            glob = inner;
        }
        while let Some(outer) = glob.strip_suffix("/**").or_else(|| glob.strip_suffix("/*")) {
            glob = outer;
        }
        Self {
            glob: glob.to_owned(),
            is_exception,
        }
    }
}

/// Matches a name against a pattern with `*` and `?`. Character classes and escapes match all.
fn matches(glob: &str, name: &str) -> bool {
    if glob.contains(['[', '\\']) {
        return true;
    }
    let (glob, name): (Vec<char>, Vec<char>) = (glob.chars().collect(), name.chars().collect());
    let (mut g, mut n) = (0, 0);
    // Where to go on when what follows the last `*` does not fit: let the `*` take one more.
    let mut retry = None;
    while n < name.len() {
        match glob.get(g) {
            Some('*') => {
                retry = Some((g, n));
                g += 1;
            }
            Some(&c) if c == '?' || c == name[n] => {
                g += 1;
                n += 1;
            }
            _ => match retry {
                Some((star, taken)) => {
                    retry = Some((star, taken + 1));
                    g = star + 1;
                    n = taken + 1;
                }
                None => return false,
            },
        }
    }
    glob[g..].iter().all(|&c| c == '*')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn excludes(text: &str, name: &str) -> bool {
        IgnoreFile::parse(text).excludes(name)
    }

    #[test]
    fn each_way_to_write_a_name_excludes_it() {
        let ways = [
            "node_modules",
            "node_modules/",
            "/node_modules",
            "./node_modules",
            "**/node_modules",
            "**/node_modules/**",
            "node_modules/*",
            "  node_modules  ",
            "node_*",
            "*_modules",
            "n?de_modules",
            "*",
            "**",
            "[mn]ode_modules",
        ];
        for way in ways {
            assert!(excludes(way, "node_modules"), "{way}");
        }
    }

    #[test]
    fn other_names_comments_and_deeper_paths_do_not() {
        for text in [
            "",
            "# node_modules",
            "node",
            "node_modules2",
            "web/node_modules",
            "node_modules/.cache",
            "*.log",
            ".*",
        ] {
            assert!(!excludes(text, "node_modules"), "{text}");
        }
    }

    #[test]
    fn the_last_pattern_that_matches_decides() {
        assert!(!excludes("*\n!dist", "dist"));
        assert!(!excludes("dist\n!dist/", "dist"));
        assert!(excludes("!dist\ndist", "dist"));
    }

    #[test]
    fn exceptions_for_other_paths_leave_it_excluded() {
        assert!(excludes("*\n!src\n!package.json", ".git"));
        assert!(excludes("*\n!target/release/app", "target"));
        assert!(excludes("*\n!*.md", ".git"));
    }

    proptest! {
        #[test]
        fn any_text_is_an_ignore_file(text in ".{0,80}", name in "[a-z*?]{0,12}") {
            let _ = IgnoreFile::parse(&text).excludes(&name);
        }
    }
}
