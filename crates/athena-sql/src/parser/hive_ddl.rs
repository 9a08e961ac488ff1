//! CREATE TABLE, CREATE DATABASE, DROP and MSCK in Hive's grammar.

use super::cursor::Parser;
use super::lexer::TokenKind;
use crate::ast::{
    Buckets, CreateDatabase, CreateTable, Delimited, DropDatabase, HiveColumn, Identifier,
    PartitionField, PartitionSpec, PartitionTransform, Position, Properties, QualifiedName,
    RowFormat, Statement, StoredAs,
};
use crate::error::Error;

impl Parser<'_> {
    /// Behind CREATE.
    pub fn create_table(&mut self, position: Position) -> Result<Statement, Error> {
        let external = self.take("EXTERNAL");
        self.expect("TABLE")?;
        let if_not_exists = self.if_not_exists()?;
        let name = self.qualified_name()?;
        let columns = if self.at("(") {
            self.parenthesized_list(Self::hive_column)?
        } else {
            Vec::new()
        };
        let comment = self.comment()?;
        let partitioned_by = if self.take("PARTITIONED") {
            self.expect("BY")?;
            self.parenthesized_list(Self::partition_field)?
        } else {
            Vec::new()
        };
        let clustered_by = self.buckets()?;
        let row_format = self.row_format()?;
        let mut serde_properties = self.serde_properties()?;
        let stored_as = self.stored_as()?;
        serde_properties.extend(self.serde_properties()?);
        let location = if self.take("LOCATION") {
            Some(self.string()?)
        } else {
            None
        };
        let properties = if self.take("TBLPROPERTIES") {
            self.properties()?
        } else {
            Vec::new()
        };
        Ok(Statement::CreateTable(Box::new(CreateTable {
            position,
            name,
            external,
            if_not_exists,
            columns,
            comment,
            partitioned_by,
            clustered_by,
            row_format,
            stored_as,
            serde_properties,
            location,
            properties,
        })))
    }

    pub fn hive_column(&mut self) -> Result<HiveColumn, Error> {
        let name = self.identifier()?;
        let data_type = self.hive_type()?;
        let comment = self.comment()?;
        Ok(HiveColumn {
            name,
            data_type,
            comment,
        })
    }

    /// A column with its type, or a column or transform of an Iceberg table.
    fn partition_field(&mut self) -> Result<PartitionField, Error> {
        if self.is_ahead(1, "(") {
            let function = Some(self.transform_name()?);
            self.expect("(")?;
            let parameter = if self.is_identifier() {
                None
            } else {
                let parameter = self.unsigned_integer()?;
                self.expect(",")?;
                Some(parameter)
            };
            let column = self.identifier()?;
            self.expect(")")?;
            return Ok(PartitionField::Transform(PartitionTransform {
                function,
                parameter,
                column,
            }));
        }
        if self.is_ahead(1, ",") || self.is_ahead(1, ")") {
            return Ok(PartitionField::Transform(PartitionTransform {
                function: None,
                parameter: None,
                column: self.identifier()?,
            }));
        }
        Ok(PartitionField::Column(self.hive_column()?))
    }

    /// `truncate` is a word of Hive's that is no name elsewhere.
    fn transform_name(&mut self) -> Result<Identifier, Error> {
        if !self.at("TRUNCATE") {
            return self.identifier();
        }
        let token = self.advance();
        Ok(Identifier {
            value: self.token_text(token).to_owned(),
            quoted: false,
            position: token.position,
        })
    }

    fn buckets(&mut self) -> Result<Option<Buckets>, Error> {
        if !self.take("CLUSTERED") {
            return Ok(None);
        }
        self.expect("BY")?;
        let columns = self.parenthesized_list(Self::identifier)?;
        self.expect("INTO")?;
        let count = self.unsigned_integer()?;
        self.expect("BUCKETS")?;
        Ok(Some(Buckets { columns, count }))
    }

    fn row_format(&mut self) -> Result<Option<RowFormat>, Error> {
        if !self.take("ROW") {
            return Ok(None);
        }
        self.expect("FORMAT")?;
        if self.take("SERDE") {
            return Ok(Some(RowFormat::Serde {
                class: self.string()?,
            }));
        }
        self.expect("DELIMITED")?;
        let mut delimited = Delimited::default();
        if self.take("FIELDS") {
            delimited.fields = Some(self.terminated_by()?);
            if self.take("ESCAPED") {
                self.expect("BY")?;
                delimited.escaped_by = Some(self.string()?);
            }
        }
        if self.take("COLLECTION") {
            self.expect("ITEMS")?;
            delimited.collection_items = Some(self.terminated_by()?);
        }
        if self.take("MAP") {
            self.expect("KEYS")?;
            delimited.map_keys = Some(self.terminated_by()?);
        }
        if self.take("LINES") {
            delimited.lines = Some(self.terminated_by()?);
        }
        if self.take("NULL") {
            self.expect_all(&["DEFINED", "AS"])?;
            delimited.null_defined_as = Some(self.string()?);
        }
        Ok(Some(RowFormat::Delimited(delimited)))
    }

    fn terminated_by(&mut self) -> Result<String, Error> {
        self.expect_all(&["TERMINATED", "BY"])?;
        self.string()
    }

    fn serde_properties(&mut self) -> Result<Properties, Error> {
        if !self.take("WITH") {
            return Ok(Vec::new());
        }
        self.expect("SERDEPROPERTIES")?;
        self.properties()
    }

    /// `('key'='value', …)`.
    pub fn properties(&mut self) -> Result<Properties, Error> {
        self.parenthesized_list(|parser| {
            let key = parser.string()?;
            parser.expect("=")?;
            Ok((key, parser.string()?))
        })
    }

    fn stored_as(&mut self) -> Result<Option<StoredAs>, Error> {
        if !self.take("STORED") {
            return Ok(None);
        }
        self.expect("AS")?;
        if self.take("INPUTFORMAT") {
            let input = self.string()?;
            self.expect("OUTPUTFORMAT")?;
            return Ok(Some(StoredAs::Classes {
                input,
                output: self.string()?,
            }));
        }
        let format = self.identifier()?;
        Ok(Some(StoredAs::Format {
            name: format.value.to_ascii_uppercase(),
            position: format.position,
        }))
    }

    /// Behind CREATE DATABASE.
    pub fn create_database(&mut self, position: Position) -> Result<Statement, Error> {
        let if_not_exists = self.if_not_exists()?;
        let name = self.qualified_name()?;
        let comment = self.comment()?;
        let location = if self.take("LOCATION") {
            Some(self.string()?)
        } else {
            None
        };
        let properties = if self.take("WITH") {
            self.expect("DBPROPERTIES")?;
            self.properties()?
        } else {
            Vec::new()
        };
        Ok(Statement::CreateDatabase(Box::new(CreateDatabase {
            position,
            name,
            if_not_exists,
            comment,
            location,
            properties,
        })))
    }

    pub fn drop_statement(&mut self) -> Result<Statement, Error> {
        let start = self.index();
        self.expect("DROP")?;
        if self.take("DATABASE") || self.take("SCHEMA") {
            let if_exists = self.if_exists()?;
            let name = self.qualified_name()?;
            let cascade = self.take("CASCADE");
            if !cascade {
                self.take("RESTRICT");
            }
            return Ok(Statement::DropDatabase(DropDatabase {
                name,
                if_exists,
                cascade,
            }));
        }
        if self.take("TABLE") {
            let if_exists = self.if_exists()?;
            return Ok(Statement::DropTable {
                name: self.qualified_name()?,
                if_exists,
            });
        }
        if self.take("VIEW") {
            let if_exists = self.if_exists()?;
            return Ok(Statement::DropView {
                name: self.view_name()?,
                if_exists,
            });
        }
        if self.is_any(&["MATERIALIZED", "ROLE", "FUNCTION", "CATALOG"]) {
            self.back_to(start);
            return Ok(self.unsupported());
        }
        Err(self.mismatch())
    }

    /// A view is Trino's: its name may be in double quotes, which are a string's in Hive.
    pub fn view_name(&mut self) -> Result<QualifiedName, Error> {
        let mut parts = vec![self.view_name_part()?];
        while self.take(".") {
            parts.push(self.view_name_part()?);
        }
        Ok(QualifiedName { parts })
    }

    fn view_name_part(&mut self) -> Result<Identifier, Error> {
        let token = self.token();
        if token.kind == TokenKind::String
            && let Some(value) = self
                .token_text(token)
                .strip_prefix('"')
                .and_then(|rest| rest.strip_suffix('"'))
                .filter(|value| !value.is_empty())
        {
            self.advance();
            return Ok(Identifier {
                value: value.to_owned(),
                quoted: true,
                position: token.position,
            });
        }
        self.identifier()
    }

    pub fn repair_table(&mut self) -> Result<Statement, Error> {
        self.expect_all(&["MSCK", "REPAIR", "TABLE"])?;
        Ok(Statement::RepairTable {
            name: self.qualified_name()?,
        })
    }

    /// `(year = '2024', month = 1)`.
    pub fn partition_spec(&mut self) -> Result<PartitionSpec, Error> {
        self.parenthesized_list(|parser| {
            let column = parser.identifier()?;
            parser.expect("=")?;
            Ok((column, parser.partition_value()?))
        })
    }

    /// A literal of a partition's value, as text.
    pub fn partition_value(&mut self) -> Result<String, Error> {
        self.expecting_kind("<string>");
        self.expecting_kind("<number>");
        // `date '2024-01-01'`
        if self.is_any(&["DATE", "TIMESTAMP"]) && self.is_string_at(1) {
            self.advance();
        }
        match self.token().kind {
            TokenKind::String => self.string(),
            TokenKind::Integer | TokenKind::Decimal | TokenKind::Double => {
                let token = self.advance();
                Ok(self.token_text(token).to_owned())
            }
            TokenKind::Symbol if self.is("-") => {
                self.advance();
                let token = self.token();
                if !matches!(token.kind, TokenKind::Integer | TokenKind::Decimal) {
                    return Err(self.mismatch());
                }
                self.advance();
                Ok(format!("-{}", self.token_text(token)))
            }
            _ => Err(self.mismatch()),
        }
    }
}
