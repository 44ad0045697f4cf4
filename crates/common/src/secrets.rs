//! Which names are those of secrets, and what stands in their place.

/// What stands in a report instead of a value that must not be shown.
pub const REDACTED: &str = "<redacted>";

/// Words that make a variable's name look secret, whole between underscores.
///
/// Chosen: those of BuildKit's own check, and those of the registries' and clouds' variables.
/// Source: <https://docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/>
const SECRET_WORDS: [&str; 10] = [
    "AUTH",
    "CREDENTIAL",
    "CREDENTIALS",
    "KEY",
    "PASSPHRASE",
    "PASSWD",
    "PASSWORD",
    "PWD",
    "SECRET",
    "TOKEN",
];

/// Whether the value of a build argument or variable must not be shown.
pub fn looks_secret(name: &str) -> bool {
    name.split('_').any(|word| {
        SECRET_WORDS
            .iter()
            .any(|secret| word.eq_ignore_ascii_case(secret))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_hold_a_secret_word_look_secret() {
        for name in [
            "TOKEN",
            "NPM_TOKEN",
            "db_password",
            "AWS_SECRET_ACCESS_KEY",
            "API_KEY",
        ] {
            assert!(looks_secret(name), "{name}");
        }
        for name in ["VERSION", "KEYBOARD", "TOKENIZER", "MONKEY_PATCH", "BASE"] {
            assert!(!looks_secret(name), "{name}");
        }
    }
}
