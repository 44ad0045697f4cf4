//! What Bun reads: manifests, a lock file, `bunfig.toml`.
//!
//! Source: <https://bun.sh/docs/cli/install>

use super::package_json::{Dialect, inputs as of_packages};
use super::{Inputs, Project};

pub(super) fn inputs(project: Project<'_>) -> Result<Inputs, String> {
    let dialect = Dialect {
        dir_options: &["--cwd"],
        // Without a lock file of its own it takes over another one.
        names: &[
            "bun.lock",
            "bun.lockb",
            "bunfig.toml",
            "package-lock.json",
            "pnpm-lock.yaml",
            "pnpm-workspace.yaml",
            "yarn.lock",
        ],
        settings: &["bunfig.toml"],
        runs_scripts: true,
    };
    of_packages(project, &dialect)
}
