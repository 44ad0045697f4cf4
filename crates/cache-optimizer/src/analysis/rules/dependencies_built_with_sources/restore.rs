//! How to restore the packages of a build of .NET alone.

use crate::analysis::shell::Command;

/// Flags with a value that `dotnet restore` has too.
/// Source: <https://learn.microsoft.com/dotnet/core/tools/dotnet-restore>
const KEPT: [&str; 8] = [
    "--configfile",
    "--property",
    "--runtime",
    "--source",
    "-p",
    "-r",
    "-s",
    "/p",
];

/// Flags with a value that only builds have.
/// Source: <https://learn.microsoft.com/dotnet/core/tools/dotnet-publish>
const DROPPED: [&str; 13] = [
    "--arch",
    "--artifacts-path",
    "--configuration",
    "--framework",
    "--os",
    "--output",
    "--verbosity",
    "--version-suffix",
    "-a",
    "-c",
    "-f",
    "-o",
    "-v",
];

/// `dotnet restore` for what a build restores. It has fewer flags; what it leaves out, the build still
/// does.
pub(super) fn restore(command: &Command) -> Result<String, String> {
    let mut words = vec!["dotnet".to_owned(), "restore".to_owned()];
    let mut arguments = command.arguments.iter().skip(1);
    while let Some(argument) = arguments.next() {
        let name = argument.split(['=', ':']).next().unwrap_or_default();
        let is_joined = argument.contains(['=', ':']);
        if DROPPED.contains(&name) {
            if !is_joined {
                arguments.next();
            }
            continue;
        }
        let is_kept = KEPT.contains(&name);
        // `--self-contained true` has a value, if it is one.
        if argument.starts_with('-') && !is_kept || matches!(argument.as_str(), "true" | "false") {
            continue;
        }
        words.push(argument.clone());
        if is_kept && !is_joined {
            words.extend(arguments.next().cloned());
        }
    }
    match words
        .iter()
        .find(|word| word.contains(|c: char| c.is_whitespace() || "$'\"&|;()".contains(c)))
    {
        Some(word) => Err(format!("what `{word}` stands for is not known")),
        None => Ok(words.join(" ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::shell::commands;

    #[test]
    fn what_is_restored_is_what_is_built() {
        for (build, expected) in [
            ("dotnet publish -c Release -o out", "dotnet restore"),
            (
                "dotnet publish src/A.csproj -r linux-x64 --self-contained true /p:B=c -o=x",
                "dotnet restore src/A.csproj -r linux-x64 /p:B=c",
            ),
            (
                "dotnet build \"App.sln\" --nologo -p B=c",
                "dotnet restore App.sln -p B=c",
            ),
        ] {
            assert_eq!(
                restore(&commands(build)[0]).as_deref(),
                Ok(expected),
                "{build}"
            );
        }
        let unknown = restore(&commands("dotnet publish $PROJECT")[0]);
        assert_eq!(
            unknown,
            Err("what `$PROJECT` stands for is not known".to_owned())
        );
    }
}
