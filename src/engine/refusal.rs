//! Why there is no plan.

use crate::resource::{Address, CallError};
use crate::stack::Declared;

/// A resource that cannot be planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub address: Address,
    pub message: String,
    /// What is said at its place in `stack.toml`.
    pub label: String,
    pub help: Option<String>,
}

impl Refusal {
    /// What the target cannot have.
    pub(super) fn of_target(declared: &Declared, error: &CallError) -> Self {
        Self {
            label: "is not to be had here".to_owned(),
            ..Self::of_call(declared.resource.address(), error)
        }
    }

    /// A call that is needed to know what is there, and that failed.
    pub(super) fn of_call(address: &Address, error: &CallError) -> Self {
        Self {
            address: address.clone(),
            message: error.to_string(),
            label: "cannot be read".to_owned(),
            help: error.advice(),
        }
    }
}

/// Why there is no plan: all reasons at once.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", list(refusals))]
pub struct PlanError {
    pub refusals: Vec<Refusal>,
}

fn list(refusals: &[Refusal]) -> String {
    let lines: Vec<String> = refusals
        .iter()
        .map(|r| match &r.help {
            Some(help) => format!("{}: {}\n  help: {help}", r.address, r.message),
            None => format!("{}: {}", r.address, r.message),
        })
        .collect();
    lines.join("\n")
}
