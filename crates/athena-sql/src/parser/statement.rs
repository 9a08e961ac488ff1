//! Statements: which one begins here, and those of Trino's grammar.

use super::cursor::Parser;
use super::lexer::{Dialect, TokenKind};
use crate::ast::{
    CreateTableAsSelect, CreateView, Explain, ExplainFormat, ExplainType, Expression,
    Parameterized, Property, Statement,
};
use crate::error::Error;

type Rule<'a> = fn(&mut Parser<'a>) -> Result<Statement, Error>;

/// Statements of Trino and Hive that Athena takes from its grammar but does not run.
const UNSUPPORTED: [&str; 17] = [
    "ANALYZE", "CALL", "COMMENT", "COMMIT", "DENY", "GRANT", "OPTIMIZE", "REFRESH", "RESET",
    "REVOKE", "ROLLBACK", "SET", "START", "TRUNCATE", "USE", "VACUUM", "LOAD",
];

impl<'a> Parser<'a> {
    /// Whether the statement is one of Hive's, and is to be read in Hive's words and strings.
    pub fn begins_hive_ddl(&self) -> bool {
        if self.is("CREATE") {
            return self.is_ahead(1, "DATABASE")
                || self.is_ahead(1, "SCHEMA")
                || self.is_ahead(1, "EXTERNAL")
                || (self.is_ahead(1, "TABLE") && !self.has_query_after_as());
        }
        let describes_prepared = (self.is_ahead(1, "INPUT") || self.is_ahead(1, "OUTPUT"))
            && self.is_identifier_at(self.index() + 2);
        self.is_any(&["ALTER", "DROP", "MSCK", "SHOW"])
            || (self.is_any(&["DESC", "DESCRIBE"]) && !describes_prepared)
    }

    /// `CREATE TABLE … AS SELECT`, not `STORED AS PARQUET`.
    fn has_query_after_as(&self) -> bool {
        let mut index = self.index();
        loop {
            let token = self.token_at(index);
            if token.kind == TokenKind::End {
                return false;
            }
            let begins_query = ["SELECT", "WITH", "VALUES", "TABLE", "("]
                .iter()
                .any(|text| self.token_is(index + 1, text));
            if self.token_is(index, "AS") && begins_query {
                return true;
            }
            index = token.closing.unwrap_or(index) + 1;
        }
    }

    /// The whole text, as one statement.
    pub fn whole_statement(mut self) -> Result<Parameterized, Error> {
        let position = self.position();
        let statement = self.statement()?;
        self.end()?;
        Ok(Parameterized {
            statement,
            parameters: self.parameters,
            position,
        })
    }

    pub fn statement(&mut self) -> Result<Statement, Error> {
        let rules: [(&'static str, Rule<'a>); 16] = [
            ("EXPLAIN", Self::explain),
            ("CREATE", Self::create),
            ("INSERT", Self::insert),
            ("UNLOAD", Self::unload),
            ("DELETE", Self::delete),
            ("UPDATE", Self::update),
            ("MERGE", Self::merge),
            ("PREPARE", Self::prepare),
            ("DEALLOCATE", Self::deallocate),
            ("EXECUTE", Self::execute),
            ("DESCRIBE", Self::describe),
            ("DESC", Self::describe),
            ("DROP", Self::drop_statement),
            ("ALTER", Self::alter),
            ("MSCK", Self::repair_table),
            ("SHOW", Self::show),
        ];
        for (word, rule) in rules {
            if self.at(word) {
                return self.nested(rule);
            }
        }
        for word in UNSUPPORTED {
            if self.at(word) {
                return Ok(self.unsupported());
            }
        }
        Ok(Statement::Query(Box::new(self.query()?)))
    }

    /// Names the statement by its first words, and passes it by.
    pub fn unsupported(&mut self) -> Statement {
        let position = self.position();
        let mut words = Vec::new();
        while matches!(self.token().kind, TokenKind::Word | TokenKind::ReservedWord)
            && words.len() < 2
        {
            words.push(self.token_text(self.token()).to_ascii_uppercase());
            self.advance();
        }
        self.pass_statement();
        Statement::Unsupported {
            what: words.join(" "),
            position,
        }
    }

    fn pass_statement(&mut self) {
        while self.token().kind != TokenKind::End && !self.is(";") {
            self.advance();
        }
    }

    fn explain(&mut self) -> Result<Statement, Error> {
        let position = self.expect("EXPLAIN")?;
        let mut explain = Explain {
            position,
            analyze: false,
            verbose: false,
            format: None,
            kind: None,
            statement: Statement::Unsupported {
                what: String::new(),
                position,
            },
        };
        if self.take("ANALYZE") {
            explain.analyze = true;
            explain.verbose = self.take("VERBOSE");
        }
        let has_options = self.is_ahead(1, "FORMAT") || self.is_ahead(1, "TYPE");
        if self.at("(") && has_options {
            self.parenthesized_list(|parser| parser.explain_option(&mut explain))?;
        }
        explain.statement = self.statement()?;
        Ok(Statement::Explain(Box::new(explain)))
    }

