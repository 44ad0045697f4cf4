//! Reduced Dockerfiles of real projects, each with a small context.
//!
//! Source: research/cache.md section 4, numbers 1, 4, 8 and 13.

use super::super::Confidence;
use super::super::sample::{check_recipe, context_of, mended, withheld};
use super::check;
use crate::model::recipe::Recipe;
use crate::model::sample::recipe;

fn dockerfile(name: &str) -> String {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/dockerfiles");
    fs_err::read_to_string(format!("{dir}/{name}.Dockerfile")).unwrap()
}

/// The line and the confidence of the only finding.
fn found(text: &str, files: &[(&str, &str)]) -> (u32, Confidence) {
    let recipe = Recipe {
        context: context_of(files),
        ..recipe(text)
    };
    let found = check_recipe(check, &recipe, &[]);
    assert_eq!(found.len(), 1);
    (found[0].line, found[0].confidence)
}

#[test]
fn juice_shop_builds_its_frontend_while_it_installs() {
    let text = dockerfile("juice-shop");
    let manifest = r#"{"scripts": {"postinstall": "cd frontend && npm install && cd .. && npm run build:frontend"}}"#;
    let files = [
        ("package.json", manifest),
        ("frontend/package.json", "{}"),
        ("frontend/src/main.ts", ""),
        ("server.ts", ""),
    ];
    assert_eq!(found(&text, &files), (2, Confidence::Possible));
    let why = "the script `postinstall` of `package.json` runs `npm`, which may read sources";
    assert_eq!(withheld(check, &text, &files), [why]);
}

#[test]
fn juice_shop_without_that_script_is_mended() {
    let text = dockerfile("juice-shop");
    let files = [
        ("package.json", "{}"),
        (".npmrc", "package-lock=false"),
        ("server.ts", ""),
    ];
    assert_eq!(found(&text, &files), (2, Confidence::Likely));
    let expected = text
        .replace(
            "COPY . /juice-shop\n",
            "COPY .npmrc package.json /juice-shop/\n",
        )
        .replace("--unsafe-perm\n", "--unsafe-perm\nCOPY . /juice-shop\n");
    assert_eq!(mended(check, &text, &files), expected);
}

const CALCOM: [(&str, &str); 8] = [
    (".yarn/releases/yarn-3.4.1.cjs", ""),
    (".yarnrc.yml", "yarnPath: .yarn/releases/yarn-3.4.1.cjs\n"),
    (
        "apps/web/package.json",
        r#"{"dependencies": {"@calcom/lib": "*"}}"#,
    ),
    ("apps/web/pages/index.tsx", ""),
    ("packages/lib/index.ts", ""),
    ("packages/lib/package.json", "{}"),
    ("yarn.lock", ""),
    ("apps/api/package.json", "{}"),
];

#[test]
fn calcom_generates_code_while_it_installs() {
    let text = dockerfile("calcom");
    let manifest = r#"{"workspaces": ["apps/*", "packages/*"], "scripts": {"postinstall": "husky install && turbo run post-install"}}"#;
    let files: Vec<_> = CALCOM
        .into_iter()
        .chain([("package.json", manifest)])
        .collect();
    assert_eq!(found(&text, &files), (6, Confidence::Possible));
    let why = "the script `postinstall` of `package.json` runs `turbo`, which may read sources";
    assert_eq!(withheld(check, &text, &files), [why]);
}

#[test]
fn calcom_without_that_script_keeps_what_is_copied_first() {
    let text = dockerfile("calcom");
    let manifest = r#"{"workspaces": ["apps/*", "packages/*"]}"#;
    let files: Vec<_> = CALCOM
        .into_iter()
        .chain([("package.json", manifest)])
        .collect();
    // `apps/api` is a member that no instruction copies, and that the install never saw.
    let expected = text
        .replace(
            "COPY apps/web ./apps/web\n",
            "COPY apps/web/package.json ./apps/web/\n",
        )
        .replace(
            "COPY packages ./packages\n",
            "COPY packages/lib/package.json ./packages/lib/\n",
        )
        .replace(
            "RUN yarn install\n",
            "RUN yarn install\nCOPY apps/web ./apps/web\nCOPY packages ./packages\n",
        );
    assert_eq!(mended(check, &text, &files), expected);
}

#[test]
fn excalidraw_copies_the_manifests_of_its_workspaces_first() {
    let text = dockerfile("excalidraw");
    let manifest = r#"{"workspaces": ["excalidraw-app", "packages/*"], "scripts": {"prepare": "husky install"}}"#;
    let files = [
        ("package.json", manifest),
        ("yarn.lock", ""),
        ("excalidraw-app/package.json", "{}"),
        ("excalidraw-app/App.tsx", ""),
        ("packages/excalidraw/package.json", "{}"),
        ("packages/excalidraw/index.tsx", ""),
        ("scripts/build.js", ""),
    ];
    assert_eq!(found(&text, &files), (3, Confidence::Likely));
    let manifests = "COPY package.json yarn.lock ./\n\
                     COPY excalidraw-app/package.json ./excalidraw-app/\n\
                     COPY packages/excalidraw/package.json ./packages/excalidraw/\n";
    let expected = text
        .replace("COPY . .\n", manifests)
        .replace("600000\n", "600000\nCOPY . .\n");
    assert_eq!(mended(check, &text, &files), expected);
}

#[test]
fn autogpt_depends_on_its_own_libraries_by_path() {
    let text = dockerfile("autogpt");
    let manifest =
        "[tool.poetry.dependencies]\nautogpt-libs = { path = '../libs', develop = true }\n";
    let files = [
        ("platform/libs/autogpt_libs/__init__.py", ""),
        ("platform/libs/pyproject.toml", ""),
        ("platform/server/poetry.lock", ""),
        ("platform/server/pyproject.toml", manifest),
    ];
    assert_eq!(found(&text, &files), (3, Confidence::Possible));
    let why = "`../libs` is a dependency by its path, which is built from its sources";
    assert_eq!(withheld(check, &text, &files), [why]);
}
