//! Athena's SQL: Trino's queries and Hive's DDL, on DataFusion.
//!
//! A statement goes text → [`parser`] → AST → analyzer (Trino's scopes, types, coercions and
//! errors) → DataFusion's `LogicalPlan` → optimizer and execution → rows as Athena prints them.

pub mod ast;
pub mod catalog;
mod engine;
mod error;
pub mod parser;

pub use engine::{Answer, Cancel, Column, Engine, Limits, Session, StatementType};
pub use error::{Error, ErrorKind};
