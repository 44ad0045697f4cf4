//! Projects of JavaScript packages, by hand, and what an install of each reads.

use super::super::sample::read;

#[test]
fn manifest_lock_and_settings_are_read_and_sources_are_not() {
    let files = [
        ("package.json", r#"{"scripts": {"build": "tsc"}}"#),
        ("package-lock.json", "{}"),
        (".npmrc", "registry=https://example.com/a/b"),
        ("src/index.ts", ""),
    ];
    let expected = [".npmrc", "package-lock.json", "package.json"];
    assert_eq!(read("npm ci", "", &files).unwrap(), expected);
}

#[test]
fn a_workspace_is_read_from_its_root_with_the_manifest_of_each_member() {
    let files = [
        (
            "package.json",
            r#"{"workspaces": {"packages": ["packages/*", "apps/**", "!packages/old"]}}"#,
        ),
        ("yarn.lock", ""),
        ("packages/a/package.json", "{}"),
        ("packages/a/src/x.ts", ""),
        ("packages/old/package.json", "{}"),
        ("apps/web/site/package.json", "{}"),
        ("tools/package.json", "{}"),
    ];
    let expected = [
        "apps/web/site/package.json",
        "package.json",
        "packages/a/package.json",
        "yarn.lock",
    ];
    assert_eq!(
        read("yarn install", "packages/a", &files).unwrap(),
        expected
    );
}

#[test]
fn the_settings_of_a_pnpm_workspace_name_members_and_patches() {
    let workspace = "packages:\n  # all\n  - 'packages/*'\n  - \"!packages/b\"\n\npatchedDependencies:\n  a@1: patches/a.patch\n";
    let files = [
        ("package.json", "{}"),
        ("pnpm-lock.yaml", ""),
        ("pnpm-workspace.yaml", workspace),
        ("packages/a/package.json", "{}"),
        ("packages/b/package.json", "{}"),
        ("patches/a.patch", ""),
        ("patches/unused.patch", ""),
        (".pnpmfile.cjs", "module.exports = {}"),
    ];
    let expected = [
        ".pnpmfile.cjs",
        "package.json",
        "packages/a/package.json",
        "patches/a.patch",
        "pnpm-lock.yaml",
        "pnpm-workspace.yaml",
    ];
    assert_eq!(
        read("pnpm i --frozen-lockfile", "", &files).unwrap(),
        expected
    );
}

#[test]
fn patches_and_local_packages_are_read_whole() {
    let manifest = r#"{
        "dependencies": {"a": "file:./libs/a", "b": "npm:c@1", "d": "patch:d@npm%3A1.0.0#~/.yarn/patches/d.patch"},
        "pnpm": {"patchedDependencies": {"e@1": "patches/e.patch"}}
    }"#;
    let files = [
        ("package.json", manifest),
        ("libs/a/package.json", "{}"),
        ("libs/a/index.js", ""),
        (".yarn/patches/d.patch", ""),
        ("patches/e.patch", ""),
    ];
    let expected = [".yarn", "libs/a", "package.json", "patches/e.patch"];
    assert_eq!(read("yarn", "", &files).unwrap(), expected);
}

#[test]
fn what_is_named_but_not_copied_is_a_reason() {
    let manifest = r#"{"dependencies": {"a": "file:libs/a"}}"#;
    let why = read("npm ci", "", &[("package.json", manifest)]).unwrap_err();
    assert_eq!(
        why,
        "`libs/a`, which a manifest names, is not copied before it"
    );
    let why = read("npm ci", "", &[]).unwrap_err();
    assert_eq!(
        why,
        "`package.json` is not among the files copied before it"
    );
}

#[test]
fn scripts_that_may_read_sources_are_named() {
    let why = |script: &str| {
        let manifest = format!(r#"{{"scripts": {{"postinstall": "{script}"}}}}"#);
        read(
            "npm ci",
            "",
            &[("package.json", &manifest), ("patches/a.patch", "")],
        )
    };
    assert_eq!(
        why("node scripts/setup.js").unwrap_err(),
        "the script `postinstall` of `package.json` runs `node`, which may read sources"
    );
    assert_eq!(why("patch-package").unwrap(), ["package.json", "patches"]);
    assert_eq!(why("husky install || true").unwrap(), ["package.json"]);
    assert_eq!(why("npx only-allow pnpm").unwrap(), ["package.json"]);
    assert!(why("npm run build").is_err());
    let manifest = r#"{"scripts": {"prepare": "tsc"}}"#;
    assert!(read("npm ci --ignore-scripts", "", &[("package.json", manifest)]).is_ok());
}

#[test]
fn scripts_of_workspaces_count_too() {
    let files = [
        ("package.json", r#"{"workspaces": ["a"]}"#),
        ("a/package.json", r#"{"scripts": {"install": "make"}}"#),
    ];
    let why = read("npm ci", "", &files).unwrap_err();
    assert!(
        why.starts_with("the script `install` of `a/package.json`"),
        "{why}"
    );
}

#[test]
fn programs_of_a_workspace_are_made_executable_by_the_install() {
    let files = [
        ("package.json", r#"{"workspaces": ["a"], "bin": "cli.js"}"#),
        ("cli.js", ""),
        ("a/package.json", r#"{"bin": {"a": "./bin/a.js"}}"#),
        ("a/bin/a.js", ""),
    ];
    let why = read("npm ci", "", &files).unwrap_err();
    assert_eq!(
        why,
        "`a/package.json` offers the program `a/bin/a.js`, which the install links"
    );
    assert!(read("npm ci", "", &files[..3]).is_ok());
}

#[test]
fn code_made_from_the_projects_own_schema_is_a_reason() {
    let manifest = r#"{"dependencies": {"@prisma/client": "5"}}"#;
    let schema = ("prisma/schema.prisma", "");
    assert!(read("npm ci", "", &[("package.json", manifest), schema]).is_err());
    assert!(read("npm ci", "", &[("package.json", manifest)]).is_ok());
}

#[test]
fn an_option_that_names_the_folder_is_followed() {
    let files = [("web/package.json", "{}"), ("web/package-lock.json", "{}")];
    let expected = ["web/package-lock.json", "web/package.json"];
    assert_eq!(read("npm --prefix web ci", "", &files).unwrap(), expected);
    assert_eq!(read("npm ci --prefix=./web", "", &files).unwrap(), expected);
    assert!(read("npm ci --prefix $DIR", "", &files).is_err());
}
