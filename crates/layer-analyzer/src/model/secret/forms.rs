//! How credentials look behind the word that gives them away.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use std::ops::Range;

use super::plausible::{is_placeholder, is_random, is_template};
use super::tokens::{Alphabet, Token};
use super::{SecretKind, redacted_password, redacted_token};

/// How far behind a word is looked, in bytes.
///
/// Chosen: the web tokens of large providers fit, and a hostile text costs no more.
const REACH_BYTES_MAX: usize = 4096;

/// How far before a word is looked, in bytes. Source: login names have 32 (useradd(8)).
const LINE_BYTES_MAX: usize = 64;

/// Where in a text a word stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) text: &'a [u8],
    /// Where the word starts.
    pub(super) start: usize,
    /// Where it ends.
    pub(super) end: usize,
}

impl<'a> Place<'a> {
    /// The text after the word, as far as a credential can reach.
    fn after(self) -> &'a [u8] {
        let after = &self.text[self.end..];
        &after[..after.len().min(REACH_BYTES_MAX)]
    }

    /// The text before the word, as far as a line of a file with passwords can reach.
    fn before(self) -> &'a [u8] {
        &self.text[self.start.saturating_sub(LINE_BYTES_MAX)..self.start]
    }

    /// Whether the word starts where a word can.
    fn is_start(self) -> bool {
        self.before()
            .last()
            .is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_')
    }

    fn is_line_start(self) -> bool {
        self.before().last().is_none_or(|byte| *byte == b'\n')
    }

    fn found(
        self,
        kind: SecretKind,
        what: &'static str,
        excerpt: Box<str>,
        secret: &[u8],
    ) -> Found {
        Found {
            kind,
            what,
            excerpt,
            range: self.range(secret),
        }
    }

    /// Where a part of the text is.
    fn range(self, part: &[u8]) -> Range<usize> {
        let start = part.as_ptr() as usize - self.text.as_ptr() as usize;
        start..start + part.len()
    }
}

/// What stands there.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) kind: SecretKind,
    pub(super) what: &'static str,
    pub(super) excerpt: Box<str>,
    /// Where in the text the secret is.
    pub(super) range: Range<usize>,
}

/// How far from an access key's id its secret is looked for, in bytes.
///
/// Chosen: both are in one file of a few lines, or in two variables one after the other.
const AWS_SECRET_DISTANCE_MAX: usize = 256;

/// Characters of an access key's secret. Source: gitleaks `aws-access-token`'s companion in trivy,
/// `aws-secret-access-key`.
const AWS_SECRET_LENGTH: usize = 40;

/// How much base64 a private key has at least. Source: an Ed25519 key in PKCS#8 (RFC 8410) has 64.
const KEY_LENGTH_MIN: usize = 60;

/// A token of a provider.
pub(super) fn token(place: Place, token: &Token) -> Option<Found> {
    let (shortest, longest) = token.length;
    let length = run(place.after(), |byte| token.alphabet.has(byte));
    let body = &place.after()[..length];
    if !place.is_start() || !(shortest..=longest).contains(&length) || !is_random(body) {
        return None;
    }
    // A longer word of letters and digits is something else, such as a digest.
    let is_longer = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    if place.after().get(length).is_some_and(is_longer) {
        return None;
    }
    let whole = &place.text[place.start..place.end + length];
    let excerpt = redacted_token(whole);
    if token.kind == SecretKind::KeyId && has_aws_secret(place, length) {
        return Some(place.found(SecretKind::Token, "an AWS access key", excerpt, whole));
    }
    Some(place.found(token.kind, token.what, excerpt, whole))
}

fn has_aws_secret(place: Place, length: usize) -> bool {
    let start = place.start.saturating_sub(AWS_SECRET_DISTANCE_MAX);
    let end = place
        .text
        .len()
        .min(place.end + length + AWS_SECRET_DISTANCE_MAX);
    let words = place.text[start..end].split(|byte| !Alphabet::Base64.has(*byte) || *byte == b'=');
    let is_mixed = |word: &[u8]| {
        word.iter().any(u8::is_ascii_uppercase)
            && word.iter().any(u8::is_ascii_lowercase)
            && word.iter().any(u8::is_ascii_digit)
    };
    words
        .into_iter()
        .any(|word| word.len() == AWS_SECRET_LENGTH && is_random(word) && is_mixed(word))
}

