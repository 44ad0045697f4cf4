//! Paths of archive members and of files in an image, which are bytes and not text.

use std::borrow::Cow;

/// Returns the path without leading `/`, `.` parts, empty parts and trailing `/`, with each `..`
/// taking back the part before it. A path cannot leave the root; the root itself is empty.
pub(crate) fn normal(path: &[u8]) -> Vec<u8> {
    let mut normal = Vec::with_capacity(path.len());
    for part in path.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => normal.truncate(split_last(&normal).0.len()),
            part => {
                if !normal.is_empty() {
                    normal.push(b'/');
                }
                normal.extend_from_slice(part);
            }
        }
    }
    normal
}

/// [`normal`] of a path that is not needed any more: most are normal already.
pub(crate) fn into_normal(path: Vec<u8>) -> Vec<u8> {
    let is_normal = |part: &[u8]| !matches!(part, b"" | b"." | b"..");
    if path.split(|byte| *byte == b'/').all(is_normal) {
        path
    } else {
        normal(&path)
    }
}

/// Splits a normal path into the folder, empty for the root, and the last part.
pub(crate) fn split_last(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|byte| *byte == b'/') {
        Some(slash) => (&path[..slash], &path[slash + 1..]),
        None => (b"", path),
    }
}

/// Joins a folder and a name of a normal path.
pub(crate) fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    if folder.is_empty() {
        name.to_vec()
    } else {
        [folder, b"/", name].concat()
    }
}

/// Writes where something is in an image: a normal path as [`to_text`] does, the root as `/`.
pub(crate) fn to_place(normal: &[u8]) -> Cow<'_, str> {
    match (normal, std::str::from_utf8(normal)) {
        ([], _) => "/".into(),
        (_, Ok(text)) => text.into(),
        _ => to_text(normal).into(),
    }
}

/// Writes a path as text: bytes that are not UTF-8 become `\xNN`.
pub(crate) fn to_text(path: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(path.len());
    for chunk in path.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            write!(text, "\\x{byte:02x}").expect("writing to a string succeeds");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn prefixes_and_dots_do_not_make_another_path() {
        for path in [
            "a/b",
            "./a/b",
            "/a/b",
            "//a//b/",
            "a/./b",
            "a/c/../b",
            "../../a/b",
        ] {
            assert_eq!(normal(path.as_bytes()), b"a/b", "{path}");
        }
        for root in ["", ".", "./", "/", "..", "a/.."] {
            assert_eq!(normal(root.as_bytes()), b"", "{root}");
        }
    }

    proptest! {
        #[test]
        fn a_path_that_is_given_away_becomes_the_same(path in "[a./]{0,12}") {
            let path = path.into_bytes();
            prop_assert_eq!(into_normal(path.clone()), normal(&path));
        }
    }

    #[test]
    fn bytes_that_are_not_text_stay_apart() {
        assert_eq!(to_text(b"caf\xe9/\xc3\xa9"), "caf\\xe9/é");
        assert_ne!(to_text(b"\xff"), to_text(b"\xfe"));
    }
}
