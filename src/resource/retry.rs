//! Waiting for what takes time: a call that will be accepted soon, a state that will come.

use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

use super::{CallError, Work};

/// How long a new role may be refused by those it is passed to.
pub(super) const IAM_DELAY: Duration = Duration::from_mins(2);

/// How long a service may hide what it has just made.
pub(crate) const READ_DELAY: Duration = Duration::from_secs(30);

/// The first pause, and the longest.
const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(10);

/// Growing pauses with jitter, until a limit.
struct Pauses {
    next: Duration,
    started: Instant,
    limit: Duration,
}

impl Pauses {
    fn new(limit: Duration) -> Self {
        Self {
            next: FIRST,
            started: Instant::now(),
            limit,
        }
    }

    /// What the user is told: what is waited for, and for how long already.
    fn note(&self, what: &str) -> String {
        match self.started.elapsed().as_secs() {
            0 => format!("waiting: {what}"),
            seconds => format!("waiting for {seconds} s: {what}"),
        }
    }

    /// Sleeps, or says that the time is over. The last pause ends with the limit.
    async fn pause(&mut self) -> bool {
        let left = self.limit.saturating_sub(self.started.elapsed());
        if left.is_zero() {
            return false;
        }
        tokio::time::sleep(self.next.mul_f64(jitter()).min(left)).await;
        self.next = (self.next * 3 / 2).min(LONGEST);
        true
    }
}

/// Between three quarters and five quarters, so that many waiters do not come at once.
fn jitter() -> f64 {
    // Every `RandomState` has keys of its own.
    let random = RandomState::new().hash_one(0_u8) % 1024;
    0.75 + random as f64 / 2048.0
}

/// Calls again while the answer is one that passes, for at most `limit`; then gives that answer
/// and says how long it was waited for.
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
                work.note(&pauses.note(what));
                if !pauses.pause().await {
                    return Err(after(error, limit));
                }
            }
            other => return other,
        }
    }
}

/// The last answer, once waiting did not help.
fn after(mut error: CallError, limit: Duration) -> CallError {
    let waited = format!("the answer was the same for {} s", limit.as_secs());
    error.help = Some(match error.help {
        Some(help) => format!("{waited}; {help}"),
        None => waited,
    });
    error
}

/// Looks again until there is something to give, for at most `limit`.
pub(crate) async fn poll<T, F>(
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
        work.note(&pauses.note(what));
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

/// An answer that goes away by itself: of these operations, with this code, and with all of these
/// texts in its message.
struct Passing {
    operations: &'static [&'static str],
    code: &'static str,
    texts: &'static [&'static str],
}

const CRAWLERS: &[&str] = &["CreateCrawler", "UpdateCrawler", "StartCrawler"];
/// What Lake Formation guards: the crawlers, and the catalog.
const CATALOG: &[&str] = &[
    "CreateCrawler",
    "UpdateCrawler",
    "StartCrawler",
    "CreateDatabase",
    "UpdateDatabase",
    "GetDatabase",
    "DeleteDatabase",
    "CreateTable",
    "UpdateTable",
    "GetTable",
    "DeleteTable",
];
const STATE_MACHINES: &[&str] = &["CreateStateMachine", "UpdateStateMachine"];
const SCHEDULES: &[&str] = &["CreateSchedule", "UpdateSchedule"];
/// What names principals that may just have been made.
const ROLES: &[&str] = &["CreateRole", "UpdateAssumeRolePolicy"];

/// What those to whom a new role is passed answer until they see it, and its policies.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html>
const PASSING: &[Passing] = &[
    Passing {
        operations: CRAWLERS,
        code: "InvalidInputException",
        texts: &["Service is unable to assume provided role"],
    },
    Passing {
        operations: CRAWLERS,
        code: "InvalidInputException",
        texts: &["Service is unable to assume role"],
    },
    Passing {
        operations: CRAWLERS,
        code: "InvalidInputException",
        texts: &["Error trying to retrieve security config"],
    },
    Passing {
        operations: CRAWLERS,
        code: "InvalidInputException",
        texts: &["does not have", "permission"],
    },
    Passing {
        operations: CATALOG,
        code: "AccessDeniedException",
        texts: &["Insufficient Lake Formation permission"],
    },
    Passing {
        operations: STATE_MACHINES,
        code: "AccessDeniedException",
        texts: &["authorized to assume the provided role"],
    },
    Passing {
        operations: STATE_MACHINES,
        code: "AccessDeniedException",
        texts: &["is not authorized to create managed-rule"],
    },
    Passing {
        operations: STATE_MACHINES,
        code: "AccessDeniedException",
        texts: &["is not authorized to access the Log Destination"],
    },
    Passing {
        operations: SCHEDULES,
        code: "ValidationException",
        texts: &["must allow AWS EventBridge Scheduler to assume the role"],
    },
    Passing {
        operations: ROLES,
        code: "MalformedPolicyDocument",
        texts: &["Invalid principal in policy"],
    },
    // S3 has a code of its own for the same.
    Passing {
        operations: &["PutBucketPolicy"],
        code: "MalformedPolicy",
        texts: &["Invalid principal in policy"],
    },
];

/// IAM is busy with the entity, whatever the operation is.
const IAM_BUSY: &[&str] = &[
    "EntityTemporarilyUnmodifiable",
    "EntityTemporarilyUnmodifiableException",
    "ConcurrentModification",
];