/// A private key in PEM, also within JSON, where line breaks are escaped. Source: RFC 7468, RFC 1421.
pub(super) fn private_key(place: Place) -> Option<Found> {
    let label_length = run(place.after(), |byte| {
        byte.is_ascii_uppercase() || byte == b' '
    });
    let (label, rest) = place.after().split_at(label_length);
    let rest = rest.strip_prefix(b"-----")?;
    if !label.ends_with(b"PRIVATE KEY") && !label.ends_with(b"PRIVATE KEY BLOCK") {
        return None;
    }
    let mut is_encrypted = label.starts_with(b"ENCRYPTED");
    let mut key = Vec::new();
    for line in lines(rest) {
        if line.starts_with(b"-----END") {
            break;
        }
        is_encrypted |= line.starts_with(b"Proc-Type") && line.ends_with(b"ENCRYPTED");
        let is_header = line.contains(&b':') || line.is_empty();
        let is_base64 = line.iter().all(|byte| Alphabet::Base64.has(*byte));
        match (is_header, is_base64) {
            (true, _) => {}
            (false, true) => key.extend_from_slice(line),
            (false, false) => break,
        }
        if key.len() >= KEY_LENGTH_MIN {
            break;
        }
    }
    if key.len() < KEY_LENGTH_MIN || !is_random(&key) {
        return None;
    }
    let excerpt = String::from_utf8_lossy(label).into_owned().into();
    let secret = until_end(&place.text[place.end + label.len()..]);
    Some(if is_encrypted {
        let what = "an encrypted private key";
        place.found(SecretKind::EncryptedKey, what, excerpt, secret)
    } else {
        place.found(SecretKind::PrivateKey, "a private key", excerpt, secret)
    })
}

/// What is before the line that ends a key; all, if none does.
fn until_end(text: &[u8]) -> &[u8] {
    const END: &[u8] = b"-----END";
    let end = text.windows(END.len()).position(|window| window == END);
    &text[..end.unwrap_or(text.len())]
}

/// How many lines of a key are looked at. Chosen: its headers and more than enough of its content.
const KEY_LINES_MAX: usize = 12;

/// The next lines of a text, whose breaks may be escaped.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    let next = move || {
        let end = rest
            .iter()
            .position(|byte| matches!(byte, b'\n' | b'\\' | b'"' | b'\''));
        let (line, after) = rest.split_at(end.unwrap_or(rest.len()));
        let break_length = if after.starts_with(b"\\") { 2 } else { 1 };
        rest = after.get(break_length..).unwrap_or_default();
        (end.is_some() || !line.is_empty()).then(|| line.trim_ascii())
    };
    std::iter::from_fn(next).take(KEY_LINES_MAX)
}

/// A URL with a password. Source: RFC 3986, section 3.2.1.
pub(super) fn url_password(place: Place) -> Option<Found> {
    let is_scheme = |byte: &u8| byte.is_ascii_alphanumeric();
    if !place.before().last().is_some_and(is_scheme) {
        return None;
    }
    let length = run(place.after(), |byte| {
        byte.is_ascii_graphic() && !b"/?#\"'<>`,;\\".contains(&byte)
    });
    let authority = &place.after()[..length];
    let at = authority.iter().rposition(|byte| *byte == b'@')?;
    let (user_info, host) = (&authority[..at], &authority[at + 1..]);
    let colon = user_info.iter().position(|byte| *byte == b':')?;
    let (user, password) = (&user_info[..colon], &user_info[colon + 1..]);
    let is_sample = password.len() < PASSWORD_LENGTH_MIN
        || password == user
        || [user, password, host].into_iter().any(is_template)
        || is_placeholder(password)
        || !is_host(host);
    (!is_sample).then(|| {
        let excerpt = redacted_password(password);
        place.found(
            SecretKind::Password,
            "a password in a URL",
            excerpt,
            password,
        )
    })
}

/// Chosen: shorter ones are `x` and `pw` of documentation; nobody is let in with three characters.
const PASSWORD_LENGTH_MIN: usize = 4;

/// Whether a host can be one that somebody runs.
fn is_host(host: &[u8]) -> bool {
    let name = host.split(|byte| *byte == b':').next().unwrap_or_default();
    let name = name.to_ascii_lowercase();
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b".-_".contains(byte);
    let samples: [&[u8]; 6] = [
        b"localhost",
        b"127.0.0.1",
        b"0.0.0.0",
        b"host",
        b"hostname",
        b"server",
    ];
    // Source: RFC 2606.
    let is_reserved =
        name.ends_with(b".test") || name.ends_with(b".invalid") || name.ends_with(b".localhost");
    !name.is_empty()
        && name.iter().all(is_name)
        && !is_placeholder(&name)
        && !samples.contains(&name.as_slice())
        && !is_reserved
}

/// A signed JSON Web Token. Source: RFC 7515, section 3.1.
pub(super) fn web_token(place: Place) -> Option<Found> {
    /// Chosen: no algorithm with a key has a shorter signature than HMAC with SHA-256.
    const SIGNATURE_LENGTH_MIN: usize = 43;
    let is_part = |byte: u8| Alphabet::Base64Url.has(byte) || byte == b'.';
    let length = run(place.after(), is_part);
    let whole = &place.text[place.start..place.end + length];
    let parts: Vec<&[u8]> = whole.split(|byte| *byte == b'.').collect();
    let &[_, payload, signature] = parts.as_slice() else {
        return None;
    };
    let is_signed = payload.starts_with(b"eyJ") && signature.len() >= SIGNATURE_LENGTH_MIN;
    let is_sample = payload.starts_with(SAMPLE_PAYLOAD);
    (place.is_start() && is_signed && !is_sample && is_random(signature)).then(|| {
        place.found(
            SecretKind::WebToken,
            "a JSON Web Token",
            redacted_token(whole),
            whole,
        )
    })
}

