//! The commands that a `RUN` runs: those of its line, and those of a here-document that is a script.

use common::dockerfile::Run;

use super::shell::{self, Command};

/// Programs that run what they are given on standard input.
const SHELLS: [&str; 5] = ["ash", "bash", "dash", "sh", "zsh"];

/// The commands of a `RUN`. A here-document is a script when it stands alone or a shell gets it; given
/// to another program, as in `cat <<EOF > file`, it is text.
pub(crate) fn run_commands(run: &Run) -> Vec<Command> {
    let here_documents = run.command.split_once('\n').filter(|_| !run.is_exec_form);
    let Some((line, bodies)) = here_documents else {
        return shell::commands(&run.command);
    };
    let mut commands = shell::commands(line);
    let is_shell = |command: &Command| SHELLS.contains(&command.program.as_str());
    if commands.is_empty() || commands.iter().any(is_shell) {
        commands.extend(shell::commands(bodies));
    }
    commands
}

#[cfg(test)]
mod tests {
    use common::dockerfile::Detail;

    use super::*;

    fn programs(run: &str) -> Vec<String> {
        let dockerfile = common::dockerfile::parse(&format!("FROM a\n{run}\n")).unwrap();
        let Detail::Run(run) = &dockerfile.stages[0].instructions[0].detail else {
            panic!("`{run}` is no `RUN`");
        };
        let commands = run_commands(run).into_iter();
        commands.map(|command| command.program).collect()
    }

    #[test]
    fn a_here_document_alone_or_for_a_shell_is_a_script() {
        assert_eq!(programs("RUN <<EOF\nset -e\nnpm ci\nEOF"), ["set", "npm"]);
        assert_eq!(programs("RUN <<EOF bash\nnpm ci\nEOF"), ["bash", "npm"]);
    }

    #[test]
    fn a_here_document_for_another_program_is_text() {
        assert_eq!(programs("RUN cat <<EOF > f\nnpm ci\nEOF"), ["cat"]);
        assert_eq!(programs("RUN python3 <<EOF\nnpm = ci\nEOF"), ["python3"]);
    }

    #[test]
    fn a_line_break_in_a_word_of_the_exec_form_starts_no_here_document() {
        assert_eq!(programs(r#"RUN ["npm", "ci\n"]"#), ["npm"]);
    }
}
