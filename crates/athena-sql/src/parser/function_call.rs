//! Calls of functions.

use super::cursor::Parser;
use super::lexer::TokenKind;
use crate::ast::{
    Arguments, Expression, ExpressionKind, FunctionCall, Listagg, ListaggOverflow, NullTreatment,
    Position, ProcessingMode, SortItem,
};
use crate::error::Error;

impl Parser<'_> {
    /// `RUNNING sum(a)`, `FINAL sum(a)`; else the word is a name.
    pub fn call_with_processing_mode(&mut self, position: Position) -> Result<Expression, Error> {
        let mode = if self.is("RUNNING") {
            ProcessingMode::Running
        } else {
            ProcessingMode::Final
        };
        self.advance();
        self.function_call(position, Some(mode))
    }

    pub fn function_call(
        &mut self,
        position: Position,
        processing_mode: Option<ProcessingMode>,
    ) -> Result<Expression, Error> {
        let name = self.qualified_name()?;
        self.expect("(")?;
        let mut call = FunctionCall::plain(name, Vec::new());
        call.processing_mode = processing_mode;
        if let Some(arguments) = self.all_arguments()? {
            call.arguments = arguments;
        } else {
            let start = self.index();
            call.distinct = self.set_quantifier();
            let quantified = self.index() > start;
            call.arguments = Arguments::List(self.arguments(&call, quantified)?);
            call.order_by = self.order_by()?;
        }
        self.expect(")")?;
        call.filter = self.filter()?;
        if self.take_all(&["IGNORE", "NULLS"]) {
            call.null_treatment = Some(NullTreatment::Ignore);
        } else if self.take_all(&["RESPECT", "NULLS"]) {
            call.null_treatment = Some(NullTreatment::Respect);
        }
        self.expecting_text("OVER");
        if self.begins_over() {
            call.over = Some(self.over()?);
        } else if call.null_treatment.is_some() {
            return Err(self.mismatch());
        }
        Ok(Expression {
            position,
            kind: ExpressionKind::FunctionCall(Box::new(call)),
        })
    }

    /// `*`, `label.*`.
    fn all_arguments(&mut self) -> Result<Option<Arguments>, Error> {
        if self.take("*") {
            return Ok(Some(Arguments::All { label: None }));
        }
        if self.is_identifier() && self.is_ahead(1, ".") && self.is_ahead(2, "*") {
            let label = Some(self.identifier()?);
            self.expect_all(&[".", "*"])?;
            return Ok(Some(Arguments::All { label }));
        }
        Ok(None)
    }

    /// Behind a quantifier there is one argument or more.
    fn arguments(
        &mut self,
        call: &FunctionCall,
        quantified: bool,
    ) -> Result<Vec<Expression>, Error> {
        if !quantified && (self.at(")") || self.at("ORDER")) {
            return Ok(Vec::new());
        }
        let mut arguments = vec![self.expression()?];
        let is_substring = call.name.parts.len() == 1
            && call.name.suffix() == "substring"
            && !call.name.parts[0].quoted;
        if is_substring && self.take("FROM") {
            arguments.push(self.value_expression()?);
            if self.take("FOR") {
                arguments.push(self.value_expression()?);
            }
            return Ok(arguments);
        }
        while self.take(",") {
            arguments.push(self.expression()?);
        }
        Ok(arguments)
    }

    /// True for DISTINCT, false for ALL and nothing.
    pub fn set_quantifier(&mut self) -> bool {
        if self.take("DISTINCT") {
            return true;
        }
        if self.at("ALL") && !self.ends_name(self.index() + 1) {
            self.advance();
        }
        false
    }

    /// Whether what stands at a token cannot begin an expression, so that ALL before it is a name.
    fn ends_name(&self, index: usize) -> bool {
        self.token_at(index).kind == TokenKind::End
            || [
                ")",
                ",",
                ".",
                "[",
                "=",
                "<>",
                "!=",
                "<",
                ">",
                "<=",
                ">=",
                "/",
                "%",
                "||",
                "FROM",
                "AS",
                "WHERE",
                "IS",
                "IN",
                "BETWEEN",
                "LIKE",
                "AND",
                "OR",
                "GROUP",
                "HAVING",
                "ORDER",
                "UNION",
                "EXCEPT",
                "INTERSECT",
            ]
            .iter()
            .any(|text| self.token_is(index, text))
    }

    pub fn order_by(&mut self) -> Result<Vec<SortItem>, Error> {
        if !self.take("ORDER") {
            return Ok(Vec::new());
        }
        self.expect("BY")?;
        self.list(Self::sort_item)
    }

    fn filter(&mut self) -> Result<Option<Expression>, Error> {
        self.expecting_text("FILTER");
        if !(self.is("FILTER") && self.is_ahead(1, "(")) {
            return Ok(None);
        }
        self.advance();
        self.expect_all(&["(", "WHERE"])?;
        let condition = self.expression()?;
        self.expect(")")?;
        Ok(Some(condition))
    }

    /// `LISTAGG(a, ',' ON OVERFLOW TRUNCATE) WITHIN GROUP (ORDER BY b)`.
    pub fn listagg(&mut self) -> Result<ExpressionKind, Error> {
        self.advance();
        self.expect("(")?;
        let distinct = self.set_quantifier();
        let expression = self.expression()?;
        let separator = if self.take(",") {
            Some(self.string()?)
        } else {
            None
        };
        let overflow = if self.take("ON") {
            self.expect("OVERFLOW")?;
            self.listagg_overflow()?
        } else {
            ListaggOverflow::Error
        };
        self.expect_all(&[")", "WITHIN", "GROUP", "(", "ORDER", "BY"])?;
        let order_by = self.list(Self::sort_item)?;
        self.expect(")")?;
        let filter = self.filter()?;
        Ok(ExpressionKind::Listagg(Box::new(Listagg {
            distinct,
            expression,
            separator,
            overflow,
            order_by,
            filter,
        })))
    }

    fn listagg_overflow(&mut self) -> Result<ListaggOverflow, Error> {
        if self.take("ERROR") {
            return Ok(ListaggOverflow::Error);
        }
        self.expect("TRUNCATE")?;
        self.expecting_kind("<string>");
        let filler = if self.is_string_at(0) {
            self.string()?
        } else {
            "...".to_owned()
        };
        let with_count = self.take("WITH");
        if !with_count {
            self.expect("WITHOUT")?;
        }
        self.expect("COUNT")?;
        Ok(ListaggOverflow::Truncate { filler, with_count })
    }
}
