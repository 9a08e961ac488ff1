//! Relations.

use super::cursor::Parser;
use crate::ast::{
    Identifier, JoinCriteria, JoinKind, PeriodKind, QueryPeriod, Relation, RelationKind,
    SampleMethod,
};
use crate::error::Error;

impl Parser<'_> {
    /// Joins from left to right.
    pub fn relation(&mut self) -> Result<Relation, Error> {
        self.nested(|parser| {
            let mut left = parser.sampled_relation()?;
            while let Some((kind, natural)) = parser.join_kind()? {
                parser.link()?;
                let (right, criteria) = if natural {
                    (parser.sampled_relation()?, JoinCriteria::Natural)
                } else if kind == JoinKind::Cross {
                    (parser.sampled_relation()?, JoinCriteria::None)
                } else {
                    (parser.relation()?, parser.join_criteria()?)
                };
                left = Relation {
                    position: left.position,
                    kind: RelationKind::Join {
                        kind,
                        left: Box::new(left),
                        right: Box::new(right),
                        criteria,
                    },
                };
            }
            Ok(left)
        })
    }

    /// Passes the words up to JOIN: the kind, and whether the join is natural.
    fn join_kind(&mut self) -> Result<Option<(JoinKind, bool)>, Error> {
        if self.take("CROSS") {
            self.expect("JOIN")?;
            return Ok(Some((JoinKind::Cross, false)));
        }
        let natural = self.take("NATURAL");
        for (word, kind) in [
            ("LEFT", JoinKind::Left),
            ("RIGHT", JoinKind::Right),
            ("FULL", JoinKind::Full),
        ] {
            if self.take(word) {
                self.take("OUTER");
                self.expect("JOIN")?;
                return Ok(Some((kind, natural)));
            }
        }
        if self.take("INNER") || natural {
            self.expect("JOIN")?;
        } else if !self.take("JOIN") {
            return Ok(None);
        }
        Ok(Some((JoinKind::Inner, natural)))
    }

    fn join_criteria(&mut self) -> Result<JoinCriteria, Error> {
        if self.take("ON") {
            return Ok(JoinCriteria::On(Box::new(self.expression()?)));
        }
        self.expect("USING")?;
        Ok(JoinCriteria::Using(
            self.parenthesized_list(Self::identifier)?,
        ))
    }

    fn sampled_relation(&mut self) -> Result<Relation, Error> {
        let relation = self.matched_relation()?;
        if !self.take("TABLESAMPLE") {
            return Ok(relation);
        }
        let method = if self.take("BERNOULLI") {
            SampleMethod::Bernoulli
        } else {
            self.expect("SYSTEM")?;
            SampleMethod::System
        };
        self.expect("(")?;
        let percentage = Box::new(self.expression()?);
        self.expect(")")?;
        Ok(Relation {
            position: relation.position,
            kind: RelationKind::Sampled {
                relation: Box::new(relation),
                method,
                percentage,
            },
        })
    }

    fn matched_relation(&mut self) -> Result<Relation, Error> {
        let primary = self.primary_relation()?;
        let input = self.aliased(primary)?;
        self.expecting_text("MATCH_RECOGNIZE");
        if !self.begins_match_recognize() {
            return Ok(input);
        }
        let position = input.position;
        let recognition = Box::new(self.pattern_recognition(input)?);
        self.aliased(Relation {
            position,
            kind: RelationKind::PatternRecognition(recognition),
        })
    }

    fn begins_match_recognize(&self) -> bool {
        self.is("MATCH_RECOGNIZE") && self.is_ahead(1, "(")
    }

    pub fn aliased(&mut self, relation: Relation) -> Result<Relation, Error> {
        let explicit = self.take("AS");
        self.expecting_kind("<identifier>");
        if !explicit && (!self.is_identifier() || self.begins_relation_clause()) {
            return Ok(relation);
        }
        let alias = self.identifier()?;
        let columns = self.optional_column_aliases()?;
        Ok(Relation {
            position: relation.position,
            kind: RelationKind::Aliased {
                relation: Box::new(relation),
                alias,
                columns,
            },
        })
    }

    /// Whether a clause begins here with a word that might be an alias, too.
    fn begins_relation_clause(&self) -> bool {
        self.begins_clause(self.index())
            || self.begins_match_recognize()
            || (self.is("TABLESAMPLE")
                && (self.is_ahead(1, "BERNOULLI") || self.is_ahead(1, "SYSTEM")))
            || (self.is("PARTITION") && self.is_ahead(1, "BY"))
            || (self.is_any(&["PRUNE", "KEEP"]) && self.is_ahead(1, "WHEN"))
            || (self.is("COPARTITION") && self.is_ahead(1, "("))
    }

    pub fn optional_column_aliases(&mut self) -> Result<Vec<Identifier>, Error> {
        if self.at("(") {
            self.column_aliases()
        } else {
            Ok(Vec::new())
        }
    }

    pub fn column_aliases(&mut self) -> Result<Vec<Identifier>, Error> {
        self.parenthesized_list(Self::identifier)
    }

    fn primary_relation(&mut self) -> Result<Relation, Error> {
        let position = self.position();
        let kind = if self.at("(") {
            if !self.is_query_in_parentheses(self.index()) {
                self.advance();
                self.expecting_kind("<query>");
                let relation = self.relation()?;
                self.expect(")")?;
                return Ok(relation);
            }
            RelationKind::Subquery(Box::new(self.query_in_parentheses()?))
        } else if self.take("UNNEST") {
            let expressions = self.parenthesized_list(Self::expression)?;
            let with_ordinality = self.take_all(&["WITH", "ORDINALITY"]);
            RelationKind::Unnest {
                expressions,
                with_ordinality,
            }
        } else if self.at("LATERAL") && self.is_ahead(1, "(") {
            self.advance();
            RelationKind::Lateral(Box::new(self.query_in_parentheses()?))
        } else if self.take("TABLE") {
            self.expect("(")?;
            let call = Box::new(self.table_function_call()?);
            self.expect(")")?;
            RelationKind::TableFunction(call)
        } else {
            let name = self.qualified_name()?;
            let period = self.query_period()?.map(Box::new);
            RelationKind::Table { name, period }
        };
        Ok(Relation { position, kind })
    }

    /// `FOR TIMESTAMP AS OF …`; Athena also takes `SYSTEM_TIME` and `SYSTEM_VERSION`.
    fn query_period(&mut self) -> Result<Option<QueryPeriod>, Error> {
        let position = self.position();
        if !self.take("FOR") {
            return Ok(None);
        }
        let kind = if self.take("TIMESTAMP") || self.is("SYSTEM_TIME") {
            PeriodKind::Timestamp
        } else if self.take("VERSION") || self.is("SYSTEM_VERSION") {
            PeriodKind::Version
        } else {
            return Err(self.mismatch());
        };
        if self.is_any(&["SYSTEM_TIME", "SYSTEM_VERSION"]) {
            self.advance();
        }
        self.expect_all(&["AS", "OF"])?;
        Ok(Some(QueryPeriod {
            position,
            kind,
            end: self.value_expression()?,
        }))
    }
}
