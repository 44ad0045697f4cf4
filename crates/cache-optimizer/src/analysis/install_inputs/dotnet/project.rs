//! What solutions, projects and `nuget.config` name.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::super::needed::extension;

/// What makes a project read other files, or write elsewhere, as words of its text.
const READS_MORE: [&str; 7] = [
    "ArtifactsPath",
    "BaseIntermediateOutputPath",
    "Exists(",
    "RestoreSources",
    "System.IO",
    "UseArtifactsOutput",
    "WriteLinesToFile",
];

/// Files that are looked for in all folders above, and so are known without being named.
const LOOKED_FOR: [&str; 3] = [
    "Directory.Build",
    "Directory.Packages",
    "Directory.Solution",
];

/// The projects that a solution lists, as it writes their paths but with `/`.
pub(super) fn solution_projects(path: &str, text: &str) -> Result<Vec<String>, String> {
    if extension(path) == "slnx" {
        let tags = tags(text).ok_or_else(|| format!("`{path}` is not XML"))?;
        let projects = tags.into_iter().filter(|tag| tag.name == "Project");
        return Ok(projects.filter_map(|tag| tag.value("Path")).collect());
    }
    // `Project("{KIND}") = "NAME", "PATH", "{ID}"`; a folder of a solution has no file.
    let paths = text
        .lines()
        .filter(|line| line.trim_start().starts_with("Project("))
        .filter_map(|line| line.split('"').nth(5));
    Ok(paths
        .filter(|path| path.ends_with("proj"))
        .map(with_slashes)
        .collect())
}

/// The projects that a project, or a file of properties, refers to.
pub(super) fn project_references(path: &str, text: &str) -> Result<Vec<String>, String> {
    if let Some(word) = READS_MORE.iter().find(|word| text.contains(**word)) {
        let word = word.trim_end_matches('(');
        return Err(format!("`{word}` in `{path}` may concern other files"));
    }
    let tags = tags(text).ok_or_else(|| format!("`{path}` is not XML"))?;
    let mut projects = Vec::new();
    for tag in tags {
        match tag.name.as_str() {
            "ProjectReference" => {
                let include = tag.value("Include").unwrap_or_default();
                projects.extend(
                    include
                        .split(';')
                        .map(str::trim)
                        .filter(|p| !p.is_empty())
                        .map(str::to_owned),
                );
            }
            "Import" if tag.value("Sdk").is_none() => {
                let imported = tag.value("Project").unwrap_or_default();
                if !LOOKED_FOR.iter().any(|name| imported.contains(name)) {
                    return Err(format!("`{path}` imports `{imported}`"));
                }
            }
            _ => {}
        }
    }
    match projects
        .iter()
        .find(|project| project.contains(['$', '*', '@']))
    {
        Some(project) => Err(format!("`{path}` refers to `{project}`")),
        None => Ok(projects),
    }
}

/// The folders that `nuget.config` takes packages from.
pub(super) fn package_folders(path: &str, text: &str) -> Result<Vec<String>, String> {
    let tags = tags(text).ok_or_else(|| format!("`{path}` is not XML"))?;
    let mut is_in_sources = false;
    let mut folders = Vec::new();
    for tag in tags {
        match tag.name.as_str() {
            "add" if is_in_sources => {
                folders.extend(tag.value("value").filter(|value| !value.contains("://")));
            }
            "add" | "clear" | "remove" => {}
            name => is_in_sources = name == "packageSources",
        }
    }
    Ok(folders)
}

struct Tag {
    name: String,
    attributes: Vec<(String, String)>,
}

impl Tag {
    fn new(tag: &BytesStart<'_>) -> Option<Self> {
        let mut attributes = Vec::new();
        for attribute in tag.attributes() {
            let attribute = attribute.ok()?;
            attributes.push((
                attribute.key.local_name().as_ref().to_owned(),
                attribute.value.into_owned(),
            ));
        }
        Some(Self {
            name: tag.local_name().as_ref().to_owned(),
            attributes,
        })
    }

    /// The value of an attribute that names a path or pattern, with `/`.
    fn value(&self, key: &str) -> Option<String> {
        let attribute = self.attributes.iter().find(|(name, _)| name == key);
        attribute.map(|(_, value)| with_slashes(value))
    }
}

fn with_slashes(path: &str) -> String {
    path.replace('\\', "/")
}

/// The tags of a document in order. `None` when it is not well-formed.
fn tags(text: &str) -> Option<Vec<Tag>> {
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut tags = Vec::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) | Event::Empty(tag) => tags.push(Tag::new(&tag)?),
            Event::Eof => return Some(tags),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_solution_lists_its_projects_in_both_formats() {
        let text = "Project(\"{F}\") = \"Web\", \"src\\Web\\Web.csproj\", \"{1}\"\r\nEndProject\r\n\
                    Project(\"{D}\") = \"src\", \"src\", \"{2}\"\r\nEndProject\r\n";
        assert_eq!(
            solution_projects("a.sln", text).unwrap(),
            ["src/Web/Web.csproj"]
        );
        let text = "<Solution><Folder Name=\"/src/\"><Project Path=\"src/Web/Web.csproj\"/></Folder></Solution>";
        assert_eq!(
            solution_projects("a.slnx", text).unwrap(),
            ["src/Web/Web.csproj"]
        );
    }

    #[test]
    fn local_sources_of_packages_are_told_from_remote_ones() {
        let text = "<configuration><packageSources><clear/><add key=\"a\" value=\"https://a/v3\"/>\
                    <add key=\"b\" value=\".\\packages\"/></packageSources>\
                    <config><add key=\"c\" value=\"x\"/></config></configuration>";
        assert_eq!(
            package_folders("nuget.config", text).unwrap(),
            ["./packages"]
        );
    }

    proptest! {
        #[test]
        fn any_text_gives_tags_or_none(text in "[a-z<>/!&= \"\n]{0,80}") {
            let _ = tags(&text);
        }
    }
}
