//! What an instruction reads and changes beside its own files, as far as its order among the others
//! depends on it: variables above all. What a `RUN` does is unknown unless all its commands are known.
//!
//! Source: research/cache.md sections 2.3 and 5.

mod programs;

use common::dockerfile::{Detail, Instruction};

use super::run_commands::run_commands;
use super::stage_state::State;

/// Whether an instruction uses a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Use {
    /// It neither names it nor runs a program that could read it.
    No,
    /// It runs code of packages, which could, though none is known that does.
    Unlikely,
    /// It names it, or may run a program that reads it.
    Yes,
}

/// Whether an instruction uses the variable `name`. `state` is what stands before the instruction.
pub(crate) fn usage(instruction: &Instruction, state: &State, name: &str) -> Use {
    if mentions(instruction, name) {
        return Use::Yes;
    }
    let run = match &instruction.detail {
        Detail::Run(run) => run,
        // The builder puts variables into the here-documents of a copy, which the text leaves out.
        Detail::Copy(_) | Detail::Add(_) if instruction.text.contains("<<") => return Use::Yes,
        _ => return Use::No,
    };
    let commands = run_commands(run);
    if commands.is_empty() || !is_posix_shell(state) {
        return Use::Yes;
    }
    let uses = commands
        .iter()
        .map(|command| programs::usage(command, name));
    uses.max().unwrap_or(Use::Yes)
}

/// Whether the text of an instruction names a variable, whichever way: a script may read it by
/// `printenv NAME` or `os.environ["NAME"]`.
pub(crate) fn mentions(instruction: &Instruction, name: &str) -> bool {
    let command = match &instruction.detail {
        Detail::Run(run) => run.command.as_str(),
        Detail::Onbuild(inner) => return mentions(inner, name),
        _ => "",
    };
    has_word(&instruction.text, name) || has_word(command, name)
}

/// The variables that an instruction sets.
pub(crate) fn written(instruction: &Instruction) -> Vec<&str> {
    match &instruction.detail {
        // What is meant as a comment is none for the builder, but no name either.
        Detail::Arg(args) => {
            let names = args.iter().map(|arg| arg.name.as_str());
            names.take_while(|name| *name != "#").collect()
        }
        Detail::Env(pairs) => pairs.iter().map(|(name, _)| name.as_str()).collect(),
        _ => Vec::new(),
    }
}

/// Whether an instruction only says how containers start and what the image is called.
pub(crate) fn is_metadata(instruction: &Instruction) -> bool {
    matches!(
        instruction.keyword.as_str(),
        "CMD" | "ENTRYPOINT" | "EXPOSE" | "HEALTHCHECK" | "LABEL" | "MAINTAINER" | "STOPSIGNAL"
    )
}

/// The keys that a `LABEL` sets; of a value with blanks perhaps more than those.
pub(crate) fn label_keys(instruction: &Instruction) -> Vec<&str> {
    if instruction.keyword != "LABEL" {
        return Vec::new();
    }
    let words = instruction.text.split_whitespace().skip(1);
    let keys = words.map(|word| word.split('=').next().unwrap_or(word));
    keys.map(|key| key.trim_matches('"')).collect()
}

/// Whether `RUN` gives its text to a shell of the POSIX kind.
pub(crate) fn is_posix_shell(state: &State) -> bool {
    let Some(shell) = &state.shell else {
        return true;
    };
    let program = shell.trim_start_matches('[').trim().trim_matches('"');
    let program = program.split('"').next().unwrap_or(program);
    ["sh", "ash", "bash", "dash", "zsh"]
        .iter()
        .any(|name| program == *name || program.ends_with(&format!("/{name}")))
}

