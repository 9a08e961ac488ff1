//! Queries.

use super::cursor::Parser;
use super::lexer::TokenKind;
use crate::ast::{
    Limit, NamedQuery, NullOrdering, Query, QueryBody, QueryBodyKind, QuerySpecification, RowCount,
    RowCountKind, SelectItem, SetOperator, SortItem, With,
};
use crate::error::Error;

impl Parser<'_> {
    pub fn query(&mut self) -> Result<Query, Error> {
        self.expecting_rule("<query>");
        self.nested(|parser| {
            let position = parser.position();
            let with = parser.with()?;
            let mut query = parser.query_without_with()?;
            query.position = position;
            query.with = with;
            Ok(query)
        })
    }

    pub fn query_in_parentheses(&mut self) -> Result<Query, Error> {
        self.expect("(")?;
        let query = self.query()?;
        self.expect(")")?;
        Ok(query)
    }

    /// Whether the parenthesis that opens at a token holds a query rather than an expression or a
    /// relation: `((SELECT 1) UNION (SELECT 2))` does, `((SELECT 1) + 1)` does not. Each
    /// parenthesis is looked at once.
    pub fn is_query_in_parentheses(&mut self, opening: usize) -> bool {
        if !self.token_is(opening, "(") {
            return false;
        }
        let mut innermost = opening;
        while self.holds_query[innermost].is_none() && self.token_is(innermost + 1, "(") {
            innermost += 1;
        }
        let mut holds = self.holds_query[innermost].unwrap_or_else(|| {
            ["SELECT", "WITH", "VALUES"]
                .iter()
                .any(|word| self.token_is(innermost + 1, word))
                || (self.token_is(innermost + 1, "TABLE") && !self.token_is(innermost + 2, "("))
        });
        self.holds_query[innermost] = Some(holds);
        for outer in (opening..innermost).rev() {
            holds = holds
                && self.token_at(outer + 1).closing.is_some_and(|closing| {
                    self.token_is(closing + 1, ")") || self.continues_query(closing + 1)
                });
            self.holds_query[outer] = Some(holds);
        }
        holds
    }

    /// Whether what may follow a query's term begins at a token.
    pub fn continues_query(&self, index: usize) -> bool {
        ["UNION", "EXCEPT", "INTERSECT", "ORDER"]
            .iter()
            .any(|word| self.token_is(index, word))
            || self.begins_clause(index)
    }

    /// Whether a clause begins at a token with a word that might be a name, too.
    pub fn begins_clause(&self, index: usize) -> bool {
        let next = index + 1;
        let next_is_count =
            self.token_at(next).kind == TokenKind::Integer || self.token_is(next, "?");
        (self.token_is(index, "LIMIT") && (next_is_count || self.token_is(next, "ALL")))
            || (self.token_is(index, "OFFSET") && next_is_count)
            || (self.token_is(index, "FETCH")
                && (self.token_is(next, "FIRST") || self.token_is(next, "NEXT")))
            || (self.token_is(index, "WINDOW")
                && self.is_identifier_at(next)
                && self.token_is(index + 2, "AS"))
    }

    fn with(&mut self) -> Result<Option<With>, Error> {
        let position = self.position();
        if !self.take("WITH") {
            return Ok(None);
        }
        let recursive = self.take("RECURSIVE");
        let queries = self.list(|parser| {
            let name = parser.identifier()?;
            let columns = parser.optional_column_aliases()?;
            parser.expect("AS")?;
            Ok(NamedQuery {
                name,
                columns,
                query: parser.query_in_parentheses()?,
            })
        })?;
        Ok(Some(With {
            position,
            recursive,
            queries,
        }))
    }

    fn query_without_with(&mut self) -> Result<Query, Error> {
        let position = self.position();
        let body = self.query_term()?;
        let order_by = self.order_by()?;
        let offset = self.offset()?;
        let limit = self.limit()?;
        Ok(Query {
            position,
            with: None,
            body,
            order_by,
            offset,
            limit,
        })
    }

    fn offset(&mut self) -> Result<Option<RowCount>, Error> {
        if !self.take("OFFSET") {
            return Ok(None);
        }
        let count = self.row_count()?;
        if !self.take("ROWS") {
            self.take("ROW");
        }
        Ok(Some(count))
    }

    fn limit(&mut self) -> Result<Option<Limit>, Error> {
        if self.take("LIMIT") {
            if self.take("ALL") {
                return Ok(Some(Limit::All));
            }
            return Ok(Some(Limit::Rows(self.row_count()?)));
        }
        let position = self.position();
        if !self.take("FETCH") {
            return Ok(None);
        }
        if !self.take("FIRST") {
            self.expect("NEXT")?;
        }
        let count = if self.at("ROW") || self.at("ROWS") {
            None
        } else {
            Some(self.row_count()?)
        };
        if !self.take("ROWS") {
            self.expect("ROW")?;
        }
        let with_ties = self.take_all(&["WITH", "TIES"]);
        if !with_ties {
            self.expect("ONLY")?;
        }
        Ok(Some(Limit::FetchFirst {
            position,
            count,
            with_ties,
        }))
    }

    fn row_count(&mut self) -> Result<RowCount, Error> {
        let position = self.position();
        let kind = if self.take("?") {
            self.parameters += 1;
            RowCountKind::Parameter(self.parameters - 1)
        } else {
            RowCountKind::Number(self.unsigned_integer()?)
        };
        Ok(RowCount { position, kind })
    }

    /// UNION and EXCEPT from left to right, over INTERSECT, which binds more tightly.
    fn query_term(&mut self) -> Result<QueryBody, Error> {
        let mut left = self.intersect_term()?;
        loop {
            let position = self.position();
            let operator = if self.take("UNION") {
                SetOperator::Union
            } else if self.take("EXCEPT") {
                SetOperator::Except
            } else {
                return Ok(left);
            };
            let distinct = self.set_operation_quantifier();
            let right = self.intersect_term()?;
            left = self.set_operation(position, operator, distinct, left, right)?;
        }
    }

    fn intersect_term(&mut self) -> Result<QueryBody, Error> {
        let mut left = self.query_primary()?;
        loop {
            let position = self.position();
            if !self.take("INTERSECT") {
                return Ok(left);
            }
            let distinct = self.set_operation_quantifier();
            let right = self.query_primary()?;
            left = self.set_operation(position, SetOperator::Intersect, distinct, left, right)?;
        }
    }

    fn set_operation_quantifier(&mut self) -> bool {
        self.take("DISTINCT") || !self.take("ALL")
    }

    fn set_operation(
        &mut self,
        position: crate::ast::Position,
        operator: SetOperator,
        distinct: bool,
        mut left: QueryBody,
        right: QueryBody,
    ) -> Result<QueryBody, Error> {
        if let QueryBodyKind::SetOperation {
            operator: before,
            distinct: distinct_before,
            terms,
        } = &mut left.kind
            && (*before, *distinct_before) == (operator, distinct)
            && operator != SetOperator::Except
        {
            terms.push(right);
            return Ok(left);
        }
        self.link()?;
        let terms = vec![left, right];
        Ok(QueryBody {
            position,
            kind: QueryBodyKind::SetOperation {
                operator,
                distinct,
                terms,
            },
        })
    }

    fn query_primary(&mut self) -> Result<QueryBody, Error> {
        let position = self.position();
        let kind = if self.at("SELECT") {
            QueryBodyKind::Specification(Box::new(self.query_specification()?))
        } else if self.take("VALUES") {
            QueryBodyKind::Values(self.list(Self::expression)?)
        } else if self.take("TABLE") {
            QueryBodyKind::Table(self.qualified_name()?)
        } else {
            self.expect("(")?;
            // A WITH may begin a query in parentheses, where it is all there is within them.
            let query = self.nested(|parser| {
                if parser.is("WITH") {
                    parser.query()
                } else {
                    parser.query_without_with()
                }
            })?;
            self.expect(")")?;
            QueryBodyKind::Subquery(Box::new(query))
        };
        Ok(QueryBody { position, kind })
    }

    fn query_specification(&mut self) -> Result<QuerySpecification, Error> {
        let position = self.expect("SELECT")?;
        let distinct = self.set_quantifier();
        let select = self.list(Self::select_item)?;
        let from = if self.take("FROM") {
            self.list(Self::relation)?
        } else {
            Vec::new()
        };
        let filter = if self.take("WHERE") {
            Some(self.expression()?)
        } else {
            None
        };
        let group_by = self.group_by()?;
        let having = if self.take("HAVING") {
            Some(self.expression()?)
        } else {
            None
        };
        self.expecting_text("WINDOW");
        let windows = if self.is("WINDOW") {
            self.advance();
            self.list(Self::window_definition)?
        } else {
            Vec::new()
        };
        Ok(QuerySpecification {
            position,
            distinct,
            select,
            from,
            filter,
            group_by,
            having,
            windows,
        })
    }

    fn select_item(&mut self) -> Result<SelectItem, Error> {
        let position = self.position();
        if self.take("*") {
            return Ok(SelectItem::All {
                position,
                target: None,
                aliases: Vec::new(),
            });
        }
        let start = self.index();
        let expression = self.expression()?;
        let is_primary = self.last_primary == (start, self.index());
        if is_primary && self.is(".") && self.is_ahead(1, "*") {
            self.advance();
            self.advance();
            let aliases = if self.take("AS") {
                self.column_aliases()?
            } else {
                Vec::new()
            };
            return Ok(SelectItem::All {
                position,
                target: Some(expression),
                aliases,
            });
        }
        let alias = self.alias()?;
        Ok(SelectItem::Expression { expression, alias })
    }

    /// `AS name`, `name`, or nothing.
    pub fn alias(&mut self) -> Result<Option<crate::ast::Identifier>, Error> {
        if self.take("AS") {
            return Ok(Some(self.identifier()?));
        }
        self.expecting_kind("<identifier>");
        if self.is_identifier() && !self.begins_clause(self.index()) {
            return Ok(Some(self.identifier()?));
        }
        Ok(None)
    }

    pub fn sort_item(&mut self) -> Result<SortItem, Error> {
        let expression = self.expression()?;
        let descending = !self.take("ASC") && self.take("DESC");
        let nulls = if self.take("NULLS") {
            if self.take("FIRST") {
                Some(NullOrdering::First)
            } else {
                self.expect("LAST")?;
                Some(NullOrdering::Last)
            }
        } else {
            None
        };
        Ok(SortItem {
            expression,
            descending,
            nulls,
        })
    }
}
