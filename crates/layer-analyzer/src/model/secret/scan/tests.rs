//! Credentials made up for these tests, put together so that no scanner takes them for real ones.

use proptest::prelude::*;

use super::super::SecretKind;
use super::*;

/// Letters and digits as random as a token's.
const RANDOM: &str = "q7Zk2Mx5Wn4Rt9PlB8vC3dF6gH1jK0sYtUeIoAaXzNmQwErTyVbLpSdGhJ7k4M2nC5vB8xZ9";

const KEY: &str = "MC4CAQAwBQYDK2VwBCIEIJ8fK2xQpL0vT3mWz7RyHcB1nUgSdE9oAiXk5qPjMtZb";

fn only(text: &str) -> Option<Secret> {
    let mut secrets = scan(text.as_bytes());
    assert!(secrets.len() <= 1, "{text}: {secrets:?}");
    secrets.pop()
}

#[test]
fn tokens_are_told_by_their_start() {
    let cases = [
        ("ghp_", 36, "a GitHub token"),
        ("glpat-", 20, "a GitLab token"),
        ("npm_", 36, "an npm token"),
        ("AIza", 35, "a Google API key"),
        ("sk_live_", 24, "a Stripe key"),
        ("xoxb-", 50, "a Slack token"),
        ("hf_", 34, "a Hugging Face token"),
    ];
    for (prefix, length, what) in cases {
        let text = format!("first\nTOKEN=\"{prefix}{}\"\n", &RANDOM[..length]);
        let secret = only(&text).unwrap();
        assert_eq!((secret.what, secret.line), (what, 2), "{text}");
        let count = prefix.len() + length;
        assert!(
            secret.excerpt.ends_with(&format!("…, {count} characters")),
            "{secret:?}"
        );
    }
}

#[test]
fn what_is_too_long_too_short_or_no_word_is_no_token() {
    for text in [
        format!("ghp_{}", &RANDOM[..20]),
        format!("npm_{}", &RANDOM[..40]),
        format!("xnpm_{}", &RANDOM[..36]),
        "npm_config_registry_is_a_variable_of_npm_itself".to_owned(),
        "AKIAIOSFODNN7EXAMPLE".to_owned(),
        format!("ghp_{}", "x".repeat(36)),
    ] {
        assert_eq!(only(&text), None, "{text}");
    }
}

#[test]
fn an_access_key_counts_with_its_secret_near() {
    let id = "AKIAQ7ZKD2MX5WN4RT3P";
    let alone = only(&format!("id: {id}\n")).unwrap();
    assert_eq!(alone.kind, SecretKind::KeyId);
    let secret = &RANDOM[..40];
    let both = only(&format!(
        "aws_access_key_id={id}\naws_secret_access_key={secret}\n"
    ))
    .unwrap();
    assert_eq!((both.kind, both.line), (SecretKind::Token, 1));
    assert_eq!(&*both.excerpt, "AKIA…, 20 characters");
}

#[test]
fn private_keys_have_a_content() {
    let pem = |label: &str, head: &str, key: &str| {
        only(&format!(
            "-----BEGIN {label}-----\n{head}{key}\n-----END {label}-----\n"
        ))
        .map(|secret| secret.kind)
    };
    assert_eq!(pem("PRIVATE KEY", "", KEY), Some(SecretKind::PrivateKey));
    assert_eq!(
        pem("PGP PRIVATE KEY BLOCK", "\n", KEY),
        Some(SecretKind::PrivateKey)
    );
    assert_eq!(
        pem("ENCRYPTED PRIVATE KEY", "", KEY),
        Some(SecretKind::EncryptedKey)
    );
    let head = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0A\n\n";
    assert_eq!(
        pem("RSA PRIVATE KEY", head, KEY),
        Some(SecretKind::EncryptedKey)
    );
    assert_eq!(pem("PUBLIC KEY", "", KEY), None);
    assert_eq!(pem("CERTIFICATE", "", KEY), None);
    assert_eq!(pem("PRIVATE KEY", "", "..."), None);
}

