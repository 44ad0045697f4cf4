//! Contract files: what images promise, by target, stage or image.
//!
//! An unknown key is an error with its line: a promise that is misspelt would never be checked.

use bytesize::ByteSize;
use jiff::{Span, SpanRelativeTo};
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use super::nearest::hint;
use super::yaml::{Entry, Fault, Node, Value, parse};
use crate::model::contract::{Contract, Presence, Scope, Section, StartTerm, Terms, UserTerm};

/// The scopes, the most general first: what a later one says wins.
const SCOPES: [Scope; 3] = [Scope::Image, Scope::Stage, Scope::Target];

const TERMS: [&str; 11] = [
    "healthcheck",
    "labels",
    "max-size",
    "network",
    "package-manager",
    "ports",
    "setuid",
    "shell",
    "start",
    "start-timeout",
    "user",
];

/// Why a contract cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ContractError {
    /// The file cannot be read.
    #[error("failed to read the contract")]
    Read(#[source] std::io::Error),
    /// The file does not say what a contract says.
    #[error("{path}:{line}: {message}")]
    Content {
        /// The file.
        path: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong, as a lower-case fragment.
        message: String,
    },
}

/// Reads a contract file.
///
/// # Errors
///
/// It cannot be read, is no YAML, or says something that is no promise.
pub(crate) fn read_contract(path: &Path) -> Result<Contract, ContractError> {
    let text = fs_err::read_to_string(path).map_err(ContractError::Read)?;
    contract(&text).map_err(|fault| ContractError::Content {
        path: path.display().to_string(),
        line: fault.line,
        message: fault.message,
    })
}

fn contract(text: &str) -> Result<Contract, Fault> {
    let root = parse(text)?;
    let keys = SCOPES.map(Scope::key);
    for entry in entries(&root, "the contract")? {
        known(entry, &keys)?;
    }
    let mut sections = Vec::new();
    for scope in SCOPES {
        let Some(named) = root.get(scope.key()) else {
            continue;
        };
        for entry in entries(named, scope.key())? {
            sections.push(section(scope, entry)?);
        }
    }
    Ok(Contract { sections })
}

fn section(scope: Scope, entry: &Entry) -> Result<Section, Fault> {
    let mut terms = Terms::default();
    for term in entries(&entry.node, &entry.key)? {
        set(&mut terms, term)?;
    }
    Ok(Section {
        scope,
        name: entry.key.clone(),
        pattern: pattern(&entry.key, entry.line)?,
        line: entry.line,
        terms,
    })
}

/// A name in which `*` is any text.
fn pattern(name: &str, line: usize) -> Result<Regex, Fault> {
    let parts: Vec<String> = name.split('*').map(regex::escape).collect();
    let expression = format!("^{}$", parts.join(".*"));
    Regex::new(&expression).map_err(|_| Fault::new(line, format!("`{name}` is too long a name")))
}

fn set(terms: &mut Terms, entry: &Entry) -> Result<(), Fault> {
    known(entry, &TERMS)?;
    let node = &entry.node;
    match entry.key.as_str() {
        "healthcheck" => terms.health_check = Some(presence(entry)?),
        "labels" => terms.labels = Some(labels(entry)?),
        "max-size" => terms.size_bytes_max = Some(size_bytes(entry)?),
        "network" => terms.network = Some(text(node, &entry.key)?.to_owned()),
        "package-manager" => terms.package_manager = Some(presence(entry)?),
        "ports" => terms.ports = Some(list(entry)?.into_iter().map(port).collect()),
        "setuid" => terms.setuid = Some(list(entry)?.into_iter().map(relative).collect()),
        "shell" => terms.shell = Some(presence(entry)?),
        "start" => terms.start = Some(start(entry)?),
        "start-timeout" => terms.start_timeout = Some(duration(entry)?),
        _ => terms.user = Some(user(text(node, &entry.key)?)),
    }
    Ok(())
}

fn known(entry: &Entry, keys: &[&str]) -> Result<(), Fault> {
    if keys.contains(&entry.key.as_str()) {
        return Ok(());
    }
    let valid: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
    let message = format!("unknown key `{}`{}", entry.key, hint(&entry.key, &valid));
    Err(Fault::new(entry.line, message))
}

fn user(text: &str) -> UserTerm {
    match text {
        "non-root" => UserTerm::NonRoot,
        name => UserTerm::Is(name.to_owned()),
    }
}

fn presence(entry: &Entry) -> Result<Presence, Fault> {
    match text(&entry.node, &entry.key)? {
        "required" => Ok(Presence::Required),
        "forbidden" => Ok(Presence::Forbidden),
        other => Err(wrong(entry, other, "`required` or `forbidden`")),
    }
}

fn start(entry: &Entry) -> Result<StartTerm, Fault> {
    match text(&entry.node, &entry.key)? {
        "true" => Ok(StartTerm::Start),
        "false" => Ok(StartTerm::Never),
        "exit-0" => Ok(StartTerm::ExitZero),
        other => Err(wrong(entry, other, "`true`, `false` or `exit-0`")),
    }
}

fn size_bytes(entry: &Entry) -> Result<u64, Fault> {
    let text = text(&entry.node, &entry.key)?;
    let size: Result<ByteSize, _> = text.parse();
    size.map(|size| size.as_u64())
        .map_err(|_| wrong(entry, text, "a size such as `50MB`"))
}

fn duration(entry: &Entry) -> Result<Duration, Fault> {
    let text = text(&entry.node, &entry.key)?;
    parse_duration(text).ok_or_else(|| wrong(entry, text, "a duration such as `30s`"))
}

