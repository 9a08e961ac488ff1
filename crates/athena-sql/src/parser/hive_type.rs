//! Hive's types, written as Glue keeps them.

use super::cursor::Parser;
use super::lexer::TokenKind;
use crate::ast::HiveType;
use crate::error::Error;

/// Athena's types that have no parts
/// (<https://docs.aws.amazon.com/athena/latest/ug/data-types.html>), and Hive's other names of
/// them.
const PRIMITIVES: [&str; 17] = [
    "boolean",
    "tinyint",
    "smallint",
    "int",
    "integer",
    "bigint",
    "float",
    "double",
    "decimal",
    "dec",
    "numeric",
    "char",
    "varchar",
    "string",
    "binary",
    "date",
    "timestamp",
];

impl Parser<'_> {
    pub fn hive_type(&mut self) -> Result<HiveType, Error> {
        self.expecting_rule("<type>");
        let position = self.position();
        let mut text = String::new();
        self.write_hive_type(&mut text)?;
        Ok(HiveType { text, position })
    }

    fn write_hive_type(&mut self, text: &mut String) -> Result<(), Error> {
        self.nested(|parser| {
            if parser.is("STRUCT") && parser.is_ahead(1, "<") {
                parser.advance();
                text.push_str("struct");
                return parser.write_type_arguments(text, true);
            }
            if parser.is_any(&["ARRAY", "MAP", "UNIONTYPE"]) && parser.is_ahead(1, "<") {
                let word = parser.advance();
                text.push_str(&parser.token_text(word).to_ascii_lowercase());
                return parser.write_type_arguments(text, false);
            }
            parser.write_primitive_type(text)
        })
    }

    /// `<name:type,…>` of a struct, `<type,…>` of the others.
    fn write_type_arguments(&mut self, text: &mut String, named: bool) -> Result<(), Error> {
        self.expect("<")?;
        text.push('<');
        loop {
            if named {
                text.push_str(&self.field_name()?);
                self.expect(":")?;
                text.push(':');
            }
            self.write_hive_type(text)?;
            if named {
                self.comment()?;
            }
            if !self.take(",") {
                break;
            }
            text.push(',');
        }
        self.expect(">")?;
        text.push('>');
        Ok(())
    }

    /// Words that are reserved elsewhere name a struct's fields without quotes.
    fn field_name(&mut self) -> Result<String, Error> {
        if self.token().kind == TokenKind::ReservedWord {
            let word = self.advance();
            return Ok(self.token_text(word).to_lowercase());
        }
        Ok(self.identifier()?.lower())
    }

    fn write_primitive_type(&mut self, text: &mut String) -> Result<(), Error> {
        if !matches!(self.token().kind, TokenKind::Word | TokenKind::ReservedWord) {
            return Err(self.mismatch());
        }
        let name = self.token_text(self.token()).to_ascii_lowercase();
        if !PRIMITIVES.contains(&name.as_str()) {
            return Err(self.mismatch());
        }
        self.advance();
        text.push_str(match name.as_str() {
            "integer" => "int",
            "dec" | "numeric" => "decimal",
            other => other,
        });
        if name == "double" {
            self.take("PRECISION");
        }
        if self.take("(") {
            text.push('(');
            loop {
                text.push_str(&self.unsigned_integer::<i64>()?.to_string());
                if !self.take(",") {
                    break;
                }
                text.push(',');
            }
            self.expect(")")?;
            text.push(')');
        }
        Ok(())
    }
}
