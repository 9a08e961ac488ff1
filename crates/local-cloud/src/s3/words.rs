//! The messages of errors that s3s gives none: of requests that it refuses before an operation is
//! asked. Clients show such an error as `Unknown`.
//!
//! Source: "Error responses", Amazon S3 API reference.

use http::Response;
use s3s::Body;

const WORDS: &[(&str, &str)] = &[
    (
        "IncompleteBody",
        "You did not provide the number of bytes specified by the Content-Length HTTP header.",
    ),
    (
        "InternalError",
        "We encountered an internal error. Please try again.",
    ),
    (
        "InvalidAccessKeyId",
        "The AWS Access Key Id you provided does not exist in our records.",
    ),
    ("InvalidBucketName", super::errors::INVALID_BUCKET_NAME),
    ("InvalidURI", "Couldn't parse the specified URI."),
    ("KeyTooLongError", "Your key is too long"),
    ("MalformedXML", super::errors::MALFORMED_XML),
    ("MaxMessageLengthExceeded", "Your request was too big."),
    (
        "MethodNotAllowed",
        "The specified method is not allowed against this resource.",
    ),
    ("MissingRequestBodyError", "Request Body is empty"),
    (
        "NotImplemented",
        "A header you provided implies functionality that is not implemented",
    ),
    (
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    ),
];

/// An answer of s3s, whose error has a message.
pub(crate) fn with_message(answer: Response<Body>) -> Response<Body> {
    let status = answer.status();
    if !status.is_client_error() && !status.is_server_error() {
        return answer;
    }
    let told = answer
        .body()
        .bytes()
        .and_then(|body| tell(std::str::from_utf8(&body).ok()?));
    match told {
        Some(document) => answer.map(|_| Body::from(document)),
        None => answer,
    }
}

/// The document of an error with S3's message for its code, unless it has one.
fn tell(document: &str) -> Option<String> {
    if document.contains("<Message>") {
        return None;
    }
    let (before, rest) = document.split_once("<Code>")?;
    let (code, after) = rest.split_once("</Code>")?;
    let (_, words) = WORDS.iter().find(|(known, _)| *known == code)?;
    Some(format!(
        "{before}<Code>{code}</Code><Message>{words}</Message>{after}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_error_without_a_message_gets_one() {
        assert_eq!(
            tell("<Error><Code>KeyTooLongError</Code><RequestId>1</RequestId></Error>").as_deref(),
            Some(
                "<Error><Code>KeyTooLongError</Code><Message>Your key is too long</Message><RequestId>1</RequestId></Error>"
            )
        );
        let told = "<Error><Code>KeyTooLongError</Code><Message>Shorter, please</Message></Error>";
        assert_eq!(tell(told), None);
        assert_eq!(tell("<Error><Code>Odd</Code></Error>"), None);
        assert_eq!(tell(""), None);
    }
}
