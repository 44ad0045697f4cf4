//! Why a registry does not hand out an image.
//!
//! Nothing here repeats a URL that a registry sent us to, because it can be signed, nor a login.

use std::error::Error;
use std::io;

use common::error::CommandError;
use oci_client::ParseError;
use oci_client::errors::{DigestError, OciDistributionError, OciErrorCode};

/// How much of a registry's own words is repeated, in characters. Chosen: a line or two.
const MESSAGE_CHARS_MAX: usize = 200;

/// Why a registry does not hand out an image.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RegistryError {
    /// The name is malformed.
    #[error("`{name}` does not name an image of a registry")]
    Name { name: String, source: ParseError },
    /// The registry wants to know who asks, or does not let them.
    #[error("the registry `{host}` does not let us read `{what}`")]
    Refused {
        host: String,
        what: String,
        /// What may help.
        advice: String,
    },
    /// The registry has no such image.
    #[error("no image `{name}` in the registry `{host}`")]
    NoImage {
        host: String,
        name: String,
        /// The most similar name that the registry has.
        nearest: Option<String>,
    },
    /// A manifest names what the registry has not.
    #[error("the registry `{host}` does not have `{digest}`, which a manifest of `{image}` names")]
    NoBlob {
        host: String,
        image: String,
        digest: String,
    },
    /// What came is not what was asked for.
    #[error(
        "the registry `{host}` hands out something else as `{what}`: it has the digest `{found}`"
    )]
    Digest {
        host: String,
        what: String,
        found: String,
    },
    /// The registry answers something else than the protocol has.
    #[error("the registry `{host}` answers to a request for `{what}`: {answer}")]
    Answer {
        host: String,
        what: String,
        answer: String,
        /// Whether it can be another answer next time.
        is_temporary: bool,
    },
    /// Nobody answers, or not to the end.
    #[error("the connection to the registry `{host}` failed at `{what}`: {cause}")]
    Connection {
        host: String,
        what: String,
        cause: String,
    },
}

impl RegistryError {
    /// What a request to `host` for `what` ended with. `None` when there is no such thing.
    pub(super) fn of(host: &str, what: &str, error: OciDistributionError) -> Option<Self> {
        use OciDistributionError as Api;
        let (host, what) = (host.to_owned(), what.to_owned());
        let answer = |answer: String, is_temporary| {
            let answer = answer.chars().take(MESSAGE_CHARS_MAX).collect();
            let (host, what) = (host.clone(), what.clone());
            Self::Answer {
                host,
                what,
                answer,
                is_temporary,
            }
        };
        let refused = || Self::Refused {
            host: host.clone(),
            what: what.clone(),
            advice: String::new(),
        };
        Some(match error {
            Api::UnauthorizedError { .. }
            | Api::AuthenticationFailure(_)
            | Api::ServerError {
                code: 401 | 403, ..
            } => refused(),
            Api::ImageManifestNotFoundError(_) | Api::ServerError { code: 404, .. } => return None,
            Api::ServerError { code, .. } => answer(format!("status {code}"), code >= 429),
            Api::RegistryError { envelope, .. } => {
                let error = envelope.errors.into_iter().next();
                match error.map(|error| (error.code, error.message)) {
                    Some((code, _)) if is_missing(&code) => return None,
                    Some((OciErrorCode::Unauthorized | OciErrorCode::Denied, _)) => refused(),
                    Some((code, message)) => answer(message, code == OciErrorCode::Toomanyrequests),
                    None => answer("an error without a name".to_owned(), false),
                }
            }
            Api::DigestError(error) => match error {
                DigestError::VerificationError { actual, .. } => Self::Digest {
                    host: host.clone(),
                    what: what.clone(),
                    found: actual,
                },
                error => answer(error.to_string(), false),
            },
            Api::RequestError(error) => {
                let cause = innermost(&error);
                Self::Connection { host, what, cause }
            }
            Api::IoError(error) => Self::of_stream(&host, &what, &error),
            error => answer(error.to_string(), false),
        })
    }

