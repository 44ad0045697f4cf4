//! Files that tell secrets, in layers that are written as lists.

use super::*;
use crate::analysis::stack::stack;
use crate::model::entry::{Entry, EntryKind};
use crate::model::mark::Mark;

fn secret(kind: SecretKind, line: u32) -> MarkKind {
    MarkKind::Secret(Secret {
        kind,
        what: "a thing",
        line,
        excerpt: "".into(),
    })
}

/// A layer whose contents were read, with what was found in each file.
fn read(files: &[(&str, &[MarkKind])]) -> Layer {
    let entries = files.iter().map(|(path, _)| Entry::file(path, 9)).collect();
    let mut layer = Layer::of(entries);
    layer.is_verified = true;
    for (entry, (_, kinds)) in files.iter().enumerate() {
        let marks = kinds.iter().cloned();
        layer.marks.extend(marks.map(|kind| Mark { entry, kind }));
    }
    layer
}

fn told(layers: Vec<Layer>) -> Vec<String> {
    let layers: Vec<Arc<Layer>> = layers.into_iter().map(Arc::new).collect();
    let stack = stack(&layers, 0);
    let found = telltales(&stack.tree, &layers, &Ignore::default());
    let line = |found: &Telltale| {
        let path = String::from_utf8_lossy(found.path);
        let lines: Vec<u32> = found.secrets.iter().map(|secret| secret.line).collect();
        let fate = found.fate.told(1, found.layer);
        format!(
            "{} {:?} {path} {lines:?}{fate}",
            found.rule.id, found.weight
        )
    };
    found.iter().map(line).collect()
}

#[test]
fn a_file_is_told_once_by_its_gravest_secret() {
    let kinds = [
        secret(SecretKind::WebToken, 1),
        secret(SecretKind::Token, 2),
        secret(SecretKind::KeyId, 3),
    ];
    let found = told(vec![read(&[("srv/.env", &kinds), ("srv/app", &[])])]);
    assert_eq!(found, ["access-token Error srv/.env [2, 1, 3]"]);
}

#[test]
fn a_secret_that_is_deleted_above_is_still_stored() {
    let gone = Layer::of(vec![Entry::of("srv", EntryKind::Whiteout)]);
    let key = [secret(SecretKind::PrivateKey, 1)];
    let found = told(vec![read(&[("srv/tls.pem", &key)]), gone]);
    let expected = "private-key Error srv/tls.pem [1]; deleted in layer 1, still stored in layer 0";
    assert_eq!(found, [expected]);
}

#[test]
fn the_content_decides_where_it_was_read() {
    let files = ["root/.ssh/id_rsa", "root/.aws/credentials"];
    let read = read(&files.map(|path| (path, &[][..])));
    assert_eq!(
        told(vec![read]),
        ["credential-file Warning root/.aws/credentials []"]
    );
    let unread = Layer::of(files.map(|path| Entry::file(path, 9)).to_vec());
    assert_eq!(
        told(vec![unread]),
        [
            "key-file Warning root/.ssh/id_rsa []",
            "credential-file Warning root/.aws/credentials []"
        ]
    );
}

#[test]
fn secrets_of_tests_are_notes_and_hashes_count_in_their_files() {
    let key = [secret(SecretKind::PrivateKey, 1)];
    let hash = [secret(SecretKind::PasswordHash, 1)];
    let found = told(vec![read(&[
        ("usr/lib/python3/test/keycert.pem", &key),
        ("etc/shadow", &hash),
        ("usr/share/x/hashes.txt", &hash),
    ])]);
    assert_eq!(
        found,
        [
            "private-key Note usr/lib/python3/test/keycert.pem [1]",
            "password Warning etc/shadow [1]"
        ]
    );
}
