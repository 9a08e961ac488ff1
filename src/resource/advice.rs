//! What can be done about an error that the resource itself has no advice for.

use super::CallError;

/// The way out by what a code contains; the first that fits.
const BY_CODE: &[(&[&str], &str)] = &[
    (
        &["Expired"],
        "these credentials have expired: log in again, then run it again",
    ),
    (
        &[
            "InvalidClientTokenId",
            "UnrecognizedClient",
            "SignatureDoesNotMatch",
        ],
        "this target does not know these credentials: look at --profile and --target",
    ),
    (
        &[
            "Throttl",
            "TooManyRequests",
            "SlowDown",
            "RequestLimitExceeded",
        ],
        "AWS refuses this many calls: run it again, with a smaller --parallelism",
    ),
    (
        &["LimitExceeded", "QuotaExceeded"],
        "a quota of the account is reached: raise it under Service Quotas, then run it again",
    ),
    (
        &["NoSuch", "NotFound", "DoesNotExist"],
        "what it needs is not there: write ${KIND.ID} for what this stack makes, so that it is made first",
    ),
    (
        &["Internal", "ServiceUnavailable", "ServiceFailure"],
        "the service itself failed: run it again",
    ),
];

/// What the embedded cloud says when it cannot write any more.
const NO_ROOM: &[&str] = &["No space left on device", "disk is full"];

/// What a call says that was not made, as nothing gave credentials for it.
const NO_CREDENTIALS: &str = "no credentials found in chain";

/// What a call says that was not made, as nobody is logged in.
const LOGGED_OUT: &[&str] = &["SSO token", "access token"];

/// What a call that no answer came to says.
const NEVER_CAME: &[&str] = &["dispatch failure", "timeout", "timed out"];

impl CallError {
    /// The way out, if the resource or the code tells one.
    pub fn advice(&self) -> Option<String> {
        self.help.clone().or_else(|| self.advice_by_code())
    }

    /// Whether no answer came.
    pub fn never_came(&self) -> bool {
        self.code.is_none() && NEVER_CAME.iter().any(|text| self.message.contains(text))
    }

    /// Whether the call was not made, as nothing gave credentials for it.
    pub fn lacks_credentials(&self) -> bool {
        self.message.contains(NO_CREDENTIALS)
    }

    fn advice_by_code(&self) -> Option<String> {
        if NO_ROOM.iter().any(|text| self.message.contains(text)) {
            let advice = "make room on the disk of the embedded cloud's folder, then run it again";
            return Some(advice.to_owned());
        }
        let Some(code) = self.code.as_deref() else {
            // What failed on this machine speaks for itself.
            let advice = if self.lacks_credentials() {
                "give credentials: --profile or AWS_PROFILE, `aws sso login`, or AWS_ACCESS_KEY_ID and \
                 AWS_SECRET_ACCESS_KEY"
            } else if LOGGED_OUT.iter().any(|text| self.message.contains(text)) {
                "log in, as with `aws sso login`, then run it again"
            } else if self.never_came() {
                "look at the network and at --target, then run it again"
            } else {
                return None;
            };
            return Some(advice.to_owned());
        };
        if self.says_denied() {
            let operation = &self.operation;
            return Some(format!(
                "allow {operation} to whom these credentials belong, then run it again"
            ));
        }
        BY_CODE
            .iter()
            .find(|(parts, _)| parts.iter().any(|part| code.contains(part)))
            .map(|(_, advice)| (*advice).to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resource_knows_best_and_a_code_after_it() {
        let of = |code: &str| CallError {
            code: Some(code.to_owned()),
            ..CallError::here("CreateCrawler", "no")
        };
        let advice = |error: &CallError| error.advice().unwrap_or_default();
        assert!(advice(&of("AccessDeniedException")).starts_with("allow CreateCrawler"));
        assert!(advice(&of("ThrottlingException")).contains("--parallelism"));
        assert!(advice(&of("ExpiredTokenException")).contains("log in"));
        assert_eq!(advice(&of("ThrottlingException").with_help("wait")), "wait");
        assert_eq!(of("ValidationException").advice(), None);
        let full = CallError {
            message: "the files of the embedded cloud: No space left on device".to_owned(),
            ..of("InternalFailure")
        };
        assert!(advice(&full).starts_with("make room"));
        assert_eq!(CallError::here("read", "cannot read a.csv").advice(), None);
        let lost = CallError::here("GetTable", "dispatch failure: io error");
        assert!(advice(&lost).contains("--target"));
        for (said, help) in [
            (
                "no credentials found in chain. Attempted:",
                "give credentials",
            ),
            ("failed to load the cached SSO token", "aws sso login"),
        ] {
            let said = format!("dispatch failure: other: {said}");
            let lost = CallError::here("GetCallerIdentity", said);
            assert!(advice(&lost).contains(help), "{lost}");
        }
    }
}
