//! `Retry` and `Catch`.

use std::time::Duration;

use chrono::TimeDelta;
use rand::RngExt;

use super::{
    Interpreter,
    branch::Branch,
    failure::{Failure, Interrupt},
    visit::{Done, Visit, assign, put, transform},
};
use crate::{
    definition::{Catcher, Nullable, Retrier},
    query::{Environment, Fault, QueryLanguage},
};

impl Interpreter<'_> {
    /// Does what the state does, again while its retriers say so, and catches what its catchers do.
    pub(super) async fn perform<'s>(
        &'s self,
        visit: &mut Visit<'s>,
        branch: &mut Branch,
    ) -> Result<Done<'s>, Interrupt> {
        let mut attempts = vec![
            0;
            visit
                .state
                .recovery()
                .map_or(0, |recovery| recovery.retry.len())
        ];
        loop {
            let attempt = self
                .attempt(visit, branch)
                .await
                .and_then(|done| Self::bounded(visit, done));
            let (failure, recovery) = match (attempt, visit.state.recovery()) {
                (Err(Interrupt::Failure(failure)), Some(recovery)) if !failure.is_terminal() => {
                    (failure, recovery)
                }
                (attempt, _) => return attempt,
            };
            let retrier = recovery
                .retry
                .iter()
                .zip(&mut attempts)
                .find(|(retrier, _)| retrier.errors.include(failure.name()));
            if let Some((retrier, attempted)) = retrier
                && *attempted < retrier.max_attempts
            {
                let delay = delay(retrier, *attempted);
                *attempted += 1;
                visit.retries += 1;
                let delay = TimeDelta::from_std(delay).unwrap_or(TimeDelta::MAX);
                self.clock.sleep_until(self.clock.now() + delay).await;
                continue;
            }
            let mut catchers = recovery.catch.iter().enumerate();
            return match catchers.find(|(_, catcher)| catcher.errors.include(failure.name())) {
                Some((index, catcher)) => self.caught(index, catcher, &failure, visit, branch),
                None => Err(failure.into()),
            };
        }
    }

    fn caught<'s>(
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

/// How long to wait before trying again, after so many times.
fn delay(retrier: &Retrier, attempted: u64) -> Duration {
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
