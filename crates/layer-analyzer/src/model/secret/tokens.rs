//! Tokens that start in a way of their provider's.

use super::SecretKind;

/// Tokens of one provider.
#[derive(Debug)]
pub(super) struct Token {
    /// What it is, with an article.
    pub(super) what: &'static str,
    pub(super) kind: SecretKind,
    /// What each starts with.
    pub(super) prefixes: &'static [&'static str],
    /// What follows.
    pub(super) alphabet: Alphabet,
    /// How many characters follow, at least and at most.
    pub(super) length: (usize, usize),
}

/// Characters that a token is made of.
#[derive(Clone, Copy, Debug)]
pub(super) enum Alphabet {
    /// `A-Z`, `2-7`.
    Base32,
    /// `a-f`, `0-9`.
    Hex,
    /// Letters and digits.
    Alphanumeric,
    /// Letters, digits, `-` and `_`.
    Base64Url,
    /// Letters, digits, `+`, `/` and `=`.
    Base64,
    /// Letters, digits, `/`.
    Path,
}

impl Alphabet {
    /// Whether a token can hold the byte.
    pub(super) fn has(self, byte: u8) -> bool {
        match self {
            Self::Base32 => byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte),
            Self::Hex => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
            Self::Alphanumeric => byte.is_ascii_alphanumeric(),
            Self::Base64Url => byte.is_ascii_alphanumeric() || b"-_".contains(&byte),
            Self::Base64 => byte.is_ascii_alphanumeric() || b"+/=".contains(&byte),
            Self::Path => byte.is_ascii_alphanumeric() || byte == b'/',
        }
    }
}

const LONG: usize = 1024;

/// All tokens that are known by their start.
///
/// Source: the providers' documentation of token formats where linked; lengths and alphabets else
/// from the gitleaks rules named (<https://github.com/gitleaks/gitleaks>, config/gitleaks.toml).
pub(super) const TOKENS: [Token; 18] = [
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes
    token(
        "an AWS access key id",
        SecretKind::KeyId,
        &["AKIA", "ASIA"],
        Alphabet::Base32,
        (16, 16),
    ),
    // https://docs.github.com/authentication/keeping-your-account-and-data-secure/about-authentication-to-github
    access(
        "a GitHub token",
        &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"],
        Alphabet::Alphanumeric,
        (36, 76),
    ),
    access(
        "a GitHub token",
        &["github_pat_"],
        Alphabet::Base64Url,
        (82, 82),
    ),
    // https://docs.gitlab.com/security/tokens/#token-prefixes
    access(
        "a GitLab token",
        &["glpat-", "gldt-", "glrt-", "glptt-"],
        Alphabet::Base64Url,
        (20, 300),
    ),
    // https://docs.slack.dev/authentication/tokens; gitleaks `slack-*`
    access(
        "a Slack token",
        &["xoxb-", "xoxp-", "xoxa-", "xoxs-", "xoxe-", "xapp-"],
        Alphabet::Base64Url,
        (24, 300),
    ),
    // https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
    access(
        "a Slack webhook",
        &["hooks.slack.com/services/"],
        Alphabet::Path,
        (40, 60),
    ),
    // https://docs.stripe.com/keys; gitleaks `stripe-access-token`
    access(
        "a Stripe key",
        &["sk_live_", "rk_live_"],
        Alphabet::Alphanumeric,
        (16, 200),
    ),
    // https://github.blog/changelog/2021-09-23-npm-has-a-new-access-token-format
    access("an npm token", &["npm_"], Alphabet::Alphanumeric, (36, 36)),
    // https://warehouse.pypa.io/api-reference/integration-guide.html; `pypi.org` in each macaroon
    access(
        "a PyPI token",
        &["pypi-AgEIcHlwaS5vcmc"],
        Alphabet::Base64Url,
        (50, LONG),
    ),
    // https://cloud.google.com/docs/authentication/api-keys; gitleaks `gcp-api-key`
    access("a Google API key", &["AIza"], Alphabet::Base64Url, (35, 35)),
    // https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string
    access(
        "an Azure storage key",
        &["AccountKey="],
        Alphabet::Base64,
        (88, 88),
    ),
    // https://docs.docker.com/security/access-tokens
    access(
        "a Docker Hub token",
        &["dckr_pat_", "dckr_oat_"],
        Alphabet::Base64Url,
        (27, 64),
    ),
    // gitleaks `huggingface-access-token`
    access(
        "a Hugging Face token",
        &["hf_"],
        Alphabet::Alphanumeric,
        (34, 40),
    ),
    // gitleaks `digitalocean-pat`
    access(
        "a DigitalOcean token",
        &["dop_v1_", "doo_v1_"],
        Alphabet::Hex,
        (64, 64),
    ),
    // https://developer.hashicorp.com/vault/docs/concepts/tokens#token-prefixes
    access("a Vault token", &["hvs."], Alphabet::Base64Url, (90, 300)),
    // gitleaks `anthropic-api-key`
    access(
        "an Anthropic key",
        &["sk-ant-api03-"],
        Alphabet::Base64Url,
        (80, 120),
    ),
    // gitleaks `openai-api-key`
    access(
        "an OpenAI key",
        &["sk-proj-", "sk-svcacct-"],
        Alphabet::Base64Url,
        (58, 200),
    ),
    // gitleaks `age-secret-key`
    token(
        "an age key",
        SecretKind::PrivateKey,
        &["AGE-SECRET-KEY-1"],
        Alphabet::Alphanumeric,
        (58, 58),
    ),
];

const fn access(
    what: &'static str,
    prefixes: &'static [&'static str],
    alphabet: Alphabet,
    length: (usize, usize),
) -> Token {
    token(what, SecretKind::Token, prefixes, alphabet, length)
}

const fn token(
    what: &'static str,
    kind: SecretKind,
    prefixes: &'static [&'static str],
    alphabet: Alphabet,
    length: (usize, usize),
) -> Token {
    Token {
        what,
        kind,
        prefixes,
        alphabet,
        length,
    }
}
