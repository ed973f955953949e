//! Errors of the SDK in words. Its own texts only name a sort of failure ("dispatch failure"); the causes behind them say more, and
//! some of those are the debug form of a value.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_types::error::metadata::ErrorMetadata;

use crate::ui::t;

/// What the causes of a failed call say.
#[derive(Debug)]
pub(super) struct Causes {
    /// The innermost cause that says more than which sort of failure it is.
    pub(super) telling: String,
    /// All of them, from the outermost to the innermost, for `-v`.
    pub(super) all: String,
    /// Why credentials could not be loaded, if that is the reason.
    pub(super) credentials: Option<Credentials>,
}

impl Causes {
    /// Those of an error that does not come from the SDK.
    pub(super) fn none() -> Self {
        Self {
            telling: String::new(),
            all: String::new(),
            credentials: None,
        }
    }
}

/// Why there are no credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Credentials {
    Absent,
    Unusable,
}

/// Texts with which the SDK and its HTTP client only name a sort of failure (their implementations of `Display`).
const SORTS: [&str; 21] = [
    "dispatch failure",
    "service error",
    "response error",
    "failed to construct request",
    "request has timed out",
    "unhandled error",
    "error",
    "io error",
    "timeout",
    "user error",
    "other",
    "client error (Connect)",
    "client error (SendRequest)",
    "connection error",
    "tcp connect error",
    "error trying to connect",
    "an error occurred while loading credentials",
    "unexpected credentials error",
    "the credentials provider was not properly configured",
    "the credential provider was not enabled",
    "failed to load the credentials",
];

/// Returns what the causes of an error say.
pub(super) fn causes(error: &(dyn Error + 'static)) -> Causes {
    let mut credentials = None;
    let mut said: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(cause) = next {
        credentials = credentials.or_else(|| match cause.downcast_ref::<CredentialsError>()? {
            CredentialsError::CredentialsNotLoaded(_) => Some(Credentials::Absent),
            _ => Some(Credentials::Unusable),
        });
        // A cause often repeats the one around it.
        if let Some(text) = words(cause).filter(|text| said.last() != Some(text)) {
            said.push(text);
        }
        next = cause.source();
    }
    let telling = said.iter().rev().find(|text| !is_sort(text));
    Causes {
        telling: telling
            .or(said.last())
            .cloned()
            .unwrap_or_else(|| t!("aws-no-reason")),
        all: said.join(": "),
        credentials,
    }
}

/// What one cause says; `None` if it says nothing, or only its debug form.
fn words(cause: &(dyn Error + 'static)) -> Option<String> {
    // Its text is a debug form, although it holds what the service said.
    if let Some(metadata) = cause.downcast_ref::<ErrorMetadata>() {
        let parts = [metadata.code(), metadata.message()];
        let parts: Vec<&str> = parts.into_iter().flatten().collect();
        return Some(parts.join(": ")).filter(|text| !text.is_empty());
    }
    let text = cause.to_string();
    let text = text.trim();
    let says = !text.is_empty() && !is_debug(text);
    says.then(|| text.to_owned())
}

/// Whether a text is the debug form of a value: a name with its fields, `Error { code: "x" }` or `hyper::Error(Connect)`.
fn is_debug(text: &str) -> bool {
    let end = text.find(|char: char| !(char.is_ascii_alphanumeric() || "_:".contains(char)));
    let Some((name, fields)) = end.filter(|end| *end > 0).map(|end| text.split_at(end)) else {
        return false;
    };
    let is_tuple = fields.starts_with('(') && fields.ends_with(')');
    let is_struct = fields.starts_with(" {") && fields.ends_with('}');
    let last = name.rsplit(':').next().unwrap_or_default();
    (is_tuple || is_struct) && last.starts_with(|char: char| char.is_ascii_uppercase())
}

/// Whether a text only names a sort of failure.
fn is_sort(text: &str) -> bool {
    SORTS.contains(&text) || text.starts_with("unhandled error (")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Cause(&'static str, Option<Box<dyn Error>>);

    impl std::fmt::Display for Cause {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Cause {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_deref()
        }
    }

    fn chain(texts: &[&'static str]) -> Cause {
        let (first, rest) = texts.split_first().unwrap();
        let source: Option<Box<dyn Error>> = match rest {
            [] => None,
            rest => Some(Box::new(chain(rest))),
        };
        Cause(first, source)
    }

    #[test]
    fn the_innermost_cause_that_tells_something_is_told() {
        let refused = "Connection refused (os error 111)";
        for (texts, told) in [
            (
                &[
                    "dispatch failure",
                    "io error",
                    "client error (Connect)",
                    "tcp connect error",
                    refused,
                ][..],
                refused,
            ),
            (
                &[
                    "dispatch failure",
                    "the token is too old",
                    "Token { age: 7 }",
                ],
                "the token is too old",
            ),
            (
                &[
                    "dispatch failure",
                    "cannot connect",
                    "hyper::Error(Connect)",
                ],
                "cannot connect",
            ),
            (
                &["service error", "no such thing", "unhandled error"],
                "no such thing",
            ),
            (
                &["request has timed out", "", "HTTP connect timeout {3 s}"],
                "HTTP connect timeout {3 s}",
            ),
            (&["dispatch failure", "other"], "other"),
        ] {
            assert_eq!(causes(&chain(texts)).telling, told, "{texts:?}");
        }
        let all = causes(&chain(&[
            "dispatch failure",
            "io error",
            "io error",
            "X { y: 1 }",
            refused,
        ]))
        .all;
        assert_eq!(all, format!("dispatch failure: io error: {refused}"));
        let nothing = causes(&chain(&["Error { code: 1 }"]));
        assert_eq!(nothing.telling, t!("aws-no-reason"));
        assert_eq!(nothing.all, "");
    }

    #[test]
    fn what_a_service_said_is_told_in_its_words() {
        let metadata = ErrorMetadata::builder()
            .code("AccessDenied")
            .message("not you")
            .build();
        let error = Cause("unhandled error (AccessDenied)", Some(Box::new(metadata)));
        assert_eq!(causes(&error).telling, "AccessDenied: not you");
    }
}
