//! Reads `.dive-ci`, the file in which dive keeps the rules of its gate.
//!
//! What dive takes is taken, and means the same. What dive does not know it passes over in silence;
//! here it is an error, because a gate that does not close is worse than none.
//! Source: dive's `ci/rules.go` and README, "CI Integration"; research/layers.md, section 1.

use bytesize::ByteSize;
use saphyr::{MarkedYaml, ScalarStyle, ScanError, YamlData, YamlLoader};
use saphyr_parser::Parser;
use std::io;
use std::path::Path;

use common::error::CommandError;

use crate::model::limits::DiveLimits;

/// The rules that dive knows.
const RULES: [&str; 3] = [
    "lowestEfficiency",
    "highestWastedBytes",
    "highestUserWastedPercent",
];

/// Why a file of rules cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DiveCiError {
    /// It cannot be opened or read; the error names it.
    #[error(transparent)]
    Read(io::Error),
    /// It says something that is no rule.
    #[error("`{path}` line {line}: {message}")]
    Fault {
        path: String,
        line: usize,
        message: String,
        hint: Option<String>,
    },
}

impl From<DiveCiError> for CommandError {
    fn from(mut error: DiveCiError) -> Self {
        let hint = match &mut error {
            DiveCiError::Fault { hint, .. } => hint.take(),
            DiveCiError::Read(_) => None,
        };
        match hint {
            Some(hint) => Self::input(error).hint(hint),
            None => Self::input(error),
        }
    }
}

/// Reads a file of rules.
///
/// # Errors
///
/// It cannot be read, is not YAML, names a rule that dive does not have, or a limit is malformed.
pub(crate) fn read_dive_ci(path: &Path) -> Result<DiveLimits, DiveCiError> {
    let text = fs_err::read_to_string(path).map_err(DiveCiError::Read)?;
    parse(&text).map_err(|fault| DiveCiError::Fault {
        path: path.display().to_string(),
        line: fault.line,
        message: fault.message,
        hint: fault.hint,
    })
}

/// What is wrong, and where.
#[derive(Debug, PartialEq, Eq)]
struct Fault {
    /// From 1.
    line: usize,
    message: String,
    hint: Option<String>,
}

impl Fault {
    fn new(line: usize, message: impl Into<String>) -> Self {
        Self {
            line,
            message: message.into(),
            hint: None,
        }
    }
}

fn parse(text: &str) -> Result<DiveLimits, Fault> {
    // What is missing at the end is reported on the line behind the last one.
    let last_line = text.lines().count().max(1);
    let documents = load(text)
        .map_err(|error| Fault::new(error.marker().line().min(last_line), error.info()))?;
    let mut limits = DiveLimits::default();
    let Some(document) = documents.first() else {
        return Ok(limits);
    };
    for (key, value) in entries(document)? {
        if !scalar(key)?.is_some_and(|name| name.eq_ignore_ascii_case("rules")) {
            return Err(unknown(
                key,
                &["rules"],
                "there is `rules` only, and rules stand below it",
            )?);
        }
        for (key, value) in entries(value)? {
            set_rule(&mut limits, key, value)?;
        }
    }
    Ok(limits)
}

/// Loads the text with scalars left as written, which `load_from_str` would turn into numbers.
fn load(text: &str) -> Result<Vec<MarkedYaml<'_>>, ScanError> {
    let mut loader = YamlLoader::default();
    loader.early_parse(false);
    Parser::new_from_str(text).load(&mut loader, true)?;
    match loader.error() {
        Some(error) => Err(error.clone()),
        None => Ok(loader.into_documents()),
    }
}

fn line(node: &MarkedYaml) -> usize {
    node.span.start.line()
}

type Entry<'a, 'y> = (&'a MarkedYaml<'y>, &'a MarkedYaml<'y>);

