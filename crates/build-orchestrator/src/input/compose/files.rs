//! The files of a project and how each becomes a part of its model.
//!
//! A value knows the number of its file, and the file what relative paths and variables mean in it:
//! an included file has a folder and an env file of its own.

use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

use super::ComposeError;
use super::extends::extend;
use super::include::include;
use super::merge::merge;
use crate::input::dockerfile::ReadError;
use crate::input::project::Variables;
use crate::input::yaml::{Fault, Node, parse_numbered};

/// What relative paths and variables mean in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scope {
    /// The folder that relative paths start from.
    pub(super) dir: PathBuf,
    /// The variables, by name.
    pub(super) variables: Rc<Variables>,
}

/// A file that was read.
struct File {
    path: PathBuf,
    /// Its path without links, by which it is known again.
    full_path: PathBuf,
    scope: Scope,
    root: Node,
}

/// The files that were read, and what reading has turned up.
#[derive(Default)]
pub(super) struct Files {
    all: Vec<File>,
    /// The project's name. Empty until it is known.
    pub(super) project_name: String,
    /// Every file that was read, as the report's inputs name them: kind and path.
    pub(super) read: Vec<(&'static str, String)>,
    /// What the user should know, with file and line.
    pub(super) warnings: Vec<String>,
    /// The services whose inline Dockerfiles cannot be read.
    pub(super) unreadable: Vec<(String, ReadError)>,
}

impl Files {
    /// What files merged in order say, with what they include and extend. `open` are the files that
    /// led here by `include`.
    ///
    /// # Errors
    ///
    /// A file cannot be read, or is malformed.
    pub(super) fn model(
        &mut self,
        paths: &[PathBuf],
        scope: &Scope,
        open: &mut Vec<PathBuf>,
    ) -> Result<Node, ComposeError> {
        let mut model: Option<Node> = None;
        for path in paths {
            let file = self.load(path, scope)?;
            open.push(path.clone());
            let root = include(self, file, open)?;
            open.pop();
            let root = extend(self, root)?;
            model = Some(match model {
                Some(model) => merge(model, root),
                None => root,
            });
        }
        Ok(model.unwrap_or_else(|| Node::empty(0)))
    }

    /// Reads a file, unless it was read before in the same scope, and returns its number.
    pub(super) fn load(&mut self, path: &Path, scope: &Scope) -> Result<usize, ComposeError> {
        let full_path = fs_err::canonicalize(path)?;
        let known = |file: &File| file.full_path == full_path && file.scope == *scope;
        if let Some(known) = self.all.iter().position(known) {
            return Ok(known);
        }
        let text = fs_err::read_to_string(path)?;
        let number = self.all.len();
        self.read.push(("compose-file", path.display().to_string()));
        self.all.push(File {
            path: path.to_owned(),
            full_path,
            scope: scope.clone(),
            root: Node::empty(number),
        });
        self.all[number].root = parse_numbered(&text, number).map_err(|fault| self.error(fault))?;
        Ok(number)
    }

    /// What a file says, as written.
    pub(super) fn root(&self, file: usize) -> &Node {
        &self.all[file].root
    }

    /// The path of a file, as it was asked for.
    pub(super) fn path(&self, file: usize) -> &Path {
        &self.all[file].path
    }

    /// What relative paths and variables mean in a file.
    pub(super) fn scope(&self, file: usize) -> &Scope {
        &self.all[file].scope
    }

    /// Where a value stands, as `FILE:LINE`.
    pub(super) fn place(&self, node: &Node) -> String {
        format!("{}:{}", self.path(node.file).display(), node.line)
    }

    /// The error for a fault.
    pub(super) fn error(&self, fault: Fault) -> ComposeError {
        ComposeError::Fault {
            path: self.path(fault.file).to_owned(),
            line: fault.line,
            message: fault.message,
        }
    }

    /// The error for a file that a value names, and that cannot be read.
    pub(super) fn caused_by(&self, node: &Node, error: ComposeError) -> ComposeError {
        match error {
            ComposeError::Read(error) => self.error(node.fault(error.to_string())),
            error => error,
        }
    }

    /// Tells the user something about a value.
    pub(super) fn warn(&mut self, node: &Node, message: &str) {
        self.warnings
            .push(format!("{}: {message}", self.place(node)));
    }

    /// A path as a value means it: from the folder of its file, `~` being the user's own.
    pub(super) fn path_of(&self, node: &Node, text: &str) -> PathBuf {
        let scope = self.scope(node.file);
        match (text.strip_prefix("~"), scope.variables.get("HOME")) {
            (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => {
                tidy(Path::new(&format!("{home}{rest}")))
            }
            _ => tidy(&scope.dir.join(text)),
        }
    }
}

/// A path without needless `.` parts, and without folders that are left again, unless by a link.
pub(super) fn tidy(path: &Path) -> PathBuf {
    let mut tidy = PathBuf::new();
    for part in path.components() {
        let leaves_named = matches!(tidy.components().next_back(), Some(Component::Normal(_)));
        if part == Component::ParentDir && leaves_named && !tidy.is_symlink() {
            tidy.pop();
        } else if part != Component::CurDir {
            tidy.push(part);
        }
    }
    if tidy.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        tidy
    }
}
