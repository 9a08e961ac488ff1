//! The syntax tree of a statement.
//!
//! Shapes and names follow Trino's grammar (`SqlBase.g4`) and tree; Hive's DDL, which Athena
//! takes beside it, is in [`hive_ddl`]. Every node knows where it stands. A binary operator, a
//! comparison and a predicate stand where their operator stands, everything else where its first
//! word stands, as in Trino: its error messages name these places.

mod data_type;
mod expression;
mod hive_ddl;
mod json;
mod name;
mod query;
mod relation;
mod row_pattern;
mod statement;
mod walk;
mod window;

pub use data_type::*;
pub use expression::*;
pub use hive_ddl::*;
pub use json::*;
pub use name::*;
pub use query::*;
pub use relation::*;
pub use row_pattern::*;
pub use statement::*;
pub use window::*;
