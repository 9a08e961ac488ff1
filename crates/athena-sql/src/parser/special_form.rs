//! Expressions with a syntax of their own: CASE, CAST, EXTRACT, TRIM, …

use super::cursor::{Parser, error_at};
use crate::ast::{
    CurrentTimeFunction, Expression, ExpressionKind, ExtractField, FunctionCall, Position,
    TrimSpecification, WhenClause,
};
use crate::error::Error;

impl Parser<'_> {
    pub fn case(&mut self) -> Result<ExpressionKind, Error> {
        self.advance();
        let operand = if self.at("WHEN") {
            None
        } else {
            Some(Box::new(self.expression()?))
        };
        let mut whens = Vec::new();
        self.expect("WHEN")?;
        loop {
            let condition = self.expression()?;
            self.expect("THEN")?;
            whens.push(WhenClause {
                condition,
                result: self.expression()?,
            });
            if !self.take("WHEN") {
                break;
            }
        }
        let otherwise = if self.take("ELSE") {
            Some(Box::new(self.expression()?))
        } else {
            None
        };
        self.expect("END")?;
        Ok(ExpressionKind::Case {
            operand,
            whens,
            otherwise,
        })
    }

    pub fn cast(&mut self, safe: bool) -> Result<ExpressionKind, Error> {
        self.advance();
        self.expect("(")?;
        let expression = Box::new(self.expression()?);
        self.expect("AS")?;
        let data_type = self.data_type()?;
        self.expect(")")?;
        Ok(ExpressionKind::Cast {
            expression,
            data_type,
            safe,
        })
    }

    pub fn exists(&mut self) -> Result<ExpressionKind, Error> {
        self.advance();
        Ok(ExpressionKind::Exists(Box::new(
            self.query_in_parentheses()?,
        )))
    }

    pub fn array(&mut self) -> Result<ExpressionKind, Error> {
        self.advance();
        self.expect("[")?;
        let elements = if self.at("]") {
            Vec::new()
        } else {
            self.list(Self::expression)?
        };
        self.expect("]")?;
        Ok(ExpressionKind::Array(elements))
    }

    pub fn extract(&mut self) -> Result<ExpressionKind, Error> {
        let position = self.advance().position;
        self.expect("(")?;
        let field = self.identifier()?;
        let name = field.value.to_ascii_uppercase();
        let field = match name.as_str() {
            "YEAR" => ExtractField::Year,
            "QUARTER" => ExtractField::Quarter,
            "MONTH" => ExtractField::Month,
            "WEEK" => ExtractField::Week,
            "DAY" => ExtractField::Day,
            "DAY_OF_MONTH" => ExtractField::DayOfMonth,
            "DAY_OF_WEEK" | "DOW" => ExtractField::DayOfWeek,
            "DAY_OF_YEAR" | "DOY" => ExtractField::DayOfYear,
            "YEAR_OF_WEEK" | "YOW" => ExtractField::YearOfWeek,
            "HOUR" => ExtractField::Hour,
            "MINUTE" => ExtractField::Minute,
            "SECOND" => ExtractField::Second,
            "TIMEZONE_MINUTE" => ExtractField::TimezoneMinute,
            "TIMEZONE_HOUR" => ExtractField::TimezoneHour,
            _ => {
                return Err(error_at(
                    position,
                    format!("Invalid EXTRACT field: {}", field.value),
                ));
            }
        };
        self.expect("FROM")?;
        let expression = Box::new(self.nested(Self::value_expression)?);
        self.expect(")")?;
        Ok(ExpressionKind::Extract { field, expression })
    }

    /// `TRIM([[BOTH] [characters] FROM] source)`, `TRIM(source, characters)`.
    pub fn trim(&mut self) -> Result<ExpressionKind, Error> {
        self.advance();
        self.expect("(")?;
        let specification = self.trim_specification();
        let both = specification.unwrap_or(TrimSpecification::Both);
        if self.take("FROM") {
            return self.trim_source(both, None);
        }
        let first = self.nested(Self::value_expression)?;
        if self.take("FROM") {
            return self.trim_source(both, Some(first));
        }
        if specification.is_some() {
            return Err(self.mismatch());
        }
        let characters = if self.take(",") {
            Some(Box::new(self.nested(Self::value_expression)?))
        } else {
            None
        };
        self.expect(")")?;
        Ok(ExpressionKind::Trim {
            specification: both,
            source: Box::new(first),
            characters,
        })
    }

    fn trim_source(
        &mut self,
        specification: TrimSpecification,
        characters: Option<Expression>,
    ) -> Result<ExpressionKind, Error> {
        let source = Box::new(self.nested(Self::value_expression)?);
        self.expect(")")?;
        Ok(ExpressionKind::Trim {
            specification,
            source,
            characters: characters.map(Box::new),
        })
    }

    /// The words may be names too: `trim(both)`.
    fn trim_specification(&mut self) -> Option<TrimSpecification> {
        if [")", ",", ".", "[", "||"]
            .iter()
            .any(|symbol| self.is_ahead(1, symbol))
        {
            return None;
        }
        [
            ("BOTH", TrimSpecification::Both),
            ("LEADING", TrimSpecification::Leading),
            ("TRAILING", TrimSpecification::Trailing),
        ]
        .into_iter()
        .find_map(|(word, specification)| self.take(word).then_some(specification))
    }

    /// `NORMALIZE(a, NFD)`: a call with the form as a string.
    pub fn normalize(&mut self) -> Result<ExpressionKind, Error> {
        let position = self.advance().position;
        self.expect("(")?;
        let value = self.nested(Self::value_expression)?;
        let mut form = ("NFC", position);
        if self.take(",") {
            form.1 = self.position();
            form.0 = ["NFD", "NFC", "NFKD", "NFKC"]
                .into_iter()
                .find(|form| self.take(form))
                .ok_or_else(|| self.mismatch())?;
        }
        self.expect(")")?;
        let form = Expression {
            position: form.1,
            kind: ExpressionKind::String(form.0.to_owned()),
        };
        let name = Self::function_name("normalize", position);
        Ok(ExpressionKind::FunctionCall(Box::new(FunctionCall::plain(
            name,
            vec![value, form],
        ))))
    }

    /// `POSITION(a IN b)`; else a function of that name.
    pub fn position_in(&mut self, position: Position) -> Result<Expression, Error> {
        let start = self.index();
        self.advance();
        self.expect("(")?;
        if !self.has_in_before(start + 1) {
            self.back_to(start);
            return self.function_call(position, None);
        }
        let part = self.nested(Self::value_expression)?;
        self.expect("IN")?;
        let whole = self.nested(Self::value_expression)?;
        self.expect(")")?;
        let name = Self::function_name("strpos", position);
        let call = FunctionCall::plain(name, vec![whole, part]);
        Ok(Expression {
            position,
            kind: ExpressionKind::FunctionCall(Box::new(call)),
        })
    }

    /// Whether an IN stands in a parenthesis, outside of those within it.
    fn has_in_before(&self, opening: usize) -> bool {
        let Some(closing) = self.token_at(opening).closing else {
            return false;
        };
        let mut index = opening + 1;
        while index < closing {
            if self.token_is(index, "IN") {
                return true;
            }
            index = self.token_at(index).closing.unwrap_or(index) + 1;
        }
        false
    }

    pub fn grouping(&mut self) -> Result<ExpressionKind, Error> {
        self.advance();
        self.expect("(")?;
        let columns = if self.at(")") {
            Vec::new()
        } else {
            self.list(Self::qualified_name)?
        };
        self.expect(")")?;
        Ok(ExpressionKind::Grouping(columns))
    }

    pub fn current_time(&mut self, function: CurrentTimeFunction) -> Result<ExpressionKind, Error> {
        self.advance();
        let precision = if self.take("(") {
            let precision = self.unsigned_integer()?;
            self.expect(")")?;
            Some(precision)
        } else {
            None
        };
        Ok(ExpressionKind::CurrentTime {
            function,
            precision,
        })
    }
}
