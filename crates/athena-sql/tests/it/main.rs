//! The engine from outside, against recorded behaviour.

mod catalog;
mod json_path;
mod parser;
mod query;
mod trino;
