//! What `cargo fetch` reads. Every case was tried with cargo 1.95: it accepts these files, and with one
//! of them left out it does not, the lock and settings excepted.

use super::super::sample::{paths, refusal};
use super::*;

const PACKAGE: &str = "[package]\nname = \"a\"\nversion = \"0.1.0\"\n";

fn read(files: &[(&str, &str)]) -> Vec<String> {
    paths(inputs, "cargo fetch --locked", "", files)
}

fn refused(files: &[(&str, &str)]) -> String {
    refusal(inputs, "cargo fetch", "", files)
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
    assert_eq!(paths(inputs, "cargo fetch", "crates/app", &files), expected);
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
        refusal(inputs, "cargo fetch --manifest-path a/Cargo.toml", "", &[]),
        "the command names a manifest or settings of its own"
    );
}
