//! What of a step's inputs a report says: files by digest, secret values hidden.

use common::report::{
    CONTEXT_FILES_MAX, ContextFile, ContextFiles, ContextFolder, RunInputs, sha256_hex,
};
use common::secrets::looks_secret;
use std::collections::BTreeMap;

use super::build::FileLists;
use crate::model::context::{ContextEntry, EntryKind};
use crate::model::secrets::Secrets;
use crate::model::step;

/// What a step takes from the context. `None` when a file could not be hashed: a digest over the
/// rest would call unequal inputs equal.
pub(super) fn context_files(entries: &[ContextEntry], lists: FileLists) -> Option<ContextFiles> {
    let file = |entry: &ContextEntry| {
        Some(ContextFile {
            path: entry.path.clone(),
            mode: entry.mode,
            size_bytes: entry.size_bytes,
            digest: entry.digest.clone()?,
            is_link: entry.kind != EntryKind::File,
            modified_ns: Some(entry.modified_ns),
        })
    };
    let (folders, files): (Vec<_>, Vec<_>) = entries
        .iter()
        .partition(|entry| entry.kind == EntryKind::Directory);
    let files = files.into_iter().map(file).collect::<Option<Vec<_>>>()?;
    Some(ContextFiles {
        digest: ContextFiles::digest_of(&files),
        file_count: files.len() as u64,
        size_bytes: files.iter().map(|file| file.size_bytes).sum(),
        files: if lists == FileLists::All || files.len() <= CONTEXT_FILES_MAX {
            files
        } else {
            Vec::new()
        },
        list_path: None,
        folder_count: Some(folders.len() as u64),
        folders: if folders.len() <= CONTEXT_FILES_MAX {
            folders.into_iter().map(folder).collect()
        } else {
            Vec::new()
        },
    })
}

fn folder(entry: &ContextEntry) -> ContextFolder {
    ContextFolder {
        path: entry.path.clone(),
        mode: entry.mode,
    }
}

/// What is in the key of a `RUN` of a target that is built with `build_args`.
pub(super) fn run_inputs(run: step::RunInputs, build_args: &BTreeMap<String, String>) -> RunInputs {
    let mut known = build_args.clone();
    known.extend(run.args.clone());
    known.extend(run.env.clone());
    let secrets = Secrets::of(&known);
    RunInputs {
        args: hidden(run.args, &secrets),
        env: hidden(run.env, &secrets),
        mounts: run.mounts,
        network: run.network,
    }
}

/// Hides values that are secret, or that have a secret put in. The name goes into the digest, so
/// that it does not show which variables have the same value.
fn hidden(variables: BTreeMap<String, String>, secrets: &Secrets) -> BTreeMap<String, String> {
    let shown = variables.into_iter().map(|(name, value)| {
        let value = if looks_secret(&name) || secrets.redact(&value) != value {
            sha256_hex(format!("{name}={value}").as_bytes())
        } else {
            value
        };
        (name, value)
    });
    shown.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(count: usize, digest: Option<&str>) -> Vec<ContextEntry> {
        let entry = |index| ContextEntry {
            path: format!("{index}"),
            kind: EntryKind::File,
            mode: 0o644,
            size_bytes: 3,
            modified_ns: 0,
            digest: digest.map(str::to_owned),
            inode: None,
        };
        (0..count).map(entry).collect()
    }

    #[test]
    fn a_file_that_could_not_be_read_leaves_no_digest() {
        assert_eq!(context_files(&entries(1, None), FileLists::Short), None);
    }

    #[test]
    fn a_long_list_is_left_out_unless_it_is_wanted() {
        let entries = entries(1001, Some("sha256:a"));
        let listed = |lists| {
            let files = context_files(&entries, lists).unwrap();
            (files.file_count, files.files.len())
        };
        assert_eq!(listed(FileLists::Short), (1001, 0));
        assert_eq!(listed(FileLists::All), (1001, 1001));
    }

    #[test]
    fn a_secret_shows_that_it_changed_and_not_what_it_is() {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let run = step::RunInputs {
            args: [("NPM_TOKEN", "hunter22"), ("V", "1")].map(owned).into(),
            env: [("URL", "https://hunter22@r.example")].map(owned).into(),
            ..step::RunInputs::default()
        };
        let shown = run_inputs(run, &BTreeMap::new());
        // printf 'NPM_TOKEN=hunter22' | sha256sum
        let digest = "sha256:b7899b802d2dc65daabd582f71ff2dff870e8b235662c85d31916f540f73ffb6";
        assert_eq!(shown.args["NPM_TOKEN"], digest);
        assert_eq!(shown.args["V"], "1");
        assert!(shown.env["URL"].starts_with("sha256:"));
    }
}
