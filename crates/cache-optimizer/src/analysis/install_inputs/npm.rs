//! What npm reads: manifests, a lock file, `.npmrc`.
//!
//! Source: <https://docs.npmjs.com/cli/commands/npm-ci>, <https://docs.npmjs.com/cli/using-npm/workspaces>

use super::package_json::{Dialect, inputs as of_packages};
use super::{Inputs, Project};

pub(super) fn inputs(project: Project<'_>) -> Result<Inputs, String> {
    let dialect = Dialect {
        dir_options: &["--prefix", "-C"],
        // Without a lock file of its own it goes by that of yarn, and keeps it up to date.
        names: &["npm-shrinkwrap.json", "package-lock.json", "yarn.lock"],
        settings: &[],
        runs_scripts: true,
    };
    of_packages(project, &dialect)
}
