//! How a resource may come and go.

/// What `stack.toml` says of how a resource may come and go: keys of every table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lifecycle {
    /// A plan that would delete or replace it is refused.
    pub prevent_destroy: bool,
    /// It may be deleted or replaced with the data in it.
    pub force_destroy: bool,
    /// One of its name that carries no mark is taken over, with its data.
    pub adopt: bool,
}
