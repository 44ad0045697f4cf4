//! What each instruction says.

use super::statement::{Statement, here_document};
use super::words::{json_words, split_flags, split_words};
use super::{ArgDeclaration, Copy, Detail, DockerfileError, Flag, Mount, Run};

/// What a statement says.
pub(super) fn detail(statement: &Statement, escape: char) -> Result<Detail, DockerfileError> {
    Ok(match statement.keyword.as_str() {
        "RUN" => Detail::Run(run(statement, escape)),
        "COPY" => Detail::Copy(copy(statement, escape)?),
        "ADD" => Detail::Add(copy(statement, escape)?),
        "ARG" => Detail::Arg(args(statement, escape)?),
        "ENV" => Detail::Env(env(statement, escape)?),
        "ONBUILD" => onbuild(&statement.inner(), escape)?,
        "CMD" | "ENTRYPOINT" | "EXPOSE" | "HEALTHCHECK" | "LABEL" | "MAINTAINER" | "SHELL"
        | "STOPSIGNAL" | "USER" | "VOLUME" | "WORKDIR" => Detail::Other,
        unknown => return Err(statement.error(format!("unknown instruction `{unknown}`"))),
    })
}

fn onbuild(inner: &Statement, escape: char) -> Result<Detail, DockerfileError> {
    // Source: https://docs.docker.com/reference/dockerfile/#onbuild-limitations
    if matches!(inner.keyword.as_str(), "FROM" | "MAINTAINER" | "ONBUILD") {
        let keyword = &inner.keyword;
        return Err(inner.error(format!("`ONBUILD` cannot hold `{keyword}`")));
    }
    let instruction = inner.instruction(detail(inner, escape)?);
    Ok(Detail::Onbuild(Box::new(instruction)))
}

fn run(statement: &Statement, escape: char) -> Run {
    let (flags, rest) = split_flags(&statement.arguments, escape);
    let mounts = flags.iter().filter_map(mount).collect();
    let words = json_words(rest);
    Run {
        flags,
        mounts,
        is_exec_form: words.is_some(),
        command: match words {
            Some(words) => words.join(" "),
            None if statement.here_documents.is_empty() => rest.to_owned(),
            None => format!("{rest}\n{}", statement.here_documents),
        },
    }
}

fn mount(flag: &Flag) -> Option<Mount> {
    if flag.name != "mount" {
        return None;
    }
    let options: Vec<(String, Option<String>)> = flag
        .value
        .iter()
        .flat_map(|value| value.split(','))
        .map(|option| match option.split_once('=') {
            Some((name, value)) => (name.to_ascii_lowercase(), Some(value.to_owned())),
            None => (option.to_ascii_lowercase(), None),
        })
        .collect();
    let value = |names: &[&str]| {
        let option = options
            .iter()
            .find(|(name, _)| names.contains(&name.as_str()));
        option.and_then(|(_, value)| value.clone())
    };
    Some(Mount {
        kind: value(&["type"]).unwrap_or_else(|| "bind".to_owned()),
        from: value(&["from"]),
        source: value(&["source", "src"]),
        target: value(&["target", "dst", "destination"]),
        options,
    })
}

fn copy(statement: &Statement, escape: char) -> Result<Copy, DockerfileError> {
    let (flags, rest) = split_flags(&statement.arguments, escape);
    let words =
        json_words(rest).unwrap_or_else(|| rest.split_whitespace().map(str::to_owned).collect());
    let (destination, sources) = match words.split_last() {
        Some((destination, sources)) if !sources.is_empty() => (destination.clone(), sources),
        _ => {
            let keyword = &statement.keyword;
            return Err(statement.error(format!("`{keyword}` needs a source and a destination")));
        }
    };
    let from = flags.iter().find(|flag| flag.name == "from");
    Ok(Copy {
        from: from.and_then(|flag| flag.value.clone()),
        flags,
        sources: sources
            .iter()
            .filter(|source| here_document(source).is_none())
            .cloned()
            .collect(),
        destination,
    })
}

fn args(statement: &Statement, escape: char) -> Result<Vec<ArgDeclaration>, DockerfileError> {
    let words = split_words(&statement.arguments, escape);
    if words.is_empty() || words.iter().any(|word| word.starts_with('=')) {
        return Err(statement.error("`ARG` needs a name"));
    }
    let declaration = |word: &String| {
        let (name, default) = match word.split_once('=') {
            Some((name, default)) => (name, Some(default.to_owned())),
            None => (word.as_str(), None),
        };
        ArgDeclaration {
            name: name.to_owned(),
            default,
            line: statement.line,
        }
    };
    Ok(words.iter().map(declaration).collect())
}

/// Reads `NAME=value NAME=value`, or the old form `NAME value with blanks`.
fn env(statement: &Statement, escape: char) -> Result<Vec<(String, String)>, DockerfileError> {
    let words = split_words(&statement.arguments, escape);
    let no_value = |name: &str| statement.error(format!("`ENV` needs a value for `{name}`"));
    match words.first() {
        None => return Err(statement.error("`ENV` needs a name")),
        Some(word) if !word.contains('=') => {
            let (name, value) = statement
                .arguments
                .split_once(char::is_whitespace)
                .ok_or_else(|| no_value(word))?;
            return Ok(vec![(name.to_owned(), value.trim_start().to_owned())]);
        }
        Some(_) => {}
    }
    let pair = |word: &String| match word.split_once('=') {
        Some(("", _)) => Err(statement.error("`ENV` needs a name")),
        Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
        None => Err(no_value(word)),
    };
    words.iter().map(pair).collect()
}
