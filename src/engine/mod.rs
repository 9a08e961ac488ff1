//! From a stack to what is to be done, and to having it done. Knows the resource trait, no kind
//! and no AWS call.

mod apply;
mod compare;
mod draft;
mod event;
mod graph;
mod keeping;
mod lifecycle;
mod outcome;
mod ownership;
mod places;
mod plan;
mod planning;
mod reading;
mod refusal;
mod saved;
mod stop;
mod succession;
mod terms;
#[cfg(all(test, feature = "local"))]
mod tests;

pub use apply::apply;
pub use compare::{hide, is_sensitive};
pub use event::{Event, Observer, Waited};
pub use graph::cycle;
pub use lifecycle::Lifecycle;
pub use outcome::Outcome;
pub use ownership::{ID_TAG, Mark, STACK_TAG};
#[cfg(all(test, feature = "local"))]
pub use plan::plan_schema;
pub use plan::{Action, Change, FieldChange, Plan, Unsearched};
pub use planning::{look, plan};
pub use refusal::PlanError;
pub use saved::{Saved, SavedError};
pub use stop::Stop;
pub use terms::{Goal, READS, Terms};
