//! Athena's SQL: Trino's queries and Hive's DDL, on DataFusion.
//!
//! A statement goes text → [`parser`] → AST → analyzer (Trino's scopes, types, coercions and
//! errors) → DataFusion's `LogicalPlan` → optimizer and execution → rows as Athena prints them.

mod analyzer;
mod answer;
pub mod ast;
pub mod catalog;
pub mod ddl;
mod delta;
mod engine;
mod error;
mod formats;
mod functions;
mod iceberg;
mod information_schema;
mod join_keys;
mod json_text;
mod never_true;
pub mod parser;
mod render;
mod row_pattern;
mod session;
mod short_circuit;
#[cfg(test)]
mod test_lake;
pub mod types;
mod write;

pub use answer::{Answer, Column, StatementType};
pub use engine::{Engine, Limits};
pub use error::{Error, ErrorKind};
pub use session::{Cancel, Session};
pub use write::Written;
