//! Windows.

use super::cursor::Parser;
use crate::ast::{
    Expression, FrameBound, FrameBoundKind, FrameUnits, Over, WindowDefinition, WindowFrame,
    WindowPattern, WindowSpecification,
};
use crate::error::Error;

impl Parser<'_> {
    /// Whether `OVER w` or `OVER (` begins here. OVER may be a name, too.
    pub fn begins_over(&self) -> bool {
        self.is("OVER") && (self.is_ahead(1, "(") || self.is_identifier_at(self.index() + 1))
    }

    pub fn over(&mut self) -> Result<Over, Error> {
        self.expect("OVER")?;
        if self.take("(") {
            let specification = self.window_specification()?;
            self.expect(")")?;
            return Ok(Over::Specification(specification));
        }
        Ok(Over::Named(self.identifier()?))
    }

    /// `name AS (…)` of the WINDOW clause.
    pub fn window_definition(&mut self) -> Result<WindowDefinition, Error> {
        let name = self.identifier()?;
        self.expect_all(&["AS", "("])?;
        let specification = self.window_specification()?;
        self.expect(")")?;
        Ok(WindowDefinition {
            name,
            specification,
        })
    }

    fn window_specification(&mut self) -> Result<WindowSpecification, Error> {
        let position = self.position();
        let begins_clause = (self.is("PARTITION") && self.is_ahead(1, "BY"))
            || (self.is_any(&["RANGE", "ROWS", "GROUPS", "MEASURES"])
                && ![")", "PARTITION", "ORDER", "RANGE", "ROWS", "GROUPS"]
                    .iter()
                    .any(|next| self.is_ahead(1, next)));
        self.expecting_kind("<identifier>");
        let existing = if self.is_identifier() && !begins_clause {
            Some(self.identifier()?)
        } else {
            None
        };
        let partition_by = self.partition_by()?;
        let order_by = self.order_by()?;
        let frame = self.window_frame()?;
        Ok(WindowSpecification {
            position,
            existing,
            partition_by,
            order_by,
            frame,
        })
    }

    pub fn partition_by(&mut self) -> Result<Vec<Expression>, Error> {
        if !self.take("PARTITION") {
            return Ok(Vec::new());
        }
        self.expect("BY")?;
        self.list(Self::expression)
    }

    fn window_frame(&mut self) -> Result<Option<WindowFrame>, Error> {
        let position = self.position();
        let measures = self.measures()?;
        let units = if self.take("RANGE") {
            FrameUnits::Range
        } else if self.take("ROWS") {
            FrameUnits::Rows
        } else if self.take("GROUPS") {
            FrameUnits::Groups
        } else if measures.is_empty() {
            return Ok(None);
        } else {
            return Err(self.mismatch());
        };
        let (start, end) = if self.take("BETWEEN") {
            let start = self.frame_bound()?;
            self.expect("AND")?;
            (start, Some(self.frame_bound()?))
        } else {
            (self.frame_bound()?, None)
        };
        let pattern = self.window_pattern(measures)?;
        Ok(Some(WindowFrame {
            position,
            units,
            start,
            end,
            pattern,
        }))
    }

    fn window_pattern(
        &mut self,
        measures: Vec<crate::ast::Measure>,
    ) -> Result<Option<Box<WindowPattern>>, Error> {
        let start = self.index();
        let after_match = self.after_match()?;
        let search_mode = self.search_mode()?;
        let pattern = if self.at("PATTERN") {
            Some(self.pattern()?)
        } else {
            None
        };
        let subsets = self.subsets()?;
        let definitions = if self.at("DEFINE") {
            self.definitions()?
        } else {
            Vec::new()
        };
        if self.index() == start && measures.is_empty() {
            return Ok(None);
        }
        Ok(Some(Box::new(WindowPattern {
            measures,
            after_match,
            search_mode,
            pattern,
            subsets,
            definitions,
        })))
    }

    fn frame_bound(&mut self) -> Result<FrameBound, Error> {
        let position = self.position();
        self.expecting_text("UNBOUNDED");
        self.expecting_text("CURRENT");
        let kind = if self.is("UNBOUNDED")
            && !["(", ".", "[", "+", "-"]
                .iter()
                .any(|next| self.is_ahead(1, next))
        {
            self.advance();
            if self.take("PRECEDING") {
                FrameBoundKind::UnboundedPreceding
            } else {
                self.expect("FOLLOWING")?;
                FrameBoundKind::UnboundedFollowing
            }
        } else if self.take_all(&["CURRENT", "ROW"]) {
            FrameBoundKind::CurrentRow
        } else {
            let offset = Box::new(self.expression()?);
            if self.take("PRECEDING") {
                FrameBoundKind::Preceding(offset)
            } else {
                self.expect("FOLLOWING")?;
                FrameBoundKind::Following(offset)
            }
        };
        Ok(FrameBound { position, kind })
    }
}
