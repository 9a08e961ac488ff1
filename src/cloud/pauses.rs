//! What the SDK waits before it calls again what was throttled or failed.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};

tokio::task_local! {
    static PAUSES: Pauses;
}

/// From one attempt of a call to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    pub from: Instant,
    pub to: Instant,
    /// In words.
    pub reason: String,
}

/// The pauses of all calls that a piece of work makes.
#[derive(Debug, Clone, Default)]
pub struct Pauses(Arc<Mutex<Vec<Pause>>>);

impl Pauses {
    /// Does the work, and keeps the pauses that its calls make.
    pub fn watch<F: Future>(&self, work: F) -> impl Future<Output = F::Output> {
        PAUSES.scope(self.clone(), work)
    }

    /// The pauses since it was asked last.
    pub fn take(&self) -> Vec<Pause> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn add(&self, pause: Pause) {
        let mut pauses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pauses.push(pause);
    }
}

/// When an attempt ended, and whether there was an answer.
#[derive(Debug)]
struct Ended {
    at: Instant,
    answered: bool,
}

impl Storable for Ended {
    type Storer = StoreReplace<Self>;
}

/// Sees the attempts of every call.
#[derive(Debug)]
pub(super) struct Attempts;

impl Intercept for Attempts {
    fn name(&self) -> &'static str {
        "Attempts"
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        config.interceptor_state().store_put(Ended {
            at: Instant::now(),
            answered: context.response().is_some(),
        });
        Ok(())
    }

    fn read_before_attempt(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(ended) = config.load::<Ended>() else {
            return Ok(());
        };
        let operation = config.load::<Metadata>().map_or("a call", Metadata::name);
        let reason = if ended.answered {
            format!("{operation} was put off by the service")
        } else {
            format!("{operation} had no answer")
        };
        let pause = Pause {
            from: ended.at,
            to: Instant::now(),
            reason,
        };
        // Outside of a change nobody counts.
        let _ = PAUSES.try_with(|pauses| pauses.add(pause));
        Ok(())
    }
}
