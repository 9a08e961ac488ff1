//! What can be done about an error that the resource itself has no advice for.

use crate::resource::CallError;

/// The way out, if the error has one that is always the same.
pub fn advice(error: &CallError) -> Option<String> {
    if let Some(help) = &error.help {
        return Some(help.clone());
    }
    let Some(code) = error.code.as_deref() else {
        // An answer that never came; what failed on this machine speaks for itself.
        let never_came = ["dispatch failure", "timeout", "timed out"];
        return never_came
            .iter()
            .any(|text| error.message.contains(text))
            .then(|| "look at the network and at --target, then run it again".to_owned());
    };
    let has = |parts: &[&str]| parts.iter().any(|part| code.contains(part));
    let text = if has(&["AccessDenied", "UnauthorizedOperation", "NotAuthorized"]) {
        return Some(format!(
            "allow {} to whom these credentials belong, then run it again",
            error.operation
        ));
    } else if has(&["Expired"]) {
        "these credentials have expired: log in again, then run it again"
    } else if has(&[
        "InvalidClientTokenId",
        "UnrecognizedClient",
        "SignatureDoesNotMatch",
    ]) {
        "this target does not know these credentials: look at --profile and --target"
    } else if has(&[
        "Throttl",
        "TooManyRequests",
        "SlowDown",
        "RequestLimitExceeded",
    ]) {
        "AWS refuses this many calls: run it again, with a smaller --parallelism"
    } else if has(&["LimitExceeded", "QuotaExceeded"]) {
        "a quota of the account is reached: raise it under Service Quotas, then run it again"
    } else if has(&["NoSuch", "NotFound", "DoesNotExist"]) {
        "what it needs is not there: write ${KIND.ID} for what this stack makes, so that it is made first"
    } else if has(&["Internal", "ServiceUnavailable", "ServiceFailure"]) {
        "the service itself failed: run it again"
    } else {
        return None;
    };
    Some(text.to_owned())
}
