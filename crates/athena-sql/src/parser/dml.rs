//! INSERT, UNLOAD, DELETE, UPDATE, MERGE.

use super::cursor::Parser;
use crate::ast::{
    Delete, Expression, Identifier, Insert, Merge, MergeAction, MergeCase, Statement, Unload,
    Update,
};
use crate::error::Error;

impl Parser<'_> {
    pub fn insert(&mut self) -> Result<Statement, Error> {
        let position = self.expect("INSERT")?;
        self.expect("INTO")?;
        let target = self.qualified_name()?;
        let columns = if self.is_query_in_parentheses(self.index()) {
            Vec::new()
        } else {
            self.optional_column_aliases()?
        };
        let query = self.query()?;
        Ok(Statement::Insert(Box::new(Insert {
            position,
            target,
            columns,
            query,
        })))
    }

    pub fn unload(&mut self) -> Result<Statement, Error> {
        let position = self.expect("UNLOAD")?;
        let query = self.query_in_parentheses()?;
        self.expect("TO")?;
        let location = self.string()?;
        let properties = self.with_properties()?;
        Ok(Statement::Unload(Box::new(Unload {
            position,
            query,
            location,
            properties,
        })))
    }

    pub fn delete(&mut self) -> Result<Statement, Error> {
        let position = self.expect("DELETE")?;
        self.expect("FROM")?;
        let target = self.qualified_name()?;
        let filter = self.where_clause()?;
        Ok(Statement::Delete(Box::new(Delete {
            position,
            target,
            filter,
        })))
    }

    fn where_clause(&mut self) -> Result<Option<Expression>, Error> {
        if self.take("WHERE") {
            Ok(Some(self.expression()?))
        } else {
            Ok(None)
        }
    }

    pub fn update(&mut self) -> Result<Statement, Error> {
        let position = self.expect("UPDATE")?;
        let target = self.qualified_name()?;
        self.expect("SET")?;
        let assignments = self.list(Self::assignment)?;
        let filter = self.where_clause()?;
        Ok(Statement::Update(Box::new(Update {
            position,
            target,
            assignments,
            filter,
        })))
    }

    fn assignment(&mut self) -> Result<(Identifier, Expression), Error> {
        let column = self.identifier()?;
        self.expect("=")?;
        Ok((column, self.expression()?))
    }

    pub fn merge(&mut self) -> Result<Statement, Error> {
        let position = self.expect("MERGE")?;
        self.expect("INTO")?;
        let target = self.qualified_name()?;
        let alias = self.alias()?;
        self.expect("USING")?;
        let source = self.relation()?;
        self.expect("ON")?;
        let condition = self.expression()?;
        let mut cases = vec![self.merge_case()?];
        while self.at("WHEN") {
            cases.push(self.merge_case()?);
        }
        Ok(Statement::Merge(Box::new(Merge {
            position,
            target,
            alias,
            source,
            condition,
            cases,
        })))
    }

    fn merge_case(&mut self) -> Result<MergeCase, Error> {
        self.expect("WHEN")?;
        let matched = !self.take("NOT");
        self.expect("MATCHED")?;
        let condition = if self.take("AND") {
            Some(self.expression()?)
        } else {
            None
        };
        self.expect("THEN")?;
        let action = if !matched {
            self.expect("INSERT")?;
            let columns = self.optional_column_aliases()?;
            self.expect("VALUES")?;
            MergeAction::Insert {
                columns,
                values: self.parenthesized_list(Self::expression)?,
            }
        } else if self.take("DELETE") {
            MergeAction::Delete
        } else {
            self.expect_all(&["UPDATE", "SET"])?;
            MergeAction::Update(self.list(Self::assignment)?)
        };
        Ok(MergeCase {
            matched,
            condition,
            action,
        })
    }
}
