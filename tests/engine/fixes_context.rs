//! Ignore files and copies that are mended, and built before and after.

use serde_json::Value;
use tests::mending::{Mending, ran};
use tests::report::parse_lines;
use tests::tool::Tool;

const NPM: (&str, &str) = (
    "npm",
    "if [ \"$1\" = run ]; then mkdir -p dist && cat src/a.js > dist/a.js; else cat package.json > installed; fi",
);

fn fix(mending: &Mending, rule: &str) {
    let args = format!("fix --write --confidence possible --rule {rule} Dockerfile");
    let _ = mending.optimize(&args).expect_exit(0);
}

fn read(mending: &Mending, file: &str) -> String {
    fs_err::read_to_string(mending.project().path(file)).unwrap()
}

/// The paths that one of two images alone has, or that have another content: `+`, `-` or `~` and the
/// path.
fn differing(mending: &Mending, before: &str, after: &str) -> Vec<String> {
    let images = format!("{} {}", mending.image(before), mending.image(after));
    let compared = Tool::new("layer-analyzer")
        .args("diff --only")
        .args(&images);
    let report = parse_lines(&compared.run().expect_exit(0)).remove(0);
    let paths = report["data"]["paths"].as_array().unwrap().iter();
    paths
        .filter_map(|path| {
            let sign = match path["change"].as_str().unwrap() {
                "added" => '+',
                "removed" => '-',
                "changed" => '~',
                _ => return None,
            };
            Some(format!("{sign}{}", path["path"].as_str().unwrap()))
        })
        .collect()
}

/// Builds as tag after a file was given other content, puts it back, and gives the report.
fn build_edited(mending: &Mending, tag: &str, (path, content): (&str, &str)) -> Value {
    let original = read(mending, path);
    assert_ne!(original.len(), content.len(), "size or time must change");
    mending.project().write(path, content);
    let report = mending.build(tag);
    mending.project().write(path, &original);
    report
}

/// Proves a fault and its mending by the ignore file: after `edit`, the step with this text runs; with
/// the ignore file that is expected, it comes from the cache. Gives what differs in the image.
fn assert_ignored(
    mending: &Mending,
    rule: &str,
    edit: (&str, &str),
    step: &str,
    ignore_file: &str,
) -> Vec<String> {
    mending.build("before");
    let edited = build_edited(mending, "edited", edit);
    assert!(ran(&edited, step), "`{step}` runs after the edit");
    fix(mending, rule);
    assert_eq!(read(mending, ".dockerignore"), ignore_file);
    mending.build("after");
    let mended = build_edited(mending, "mended", edit);
    assert!(!ran(&mended, step), "`{step}` is cached after the edit");
    differing(mending, "before", "after")
}

#[test]
fn history_is_excluded_by_a_new_ignore_file() {
    let files = [
        (
            "Dockerfile",
            "FROM NAME-base\nWORKDIR /app\nCOPY . .\nRUN npm ci\n",
        ),
        ("package.json", "{}"),
        (".git/HEAD", "ref: main"),
    ];
    let mending = Mending::new("fix-git", &[NPM], &files);
    let edit = (".git/HEAD", "ref: other-branch");
    let differing = assert_ignored(&mending, "missing-dockerignore", edit, "npm ci", ".git\n");
    // The new file is a part of the context itself.
    assert_eq!(
        differing,
        ["+app/.dockerignore", "-app/.git", "-app/.git/HEAD"]
    );
}

#[test]
fn leftovers_below_an_exception_are_excluded_after_it() {
    let filled = "x".repeat(1_500_000);
    let files = [
        (
            "Dockerfile",
            "FROM NAME-base\nWORKDIR /app\nCOPY . .\nRUN npm ci\n",
        ),
        ("package.json", "{}"),
        (".dockerignore", "# all but\n*\n!package.json\n!web\n"),
        ("web/a.js", "a"),
        ("web/node_modules/b/b.js", filled.as_str()),
    ];
    let mending = Mending::new("fix-nested", &[NPM], &files);
    let edit = ("web/node_modules/b/b.js", "b");
    let ignore = "# all but\n*\n!package.json\n!web\n**/node_modules\n";
    let differing = assert_ignored(&mending, "missing-dockerignore", edit, "npm ci", ignore);
    assert_eq!(
        differing,
        [
            "-app/web/node_modules",
            "-app/web/node_modules/b",
            "-app/web/node_modules/b/b.js"
        ]
    );
}

