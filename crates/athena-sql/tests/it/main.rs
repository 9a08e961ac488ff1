//! The engine from outside, against recorded behaviour.

mod aggregate;
mod catalog;
mod json_path;
mod match_recognize;
mod parser;
mod query;
mod subquery;
mod trino;
mod window_pattern;
