//! Asks what an install reads, for tests.

use super::{Inputs, Project, inputs};
use crate::analysis::install::install;
use crate::analysis::rules::sample::context_of;
use crate::analysis::shell;
use crate::model::files::Files;

type Ask = fn(Project<'_>) -> Result<Inputs, String>;

fn ask(ask: Ask, command: &str, dir: &str, files: &[(&str, &str)]) -> Result<Inputs, String> {
    let mut known = Files::default();
    for &(path, text) in files {
        known.sizes_bytes.insert(path.to_owned(), text.len() as u64);
        known.texts.insert(path.to_owned(), text.to_owned());
        for (end, _) in path.match_indices('/') {
            known.folders.insert(path[..end].to_owned());
        }
    }
    let command = &shell::commands(command)[0];
    ask(Project {
        dir,
        files: &known,
        command,
    })
}

/// The paths that a command in the folder `dir` reads of these files, each with its text.
#[track_caller]
pub(super) fn paths(of: Ask, command: &str, dir: &str, files: &[(&str, &str)]) -> Vec<String> {
    ask(of, command, dir, files).unwrap().paths
}

/// Why it cannot be said what a command reads.
#[track_caller]
pub(super) fn refusal(of: Ask, command: &str, dir: &str, files: &[(&str, &str)]) -> String {
    ask(of, command, dir, files).unwrap_err()
}

/// What a command in a folder reads of these files, by the tool that it is, or why that is not known.
pub(super) fn inputs_of(line: &str, dir: &str, files: &[(&str, &str)]) -> Result<Inputs, String> {
    let context = context_of(files);
    let command = shell::commands(line).remove(0);
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
