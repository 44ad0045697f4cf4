//! Proofs that a build in a folder looks at nothing outside of it, by what its tools look for.
//!
//! Node: no manifest, setting or source that it could import lies outside, and no manifest inside names
//! something above. Go: no workspace and no C above, and no `replace` that leads out; Go sources cannot.
//! Maven: no parent above.

use super::Part;
use crate::analysis::context_sources::is_in;
use crate::analysis::rules::Subject;
use crate::analysis::work_folders::{Work, family};
use crate::model::edit::{Edit, EditedFile};
use crate::model::files::Files;

/// Endings of what Node's tools import or look for in the folders above.
/// Source: <https://nodejs.org/api/modules.html#all-together>, and what bundlers resolve by default.
const NODE_READS: [&str; 36] = [
    ".cjs", ".css", ".cts", ".gif", ".gql", ".graphql", ".html", ".ico", ".jpg", ".js", ".json",
    ".json5", ".jsx", ".less", ".lock", ".md", ".mdx", ".mjs", ".mts", ".npmrc", ".png", ".proto",
    ".sass", ".scss", ".svelte", ".svg", ".toml", ".ts", ".tsx", ".vue", ".wasm", ".webp", ".woff",
    ".yaml", ".yarnrc", ".yml",
];

/// The copy of the folder alone.
///
/// # Errors
///
/// Why the rest is not proven unused: a lower-case fragment.
pub(super) fn narrowed(subject: &Subject<'_>, part: &Part<'_>) -> Result<Edit, String> {
    let files = &subject.recipe.context.files;
    let mut families: Vec<_> = part
        .works
        .iter()
        .filter_map(|it| family(&it.command))
        .collect();
    families.dedup();
    let [family] = families.as_slice() else {
        return Err("several tools work there".to_owned());
    };
    let inside = format!("{}/{}", part.destination.trim_end_matches('/'), part.folder);
    let leads_out = |it: &String| {
        let names_rest = it.contains(&part.destination) && !it.contains(&inside);
        it.contains("..") || it.contains('$') || names_rest
    };
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
    edit(subject, part)
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
    let is_stamping_off = |it: &Work| it.command.arguments.iter().any(|a| a == "-buildvcs=false");
    let stamps = |it: &&Work| {
        let mut arguments = it.command.arguments.iter();
        arguments.any(|a| a == "build" || a == "install") && !is_stamping_off(it)
    };
    if files.folders.contains(".git") && part.works.iter().any(|it| stamps(&it)) {
        return Err("`go build` writes the commit of `.git` into what it makes".to_owned());
    }
    if !files.has_file(&format!("{}/go.mod", part.folder)) {
        return Err(format!("`{}` has no `go.mod` of its own", part.folder));
    }
    let mut outside = files
        .sizes_bytes
        .keys()
        .filter(|path| !is_in(path, &part.folder));
    let is_c = |path: &&String| {
        [".a", ".c", ".h", ".so"]
            .iter()
            .any(|it| path.ends_with(it))
    };
    if let Some(path) = outside.find(is_c) {
        return Err(format!("`{path}` is outside of it, and cgo could read it"));
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
/// more. All else of the line stays as it is.
fn edit(subject: &Subject<'_>, part: &Part<'_>) -> Result<Edit, String> {
    let instruction = part.taken.instruction;
    let copy = part.copy;
    let folder = &part.folder;
    let [source] = copy.sources.as_slice() else {
        return Err("it copies something else too".to_owned());
    };
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !folder.chars().all(is_plain) {
        return Err(format!("the name `{folder}` would have to be quoted"));
    }
    let is_one_line = instruction.line == instruction.end_line;
    let written = subject
        .recipe
        .text
        .lines()
        .nth(instruction.line as usize - 1);
    let start = written.filter(|_| is_one_line).and_then(|written| {
        let rest = written.trim_end().strip_suffix(copy.destination.as_str())?;
        rest.trim_end().strip_suffix(source.as_str())
    });
    let Some(start) = start.filter(|start| start.ends_with(char::is_whitespace)) else {
        return Err("it is written over several lines, or as a list".to_owned());
    };
    let destination = match copy.destination.trim_end_matches('/') {
        "." => folder.clone(),
        destination => format!("{destination}/{folder}"),
    };
    Ok(Edit {
        file: EditedFile::Dockerfile,
        line: instruction.line,
        removed_count: 1,
        lines: vec![format!("{start}{folder} {destination}")],
    })
}
