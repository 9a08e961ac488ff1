//! SHOW and DESCRIBE.

use super::cursor::Parser;
use super::lexer::TokenKind;
use crate::ast::{Describe, DescribeDetail, QualifiedName, Statement};
use crate::error::Error;

impl Parser<'_> {
    pub fn show(&mut self) -> Result<Statement, Error> {
        let start = self.index();
        self.expect("SHOW")?;
        if self.take("DATABASES") || self.take("SCHEMAS") {
            return Ok(Statement::ShowDatabases {
                pattern: self.show_pattern()?,
            });
        }
        if self.take("TABLES") {
            let database = self.in_database()?;
            return Ok(Statement::ShowTables {
                database,
                pattern: self.show_pattern()?,
            });
        }
        if self.take("VIEWS") {
            let database = self.in_database()?;
            return Ok(Statement::ShowViews {
                database,
                pattern: self.show_pattern()?,
            });
        }
        if self.take("COLUMNS") {
            return self.show_columns();
        }
        if self.take("PARTITIONS") {
            return Ok(Statement::ShowPartitions {
                table: self.qualified_name()?,
            });
        }
        if self.take("TBLPROPERTIES") {
            return self.show_table_properties();
        }
        if self.take("CREATE") {
            if self.take("VIEW") {
                return Ok(Statement::ShowCreateView {
                    view: self.view_name()?,
                });
            }
            self.expect("TABLE")?;
            return Ok(Statement::ShowCreateTable {
                table: self.qualified_name()?,
            });
        }
        if self.take("FUNCTIONS") {
            return Ok(Statement::ShowFunctions {
                pattern: self.show_pattern()?,
            });
        }
        if self.is_any(&[
            "CATALOGS", "CURRENT", "GRANTS", "ROLE", "ROLES", "SESSION", "STATS",
        ]) {
            self.back_to(start);
            return Ok(self.unsupported());
        }
        Err(self.mismatch())
    }

    /// `LIKE 'a*|b*'`, or the pattern without LIKE.
    fn show_pattern(&mut self) -> Result<Option<String>, Error> {
        if self.take("LIKE") || self.token().kind == TokenKind::String {
            return Ok(Some(self.string()?));
        }
        self.expecting_kind("<string>");
        Ok(None)
    }

    fn in_database(&mut self) -> Result<Option<QualifiedName>, Error> {
        if self.take("IN") || self.take("FROM") {
            return Ok(Some(self.qualified_name()?));
        }
        Ok(None)
    }

    /// `IN database.table`, `IN table IN database`.
    fn show_columns(&mut self) -> Result<Statement, Error> {
        if !self.take("IN") {
            self.expect("FROM")?;
        }
        let mut table = self.qualified_name()?;
        if let Some(mut database) = self.in_database()? {
            database.parts.append(&mut table.parts);
            table = database;
        }
        Ok(Statement::ShowColumns { table })
    }

    fn show_table_properties(&mut self) -> Result<Statement, Error> {
        let table = self.qualified_name()?;
        let property = if self.take("(") {
            let property = self.string()?;
            self.expect(")")?;
            Some(property)
        } else {
            None
        };
        Ok(Statement::ShowTblProperties { table, property })
    }

    pub fn describe(&mut self) -> Result<Statement, Error> {
        self.advance();
        let names_prepared = self.is_identifier_at(self.index() + 1);
        if self.at("INPUT") && names_prepared {
            self.advance();
            return Ok(Statement::DescribeInput {
                name: self.identifier()?,
            });
        }
        if self.at("OUTPUT") && names_prepared {
            self.advance();
            return Ok(Statement::DescribeOutput {
                name: self.identifier()?,
            });
        }
        if (self.at("DATABASE") || self.at("SCHEMA") || self.at("FUNCTION")) && names_prepared {
            return Ok(self.unsupported());
        }
        let detail = if self.take("EXTENDED") {
            DescribeDetail::Extended
        } else if self.take("FORMATTED") {
            DescribeDetail::Formatted
        } else {
            DescribeDetail::Columns
        };
        let table = self.view_name()?;
        let partition = if self.take("PARTITION") {
            self.partition_spec()?
        } else {
            Vec::new()
        };
        let column = if self.is_identifier() {
            Some(self.qualified_name()?)
        } else {
            None
        };
        Ok(Statement::Describe(Describe {
            table,
            detail,
            partition,
            column,
        }))
    }
}
