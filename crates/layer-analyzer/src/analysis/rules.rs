//! The rules that findings come from, in one list.

use super::unwanted::credentials::CREDENTIALS;
use super::unwanted::paths::{PathRule, UNWANTED};

/// One rule.
#[derive(Debug)]
pub(crate) struct Rule {
    /// Names the rule in reports: kebab-case, never reused for something else.
    pub(crate) id: &'static str,
    /// How grave what it finds is at most.
    pub(crate) weight: Weight,
    /// What it finds, so that a sentence can end with it.
    pub(crate) what: &'static str,
    /// What to do about it.
    pub(crate) advice: &'static str,
    /// Where that is written down.
    pub(crate) source: &'static str,
}

/// How grave something is. Sorts the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weight {
    /// Something is broken, or open to everybody.
    Error,
    /// Something costs space or trust.
    Warning,
    /// Something is worth knowing.
    Note,
}

impl Weight {
    /// What reports call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// Returns all rules by id.
pub(crate) fn rules() -> Vec<&'static Rule> {
    let by_path = UNWANTED.iter().chain(&CREDENTIALS);
    let by_path = by_path.map(|PathRule { rule, .. }| rule);
    let mut rules: Vec<&Rule> = by_path.chain(OTHER).collect();
    rules.sort_by_key(|rule| rule.id);
    rules
}

const OTHER: [&Rule; 9] = [
    &ACCESS_TOKEN,
    &CONFIG_SECRET,
    &HISTORY_SECRET,
    &METADATA_COPY,
    &NO_BASELINE,
    &PASSWORD,
    &PRIVATE_KEY,
    &UNSTRIPPED,
    &WASTED_BYTES,
];

pub(crate) const ACCESS_TOKEN: Rule = Rule {
    id: "access-token",
    weight: Weight::Error,
    what: "a token that a provider hands out, by content",
    advice: "revoke it, and hand it to the step that needs it with `RUN --mount=type=secret`",
    source: "https://docs.docker.com/build/building/secrets/",
};

pub(crate) const CONFIG_SECRET: Rule = Rule {
    id: "config-secret",
    weight: Weight::Warning,
    what: "a secret in the image's environment or labels, by name or value",
    advice: "change it, and set it when a container starts: whoever can pull the image can read it",
    source: "https://docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/",
};

pub(crate) const HISTORY_SECRET: Rule = Rule {
    id: "history-secret",
    weight: Weight::Warning,
    what: "a secret in the image's history, such as a build argument",
    advice: "change it, and hand it to the step that needs it with `RUN --mount=type=secret`",
    source: "https://docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/",
};

pub(crate) const PASSWORD: Rule = Rule {
    id: "password",
    weight: Weight::Error,
    what: "a password, or the hash of one, by content",
    advice: "change it, and set it when a container starts, or with `RUN --mount=type=secret`",
    source: "https://docs.docker.com/build/building/secrets/",
};

pub(crate) const PRIVATE_KEY: Rule = Rule {
    id: "private-key",
    weight: Weight::Error,
    what: "a private key, by content",
    advice: "replace it, and mount keys when a container starts, or with `RUN --mount=type=ssh`",
    source: "https://docs.docker.com/build/building/secrets/",
};

pub(crate) const UNSTRIPPED: Rule = Rule {
    id: "unstripped-program",
    weight: Weight::Warning,
    what: "programs and libraries with symbols that no run needs",
    advice: "run `strip` in the stage that builds them, or link with `-s`",
    source: "https://sourceware.org/binutils/docs/binutils/strip.html",
};

pub(crate) const METADATA_COPY: Rule = Rule {
    id: "metadata-copy",
    weight: Weight::Warning,
    what: "files that are stored again although their content did not change",
    advice: "set owners and permissions where the files are made: in the same `RUN`, or with `COPY --chown` and `--chmod`",
    source: "https://docs.docker.com/engine/storage/drivers/#the-copy-on-write-cow-strategy",
};

pub(crate) const NO_BASELINE: Rule = Rule {
    id: "no-baseline",
    weight: Weight::Note,
    what: "an image that the baseline has nothing to compare with",
    advice: "images are found by name, else by target; with `--own` they need a known base",
    source: "docs/layer-analyzer/gates.md",
};

pub(crate) const WASTED_BYTES: Rule = Rule {
    id: "wasted-bytes",
    weight: Weight::Warning,
    what: "bytes that a layer stores and no container sees",
    advice: "delete or change files in the instruction that makes them",
    source: "https://docs.docker.com/build/building/best-practices/#run",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_distinct_and_named_alike() {
        let ids: Vec<&str> = rules().iter().map(|rule| rule.id).collect();
        assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
        let is_kebab = |id: &&str| {
            id.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'-')
        };
        assert!(ids.iter().all(is_kebab), "{ids:?}");
    }
}
