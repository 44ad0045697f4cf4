//! Compose files in all the forms that people write.

use super::*;

fn variables() -> BTreeMap<String, String> {
    [("VERSION", "7"), ("COMPOSE_PROJECT_NAME", "shop")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

fn read(text: &str) -> Result<ComposeProject, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("compose.yml");
    fs_err::write(&path, text).unwrap();
    let shorten = |text: &str| text.replace(&format!("{}/", folder.path().display()), "");
    let mut project =
        read_compose(&path, &variables()).map_err(|error| shorten(&error.to_string()))?;
    for service in &mut project.services {
        let below = |dir: &Path| tidy(dir.strip_prefix(folder.path()).unwrap());
        service.context_dir = below(&service.context_dir);
        service.dockerfile_path = below(&service.dockerfile_path);
    }
    project.warnings = project
        .warnings
        .iter()
        .map(|warning| shorten(warning))
        .collect();
    Ok(project)
}

/// The only service that a text builds.
fn service(text: &str) -> Service {
    let mut project = read(text).unwrap();
    assert_eq!(project.services.len(), 1);
    project.services.remove(0)
}

fn pairs(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|&(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

#[test]
fn a_short_form_is_a_context() {
    let found = service("services:\n  web:\n    build: ./web\n");
    assert_eq!(found.context_dir, Path::new("web"));
    assert_eq!(found.dockerfile_path, Path::new("web/Dockerfile"));
    assert_eq!(found.tags, ["shop-web"]);
}

#[test]
fn a_long_form_says_it_all() {
    let found = service(
        "services:
  web:
    image: acme/web:${VERSION}
    platform: linux/arm64
    build:
      context: .
      dockerfile: docker/web.Dockerfile
      target: runtime
      args: {V: 1.10, EMPTY: '', FROM_ENVIRONMENT: , VERSION: $VERSION}
      labels: [a=b, c]
      tags: [acme/web:latest]
",
    );
    assert_eq!(found.context_dir, Path::new("."));
    assert_eq!(found.dockerfile_path, Path::new("docker/web.Dockerfile"));
    assert_eq!(found.stage.as_deref(), Some("runtime"));
    assert_eq!(found.platform.as_deref(), Some("linux/arm64"));
    assert_eq!(found.tags, ["acme/web:7", "acme/web:latest"]);
    let args = [
        ("EMPTY", Some("")),
        ("FROM_ENVIRONMENT", None),
        ("V", Some("1.10")),
        ("VERSION", Some("7")),
    ];
    let args = args.map(|(name, value)| (name.to_owned(), value.map(str::to_owned)));
    assert_eq!(found.build_args, BTreeMap::from(args));
    assert_eq!(found.labels, pairs(&[("a", "b"), ("c", "")]));
}

#[test]
fn anchors_merge_keys_and_extensions_are_resolved() {
    let found = service(
        "x-build: &build\n  context: src\n  args: &args {A: 1}\n
services:
  web:
    build:
      <<: *build
      x-note: whatever
      args:
        <<: *args
        B: 2
",
    );
    assert_eq!(found.context_dir, Path::new("src"));
    assert_eq!(found.build_args.keys().collect::<Vec<_>>(), ["A", "B"]);
}

#[test]
fn parts_that_only_containers_use_do_not_break_a_build() {
    let project = read(
        "services:
  db: {image: 'postgres:${UNSET_AND_REQUIRED:?}', environment: {A: $1}}
  web:
    build: .
    environment: ['PASSWORD=${ALSO_REQUIRED:?}']
    deploy: [not, what, compose, takes]
    depends_on: {nothing: }
volumes: 3
",
    );
    let project = project.unwrap();
    assert_eq!(project.services.len(), 1);
    assert!(project.warnings.is_empty());
}

#[test]
fn services_come_by_name() {
    let project = read("services:\n  b: {build: .}\n  a: {build: .}\n  c: {image: x}\n").unwrap();
    let names: Vec<_> = project
        .services
        .iter()
        .map(|service| service.name.as_str())
        .collect();
    assert_eq!(names, ["a", "b"]);
}

#[test]
fn a_project_names_its_images() {
    let found = service("name: my-${VERSION}\nservices:\n  web: {build: .}\n");
    assert_eq!(found.tags, ["my-7-web"]);
}

#[test]
fn what_is_passed_over_is_told_with_its_line() {
    let project =
        read("services:\n  web:\n    build:\n      context: ./$NOT_SET\n      cache_from: [a]\n");
    assert_eq!(
        project.unwrap().warnings,
        [
            "compose.yml:5: `build.cache_from` is not supported yet and passed over",
            "compose.yml:4: `NOT_SET` is not set, and taken to be empty",
        ]
    );
}

#[test]
fn faults_are_named_with_file_and_line() {
    let web = "services:\n  web:\n    build:\n";
    let cases = [
        ("services: [\n".to_owned(), "compose.yml:1: "),
        (
            "version: '3'\n".to_owned(),
            "compose.yml:1: there are no `services`",
        ),
        (
            format!("{web}      contxt: .\n"),
            "compose.yml:4: `build` has no key `contxt`; did you mean `context`?",
        ),
        (
            format!("{web}      ssh: [default]\n"),
            "compose.yml:4: `build.ssh` is not supported yet",
        ),
        (
            format!("{web}      args: text\n"),
            "compose.yml:4: `args` takes a mapping or a list",
        ),
        (
            format!("{web}      context: ${{X:?say X}}\n"),
            "compose.yml:4: `X` has to be set: say X",
        ),
        (
            format!("{web}      target: $1\n"),
            "compose.yml:4: malformed variable in `$1`",
        ),
        (
            format!("{web}      context: https://example.org/x.git\n"),
            "compose.yml:4: a context from",
        ),
        (
            format!("{web}      platforms: [a, b]\n"),
            "compose.yml:4: an image for several platforms",
        ),
        (
            "services:\n  web: {extends: {service: base}}\n".to_owned(),
            "compose.yml:2: `extends`",
        ),
        ("include: [a.yml]\n".to_owned(), "compose.yml:1: `include`"),
        (
            "services:\n  web: {build: [a]}\n".to_owned(),
            "compose.yml:2: `build` takes",
        ),
    ];
    for (text, expected) in cases {
        let error = read(&text).unwrap_err();
        assert!(error.starts_with(expected), "{text}\n{error}");
    }
}
