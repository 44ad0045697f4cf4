//! What `go mod download` reads: the module's `go.mod` and `go.sum`, and those of the modules that a
//! workspace or a `replace` names by folder.
//!
//! Source: <https://go.dev/ref/mod#go-mod-download>, <https://go.dev/ref/mod#workspaces>

use super::needed::{Needed, ancestors, joined, within};
use super::paths::parent;
use super::{Inputs, Project};

pub(super) fn inputs(project: Project<'_>) -> Result<Inputs, String> {
    if project
        .command
        .arguments
        .iter()
        .any(|a| a.starts_with("-C"))
    {
        return Err("`-C` runs `go` in another folder".to_owned());
    }
    let nearest = |name: &str| {
        let mut paths = ancestors(project.dir).map(|dir| within(dir, name));
        paths.find(|path| project.files.has_file(path))
    };
    let mut needed = Needed::new(project.files);
    let module = nearest("go.mod");
    let is_vendored = |path: &String| {
        let list = within(parent(path), "vendor/modules.txt");
        project.files.has_file(&list)
    };
    let workspace = nearest("go.work");
    let mut roots = workspace.iter().chain(&module);
    if let Some(path) = roots.find(|path| is_vendored(path)) {
        let folder = within(parent(path), "vendor");
        return Err(format!("`{folder}` holds the modules already"));
    }
    match (workspace, module) {
        (Some(path), _) => add_workspace(&mut needed, &path)?,
        (None, Some(path)) => add_module(&mut needed, &path)?,
        (None, None) => return Err("the context does not offer a `go.mod`".to_owned()),
    }
    // Written as a download, it would not update what it does.
    if project
        .command
        .arguments
        .first()
        .is_some_and(|a| a == "get")
    {
        return Err("`go get` may change `go.mod`".to_owned());
    }
    Ok(needed.into_inputs())
}

/// Whether a module or workspace asks for any other module.
pub(crate) fn has_requirements(text: &str) -> bool {
    directives(text).iter().any(|words| words[0] == "require")
}

fn add_workspace(needed: &mut Needed<'_>, path: &str) -> Result<(), String> {
    let dir = parent(path);
    let text = needed.text(path)?;
    needed.add(&format!("{path}.sum"))?;
    for words in directives(text) {
        match words[..] {
            ["use", folder] => {
                let module = module_in(dir, folder)?;
                add_module(needed, &module)?;
            }
            ["replace", ..] => add_replacement(needed, dir, &words)?,
            _ => {}
        }
    }
    Ok(())
}

fn add_module(needed: &mut Needed<'_>, path: &str) -> Result<(), String> {
    let dir = parent(path);
    let text = needed.text(path)?;
    needed.add(&within(dir, "go.sum"))?;
    for words in directives(text) {
        if words[0] == "replace" {
            add_replacement(needed, dir, &words)?;
        }
    }
    Ok(())
}

/// Of a module that takes the place of another one only `go.mod` is read; its own replacements do not
/// count.
fn add_replacement(needed: &mut Needed<'_>, dir: &str, words: &[&str]) -> Result<(), String> {
    let target = words.iter().skip_while(|word| **word != "=>").nth(1);
    match target {
        Some(target) if target.starts_with('.') || target.starts_with('/') => {
            let module = module_in(dir, target)?;
            needed.require(&module)?;
            Ok(())
        }
        _ => Ok(()),
    }
}

fn module_in(dir: &str, folder: &str) -> Result<String, String> {
    let folder = joined(dir, folder)
        .ok_or_else(|| format!("the module in `{folder}` is outside the context"))?;
    Ok(within(&folder, "go.mod"))
}

/// The directives of a `go.mod` or `go.work`, each as its words, with those of a block taken apart.
/// None is without a word.
fn directives(text: &str) -> Vec<Vec<&str>> {
    let mut directives = Vec::new();
    let mut block = None;
    for line in text.lines() {
        let line = line.split("//").next().unwrap_or_default();
        let words: Vec<&str> = line.split_whitespace().map(unquoted).collect();
        match (block, words.as_slice()) {
            (_, []) => {}
            (Some(_), [")"]) => block = None,
            (None, [keyword, "("]) => block = Some(*keyword),
            (Some(keyword), words) => {
                directives.push([&[keyword], words].concat());
            }
            (None, _) => directives.push(words),
        }
    }
    directives
}

fn unquoted(word: &str) -> &str {
    word.trim_matches(['"', '`'])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::sample::{paths, refusal};
    use super::*;

    const MODULE: &str = "module example.com/a\n\ngo 1.22\n\nrequire golang.org/x/text v0.3.0\n";

    #[test]
    fn a_module_needs_its_two_files_and_those_only() {
        let files = [("go.mod", MODULE), ("go.sum", ""), ("main.go", "")];
        assert_eq!(paths("go mod download", "", &files), ["go.mod", "go.sum"]);
        assert_eq!(
            paths("go mod download", "cmd", &files),
            ["go.mod", "go.sum"]
        );
    }

    #[test]
    fn a_module_in_a_folder_comes_with_its_manifest_alone() {
        let module = format!(
            "{MODULE}replace (\n\tb.com/b => ./lib/b // here\n\tc.com/c v1.0.0 => d.com/c v1.0.1\n)\n"
        );
        let files = [
            ("api/go.mod", module.as_str()),
            (
                "api/lib/b/go.mod",
                "module b.com/b\nreplace x.com/x => ./x\n",
            ),
            ("api/lib/b/b.go", ""),
        ];
        let expected = ["api/go.mod", "api/lib/b/go.mod"];
        assert_eq!(paths("go mod download", "api", &files), expected);
    }

    #[test]
    fn a_workspace_needs_all_its_modules() {
        let files = [
            ("go.work", "go 1.22\n\nuse (\n\t./a\n\t\"./b\"\n)\n"),
            ("go.work.sum", ""),
            ("a/go.mod", MODULE),
            ("a/go.sum", ""),
            ("b/go.mod", "module example.com/b\n"),
        ];
        let expected = ["a/go.mod", "a/go.sum", "b/go.mod", "go.work", "go.work.sum"];
        assert_eq!(paths("go mod download", "a", &files), expected);
    }

    #[test]
    fn what_cannot_be_said_is_refused_with_the_reason() {
        let module = "module a\nreplace b => ../../b\n";
        let refused = |command: &str, files: &[(&str, &str)]| refusal(command, "", files);
        assert_eq!(
            refused("go mod download", &[("go.mod", module)]),
            "the module in `../../b` is outside the context"
        );
        assert_eq!(
            refused(
                "go mod download",
                &[("go.mod", MODULE), ("vendor/modules.txt", "")]
            ),
            "`vendor` holds the modules already"
        );
        assert_eq!(
            refused("go mod download", &[]),
            "the context does not offer a `go.mod`"
        );
        let replaced = format!("{MODULE}replace b.com/b => ./b\n");
        assert_eq!(
            refused("go mod download", &[("go.mod", &replaced)]),
            "the context does not offer `b/go.mod`"
        );
    }

    #[test]
    fn a_module_without_requirements_has_none() {
        assert!(has_requirements(
            "module a\nrequire (\n\tb.com/b v1.0.0\n)\n"
        ));
        assert!(!has_requirements("module a\n// require b\ngo 1.22\n"));
    }

    proptest! {
        #[test]
        fn any_text_gives_directives_with_words(text in "[a-z()/ =>\"\n.]{0,80}") {
            prop_assert!(directives(&text).iter().all(|words| !words.is_empty()));
        }
    }
}
