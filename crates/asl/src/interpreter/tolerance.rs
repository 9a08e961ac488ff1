//! `ToleratedFailureCount` and `ToleratedFailurePercentage` of a distributed Map.

use serde_json::json;

use super::{
    Interpreter,
    branch::Branch,
    failure::{Failure, Interrupt},
    map::Start,
    probe::Probe,
    visit::Visit,
};
use crate::{
    MapRunSettings,
    definition::Map,
    query::{Environment, Fault},
};

/// What may go wrong before the whole Map does; what is not given sets no limit, unless neither is.
pub(super) struct Tolerance {
    pub count: Option<u64>,
    pub percentage: Option<f64>,
}

impl Tolerance {
    pub fn of(map: &Map, environment: &Environment) -> Result<Self, Fault> {
        Ok(Self {
            count: map
                .tolerated_failure_count
                .as_ref()
                .map(|amount| amount.whole_value("ToleratedFailureCount", environment))
                .transpose()?,
            percentage: map
                .tolerated_failure_percentage
                .as_ref()
                .map(|amount| amount.percentage("ToleratedFailurePercentage", environment))
                .transpose()?,
        })
    }

    /// What `UpdateMapRun` made of it.
    pub fn set(settings: MapRunSettings) -> Self {
        let percentage = settings.tolerated_failure_percentage;
        Self {
            count: Some(settings.tolerated_failure_count)
                .filter(|count| *count > 0 || percentage == 0.0),
            percentage: Some(percentage).filter(|percentage| *percentage > 0.0),
        }
    }

    fn is_declared(&self) -> bool {
        self.count.is_some() || self.percentage.is_some()
    }

    /// Whether too many items failed; how many there are may not be known yet.
    pub fn is_exceeded(&self, failed: u64, of: Option<u64>) -> bool {
        let too_large_a_share = |percentage: f64| {
            of.is_some_and(|of| failed as f64 * 100.0 / of.max(1) as f64 > percentage)
        };
        match (self.count, self.percentage) {
            (None, None) => failed > 0,
            (count, percentage) => {
                count.is_some_and(|count| failed > count)
                    || percentage.is_some_and(too_large_a_share)
            }
        }
    }
}

impl Interpreter<'_> {
    /// Shows what is tolerated, and fails when more than that is to have failed. AWS's TestState
    /// holds no number against a Map that declares no tolerance: the mock tells how it ends.
    pub(super) fn inspect_tolerance(
        &self,
        map: &Map,
        visit: &Visit<'_>,
        branch: &mut Branch,
        start: &Start,
        items: Option<usize>,
        probe: &Probe,
    ) -> Result<(), Interrupt> {
        let tolerance = self.query(visit, branch, |context, variables| {
            Tolerance::of(map, &Environment::new(&start.input, context, variables))
        })?;
        if let Some(count) = tolerance.count {
            probe.saw("toleratedFailureCount", json!(count));
        }
        if let Some(percentage) = tolerance.percentage {
            probe.saw("toleratedFailurePercentage", json!(percentage));
        }
        let items = items.map(|items| items as u64);
        match probe.failed_iterations {
            Some(failed) if tolerance.is_declared() && tolerance.is_exceeded(failed, items) => {
                Err(too_many_failed().into())
            }
            _ => Ok(()),
        }
    }
}

pub(super) fn too_many_failed() -> Failure {
    Failure::new(
        "States.ExceedToleratedFailureThreshold",
        "The specified tolerated failure threshold was exceeded",
    )
}
