//! What is wrong is named with file, line and the nearest name.

use crate::bake::run;

/// Files and what is said about them.
const FAULTS: &[(&str, &str)] = &[
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

#[test]
fn faults_name_file_line_and_the_nearest_name() {
    for (text, expected) in FAULTS {
        let (_folder, finished) = run(&[("docker-bake.hcl", text)], "", &[]);
        assert!(
            finished.stderr.contains(expected),
            "{expected} in {}",
            finished.stderr
        );
        assert_eq!(finished.expect_exit(2), "");
    }
    let (_folder, finished) = run(
        &[("docker-bake.hcl", "target \"app\" {}\n")],
        "--set ap.tags=x",
        &[],
    );
    assert!(
        finished
            .stderr
            .contains("`--set ap.tags=x`: there is no target `ap`; did you mean `app`?"),
        "{}",
        finished.stderr
    );
}
