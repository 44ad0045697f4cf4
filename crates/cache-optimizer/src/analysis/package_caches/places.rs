//! Where a path lies: the user's home folder, variables, and folders within one another.

use common::dockerfile::{Dockerfile, expand};

use crate::analysis::stage_state::State;
use crate::model::files::Files;

/// What stands around a command.
#[derive(Clone, Debug)]
pub(crate) struct Surroundings<'a> {
    /// What the instructions before it left.
    pub(crate) state: &'a State,
    /// The name of the image that its stage goes back to, without registry, folder and tag. `None`
    /// when a variable hides it.
    pub(crate) image: Option<String>,
    /// The files of the context.
    pub(crate) files: &'a Files,
    /// The script that it is in.
    pub(crate) script: &'a str,
    /// The Dockerfile's escape character.
    pub(crate) escape: char,
}

impl Surroundings<'_> {
    /// The value of an environment variable, `None` when the Dockerfile does not set it.
    ///
    /// # Errors
    ///
    /// It is set, but to what is not known.
    pub(super) fn variable(&self, name: &str) -> Result<Option<String>, String> {
        let is_in_script = self.script.match_indices(name).any(|(at, _)| {
            let before = self.script[..at].chars().next_back();
            let is_whole = !before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
            is_whole && self.script[at + name.len()..].starts_with('=')
        });
        if is_in_script {
            return Err(format!("the script sets `{name}`"));
        }
        match self.state.variables.get(name) {
            None => Ok(None),
            Some(Some(value)) => Ok(Some(value.clone()).filter(|value| !value.is_empty())),
            Some(None) => Err(format!("the value of `{name}` is not known")),
        }
    }

    /// The first of these variables that is set, joined with what comes after it.
    pub(super) fn first_set(&self, variables: &[(&str, &str)]) -> Result<Option<String>, String> {
        for (name, below) in variables {
            if let Some(value) = self.variable(name)? {
                if !value.starts_with('/') {
                    return Err(format!("`{name}` is no absolute path"));
                }
                return Ok(Some(format!("{}{below}", value.trim_end_matches('/'))));
            }
        }
        Ok(None)
    }

    /// A folder below the user's home, unless one of these variables is set.
    pub(super) fn below_home(
        &self,
        variables: &[(&str, &str)],
        below: &str,
    ) -> Result<String, String> {
        match self.first_set(variables)? {
            Some(path) => Ok(path),
            None => Ok(format!("{}{below}", self.home()?)),
        }
    }

    /// The user's home folder.
    pub(crate) fn home(&self) -> Result<String, String> {
        if let Some(home) = self.variable("HOME")? {
            return Ok(home.trim_end_matches('/').to_owned());
        }
        if self.state.is_root() {
            return Ok("/root".to_owned());
        }
        if self.is_node_user() {
            return Ok("/home/node".to_owned());
        }
        let user = self.state.user.as_deref().unwrap_or_default();
        Err(format!("the home folder of the user `{user}` is not known"))
    }

    /// The number of the user, `None` for root, who owns a cache mount by default.
    ///
    /// # Errors
    ///
    /// The user is known by name only.
    pub(crate) fn owner(&self) -> Result<Option<u32>, String> {
        let user = self.state.user.as_deref().unwrap_or_default();
        if self.state.is_root() {
            return Ok(None);
        }
        if self.is_node_user() {
            return Ok(Some(1000));
        }
        let id = user.parse();
        id.map(Some).map_err(|_| {
            format!("the number of the user `{user}`, who must own the mount, is not known")
        })
    }

    /// Whether this is the user of the official Node.js image.
    /// Source: <https://github.com/nodejs/docker-node/blob/main/docs/BestPractices.md#non-root-user>
    fn is_node_user(&self) -> bool {
        self.image.as_deref() == Some("node") && self.state.user.as_deref() == Some("node")
    }

    /// A path of the script as an absolute one, with `~` and variables put in.
    pub(super) fn absolute(&self, path: &str) -> Option<String> {
        let home = || self.home().ok();
        let path = match path.strip_prefix('~') {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("{}{rest}", home()?),
            _ => path.to_owned(),
        };
        let path = path.replace("${HOME}", "$HOME");
        let path = match path.strip_prefix("$HOME") {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("{}{rest}", home()?),
            _ => path,
        };
        self.state.absolute(&path, self.escape)
    }
}

/// The name of the image that a stage goes back to, without registry, folder and tag. Variables have
/// the defaults that the Dockerfile gives them.
pub(crate) fn image_name(dockerfile: &Dockerfile, stage: usize) -> Option<String> {
    let mut stage = stage;
    while let Some(base) = dockerfile.stage_index(&dockerfile.stages[stage].base, stage) {
        stage = base;
    }
    let mut globals: Vec<(&str, Option<String>)> = Vec::new();
    for arg in &dockerfile.global_args {
        let lookup = |name: &str| lookup(&globals, name);
        let default = arg.default.as_deref();
        let value = default.and_then(|default| expand(default, dockerfile.escape, lookup).ok());
        globals.push((&arg.name, value));
    }
    let base = &dockerfile.stages[stage].base;
    let base = expand(base, dockerfile.escape, |name: &str| lookup(&globals, name)).ok()?;
    let base = base.split('@').next().unwrap_or_default();
    let name = base.rsplit('/').next().unwrap_or_default();
    let name = name.split(':').next().unwrap_or_default();
    (!name.is_empty()).then(|| name.to_owned())
}

fn lookup(globals: &[(&str, Option<String>)], name: &str) -> Option<String> {
    let mut globals = globals.iter().rev();
    globals.find(|(known, _)| *known == name)?.1.clone()
}

/// Whether a path is a folder or lies in it.
pub(crate) fn is_within(path: &str, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The part of a word before its first pattern, brace or substitution.
pub(crate) fn unexpanded_prefix(word: &str) -> &str {
    let end = word.find(['*', '?', '[', '{', '$', '`']);
    &word[..end.unwrap_or(word.len())]
}
