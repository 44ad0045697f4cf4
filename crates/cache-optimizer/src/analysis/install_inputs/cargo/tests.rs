//! What `cargo fetch` reads, and that cargo accepts no less.

use super::super::sample::{paths, refusal};

const PACKAGE: &str = "[package]\nname = \"a\"\nversion = \"0.1.0\"\n";

fn read(files: &[(&str, &str)]) -> Vec<String> {
    paths("cargo fetch --locked", "", files)
}

fn refused(files: &[(&str, &str)]) -> String {
    refusal("cargo fetch", "", files)
}

#[test]
fn a_package_needs_one_source_or_cargo_refuses_its_manifest() {
    let files = [
        ("Cargo.toml", PACKAGE),
        ("Cargo.lock", ""),
        ("build.rs", ""),
        ("src/main.rs", ""),
        ("src/other.rs", ""),
    ];
    assert_eq!(read(&files), ["Cargo.lock", "Cargo.toml", "src/main.rs"]);
    let files = [("Cargo.toml", PACKAGE), ("src/bin/x.rs", "")];
    assert_eq!(read(&files), ["Cargo.toml", "src/bin/x.rs"]);
}

#[test]
fn a_target_with_a_path_needs_no_source_and_one_without_its_own() {
    let lib = format!("{PACKAGE}[lib]\npath = \"src/lib.rs\"\n");
    let files = [("Cargo.toml", lib.as_str()), ("src/lib.rs", "")];
    assert_eq!(read(&files), ["Cargo.toml"]);
    let bench = format!("{lib}[[bench]]\nname = \"b\"\nharness = false\n");
    let files = [
        ("Cargo.toml", bench.as_str()),
        ("src/lib.rs", ""),
        ("benches/b.rs", ""),
    ];
    assert_eq!(read(&files), ["Cargo.toml", "benches/b.rs"]);
    let bin = format!("{PACKAGE}[[bin]]\nname = \"a\"\n");
    let files = [("Cargo.toml", bin.as_str()), ("src/main.rs", "")];
    assert_eq!(read(&files), ["Cargo.toml", "src/main.rs"]);
}

#[test]
fn a_workspace_needs_the_manifests_of_all_members_and_of_packages_by_path() {
    let app =
        "[package]\nname = \"app\"\n[dependencies]\nvendored = { path = \"../third/vendored\" }\n";
    let files = [
        (
            "Cargo.toml",
            "[workspace]\nmembers = [\"crates/*\"]\nexclude = [\"crates/old\"]\n",
        ),
        ("Cargo.lock", ""),
        (".cargo/config.toml", "[build]\njobs = 2\n"),
        ("rust-toolchain", "1.95\n"),
        ("crates/app/Cargo.toml", &app.replace("..", "../..")),
        ("crates/app/src/main.rs", ""),
        ("crates/lib/Cargo.toml", PACKAGE),
        ("crates/lib/src/lib.rs", ""),
        ("crates/lib/src/more.rs", ""),
        ("crates/old/Cargo.toml", PACKAGE),
        ("third/vendored/Cargo.toml", PACKAGE),
        ("third/vendored/src/lib.rs", ""),
    ];
    let expected = [
        ".cargo/config.toml",
        "Cargo.lock",
        "Cargo.toml",
        "crates/app/Cargo.toml",
        "crates/app/src/main.rs",
        "crates/lib/Cargo.toml",
        "crates/lib/src/lib.rs",
        "rust-toolchain",
        "third/vendored/Cargo.toml",
        "third/vendored/src/lib.rs",
    ];
    assert_eq!(read(&files), expected);
    assert_eq!(paths("cargo fetch", "crates/app", &files), expected);
}

#[test]
fn what_cannot_be_said_is_refused_with_the_reason() {
    let outside = format!("{PACKAGE}[dependencies]\nb = {{ path = \"../b\" }}\n");
    for (files, why) in [
        (vec![], "the context does not offer a `Cargo.toml`"),
        (
            vec![("Cargo.toml", outside.as_str()), ("src/lib.rs", "")],
            "`b` is a package outside the context",
        ),
        (
            vec![("Cargo.toml", "[workspace]\nmembers = [\"[ab]\"]\n")],
            "the pattern `[ab]` of a workspace is not understood",
        ),
        (
            vec![
                ("Cargo.toml", PACKAGE),
                ("src/lib.rs", ""),
                (".cargo/config.toml", "[source.x]\n"),
            ],
            "`source` in `.cargo/config.toml` may name more files",
        ),
        (
            vec![("Cargo.toml", PACKAGE)],
            "no source of the package in `Cargo.toml` is known",
        ),
        (
            vec![("Cargo.toml", "[[[")],
            "a manifest of cargo is not TOML",
        ),
    ] {
        assert_eq!(refused(&files), why);
    }
    assert_eq!(
        refusal("cargo fetch --manifest-path a/Cargo.toml", "", &[]),
        "the command names a manifest or settings of its own"
    );
}

/// Packages of every kind, each with what it needs and more.
fn packages() -> Vec<Vec<(&'static str, String)>> {
    let package = |name: &str, more: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n{more}")
    };
    let source = || "fn main() {}\n".to_owned();
    vec![
        vec![
            ("Cargo.toml", package("a", "")),
            ("src/main.rs", source()),
            ("build.rs", source()),
        ],
        vec![("Cargo.toml", package("a", "")), ("src/bin/x/main.rs", source())],
        vec![
            ("Cargo.toml", package("a", "build = \"make.rs\"\n[lib]\npath = \"src/lib.rs\"\n")),
            ("src/lib.rs", source()),
        ],
        vec![
            (
                "Cargo.toml",
                package("a", "[[bin]]\nname = \"a\"\n[[bench]]\nname = \"b\"\n[[test]]\nname = \"t\"\npath = \"t.rs\"\n"),
            ),
            ("src/main.rs", source()),
            ("benches/b.rs", source()),
            ("t.rs", source()),
        ],
        vec![
            ("Cargo.toml", "[workspace]\nresolver = \"2\"\nmembers = [\"crates/*\"]\nexclude = [\"crates/old\"]\n".to_owned()),
            ("crates/app/Cargo.toml", package("app", "[dev-dependencies]\nthird = { path = \"../../third\" }\n")),
            ("crates/app/src/main.rs", source()),
            ("crates/core/Cargo.toml", package("core-lib", "[lib]\n")),
            ("crates/core/src/lib.rs", source()),
            ("third/Cargo.toml", package("third", "")),
            ("third/src/lib.rs", source()),
            ("third/src/more.rs", source()),
        ],
    ]
}

/// Whether cargo itself accepts a folder with these files alone.
fn is_accepted<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> bool {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = dir.path().join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }
    let mut cargo = std::process::Command::new(env!("CARGO"));
    let fetch = cargo.args(["fetch", "--offline"]).current_dir(dir.path());
    fetch.output().unwrap().status.success()
}

#[test]
fn cargo_accepts_what_is_said_to_be_needed_and_nothing_less() {
    for files in packages() {
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|(path, text)| (*path, text.as_str()))
            .collect();
        let needed = read(&files);
        let copied = |without: &str| {
            let copied = files.iter().copied();
            let copied: Vec<_> = copied
                .filter(|(path, _)| *path != without && needed.iter().any(|needed| needed == path))
                .collect();
            copied
        };
        assert!(is_accepted(copied("")), "{needed:?}");
        for path in &needed {
            assert!(!is_accepted(copied(path)), "{path} of {needed:?}");
        }
    }
}
