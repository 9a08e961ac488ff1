//! Waiting for what takes time: a call that will be accepted soon, a state that will come.

use std::future::Future;
use std::time::{Duration, Instant, SystemTime};

use super::{CallError, Work};

/// How long a new role may be refused by those it is passed to.
pub(super) const IAM_DELAY: Duration = Duration::from_mins(2);

/// Growing pauses with jitter, until a limit.
struct Pauses {
    next: Duration,
    started: Instant,
    limit: Duration,
}

impl Pauses {
    fn new(limit: Duration) -> Self {
        Self {
            next: Duration::from_millis(100),
            started: Instant::now(),
            limit,
        }
    }

    /// Sleeps, or says that the time is over.
    async fn pause(&mut self) -> bool {
        if self.started.elapsed() >= self.limit {
            return false;
        }
        // Between three quarters and five quarters, so that many waiters do not come at once.
        let nanos = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_or(0, |now| now.subsec_nanos());
        let factor = 0.75 + f64::from(nanos % 1000) / 2000.0;
        tokio::time::sleep(self.next.mul_f64(factor)).await;
        self.next = (self.next * 3 / 2).min(Duration::from_secs(10));
        true
    }
}

/// Calls again while the answer is one that passes, for at most `limit`; then gives that answer.
pub(super) async fn retry<T, F>(
    work: &Work<'_>,
    what: &str,
    limit: Duration,
    passes: impl Fn(&CallError) -> bool,
    mut call: impl FnMut() -> F,
) -> Result<T, CallError>
where
    F: Future<Output = Result<T, CallError>>,
{
    let mut pauses = Pauses::new(limit);
    loop {
        match call().await {
            Err(error) if passes(&error) => {
                work.note(&format!("waiting: {what}"));
                if !pauses.pause().await {
                    return Err(error);
                }
            }
            other => return other,
        }
    }
}

/// Looks again until there is something to give, for at most `limit`.
pub(super) async fn poll<T, F>(
    work: &Work<'_>,
    operation: &str,
    what: &str,
    limit: Duration,
    mut look: impl FnMut() -> F,
) -> Result<T, CallError>
where
    F: Future<Output = Result<Option<T>, CallError>>,
{
    let mut pauses = Pauses::new(limit);
    loop {
        if let Some(found) = look().await? {
            return Ok(found);
        }
        work.note(&format!("waiting: {what}"));
        if !pauses.pause().await {
            let message = format!("still waiting after {} s: {what}", limit.as_secs());
            return Err(CallError::here(operation, message));
        }
    }
}

/// How long somebody else may be changing the same thing of the catalog.
const BUSY: Duration = Duration::from_mins(1);

/// Calls again while somebody else changes the same thing of the catalog. `call` reads anew what it
/// writes over.
pub(super) async fn until_free<F>(
    work: &Work<'_>,
    what: &str,
    call: impl FnMut() -> F,
) -> Result<(), CallError>
where
    F: Future<Output = Result<(), CallError>>,
{
    let what = format!("somebody else is changing {what}");
    let is_busy = |error: &CallError| error.is("ConcurrentModificationException");
    retry(work, &what, BUSY, is_busy, call).await
}

/// Whether an error is one that a role just made gives, and that goes away by itself.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html>
pub(super) fn is_iam_delay(error: &CallError) -> bool {
    const MESSAGES: [(&str, &str); 9] = [
        ("InvalidInputException", "unable to assume provided role"),
        ("InvalidInputException", "unable to assume role"),
        (
            "InvalidInputException",
            "Error trying to retrieve security config",
        ),
        ("InvalidInputException", "does not have"),
        (
            "AccessDeniedException",
            "Insufficient Lake Formation permission",
        ),
        (
            "AccessDeniedException",
            "is authorized to assume the provided role",
        ),
        (
            "AccessDeniedException",
            "is not authorized to create managed-rule",
        ),
        (
            "ValidationException",
            "must allow AWS EventBridge Scheduler to assume",
        ),
        ("MalformedPolicyDocument", "Invalid principal in policy"),
    ];
    error.is_any(&["EntityTemporarilyUnmodifiable", "ConcurrentModification"])
        || MESSAGES
            .iter()
            .any(|(code, text)| error.is(code) && error.message.contains(text))
}
