//! Where the commands of a `RUN` work: its working directory, after `cd` and flags that name another.

use common::dockerfile::Run;

use super::run_commands::run_commands;
use super::shell::Command;
use super::stage_state::State;

/// A command, and the folder that it works in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Work {
    /// The folder in the image, as an absolute path.
    pub(crate) folder: String,
    /// The command.
    pub(crate) command: Command,
}

/// The tools that build a project in the folder that they work in.
/// Chosen: those whose projects have a folder of their own.
const TOOLS: [(&str, &str); 24] = [
    ("bun", "node"),
    ("bundle", "ruby"),
    ("cargo", "cargo"),
    ("composer", "composer"),
    ("dotnet", "dotnet"),
    ("go", "go"),
    ("gradle", "gradle"),
    ("gradlew", "gradle"),
    ("mvn", "maven"),
    ("mvnw", "maven"),
    ("node", "node"),
    ("npm", "node"),
    ("npx", "node"),
    ("pip", "python"),
    ("pip3", "python"),
    ("pnpm", "node"),
    ("poetry", "python"),
    ("python", "python"),
    ("python3", "python"),
    ("tsc", "node"),
    ("uv", "python"),
    ("vite", "node"),
    ("yarn", "node"),
    ("yarnpkg", "node"),
];

/// The tools' family, such as `node` for `npm`, when a command is one that builds a project.
pub(crate) fn family(command: &Command) -> Option<&'static str> {
    let mut tools = TOOLS.iter();
    let is_global = command
        .arguments
        .iter()
        .any(|it| it == "-g" || it == "--global");
    let (_, family) = tools.find(|(program, _)| command.program == *program)?;
    (!is_global).then_some(*family)
}

/// The commands of a `RUN` but for those that only set the shell up. `None` when it is not known where
/// one works.
pub(crate) fn works(run: &Run, state: &State, escape: char) -> Option<Vec<Work>> {
    let commands = run_commands(run);
    let moves = |command: &Command| matches!(command.program.as_str(), "cd" | "pushd" | "popd");
    // What a subshell does to the working directory ends with it.
    if run.command.contains('(') && commands.iter().any(moves) {
        return None;
    }
    let mut here = State {
        workdir: Some(state.workdir.clone()?),
        ..state.clone()
    };
    let mut works = Vec::new();
    for command in commands {
        match command.program.as_str() {
            "cd" => {
                let to = command.arguments.iter().find(|it| !it.starts_with('-'))?;
                here.workdir = Some(here.absolute(to, escape)?);
            }
            "pushd" | "popd" => return None,
            "set" | "export" | "echo" | "true" | ":" => {}
            _ => {
                let folder = match folder_flag(&command) {
                    Some(folder) => here.absolute(folder, escape)?,
                    None => here.workdir.clone()?,
                };
                works.push(Work { folder, command });
            }
        }
    }
    Some(works)
}

/// The folder that a command is told to work in.
fn folder_flag(command: &Command) -> Option<&str> {
    const FLAGS: [&str; 6] = [
        "--cwd",
        "--dir",
        "--directory",
        "--prefix",
        "--project",
        "-C",
    ];
    family(command)?;
    let mut arguments = command.arguments.iter();
    while let Some(argument) = arguments.next() {
        if FLAGS.contains(&argument.as_str()) {
            return arguments.next().map(String::as_str);
        }
        if let Some((name, value)) = argument.split_once('=')
            && FLAGS.contains(&name)
        {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use common::dockerfile::Detail;

    use super::*;

    fn folders(run: &str) -> Option<Vec<String>> {
        let text = format!("FROM a\nRUN {run}\n");
        let dockerfile = common::dockerfile::parse(&text).unwrap();
        let Detail::Run(run) = &dockerfile.stages[0].instructions[0].detail else {
            panic!("a `RUN`");
        };
        let state = State {
            workdir: Some("/src".to_owned()),
            ..State::default()
        };
        let works = works(run, &state, '\\')?.into_iter();
        Some(works.map(|work| work.folder).collect())
    }

    #[test]
    fn cd_and_flags_move_a_command() {
        let of = |run| folders(run).unwrap();
        assert_eq!(of("set -e; npm ci"), ["/src"]);
        assert_eq!(
            of("cd web && npm ci && cd ../api && go build"),
            ["/src/web", "/src/api"]
        );
        assert_eq!(
            of("npm --prefix web ci && yarn --cwd=/app build"),
            ["/src/web", "/app"]
        );
    }

    #[test]
    fn subshells_and_variables_leave_it_unknown() {
        assert_eq!(folders("(cd web && npm ci) && go build"), None);
        assert_eq!(folders("cd $DIR && npm ci"), None);
        assert_eq!(folders("cd \"$(pwd)/a\" && npm ci"), None);
        assert_eq!(folders("x=$(date) npm ci").unwrap().len(), 2);
    }
}
