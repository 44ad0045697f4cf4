//! Digests by which blobs are called, and whether what was read has them.

use super::image_error::ImageError;

/// The folder of blobs in archives and layouts.
const BLOBS: &str = "blobs/sha256/";

/// The name of a blob.
///
/// # Errors
///
/// The digest is no SHA-256 as OCI writes it: anything else could lead anywhere.
pub(crate) fn blob_name(digest: &str) -> Result<String, ImageError> {
    match digest.strip_prefix("sha256:") {
        Some(hex) if is_hex(hex) => Ok(format!("{BLOBS}{hex}")),
        _ => Err(ImageError::Unread {
            digest: digest.to_owned(),
        }),
    }
}

/// The digest that a blob's name says it has. `None` for other names.
pub(crate) fn named_digest(name: &str) -> Option<String> {
    let name = name.strip_prefix("./").unwrap_or(name);
    let hex = name
        .strip_prefix(BLOBS)
        // Configurations beside the folders of layers, and those of go-containerregistry.
        .or_else(|| name.strip_suffix(".json"))
        .or_else(|| name.strip_prefix("sha256:"))?;
    is_hex(hex).then(|| format!("sha256:{hex}"))
}

/// Whether something has the digest that it should have.
///
/// # Errors
///
/// It has another one.
pub(crate) fn check(name: &str, expected: &str, found: &str) -> Result<(), ImageError> {
    if expected == found {
        return Ok(());
    }
    Err(ImageError::Digest {
        name: name.to_owned(),
        expected: expected.to_owned(),
        found: found.to_owned(),
    })
}

fn is_hex(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.len() == 64 && text.bytes().all(is_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_digest_becomes_a_name() {
        let hex = "0a".repeat(32);
        let name = blob_name(&format!("sha256:{hex}")).unwrap();
        assert_eq!(name, format!("blobs/sha256/{hex}"));
        for digest in [
            "sha256:../../x",
            "sha256:",
            "sha512:0a",
            "0a",
            "",
            "sha256:0A",
        ] {
            assert!(blob_name(digest).is_err(), "{digest}");
        }
    }

    #[test]
    fn a_name_says_which_digest_its_blob_has() {
        let hex = "0a".repeat(32);
        let digest = Some(format!("sha256:{hex}"));
        assert_eq!(named_digest(&format!("blobs/sha256/{hex}")), digest);
        assert_eq!(named_digest(&format!("./blobs/sha256/{hex}")), digest);
        assert_eq!(named_digest(&format!("{hex}.json")), digest);
        assert_eq!(named_digest(&format!("sha256:{hex}")), digest);
        assert_eq!(named_digest(&format!("{hex}/layer.tar")), None);
        assert_eq!(named_digest("config.json"), None);
    }
}
