//! Proofs that a build in a folder looks at nothing outside of it, by what its tools look for.
//!
//! Node: no manifest, setting or source that it could import lies outside, and no manifest inside names
//! something above. Go: no workspace above, and no `replace` that leads out; sources cannot.
//! Maven: no parent above.

use super::Part;
use crate::analysis::context_sources::is_in;
use crate::analysis::rules::Subject;
use crate::analysis::work_folders::family;
use crate::model::edit::{Edit, EditedFile};
use crate::model::files::Files;

/// Endings of what Node's tools import or look for in the folders above.
/// Source: <https://nodejs.org/api/modules.html#all-together>, and what bundlers resolve by default.
const NODE_READS: [&str; 22] = [
    ".cjs", ".css", ".cts", ".gql", ".graphql", ".js", ".json", ".json5", ".jsx", ".less", ".lock",
    ".mjs", ".mts", ".npmrc", ".proto", ".sass", ".scss", ".svelte", ".ts", ".tsx", ".vue",
    ".yarnrc",
];

/// The copy of the folder alone.
///
/// # Errors
///
/// Why the rest is not proven unused: a lower-case fragment.
pub(super) fn narrowed(subject: &Subject<'_>, part: &Part<'_>) -> Result<Edit, String> {
    let files = &subject.recipe.context.files;
    let instruction = part.taken.instruction;
    let mut families: Vec<_> = part
        .works
        .iter()
        .filter_map(|it| family(&it.command))
        .collect();
    families.dedup();
    let [family] = families.as_slice() else {
        return Err("several tools work there".to_owned());
    };
    let leads_out = |it: &String| it.contains("..") || it.starts_with('/') || it.contains('$');
    if part
        .works
        .iter()
        .any(|work| work.command.arguments.iter().any(leads_out))
    {
        return Err("a command names a path that may be outside of it".to_owned());
    }
    let mut links = files.links.iter();
    if let Some((path, _)) = links.find(|(path, to)| is_in(path, &part.folder) && to.contains(".."))
    {
        return Err(format!("the link `{path}` leads out of it"));
    }
    match *family {
        "node" => node(files, &part.folder),
        "go" => go(files, part),
        "maven" => maven(files, &part.folder),
        other => Err(format!(
            "what the tools of {other} read outside of it is not known"
        )),
    }?;
    edit(part, instruction.line, instruction.end_line)
}

fn node(files: &Files, folder: &str) -> Result<(), String> {
    let mut outside = files.sizes_bytes.keys().filter(|path| !is_in(path, folder));
    let is_read = |path: &&String| {
        let name = path.rsplit('/').next().unwrap_or(path);
        let is_setting =
            name.starts_with('.') && (name.ends_with("rc") || name.starts_with(".env"));
        is_setting
            || name == "pnpm-workspace.yaml"
            || NODE_READS.iter().any(|it| name.ends_with(it))
    };
    if let Some(path) = outside.find(is_read) {
        return Err(format!("`{path}` is outside of it, and Node could read it"));
    }
    let unread = files
        .unread
        .keys()
        .find(|path| !is_in(path, folder) && !path.starts_with('.'));
    if let Some(path) = unread {
        return Err(format!("`{path}` is outside of it, and Node could read it"));
    }
    no_way_out(files, folder)
}

/// Manifests in the folder that name something above it.
fn no_way_out(files: &Files, folder: &str) -> Result<(), String> {
    let mut texts = files.texts.iter().filter(|(path, _)| is_in(path, folder));
    match texts.find(|(_, text)| text.contains("../")) {
        Some((path, _)) => Err(format!("`{path}` names something above its folder")),
        None => Ok(()),
    }
}

fn go(files: &Files, part: &Part<'_>) -> Result<(), String> {
    let is_stamping_off = |it: &crate::analysis::work_folders::Work| {
        it.command.arguments.iter().any(|a| a == "-buildvcs=false")
    };
    let stamps = |it: &&crate::analysis::work_folders::Work| {
        let mut arguments = it.command.arguments.iter();
        arguments.any(|a| a == "build" || a == "install") && !is_stamping_off(it)
    };
    if files.folders.contains(".git") && part.works.iter().any(|it| stamps(&it)) {
        return Err("`go build` writes the commit of `.git` into what it makes".to_owned());
    }
    if !files.has_file(&format!("{}/go.mod", part.folder)) {
        return Err(format!("`{}` has no `go.mod` of its own", part.folder));
    }
    if files.has_file("go.work") {
        return Err("`go.work` is outside of it".to_owned());
    }
    no_way_out(files, &part.folder)
}

fn maven(files: &Files, folder: &str) -> Result<(), String> {
    let is_above = files.has_file("pom.xml") || files.folders.contains(".mvn");
    if is_above || !files.has_file(&format!("{folder}/pom.xml")) {
        return Err("its `pom.xml` may have a parent outside of it".to_owned());
    }
    no_way_out(files, folder)
}

/// Puts the folder in the place of the whole context, as long as that stands in one line and says no
/// more.
fn edit(part: &Part<'_>, line: u32, end_line: u32) -> Result<Edit, String> {
    let text = &part.taken.instruction.text;
    let copy = part.copy;
    let [source] = copy.sources.as_slice() else {
        return Err("it copies something else too".to_owned());
    };
    let end = format!("{source} {}", copy.destination);
    let spaced: Vec<&str> = text.split_whitespace().collect();
    let joined = spaced.join(" ");
    let Some(start) = joined.strip_suffix(&end).filter(|_| line == end_line) else {
        return Err("it is written over several lines, or as a list".to_owned());
    };
    let destination = copy.destination.trim_end_matches('/');
    let destination = match destination {
        "." | "./" => part.folder.clone(),
        "" => format!("/{}", part.folder),
        destination => format!("{destination}/{}", part.folder),
    };
    let folder = &part.folder;
    let is_safe = folder
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
    if !is_safe {
        return Err(format!("the name `{folder}` would have to be quoted"));
    }
    Ok(Edit {
        file: EditedFile::Dockerfile,
        line,
        removed_count: 1,
        lines: vec![format!("{start}{folder} {destination}")],
    })
}
