//! Which variable of a `RUN`'s environment certainly changed, going by what both builds recorded.

use std::collections::BTreeMap;

use common::secrets::looks_secret;

use super::Cause;
use crate::model::build::{REDACTED, RunInputs};

/// The first variable, by name, whose value differs. `ARG` and `ENV` of the same value give the same
/// key, so they are compared as one environment.
pub(super) fn variable_cause(before: &RunInputs, after: &RunInputs) -> Option<Cause> {
    let (seen_before, seen) = (environment(before), environment(after));
    let mut names: Vec<_> = seen_before.keys().chain(seen.keys()).copied().collect();
    names.sort_unstable();
    let changed = names
        .into_iter()
        .find(|name| seen_before.get(name) != seen.get(name))?;
    let value = |seen: &BTreeMap<&str, &str>| seen.get(changed).map(|value| shown(changed, value));
    let (name, before_value, after_value) = (changed.to_owned(), value(&seen_before), value(&seen));
    let is_env = after.env.contains_key(changed)
        || !after.args.contains_key(changed) && before.env.contains_key(changed);
    Some(if is_env {
        Cause::EnvChanged {
            name,
            before: before_value,
            after: after_value,
        }
    } else {
        Cause::ArgChanged {
            name,
            before: before_value,
            after: after_value,
        }
    })
}

fn environment(run: &RunInputs) -> BTreeMap<&str, &str> {
    let variables = run.args.iter().chain(&run.env);
    variables
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

/// A value as it may be shown. Build reports have digests in the place of secret ones.
fn shown(name: &str, value: &str) -> String {
    let is_digest = value.strip_prefix("sha256:").is_some_and(|digest| {
        digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit())
    });
    if looks_secret(name) || is_digest {
        REDACTED.to_owned()
    } else {
        value.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let pairs = pairs.iter();
        pairs.map(|&(n, v)| (n.to_owned(), v.to_owned())).collect()
    }

    fn run(args: &[(&str, &str)], env: &[(&str, &str)]) -> RunInputs {
        RunInputs {
            args: variables(args),
            env: variables(env),
            ..RunInputs::default()
        }
    }

    #[test]
    fn a_variable_of_another_value_is_named_with_both() {
        let env = |value: &str| run(&[], &[("A", "1"), ("B", value)]);
        let expected = Cause::EnvChanged {
            name: "B".to_owned(),
            before: Some("1".to_owned()),
            after: Some("2".to_owned()),
        };
        assert_eq!(variable_cause(&env("1"), &env("2")), Some(expected));
        assert_eq!(variable_cause(&env("1"), &env("1")), None);
        let gone = Cause::ArgChanged {
            name: "V".to_owned(),
            before: Some("1".to_owned()),
            after: None,
        };
        let (with, without) = (run(&[("V", "1")], &[]), run(&[], &[]));
        assert_eq!(variable_cause(&with, &without), Some(gone));
    }

    #[test]
    fn an_argument_that_became_a_variable_of_the_same_value_is_no_change() {
        let (arg, env) = (run(&[("V", "1")], &[]), run(&[], &[("V", "1")]));
        assert_eq!(variable_cause(&arg, &env), None);
    }

    #[test]
    fn secret_values_are_told_apart_and_not_shown() {
        let digest = |c: &str| format!("sha256:{}", c.repeat(64));
        for name in ["API_TOKEN", "URL"] {
            let value = |c: &str| run(&[(name, &digest(c))], &[]);
            let expected = Cause::ArgChanged {
                name: name.to_owned(),
                before: Some(REDACTED.to_owned()),
                after: Some(REDACTED.to_owned()),
            };
            assert_eq!(variable_cause(&value("a"), &value("b")), Some(expected));
        }
    }
}