/// The entries of a mapping; nothing at all has none.
fn entries<'a, 'y>(node: &'a MarkedYaml<'y>) -> Result<Vec<Entry<'a, 'y>>, Fault> {
    match &node.data {
        YamlData::Mapping(entries) => Ok(entries.iter().collect()),
        YamlData::Representation(..) if scalar(node)?.is_none() => Ok(Vec::new()),
        _ => Err(Fault::new(
            line(node),
            "names with values are expected here",
        )),
    }
}

/// A scalar as written. `None` for nothing, such as `~`.
fn scalar<'a>(node: &'a MarkedYaml) -> Result<Option<&'a str>, Fault> {
    let YamlData::Representation(text, style, _) = &node.data else {
        return Err(Fault::new(line(node), "a single value is expected here"));
    };
    let is_nothing =
        *style == ScalarStyle::Plain && matches!(&**text, "" | "~" | "null" | "Null" | "NULL");
    Ok((!is_nothing).then_some(text))
}

fn set_rule(limits: &mut DiveLimits, key: &MarkedYaml, value: &MarkedYaml) -> Result<(), Fault> {
    let name = scalar(key)?.unwrap_or_default();
    // dive's reader of settings does not tell capitals from small letters.
    let is = |rule: &str| name.eq_ignore_ascii_case(rule);
    let [efficiency, wasted_bytes, user_wasted] = RULES;
    let text = scalar(value)?;
    let fault = |message: String| Fault::new(line(value), format!("`{name}` {message}"));
    match text {
        // dive takes its default for a rule without a value.
        None if RULES.into_iter().any(is) => {}
        Some(text) if is(efficiency) => limits.min_efficiency = ratio(text).map_err(fault)?,
        Some(text) if is(wasted_bytes) => limits.max_wasted_bytes = size(text).map_err(fault)?,
        Some(text) if is(user_wasted) => {
            limits.max_user_wasted_ratio = ratio(text).map_err(fault)?;
        }
        _ => return Err(unknown(key, &RULES, "there are no other rules")?),
    }
    Ok(())
}

fn unknown(key: &MarkedYaml, known: &[&str], otherwise: &str) -> Result<Fault, Fault> {
    let name = scalar(key)?.unwrap_or_default();
    let distance =
        |rule: &&str| strsim::damerau_levenshtein(&name.to_lowercase(), &rule.to_lowercase());
    let nearest = known.iter().copied().min_by_key(distance);
    let is_near = |rule: &&str| distance(rule) <= rule.len() / 3;
    Ok(Fault {
        hint: Some(match nearest.filter(is_near) {
            Some(rule) => format!("there is `{rule}`"),
            None => format!("{otherwise}: {}", known.join(", ")),
        }),
        ..Fault::new(line(key), format!("there is no `{name}`"))
    })
}

fn is_off(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    matches!(text.as_str(), "" | "disabled" | "off" | "false")
}

fn ratio(text: &str) -> Result<Option<f64>, String> {
    if is_off(text) {
        return Ok(None);
    }
    let ratio: f64 = text
        .parse()
        .map_err(|_| format!("is `{text}`, which is no number"))?;
    if (0.0..=1.0).contains(&ratio) {
        Ok(Some(ratio))
    } else {
        Err(format!("is `{text}`, and has to be between 0 and 1"))
    }
}