/// The subject `1234567890` of the token that <https://jwt.io> shows and everybody copies.
const SAMPLE_PAYLOAD: &[u8] = b"eyJzdWIiOiIxMjM0NTY3ODkw";

/// Name and password for a registry. Source: docker/cli, `cli/config/types/authconfig.go`.
pub(super) fn registry_auth(place: Place) -> Option<Found> {
    let rest = place.after().trim_ascii_start().strip_prefix(b":")?;
    let rest = rest.trim_ascii_start().strip_prefix(b"\"")?;
    let encoded = &rest[..run(rest, |byte| Alphabet::Base64.has(byte))];
    let decoded = STANDARD.decode(encoded).ok()?;
    let colon = decoded.iter().position(|byte| *byte == b':')?;
    let (user, password) = (&decoded[..colon], &decoded[colon + 1..]);
    let is_text = decoded.iter().all(u8::is_ascii_graphic);
    let is_sample = user.is_empty() || password.is_empty() || is_placeholder(password);
    (is_text && !is_sample).then(|| {
        let what = "a registry's password";
        place.found(
            SecretKind::Password,
            what,
            redacted_password(password),
            encoded,
        )
    })
}

/// A token or password of `.npmrc`. Source: <https://docs.npmjs.com/cli/configuring-npm/npmrc>,
/// "Auth related configuration".
pub(super) fn npm_value(place: Place) -> Option<Found> {
    let is_key = |byte: &u8| matches!(byte, b':' | b'\n');
    if !place.before().last().is_none_or(is_key) && !place.text[place.start..].starts_with(b":") {
        return None;
    }
    let rest = place.after();
    let rest = if place.text[..place.end].ends_with(b"=") {
        rest
    } else {
        let blanks = run(rest, |byte| byte == b' ');
        rest[blanks..].strip_prefix(b"=")?
    };
    let rest = &rest[run(rest, |byte| matches!(byte, b' ' | b'"'))..];
    let value = &rest[..run(rest, |byte| byte.is_ascii_graphic() && byte != b'"')];
    let is_sample = value.len() < NPM_VALUE_LENGTH_MIN
        || is_template(value)
        || is_placeholder(value)
        || !is_random(value);
    (!is_sample).then(|| {
        let what = "a credential of npm";
        place.found(SecretKind::Password, what, redacted_password(value), value)
    })
}

/// Chosen: the base64 of a name and a password is no shorter.
const NPM_VALUE_LENGTH_MIN: usize = 8;

/// A line of `.netrc`. Source: netrc(5) of inetutils.
pub(super) fn netrc_password(place: Place) -> Option<Found> {
    /// Chosen: the words of one machine, with an account and a comment.
    const WORDS_MAX: usize = 10;
    if !place.is_line_start() {
        return None;
    }
    let words = place.after().split(u8::is_ascii_whitespace);
    let words: Vec<&[u8]> = words
        .filter(|word| !word.is_empty())
        .take(WORDS_MAX)
        .collect();
    let value = |name: &[u8]| {
        words
            .iter()
            .position(|word| *word == name)
            .and_then(|at| words.get(at + 1))
    };
    let (machine, login, password) = (words.first()?, value(b"login")?, value(b"password")?);
    let is_sample = is_placeholder(password)
        || password == login
        || [*machine, *login, *password].into_iter().any(is_template)
        || !is_host(machine);
    (!is_sample).then(|| {
        let what = "a password of `.netrc`";
        place.found(
            SecretKind::Password,
            what,
            redacted_password(password),
            password,
        )
    })
}

/// The hash of a password, in the second field of a line. Source: shadow(5), crypt(5).
pub(super) fn password_hash(place: Place) -> Option<Found> {
    /// Source: crypt(5); that of MD5 has 22 characters.
    const HASH_LENGTH_MIN: usize = 22;
    let is_crypt = |byte: u8| byte.is_ascii_alphanumeric() || b"./$=,".contains(&byte);
    let length = run(place.after(), is_crypt);
    let hash = place.after()[..length]
        .rsplit(|byte| *byte == b'$')
        .next()?;
    let line = place.before().rsplit(|byte| *byte == b'\n').next()?;
    let is_user = !line.is_empty()
        && line
            .iter()
            .all(|byte| byte.is_ascii_graphic() && *byte != b':');
    (is_user && hash.len() >= HASH_LENGTH_MIN && is_random(hash)).then(|| {
        let what = "the hash of a password";
        place.found(
            SecretKind::PasswordHash,
            what,
            redacted_password(hash),
            hash,
        )
    })
}

fn run(text: &[u8], is_part: impl Fn(u8) -> bool) -> usize {
    text.iter().take_while(|byte| is_part(**byte)).count()
}
