//! Small builds for tests: one target `app` with one stage `build`, unless a test says otherwise.

use std::collections::BTreeMap;

use super::build::{Arg, Build, File, FileSet, Place, Settings, Stage, Step, Target};
use super::context::Context;
use super::recipe::Recipe;

pub(crate) fn build<const N: usize>(targets: [Target; N]) -> Build {
    Build {
        id: "sha256:1".to_owned(),
        no_cache: false,
        targets: targets.into(),
    }
}

pub(crate) fn target<const N: usize>(steps: [Step; N]) -> Target {
    Target {
        name: "app".to_owned(),
        dockerfile_path: "Dockerfile".to_owned(),
        context_dir: ".".to_owned(),
        platform: None,
        context_size_bytes: 0,
        build_args: BTreeMap::new(),
        settings: Settings::default(),
        stages: Vec::new(),
        is_built: !steps.iter().any(|step| step.is_failed),
        steps: steps.into(),
    }
}

pub(crate) fn stage(index: u32, label: &str, base_index: Option<u32>, args: Vec<Arg>) -> Stage {
    Stage {
        index,
        label: label.to_owned(),
        base_index,
        args,
        texts: BTreeMap::new(),
    }
}

pub(crate) fn arg(name: &str, line: u32) -> Arg {
    Arg {
        name: name.to_owned(),
        default: None,
        line,
    }
}

/// A step `app/build/NAME` that ran.
pub(crate) fn ran(name: &str, duration_ms: u64) -> Step {
    Step {
        id: format!("app/build/{name}"),
        name: name.to_owned(),
        text: name.to_owned(),
        is_instruction: true,
        stage: Some("build".to_owned()),
        place: None,
        cached: Some(false),
        shared_with: None,
        is_failed: false,
        started_ms: None,
        duration_ms,
        depends_on: Vec::new(),
        files: None,
        run: None,
        is_base: false,
        base_digest: None,
    }
}

pub(crate) fn cached(name: &str) -> Step {
    Step {
        cached: Some(true),
        ..ran(name, 0)
    }
}

pub(crate) fn failed(name: &str, duration_ms: u64) -> Step {
    Step {
        is_failed: true,
        ..ran(name, duration_ms)
    }
}

pub(crate) fn internal(name: &str) -> Step {
    Step {
        is_instruction: false,
        ..ran(name, 1)
    }
}

pub(crate) fn uses(ids: &[&str], mut step: Step) -> Step {
    step.depends_on = ids.iter().map(|&id| id.to_owned()).collect();
    step
}

pub(crate) fn at_line(line: u32, mut step: Step) -> Step {
    step.place = Some(Place {
        path: "Dockerfile".to_owned(),
        line,
    });
    step
}

pub(crate) fn in_stage(label: &str, mut step: Step) -> Step {
    step.id = format!("app/{label}/{}", step.name);
    step.stage = Some(label.to_owned());
    step
}

/// Files by path, each with a digest and permission bits.
pub(crate) fn file_set(digest: &str, files: &[(&str, &str, u32)]) -> FileSet {
    let files = files.iter().map(|&(path, digest, mode)| {
        let file = File {
            mode,
            digest: digest.to_owned(),
            size_bytes: 1,
            modified_ns: None,
        };
        (path.to_owned(), file)
    });
    FileSet {
        digest: digest.to_owned(),
        files: Some(files.collect()),
        folders: None,
    }
}

/// The Dockerfile of this text, with nothing known of its context.
pub(crate) fn recipe(text: &str) -> Recipe {
    Recipe {
        path: "Dockerfile".to_owned(),
        text: text.to_owned(),
        dockerfile: common::dockerfile::parse(text).unwrap(),
        context: Context::default(),
        targets: Vec::new(),
    }
}
