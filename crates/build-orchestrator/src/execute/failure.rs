//! What kind of failure the words of BuildKit or the Engine describe.
//!
//! Neither gives a code for it: a registry that is overloaded and a typo in a name both come as
//! text. Source: docker/buildx#454.

use crate::model::outcome::{TargetError, TargetErrorKind};

/// Words of failures that pass, in small letters.
///
/// Source: research/build.md section 2, rows 13 (504 and reset), 14 (token fetches), 20 (sessions)
/// and 39 (429 of Docker Hub); `net` and `net/http` of Go for the rest.
const TRANSIENT: [&str; 21] = [
    "429 too many requests",
    "toomanyrequests",
    "500 internal server error",
    "502 bad gateway",
    "503 service unavailable",
    "504 gateway timeout",
    "504 gateway time-out",
    "connection reset by peer",
    "connection refused",
    "broken pipe",
    "i/o timeout",
    "tls handshake timeout",
    "client.timeout exceeded",
    "request canceled while waiting for connection",
    "temporary failure in name resolution",
    "server misbehaving",
    "network is unreachable",
    "no route to host",
    "server sent goaway",
    "unexpected eof",
    "no active session",
];

/// What BuildKit says of a command that it ran and that failed, before and since version 0.9. The
/// text holds the command, and with it any word.
///
/// Source: executor/runcexecutor and solver/errdefs of github.com/moby/buildkit.
const COMMAND_FAILED: [(&str, &str); 2] = [
    ("executor failed running [", "]: "),
    ("process \"", "\" did not complete successfully: "),
];

/// The error that a message of BuildKit or the Engine describes.
pub(super) fn described(message: &str) -> TargetError {
    TargetError {
        kind: kind(message),
        message: message.to_owned(),
    }
}

fn kind(message: &str) -> TargetErrorKind {
    let is_command = |(start, end): &(&str, &str)| {
        let command = message.split_once(start);
        command.is_some_and(|(_, rest)| rest.contains(end))
    };
    if COMMAND_FAILED.iter().any(is_command) || message.contains("Dockerfile parse error") {
        return TargetErrorKind::Build;
    }
    let message = message.to_lowercase();
    // The end of a connection, in an error that names the URL that was asked for.
    let is_cut_off = message.contains("://") && message.ends_with(": eof");
    if is_cut_off || TRANSIENT.iter().any(|words| message.contains(words)) {
        TargetErrorKind::Transient
    } else if message.contains("is not allowed by build daemon configuration") {
        TargetErrorKind::Unsupported
    } else if message.ends_with("context canceled") {
        // We leave without waiting for an answer, so it was the Engine that gave up: it is stopped.
        TargetErrorKind::Unavailable
    } else {
        TargetErrorKind::Build
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use TargetErrorKind::{Build, Transient, Unavailable, Unsupported};

    #[test]
    fn failures_that_pass_are_told_from_those_that_stay() {
        let cases = [
            // A registry or the way to it.
            (
                "failed to do request: Head \"https://r.example/v2/a/manifests/1\": dial tcp: lookup r.example: Temporary failure in name resolution",
                Transient,
            ),
            (
                "r.example/a:1: failed to do request: Head \"http://127.0.0.1:5000/v2/\": dial tcp 127.0.0.1:5000: connect: connection refused",
                Transient,
            ),
            (
                "unexpected status code [manifests 1]: 503 Service Unavailable",
                Transient,
            ),
            (
                "error pulling image configuration: toomanyrequests: You have reached your pull rate limit",
                Transient,
            ),
            (
                "failed to authorize: failed to fetch anonymous token: Get \"https://auth.example/token\": EOF",
                Transient,
            ),
            (
                "failed to copy: httpReadSeeker: failed open: net/http: TLS handshake timeout",
                Transient,
            ),
            (
                "read tcp 10.0.0.1:4711->10.0.0.2:443: read: connection reset by peer",
                Transient,
            ),
            (
                "no active session for k3x: context deadline exceeded",
                Transient,
            ),
            // A command, whatever it says of itself.
            (
                "executor failed running [/bin/sh -c echo connection reset by peer && exit 1]: exit code: 1",
                Build,
            ),
            (
                "failed to solve: process \"/bin/sh -c curl https://x || echo i/o timeout\" did not complete successfully: exit code: 7",
                Build,
            ),
            // A file that says what it says.
            (
                "failed to solve with frontend dockerfile.v0: failed to create LLB definition: Dockerfile parse error line 3: unknown instruction: EOF",
                Build,
            ),
            (
                "failed to compute cache key: \"/eof\" not found: not found",
                Build,
            ),
            ("r.example/a:2: not found", Build),
            ("unauthorized: authentication required", Build),
            // The Engine.
            (
                "failed to solve: granting entitlement security.insecure is not allowed by build daemon configuration",
                Unsupported,
            ),
            (
                "rpc error: code = Canceled desc = context canceled",
                Unavailable,
            ),
        ];
        for (message, expected) in cases {
            assert_eq!(kind(message), expected, "{message}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_a_kind(message: String) {
            kind(&message);
        }
    }
}
