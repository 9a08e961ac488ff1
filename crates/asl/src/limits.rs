//! What Step Functions limits an execution to.
//!
//! Source: "Step Functions service quotas" and "Passing data between states with variables", AWS Step
//! Functions developer guide.

/// The most bytes of UTF-8 that an input may have, of an execution or of a child, and the output of a
/// state or of a task.
pub const MAX_PAYLOAD: usize = 256 * 1024;

/// The most bytes that the variables may have which one state assigns.
pub const MAX_ASSIGNED: usize = 256 * 1024;

/// The most bytes that all variables may have which a state sees.
pub const MAX_VARIABLES: usize = 10 * 1024 * 1024;

/// The most events that an execution may have, its last included.
pub const MAX_EVENTS: u64 = 25_000;

/// How many levels a document may have, as in Jackson, which Step Functions reads JSON with.
pub const MAX_LEVELS: usize = 1000;
