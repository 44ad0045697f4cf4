//! Hashes and identifiers.

use sha2::Digest;
use std::fmt::Write;
use uuid::Uuid;

use super::super::value::Value;
use super::Function;

pub(super) const FUNCTIONS: &[(&str, Function)] = &[
    ("md5", |a| Ok(hex(&md5::Md5::digest(a.text()?)))),
    ("sha1", |a| Ok(hex(&sha1::Sha1::digest(a.text()?)))),
    ("sha256", |a| Ok(hex(&sha2::Sha256::digest(a.text()?)))),
    ("sha512", |a| Ok(hex(&sha2::Sha512::digest(a.text()?)))),
    ("uuidv4", |_| Ok(Value::Text(Uuid::new_v4().to_string()))),
    ("uuidv5", |a| {
        let (space, name) = (a.text()?, a.text()?);
        let space = match space.as_str() {
            "dns" => Uuid::NAMESPACE_DNS,
            "url" => Uuid::NAMESPACE_URL,
            "oid" => Uuid::NAMESPACE_OID,
            "x500" => Uuid::NAMESPACE_X500,
            other => other
                .parse()
                .map_err(|_| format!("`{other}` is no namespace"))?,
        };
        Ok(Value::Text(
            Uuid::new_v5(&space, name.as_bytes()).to_string(),
        ))
    }),
];

fn hex(bytes: &[u8]) -> Value {
    let mut text = String::new();
    for byte in bytes {
        write!(text, "{byte:02x}").expect("a string takes all");
    }
    Value::Text(text)
}
