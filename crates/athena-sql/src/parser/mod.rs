//! From text to syntax tree, in time that grows with the text's length.
//!
//! Trino's grammar is written out as recursive descent, one file a part of it; value expressions
//! climb by precedence. Errors read as Trino's, with what was expected in the place.

mod alter_table;
mod cursor;
mod dml;
mod expression;
mod function_call;
mod group_by;
mod hive_ddl;
mod hive_type;
mod json;
mod lexer;
mod literal;
mod match_recognize;
mod primary;
mod query;
mod relation;
mod show;
mod special_form;
mod statement;
mod table_function;
mod types;
mod window;
mod words;

#[cfg(test)]
mod tests;

use crate::ast::{Expression, Parameterized, Statement};
use crate::error::Error;
use cursor::Parser;
use lexer::Dialect;

/// Parses a statement of Athena's: Trino's queries, Hive's DDL. One semicolon may end it.
pub fn parse_statement(text: &str) -> Result<Statement, Error> {
    Ok(parse_parameterized(text)?.statement)
}

/// Parses a statement of Athena's, as [`parse_statement`], and counts its parameters.
pub fn parse_parameterized(text: &str) -> Result<Parameterized, Error> {
    let mut parser = Parser::new(text, Dialect::Trino);
    if parser.begins_hive_ddl() {
        parser = Parser::new(text, Dialect::Hive);
    }
    parser.whole_statement()
}

/// Parses an expression that stands alone.
pub fn parse_expression(text: &str) -> Result<Expression, Error> {
    let mut parser = Parser::new(text, Dialect::Trino);
    let expression = parser.expression()?;
    parser.end()?;
    Ok(expression)
}
