//! Where the other tools are: beside this one, else where the shell finds programs.

use std::path::{Path, PathBuf};

const OWN_NAME: &str = env!("CARGO_PKG_NAME");

/// A tool that is nowhere to be found.
#[derive(Debug, thiserror::Error)]
#[error("`{name}` is neither beside `{own_path}` nor in a folder of `PATH`")]
pub(crate) struct MissingProgram {
    name: String,
    own_path: String,
}

/// The path of another tool, of this workspace, by its name.
///
/// # Errors
///
/// It is nowhere to be found.
pub(crate) fn find(name: &str) -> Result<PathBuf, MissingProgram> {
    let own_path = std::env::current_exe().unwrap_or_else(|_| PathBuf::from(OWN_NAME));
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let in_path = std::env::split_paths(&folders).map(|folder| folder.join(name));
    let mut candidates = sibling(&own_path, name).into_iter().chain(in_path);
    candidates
        .find(|path| path.is_file())
        .ok_or_else(|| MissingProgram {
            name: name.to_owned(),
            own_path: own_path.display().to_string(),
        })
}

/// What the other tool is called where this one is `own_path`: a `test-cache-optimizer` has a
/// `test-build-orchestrator` beside it.
fn sibling(own_path: &Path, name: &str) -> Option<PathBuf> {
    let own_name = own_path.file_name()?.to_str()?;
    let (before, after) = own_name.split_once(OWN_NAME)?;
    Some(own_path.with_file_name(format!("{before}{name}{after}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sibling_has_what_is_around_the_name() {
        let of = |path: &str| sibling(Path::new(path), "layer-analyzer");
        let expected = |path: &str| Some(PathBuf::from(path));
        assert_eq!(of("/b/cache-optimizer"), expected("/b/layer-analyzer"));
        assert_eq!(
            of("/b/test-cache-optimizer"),
            expected("/b/test-layer-analyzer")
        );
        assert_eq!(of("/b/co"), None);
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = find("no-such-tool").unwrap_err().to_string();
        assert!(
            error.starts_with("`no-such-tool` is neither beside `/"),
            "{error}"
        );
    }
}
