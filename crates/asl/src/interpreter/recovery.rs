//! `Retry` and `Catch`.

use std::time::Duration;

use chrono::TimeDelta;
use rand::RngExt;
use serde_json::json;

use super::{
    Interpreter,
    branch::Branch,
    failure::{Failure, Interrupt},
    visit::{Done, Visit, assign, put, transform},
};
use crate::{
    definition::{Catcher, Kind, Nullable, Retrier, State},
    query::{Environment, Fault, QueryLanguage},
    resume::progress::Attempt,
};

/// What a state did in the end.
pub(super) struct Performed<'s> {
    pub done: Done<'s>,
    /// The output as JSON text.
    pub text: String,
    /// Whether a catcher made it of an error.
    pub is_caught: bool,
}

/// What had come of a state before the execution was taken up again.
#[derive(Default)]
pub(super) struct Past {
    /// The errors of the attempts that were followed by another one.
    pub failures: Vec<String>,
    /// How the last attempt ended that nothing followed.
    pub pending: Option<Failure>,
    pub attempt: Attempt,
    /// Whether no event tells yet that the Map or Parallel failed which `pending` is of.
    pub untold: bool,
}

impl Interpreter<'_> {
    /// Does what the state does, again while its retriers say so, and catches what its catchers do.
    pub(super) async fn perform<'s>(
        &'s self,
        visit: &mut Visit<'s>,
        branch: &mut Branch,
        past: Past,
    ) -> Result<Performed<'s>, Interrupt> {
        let Past {
            failures,
            mut pending,
            mut attempt,
            untold,
        } = past;
        branch.untold = untold;
        let mut attempts = vec![
            0;
            visit
                .state
                .recovery()
                .map_or(0, |recovery| recovery.retry.len())
        ];
        for error in failures {
            visit.retries += 1;
            if let Some((_, _, attempted)) = retrier(visit.state, &mut attempts, &error, true) {
                *attempted += 1;
            }
        }
        loop {
            let ended = match pending.take() {
                Some(failure) => Err(failure.into()),
                None => self
                    .attempt(visit, branch, std::mem::take(&mut attempt))
                    .await
                    .and_then(|done| Self::bounded(visit, &branch.variables, done)),
            };
            let (failure, recovery) = match (ended, visit.state.recovery()) {
                (Err(Interrupt::Failure(failure)), Some(recovery)) if !failure.is_terminal() => {
                    (failure, recovery)
                }
                (ended, _) => {
                    if let Err(Interrupt::Failure(_)) = &ended {
                        self.tell_unsuccessful();
                    }
                    return ended.map(|(done, text)| Performed {
                        done,
                        text,
                        is_caught: false,
                    });
                }
            };
            let (name, by_wildcard) = (failure.name(), !failure.of_state_limit);
            if let Some((_, retrier, attempted)) =
                retrier(visit.state, &mut attempts, name, by_wildcard)
                && *attempted < retrier.max_attempts
            {
                let delay = delay(retrier, *attempted);
                *attempted += 1;
                visit.retries += 1;
                visit.retried = json!({"retried": failure.name(), "state": visit.state.name});
                branch.untold = false;
                self.tell_unsuccessful();
                let delay = TimeDelta::from_std(delay).unwrap_or(TimeDelta::MAX);
                self.clock.sleep_until(self.clock.now() + delay).await;
                continue;
            }
            let told = self.tell_failed(visit, branch, &failure);
            if !matches!(told, Err(Interrupt::History(_))) {
                self.tell_unsuccessful();
            }
            told?;
            let mut catchers = recovery.catch.iter().enumerate();
            return match catchers.find(|(_, catcher)| catcher.errors.include(name, by_wildcard)) {
                Some((index, catcher)) => {
                    let done = self.caught(index, catcher, &failure, visit, branch)?;
                    let (done, text) = Self::bounded(visit, &branch.variables, done)?;
                    Ok(Performed {
                        done,
                        text,
                        is_caught: true,
                    })
                }
                None => Err(failure.into()),
            };
        }
    }

    /// Writes that a Map or a Parallel failed by what runs within, which nothing tries again.
    fn tell_failed(
        &self,
        visit: &Visit,
        branch: &mut Branch,
        failure: &Failure,
    ) -> Result<(), Interrupt> {
        let kind = match &visit.state.kind {
            Kind::Map(_) => "MapStateFailed",
            Kind::Parallel(_) => "ParallelStateFailed",
            _ => return Ok(()),
        };
        if std::mem::take(&mut branch.untold) {
            let mut note = failure.note();
            note["state"] = json!(visit.state.name);
            branch.previous = self.log.note(branch.previous, kind, None, note)?;
        }
        Ok(())
    }

    pub(super) fn caught<'s>(
        &self,
        index: usize,
        catcher: &'s Catcher,
        failure: &Failure,
        visit: &Visit<'s>,
        branch: &mut Branch,
    ) -> Result<Done<'s>, Interrupt> {
        let error_output = failure.error_output();
        self.query(visit, branch, |context, variables| {
            let next = Some(catcher.next.as_str());
            if visit.language() == QueryLanguage::Jsonata {
                let environment = Environment::new(&visit.raw, context, variables)
                    .with_error_output(&error_output);
                let (output, assigned) = transform(
                    catcher.output.as_ref(),
                    catcher.assign.as_ref(),
                    &format!("Catch[{index}]/"),
                    &environment,
                    &error_output,
                )?;
                return Ok(Done {
                    output,
                    assigned,
                    next,
                });
            }
            let environment = Environment::new(&error_output, context, variables);
            let assigned = assign(catcher.assign.as_ref(), &environment)?;
            let output = match &catcher.result_path {
                Nullable::Absent => error_output.clone(),
                Nullable::Null => visit.raw.clone(),
                Nullable::Given(path) => put(path, &visit.raw, error_output.clone())?,
            };
            Ok::<_, Fault>(Done {
                output,
                assigned,
                next,
            })
        })
    }
}

/// The first retrier that an error is for, `by_wildcard` also one of `States.ALL`; its number, and how
/// often it was used.
pub(super) fn retrier<'s, 'a>(
    state: &'s State,
    attempts: &'a mut [u64],
    error: &str,
    by_wildcard: bool,
) -> Option<(usize, &'s Retrier, &'a mut u64)> {
    let retriers = state.recovery().map_or(&[][..], |recovery| &recovery.retry);
    retriers
        .iter()
        .zip(attempts)
        .enumerate()
        .map(|(index, (retrier, attempted))| (index, retrier, attempted))
        .find(|(_, retrier, _)| retrier.errors.include(error, by_wildcard))
}

/// How long to wait before trying again, after so many times.
pub(super) fn delay(retrier: &Retrier, attempted: u64) -> Duration {
    let exponent = i32::try_from(attempted).unwrap_or(i32::MAX);
    let seconds = retrier.interval_seconds * retrier.backoff_rate.powi(exponent);
    let seconds = seconds
        .min(retrier.max_delay_seconds.unwrap_or(f64::MAX))
        .min(99_999_999.0);
    let seconds = if retrier.full_jitter {
        rand::rng().random_range(0.0..=seconds)
    } else {
        seconds
    };
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}
