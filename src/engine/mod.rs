//! From a stack to what is to be done, and to having it done. Knows the resource trait, no kind
//! and no AWS call.

mod apply;
mod event;
mod graph;
mod lifecycle;
mod ownership;
mod plan;
mod stop;
#[cfg(all(test, feature = "local"))]
mod tests;

pub use apply::{Outcome, apply};
pub use event::{Event, Observer};
pub use graph::cycle;
pub use lifecycle::Lifecycle;
pub use ownership::{ID_TAG, Mark, STACK_TAG};
pub use plan::{Action, Change, FieldChange, Goal, Plan, Summary, plan};
pub use stop::Stop;
