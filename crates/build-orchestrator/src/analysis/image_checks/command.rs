//! Whether what an image runs can be run: as the kernel would find it, without running it.

use super::{check, fault};
use crate::model::check::{Check, Fault, Outcome, Severity};
use crate::model::contract::{StartTerm, Terms};
use crate::model::image::{BuiltImage, FileKind, ImageFiles, Program};

const COMMAND: &[&str] = &["ENTRYPOINT", "CMD"];

/// The rules in the order in which the kernel would stumble over them.
const RULES: [&str; 5] = [
    "command-missing",
    "command-not-found",
    "command-not-executable",
    "command-wrong-platform",
    "interpreter-missing",
];

/// The `PATH` of an image that sets none.
/// Source: `DefaultPathEnvUnix` in oci/defaults of github.com/moby/moby.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// How many scripts may run each other.
///
/// Source: <https://man7.org/linux/man-pages/man2/execve.2.html>, `ELOOP`.
const SCRIPTS_MAX: usize = 4;

/// The ELF machines of Go's architectures. An amd64 kernel runs programs for 386 too.
/// Source: <https://go.dev/doc/install/source#environment>, elf.h of the System V ABI.
const MACHINES: [(&str, &[u16]); 9] = [
    ("386", &[3]),
    ("amd64", &[62, 3]),
    ("arm", &[40]),
    ("arm64", &[183]),
    ("loong64", &[258]),
    ("mips64le", &[8]),
    ("ppc64le", &[21]),
    ("riscv64", &[243]),
    ("s390x", &[22]),
];

/// A rule that the command breaks, by its place in `RULES`.
type Broken = (usize, Fault);

pub(super) fn checks(image: &BuiltImage, files: &ImageFiles, terms: &Terms) -> [Check; 5] {
    let is_checked = image.os == "linux" && terms.start != Some(StartTerm::Never);
    let broken = if is_checked {
        command(image, files)
    } else {
        Ok(())
    };
    let outcome = |index: usize| match &broken {
        _ if !is_checked => Outcome::Skipped,
        Err((at, _)) if index > *at => Outcome::Skipped,
        Err((at, fault)) if index == *at => Outcome::Failed(vec![fault.clone()]),
        _ => Outcome::Passed,
    };
    std::array::from_fn(|index| check(RULES[index], outcome(index)))
}

fn command(image: &BuiltImage, files: &ImageFiles) -> Result<(), Broken> {
    let Some(name) = image.command.first() else {
        let message = "it has neither an entrypoint nor a command";
        let advice = "add one, or say `start: false` in the contract of what is no program";
        return Err((
            0,
            fault(Severity::Warning, message).advise(advice).at(COMMAND),
        ));
    };
    let (path, file) = candidates(image, name)
        .iter()
        .find_map(|path| {
            let (_, file) = files.resolve(path)?;
            (file.kind != FileKind::Directory).then_some((path.clone(), file))
        })
        .ok_or_else(|| error(1, not_found(image, name)))?;
    if file.mode & 0o111 == 0 {
        return Err(error(
            2,
            format!("`{path}`, which it runs, cannot be executed"),
        ));
    }
    runnable(image, files, path)
}

/// Whether the kernel can run a file, with what its header or `#!` asks for.
fn runnable(image: &BuiltImage, files: &ImageFiles, path: String) -> Result<(), Broken> {
    let mut path = path;
    for _ in 0..=SCRIPTS_MAX {
        let program = match files.resolve(&path).map(|(_, file)| &file.kind) {
            Some(FileKind::File(program)) => program,
            _ => &Program::Unknown,
        };
        match program {
            Program::Elf {
                machine,
                interpreter,
            } => {
                return native(image, files, &path, *machine, interpreter.as_deref());
            }
            Program::Script(interpreter) => {
                if files.resolve(interpreter).is_none() {
                    let message = format!("`{path}` is run by `{interpreter}`, which is not there");
                    return Err(error(4, message));
                }
                path.clone_from(interpreter);
            }
            Program::Unknown => {
                let message = format!("`{path}` is neither a program nor a script with `#!`");
                return Err(error(2, message));
            }
        }
    }
    Err(error(4, format!("`{path}` is run by itself")))
}

fn native(
    image: &BuiltImage,
    files: &ImageFiles,
    path: &str,
    machine: u16,
    interpreter: Option<&str>,
) -> Result<(), Broken> {
    let architecture = &image.architecture;
    let expected = MACHINES.iter().find(|(name, _)| name == architecture);
    if expected.is_some_and(|(_, machines)| !machines.contains(&machine)) {
        let machine = machine_name(machine);
        let message = format!("`{path}` is for {machine}, but the image for `{architecture}`");
        return Err(error(3, message));
    }
    match interpreter {
        Some(interpreter) if files.resolve(interpreter).is_none() => {
            let message = format!("`{path}` is loaded by `{interpreter}`, which is not there");
            let (rule, fault) = error(4, message);
            let advice = "link it statically, or start from an image with its C library";
            Err((rule, fault.advise(advice)))
        }
        _ => Ok(()),
    }
}

fn machine_name(machine: u16) -> String {
    let known = MACHINES.iter().find(|(_, machines)| machines[0] == machine);
    known.map_or_else(
        || format!("ELF machine {machine}"),
        |(name, _)| format!("`{name}`"),
    )
}

