//! What pnpm reads: manifests, a lock file, the settings of the workspace, `.pnpmfile.cjs`.
//!
//! Source: <https://pnpm.io/workspaces>, <https://pnpm.io/pnpmfile>, <https://pnpm.io/cli/fetch>

use super::package_json::{Dialect, inputs as of_packages};
use super::paths::has_flag;
use super::{Inputs, Project};

pub(super) fn inputs(project: Project<'_>) -> Result<Inputs, String> {
    let is_hooks =
        |path: &&String| path.ends_with(".pnpmfile.cjs") || path.ends_with(".pnpmfile.mjs");
    for path in project.files.sizes_bytes.keys().filter(is_hooks) {
        let text = project.files.text(path);
        let text = text.ok_or_else(|| format!("what `{path}` loads is not known"))?;
        if ["'.", "\".", "`."].iter().any(|start| text.contains(start)) {
            return Err(format!("`{path}` loads other files"));
        }
    }
    let dialect = Dialect {
        dir_options: &["--dir", "-C"],
        names: &[
            ".pnpmfile.cjs",
            ".pnpmfile.mjs",
            "pnpm-lock.yaml",
            "pnpm-workspace.yaml",
        ],
        settings: &["pnpm-workspace.yaml"],
        runs_scripts: !has_flag(project.command, "fetch"),
    };
    of_packages(project, &dialect)
}
