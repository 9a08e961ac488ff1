//! Trino's types.

use super::cursor::Parser;
use super::lexer::TokenKind;
use crate::ast::{DataType, DataTypeKind, RowField, TypeParameter};
use crate::error::Error;

impl Parser<'_> {
    pub fn data_type(&mut self) -> Result<DataType, Error> {
        self.expecting_rule("<type>");
        self.nested(|parser| {
            let position = parser.position();
            let mut data_type = DataType {
                position,
                kind: parser.data_type_kind()?,
            };
            // `bigint array`, `bigint array[3]`.
            while parser.take("ARRAY") {
                parser.link()?;
                if parser.take("[") {
                    parser.unsigned_integer::<i64>()?;
                    parser.expect("]")?;
                }
                let kind = DataTypeKind::Array(Box::new(data_type));
                data_type = DataType { position, kind };
            }
            Ok(data_type)
        })
    }

    fn data_type_kind(&mut self) -> Result<DataTypeKind, Error> {
        if self.is("ROW") && self.is_ahead(1, "(") {
            self.advance();
            return Ok(DataTypeKind::Row(self.parenthesized_list(Self::row_field)?));
        }
        if self.is("INTERVAL") && self.ahead(1).kind == TokenKind::Word {
            self.advance();
            let from = self.interval_field()?;
            let to = if self.take("TO") {
                self.interval_field()?
            } else {
                from
            };
            return Ok(DataTypeKind::Interval { from, to });
        }
        if self.is("TIMESTAMP") {
            self.advance();
            let (precision, with_time_zone) = self.time_type()?;
            return Ok(DataTypeKind::Timestamp {
                precision,
                with_time_zone,
            });
        }
        if self.is("TIME") {
            self.advance();
            let (precision, with_time_zone) = self.time_type()?;
            return Ok(DataTypeKind::Time {
                precision,
                with_time_zone,
            });
        }
        if self.is("DOUBLE") && self.is_ahead(1, "PRECISION") {
            self.advance();
            self.advance();
            return Ok(DataTypeKind::Generic {
                name: "double".to_owned(),
                parameters: Vec::new(),
            });
        }
        if self.is("ARRAY") && self.is_ahead(1, "<") {
            self.advance();
            self.expect("<")?;
            let element = self.data_type()?;
            self.expect(">")?;
            return Ok(DataTypeKind::Array(Box::new(element)));
        }
        if self.is("MAP") && self.is_ahead(1, "<") {
            self.advance();
            self.expect("<")?;
            let key = self.data_type()?;
            self.expect(",")?;
            let value = self.data_type()?;
            self.expect(">")?;
            return Ok(DataTypeKind::Map(Box::new(key), Box::new(value)));
        }
        self.generic_type()
    }

    fn generic_type(&mut self) -> Result<DataTypeKind, Error> {
        let name = self.identifier()?.lower();
        let mut parameters = if self.at("(") {
            self.parenthesized_list(Self::type_parameter)?
        } else {
            Vec::new()
        };
        if name == "array"
            && matches!(parameters[..], [TypeParameter::Type(_)])
            && let Some(TypeParameter::Type(element)) = parameters.pop()
        {
            return Ok(DataTypeKind::Array(Box::new(element)));
        }
        if name == "map"
            && matches!(
                parameters[..],
                [TypeParameter::Type(_), TypeParameter::Type(_)]
            )
            && let Some(TypeParameter::Type(value)) = parameters.pop()
            && let Some(TypeParameter::Type(key)) = parameters.pop()
        {
            return Ok(DataTypeKind::Map(Box::new(key), Box::new(value)));
        }
        Ok(DataTypeKind::Generic { name, parameters })
    }

    fn type_parameter(&mut self) -> Result<TypeParameter, Error> {
        self.expecting_kind("<integer>");
        if self.token().kind == TokenKind::Integer {
            return Ok(TypeParameter::Number(self.unsigned_integer()?));
        }
        Ok(TypeParameter::Type(self.data_type()?))
    }

    /// What follows TIME or TIMESTAMP: the precision, and whether it has a time zone.
    fn time_type(&mut self) -> Result<(Option<u32>, bool), Error> {
        let precision = if self.take("(") {
            let precision = self.unsigned_integer()?;
            self.expect(")")?;
            Some(precision)
        } else {
            None
        };
        let with_time_zone = self.take_all(&["WITH", "TIME", "ZONE"]);
        if !with_time_zone {
            self.take_all(&["WITHOUT", "TIME", "ZONE"]);
        }
        Ok((precision, with_time_zone))
    }

    /// `bigint`, `x bigint`: a name stands before a type unless the type ends the field.
    fn row_field(&mut self) -> Result<RowField, Error> {
        let start = self.index();
        if !self.is_identifier() {
            return Err(self.data_type().err().unwrap_or_else(|| self.mismatch()));
        }
        if !(self.is_ahead(1, "(") || self.is_ahead(1, "<")) {
            let parsed = self.data_type();
            if self.is(",") || self.is(")") {
                return Ok(RowField {
                    name: None,
                    data_type: parsed?,
                });
            }
            self.back_to(start);
            let name = self.identifier()?;
            return Ok(RowField {
                name: Some(name),
                data_type: self.data_type()?,
            });
        }
        Ok(RowField {
            name: None,
            data_type: self.data_type()?,
        })
    }
}