/// The paths at which a program may be.
fn candidates(image: &BuiltImage, name: &str) -> Vec<String> {
    let below = |dir: &str| format!("/{}/{name}", dir.trim_matches('/')).replace("//", "/");
    if name.starts_with('/') {
        return vec![name.to_owned()];
    }
    if name.contains('/') {
        return vec![below(&image.working_dir)];
    }
    let path = image.variable("PATH").unwrap_or(DEFAULT_PATH);
    path.split(':').map(below).collect()
}

fn not_found(image: &BuiltImage, name: &str) -> String {
    if name.contains('/') {
        return format!("`{name}`, which it runs, is not there");
    }
    let path = image.variable("PATH").unwrap_or(DEFAULT_PATH);
    format!("`{name}`, which it runs, is not in its `PATH` of `{path}`")
}

fn error(rule: usize, message: String) -> Broken {
    (rule, fault(Severity::Error, message).at(COMMAND))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elf(machine: u16, interpreter: Option<&str>) -> FileKind {
        FileKind::File(Program::Elf {
            machine,
            interpreter: interpreter.map(str::to_owned),
        })
    }

    fn script(interpreter: &str) -> FileKind {
        FileKind::File(Program::Script(interpreter.to_owned()))
    }

    fn image(command: &[&str]) -> BuiltImage {
        BuiltImage {
            os: "linux".to_owned(),
            architecture: "amd64".to_owned(),
            command: command.iter().map(|&word| word.to_owned()).collect(),
            working_dir: "/srv/".to_owned(),
            ..BuiltImage::default()
        }
    }

    /// The rule that the command breaks, and what is said of it.
    fn broken(image: &BuiltImage, files: &[(&str, FileKind)]) -> Option<(&'static str, String)> {
        let checks = checks(image, &ImageFiles::sample(files), &Terms::default());
        checks.into_iter().find_map(|check| match check.outcome {
            Outcome::Failed(mut faults) => Some((check.rule, faults.remove(0).message)),
            _ => None,
        })
    }

    fn rule(command: &[&str], files: &[(&str, FileKind)]) -> Option<&'static str> {
        broken(&image(command), files).map(|(rule, _)| rule)
    }

    #[test]
    fn a_command_is_found_by_path_by_folder_and_by_name() {
        let files = [("srv/run", elf(62, None)), ("usr/bin/app", elf(62, None))];
        for command in ["/srv/run", "./run", "app"] {
            assert_eq!(rule(&[command], &files), None, "{command}");
        }
        for command in ["/run", "bin/run", "run"] {
            assert_eq!(
                rule(&[command], &files),
                Some("command-not-found"),
                "{command}"
            );
        }
        let mut own_path = image(&["run"]);
        own_path.env = vec!["PATH=/srv".to_owned()];
        assert_eq!(broken(&own_path, &files), None);
    }

    #[test]
    fn an_image_that_runs_nothing_is_told_apart() {
        assert_eq!(rule(&[], &[]), Some("command-missing"));
    }

    #[test]
    fn text_without_an_interpreter_is_no_program() {
        let text = FileKind::File(Program::Unknown);
        assert_eq!(
            rule(&["/run"], &[("run", text)]),
            Some("command-not-executable")
        );
        let mut files = ImageFiles::sample(&[("run", elf(62, None))]);
        files.entries.get_mut("run").unwrap().mode = 0o644;
        let (broken_rule, fault) = command(&image(&["/run"]), &files).unwrap_err();
        assert_eq!(RULES[broken_rule], "command-not-executable");
        assert_eq!(fault.message, "`/run`, which it runs, cannot be executed");
    }

    #[test]
    fn a_program_for_another_processor_is_told_apart() {
        let arm = ("app", elf(183, None));
        let (rule, message) = broken(&image(&["/app"]), &[arm]).unwrap();
        assert_eq!(rule, "command-wrong-platform");
        assert_eq!(message, "`/app` is for `arm64`, but the image for `amd64`");
        assert_eq!(broken(&image(&["/app"]), &[("app", elf(3, None))]), None);
        let mut unknown = image(&["/app"]);
        unknown.architecture = "wasm".to_owned();
        assert_eq!(broken(&unknown, &[("app", elf(183, None))]), None);
    }

    #[test]
    fn what_runs_or_loads_a_program_has_to_be_there() {
        let loader = "/lib64/ld-linux-x86-64.so.2";
        let app = ("app", elf(62, Some(loader)));
        assert_eq!(
            rule(&["/app"], std::slice::from_ref(&app)),
            Some("interpreter-missing")
        );
        let with = [app, ("lib64/ld-linux-x86-64.so.2", elf(62, None))];
        assert_eq!(rule(&["/app"], &with), None);
        let run = ("run", script("/bin/sh"));
        assert_eq!(
            rule(&["/run"], std::slice::from_ref(&run)),
            Some("interpreter-missing")
        );
        let arm = [run, ("bin/sh", elf(183, None))];
        assert_eq!(rule(&["/run"], &arm), Some("command-wrong-platform"));
        let circle = [("a", script("/b")), ("b", script("/a"))];
        assert_eq!(rule(&["/a"], &circle), Some("interpreter-missing"));
    }

    #[test]
    fn an_image_that_is_not_started_need_not_run() {
        let terms = Terms {
            start: Some(StartTerm::Never),
            ..Terms::default()
        };
        let checks = checks(&image(&[]), &ImageFiles::default(), &terms);
        assert!(checks.iter().all(|check| check.outcome == Outcome::Skipped));
    }
}
