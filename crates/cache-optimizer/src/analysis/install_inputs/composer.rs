//! What `composer install` reads when it runs no scripts and writes no autoloader: `composer.json`, its
//! lock, and the packages that are folders of the project.
//!
//! Source: <https://getcomposer.org/doc/03-cli.md#install-i>,
//! <https://getcomposer.org/doc/05-repositories.md#path>

use serde_json::Value;

use super::needed::{Needed, joined, within};
use super::{Inputs, Project};

/// Without these, it runs scripts and looks for classes among the sources.
const FLAGS: [&str; 2] = ["--no-scripts", "--no-autoloader"];

pub(super) fn inputs(project: Project<'_>) -> Result<Inputs, String> {
    let arguments = &project.command.arguments;
    if arguments
        .iter()
        .any(|a| a.starts_with("--working-dir") || a == "-d")
    {
        return Err("`--working-dir` names another folder".to_owned());
    }
    let mut needed = Needed::new(project.files);
    let path = within(project.dir, "composer.json");
    let manifest: Value =
        serde_json::from_str(needed.text(&path)?).map_err(|_| format!("`{path}` is not JSON"))?;
    if let Some(flag) = FLAGS
        .iter()
        .find(|flag| !arguments.iter().any(|a| a == **flag))
    {
        return Err(format!(
            "without `{flag}` the install needs the sources: it takes `{}` first, and `composer \
             dump-autoload` after the sources",
            FLAGS.join(" ")
        ));
    }
    check_config(
        &manifest,
        project,
        arguments.iter().any(|a| a == "--no-plugins"),
    )?;
    for name in ["composer.lock", "auth.json"] {
        needed.add(&within(project.dir, name))?;
    }
    for folder in folders(&manifest, project)? {
        needed.add_folder(&folder)?;
    }
    Ok(needed.into_inputs())
}

/// What is installed must not meet files of the project: those that a `COPY` brings later would win.
fn check_config(
    manifest: &Value,
    project: Project<'_>,
    has_no_plugins: bool,
) -> Result<(), String> {
    let config = &manifest["config"];
    let vendor = config["vendor-dir"].as_str().unwrap_or("vendor");
    let vendor = joined(project.dir, vendor).ok_or("`vendor-dir` is outside the context")?;
    if project.files.folders.contains(&vendor) {
        return Err(format!(
            "`{vendor}` is in the context, and would be copied over what was installed"
        ));
    }
    let plugins = config["allow-plugins"].as_object().into_iter().flatten();
    let mut allowed = plugins.filter(|(_, is_allowed)| **is_allowed == Value::Bool(true));
    match allowed.next() {
        _ if has_no_plugins => Ok(()),
        Some((name, _)) => Err(format!("the plugin `{name}` may read or write other files")),
        None if config["allow-plugins"] == Value::Bool(true) => {
            Err("plugins may read or write other files".to_owned())
        }
        None => Ok(()),
    }
}

/// The folders of packages that repositories of the kinds `path` and `artifact` name.
fn folders(manifest: &Value, project: Project<'_>) -> Result<Vec<String>, String> {
    let mut folders = Vec::new();
    for repository in values(&manifest["repositories"]) {
        let kind = repository["type"].as_str().unwrap_or_default();
        let url = repository["url"].as_str().unwrap_or_default();
        let is_remote = url.contains("://") || url.starts_with("git@");
        if !matches!(kind, "path" | "artifact") {
            if is_remote || url.is_empty() {
                continue;
            }
            return Err(format!("the repository `{url}` may be a folder"));
        }
        let path = joined(project.dir, url).filter(|path| !path.is_empty());
        let path = path.ok_or_else(|| format!("the repository `{url}` is outside the context"))?;
        match path.find(['*', '?', '[', '{']) {
            // A folder above it holds all that a pattern can mean.
            Some(at) => {
                let above = path[..at]
                    .rsplit_once('/')
                    .map(|(above, _)| above.to_owned());
                folders.push(
                    above.ok_or_else(|| format!("which folders `{url}` means is not known"))?,
                );
            }
            None => folders.push(path),
        }
    }
    Ok(folders)
}

/// Repositories are a list, or a table by name.
fn values(list: &Value) -> Vec<&Value> {
    match list {
        Value::Array(values) => values.iter().collect(),
        Value::Object(values) => values.values().collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{paths, refusal};

    const COMMAND: &str = "composer install --no-dev --no-scripts --no-autoloader";

    fn refused(manifest: &str) -> String {
        refusal(COMMAND, "", &[("composer.json", manifest)])
    }

    #[test]
    fn an_install_without_scripts_and_autoloader_needs_the_manifests_alone() {
        let files = [
            ("composer.json", "{}"),
            ("composer.lock", ""),
            ("src/a.php", ""),
        ];
        assert_eq!(
            paths(COMMAND, "", &files),
            ["composer.json", "composer.lock"]
        );
    }

    #[test]
    fn packages_in_folders_come_as_a_whole() {
        let manifest = r#"{"repositories": [
            {"type": "path", "url": "packages/*"},
            {"type": "vcs", "url": "https://example.com/a.git"},
            {"packagist.org": false}]}"#;
        let files = [
            ("app/composer.json", manifest),
            ("app/packages/b/composer.json", "{}"),
            ("app/packages/b/src/b.php", ""),
        ];
        assert_eq!(
            paths(COMMAND, "app", &files),
            ["app/composer.json", "app/packages"]
        );
    }

    #[test]
    fn an_install_that_writes_the_autoloader_is_refused_with_what_to_do() {
        let files = [("composer.json", "{}")];
        assert_eq!(
            refusal("composer install --no-dev --no-scripts", "", &files),
            "without `--no-autoloader` the install needs the sources: it takes `--no-scripts \
             --no-autoloader` first, and `composer dump-autoload` after the sources"
        );
    }

    #[test]
    fn what_cannot_be_said_is_refused_with_the_reason() {
        assert_eq!(refused("{"), "`composer.json` is not JSON");
        assert_eq!(
            refused(r#"{"repositories": {"a": {"type": "path", "url": "../a"}}}"#),
            "the repository `../a` is outside the context"
        );
        assert_eq!(
            refused(
                r#"{"config": {"allow-plugins": {"composer/installers": true, "b/c": false}}}"#
            ),
            "the plugin `composer/installers` may read or write other files"
        );
        let files = [("composer.json", "{}"), ("vendor/a/b.php", "")];
        assert_eq!(
            refusal(COMMAND, "", &files),
            "`vendor` is in the context, and would be copied over what was installed"
        );
    }
}
