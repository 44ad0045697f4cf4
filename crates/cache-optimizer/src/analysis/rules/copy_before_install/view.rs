//! What of the context lies around the folder that an install runs in.

use std::collections::{BTreeMap, BTreeSet};

use super::placement::{Placement, UNKNOWN_DIR, below};
use crate::model::files::Files;

/// The context as an install sees it.
#[derive(Clone, Debug)]
pub(super) struct View {
    /// The folder of the context that is the working directory.
    pub(super) dir: String,
    /// The files that are copied to where they lie around that folder.
    pub(super) files: Files,
}

/// What an install in the folder `dir` of the image sees of the context after copies, in order.
///
/// # Errors
///
/// Why no one folder of the context is that folder.
pub(super) fn view(placements: &[&Placement], dir: &str, files: &Files) -> Result<View, String> {
    let mut by_image: BTreeMap<&str, &str> = BTreeMap::new();
    for (context, image) in placements.iter().flat_map(|placement| &placement.files) {
        by_image.insert(image, context);
    }
    let context_dir = context_dir(placements, dir)?;
    let is_kept = |context: &str| {
        let image = image_of(context, &context_dir, dir);
        image.is_some_and(|image| by_image.get(image.as_str()) == Some(&context))
    };
    let mut kept = Files {
        is_complete: files.is_complete,
        ..Files::default()
    };
    for (path, size_bytes) in &files.sizes_bytes {
        if !is_kept(path) {
            continue;
        }
        kept.sizes_bytes.insert(path.clone(), *size_bytes);
        // No install reads a Dockerfile, and a context may hold many.
        let is_manifest = |_: &&String| !files.dockerfiles().contains_key(path);
        let text = files.texts.get(path).filter(is_manifest);
        kept.texts
            .extend(text.map(|text| (path.clone(), text.clone())));
        let target = files.links.get(path);
        kept.links
            .extend(target.map(|target| (path.clone(), target.clone())));
        let ends = path.match_indices('/');
        kept.folders
            .extend(ends.map(|(end, _)| path[..end].to_owned()));
    }
    let folders = placements.iter().flat_map(|placement| &placement.folders);
    for (source, image) in folders {
        if image_of(source, &context_dir, dir).as_ref() == Some(image) {
            // Folders that nobody looked into are known by their names alone.
            let within = files
                .folders
                .iter()
                .filter(|folder| is_within(folder, source));
            kept.folders.extend(within.cloned());
        }
    }
    Ok(View {
        dir: context_dir,
        files: kept,
    })
}

/// Whether a path of the context is a folder or lies in it. Empty is the whole context.
pub(super) fn is_within(path: &str, folder: &str) -> bool {
    folder.is_empty()
        || path
            .strip_prefix(folder)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The folder of the context whose content lies in the folder `dir` of the image: by the folders that
/// are copied, or else by the files.
fn context_dir(placements: &[&Placement], dir: &str) -> Result<String, String> {
    let mut dirs = BTreeSet::new();
    for (source, image) in placements.iter().flat_map(|placement| &placement.folders) {
        if is_within(dir.trim_start_matches('/'), image.trim_matches('/')) {
            let rest = &dir[image.trim_end_matches('/').len()..];
            dirs.insert(format!("{source}{rest}").trim_matches('/').to_owned());
        }
    }
    if dirs.is_empty() {
        let files = placements.iter().flat_map(|placement| &placement.files);
        let inside = files.filter_map(|(context, image)| {
            let (folder, name) = image.rsplit_once('/')?;
            let outer = context.strip_suffix(name)?;
            (folder == dir.trim_end_matches('/')).then(|| outer.trim_end_matches('/').to_owned())
        });
        dirs.extend(inside);
    }
    let mut dirs = dirs.into_iter();
    match (dirs.next(), dirs.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err("nothing of the build context is known to lie where it runs".to_owned()),
        _ => Err("several folders of the context are copied into one".to_owned()),
    }
}

/// Where a path of the context lies in the image, when its folder `context_dir` is `dir` there. `None`
/// outside the image.
pub(super) fn image_of(path: &str, context_dir: &str, dir: &str) -> Option<String> {
    let (mut outer, mut image) = (context_dir, dir.trim_end_matches('/'));
    while !is_within(path, outer) {
        if image == UNKNOWN_DIR {
            return None;
        }
        outer = outer.rsplit_once('/').map_or("", |(outer, _)| outer);
        image = image.rsplit_once('/')?.0;
    }
    let rest = path[outer.len()..].trim_start_matches('/');
    Some(below(image, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_around_the_working_directory_lie_around_it_in_the_image() {
        let image = |path: &str| image_of(path, "web/app", "/srv/app");
        assert_eq!(image("web/app/src/a").as_deref(), Some("/srv/app/src/a"));
        assert_eq!(image("web/b").as_deref(), Some("/srv/b"));
        assert_eq!(image("c").as_deref(), Some("/c"));
        assert_eq!(image_of("c", "web/app", "/app"), None);
        assert_eq!(image_of("", "", "/app").as_deref(), Some("/app"));
    }
}
