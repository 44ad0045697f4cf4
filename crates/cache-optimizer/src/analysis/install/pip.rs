//! pip: an install by requirements files needs those alone, one of a local path needs the sources.
//!
//! Source: <https://pip.pypa.io/en/stable/cli/pip_install/>

use super::Install;

/// The arguments of pip when a command is pip under one of its names: `pip3`, `python -m pip`,
/// `uv pip`.
pub(super) fn arguments<'a, 'b>(program: &str, arguments: &'b [&'a str]) -> Option<&'b [&'a str]> {
    match arguments {
        _ if is_versioned(program, "pip") => Some(arguments),
        ["-m", "pip", rest @ ..] if is_versioned(program, "python") => Some(rest),
        ["pip", rest @ ..] if program == "uv" => Some(rest),
        _ => None,
    }
}

fn is_versioned(program: &str, name: &str) -> bool {
    let version = program.strip_prefix(name);
    version.is_some_and(|version| version.chars().all(|c| c.is_ascii_digit() || c == '.'))
}

/// The install by requirements files that pip's arguments ask for. `None` when they ask for something
/// else, for packages by name only, or for something that is built from the sources.
pub(super) fn install(arguments: &[&str]) -> Option<Install> {
    let mut arguments = arguments.iter().copied().skip_while(|a| a.starts_with('-'));
    if arguments.next() != Some("install") {
        return None;
    }
    let mut manifests = Vec::new();
    while let Some(argument) = arguments.next() {
        match option(argument, &mut arguments) {
            Some(("-r" | "--requirement" | "--requirements" | "-c" | "--constraint", file)) => {
                manifests.push(file?.to_owned());
            }
            Some(("-e" | "--editable", _)) => return None,
            None if is_local(argument) => return None,
            _ => {}
        }
    }
    (!manifests.is_empty()).then_some(Install {
        tool: "pip",
        manifests,
        only_with: None,
    })
}

/// The name of an option and its value, which may be joined to it. `None` when it is no option.
fn option<'a>(
    argument: &'a str,
    rest: &mut impl Iterator<Item = &'a str>,
) -> Option<(&'a str, Option<&'a str>)> {
    if !argument.starts_with('-') {
        return None;
    }
    if let Some((name, value)) = argument.split_once('=') {
        return Some((name, Some(value)));
    }
    if !argument.starts_with("--") && argument.len() > 2 && argument.is_char_boundary(2) {
        let (name, value) = argument.split_at(2);
        return Some((name, Some(value)));
    }
    let value = if VALUE_OPTIONS.contains(&argument) {
        rest.next()
    } else {
        None
    };
    Some((argument, value))
}

/// Options whose value is the next argument; `--requirements` is how uv also calls it.
const VALUE_OPTIONS: [&str; 25] = [
    "--cache-dir",
    "--cert",
    "--constraint",
    "--editable",
    "--extra-index-url",
    "--find-links",
    "--index-url",
    "--no-binary",
    "--only-binary",
    "--prefix",
    "--progress-bar",
    "--proxy",
    "--python",
    "--requirement",
    "--requirements",
    "--retries",
    "--root",
    "--target",
    "--timeout",
    "--trusted-host",
    "-c",
    "-e",
    "-i",
    "-r",
    "-t",
];

fn is_local(package: &str) -> bool {
    let is_address = package.contains("://") || package.contains('@');
    let is_archive = [".whl", ".zip", ".tar.gz"]
        .iter()
        .any(|end| package.ends_with(end));
    let is_path = package.starts_with(['.', '/', '$']) || package.contains('/');
    !is_address && (is_archive || is_path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifests(line: &str) -> Option<Vec<String>> {
        let words: Vec<&str> = line.split(' ').collect();
        install(arguments(words[0], &words[1..])?).map(|install| install.manifests)
    }

    #[test]
    fn requirements_files_are_what_an_install_needs() {
        for (line, files) in [
            ("pip install -r requirements.txt", "requirements.txt"),
            ("pip3 --no-cache-dir install -U -r a.txt", "a.txt"),
            ("pip3.11 install --requirement=req/base.txt", "req/base.txt"),
            ("python3 -m pip install -ra.txt gunicorn", "a.txt"),
            (
                "uv pip install --target ./lib -r a.txt -c b.txt",
                "a.txt b.txt",
            ),
            ("uv pip install --requirements ./a.txt", "./a.txt"),
        ] {
            let files = files.split(' ').map(str::to_owned).collect();
            assert_eq!(manifests(line), Some(files), "{line}");
        }
    }

    #[test]
    fn an_install_of_the_sources_needs_them() {
        for line in [
            "pip install .",
            "pip install -r requirements.txt .",
            "pip install -e .",
            "pip install -r a.txt --editable=.",
            "pip install -r a.txt dist/app.whl",
            "pip install -r",
        ] {
            assert_eq!(manifests(line), None, "{line}");
        }
    }

    #[test]
    fn other_uses_are_no_install_from_manifests() {
        for line in [
            "pip install flask",
            "pip download -r a.txt",
            "pipx install -r a.txt",
            "python setup.py install -r a.txt",
        ] {
            assert_eq!(manifests(line), None, "{line}");
        }
    }
}
