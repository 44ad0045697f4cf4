//! What `mvn dependency:*` reads: the POMs of a project, its parents and its modules, and Maven's own
//! settings beside them.
//!
//! Source: <https://maven.apache.org/pom.html>, <https://maven.apache.org/configure.html>

use quick_xml::Reader;
use quick_xml::events::Event;

use super::needed::{Needed, joined, within};
use super::paths::parent;
use super::{Inputs, Project};

/// What makes a POM read more than POMs, as the path of an element's last two names.
const READS_MORE: [(&str, &str); 4] = [
    ("activation/file", "a profile asks whether a file exists"),
    ("dependency/systemPath", "a dependency is a file"),
    ("file/exists", "a profile asks whether a file exists"),
    ("file/missing", "a profile asks whether a file is missing"),
];

pub(super) fn inputs(project: Project<'_>) -> Result<Inputs, String> {
    let mut needed = Needed::new(project.files);
    let start = pom(project)?;
    let root = parent(&start).to_owned();
    for dir in [project.dir, &root] {
        needed.add_folder(&within(dir, ".mvn"))?;
        needed.add(&within(dir, "mvnw"))?;
    }
    if let Some(settings) = settings(project)? {
        needed.require(&settings)?;
    }
    let mut open = vec![start];
    while let Some(path) = open.pop() {
        if !needed.require(&path)? {
            continue;
        }
        open.extend(named_poms(&mut needed, &path)?);
    }
    Ok(needed.into_inputs())
}

/// The value of a flag of the command, in any of its spellings.
fn flag<'a>(project: &Project<'a>, names: [&str; 2]) -> Option<&'a str> {
    let arguments = &project.command.arguments;
    let at = arguments.iter().position(|a| names.contains(&a.as_str()));
    let next = at.and_then(|at| arguments.get(at + 1));
    let joined = || {
        let [_, long] = names;
        let start = format!("{long}=");
        arguments.iter().find_map(|a| a.strip_prefix(&start))
    };
    next.map(String::as_str).or_else(joined)
}

fn pom(project: Project<'_>) -> Result<String, String> {
    let Some(path) = flag(&project, ["-f", "--file"]) else {
        return Ok(within(project.dir, "pom.xml"));
    };
    let path =
        joined(project.dir, path).ok_or_else(|| format!("`{path}` is outside the context"))?;
    Ok(if project.files.folders.contains(&path) {
        within(&path, "pom.xml")
    } else {
        path
    })
}

/// The settings that the command names, when they are of the context. An absolute path is not.
fn settings(project: Project<'_>) -> Result<Option<String>, String> {
    match flag(&project, ["-s", "--settings"]) {
        None => Ok(None),
        Some(path) if path.starts_with('/') => Ok(None),
        Some(path) => joined(project.dir, path)
            .map(Some)
            .ok_or_else(|| format!("where `{path}` is, is not known")),
    }
}

/// The POMs that a POM leads to: its modules, of every profile, and its parent if that is beside it.
fn named_poms(needed: &mut Needed<'_>, path: &str) -> Result<Vec<String>, String> {
    let dir = parent(path);
    let mut poms = Vec::new();
    let text = needed.text(path)?;
    let elements = elements(text).ok_or_else(|| format!("`{path}` is not XML"))?;
    let is_child = elements.iter().any(|(name, _)| name == "parent/artifactId");
    let mut parent_path = is_child.then_some("../pom.xml");
    for (name, value) in &elements {
        if let Some((_, why)) = READS_MORE.iter().find(|(more, _)| more == name) {
            return Err(format!("{why} in `{path}`"));
        }
        match name.as_str() {
            "parent/relativePath" => {
                parent_path = Some(value).filter(|v| !v.is_empty()).map(String::as_str);
            }
            "modules/module" => poms.push(pom_at(needed, dir, value).ok_or_else(|| {
                format!("the context does not offer the module `{value}` of `{path}`")
            })?),
            "repository/url" | "pluginRepository/url" if reads_folder(value) => {
                return Err(format!("a repository in `{path}` is a folder"));
            }
            _ => {}
        }
    }
    // A parent that is not there comes from a repository.
    poms.extend(parent_path.and_then(|path| pom_at(needed, dir, path)));
    Ok(poms)
}

fn reads_folder(url: &str) -> bool {
    url.starts_with("file:") || url.contains("basedir") || url.contains("${")
}

