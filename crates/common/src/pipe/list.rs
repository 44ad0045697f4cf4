//! Lists of files that stand beside a report, because they are too long for it.

use std::io;

use crate::report::{ContextFile, ContextFiles};

/// Why the list of a step's files is not known.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The file cannot be read; the error names it.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// The file holds something else.
    #[error("line {line} of `{path}` is not a file of a build context: {source}")]
    Malformed {
        /// The list.
        path: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// The file holds another list.
    #[error("`{path}` does not hold the list that the report means")]
    Other {
        /// The list.
        path: String,
    },
}

/// Reads the list that a report left beside it. `None` when it left none. A relative path is meant
/// from the working directory, as all paths in reports.
///
/// # Errors
///
/// The list is not there, or is another one: its digest is not that of the report.
pub fn read_list(taken: &ContextFiles) -> Result<Option<Vec<ContextFile>>, ListError> {
    let Some(path) = &taken.list_path else {
        return Ok(None);
    };
    let text = fs_err::read_to_string(path)?;
    let files = text.lines().enumerate().map(|(index, line)| {
        serde_json::from_str(line).map_err(|source| ListError::Malformed {
            path: path.clone(),
            line: index + 1,
            source,
        })
    });
    let files = files.collect::<Result<Vec<ContextFile>, _>>()?;
    if ContextFiles::digest_of(&files) != taken.digest {
        return Err(ListError::Other { path: path.clone() });
    }
    Ok(Some(files))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn file(path: &str) -> ContextFile {
        ContextFile {
            path: path.to_owned(),
            mode: 0o644,
            size_bytes: 1,
            digest: "sha256:a".to_owned(),
            is_link: false,
            modified_ns: None,
        }
    }

    fn taken(list: &str, files: &[ContextFile]) -> (tempfile::TempDir, ContextFiles) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("list.jsonl");
        fs_err::write(&path, list).unwrap();
        let taken = ContextFiles {
            digest: ContextFiles::digest_of(files),
            file_count: files.len() as u64,
            size_bytes: 0,
            files: Vec::new(),
            list_path: Some(path.display().to_string()),
            folders: Vec::new(),
            folder_count: None,
        };
        (dir, taken)
    }

    #[test]
    fn a_list_is_read_back_and_another_one_refused() {
        let files = [file("a"), file("b\nc")];
        let list: String = files.iter().map(crate::pipe::json_line).collect();
        let (_dir, mut good) = taken(&list, &files);
        assert_eq!(read_list(&good).unwrap().unwrap(), files);
        good.digest = "sha256:other".to_owned();
        let error = read_list(&good).unwrap_err().to_string();
        assert!(error.ends_with("does not hold the list that the report means"));
        good.list_path = None;
        assert_eq!(read_list(&good).unwrap(), None);
    }

    #[test]
    fn a_list_that_is_gone_is_named() {
        let (dir, taken) = taken("", &[]);
        drop(dir);
        let error = read_list(&taken).unwrap_err().to_string();
        assert!(error.contains("list.jsonl"), "{error}");
    }

    proptest! {
        #[test]
        fn any_text_is_a_list_or_refused(text in "\\PC*") {
            let (_dir, taken) = taken(&text, &[file("a")]);
            let _ = read_list(&taken);
        }
    }
}