    /// What the stream of `what` broke off with.
    pub(super) fn of_stream(host: &str, what: &str, error: &io::Error) -> Self {
        let (host, what) = (host.to_owned(), what.to_owned());
        let inner = error.get_ref().and_then(|error| error.downcast_ref());
        match inner {
            Some(DigestError::VerificationError { actual, .. }) => Self::Digest {
                host,
                what,
                found: actual.clone(),
            },
            _ => Self::Connection {
                host,
                what,
                cause: innermost(error),
            },
        }
    }

    /// Whether it is worth asking again.
    pub(crate) fn is_temporary(&self) -> bool {
        match self {
            Self::Connection { .. } => true,
            Self::Answer { is_temporary, .. } => *is_temporary,
            _ => false,
        }
    }
}

impl From<RegistryError> for CommandError {
    fn from(error: RegistryError) -> Self {
        let hint = match &error {
            RegistryError::Name { .. } => {
                Some("it is written as `registry:HOST[:PORT]/NAME[:TAG|@DIGEST]`".to_owned())
            }
            RegistryError::Refused { advice, .. } => Some(advice.clone()),
            RegistryError::NoImage { nearest, .. } => {
                nearest.as_ref().map(|name| format!("there is `{name}`"))
            }
            RegistryError::NoBlob { .. } => Some(
                "it was removed, or is a layer that has to come from its maker, which is not done"
                    .to_owned(),
            ),
            _ => None,
        };
        let error = if error.is_temporary() {
            Self::unavailable(error)
        } else {
            Self::input(error)
        };
        match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}

fn is_missing(code: &OciErrorCode) -> bool {
    use OciErrorCode as Code;
    matches!(
        code,
        Code::BlobUnknown
            | Code::ManifestBlobUnknown
            | Code::ManifestUnknown
            | Code::NameUnknown
            | Code::NotFound
    )
}

/// The last cause, which says what happened without the URL where it did.
fn innermost(error: &dyn Error) -> String {
    let mut innermost = error;
    while let Some(cause) = innermost.source() {
        innermost = cause;
    }
    innermost.to_string()
}

#[cfg(test)]
mod tests {
    use oci_client::errors::{OciEnvelope, OciError};

    use super::*;

    fn of(error: OciDistributionError) -> Option<RegistryError> {
        RegistryError::of("r.example", "sha256:0", error)
    }

    fn status(code: u16) -> Option<RegistryError> {
        of(OciDistributionError::ServerError {
            code,
            url: "https://elsewhere.example/?signature=hunter22".to_owned(),
            message: "<html>hunter22</html>".to_owned(),
        })
    }

    fn code(code: OciErrorCode) -> Option<RegistryError> {
        let error = OciError {
            code,
            message: "no".to_owned(),
            detail: serde_json::Value::Null,
        };
        of(OciDistributionError::RegistryError {
            envelope: OciEnvelope {
                errors: vec![error],
            },
            url: String::new(),
        })
    }

    #[test]
    fn what_a_registry_answers_is_told_apart() {
        use RegistryError as Error;
        assert!(status(404).is_none());
        assert!(code(OciErrorCode::BlobUnknown).is_none());
        assert!(matches!(status(403), Some(Error::Refused { .. })));
        assert!(matches!(
            code(OciErrorCode::Denied),
            Some(Error::Refused { .. })
        ));
        for (error, is_temporary) in [
            (status(503), true),
            (status(418), false),
            (code(OciErrorCode::Toomanyrequests), true),
            (code(OciErrorCode::Unsupported), false),
        ] {
            assert_eq!(error.unwrap().is_temporary(), is_temporary);
        }
    }

    #[test]
    fn neither_urls_nor_pages_are_repeated() {
        let error = status(503).unwrap().to_string();
        let expected = "the registry `r.example` answers to a request for `sha256:0`: status 503";
        assert_eq!(error, expected);
    }
}
