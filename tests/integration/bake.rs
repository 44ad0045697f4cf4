//! Bake files, resolved as buildx would.
//!
//! Each case is small and has its right answer written by hand, after the rules of
//! <https://docs.docker.com/build/bake/reference/>. `research/build.md` section 5 names the real
//! files and bug reports that the cases are after.

use serde_json::{Value, json};
use tests::report::parse_lines;
use tests::tool::{Finished, Tool};

/// A project and what it resolves to.
struct Case {
    name: &'static str,
    files: &'static [(&'static str, &'static str)],
    arguments: &'static str,
    environment: &'static [(&'static str, &'static str)],
    /// The targets by name, each with the fields that matter.
    expected: Value,
}

impl Default for Case {
    fn default() -> Self {
        Self {
            name: "",
            files: &[],
            arguments: "",
            environment: &[],
            expected: Value::Null,
        }
    }
}

/// Plans a folder with these files and an empty Dockerfile.
pub(crate) fn run(
    files: &[(&str, &str)],
    arguments: &str,
    environment: &[(&str, &str)],
) -> (tempfile::TempDir, Finished) {
    let folder = tempfile::tempdir().unwrap();
    fs_err::write(folder.path().join("Dockerfile"), "FROM scratch\n").unwrap();
    for (name, text) in files {
        fs_err::write(folder.path().join(name), text).unwrap();
    }
    let mut tool = Tool::new("build-orchestrator")
        .args("plan --format json")
        .args(arguments)
        .current_dir(folder.path());
    for (name, value) in environment {
        tool = tool.env(name, value);
    }
    let finished = tool.run();
    (folder, finished)
}

/// What is there of `expected` in a target; options are looked for where the report has them.
fn part(target: &Value, expected: &Value) -> Value {
    let fields = expected.as_object().unwrap().keys();
    let found = fields.map(|field| {
        let value = target.get(field).unwrap_or(&target["options"][field]);
        (field.clone(), value.clone())
    });
    Value::Object(found.collect())
}