/// A size as dive reads it: commas between digits do not matter, and units are `MB`, `MiB`, `M`…
fn size(text: &str) -> Result<Option<u64>, String> {
    if is_off(text) {
        return Ok(None);
    }
    let size = text.trim().replace(',', "").parse::<ByteSize>();
    let wrong = |_| format!("is `{text}`, which is no size such as `20MB`");
    Ok(Some(size.map_err(wrong)?.as_u64()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn limits(efficiency: f64, wasted: Option<u64>, user: Option<f64>) -> DiveLimits {
        DiveLimits {
            min_efficiency: Some(efficiency),
            max_wasted_bytes: wasted,
            max_user_wasted_ratio: user,
        }
    }

    #[test]
    fn what_the_readme_of_dive_shows_is_read() {
        let text = "\
rules:
  # If the efficiency is measured below X%, mark as failed.
  lowestEfficiency: 0.95
  highestWastedBytes: 20MB
  highestUserWastedPercent: 0.20
";
        assert_eq!(parse(text), Ok(limits(0.95, Some(20_000_000), Some(0.2))));
    }

    #[test]
    fn what_is_not_said_is_as_dive_has_it() {
        let default = limits(0.9, None, Some(0.1));
        for text in [
            "",
            "# nothing\n",
            "rules:\n",
            "rules: {}",
            "rules:\n  lowestEfficiency:\n",
        ] {
            assert_eq!(parse(text), Ok(default), "{text}");
        }
    }

    #[test]
    fn a_rule_is_switched_off_by_four_words() {
        for off in [
            "disabled", "off", "false", "''", "\"\"", "Disabled", "FALSE",
        ] {
            let text = format!("rules: {{ highestUserWastedPercent: {off}, lowestEfficiency: 1 }}");
            assert_eq!(parse(&text), Ok(limits(1.0, None, None)), "{off}");
        }
    }

    #[test]
    fn numbers_can_be_quoted_and_sizes_have_units() {
        let cases = [
            ("'0'", 0),
            ("20000000", 20_000_000),
            ("'1,234 kB'", 1_234_000),
            ("\"1.5 GiB\"", 1_610_612_736),
            ("12m", 12_000_000),
            ("3 ki", 3072),
        ];
        for (size, bytes) in cases {
            let text = format!("Rules:\n  LOWESTEFFICIENCY: '.5'\n  highestWastedBytes: {size}\n");
            assert_eq!(
                parse(&text),
                Ok(limits(0.5, Some(bytes), Some(0.1))),
                "{size}"
            );
        }
    }

    /// The line and message of the fault, and its hint.
    fn fault(text: &str) -> (usize, String, Option<String>) {
        let fault = parse(text).unwrap_err();
        (fault.line, fault.message, fault.hint)
    }

    #[test]
    fn a_name_that_dive_does_not_know_is_told_with_the_nearest() {
        let hint = Some("there is `lowestEfficiency`".to_owned());
        assert_eq!(
            fault("rules:\n  highestWastedBytes: 1\n  lowestEficiency: 0.9\n"),
            (3, "there is no `lowestEficiency`".to_owned(), hint)
        );
        let hint = "there is `rules` only, and rules stand below it: rules".to_owned();
        assert_eq!(
            fault("lowestEfficiency: 0.9\n"),
            (1, "there is no `lowestEfficiency`".to_owned(), Some(hint))
        );
    }

    #[test]
    fn a_malformed_limit_is_told() {
        let cases = [
            (
                "lowestEfficiency: 95",
                "`lowestEfficiency` is `95`, and has to be between 0 and 1",
            ),
            (
                "lowestEfficiency: NaN",
                "`lowestEfficiency` is `NaN`, and has to be between 0 and 1",
            ),
            (
                "highestUserWastedPercent: 10%",
                "`highestUserWastedPercent` is `10%`, which is no number",
            ),
            (
                "highestWastedBytes: 20 apples",
                "`highestWastedBytes` is `20 apples`, which is no size such as `20MB`",
            ),
            ("highestWastedBytes: [1]", "a single value is expected here"),
        ];
        for (rule, message) in cases {
            let (line, found, _) = fault(&format!("rules:\n  {rule}\n"));
            assert_eq!((line, found.as_str()), (2, message));
        }
        assert_eq!(fault("- a\n").1, "names with values are expected here");
    }

    proptest! {
        #[test]
        fn any_text_is_rules_or_a_fault(text in "(rules:\n)?[ a-zA-Z0-9:{}\\[\\]&*!|>'\"#%@,\n-]{0,60}") {
            let _ = parse(&text);
        }
    }
}
