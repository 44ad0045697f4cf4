//! A Dockerfile alone: one target, or one for each of its stages.

use std::path::{Path, PathBuf};

use super::dockerfile::{ReadError, read_dockerfile};
use super::project::Project;
use crate::model::plan::Target;

/// What only a Dockerfile alone has.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lone {
    /// The build context. `None` is the Dockerfile's folder.
    pub(crate) context_dir: Option<PathBuf>,
    /// The stage to build. `None` is the last one.
    pub(crate) stage: Option<String>,
    /// Whether each stage is a target.
    pub(crate) all_stages: bool,
    /// The names of the image.
    pub(crate) tags: Vec<String>,
    /// The name of the image when `tags` are not given. `None` when there is none.
    pub(crate) default_tag: Option<String>,
}

impl Lone {
    /// The argument that was given, if one was.
    pub(super) fn given(&self) -> Option<&'static str> {
        let arguments = [
            ("--context", self.context_dir.is_some()),
            ("--target", self.stage.is_some()),
            ("--all-stages", self.all_stages),
            ("--tag", !self.tags.is_empty()),
        ];
        let mut given = arguments.into_iter().filter(|(_, is_given)| *is_given);
        given.next().map(|(argument, _)| argument)
    }
}

/// Reads a Dockerfile as a project.
pub(super) fn read(path: &Path, lone: &Lone) -> Result<Project, ReadError> {
    let beside = match path.parent() {
        Some(dir) if dir != Path::new("") => dir,
        _ => Path::new("."),
    };
    let context_dir = lone
        .context_dir
        .clone()
        .unwrap_or_else(|| beside.to_owned());
    let target = |name: String, stage: Option<String>, tags: Vec<String>| Target {
        name,
        context_dir: context_dir.clone(),
        dockerfile_path: path.to_owned(),
        stage,
        tags,
        ..Target::default()
    };
    let tags = match &lone.tags[..] {
        [] => lone.default_tag.iter().cloned().collect(),
        given => given.to_vec(),
    };
    let targets = if lone.all_stages {
        let stages = read_dockerfile(path)?.stages;
        let last = stages.len() - 1;
        let stages = stages.into_iter().enumerate();
        stages
            .map(|(index, stage)| {
                let name = stage.name.unwrap_or_else(|| format!("stage-{index}"));
                let asked = (index < last).then(|| name.clone());
                // The image's name is for what the file is there to make.
                let tags = if index == last {
                    tags.clone()
                } else {
                    Vec::new()
                };
                target(name, asked, tags)
            })
            .collect()
    } else {
        let name = lone
            .stage
            .clone()
            .unwrap_or_else(|| folder_name(&context_dir));
        vec![target(name, lone.stage.clone(), tags)]
    };
    Ok(Project {
        default_targets: targets.iter().map(|target| target.name.clone()).collect(),
        targets,
        ..Project::default()
    })
}

/// What a target without a stage is called after. A folder that does not exist is reported when it
/// is read; until then any name does.
fn folder_name(dir: &Path) -> String {
    let full = fs_err::canonicalize(dir).unwrap_or_else(|_| dir.to_owned());
    full.file_name().map_or("image".to_owned(), |name| {
        name.to_string_lossy().into_owned()
    })
}