/// Whether an error is one that follows a change in IAM and goes away by itself.
pub(super) fn is_iam_delay(error: &CallError) -> bool {
    error.is_any(IAM_BUSY)
        || PASSING.iter().any(|passing| {
            passing.operations.contains(&error.operation.as_str())
                && error.is(passing.code)
                && passing
                    .texts
                    .iter()
                    .all(|text| error.message.contains(text))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(operation: &str, code: &str, message: &str) -> CallError {
        CallError {
            code: Some(code.to_owned()),
            ..CallError::here(operation, message)
        }
    }

    #[test]
    fn what_a_new_role_meets_is_waited_for_and_nothing_else() {
        let passes = |operation, code, message| is_iam_delay(&answer(operation, code, message));
        for message in [
            "Service is unable to assume provided role. Please verify role's TrustPolicy",
            "Service is unable to assume role",
            "Error trying to retrieve security config",
            "The role does not have glue:GetTable permission",
        ] {
            assert!(passes("CreateCrawler", "InvalidInputException", message));
            assert!(!passes("CreateTable", "InvalidInputException", message));
            assert!(!passes("CreateCrawler", "ValidationException", message));
        }
        let sfn = "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role.";
        assert!(passes("CreateStateMachine", "AccessDeniedException", sfn));
        let log = "The state machine IAM Role is not authorized to access the Log Destination";
        assert!(passes("UpdateStateMachine", "AccessDeniedException", log));
        let scheduler = "The execution role you provide must allow AWS EventBridge Scheduler to assume the role.";
        assert!(passes("CreateSchedule", "ValidationException", scheduler));
        let principal =
            "Invalid principal in policy: \"AWS\":\"arn:aws:iam::000000000000:role/new\"";
        assert!(passes("CreateRole", "MalformedPolicyDocument", principal));
        assert!(passes("PutBucketPolicy", "MalformedPolicy", principal));
        assert!(passes("PutRolePolicy", "ConcurrentModification", "busy"));
        // What the user has to mend fails at once.
        let denied = "User: arn:aws:iam::000000000000:user/a is not authorized to perform: glue:CreateCrawler";
        assert!(!passes("CreateCrawler", "AccessDeniedException", denied));
        assert!(!passes(
            "CreateCrawler",
            "InvalidInputException",
            "The schedule does not have six fields"
        ));
        assert!(!passes(
            "PutRolePolicy",
            "MalformedPolicyDocument",
            "Syntax errors in policy."
        ));
    }

    #[test]
    fn the_user_is_told_how_long_it_takes() {
        let mut pauses = Pauses::new(IAM_DELAY);
        assert_eq!(pauses.note("the role"), "waiting: the role");
        pauses.started = Instant::now()
            .checked_sub(Duration::from_secs(12))
            .expect("the machine is up for that long");
        assert_eq!(pauses.note("the role"), "waiting for 12 s: the role");
    }

    #[cfg(feature = "local")]
    mod waiting {
        use std::sync::Mutex;
        use std::sync::atomic::{AtomicU32, Ordering};

        use super::*;
        use crate::cloud::{Cloud, Target};

        async fn cloud() -> (tempfile::TempDir, Cloud) {
            let folder = tempfile::tempdir().expect("a folder");
            let target = Target::Local {
                data_dir: folder.path().to_owned(),
            };
            let cloud = Cloud::connect(target, None, Some("us-east-1")).await;
            (folder, cloud.expect("it opens"))
        }

        #[tokio::test]
        async fn a_call_is_made_again_until_it_is_accepted() {
            let (_folder, cloud) = cloud().await;
            let notes = Mutex::new(Vec::new());
            let note = |text: &str| notes.lock().expect("no panic").push(text.to_owned());
            let work = Work {
                cloud: &cloud,
                force: false,
                note: &note,
            };
            let calls = AtomicU32::new(0);
            let call = || async {
                match calls.fetch_add(1, Ordering::Relaxed) {
                    0..3 => Err(answer("CreateBucket", "OperationAborted", "busy")),
                    many => Ok(many),
                }
            };
            let passes = |error: &CallError| error.is("OperationAborted");
            let done = retry(&work, "the old one goes", IAM_DELAY, passes, call).await;
            assert_eq!(done, Ok(3));
            let notes = notes.lock().expect("no panic");
            assert_eq!(*notes, ["waiting: the old one goes"; 3]);
        }

        #[tokio::test]
        async fn waiting_ends_at_the_limit_with_the_last_answer() {
            let (_folder, cloud) = cloud().await;
            let work = Work {
                cloud: &cloud,
                force: false,
                note: &|_| {},
            };
            let calls = AtomicU32::new(0);
            let call = || async {
                calls.fetch_add(1, Ordering::Relaxed);
                Err::<(), _>(answer("CreateBucket", "OperationAborted", "busy"))
            };
            let limit = Duration::from_secs(1);
            let started = Instant::now();
            let error = retry(&work, "it", limit, |_| true, call).await;
            let error = error.expect_err("it never passes");
            assert!(error.is("OperationAborted"));
            let help = "the answer was the same for 1 s";
            assert_eq!(error.help.as_deref(), Some(help));
            assert!(started.elapsed() >= limit);
            assert!(
                (4..=8).contains(&calls.load(Ordering::Relaxed)),
                "{calls:?}"
            );
        }
    }
}
