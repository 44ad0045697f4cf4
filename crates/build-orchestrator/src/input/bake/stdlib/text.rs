//! Texts.

use regex::Regex;
use std::collections::BTreeMap;

use super::super::value::Value;
use super::format::{format, format_list};
use super::{Arguments, Function, GROWTH_MAX};

pub(super) const FUNCTIONS: &[(&str, Function)] = &[
    ("basename", |a| Ok(Value::Text(basename(&a.text()?)))),
    ("byteslen", |a| Ok(Value::Number(a.text()?.len() as f64))),
    ("chomp", |a| {
        Ok(Value::Text(
            a.text()?.trim_end_matches(['\r', '\n']).to_owned(),
        ))
    }),
    ("dirname", |a| Ok(Value::Text(dirname(&a.text()?)))),
    ("format", |a| {
        let pattern = a.text()?;
        Ok(Value::Text(format(&pattern, &a.rest())?))
    }),
    ("formatlist", format_list),
    ("homedir", |_| {
        Ok(Value::Text(std::env::var("HOME").unwrap_or_default()))
    }),
    ("indent", indent),
    ("join", join),
    ("lower", |a| Ok(Value::Text(a.text()?.to_lowercase()))),
    ("regex", |a| {
        let (pattern, text) = (a.text()?, a.text()?);
        let regex = compiled(&pattern)?;
        let found = regex.captures(&text);
        let found = found.ok_or_else(|| format!("`{pattern}` matches nothing in `{text}`"))?;
        Ok(captured(&regex, &found))
    }),
    ("regex_replace", |a| {
        let (text, pattern, replacement) = (a.text()?, a.text()?, a.text()?);
        grow(&text, &replacement)?;
        let replaced = compiled(&pattern)?.replace_all(&text, replacement.as_str());
        Ok(Value::Text(replaced.into_owned()))
    }),
    ("regexall", |a| {
        let (pattern, text) = (a.text()?, a.text()?);
        let regex = compiled(&pattern)?;
        let all = regex.captures_iter(&text);
        Ok(Value::List(
            all.map(|found| captured(&regex, &found)).collect(),
        ))
    }),
    ("replace", |a| {
        let (text, from, to) = (a.text()?, a.text()?, a.text()?);
        grow(&text, &to)?;
        // As in Terraform, slashes around it make a regular expression.
        let pattern = from
            .strip_prefix('/')
            .and_then(|from| from.strip_suffix('/'));
        match pattern.filter(|pattern| !pattern.is_empty()) {
            Some(pattern) => {
                let replaced = compiled(pattern)?
                    .replace_all(&text, to.as_str())
                    .into_owned();
                Ok(Value::Text(replaced))
            }
            None => Ok(Value::Text(text.replace(&from, &to))),
        }
    }),
    ("reverse", |a| {
        Ok(Value::Text(a.text()?.chars().rev().collect()))
    }),
    ("sanitize", |a| {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        let text = a.text()?;
        let chars = text.chars().map(|c| if is_allowed(c) { c } else { '_' });
        Ok(Value::Text(chars.collect()))
    }),
    ("semvercmp", |a| {
        let (version, constraint) = (a.text()?, a.text()?);
        satisfies(&version, &constraint).map(Value::Bool)
    }),
    ("split", |a| {
        let (separator, text) = (a.text()?, a.text()?);
        if separator.is_empty() {
            return Ok(Value::texts(text.chars()));
        }
        Ok(Value::texts(text.split(&separator)))
    }),
    ("strlen", |a| {
        Ok(Value::Number(a.text()?.chars().count() as f64))
    }),
    ("substr", substr),
    ("title", |a| Ok(Value::Text(title(&a.text()?)))),
    ("trim", |a| {
        let (text, cut) = (a.text()?, a.text()?);
        Ok(Value::Text(
            text.trim_matches(|c| cut.contains(c)).to_owned(),
        ))
    }),
    ("trimprefix", |a| {
        let (text, prefix) = (a.text()?, a.text()?);
        Ok(Value::Text(
            text.strip_prefix(&prefix).unwrap_or(&text).to_owned(),
        ))
    }),
    ("trimspace", |a| {
        Ok(Value::Text(a.text()?.trim().to_owned()))
    }),
    ("trimsuffix", |a| {
        let (text, suffix) = (a.text()?, a.text()?);
        Ok(Value::Text(
            text.strip_suffix(&suffix).unwrap_or(&text).to_owned(),
        ))
    }),
    ("upper", |a| Ok(Value::Text(a.text()?.to_uppercase()))),
];

/// Refuses replacements that would make much of little.
fn grow(text: &str, replacement: &str) -> Result<(), String> {
    if text.len().saturating_mul(replacement.len()) > GROWTH_MAX * GROWTH_MAX {
        return Err("the result may be too long".to_owned());
    }
    Ok(())
}

