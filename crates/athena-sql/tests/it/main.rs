//! The engine from outside, against recorded behaviour.

mod catalog;
mod parser;
mod query;
mod trino;
