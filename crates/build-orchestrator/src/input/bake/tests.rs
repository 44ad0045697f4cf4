//! Whatever is in a bake file, it ends as a project or as an error, and soon.

use super::*;
use proptest::prelude::*;

fn read_text(name: &str, text: &str) -> Result<Project, BakeError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs_err::write(&path, text).unwrap();
    read(&[path], &Variables::new(), &[])
}

fn error(text: &str) -> String {
    read_text("docker-bake.hcl", text).unwrap_err().to_string()
}

/// A line for each number, with the number before it.
fn lines(numbers: std::ops::Range<usize>, line: impl Fn(usize, usize) -> String) -> String {
    numbers
        .map(|n| line(n, n - 1))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn what_grows_without_bound_is_refused() {
    let first = "variable \"V0\" { default = \"xx\" }\n";
    let doubling = lines(1..60, |n, before| {
        format!("variable \"V{n}\" {{ default = \"${{V{before}}}${{V{before}}}\" }}")
    });
    assert!(error(&format!("{first}{doubling}")).contains("too much"));
    let axes = lines(1..10, |n, _| format!("a{n} = [1, 2, 3, 4]"));
    let text = format!("target \"a\" {{\n  name = \"x\"\n  matrix = {{\n{axes}\n  }}\n}}\n");
    assert!(error(&text).contains("more than 10000 targets"));
    // Named so that the one that needs all others is evaluated first.
    let chain = lines(1..400, |n, before| {
        format!("variable \"V{n}\" {{ default = \"a${{V{before}}}\" }}")
    });
    let text = format!("variable \"A\" {{ default = V399 }}\n{first}{chain}\n");
    assert!(error(&text).contains("nested too deep"));
}

#[test]
fn a_matrix_of_300_targets_is_no_burden() {
    let numbers: Vec<String> = (0..300).map(|n| n.to_string()).collect();
    let text = format!(
        "target \"a\" {{\n  name = \"t${{n}}\"\n  matrix = {{ n = [{}] }}\n  tags = [\"a:${{n}}\"]\n}}\n",
        numbers.join(", ")
    );
    assert_eq!(
        read_text("docker-bake.hcl", &text).unwrap().targets.len(),
        300
    );
}

proptest! {
    #[test]
    fn any_text_is_a_project_or_an_error(text in "(target|variable|function|group| |\"[ab]\"|[{}\\[\\]()=,.\n?:+*$%~!<-]|args|for|in|if|a|b|null|1|default|matrix|name|inherits|result|params){0,60}") {
        let _ = read_text("docker-bake.hcl", &text);
        let _ = read_text("docker-bake.json", &text);
    }

    #[test]
    fn any_expression_is_a_value_or_an_error(text in "(a|\"x\"|\\[|\\]|\\(|\\)|\\{|\\}|\\.|\\*|,| |1|9|\\?|:|=|!|==|<|>|&&|\\|\\||\\+|-|/|%|\"\\$\\{|\\}\"|for |in |if |upper|range|join|format|substr|setproduct|element|chunklist|slice|try|can|flatten|formatdate|indent){1,40}") {
        let _ = read_text("docker-bake.hcl", &format!("a = 1\nvariable \"V\" {{ default = {text} }}\n"));
    }

    #[test]
    fn any_json_is_a_project_or_an_error(text in "(\"target\"|\"variable\"|\"default\"|\"a\"|\"tags\"|\"\\$\\{a\\}\"|\"%\\{ if \"|:|,|\\{|\\}|\\[|\\]|1|null|true){0,40}") {
        let _ = read_text("docker-bake.json", &format!("{{{text}}}"));
    }

    #[test]
    fn any_override_is_applied_or_an_error(text in "[a.*?+=\\[\\]]{0,20}|a\\.(tags|args\\.x|pull|platform|secrets|shm-size)\\+?=[a=,1]{0,8}") {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("docker-bake.hcl");
        fs_err::write(&path, "target \"a\" {}\n").unwrap();
        let _ = read(&[path], &Variables::new(), &[text]);
    }
}