fn compiled(pattern: &str) -> Result<Regex, String> {
    Regex::new(pattern).map_err(|_| format!("`{pattern}` is no regular expression"))
}

/// The whole match, or its groups: by name if they have names, else in order.
fn captured(regex: &Regex, found: &regex::Captures<'_>) -> Value {
    let text = |group: Option<regex::Match<'_>>| {
        group.map_or(Value::Null, |group| Value::Text(group.as_str().to_owned()))
    };
    let named = regex.capture_names().flatten();
    let named: BTreeMap<String, Value> = named
        .map(|name| (name.to_owned(), text(found.name(name))))
        .collect();
    if !named.is_empty() {
        Value::Map(named)
    } else if found.len() > 1 {
        Value::List(found.iter().skip(1).map(text).collect())
    } else {
        text(found.get(0))
    }
}

/// As Go's `path.Base`.
fn basename(path: &str) -> String {
    match path.trim_end_matches('/') {
        "" if path.is_empty() => ".".to_owned(),
        "" => "/".to_owned(),
        path => path.rsplit('/').next().unwrap_or(path).to_owned(),
    }
}

/// As Go's `path.Dir`.
fn dirname(path: &str) -> String {
    let dir = path.rfind('/').map_or("", |end| &path[..=end]);
    let is_absolute = dir.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in dir.split('/').filter(|part| !matches!(*part, "" | ".")) {
        match (part, parts.last()) {
            ("..", Some(&last)) if last != ".." => {
                parts.pop();
            }
            ("..", None) if is_absolute => {}
            _ => parts.push(part),
        }
    }
    match (is_absolute, parts.is_empty()) {
        (true, _) => format!("/{}", parts.join("/")),
        (false, true) => ".".to_owned(),
        (false, false) => parts.join("/"),
    }
}

fn indent(arguments: &mut Arguments) -> Result<Value, String> {
    let (spaces, text) = (arguments.count()?, arguments.text()?);
    if spaces > GROWTH_MAX {
        return Err(format!("more than {GROWTH_MAX} blanks"));
    }
    let indented = format!("\n{}", " ".repeat(spaces));
    grow(&text, &indented)?;
    Ok(Value::Text(text.replace('\n', &indented)))
}

fn join(arguments: &mut Arguments) -> Result<Value, String> {
    let separator = arguments.text()?;
    let mut texts = Vec::new();
    for list in arguments.rest() {
        for item in list.into_list()? {
            texts.push(item.into_text()?);
        }
    }
    if separator.len().saturating_mul(texts.len()) > GROWTH_MAX * GROWTH_MAX {
        return Err("the result is too long".to_owned());
    }
    Ok(Value::Text(texts.join(&separator)))
}

/// Characters from an offset, which counts from the end when it is negative; a length of -1 is all.
fn substr(arguments: &mut Arguments) -> Result<Value, String> {
    let text = arguments.text()?;
    let (offset, length) = (arguments.number()?, arguments.number()?);
    let count = text.chars().count();
    let start = if offset < 0.0 {
        (count as f64 + offset).max(0.0)
    } else {
        offset
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "casts of floats saturate, and what is past the end is nothing"
    )]
    let (start, length) = (
        start as usize,
        if length < 0.0 { count } else { length as usize },
    );
    Ok(Value::Text(text.chars().skip(start).take(length).collect()))
}

fn title(text: &str) -> String {
    let mut is_start = true;
    let mut titled = String::new();
    for c in text.chars() {
        if is_start {
            titled.extend(c.to_uppercase());
        } else {
            titled.push(c);
        }
        is_start = !c.is_alphanumeric() && c != '_' && c != '\'';
    }
    titled
}

/// Whether a version meets a constraint, of which `||` separates alternatives.
fn satisfies(version: &str, constraint: &str) -> Result<bool, String> {
    let version = version.strip_prefix('v').unwrap_or(version);
    let (core, rest) = version.split_at(version.find(['-', '+']).unwrap_or(version.len()));
    let missing = 2_usize.saturating_sub(core.matches('.').count());
    let full = format!("{core}{}{rest}", ".0".repeat(missing));
    let version = semver::Version::parse(&full);
    let version = version.map_err(|_| format!("`{full}` is not a version"))?;
    // Two conditions may be separated by a blank alone.
    let blank = compiled(r"([0-9*x])\s+([<>=^~!])")?;
    let mut is_met = false;
    for alternative in constraint.split("||") {
        let text = blank.replace_all(alternative.trim(), "$1, $2");
        let requirement = semver::VersionReq::parse(&text);
        let requirement = requirement.map_err(|_| format!("`{constraint}` is no constraint"))?;
        is_met |= requirement.matches(&version);
    }
    Ok(is_met)
}
