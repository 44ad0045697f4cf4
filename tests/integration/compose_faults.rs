//! What is refused, with file and line.

use crate::compose::{Files, run};

fn assert_refused(files: Files, args: &str, expected: &str) {
    let finished = run(files, args, &[]);
    assert!(
        finished.stderr.contains(expected),
        "{expected}\nin {}",
        finished.stderr
    );
    assert_eq!(finished.expect_exit(2), "");
}

/// Lines of a build section, the first of them line 4, and what is said of them.
const BUILDS: [(&str, &str); 19] = [
    (
        "contxt: .",
        "compose.yml:4: `build` has no key `contxt`; did you mean `context`?",
    ),
    (
        "args: text",
        "compose.yml:4: `args` takes a mapping or a list",
    ),
    ("args: [{A: 1}]", "compose.yml:4: `args` takes a text"),
    (
        "context: ${X:?say X}",
        "compose.yml:4: `X` has to be set: say X",
    ),
    ("target: $1", "compose.yml:4: malformed variable in `$1`"),
    (
        "context: https://example.org/x.git",
        "compose.yml:4: the context `https://example.org/x.git` is not a folder",
    ),
    (
        "shm_size: big",
        "compose.yml:4: `shm_size` is not a number of bytes: `big`",
    ),
    (
        "ulimits: {nofile: {soft: 1}}",
        "compose.yml:4: the limit `nofile` has to have `soft` and `hard`",
    ),
    (
        "ulimits: {nofile: many}",
        "compose.yml:4: the limit `nofile` is not a number: `many`",
    ),
    (
        "extra_hosts: [a]",
        "compose.yml:4: the host `a` has no address",
    ),
    (
        "pull: always",
        "compose.yml:4: `pull` takes `true` or `false`, not `always`",
    ),
    ("cache_to: [ref=x]", "compose.yml:4: `ref=x` has no `type`"),
    (
        "secrets: [tokn]",
        "compose.yml:4: the project defines no secret `tokn`; did you mean `token`?",
    ),
    (
        "secrets: [far]",
        "compose.yml:4: the secret `far` is external",
    ),
    (
        "secrets: [{target: a}]",
        "compose.yml:4: the secret does not say of which `source` it is",
    ),
    (
        "additional_contexts: [a=service:wbe]",
        "compose.yml:4: no service `wbe` is built; there are `web`",
    ),
    (
        "dockerfile: a\n      dockerfile_inline: FROM scratch",
        "compose.yml:5: there are both",
    ),
    (
        "dockerfile_inline: |\n        FROM scratch\n        COPI a b",
        "compose.yml:6:1: ",
    ),
    (
        "platforms: [linux/amd64]\n    platform: linux/arm64",
        "compose.yml:5: the service runs on `linux/arm64`",
    ),
];

#[test]
fn faults_of_a_build_section_are_named_with_file_and_line() {
    for (lines, expected) in BUILDS {
        let compose = format!(
            "services:\n  web:\n    build:\n      {lines}\nsecrets:\n  token: {{environment: T}}\n  far: {{external: true}}\n"
        );
        assert_refused(
            &[("compose.yml", &compose), ("Dockerfile", "")],
            "",
            expected,
        );
    }
}

#[test]
fn faults_around_it_are_named_too() {
    let cases = [
        ("services: [\n", "compose.yml:1: "),
        ("version: '3'\n", "compose.yml:1: there are no `services`"),
        (
            "services:\n  web: {build: [a]}\n",
            "compose.yml:2: `build` takes a path or a mapping",
        ),
        (
            "name: Upper\nservices: {web: {build: .}}\n",
            "compose.yml:1: the name is `Upper`, but",
        ),
        (
            "services:\n  web: {extends: bse, build: .}\n  base: {build: .}\n",
            "compose.yml:2: `compose.yml` has no service `bse` to extend; did you mean `base`?",
        ),
        (
            "services:\n  a: {extends: b}\n  b: {extends: c}\n  c: {extends: a}\n",
            "services extend each other in a circle: `a` -> `b` -> `c` -> `a`",
        ),
        (
            "services:\n  a: {extends: {file: gone.yml, service: x}}\n",
            "compose.yml:2: ",
        ),
        (
            "services:\n  a: {extends: {fil: gone.yml, service: x}}\n",
            "compose.yml:2: `extends` has no key `fil`; did you mean `file`?",
        ),
        ("include: a.yml\n", "compose.yml:1: `include` takes a list"),
        ("include:\n  - gone.yml\n", "compose.yml:2: "),
        (
            "include:\n  - compose.yml\n",
            "compose.yml:2: files include each other in a circle: `compose.yml` -> `compose.yml`",
        ),
        (
            "include:\n  - oci://example.org/x\n",
            "compose.yml:2: `oci://example.org/x` is not on this machine",
        ),
        (
            "include:\n  - {path: a.yml, env_fil: b}\n",
            "compose.yml:2: `include` has no key `env_fil`; did you mean `env_file`?",
        ),
    ];
    for (compose, expected) in cases {
        assert_refused(
            &[("compose.yml", compose), ("Dockerfile", "")],
            "",
            expected,
        );
    }
}

#[test]
fn the_file_is_the_one_where_the_fault_is() {
    let compose = "include: [sub/compose.yml]\nservices:\n  web:\n    extends: {file: base.yml, service: base}\n";
    let fine = "services:\n  base: {build: .}\n";
    let sub = "services:\n  sub: {build: .}\n";
    let cases = [
        (
            "base.yml",
            "services:\n  base:\n    build: {contxt: .}\n",
            "base.yml:3: `build` has no key `contxt`",
        ),
        (
            "sub/compose.yml",
            "services:\n  sub:\n    build: {target: '${X:?}'}\n",
            "sub/compose.yml:3: `X` has to be set",
        ),
        (
            "over.yml",
            "services:\n  web:\n\n    build: {shm_size: x}\n",
            "over.yml:4: `shm_size` is not",
        ),
        (
            "sub/.env",
            "A=1\nB='open\n",
            "sub/.env:2: the quote is not closed",
        ),
        (
            "sub/compose.yml",
            "services:\n  web: {build: other}\n",
            "compose.yml:1: `services.web` is in compose.yml:4 already, and says something else in sub/compose.yml:2",
        ),
    ];
    for (path, text, expected) in cases {
        let mut files = vec![
            ("compose.yml", compose),
            ("base.yml", fine),
            ("over.yml", "services: {}\n"),
            ("sub/compose.yml", sub),
            ("Dockerfile", ""),
            ("sub/Dockerfile", ""),
        ];
        files.retain(|(known, _)| *known != path);
        files.push((path, text));
        assert_refused(&files, "--file compose.yml --file over.yml", expected);
    }
}

#[test]
fn a_circle_of_included_files_is_named() {
    let files = [
        ("compose.yml", "include: [a/compose.yml]\n"),
        ("a/compose.yml", "include:\n  - ../compose.yml\n"),
    ];
    let expected = "a/compose.yml:2: files include each other in a circle: `compose.yml` -> `a/compose.yml` -> `compose.yml`";
    assert_refused(&files, "", expected);
}

#[test]
fn an_inline_dockerfile_that_is_not_built_may_be_broken() {
    let compose =
        "services:\n  a: {build: .}\n  b: {build: {dockerfile_inline: NOT A DOCKERFILE}}\n";
    let files = [("compose.yml", compose), ("Dockerfile", "")];
    let finished = run(&files, "a", &[]);
    finished.expect_exit(0);
    assert_refused(&files, "b", "compose.yml:3:1: ");
}