#[test]
fn a_private_key_within_json_has_escaped_breaks() {
    let json = format!(r#"{{"private_key": "-----BEGIN PRIVATE KEY-----\n{KEY}\n-----END"}}"#);
    assert_eq!(only(&json).unwrap().kind, SecretKind::PrivateKey);
}

#[test]
fn a_url_with_a_real_password_is_told_from_samples() {
    let secret = only("DB=postgres://app:tr0ub4dor@db.corp:5432/x").unwrap();
    assert_eq!(
        (secret.kind, &*secret.excerpt),
        (SecretKind::Password, "9 characters")
    );
    assert!(only("redis://:tr0ub4dor@cache:6379").is_some());
    for text in [
        "https://user:password@host/",
        "https://me:tr0ub4dor@example.com/",
        "postgres://postgres:postgres@db/x",
        "http://app:tr0ub4dor@localhost/",
        "https://$USER:$PASS@db.corp/",
        "https://%s:%s@%s/",
        "https://db.corp:8080/a@b:c",
        "git+ssh://git@db.corp/",
    ] {
        assert_eq!(only(text), None, "{text}");
    }
}

#[test]
fn files_of_programs_hold_passwords() {
    let auth = r#"{"auths":{"reg.corp":{"auth":"YXBwOnRyMHViNGRvcg=="}}}"#;
    assert_eq!(&*only(auth).unwrap().excerpt, "9 characters");
    let token = format!("//reg.corp/:_authToken={}\n", &RANDOM[..40]);
    assert_eq!(only(&token).unwrap().what, "a credential of npm");
    assert_eq!(only("//reg.corp/:_authToken=${NPM_TOKEN}\n"), None);
    let code = format!("proxy_auth={}\n", &RANDOM[..16]);
    assert_eq!(only(&code), None);
    let netrc = "machine git.corp\n  login app\n  password tr0ub4dor\n";
    assert_eq!(only(netrc).unwrap().what, "a password of `.netrc`");
    assert_eq!(only("every machine has a login and a password too\n"), None);
    let shadow = format!("root:*:1:0:\napp:$6$salt${}:1:0:99999\n", &RANDOM[..60]);
    let hash = only(&shadow).unwrap();
    assert_eq!((hash.kind, hash.line), (SecretKind::PasswordHash, 2));
}

#[test]
fn signed_web_tokens_are_found_and_the_sample_is_not() {
    let token = |payload: &str| format!("eyJhbGciOiJIUzI1NiJ9.{payload}.{}", &RANDOM[..43]);
    let found = only(&token("eyJpc3MiOiJjb3JwIn0")).unwrap();
    assert_eq!(found.kind, SecretKind::WebToken);
    assert_eq!(only(&token("eyJzdWIiOiIxMjM0NTY3ODkwIn0")), None);
}

#[test]
fn no_more_than_three_of_a_text_are_told() {
    let text = format!("ghp_{}\n", &RANDOM[..36]).repeat(10);
    let lines: Vec<u32> = scan(text.as_bytes())
        .iter()
        .map(|secret| secret.line)
        .collect();
    assert_eq!(lines, [1, 2, 3]);
}

proptest! {
    #[test]
    fn any_bytes_are_searched(text in prop::collection::vec(any::<u8>(), 0..2048)) {
        scan(&text);
    }

    #[test]
    fn nothing_of_a_secret_is_told(
        secret in "[A-Za-z0-9]{40}",
        form in prop::sample::select(vec![
            "ghp_@", "glpat-@", "xoxb-1-@", "hf_@", "//r/:_authToken=@", "pg://app:@@db.corp/",
            "machine a.corp login app password @", "app:$6$salt$@:1:",
            "-----BEGIN PRIVATE KEY-----\n@@\n", "eyJh.eyJi.@abc", "AccountKey=@@abcdefgh",
            "AKIAQ7ZKD2MX5WN4RT3P @",
        ]),
        noise in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        let planted = form.replace('@', &secret);
        let text = [noise.as_slice(), b"\n", planted.as_bytes(), b"\n"].concat();
        let told = format!("{:?}", scan(&text));
        for part in secret.as_bytes().windows(8) {
            prop_assert!(!told.contains(std::str::from_utf8(part).unwrap()), "{told}");
        }
    }
}
