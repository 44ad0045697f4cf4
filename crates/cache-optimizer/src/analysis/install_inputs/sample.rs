//! Asks what a command reads, for tests.

use super::{Inputs, Project, inputs};
use crate::analysis::install::install;
use crate::analysis::rules::sample::context_of;
use crate::analysis::shell::commands;

/// What a command in a folder reads of these files, or why that is not known.
pub(super) fn inputs_of(line: &str, dir: &str, files: &[(&str, &str)]) -> Result<Inputs, String> {
    let context = context_of(files);
    let command = commands(line).remove(0);
    let install = install(&command).expect("the command installs");
    let project = Project {
        dir,
        files: &context.files,
        command: &command,
    };
    inputs(&install, project)
}

/// The paths alone.
pub(super) fn read(line: &str, dir: &str, files: &[(&str, &str)]) -> Result<Vec<String>, String> {
    inputs_of(line, dir, files).map(|inputs| inputs.paths)
}

/// The paths where they are known.
#[track_caller]
pub(super) fn paths(line: &str, dir: &str, files: &[(&str, &str)]) -> Vec<String> {
    read(line, dir, files).unwrap()
}

/// Why they are not known.
#[track_caller]
pub(super) fn refusal(line: &str, dir: &str, files: &[(&str, &str)]) -> String {
    read(line, dir, files).unwrap_err()
}
