//! Table functions: `TABLE(f(…))`.

use super::cursor::Parser;
use crate::ast::{
    DescriptorField, Relation, RelationKind, TableArgument, TableFunctionArgument,
    TableFunctionCall, TableFunctionValue,
};
use crate::error::Error;

impl Parser<'_> {
    pub fn table_function_call(&mut self) -> Result<TableFunctionCall, Error> {
        let name = self.qualified_name()?;
        self.expect("(")?;
        let arguments = if self.at(")") || self.begins_copartition() {
            Vec::new()
        } else {
            self.list(Self::table_function_argument)?
        };
        let copartition = if self.begins_copartition() {
            self.advance();
            self.list(|parser| parser.parenthesized_list(Self::qualified_name))?
        } else {
            Vec::new()
        };
        self.expect(")")?;
        Ok(TableFunctionCall {
            name,
            arguments,
            copartition,
        })
    }

    fn begins_copartition(&self) -> bool {
        self.is("COPARTITION") && self.is_ahead(1, "(")
    }

    fn table_function_argument(&mut self) -> Result<TableFunctionArgument, Error> {
        let position = self.position();
        let name = if self.is_identifier() && self.is_ahead(1, "=>") {
            let name = self.identifier()?;
            self.expect("=>")?;
            Some(name)
        } else {
            None
        };
        self.expecting_text("TABLE");
        let value = if self.is("TABLE") && self.is_ahead(1, "(") {
            TableFunctionValue::Table(Box::new(self.table_argument()?))
        } else if self.is("DESCRIPTOR") && self.is_ahead(1, "(") {
            self.advance();
            TableFunctionValue::Descriptor(self.parenthesized_list(Self::descriptor_field)?)
        } else if self.take_all(&["CAST", "(", "NULL", "AS", "DESCRIPTOR", ")"]) {
            TableFunctionValue::Descriptor(Vec::new())
        } else {
            TableFunctionValue::Expression(self.expression()?)
        };
        Ok(TableFunctionArgument {
            position,
            name,
            value,
        })
    }

    fn descriptor_field(&mut self) -> Result<DescriptorField, Error> {
        let name = self.identifier()?;
        let data_type = if self.at(",") || self.at(")") {
            None
        } else {
            Some(self.data_type()?)
        };
        Ok(DescriptorField { name, data_type })
    }

    fn table_argument(&mut self) -> Result<TableArgument, Error> {
        let position = self.expect("TABLE")?;
        let kind = if self.is_query_in_parentheses(self.index()) {
            RelationKind::Subquery(Box::new(self.query_in_parentheses()?))
        } else {
            self.expect("(")?;
            let name = self.qualified_name()?;
            self.expect(")")?;
            RelationKind::Table { name, period: None }
        };
        let relation = self.aliased(Relation { position, kind })?;
        let partition_by = if self.take("PARTITION") {
            self.expect("BY")?;
            Some(if self.is("(") && self.is_ahead(1, ")") {
                self.advance();
                self.advance();
                Vec::new()
            } else if self.is("(") {
                self.parenthesized_list(Self::expression)?
            } else {
                vec![self.expression()?]
            })
        } else {
            None
        };
        let prune_when_empty = if self.take("PRUNE") {
            self.expect_all(&["WHEN", "EMPTY"])?;
            Some(true)
        } else if self.take("KEEP") {
            self.expect_all(&["WHEN", "EMPTY"])?;
            Some(false)
        } else {
            None
        };
        let order_by = if self.take("ORDER") {
            self.expect("BY")?;
            if self.is("(") {
                self.parenthesized_list(Self::sort_item)?
            } else {
                vec![self.sort_item()?]
            }
        } else {
            Vec::new()
        };
        Ok(TableArgument {
            relation,
            partition_by,
            order_by,
            prune_when_empty,
        })
    }
}
