//! MATCH_RECOGNIZE and its row patterns.

use super::cursor::Parser;
use super::lexer::TokenKind;
use crate::ast::{
    Identifier, Measure, PatternRecognition, Relation, RowPattern, RowPatternKind, RowsPerMatch,
    SkipTo, Subset, VariableDefinition,
};
use crate::error::Error;

impl Parser<'_> {
    /// From MATCH_RECOGNIZE to its closing parenthesis.
    pub fn pattern_recognition(&mut self, input: Relation) -> Result<PatternRecognition, Error> {
        self.expect_all(&["MATCH_RECOGNIZE", "("])?;
        let partition_by = self.partition_by()?;
        let order_by = self.order_by()?;
        let measures = self.measures()?;
        let rows_per_match = self.rows_per_match()?;
        let after_match = self.after_match()?;
        let search_mode = self.search_mode()?;
        let pattern = self.pattern()?;
        let subsets = self.subsets()?;
        let definitions = self.definitions()?;
        self.expect(")")?;
        Ok(PatternRecognition {
            input,
            partition_by,
            order_by,
            measures,
            rows_per_match,
            after_match,
            search_mode,
            pattern,
            subsets,
            definitions,
        })
    }

    pub fn measures(&mut self) -> Result<Vec<Measure>, Error> {
        if !self.take("MEASURES") {
            return Ok(Vec::new());
        }
        self.list(|parser| {
            let expression = parser.expression()?;
            parser.expect("AS")?;
            Ok(Measure {
                expression,
                name: parser.identifier()?,
            })
        })
    }

    fn rows_per_match(&mut self) -> Result<RowsPerMatch, Error> {
        if self.take("ONE") {
            self.expect_all(&["ROW", "PER", "MATCH"])?;
            return Ok(RowsPerMatch::One);
        }
        if !self.take("ALL") {
            return Ok(RowsPerMatch::default());
        }
        self.expect_all(&["ROWS", "PER", "MATCH"])?;
        if self.take("OMIT") {
            self.expect_all(&["EMPTY", "MATCHES"])?;
            Ok(RowsPerMatch::AllOmitEmpty)
        } else if self.take("WITH") {
            self.expect_all(&["UNMATCHED", "ROWS"])?;
            Ok(RowsPerMatch::AllWithUnmatched)
        } else {
            if self.take("SHOW") {
                self.expect_all(&["EMPTY", "MATCHES"])?;
            }
            Ok(RowsPerMatch::AllShowEmpty)
        }
    }

    pub fn after_match(&mut self) -> Result<Option<SkipTo>, Error> {
        if !self.take("AFTER") {
            return Ok(None);
        }
        self.expect("MATCH")?;
        let position = self.expect("SKIP")?;
        if self.take("PAST") {
            self.expect_all(&["LAST", "ROW"])?;
            return Ok(Some(SkipTo::PastLastRow(position)));
        }
        self.expect("TO")?;
        if self.take_all(&["NEXT", "ROW"]) {
            return Ok(Some(SkipTo::NextRow(position)));
        }
        // FIRST and LAST may be variables' names, too.
        let next_is_name = self.is_identifier_at(self.index() + 1)
            && !["PATTERN", "INITIAL", "SEEK"]
                .iter()
                .any(|word| self.is_ahead(1, word));
        self.expecting_text("FIRST");
        self.expecting_text("LAST");
        if self.is("FIRST") && next_is_name {
            self.advance();
            return Ok(Some(SkipTo::First(self.identifier()?)));
        }
        if self.is("LAST") && next_is_name {
            self.advance();
        }
        Ok(Some(SkipTo::Last(self.identifier()?)))
    }

    /// INITIAL or SEEK, where one of them stands.
    pub fn search_mode(&mut self) -> Result<Option<Identifier>, Error> {
        if self.is_any(&["INITIAL", "SEEK"]) {
            return self.identifier().map(Some);
        }
        self.expecting_text("INITIAL");
        self.expecting_text("SEEK");
        Ok(None)
    }

    pub fn pattern(&mut self) -> Result<RowPattern, Error> {
        self.expect_all(&["PATTERN", "("])?;
        let pattern = self.row_pattern()?;
        self.expect(")")?;
        Ok(pattern)
    }

    pub fn subsets(&mut self) -> Result<Vec<Subset>, Error> {
        if !self.take("SUBSET") {
            return Ok(Vec::new());
        }
        self.list(|parser| {
            let name = parser.identifier()?;
            parser.expect("=")?;
            Ok(Subset {
                name,
                variables: parser.parenthesized_list(Self::identifier)?,
            })
        })
    }

    pub fn definitions(&mut self) -> Result<Vec<VariableDefinition>, Error> {
        self.expect("DEFINE")?;
        self.list(|parser| {
            let name = parser.identifier()?;
            parser.expect("AS")?;
            Ok(VariableDefinition {
                name,
                condition: parser.expression()?,
            })
        })
    }

    /// Alternatives of concatenations of quantified patterns.
    fn row_pattern(&mut self) -> Result<RowPattern, Error> {
        self.nested(|parser| {
            let position = parser.position();
            let mut alternatives = vec![parser.concatenation()?];
            while parser.take("|") {
                alternatives.push(parser.concatenation()?);
            }
            Ok(one_or(alternatives, |patterns| RowPattern {
                position,
                kind: RowPatternKind::Alternation(patterns),
            }))
        })
    }

    fn concatenation(&mut self) -> Result<RowPattern, Error> {
        let position = self.position();
        let mut patterns = vec![self.quantified_pattern()?];
        while self.is_identifier() || self.is_any(&["(", "^", "$", "{-"]) {
            patterns.push(self.quantified_pattern()?);
        }
        Ok(one_or(patterns, |patterns| RowPattern {
            position,
            kind: RowPatternKind::Concatenation(patterns),
        }))
    }

    fn quantified_pattern(&mut self) -> Result<RowPattern, Error> {
        let position = self.position();
        let pattern = RowPattern {
            position,
            kind: self.pattern_primary()?,
        };
        let (at_least, at_most) = if self.take("*") {
            (0, None)
        } else if self.take("+") {
            (1, None)
        } else if self.take("?") {
            (0, Some(1))
        } else if self.take("{") {
            self.pattern_range()?
        } else {
            return Ok(pattern);
        };
        self.link()?;
        let greedy = !self.take("?");
        Ok(RowPattern {
            position,
            kind: RowPatternKind::Quantified {
                pattern: Box::new(pattern),
                at_least,
                at_most,
                greedy,
            },
        })
    }

    /// `3}`, `3,}`, `,5}`, `3,5}`.
    fn pattern_range(&mut self) -> Result<(u32, Option<u32>), Error> {
        let position = self.position();
        let at_least = self.optional_integer()?;
        let range = if self.take(",") {
            (at_least.unwrap_or(0), self.optional_integer()?)
        } else {
            let Some(exactly) = at_least else {
                return Err(self.mismatch());
            };
            (exactly, Some(exactly))
        };
        self.expect("}")?;
        match range.1 {
            Some(0) => Err(Error::user(
                "NUMERIC_VALUE_OUT_OF_RANGE",
                "Pattern quantifier upper bound must be greater than or equal to 1",
            )
            .at(position.line, position.column)),
            Some(at_most) if at_most < range.0 => Err(Error::user(
                "INVALID_RANGE",
                "Pattern quantifier lower bound must not exceed upper bound",
            )
            .at(position.line, position.column)),
            _ => Ok(range),
        }
    }

    fn optional_integer(&mut self) -> Result<Option<u32>, Error> {
        self.expecting_kind("<integer>");
        if self.token().kind == TokenKind::Integer {
            return Ok(Some(self.unsigned_integer()?));
        }
        Ok(None)
    }

    fn pattern_primary(&mut self) -> Result<RowPatternKind, Error> {
        if self.is("PERMUTE") && self.is_ahead(1, "(") {
            self.advance();
            return Ok(RowPatternKind::Permutation(
                self.parenthesized_list(Self::row_pattern)?,
            ));
        }
        if self.take("(") {
            if self.take(")") {
                return Ok(RowPatternKind::Empty);
            }
            let pattern = self.row_pattern()?;
            self.expect(")")?;
            return Ok(pattern.kind);
        }
        if self.take("^") {
            return Ok(RowPatternKind::PartitionStart);
        }
        if self.take("$") {
            return Ok(RowPatternKind::PartitionEnd);
        }
        if self.take("{-") {
            let pattern = self.row_pattern()?;
            self.expect("-}")?;
            return Ok(RowPatternKind::Excluded(Box::new(pattern)));
        }
        Ok(RowPatternKind::Variable(self.identifier()?))
    }
}

/// The only pattern, or several put together.
fn one_or(
    mut patterns: Vec<RowPattern>,
    together: impl FnOnce(Vec<RowPattern>) -> RowPattern,
) -> RowPattern {
    match patterns.pop() {
        Some(only) if patterns.is_empty() => only,
        last => {
            patterns.extend(last);
            together(patterns)
        }
    }
}
