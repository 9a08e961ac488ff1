//! The engine from outside, against recorded behaviour.

mod parser;