    fn explain_option(&mut self, explain: &mut Explain) -> Result<(), Error> {
        if self.take("FORMAT") {
            for (word, format) in [
                ("TEXT", ExplainFormat::Text),
                ("GRAPHVIZ", ExplainFormat::Graphviz),
                ("JSON", ExplainFormat::Json),
            ] {
                if self.take(word) {
                    explain.format = Some(format);
                    return Ok(());
                }
            }
            return Err(self.mismatch());
        }
        self.expect("TYPE")?;
        for (word, kind) in [
            ("LOGICAL", ExplainType::Logical),
            ("DISTRIBUTED", ExplainType::Distributed),
            ("VALIDATE", ExplainType::Validate),
            ("IO", ExplainType::Io),
        ] {
            if self.take(word) {
                explain.kind = Some(kind);
                return Ok(());
            }
        }
        Err(self.mismatch())
    }

    fn create(&mut self) -> Result<Statement, Error> {
        let start = self.index();
        let position = self.expect("CREATE")?;
        let or_replace = self.take_all(&["OR", "REPLACE"]);
        if self.take("VIEW") {
            return self.create_view(position, or_replace);
        }
        if or_replace {
            return Err(self.mismatch());
        }
        if self.at("EXTERNAL") || (self.at("TABLE") && !self.has_query_after_as()) {
            return self.create_table(position);
        }
        if self.take("TABLE") {
            return self.create_table_as_select(position);
        }
        if self.take("DATABASE") || self.take("SCHEMA") {
            return self.create_database(position);
        }
        if self.is_any(&["MATERIALIZED", "ROLE", "FUNCTION", "CATALOG"]) {
            self.back_to(start);
            return Ok(self.unsupported());
        }
        Err(self.mismatch())
    }

    fn create_view(
        &mut self,
        position: crate::ast::Position,
        or_replace: bool,
    ) -> Result<Statement, Error> {
        let name = self.qualified_name()?;
        let comment = self.comment()?;
        if self.take("SECURITY") && !self.take("DEFINER") {
            self.expect("INVOKER")?;
        }
        self.expect("AS")?;
        let start = self.index();
        let query = self.query()?;
        let text = self.text_since(start).to_owned();
        Ok(Statement::CreateView(Box::new(CreateView {
            position,
            name,
            or_replace,
            comment,
            query,
            text,
        })))
    }

    pub fn comment(&mut self) -> Result<Option<String>, Error> {
        if self.take("COMMENT") {
            Ok(Some(self.string()?))
        } else {
            Ok(None)
        }
    }

    pub fn if_not_exists(&mut self) -> Result<bool, Error> {
        if !self.take("IF") {
            return Ok(false);
        }
        self.expect_all(&["NOT", "EXISTS"])?;
        Ok(true)
    }

    pub fn if_exists(&mut self) -> Result<bool, Error> {
        if !self.take("IF") {
            return Ok(false);
        }
        self.expect("EXISTS")?;
        Ok(true)
    }

    fn create_table_as_select(
        &mut self,
        position: crate::ast::Position,
    ) -> Result<Statement, Error> {
        let if_not_exists = self.if_not_exists()?;
        let name = self.qualified_name()?;
        let columns = self.optional_column_aliases()?;
        let comment = self.comment()?;
        let properties = self.with_properties()?;
        self.expect("AS")?;
        let query = self.query()?;
        let with_data = if self.take("WITH") {
            let with_data = !self.take("NO");
            self.expect("DATA")?;
            with_data
        } else {
            true
        };
        Ok(Statement::CreateTableAsSelect(Box::new(
            CreateTableAsSelect {
                position,
                name,
                if_not_exists,
                columns,
                comment,
                properties,
                query,
                with_data,
            },
        )))
    }

    /// `WITH (name = value, …)`, or nothing.
    pub fn with_properties(&mut self) -> Result<Vec<Property>, Error> {
        if !self.take("WITH") {
            return Ok(Vec::new());
        }
        self.parenthesized_list(|parser| {
            let name = parser.identifier()?;
            parser.expect("=")?;
            Ok(Property {
                name,
                value: parser.expression()?,
            })
        })
    }

    fn prepare(&mut self) -> Result<Statement, Error> {
        self.expect("PREPARE")?;
        let name = self.identifier()?;
        self.expect("FROM")?;
        let start = self.index();
        let statement = Box::new(self.statement()?);
        let text = self.text_since(start).to_owned();
        Ok(Statement::Prepare {
            name,
            statement,
            text,
        })
    }

    fn deallocate(&mut self) -> Result<Statement, Error> {
        self.expect_all(&["DEALLOCATE", "PREPARE"])?;
        Ok(Statement::Deallocate {
            name: self.identifier()?,
        })
    }

    fn execute(&mut self) -> Result<Statement, Error> {
        self.expect("EXECUTE")?;
        if self.at("IMMEDIATE") && self.is_string_at(1) {
            self.advance();
            let text = self.string()?;
            let parameters = self.using_parameters()?;
            let statement = Box::new(Parser::new(&text, Dialect::Trino).whole_statement()?);
            return Ok(Statement::ExecuteImmediate {
                statement,
                parameters,
            });
        }
        let name = self.identifier()?;
        let parameters = self.using_parameters()?;
        Ok(Statement::Execute { name, parameters })
    }

    fn using_parameters(&mut self) -> Result<Vec<Expression>, Error> {
        if self.take("USING") {
            self.list(Self::expression)
        } else {
            Ok(Vec::new())
        }
    }
}
