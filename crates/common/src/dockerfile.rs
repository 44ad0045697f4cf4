//! Dockerfiles: stages, instructions and where each stands.
//!
//! Shared, because a step's stage and line join the reports of several tools: two parsers would
//! disagree about them. What an instruction means for a build or a cache is not decided here.

mod detail;
mod expand;
mod parse;
mod statement;
mod words;

pub use expand::{ExpandError, expand};
pub use parse::parse;

/// Whether the instruction of a keyword, in capitals, makes a step of its stage, and with it a line
/// of the image's history that may have a layer. All others only change the configuration.
///
/// Source: `dispatch` in frontend/dockerfile/dockerfile2llb/convert.go of github.com/moby/buildkit.
pub fn makes_step(keyword: &str) -> bool {
    matches!(keyword, "ADD" | "COPY" | "RUN" | "WORKDIR")
}

/// A parsed Dockerfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dockerfile {
    /// The frontend image that a `# syntax=` directive asks for.
    pub syntax: Option<String>,
    /// The character that continues a line: `\`, or the `escape` directive's.
    pub escape: char,
    /// The `ARG`s before the first `FROM`, visible in every `FROM`.
    pub global_args: Vec<ArgDeclaration>,
    /// The stages in order. A Dockerfile that parses has at least one.
    pub stages: Vec<Stage>,
}

impl Default for Dockerfile {
    /// A file without stages, which no parse gives.
    fn default() -> Self {
        Self {
            syntax: None,
            escape: '\\',
            global_args: Vec::new(),
            stages: Vec::new(),
        }
    }
}

impl Dockerfile {
    /// The stage that a name or number means for an instruction of the stage at `before`, or, with
    /// `before` past the last stage, for the build's target.
    ///
    /// Names are compared without regard to case, and the last definition before the reference
    /// wins, as BuildKit does it. Source: research/build.md section 5, buildkit#2003 and #3352.
    pub fn stage_index(&self, reference: &str, before: usize) -> Option<usize> {
        let stages = &self.stages[..before.min(self.stages.len())];
        let named = |stage: &Stage| {
            stage
                .name
                .as_deref()
                .is_some_and(|name| name.eq_ignore_ascii_case(reference))
        };
        stages.iter().rposition(named).or_else(|| {
            let index = reference.parse::<usize>().ok()?;
            (index < stages.len()).then_some(index)
        })
    }
}

/// Parses a Dockerfile that is written inside another file, whose lines it counts: `first_line` is
/// that of the text's first.
///
/// # Errors
///
/// As [`parse`], with the line in the other file.
pub fn parse_inline(text: &str, first_line: u32) -> Result<Dockerfile, DockerfileError> {
    let down = first_line.saturating_sub(1);
    let mut dockerfile = parse(text).map_err(|error| DockerfileError {
        line: error.line + down,
        ..error
    })?;
    for arg in &mut dockerfile.global_args {
        arg.line += down;
    }
    for stage in &mut dockerfile.stages {
        stage.line += down;
        for instruction in &mut stage.instructions {
            move_down(instruction, down);
        }
    }
    Ok(dockerfile)
}

fn move_down(instruction: &mut Instruction, lines: u32) {
    instruction.line += lines;
    instruction.end_line += lines;
    match &mut instruction.detail {
        Detail::Arg(declarations) => {
            for declaration in declarations {
                declaration.line += lines;
            }
        }
        Detail::Onbuild(inner) => move_down(inner, lines),
        _ => {}
    }
}

/// One stage, from its `FROM` to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// The name that `AS` gives it, as written.
    pub name: Option<String>,
    /// What it starts from, as written, with variables not yet put in.
    pub base: String,
    /// The value of `--platform`, as written.
    pub platform: Option<String>,
    /// The line of `FROM`, from 1.
    pub line: u32,
    /// The instructions after `FROM`.
    pub instructions: Vec<Instruction>,
}

/// One instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// The keyword in capitals, such as `COPY`.
    pub keyword: String,
    /// The instruction as written, without comments, its lines joined by single blanks; the bodies
    /// of here-documents are left out.
    pub text: String,
    /// Its first line, from 1.
    pub line: u32,
    /// Its last line, that of the last here-document's delimiter if it has one.
    pub end_line: u32,
    /// What it says, for the instructions that decide what a step reads.
    pub detail: Detail,
}

/// What an instruction says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detail {
    /// `RUN`.
    Run(Run),
    /// `COPY`.
    Copy(Copy),
    /// `ADD`.
    Add(Copy),
    /// `ARG`.
    Arg(Vec<ArgDeclaration>),
    /// `ENV`, as pairs of name and value as written.
    Env(Vec<(String, String)>),
    /// `ONBUILD`, with the instruction that it holds.
    Onbuild(Box<Instruction>),
    /// Any other instruction, whose text says it all.
    Other,
}

/// A variable that `ARG` declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArgDeclaration {
    /// Its name.
    pub name: String,
    /// Its default, as written. `None` when it has none.
    pub default: Option<String>,
    /// The line of the declaration, from 1.
    pub line: u32,
}

/// What a `RUN` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The flags, such as `--network=none`, mounts included.
    pub flags: Vec<Flag>,
    /// The values of `--mount`, in order.
    pub mounts: Vec<Mount>,
    /// The command: in exec form its words joined by blanks, in shell form its text with comments
    /// left out, followed by the bodies of its here-documents.
    pub command: String,
    /// Whether the command is in exec form, a JSON array.
    pub is_exec_form: bool,
}

/// One `--mount` of a `RUN`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// The type: `bind` unless it says otherwise.
    pub kind: String,
    /// The stage or image that it takes from. `None` means the build context.
    pub from: Option<String>,
    /// The path within `from` or the context.
    pub source: Option<String>,
    /// Where it is mounted. `None` means the working directory.
    pub target: Option<String>,
    /// All options, in order, those above included.
    pub options: Vec<(String, Option<String>)>,
}

/// What a `COPY` or `ADD` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// The flags, such as `--chown=1000`.
    pub flags: Vec<Flag>,
    /// The stage, image or named context that `--from` names, as written. `None` means the build
    /// context.
    pub from: Option<String>,
    /// What is copied, as written; here-documents are left out.
    pub sources: Vec<String>,
    /// Where to, as written.
    pub destination: String,
}

/// A flag of an instruction: `--name=value` or `--name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// The name, without dashes.
    pub name: String,
    /// The value, its quotes and escapes taken off.
    pub value: Option<String>,
}

/// Why a Dockerfile cannot be parsed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct DockerfileError {
    /// The line of the fault, from 1.
    pub line: u32,
    /// The column of the fault, in characters from 1.
    pub column: u32,
    /// What is wrong, as a lower-case fragment.
    pub message: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inline_dockerfile_has_the_lines_of_the_file_around_it() {
        let text = "ARG A\nFROM scratch\nARG B\nONBUILD COPY a \\\n  /a\n";
        let dockerfile = parse_inline(text, 10).unwrap();
        assert_eq!(dockerfile.global_args[0].line, 10);
        let stage = &dockerfile.stages[0];
        assert_eq!(stage.line, 11);
        let Detail::Arg(args) = &stage.instructions[0].detail else {
            panic!("ARG comes first");
        };
        assert_eq!(args[0].line, 12);
        let onbuild = &stage.instructions[1];
        assert_eq!((onbuild.line, onbuild.end_line), (13, 14));
        let error = parse_inline("FROM scratch\nÉ\n", 10).unwrap_err();
        assert_eq!(error.line, 11);
    }
}