/// A duration such as `30s`, `2m` or `30d`; a day has 24 hours. `None` for anything else, and for
/// one that is not positive.
fn parse_duration(text: &str) -> Option<Duration> {
    let span: Span = text.parse().ok()?;
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    let duration = Duration::try_from(duration).ok()?;
    (!duration.is_zero()).then_some(duration)
}

/// Labels as a list of names, or as a mapping of names to values of which `~` is any.
fn labels(entry: &Entry) -> Result<BTreeMap<String, Option<String>>, Fault> {
    let Value::Map(labels) = &entry.node.value else {
        let names = list(entry)?.into_iter();
        return Ok(names.map(|name| (name.to_owned(), None)).collect());
    };
    let label = |label: &Entry| {
        let value = match &label.node.value {
            Value::Null => None,
            _ => Some(text(&label.node, &label.key)?.to_owned()),
        };
        Ok((label.key.clone(), value))
    };
    labels.iter().map(label).collect()
}

/// A port is one of TCP unless it says otherwise, as in a Dockerfile.
fn port(text: &str) -> String {
    if text.contains('/') {
        text.to_owned()
    } else {
        format!("{text}/tcp")
    }
}

fn relative(path: &str) -> String {
    path.trim_start_matches('/').to_owned()
}

fn list(entry: &Entry) -> Result<BTreeSet<&str>, Fault> {
    let Value::List(items) = &entry.node.value else {
        let message = format!("`{}` takes a list", entry.key);
        return Err(Fault::new(entry.line, message));
    };
    items.iter().map(|item| text(item, &entry.key)).collect()
}

fn text<'a>(node: &'a Node, key: &str) -> Result<&'a str, Fault> {
    match &node.value {
        Value::Text(text) => Ok(text),
        _ => Err(Fault::new(node.line, format!("`{key}` takes a text"))),
    }
}

fn entries<'a>(node: &'a Node, what: &str) -> Result<&'a [Entry], Fault> {
    match &node.value {
        Value::Map(entries) => Ok(entries),
        Value::Null => Ok(&[]),
        _ => Err(Fault::new(node.line, format!("`{what}` takes a mapping"))),
    }
}

fn wrong(entry: &Entry, given: &str, expected: &str) -> Fault {
    let message = format!("`{}` takes {expected}, not `{given}`", entry.key);
    Fault::new(entry.node.line, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fault(text: &str) -> (usize, String) {
        let fault = contract(text).unwrap_err();
        (fault.line, fault.message)
    }

    #[test]
    fn every_promise_can_be_made() {
        let text = "\
targets:
  app:
    user: 10001
    labels: {a: ~, b: '1'}
    start: exit-0
stages:
  runtime:
    user: non-root
    shell: forbidden
    package-manager: forbidden
    healthcheck: required
    labels: [c]
    ports: [8080, 53/udp]
    max-size: 50MB
    setuid: [/bin/su]
    start-timeout: 1m 30s
    network: bridge
images:
  'r.example/*:1': {start: false}
";
        let contract = contract(text).unwrap();
        let scopes: Vec<Scope> = contract.sections.iter().map(|s| s.scope).collect();
        assert_eq!(scopes, [Scope::Image, Scope::Stage, Scope::Target]);
        let [image, stage, target] = &contract.sections[..] else {
            panic!("three sections");
        };
        assert!(image.pattern.is_match("r.example/a/b:1"));
        assert!(!image.pattern.is_match("r.example/a/b:12"));
        assert_eq!(image.terms.start, Some(StartTerm::Never));
        let terms = &stage.terms;
        assert_eq!(stage.line, 7);
        assert_eq!(terms.user, Some(UserTerm::NonRoot));
        assert_eq!(terms.shell, Some(Presence::Forbidden));
        assert_eq!(terms.health_check, Some(Presence::Required));
        assert_eq!(terms.size_bytes_max, Some(50_000_000));
        assert_eq!(terms.start_timeout, Some(Duration::from_secs(90)));
        let ports = terms.ports.as_ref().unwrap().iter();
        assert_eq!(ports.collect::<Vec<_>>(), ["53/udp", "8080/tcp"]);
        assert!(terms.setuid.as_ref().unwrap().contains("bin/su"));
        assert_eq!(target.terms.user, Some(UserTerm::Is("10001".to_owned())));
        let labels = target.terms.labels.as_ref().unwrap();
        assert_eq!(
            (labels["a"].as_deref(), labels["b"].as_deref()),
            (None, Some("1"))
        );
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line_and_the_nearest() {
        let (line, message) = fault("stages:\n  a:\n    shel: forbidden\n");
        assert_eq!(line, 3);
        assert_eq!(message, "unknown key `shel`; did you mean `shell`?");
        let (line, message) = fault("target:\n  a: {}\n");
        assert_eq!(
            (line, message.as_str()),
            (1, "unknown key `target`; did you mean `targets`?")
        );
    }

    #[test]
    fn a_wrong_value_is_named_with_its_line() {
        let (line, message) = fault("stages:\n  a:\n    shell: none\n");
        let expected = "`shell` takes `required` or `forbidden`, not `none`";
        assert_eq!((line, message.as_str()), (3, expected));
        for text in [
            "max-size: big",
            "start-timeout: soon",
            "start-timeout: 0s",
            "ports: 1",
        ] {
            assert_eq!(
                fault(&format!("stages:\n  a:\n    {text}\n")).0,
                3,
                "{text}"
            );
        }
    }

    #[test]
    fn an_empty_contract_promises_nothing() {
        assert!(contract("").unwrap().sections.is_empty());
        assert!(contract("stages:\n").unwrap().sections.is_empty());
    }

    proptest! {
        #[test]
        fn any_text_is_a_contract_or_a_fault(text in "(targets|stages|a|user|labels|[-:{}\\[\\] \n*]){0,20}") {
            let _ = contract(&text);
        }
    }
}
