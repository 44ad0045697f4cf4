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

fn run(
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
fn targets_groups_and_files_are_resolved_as_buildx_does() {
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
fn expressions_have_the_values_that_hcl_gives_them() {
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
        Case {
            name: "try and can",
            files: hcl!(
                "o = { a = 1 }\ntarget \"default\" { args = { A = try(o.b, \"none\"), B = can(o.a), C = can(o.b) } }\n"
            ),
            expected: json!({"default": {"build_args": {"A": "none", "B": "true", "C": "false"}}}),
            ..Case::default()
        },
    ]);
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
        Case {
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
            ..Case::default()
        },
    ]);
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

#[test]
fn functions_of_the_standard_library_give_what_buildx_gives() {
    let cases = [
        ("add(1, 2)", "3"),
        ("divide(7, 2)", "3.5"),
        ("modulo(7, 4)", "3"),
        ("parseint(\"ff\", 16)", "255"),
        ("min(3, 1, 2)", "1"),
        ("pow(2, 10)", "1024"),
        ("basename(\"/a/b/\")", "b"),
        ("dirname(\"a/b\")", "a"),
        ("chomp(\"a\\n\")", "a"),
        ("format(\"%s-%03d-%.1f-%%\", \"a\", 7, 1.25)", "a-007-1.2-%"),
        ("formatlist(\"%s!\", [\"a\", \"b\"])[1]", "b!"),
        ("indent(2, \"a\\nb\")", "a\n  b"),
        ("regex(\"[0-9]+\", \"ab12\")", "12"),
        ("regex_replace(\"a.b.c\", \"[.]\", \"-\")", "a-b-c"),
        ("sanitize(\"a/b:c\")", "a_b_c"),
        ("substr(\"hello\", 1, 3)", "ell"),
        ("title(\"hello world\")", "Hello World"),
        ("trim(\"xxaxx\", \"x\")", "a"),
        ("trimprefix(\"v1\", \"v\")", "1"),
        ("strlen(\"aé\")", "2"),
        ("byteslen(\"aé\")", "3"),
        ("jsonencode(chunklist([1, 2, 3], 2))", "[[1,2],[3]]"),
        ("coalesce(null, \"a\")", "a"),
        ("jsonencode(compact([\"a\", \"\"]))", "[\"a\"]"),
        ("contains([\"a\"], \"a\")", "true"),
        (
            "jsonencode(csvdecode(\"a,b\\n1,2\"))",
            "[{\"a\":\"1\",\"b\":\"2\"}]",
        ),
        ("element([\"a\", \"b\"], 3)", "b"),
        ("jsonencode(flatten([[1], [[2]]]))", "[1,2]"),
        ("indexof([\"a\", \"b\"], \"b\")", "1"),
        ("jsonencode(keys({ b = 1, a = 2 }))", "[\"a\",\"b\"]"),
        ("length([1, 2])", "2"),
        ("lookup({ a = 1 }, \"b\", 2)", "2"),
        (
            "jsonencode(merge({ a = 1 }, { b = 2 }))",
            "{\"a\":1,\"b\":2}",
        ),
        ("jsonencode(range(3))", "[0,1,2]"),
        (
            "jsonencode(setproduct([\"a\"], [\"x\", \"y\"]))",
            "[[\"a\",\"x\"],[\"a\",\"y\"]]",
        ),
        (
            "jsonencode(setsubtract([\"a\", \"b\"], [\"a\"]))",
            "[\"b\"]",
        ),
        ("jsonencode(sort([\"b\", \"a\"]))", "[\"a\",\"b\"]"),
        ("jsonencode(zipmap([\"a\"], [1]))", "{\"a\":1}"),
        ("base64encode(\"hi\")", "aGk="),
        ("base64decode(\"aGk=\")", "hi"),
        ("urlencode(\"a b/ü\")", "a+b%2F%C3%BC"),
        ("md5(\"\")", "d41d8cd98f00b204e9800998ecf8427e"),
        ("sha1(\"\")", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        (
            "uuidv5(\"dns\", \"www.example.com\")",
            "2ed6657d-e927-568b-95e1-2665a8aea6a2",
        ),
        ("semvercmp(\"v1.2.3\", \">= 1.2, < 2\")", "true"),
        (
            "formatdate(\"EEE, DD MMM YYYY H:mmaa\", \"2024-02-29T15:04:05Z\")",
            "Thu, 29 Feb 2024 3:04pm",
        ),
        (
            "jsonencode(convert([\"b\", \"a\", \"b\"], set(string)))",
            "[\"a\",\"b\"]",
        ),
    ];
    let args: String = cases
        .iter()
        .enumerate()
        .map(|(index, (expression, _))| format!("    C{index} = {expression}\n"))
        .collect();
    let text = format!("target \"default\" {{\n  args = {{\n{args}  }}\n}}\n");
    let (_folder, finished) = run(&[("docker-bake.hcl", &text)], "", &[]);
    let report = parse_lines(&finished.expect_exit(0)).remove(0);
    let found = &report["data"]["targets"][0]["build_args"];
    for (index, (expression, value)) in cases.iter().enumerate() {
        assert_eq!(found[format!("C{index}")], *value, "{expression}");
    }
}

#[test]
fn faults_name_file_line_and_the_nearest_name() {
    let cases = [
        (
            "target \"a\" {\n  tags = [\n}\n",
            "docker-bake.hcl:3: this is not HCL",
        ),
        (
            "target \"a\" {\n  tgas = []\n}\n",
            "docker-bake.hcl:2: `target` has no attribute `tgas`; did you mean `tags`?",
        ),
        (
            "variable \"VERSION\" {}\ntarget \"a\" {\n  tags = [\n    VERSON\n  ]\n}\n",
            "docker-bake.hcl:4: unknown variable `VERSON`; did you mean `VERSION`?",
        ),
        (
            "variable \"A\" { default = B }\n",
            "docker-bake.hcl:1: unknown variable `B`",
        ),
        (
            "variable \"A\" { default = B }\nvariable \"B\" { default = A }\n",
            "`A` -> `B` -> `A` refer to each other",
        ),
        (
            "target \"a\" {\n  tags = [uper(\"x\")]\n}\n",
            "docker-bake.hcl:2: unknown function `uper`; did you mean `upper`?",
        ),
        (
            "function \"f\" {\n  params = []\n  result = g()\n}\nfunction \"g\" {\n  params = []\n  result = f()\n}\ntarget \"a\" { tags = [f()] }\n",
            "refer to each other",
        ),
        (
            "target \"app\" { inherits = [\"bsae\"] }\ntarget \"base\" {}\n",
            "docker-bake.hcl:1: there is no target `bsae` to inherit from; did you mean `base`?",
        ),
        (
            "target \"a\" { inherits = [\"b\"] }\ntarget \"b\" { inherits = [\"a\"] }\n",
            "`a` -> `b` -> `a` inherit from each other",
        ),
        (
            "target \"m\" {\n  name = x\n  matrix = { x = [\"p\"] }\n}\ntarget \"a\" { tags = target.m.tags }\n",
            "docker-bake.hcl:5: `m` has a matrix",
        ),
        (
            "target \"m\" {\n  name = \"x.y\"\n  matrix = { x = [\"p\"] }\n}\n",
            "docker-bake.hcl:2: `x.y` is no name",
        ),
        (
            "target \"m\" { matrix = { x = [\"p\"] } }\n",
            "needs a `name`",
        ),
        (
            "target \"a\" {\n  call = \"check\"\n}\n",
            "docker-bake.hcl:2: `call` is `check`",
        ),
        (
            "target \"a\" {\n  args { A = 1 }\n}\n",
            "docker-bake.hcl:2: `args` is set with `args = …` here",
        ),
        (
            "target \"a\" { tags = [bcrypt(\"x\")] }\n",
            "`bcrypt`: this function of bake is not supported",
        ),
        (
            "variable \"V\" {\n  default = \"x\"\n  validation {\n    condition = V == \"y\"\n    error_message = \"V must be y, not ${V}\"\n  }\n}\n",
            "docker-bake.hcl:4: variable `V`: V must be y, not x",
        ),
        (
            "target \"a\" {\n  cache-to = [\"ref=x\"]\n}\n",
            "docker-bake.hcl:2: `cache-to`: `ref=x` has no `type`",
        ),
        (
            "target \"a\" {\n  tags = [range(5000)]\n}\n",
            "docker-bake.hcl:2: `range`: more than 1024 numbers",
        ),
    ];
    for (text, expected) in cases {
        let (_folder, finished) = run(&[("docker-bake.hcl", text)], "", &[]);
        assert!(
            finished.stderr.contains(expected),
            "{expected} in {}",
            finished.stderr
        );
        assert_eq!(finished.expect_exit(2), "");
    }
    let (_folder, finished) = run(hcl!("target \"app\" {}\n"), "--set ap.tags=x", &[]);
    assert!(
        finished
            .stderr
            .contains("`--set ap.tags=x`: there is no target `ap`; did you mean `app`?"),
        "{}",
        finished.stderr
    );
}