fn pom_at(needed: &Needed<'_>, dir: &str, path: &str) -> Option<String> {
    let path = joined(dir, path)?;
    [within(&path, "pom.xml"), path]
        .into_iter()
        .find(|path| needed.has(path))
}

/// The elements of a document: the names of each and of the one around it, with its text. `None` when
/// it is not well-formed.
fn elements(text: &str) -> Option<Vec<(String, String)>> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<(String, String)> = Vec::new();
    let mut elements = Vec::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                let name = tag.local_name().as_ref().to_owned();
                open.push((name, String::new()));
            }
            Event::Empty(tag) => {
                let name = tag.local_name().as_ref().to_owned();
                elements.push((path_of(&open, &name), String::new()));
            }
            Event::Text(bytes) => {
                if let Some((_, text)) = open.last_mut() {
                    text.push_str(bytes.trim());
                }
            }
            Event::End(_) => {
                let (name, text) = open.pop()?;
                elements.push((path_of(&open, &name), text));
            }
            Event::Eof => return open.is_empty().then_some(elements),
            _ => {}
        }
    }
}

fn path_of(open: &[(String, String)], name: &str) -> String {
    let outer = open.last().map_or("", |(outer, _)| outer);
    format!("{outer}/{name}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::sample::{paths, refusal};
    use super::*;

    const COMMAND: &str = "mvn -B dependency:go-offline";

    fn refused(pom: &str) -> String {
        refusal(COMMAND, "", &[("pom.xml", pom)])
    }

    #[test]
    fn a_project_alone_needs_its_pom_and_mavens_settings() {
        let files = [
            ("pom.xml", "<project/>"),
            (".mvn/maven.config", ""),
            ("mvnw", ""),
            ("src/main/java/A.java", ""),
        ];
        assert_eq!(paths(COMMAND, "", &files), [".mvn", "mvnw", "pom.xml"]);
    }

    #[test]
    fn modules_of_every_profile_and_parents_are_followed() {
        let root = "<project><parent><artifactId>p</artifactId><relativePath>build</relativePath></parent>\
                    <modules><module>a</module></modules>\
                    <profiles><profile><modules><module>b/pom-b.xml</module></modules></profile></profiles></project>";
        let module = "<project><parent><artifactId>root</artifactId></parent></project>";
        let files = [
            ("pom.xml", root),
            (
                "build/pom.xml",
                "<project><parent><artifactId>boot</artifactId><relativePath/></parent></project>",
            ),
            ("a/pom.xml", module),
            ("b/pom-b.xml", module),
            ("c/pom.xml", module),
        ];
        let expected = ["a/pom.xml", "b/pom-b.xml", "build/pom.xml", "pom.xml"];
        assert_eq!(paths(COMMAND, "", &files), expected);
        assert_eq!(paths("mvn -f a dependency:resolve", "", &files), expected);
    }

    #[test]
    fn a_file_of_settings_in_the_context_is_needed_and_one_outside_is_not() {
        let files = [("app/pom.xml", "<project/>"), ("ci/settings.xml", "")];
        let command = "mvn -s ../ci/settings.xml dependency:resolve";
        assert_eq!(
            paths(command, "app", &files),
            ["app/pom.xml", "ci/settings.xml"]
        );
        let command = "mvn -s /usr/share/maven/ref/settings-docker.xml dependency:resolve";
        assert_eq!(paths(command, "app", &files), ["app/pom.xml"]);
    }

    #[test]
    fn what_cannot_be_said_is_refused_with_the_reason() {
        assert_eq!(
            refusal(COMMAND, "", &[]),
            "the context does not offer `pom.xml`"
        );
        assert_eq!(refused("<project><a>"), "`pom.xml` is not XML");
        assert_eq!(
            refused("<project><modules><module>x</module></modules></project>"),
            "the context does not offer the module `x` of `pom.xml`"
        );
        assert_eq!(
            refused(
                "<project><profile><activation><file><exists>a</exists></file></activation></profile></project>"
            ),
            "a profile asks whether a file exists in `pom.xml`"
        );
        assert_eq!(
            refused(
                "<project><repository><url>file://${project.basedir}/repo</url></repository></project>"
            ),
            "a repository in `pom.xml` is a folder"
        );
    }

    proptest! {
        #[test]
        fn any_text_gives_elements_or_none(text in "[a-z<>/!& \n]{0,80}") {
            let _ = elements(&text);
        }
    }
}
