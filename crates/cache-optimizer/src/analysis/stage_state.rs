//! What stands before each instruction: working directory, user, shell and environment, as far as the
//! Dockerfile says it. What a base image sets is not known here, and stays unknown.

use common::dockerfile::{Detail, Dockerfile, Instruction, expand};
use std::collections::BTreeMap;

/// What the instructions before one left behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// The working directory. `None` when the base image has it, or a variable in it is not known.
    pub(crate) workdir: Option<String>,
    /// The user that `USER` names, without the group. `None` when the base image decides.
    pub(crate) user: Option<String>,
    /// The text of the last `SHELL`. `None` means the builder's own.
    pub(crate) shell: Option<String>,
    /// The variables that `ENV` and `ARG` set, those of `ENV` on top. A value of `None` is not known.
    pub(crate) variables: BTreeMap<String, Option<String>>,
}

impl State {
    /// Whether steps run as root, as far as is known: nobody said otherwise.
    pub(crate) fn is_root(&self) -> bool {
        matches!(self.user.as_deref(), None | Some("root" | "0"))
    }

    /// A word with variables put in. `None` when one of them is not known, or the word is malformed.
    pub(crate) fn expand(&self, word: &str, escape: char) -> Option<String> {
        let is_unknown = std::cell::Cell::new(false);
        let lookup = |name: &str| {
            let value = self.variables.get(name).cloned().flatten();
            is_unknown.set(is_unknown.get() || value.is_none());
            value
        };
        let expanded = expand(word, escape, lookup).ok()?;
        (!is_unknown.get()).then_some(expanded)
    }

    /// A path as an absolute one, without `.`, `..` and a last slash. `None` when that is not known.
    pub(crate) fn absolute(&self, path: &str, escape: char) -> Option<String> {
        let path = self.expand(path, escape)?;
        let whole = if path.starts_with('/') {
            path
        } else {
            format!("{}/{path}", self.workdir.as_deref()?)
        };
        let mut parts = Vec::new();
        for part in whole.split('/') {
            match part {
                "" | "." => {}
                ".." => drop(parts.pop()),
                part => parts.push(part),
            }
        }
        Some(format!("/{}", parts.join("/")))
    }

    fn apply(&mut self, instruction: &Instruction, escape: char) {
        let arguments = instruction.text.split_once(char::is_whitespace);
        let arguments = arguments.map_or("", |(_, rest)| rest.trim());
        match (&instruction.detail, instruction.keyword.as_str()) {
            (Detail::Arg(args), _) => {
                for arg in args {
                    let value = arg.default.as_deref();
                    let value = value.and_then(|value| self.expand(value, escape));
                    self.variables.insert(arg.name.clone(), value);
                }
            }
            (Detail::Env(pairs), _) => {
                // All of one `ENV` see what was before it.
                let expand =
                    |(name, value): &(String, String)| (name.clone(), self.expand(value, escape));
                let expanded: Vec<_> = pairs.iter().map(expand).collect();
                self.variables.extend(expanded);
            }
            (_, "WORKDIR") => self.workdir = self.absolute(arguments, escape),
            (_, "USER") => {
                let user = self.expand(arguments, escape);
                let user = user.unwrap_or_else(|| arguments.to_owned());
                self.user = user.split(':').next().map(str::to_owned);
            }
            (_, "SHELL") => self.shell = Some(arguments.to_owned()),
            _ => {}
        }
    }
}

/// The state before each instruction: by stage, then by instruction.
pub(crate) fn states(dockerfile: &Dockerfile) -> Vec<Vec<State>> {
    let mut ends: Vec<State> = Vec::with_capacity(dockerfile.stages.len());
    let mut states = Vec::with_capacity(dockerfile.stages.len());
    for (index, stage) in dockerfile.stages.iter().enumerate() {
        let base = dockerfile.stage_index(&stage.base, index);
        let mut state = base.map_or_else(State::default, |base| ends[base].clone());
        if stage.base == "scratch" {
            state.workdir = Some("/".to_owned());
        }
        let mut before = Vec::with_capacity(stage.instructions.len());
        for instruction in &stage.instructions {
            before.push(state.clone());
            state.apply(instruction, dockerfile.escape);
        }
        states.push(before);
        ends.push(state);
    }
    states
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last(text: &str) -> State {
        let dockerfile = common::dockerfile::parse(text).unwrap();
        states(&dockerfile).pop().unwrap().pop().unwrap()
    }

    #[test]
    fn a_stage_goes_on_where_its_base_ended() {
        let text = "FROM a AS base\nARG V=1\nENV D=/app/$V\nWORKDIR $D\nUSER app:app\nFROM base\nWORKDIR src/..\nRUN x\n";
        let state = last(text);
        assert_eq!(state.workdir.as_deref(), Some("/app/1"));
        assert_eq!(state.user.as_deref(), Some("app"));
        assert!(!state.is_root());
        assert_eq!(state.absolute("a/../b/", '\\').as_deref(), Some("/app/1/b"));
    }

    #[test]
    fn what_the_base_image_or_the_caller_decides_is_unknown() {
        let state = last("FROM a\nARG V\nRUN x\n");
        assert_eq!(
            (state.workdir.as_deref(), state.user.as_deref()),
            (None, None)
        );
        assert_eq!(state.expand("x$V", '\\'), None);
        assert_eq!(state.absolute("src", '\\'), None);
        assert_eq!(state.absolute("/src", '\\').as_deref(), Some("/src"));
        assert_eq!(last("FROM a\nWORKDIR x\nRUN x\n").workdir, None);
        assert_eq!(
            last("FROM scratch\nWORKDIR x\nRUN x\n").workdir.as_deref(),
            Some("/x")
        );
    }
}
