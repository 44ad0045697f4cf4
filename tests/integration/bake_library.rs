//! The standard library, each value as go-cty documents it.

use tests::report::parse_lines;

use crate::bake::run;

/// Expressions and what they are as text.
const CASES: &[(&str, &str)] = &[
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

#[test]
fn functions_of_the_standard_library_give_what_buildx_gives() {
    let args: Vec<String> = CASES
        .iter()
        .enumerate()
        .map(|(index, (expression, _))| format!("    C{index} = {expression}"))
        .collect();
    let args = args.join("\n");
    let text = format!("target \"default\" {{\n  args = {{\n{args}\n  }}\n}}\n");
    let (_folder, finished) = run(&[("docker-bake.hcl", &text)], "", &[]);
    let report = parse_lines(&finished.expect_exit(0)).remove(0);
    let found = &report["data"]["targets"][0]["build_args"];
    for (index, (expression, value)) in CASES.iter().enumerate() {
        assert_eq!(found[format!("C{index}")], *value, "{expression}");
    }
}
