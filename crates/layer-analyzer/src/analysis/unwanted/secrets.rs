//! Files that tell secrets: by content where it was read, by path in any case.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use super::credentials::CREDENTIALS;
use super::files::Fate;
use super::matcher::Matcher;
use crate::analysis::rules::{ACCESS_TOKEN, PASSWORD, PRIVATE_KEY, Rule, Weight};
use crate::analysis::tree::{Content, Tree};
use crate::model::ignore::Ignore;
use crate::model::image::Layer;
use crate::model::mark::MarkKind;
use crate::model::path::split_last;
use crate::model::secret::{Secret, SecretKind};

static MATCHER: LazyLock<Matcher> = LazyLock::new(|| Matcher::new(&CREDENTIALS));

/// Names of folders whose files are samples, as a rule.
///
/// Chosen: what packages call the folders of their tests and documentation.
const SAMPLE_FOLDERS: [&[u8]; 14] = [
    b"doc",
    b"docs",
    b"demo",
    b"example",
    b"examples",
    b"fixtures",
    b"man",
    b"sample",
    b"samples",
    b"test",
    b"testdata",
    b"testing",
    b"tests",
    b"__tests__",
];

/// Files that are there to hold the hashes of passwords.
const PASSWORD_FILES: [&[u8]; 5] = [
    b"etc/shadow",
    b"etc/shadow-",
    b"etc/gshadow",
    b"etc/gshadow-",
    b"etc/master.passwd",
];

/// A file that tells a secret.
#[derive(Clone, Debug)]
pub(crate) struct Telltale<'a> {
    /// The rule.
    pub(crate) rule: &'static Rule,
    /// How grave it is.
    pub(crate) weight: Weight,
    /// The layer, by index.
    pub(crate) layer: u32,
    /// The file.
    pub(crate) path: &'a [u8],
    /// What was found in it, gravest first; empty when only its path tells.
    pub(crate) secrets: Vec<&'a Secret>,
    /// What becomes of it above.
    pub(crate) fate: Fate,
}

/// Returns the files of all layers that tell secrets, in the order in which layers store them.
pub(crate) fn telltales<'a>(
    tree: &Tree<'a>,
    layers: &'a [Arc<Layer>],
    ignore: &Ignore,
) -> Vec<Telltale<'a>> {
    let secrets = noticed(layers);
    let mut cursor = MATCHER.cursor();
    let mut found = Vec::new();
    for content in tree.contents() {
        let is_read = layers[content.layer as usize].is_verified;
        let by_path = cursor
            .rule(content.path)
            .map(|rule| &CREDENTIALS[rule])
            .filter(|rule| !(rule.is_by_content && is_read) && content.size_bytes > 0);
        let by_content = secrets
            .get(&(content.layer, content.index as usize))
            .and_then(|secrets| told(content, secrets));
        let by_path = || by_path.map(|rule| telltale(content, &rule.rule, rule.rule.weight));
        let told = by_content.or_else(by_path);
        found.extend(told.filter(|telltale| !ignore.has(telltale.path)));
    }
    found
}

fn noticed(layers: &[Arc<Layer>]) -> HashMap<(u32, usize), Vec<&Secret>> {
    let mut noticed: HashMap<_, Vec<&Secret>> = HashMap::new();
    for (layer, read) in (0..).zip(layers) {
        for mark in &read.marks {
            if let MarkKind::Secret(secret) = &mark.kind {
                noticed.entry((layer, mark.entry)).or_default().push(secret);
            }
        }
    }
    noticed
}

/// What the secrets in a file mean. `None` when they mean nothing there.
fn told<'a>(content: &Content<'a>, secrets: &[&'a Secret]) -> Option<Telltale<'a>> {
    let mut secrets: Vec<&Secret> = secrets
        .iter()
        .filter(|secret| secret.kind != SecretKind::PasswordHash || is_password_file(content.path))
        .copied()
        .collect();
    secrets.sort_by_key(|secret| (weight(secret.kind), secret.line));
    let gravest = secrets.first()?;
    let weight = if is_sample(content.path) {
        Weight::Note
    } else {
        weight(gravest.kind)
    };
    let rule = match gravest.kind {
        SecretKind::PrivateKey | SecretKind::EncryptedKey => &PRIVATE_KEY,
        SecretKind::Token | SecretKind::WebToken | SecretKind::KeyId => &ACCESS_TOKEN,
        SecretKind::Password | SecretKind::PasswordHash => &PASSWORD,
    };
    Some(Telltale {
        secrets,
        ..telltale(content, rule, weight)
    })
}

fn telltale<'a>(content: &Content<'a>, rule: &'static Rule, weight: Weight) -> Telltale<'a> {
    Telltale {
        rule,
        weight,
        layer: content.layer,
        path: content.path,
        secrets: Vec::new(),
        fate: Fate::of(content.loss),
    }
}

/// How grave it is that everybody has a secret of a kind.
pub(crate) fn weight(kind: SecretKind) -> Weight {
    match kind {
        SecretKind::PrivateKey | SecretKind::Token | SecretKind::Password => Weight::Error,
        SecretKind::EncryptedKey | SecretKind::PasswordHash | SecretKind::WebToken => {
            Weight::Warning
        }
        SecretKind::KeyId => Weight::Note,
    }
}

fn is_password_file(path: &[u8]) -> bool {
    PASSWORD_FILES.contains(&path) || split_last(path).1 == b".htpasswd"
}

/// Whether a file belongs to tests or documentation, where most secrets are made up.
fn is_sample(path: &[u8]) -> bool {
    split_last(path)
        .0
        .split(|byte| *byte == b'/')
        .any(|name| SAMPLE_FOLDERS.contains(&name) || is_package_text(name))
}

/// Whether a folder is where Python keeps the description of a package, samples of use in it.
fn is_package_text(folder: &[u8]) -> bool {
    folder.ends_with(b".dist-info") || folder.ends_with(b".egg-info")
}

#[cfg(test)]
mod tests;
