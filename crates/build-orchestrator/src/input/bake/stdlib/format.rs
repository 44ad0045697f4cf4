//! `format` and `formatlist`: the verbs of Go's `Printf`, as far as HCL has them.
//!
//! Source: <https://pkg.go.dev/github.com/zclconf/go-cty/cty/function/stdlib#Format>

use regex::Regex;

use super::super::value::{Value, number_text};
use super::{Arguments, GROWTH_MAX};

/// Writes values as a pattern says.
pub(super) fn format(pattern: &str, values: &[Value]) -> Result<String, String> {
    let verb = Regex::new(r"%([-+ 0#]*)(\d*)(?:\.(\d*))?(?:\[(\d+)\])?(.)").expect("it is one");
    let mut text = String::new();
    let (mut end, mut next) = (0, 0);
    for found in verb.captures_iter(pattern) {
        let whole = found.get(0).expect("a match has a whole");
        text.push_str(&pattern[end..whole.start()]);
        end = whole.end();
        if &found[5] == "%" {
            text.push('%');
            continue;
        }
        if let Some(position) = found.get(4) {
            let position: usize = position.as_str().parse().unwrap_or(0);
            next = position.checked_sub(1).ok_or("arguments count from 1")?;
        }
        let value = values.get(next);
        let value =
            value.ok_or_else(|| format!("there is no argument for `{}`", whole.as_str()))?;
        next += 1;
        let precision = found
            .get(3)
            .map(|digits| count(digits.as_str()))
            .transpose()?;
        let written = written(&found[5], &found[1], precision, value)?;
        text.push_str(&padded(written, &found[1], count(&found[2])?));
    }
    let rest = &pattern[end..];
    if rest.contains('%') {
        return Err("`%` at the end needs a verb".to_owned());
    }
    if next < values.len() && !values.is_empty() && !pattern.contains("%[") {
        return Err(format!("{} arguments are not used", values.len() - next));
    }
    Ok(text + rest)
}

fn count(digits: &str) -> Result<usize, String> {
    match digits.parse() {
        _ if digits.is_empty() => Ok(0),
        Ok(count) if count <= GROWTH_MAX => Ok(count),
        _ => Err(format!("a width of more than {GROWTH_MAX}")),
    }
}

fn written(
    verb: &str,
    flags: &str,
    precision: Option<usize>,
    value: &Value,
) -> Result<String, String> {
    let number = || value.clone().into_number();
    let signed = |number: f64, text: String| {
        let sign = if number >= 0.0 && flags.contains('+') {
            "+"
        } else {
            ""
        };
        format!("{sign}{text}")
    };
    match verb {
        "v" => match value {
            Value::Text(text) => Ok(text.clone()),
            other => Ok(other.to_json()),
        },
        "s" => {
            let text = value.clone().into_text()?;
            Ok(text.chars().take(precision.unwrap_or(usize::MAX)).collect())
        }
        "q" => Ok(Value::Text(value.clone().into_text()?).to_json()),
        "t" => Ok(value.clone().into_bool()?.to_string()),
        "d" => Ok(signed(number()?, number_text(number()?.trunc()))),
        "b" | "o" | "x" | "X" => {
            #[expect(clippy::cast_possible_truncation, reason = "casts of floats saturate")]
            let whole = number()?.trunc() as i64;
            let digits = whole.unsigned_abs();
            let digits = match verb {
                "b" => format!("{digits:b}"),
                "o" => format!("{digits:o}"),
                "x" => format!("{digits:x}"),
                _ => format!("{digits:X}"),
            };
            Ok(format!("{}{digits}", if whole < 0 { "-" } else { "" }))
        }
        "f" | "F" => {
            let precision = precision.unwrap_or(6);
            Ok(signed(number()?, format!("{:.precision$}", number()?)))
        }
        "e" | "E" | "g" | "G" => Ok(signed(number()?, number_text(number()?))),
        other => Err(format!("there is no verb `%{other}`")),
    }
}

fn padded(text: String, flags: &str, width: usize) -> String {
    let missing = width.saturating_sub(text.chars().count());
    if flags.contains('-') {
        text + &" ".repeat(missing)
    } else if flags.contains('0') {
        let digits = text.trim_start_matches(['-', '+']);
        let sign = &text[..text.len() - digits.len()];
        format!("{sign}{}{digits}", "0".repeat(missing))
    } else {
        " ".repeat(missing) + &text
    }
}

/// Writes a text for each element of lists of the same length; what is no list is the same in all.
pub(super) fn format_list(arguments: &mut Arguments) -> Result<Value, String> {
    let pattern = arguments.text()?;
    let values = arguments.rest();
    let lengths = values.iter().filter_map(|value| match value {
        Value::List(items) => Some(items.len()),
        _ => None,
    });
    let lengths: Vec<usize> = lengths.collect();
    let length = lengths.first().copied().unwrap_or(1);
    if lengths.iter().any(|other| *other != length) {
        return Err("the lists differ in length".to_owned());
    }
    let line = |index: usize| {
        let values = values.iter().map(|value| match value {
            Value::List(items) => items[index].clone(),
            other => other.clone(),
        });
        format(&pattern, &values.collect::<Vec<_>>())
    };
    let lines: Vec<String> = (0..length).map(line).collect::<Result<_, _>>()?;
    Ok(Value::texts(lines))
}
