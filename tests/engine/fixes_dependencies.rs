//! Manifests before sources, for each package manager: built before and after, with stand-ins that
//! fail when what an install reads is not there.

use tests::mending::{Mending, ran, steps};

const RULE: &str = "copy-before-install";

/// The Dockerfile is no part of an image.
const IGNORED: (&str, &str) = (".dockerignore", "Dockerfile\n.dockerignore\n");

/// Installs by a lock file whose lines are the folders of the workspace: `$1` is its name.
const INSTALL_PACKAGES: &str = r#"
install_packages() {
  test -f package.json
  mkdir -p node_modules
  cat package.json "$1" > node_modules/installed
  while read -r member; do
    cat "$member/package.json" >> node_modules/installed
  done < "$1"
}
"#;

fn packages_program(rest: &str) -> String {
    format!("{INSTALL_PACKAGES}{rest}")
}

#[test]
fn npm_installs_before_the_sources_are_there() {
    let npm = packages_program(
        r#"case "$1" in
  ci) install_packages package-lock.json; test -f .npmrc ;;
  run) cat src/*.js node_modules/installed > built ;;
esac"#,
    );
    let dockerfile = "FROM NAME-base\nWORKDIR /app\nRUN chown app:app /app\nUSER app\n\
                      COPY --chown=app:app . .\nRUN npm ci && \\\n    npm run build\n";
    let files = [
        ("Dockerfile", dockerfile),
        IGNORED,
        (".npmrc", "fund=false\n"),
        ("package.json", "{\"name\": \"NAME\"}\n"),
        ("package-lock.json", ""),
        ("src/index.js", "1\n"),
    ];
    let mending = Mending::new("npm", &[("npm", &npm)], &files);
    // The step is one with the build before, and alone after.
    mending.assert_mended(RULE, ("src/index.js", "1 + 1\n"), "RUN npm ci");
}

#[test]
fn yarn_installs_in_a_folder_before_the_sources_are_there() {
    let yarn = packages_program("install_packages yarn.lock");
    let dockerfile =
        "FROM NAME-base\nCOPY . /app\nWORKDIR /app\nRUN cd web && yarn install --frozen-lockfile\n";
    let files = [
        ("Dockerfile", dockerfile),
        IGNORED,
        ("web/package.json", "{\"name\": \"NAME\"}\n"),
        ("web/yarn.lock", ""),
        ("web/index.js", "1\n"),
        ("README.md", "read\n"),
    ];
    let mending = Mending::new("yarn", &[("yarn", &yarn)], &files);
    mending.assert_mended(RULE, ("web/index.js", "1 + 1\n"), "yarn install");
}

#[test]
fn pnpm_installs_a_workspace_before_the_sources_are_there() {
    let pnpm = packages_program(
        "install_packages pnpm-lock.yaml\ntest -f pnpm-workspace.yaml -a -f .pnpmfile.cjs\ncat patches/a.patch >> node_modules/installed",
    );
    let workspace = "packages:\n  - 'packages/*'\npatchedDependencies:\n  a@1: patches/a.patch\n";
    let files = [
        (
            "Dockerfile",
            "FROM NAME-base\nWORKDIR /app\nCOPY . .\nRUN pnpm install --frozen-lockfile\n",
        ),
        IGNORED,
        ("package.json", "{\"name\": \"NAME\"}\n"),
        ("pnpm-lock.yaml", "packages/a\npackages/b\n"),
        ("pnpm-workspace.yaml", workspace),
        (".pnpmfile.cjs", "module.exports = {}\n"),
        ("patches/a.patch", "+a\n"),
        ("packages/a/package.json", "{\"name\": \"a\"}\n"),
        ("packages/a/index.js", "1\n"),
        ("packages/b/package.json", "{\"name\": \"b\"}\n"),
    ];
    let mending = Mending::new("pnpm", &[("pnpm", &pnpm)], &files);
    mending.assert_mended(RULE, ("packages/a/index.js", "1 + 1\n"), "pnpm install");
}

#[test]
fn pip_installs_before_the_sources_are_there() {
    let pip = r#"
install() {
  while read -r first second; do
    if [ "$first" = -r ]; then install "requirements/$second"; else echo "$first" >> /etc/packages; fi
  done < "$1"
}
test "$1 $2" = "install -r"
install "$3"
"#;
    let files = [
        (
            "Dockerfile",
            "FROM NAME-base\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements/prod.txt\n",
        ),
        IGNORED,
        ("requirements/prod.txt", "-r base.txt\ngunicorn\n"),
        ("requirements/base.txt", "flask\n"),
        ("app.py", "1\n"),
    ];
    let mending = Mending::new("pip", &[("pip", pip)], &files);
    mending.assert_mended(RULE, ("app.py", "1 + 1\n"), "pip install");
}

/// Installs the dependencies, and unless a flag says otherwise the project by its sources.
const INSTALL_PROJECT: &str = r#"
test "$1" != config || exit 0
cat pyproject.toml *.lock > dependencies
case "$*" in
  *--no-root*|*--no-install-project*) ;;
  *) cat README.md src/a.py > project ;;
esac
"#;

#[test]
fn poetry_installs_dependencies_before_the_sources_are_there() {
    let dockerfile = "FROM NAME-base\nWORKDIR /app\nCOPY . .\n\
                      RUN poetry config virtualenvs.create false && poetry install --no-interaction\n";
    let files = [
        ("Dockerfile", dockerfile),
        IGNORED,
        ("pyproject.toml", "[tool.poetry]\nname = \"NAME\"\n"),
        ("poetry.lock", "locked\n"),
        ("README.md", "read\n"),
        ("src/a.py", "1\n"),
    ];
    assert_split("poetry", &files, "poetry install", "--no-root");
}

#[test]
fn uv_installs_dependencies_before_the_sources_are_there() {
    let pyproject =
        "[project]\nname = \"NAME\"\nreadme = \"README.md\"\n[build-system]\nrequires = []\n";
    let files = [
        (
            "Dockerfile",
            "FROM NAME-base\nCOPY . /app\nWORKDIR /app\nRUN uv sync --locked\n",
        ),
        IGNORED,
        ("pyproject.toml", pyproject),
        ("uv.lock", "locked\n"),
        ("README.md", "read\n"),
        ("src/a.py", "1\n"),
    ];
    assert_split("uv", &files, "uv sync", "--no-install-project");
}

/// As `assert_mended`, for an install that the patch does in two steps, of which the one with `flag`
/// is cached.
#[track_caller]
fn assert_split(program: &str, files: &[(&str, &str)], step: &str, flag: &str) {
    let mending = Mending::new(program, &[(program, INSTALL_PROJECT)], files);
    let edit = |text| mending.project().write("src/a.py", text);
    mending.build("before");
    edit("1 + 1\n");
    assert!(ran(&mending.build("edited"), step));
    edit("1\n");
    mending.mend(RULE);
    mending.build("after");
    mending.assert_same_image("before", "after");
    edit("1 + 1\n");
    let mended = mending.build("mended");
    assert!(!ran(&mended, flag), "{:?}", steps(&mended));
    mending.assert_same_image("edited", "mended");
}