#[test]
fn a_pattern_that_misses_a_subfolder_is_widened_in_its_place() {
    let files = [
        (
            "Dockerfile",
            "FROM NAME-base\nWORKDIR /app\nCOPY . .\nRUN npm ci\n",
        ),
        ("package.json", "{}"),
        (".dockerignore", "node_modules/\n*.log\n!keep.log"),
        ("keep.log", "kept"),
        ("web/node_modules/b.js", "b"),
    ];
    let mending = Mending::new("fix-misses", &[NPM], &files);
    let edit = ("web/node_modules/b.js", "other");
    let ignore = "**/node_modules/\n*.log\n!keep.log";
    let rule = "dockerignore-pattern-misses";
    let differing = assert_ignored(&mending, rule, edit, "npm ci", ignore);
    assert_eq!(
        differing,
        [
            // It is a part of the context itself.
            "~app/.dockerignore",
            "-app/web/node_modules",
            "-app/web/node_modules/b.js"
        ]
    );
}

#[test]
fn what_no_step_reads_is_excluded_and_the_image_stays_the_same() {
    let dockerfile = "\
FROM NAME-base AS build
WORKDIR /app
COPY . .
RUN npm ci && npm run build
FROM NAME-base
COPY --from=build /app/dist /app
CMD [\"cat\", \"/app/a.js\"]
";
    let files = [
        ("Dockerfile", dockerfile),
        ("package.json", "{}"),
        ("src/a.js", "a"),
        ("README.md", "read me"),
        ("docs/a.md", "a"),
    ];
    let mending = Mending::new("fix-unused", &[NPM], &files);
    let edit = ("README.md", "read me again");
    let ignore = "Dockerfile\ndocs\nREADME.md\n";
    let differing = assert_ignored(&mending, "unused-file-copied", edit, "npm ci", ignore);
    assert_eq!(differing, [] as [&str; 0]);
    mending.assert_same_image("before", "after");
    // A source still counts.
    let source = build_edited(&mending, "source", ("src/a.js", "other"));
    assert!(ran(&source, "npm ci"));
}

#[test]
fn a_copy_is_narrowed_to_the_folder_that_is_built() {
    // After atsea.
    let dockerfile = "\
FROM NAME-base AS storefront
WORKDIR /src/web
COPY web/package.json .
RUN npm install
COPY . /src
RUN npm run build
FROM NAME-base
COPY --from=storefront /src/web/dist /static
";
    let files = [
        ("Dockerfile", dockerfile),
        ("pom.xml", "<project/>"),
        ("web/package.json", "{}"),
        ("web/src/a.js", "a"),
        ("src/main/App.java", "class App {}"),
    ];
    let mending = Mending::new("fix-broad", &[NPM], &files);
    let edit = ("src/main/App.java", "class App { int a; }");
    mending.assert_mended("copy-too-broad", edit, "npm run build");
    let expected = dockerfile.replace("COPY . /src", "COPY web /src/web");
    let expected = expected.replace("NAME", mending.project().name());
    assert_eq!(read(&mending, "Dockerfile"), expected);
}

#[test]
fn a_copy_of_what_is_there_and_a_stage_that_nothing_uses_go() {
    let dockerfile = "\
FROM NAME-base AS build
RUN apt-get update pip install
# What is shipped.
FROM NAME-base AS made
RUN mkdir -p /out/bin && echo a > /out/bin/a
FROM NAME-base
COPY --from=made /out /app
COPY --from=made /out/bin /app/bin
";
    let mending = Mending::new("fix-stages", &[], &[("Dockerfile", dockerfile)]);
    mending.build("before");
    mending.mend("copy-whole-stage");
    mending.mend("unused-stage");
    let expected = "\
# What is shipped.
FROM NAME-base AS made
RUN mkdir -p /out/bin && echo a > /out/bin/a
FROM NAME-base
COPY --from=made /out /app
";
    let expected = expected.replace("NAME", mending.project().name());
    assert_eq!(read(&mending, "Dockerfile"), expected);
    mending.build("after");
    mending.assert_same_image("before", "after");
}

#[test]
fn a_source_that_is_ignored_is_there_after_an_exception() {
    let files = [
        ("Dockerfile", "FROM NAME-base\nCOPY dist /app\n"),
        (
            "compose.yml",
            "services:\n  app:\n    build: .\n    image: NAME:fails\n",
        ),
        (".dockerignore", "dist\n*.log\n"),
        ("dist/a", "a"),
        ("dist/a.log", "b"),
    ];
    let mending = Mending::new("fix-ignored", &[], &files);
    let _ = mending.project().tool("build --only").run().expect_exit(1);
    fix(&mending, "copied-file-ignored");
    assert_eq!(read(&mending, ".dockerignore"), "dist\n!dist\n*.log\n");
    let _ = mending.project().tool("build --only").run().expect_exit(0);
}