fn has_word(text: &str, word: &str) -> bool {
    let is_in_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(is_in_name) && !after.is_some_and(is_in_name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::stage_state::states;

    fn usage_of(instruction: &str, name: &str) -> Use {
        let text = format!("FROM a\n{instruction}\n");
        let dockerfile = common::dockerfile::parse(&text).unwrap();
        let states = states(&dockerfile);
        let last = dockerfile.stages[0].instructions.len() - 1;
        usage(
            &dockerfile.stages[0].instructions[last],
            &states[0][last],
            name,
        )
    }

    #[test]
    fn a_name_in_the_text_is_a_use_whichever_way_it_is_read() {
        for instruction in [
            "RUN echo $VCS_REF",
            "RUN echo ${VCS_REF:-none}",
            "RUN [\"printenv\", \"VCS_REF\"]",
            "RUN python -c 'import os; os.environ[\"VCS_REF\"]'",
            "RUN cat <<EOF > /ref\n$VCS_REF\nEOF",
            "COPY $VCS_REF /a",
            "COPY <<EOF /a\n$VCS_REF\nEOF",
            "WORKDIR /a/$VCS_REF",
            "ONBUILD RUN echo $VCS_REF",
        ] {
            assert_eq!(usage_of(instruction, "VCS_REF"), Use::Yes, "{instruction}");
        }
        assert_eq!(usage_of("RUN echo $VCS_REFERENCE", "VCS_REF"), Use::No);
    }

    #[test]
    fn a_program_that_is_not_known_may_read_anything() {
        for run in [
            "make",
            "./build.sh",
            "npm run build",
            "npm ci && npm run build",
            "cargo build --release",
            "sh -c 'apt-get update'",
            "apt-get update && $(cat script)",
            "<<EOF\nmake\nEOF",
            "find . -exec ./run {} +",
            "pip install .",
            "pip install -e .",
            "gem install ./a.gem",
            "env",
            "set",
            "dotnet restore",
        ] {
            assert_eq!(
                usage_of(&format!("RUN {run}"), "VERSION"),
                Use::Yes,
                "{run}"
            );
        }
    }

    #[test]
    fn a_program_that_runs_no_code_of_the_project_reads_no_name_of_the_project() {
        for run in [
            "apt-get update && apt-get install -y git",
            "apk add --no-cache git",
            "set -ex; mkdir -p /a && curl -fsSL https://example.com | tar xz -C /a",
            "git clone https://example.com/a.git",
            "<<EOF\nset -e\napt-get update\napt-get install -y git\nEOF",
        ] {
            assert_eq!(usage_of(&format!("RUN {run}"), "VERSION"), Use::No, "{run}");
        }
    }

    #[test]
    fn an_install_of_packages_runs_their_code() {
        for run in [
            "npm ci",
            "pip install -r requirements.txt",
            "bundle install",
        ] {
            assert_eq!(
                usage_of(&format!("RUN {run}"), "VERSION"),
                Use::Unlikely,
                "{run}"
            );
        }
        assert_eq!(usage_of("RUN go mod download", "VERSION"), Use::No);
        assert_eq!(usage_of("RUN npm ci --ignore-scripts", "VERSION"), Use::No);
    }

    #[test]
    fn names_that_tools_read_are_used_by_them() {
        assert_eq!(usage_of("RUN npm ci", "NODE_ENV"), Use::Yes);
        assert_eq!(
            usage_of("RUN pip install -r a.txt", "PIP_INDEX_URL"),
            Use::Yes
        );
        assert_eq!(usage_of("RUN cargo fetch", "VERGEN_GIT_SHA"), Use::Yes);
        assert_eq!(usage_of("RUN git clone a", "GIT_SSH_COMMAND"), Use::Yes);
        assert_eq!(usage_of("RUN git clone a", "GIT_SHA"), Use::No);
        assert_eq!(usage_of("RUN apt-get update", "DEBIAN_FRONTEND"), Use::Yes);
        assert_eq!(usage_of("RUN apt-get update", "HTTP_PROXY"), Use::Yes);
        assert_eq!(usage_of("RUN apk add git", "PATH"), Use::Yes);
    }

    #[test]
    fn a_shell_of_another_kind_may_read_anything() {
        let powershell = "SHELL [\"powershell\", \"-Command\"]\nRUN echo hi";
        assert_eq!(usage_of(powershell, "VERSION"), Use::Yes);
        let bash = "SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nRUN echo hi";
        assert_eq!(usage_of(bash, "VERSION"), Use::No);
    }

    #[test]
    fn keys_of_labels_are_known_in_both_forms() {
        let dockerfile =
            common::dockerfile::parse("FROM a\nLABEL a.b=\"c\" d=e\nLABEL f g\n").unwrap();
        let at = |index: usize| label_keys(&dockerfile.stages[0].instructions[index]);
        assert_eq!(at(0), ["a.b", "d"]);
        assert_eq!(at(1)[0], "f");
    }
}