fn check(cases: &[Case]) {
    let mut wrong = Vec::new();
    for case in cases {
        let (_folder, finished) = run(case.files, case.arguments, case.environment);
        if finished.exit != Some(0) {
            wrong.push(format!("{}: {}", case.name, finished.stderr));
            continue;
        }
        let report = parse_lines(&finished.stdout).remove(0);
        let mut found = serde_json::Map::new();
        for target in report["data"]["targets"].as_array().unwrap() {
            let name = target["name"].as_str().unwrap();
            let expected = case.expected.get(name).cloned().unwrap_or(json!({}));
            found.insert(name.to_owned(), part(target, &expected));
        }
        if Value::Object(found.clone()) != case.expected {
            wrong.push(format!(
                "{}: expected {}\n     found {}",
                case.name,
                case.expected,
                Value::Object(found)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

macro_rules! hcl {
    ($text:expr) => {
        &[("docker-bake.hcl", $text)]
    };
}

#[test]
fn a_project_builds_its_default_targets() {
    check(&[
        Case {
            name: "a target has the working directory as context",
            files: hcl!("target \"default\" {}\n"),
            expected: json!({"default": {"context_path": ".", "dockerfile_path": "Dockerfile", "tags": []}}),
            ..Case::default()
        },
        Case {
            name: "the group default wins over the target default",
            files: hcl!(
                "group \"default\" { targets = [\"a\"] }\ntarget \"default\" {}\ntarget \"a\" {}\ntarget \"b\" {}\n"
            ),
            expected: json!({"a": {}}),
            ..Case::default()
        },
        Case {
            name: "without a default all are built",
            files: hcl!("target \"a\" {}\ntarget \"b\" {}\n"),
            expected: json!({"a": {}, "b": {}}),
            ..Case::default()
        },
        Case {
            name: "groups hold groups",
            files: hcl!(
                "group \"x\" { targets = [\"y\", \"c\"] }\ngroup \"y\" { targets = [\"a\", \"b\"] }\ntarget \"a\" {}\ntarget \"b\" {}\ntarget \"c\" {}\ntarget \"d\" {}\n"
            ),
            arguments: "x",
            expected: json!({"a": {}, "b": {}, "c": {}}),
            ..Case::default()
        },
    ]);
}

#[test]
fn files_and_parents_merge() {
    check(&[
        Case {
            name: "the override file wins, and maps merge",
            files: &[
                (
                    "docker-bake.hcl",
                    "target \"default\" {\n  args = { A = \"1\", B = \"1\" }\n  tags = [\"a\"]\n  no-cache-filter = [\"x\"]\n}\n",
                ),
                (
                    "docker-bake.override.hcl",
                    "target \"default\" {\n  args = { B = \"2\" }\n  tags = [\"b\"]\n  no-cache-filter = [\"y\"]\n}\n",
                ),
            ],
            expected: json!({"default": {"build_args": {"A": "1", "B": "2"}, "tags": ["b"], "no_cache_stages": ["x", "y"]}}),
            ..Case::default()
        },
        Case {
            name: "json has templates too",
            files: &[(
                "docker-bake.json",
                "{\"variable\": {\"V\": {\"default\": \"1\"}}, \"target\": {\"default\": {\"tags\": [\"a:${upper(\\\"x\\u0062\\\")}-${V}\"], \"target\": \"s\", \"dockerfile-inline\": \"FROM scratch AS s\"}}}",
            )],
            expected: json!({"default": {"tags": ["a:XB-1"], "stage": "s"}}),
            ..Case::default()
        },
        Case {
            name: "parents apply in order, deep ones first",
            files: hcl!(
                "target \"root\" { args = { A = \"root\", B = \"root\", C = \"root\" } }\ntarget \"p1\" {\n  inherits = [\"root\"]\n  args = { A = \"p1\" }\n}\ntarget \"p2\" { args = { A = \"p2\", B = \"p2\" } }\ntarget \"default\" {\n  inherits = [\"p1\", \"p2\"]\n  args = { B = \"own\" }\n}\n"
            ),
            expected: json!({"default": {"build_args": {"A": "p2", "B": "own", "C": "root"}}}),
            ..Case::default()
        },
    ]);
}

#[test]
fn null_says_nothing_and_compose_files_come_first() {
    check(&[
        Case {
            name: "a null argument says nothing",
            files: hcl!(
                "target \"p\" { args = { A = \"1\" } }\ntarget \"default\" {\n  inherits = [\"p\"]\n  args = { A = null, B = null }\n  labels = { l = null, m = \"1\" }\n}\n"
            ),
            expected: json!({"default": {"build_args": {"A": "1"}, "labels": {"m": "1"}}}),
            ..Case::default()
        },
        Case {
            name: "compose files give targets, and bake files go over them",
            files: &[
                (
                    "compose.yml",
                    "services:\n  web:\n    image: web:1\n    build:\n      context: .\n      args: {A: \"1\", B: \"1\"}\n",
                ),
                (
                    "docker-bake.hcl",
                    "target \"web\" { args = { B = \"2\" } }\n",
                ),
            ],
            arguments: "web",
            expected: json!({"web": {"tags": ["web:1"], "build_args": {"A": "1", "B": "2"}}}),
            ..Case::default()
        },
        Case {
            name: "the dockerfile is in the context, which is in the working directory",
            files: hcl!(
                "target \"default\" {\n  context = BAKE_CMD_CONTEXT\n  dockerfile = \"./Dockerfile\"\n}\n"
            ),
            expected: json!({"default": {"context_path": ".", "dockerfile_path": "./Dockerfile"}}),
            ..Case::default()
        },
    ]);
}

#[test]
fn variables_and_functions_are_lazy() {
    check(&[
        Case {
            name: "the environment wins over defaults, typed",
            files: hcl!(
                "variable \"T\" { default = \"a\" }\nvariable \"N\" { default = 1 }\nvariable \"B\" { default = false }\nvariable \"L\" { default = [\"x\"] }\nvariable \"Z\" { default = null }\nvariable \"U\" {}\nvariable \"M\" {\n  type = map(string)\n  default = {}\n}\ntarget \"default\" {\n  args = { T = T, N = N + 1, B = B ? \"yes\" : \"no\", L = join(\"+\", L), Z = Z, U = U, M = M.k }\n}\n"
            ),
            environment: &[
                ("T", "b"),
                ("N", "41"),
                ("B", "true"),
                ("L", "p,q"),
                ("Z", "z"),
                ("M_JSON", "{\"k\": \"v\"}"),
            ],
            expected: json!({"default": {"build_args": {"T": "b", "N": "42", "B": "yes", "L": "p+q", "Z": "z", "U": "", "M": "v"}}}),
            ..Case::default()
        },
        Case {
            name: "variables refer to later variables and to attributes at the top",
            files: hcl!(
                "variable \"A\" { default = \"${B}-a\" }\nvariable \"B\" { default = C }\nC = \"c\"\ntarget \"default\" { args = { A = A } }\n"
            ),
            expected: json!({"default": {"build_args": {"A": "c-a"}}}),
            ..Case::default()
        },
        Case {
            name: "functions call functions and take further arguments",
            files: hcl!(
                "function \"tag\" {\n  params = [name]\n  variadic_params = more\n  result = concat([full(name)], [for m in more : full(m)])\n}\nfunction \"full\" {\n  params = [name]\n  result = \"${REPO}/${name}\"\n}\nvariable \"REPO\" { default = \"r\" }\ntarget \"default\" { tags = tag(\"a\", \"b\", \"c\") }\n"
            ),
            expected: json!({"default": {"tags": ["r/a", "r/b", "r/c"]}}),
            ..Case::default()
        },
    ]);
}

#[test]
fn templates_and_collections_read_as_in_hcl() {
    check(&[
        Case {
            name: "empty tags are dropped",
            files: hcl!(
                "variable \"LATEST\" { default = false }\ntarget \"default\" { tags = [\"a:1\", LATEST ? \"a:latest\" : \"\", \"a:1\"] }\n"
            ),
            expected: json!({"default": {"tags": ["a:1"]}}),
            ..Case::default()
        },
        Case {
            name: "directives, their marks, and a dollar alone",
            files: hcl!(
                "target \"default\" {\n  args = {\n    A = \"%{ if true }y%{ else }n%{ endif }\"\n    B = \"x %{~ for v in [1, 2] ~} ${v} %{~ endfor ~} z\"\n    C = \"$LABEL $${no} %%{ if }\"\n  }\n}\n"
            ),
            expected: json!({"default": {"build_args": {"A": "y", "B": "x12z", "C": "$LABEL ${no} %{ if }"}}}),
            ..Case::default()
        },
        Case {
            name: "for, splat and index",
            files: hcl!(
                "people = [{ n = \"a\", t = [\"x\"] }, { n = \"b\", t = [\"y\"] }]\ntarget \"default\" {\n  args = {\n    A = join(\",\", people[*].n)\n    B = join(\",\", people.*.t[0])\n    C = people[1].t[0]\n    D = jsonencode({ for p in people : p.n => p.t... })\n    E = join(\",\", [for i, p in people : \"${i}${p.n}\" if p.n != \"a\"])\n  }\n}\n"
            ),
            expected: json!({"default": {"build_args": {"A": "a,b", "B": "x", "C": "y", "D": "{\"a\":[[\"x\"]],\"b\":[[\"y\"]]}", "E": "1b"}}}),
            ..Case::default()
        },
    ]);
}

#[test]
fn other_targets_contexts_and_times_can_be_named() {
    check(&[
        Case {
            name: "another target's attributes",
            files: hcl!(
                "target \"a\" {\n  tags = [\"r/a:1\"]\n  args = { V = \"1\" }\n}\ntarget \"default\" {\n  args = { TAG = target.a.tags[0], V = target.a.args.V }\n}\n"
            ),
            expected: json!({"default": {"build_args": {"TAG": "r/a:1", "V": "1"}}}),
            ..Case::default()
        },
        Case {
            name: "contexts may be null, and link targets",
            files: hcl!(
                "variable \"LINK\" { default = true }
                target \"base\" {}
                target \"mid\" {
                  dockerfile-inline = \"FROM base\"
                  contexts = { base = \"target:base\" }
                }
                target \"default\" {
                  dockerfile-inline = \"FROM mid\"
                  contexts = LINK ? { mid = \"target:mid\", img = \"docker-image://alpine\" } : null
                }
                target \"off\" { contexts = LINK ? null : { mid = \"target:mid\" } }"
            ),
            expected: json!({"base": {}, "mid": {"named_contexts": {"base": "target:base"}}, "default": {"named_contexts": {"mid": "target:mid", "img": "docker-image://alpine"}}}),
            ..Case::default()
        },
        Case {
            name: "the time can be pinned",
            files: hcl!(
                "variable \"NOW\" { default = timestamp() }\ntarget \"default\" { args = { A = NOW, B = formatdate(\"YYYYMMDD'T'hhmmZ\", NOW), C = timeadd(NOW, \"1h30m\") } }\n"
            ),
            environment: &[("SOURCE_DATE_EPOCH", "1700000000")],
            expected: json!({"default": {"build_args": {"A": "2023-11-14T22:13:20Z", "B": "20231114T2213Z", "C": "2023-11-14T23:43:20Z"}}}),
            ..Case::default()
        },
    ]);
}

#[test]
fn faults_in_expressions_can_be_caught() {
    check(&[Case {
        name: "try and can",
        files: hcl!(
            "o = { a = 1 }\ntarget \"default\" { args = { A = try(o.b, \"none\"), B = can(o.a), C = can(o.b) } }\n"
        ),
        expected: json!({"default": {"build_args": {"A": "none", "B": "true", "C": "false"}}}),
        ..Case::default()
    }]);
}

#[test]
fn a_matrix_becomes_targets_and_their_group() {
    check(&[
        Case {
            name: "two axes",
            files: hcl!(
                "target \"app\" {\n  name = \"app-${os}-${replace(v, \".\", \"-\")}\"\n  matrix = { os = [\"a\", \"b\"], v = [\"1.0\", \"2.0\"] }\n  tags = [\"app:${os}-${v}\"]\n}\n"
            ),
            arguments: "app",
            expected: json!({
                "app-a-1-0": {"tags": ["app:a-1.0"]}, "app-a-2-0": {"tags": ["app:a-2.0"]},
                "app-b-1-0": {"tags": ["app:b-1.0"]}, "app-b-2-0": {"tags": ["app:b-2.0"]},
            }),
            ..Case::default()
        },
        Case {
            name: "an axis of objects",
            files: hcl!(
                "target \"default\" {\n  name = item.name\n  matrix = { item = [{ name = \"x\", target = \"\" }, { name = \"y\", target = \"z\" }] }\n  args = { N = item.name }\n}\n"
            ),
            expected: json!({"x": {"build_args": {"N": "x"}}, "y": {"build_args": {"N": "y"}}}),
            ..Case::default()
        },
    ]);
}

#[test]
fn attributes_have_texts_and_objects_as_forms() {
    check(&[
        Case {
            name: "caches, outputs, secrets and agents",
            files: hcl!(
                "target \"default\" {\n  cache-from = [\"type=registry,ref=r/c\", { type = \"local\", src = \"d\" }]\n  cache-to = [{ type = \"inline\" }]\n  output = [\"type=cacheonly\"]\n  secret = [\"id=a,src=f\", { type = \"env\", id = \"b\", env = \"B\" }]\n  ssh = [\"default\", { id = \"k\", paths = [\"p\"] }]\n}\n"
            ),
            expected: json!({"default": {
                "cache_from": ["type=registry,ref=r/c", "type=local,src=d"], "cache_to": ["type=inline"],
                "outputs": ["type=cacheonly"], "secrets": ["id=a,src=f", "id=b,env=B"], "ssh": ["default", "k=p"],
            }}),
            ..Case::default()
        },
        Case {
            name: "the rest",
            files: hcl!(
                "target \"default\" {\n  platforms = [\"linux/amd64\", \"linux/arm64\"]\n  network = \"host\"\n  shm-size = \"64m\"\n  ulimits = [\"nofile=1:2\"]\n  extra-hosts = { h = \"1.2.3.4\" }\n  annotations = [\"index:a=b\"]\n  attest = [\"type=sbom\", { type = \"provenance\", mode = \"max\" }]\n  no-cache = true\n  pull = true\n  call = \"build\"\n  description = \"x\"\n}\n"
            ),
            expected: json!({"default": {
                "platform": "linux/amd64,linux/arm64", "network": "host", "entitlements": ["network.host"],
                "shm_size_bytes": 67_108_864, "ulimits": ["nofile=1:2"], "extra_hosts": ["h=1.2.3.4"],
                "annotations": ["index:a=b"], "attestations": ["type=sbom", "type=provenance,mode=max"],
                "no_cache": true, "pull": true,
            }}),
            ..Case::default()
        },
    ]);
}

#[test]
fn overrides_of_the_command_line_win() {
    check(&[Case {
        name: "set",
        files: hcl!(
            "target \"app\" {\n  tags = [\"a\"]\n  args = { A = \"1\", B = \"1\" }\n}\ntarget \"api\" { tags = [\"b\"] }\n"
        ),
        arguments: "--set ap*.args.A=2 --set app.tags+=c --set api.tags=d --set api.tags=e --set *.platform=linux/arm64 --set app.no-cache=true --set app.args.E",
        environment: &[("E", "env")],
        expected: json!({
            "app": {"tags": ["a", "c"], "build_args": {"A": "2", "B": "1", "E": "env"}, "platform": "linux/arm64", "no_cache": true},
            "api": {"tags": ["d", "e"], "build_args": {"A": "2"}},
        }),
    }]);
}

#[test]
fn an_inline_dockerfile_has_the_lines_of_the_bake_file() {
    let text = "target \"default\" {\n  dockerfile-inline = <<-EOT\n    FROM scratch\n    COPY a /\n  EOT\n}\n";
    let (_folder, finished) = run(hcl!(text), "", &[]);
    let report = parse_lines(&finished.expect_exit(0)).remove(0);
    let target = &report["data"]["targets"][0];
    assert_eq!(target["dockerfile_path"], "docker-bake.hcl");
    assert_eq!(target["stages"][0]["location"]["line"], 3);
    assert_eq!(target["stages"][0]["instructions"][0]["line"], 4);
}
