//! What Yarn reads, the classic one and the modern one: manifests, a lock file, its settings, and the
//! folder `.yarn` with its releases, plugins, patches and cache.
//!
//! Source: <https://yarnpkg.com/configuration/yarnrc>, <https://classic.yarnpkg.com/lang/en/docs/yarnrc/>

use super::package_json::{Dialect, inputs as of_packages};
use super::{Inputs, Project};

pub(super) fn inputs(project: Project<'_>) -> Result<Inputs, String> {
    let mut texts = project.files.texts.iter();
    let checks_constraints = |(path, text): &(&String, &String)| {
        path.ends_with(".yarnrc.yml") && text.contains("enableConstraintsChecks: true")
    };
    if let Some((path, _)) = texts.find(checks_constraints) {
        return Err(format!("`{path}` has the project's constraints checked"));
    }
    let dialect = Dialect {
        dir_options: &["--cwd"],
        names: &[".yarn", ".yarnclean", ".yarnrc", ".yarnrc.yml", "yarn.lock"],
        settings: &[".yarnrc", ".yarnrc.yml"],
        runs_scripts: true,
    };
    of_packages(project, &dialect)
}
