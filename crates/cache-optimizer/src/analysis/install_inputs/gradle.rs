//! What `gradle dependencies` reads: the scripts of all projects, and what Gradle keeps beside them.
//!
//! The scripts are programs. One that may read another file is refused.
//!
//! Source: <https://docs.gradle.org/current/userguide/directory_layout.html>

use super::needed::{Needed, ancestors, within};
use super::{Inputs, Project};

/// The words of a script that may read a file of the project, or say where one is.
const READS_MORE: [&str; 14] = [
    ".execute(",
    "apply from",
    "apply(from",
    "exec {",
    "file(",
    "File(",
    "fileTree",
    "files(",
    "flatDir",
    "from(",
    "new File",
    "projectDir",
    "readText",
    "fileContents",
];

pub(super) fn inputs(project: Project<'_>) -> Result<Inputs, String> {
    let mut arguments = project.command.arguments.iter();
    if let Some(flag) = arguments.find(|a| is_elsewhere(a)) {
        return Err(format!("`{flag}` names scripts of its own"));
    }
    let has = |dir: &str, name: &str| {
        let names = [within(dir, name), within(dir, &format!("{name}.kts"))];
        names.into_iter().find(|path| project.files.has_file(path))
    };
    let root = ancestors(project.dir).find(|dir| has(dir, "settings.gradle").is_some());
    let root = root.unwrap_or(project.dir);
    let mut needed = Needed::new(project.files);
    for name in [
        "gradle.properties",
        "gradlew",
        "gradle.lockfile",
        "buildscript-gradle.lockfile",
    ] {
        needed.add(&within(root, name))?;
    }
    for name in ["gradle", "buildSrc"] {
        needed.add_folder(&within(root, name))?;
    }
    let mut folders = vec![root.to_owned()];
    if let Some(settings) = has(root, "settings.gradle") {
        let text = needed.text(&settings)?;
        check_script(&settings, text)?;
        for name in
            included(text).map_err(|line| format!("which projects `{line}` means is not known"))?
        {
            folders.push(within(root, &name.trim_matches(':').replace(':', "/")));
        }
    }
    let mut scripts = 0;
    for dir in folders {
        needed.add(&within(&dir, "gradle.properties"))?;
        needed.add(&within(&dir, "gradle.lockfile"))?;
        if let Some(script) = has(&dir, "build.gradle") {
            scripts += 1;
            check_script(&script, needed.text(&script)?)?;
        }
    }
    if scripts == 0 {
        return Err("the context does not offer a `build.gradle`".to_owned());
    }
    Ok(needed.into_inputs())
}

fn is_elsewhere(argument: &str) -> bool {
    [
        "-p",
        "--project-dir",
        "-b",
        "-c",
        "-I",
        "--init-script",
        "--include-build",
    ]
    .iter()
    .any(|flag| {
        argument == *flag
            || argument
                .strip_prefix(flag)
                .is_some_and(|rest| rest.starts_with('='))
    })
}

fn check_script(path: &str, text: &str) -> Result<(), String> {
    let code: Vec<&str> = text.lines().map(without_comment).collect();
    let reads = |word: &&&str| code.iter().any(|line| line.contains(**word));
    match READS_MORE.iter().find(reads) {
        Some(word) => Err(format!(
            "`{}` in `{path}` may read another file",
            word.trim_end_matches(['(', '{', ' '])
        )),
        None => Ok(()),
    }
}

fn without_comment(line: &str) -> &str {
    let line = line.trim();
    if line.starts_with("//") || line.starts_with('*') || line.starts_with("/*") {
        ""
    } else {
        line
    }
}

/// The projects that a settings script includes.
///
/// # Errors
///
/// The line that includes what is not written out.
fn included(text: &str) -> Result<Vec<&str>, &str> {
    let mut names = Vec::new();
    let mut is_open = false;
    for line in text.lines().map(without_comment) {
        if line.contains("includeBuild") || line.contains("includeFlat") {
            return Err(line);
        }
        let starts = line
            .strip_prefix("include")
            .filter(|rest| rest.starts_with(['(', ' ', '\'', '"']));
        if starts.is_some_and(|rest| {
            !rest.contains(['\'', '"']) && !rest.trim().is_empty() && rest.trim() != "("
        }) {
            return Err(line);
        }
        if starts.is_none() && line.contains("include ")
            || line.contains("include(") && starts.is_none()
        {
            return Err(line);
        }
        if starts.is_some() || is_open {
            let parts: Vec<&str> = line.split(['\'', '"']).collect();
            names.extend(parts.iter().skip(1).step_by(2));
            if parts
                .iter()
                .skip(1)
                .step_by(2)
                .any(|name| name.contains('$'))
            {
                return Err(line);
            }
            is_open = line.ends_with(',') || line.ends_with('(');
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::sample::{paths, refusal};
    use super::*;

    const COMMAND: &str = "./gradlew --no-daemon dependencies";

    #[test]
    fn all_projects_and_what_gradle_keeps_beside_them_are_needed() {
        let files = [
            (
                "settings.gradle.kts",
                "rootProject.name = \"a\"\ninclude(\n  \"app\",\n  \"lib:core\",\n)\n",
            ),
            ("build.gradle.kts", "plugins { java }\n// file(\"x\")\n"),
            ("gradle.properties", ""),
            ("gradlew", ""),
            ("gradle/libs.versions.toml", ""),
            ("gradle/wrapper/gradle-wrapper.jar", ""),
            ("buildSrc/src/main/kotlin/x.kt", ""),
            (
                "app/build.gradle.kts",
                "dependencies { implementation(project(\":lib:core\")) }\n",
            ),
            ("app/src/main/java/A.java", ""),
            (
                "lib/core/build.gradle",
                "dependencies { implementation 'a:b:1' }\n",
            ),
        ];
        let expected = [
            "app/build.gradle.kts",
            "build.gradle.kts",
            "buildSrc",
            "gradle",
            "gradle.properties",
            "gradlew",
            "lib/core/build.gradle",
            "settings.gradle.kts",
        ];
        assert_eq!(paths(COMMAND, "", &files), expected);
    }

    #[test]
    fn projects_may_be_included_on_one_line() {
        assert_eq!(
            included("include 'a', \"b:c\" // x\n").unwrap(),
            ["a", "b:c"]
        );
        assert_eq!(included("include(\":a\")\n").unwrap(), [":a"]);
    }

    #[test]
    fn a_script_that_may_read_more_is_refused_with_the_reason() {
        let refused = |settings: &str, build: &str| {
            let files = [("settings.gradle", settings), ("build.gradle", build)];
            refusal(COMMAND, "", &files)
        };
        assert_eq!(
            refused("", "apply from: 'gradle/x.gradle'\n"),
            "`apply from` in `build.gradle` may read another file"
        );
        assert_eq!(
            refused("", "dependencies { implementation files('libs/a.jar') }\n"),
            "`files` in `build.gradle` may read another file"
        );
        assert_eq!(
            refused("includeBuild 'x'\n", ""),
            "which projects `includeBuild 'x'` means is not known"
        );
        assert_eq!(
            refused("modules.each { include it }\n", ""),
            "which projects `modules.each { include it }` means is not known"
        );
        assert_eq!(
            refusal(COMMAND, "", &[]),
            "the context does not offer a `build.gradle`"
        );
        assert_eq!(
            refusal("gradle -p x dependencies", "", &[]),
            "`-p` names scripts of its own"
        );
    }

    proptest! {
        #[test]
        fn any_text_gives_names_or_a_line(text in "[a-z(),'\"$ \n]{0,80}") {
            let _ = included(&text);
        }
    }
}
