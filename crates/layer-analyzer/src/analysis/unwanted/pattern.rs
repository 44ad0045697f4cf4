//! Patterns of paths, as the table of rules has them.

/// One pattern.
#[derive(Debug)]
pub(super) struct Pattern {
    /// The names, of which the last one is the file's or folder's own.
    parts: Vec<&'static [u8]>,
    /// Whether the first name is one of the root.
    is_anchored: bool,
    /// Whether it means a folder with all that is below.
    pub(super) is_folder: bool,
}

impl Pattern {
    /// Reads a pattern as it is written in the table.
    pub(super) fn new(written: &'static str) -> Self {
        let rest = written.strip_prefix('/');
        let is_anchored = rest.is_some();
        let rest = rest.unwrap_or(written);
        let is_folder = rest.ends_with('/');
        let rest = rest.trim_end_matches('/');
        Self {
            parts: rest.split('/').map(str::as_bytes).collect(),
            is_anchored,
            is_folder,
        }
    }

    /// The last name.
    pub(super) fn name(&self) -> &'static [u8] {
        self.parts.last().copied().unwrap_or_default()
    }

    /// The name before the last one, if there is one.
    pub(super) fn folder(&self) -> Option<&'static [u8]> {
        self.parts
            .len()
            .checked_sub(2)
            .map(|index| self.parts[index])
    }

    /// Whether the names up to the last one of `names` are those of the pattern.
    pub(super) fn ends(&self, names: &[&[u8]]) -> bool {
        let Some(start) = names.len().checked_sub(self.parts.len()) else {
            return false;
        };
        let pairs = || self.parts.iter().zip(&names[start..]).rev();
        (!self.is_anchored || start == 0) && pairs().all(|(part, name)| matches(part, name))
    }

    /// Whether a file of the folder of these names can be matched.
    pub(super) fn can_be_in(&self, names: &[&[u8]]) -> bool {
        let Some((_, folders)) = self.parts.split_last() else {
            return false;
        };
        let Some(start) = names.len().checked_sub(folders.len()) else {
            return false;
        };
        let mut pairs = folders.iter().zip(&names[start..]);
        (!self.is_anchored || start == 0) && pairs.all(|(part, name)| matches(part, name))
    }

    /// Whether the last name is matched.
    pub(super) fn has_name(&self, name: &[u8]) -> bool {
        matches(self.name(), name)
    }

    /// Whether a path is matched: the file itself, or a folder that it is in.
    pub(super) fn has(&self, path: &[u8]) -> bool {
        let names: Vec<&[u8]> = path.split(|byte| *byte == b'/').collect();
        if self.is_folder {
            (1..names.len()).any(|count| self.ends(&names[..count]))
        } else {
            self.ends(&names)
        }
    }
}

/// Whether a part of a pattern means one name only.
pub(super) fn is_literal(part: &[u8]) -> bool {
    !part.iter().any(|byte| matches!(byte, b'*' | b'#'))
}

/// Whether a part of a pattern matches a name: `*` is any text, `#` one digit.
fn matches(part: &[u8], name: &[u8]) -> bool {
    let (mut at, mut name_at) = (0, 0);
    // Where to go on if what follows the last `*` does not fit: the `*` takes one byte more.
    let mut retry: Option<(usize, usize)> = None;
    while name_at < name.len() {
        match part.get(at) {
            Some(b'*') => {
                retry = Some((at, name_at));
                at += 1;
                continue;
            }
            Some(b'#') if name[name_at].is_ascii_digit() => {}
            Some(byte) if *byte == name[name_at] && *byte != b'#' => {}
            _ => {
                let Some((star, taken_to)) = retry else {
                    return false;
                };
                retry = Some((star, taken_to + 1));
                (at, name_at) = (star + 1, taken_to + 1);
                continue;
            }
        }
        (at, name_at) = (at + 1, name_at + 1);
    }
    part[at..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_their_table_says() {
        let cases = [
            ("/tmp/", "tmp/a/b", true),
            ("/tmp/", "srv/tmp/a", false),
            ("/tmp/", "tmp", false),
            (".git/", "srv/.git/config", true),
            (".git/", ".git/config", true),
            (".git/", "srv/a.git/config", false),
            ("*.debug", "usr/a.debug", true),
            ("*.debug", "usr/a.debug/b", false),
            ("a/*/c/", "x/a/b/c/d", true),
            ("a/*/c/", "x/a/b/b/c/d", false),
            ("core.#*", "srv/core.123", true),
            ("core.#*", "srv/core.js", false),
            ("bin/*-gcc-#*", "usr/bin/x86_64-linux-gnu-gcc-12", true),
            ("bin/*-gcc-#*", "usr/bin/x86_64-linux-gnu-gcc-ar", false),
        ];
        for (written, path, expected) in cases {
            let pattern = Pattern::new(written);
            assert_eq!(pattern.has(path.as_bytes()), expected, "{written} {path}");
        }
    }
}
