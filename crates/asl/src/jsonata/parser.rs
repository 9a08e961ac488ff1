//! Tokens to a tree, by operator precedence (Pratt), as jsonata-js parses.

use std::sync::Arc;

use super::ast::Presence;
use super::error::Error;
use super::lexer::{Lexer, Token, TokenKind};
use super::signature::Signature;
use super::syntax::{Pair, Syntax, SyntaxKind, Term};
use crate::stack::with_stack;

/// Expressions inside one another; operators in a row nest on the left.
const HEIGHT: usize = 1000;

fn check_height(height: usize) -> Result<(), Error> {
    if height > HEIGHT {
        return Err(Error::new("U1001", "The expression is nested too deeply"));
    }
    Ok(())
}

/// How strongly an operator binds the operand on its left.
fn binding_power(operator: &str) -> usize {
    match operator {
        "[" | "(" | "@" | "#" => 80,
        "." => 75,
        "{" => 70,
        "*" | "/" | "%" => 60,
        "+" | "-" | "&" => 50,
        "=" | "<" | ">" | "^" | "!=" | "<=" | ">=" | "~>" | "?:" | "??" | "in" => 40,
        "and" => 30,
        "or" => 25,
        "?" => 20,
        ":=" => 10,
        _ => 0,
    }
}

pub(super) struct Parser {
    lexer: Lexer,
    token: Token,
    /// Expressions that are open.
    depth: usize,
    /// The height of the highest tree among the operands read for the expression that is open.
    height: usize,
}

/// Parses a whole expression.
pub(super) fn parse(text: &str) -> Result<Syntax, Error> {
    let mut lexer = Lexer::new(text);
    let token = lexer.next(false)?;
    let mut parser = Parser {
        lexer,
        token,
        depth: 0,
        height: 0,
    };
    parser.check_operator()?;
    let expression = parser.expression(0)?;
    if !parser.token.is_end() {
        return Err(Error::of("S0201")
            .with("token", &parser.token.json())
            .at(parser.token.position));
    }
    Ok(expression)
}

impl Parser {
    /// Moves to the next token, given back is the one left behind.
    fn advance(&mut self, infix: bool) -> Result<Token, Error> {
        let token = self.lexer.next(infix)?;
        let former = std::mem::replace(&mut self.token, token);
        self.check_operator()?;
        Ok(former)
    }

    fn check_operator(&self) -> Result<(), Error> {
        match self.token.kind {
            TokenKind::Operator(operator @ ("!" | "~")) => Err(Error::of("S0204")
                .with_token(operator)
                .at(self.token.position)),
            _ => Ok(()),
        }
    }

    /// Moves past a token that has to be here.
    fn expect(&mut self, operator: &'static str, infix: bool) -> Result<(), Error> {
        if !self.token.is(operator) {
            let code = if self.token.is_end() {
                "S0203"
            } else {
                "S0202"
            };
            return Err(Error::of(code)
                .with_text("value", operator)
                .with("token", &self.token.json())
                .at(self.token.position));
        }
        self.advance(infix)?;
        Ok(())
    }

    /// Moves past the operator if it is here.
    fn take(&mut self, operator: &'static str) -> Result<bool, Error> {
        let here = self.token.is(operator);
        if here {
            self.advance(false)?;
        }
        Ok(here)
    }

    /// An expression up to an operator that binds no stronger than `power`.
    fn expression(&mut self, power: usize) -> Result<Syntax, Error> {
        self.depth += 1;
        check_height(self.depth)?;
        let siblings = std::mem::take(&mut self.height);
        let result = with_stack(|| {
            let token = self.advance(true)?;
            let mut left = self.prefix(token)?;
            let mut height = std::mem::take(&mut self.height) + 1;
            while let TokenKind::Operator(operator) = self.token.kind {
                if power >= binding_power(operator) {
                    break;
                }
                let token = self.advance(false)?;
                left = self.infix(operator, token.position, left)?;
                height = std::mem::take(&mut self.height).max(height) + 1;
                check_height(height)?;
            }
            self.height = siblings.max(height);
            Ok(left)
        });
        self.depth -= 1;
        result
    }

    fn prefix(&mut self, token: Token) -> Result<Syntax, Error> {
        let position = token.position;
        let TokenKind::Operator(operator) = token.kind else {
            return Ok(Syntax::new(SyntaxKind::Terminal(token.kind), position));
        };
        let kind = match operator {
            "and" | "or" | "in" => SyntaxKind::Terminal(token.kind),
            "-" => SyntaxKind::Negate(Box::new(self.expression(70)?)),
            "*" => SyntaxKind::Wildcard,
            "**" => SyntaxKind::Descendant,
            "%" => SyntaxKind::Parent,
            "(" => SyntaxKind::Block(self.block()?),
            "[" => SyntaxKind::Array(self.array()?),
            "{" => SyntaxKind::Object(self.pairs()?),
            "|" => {
                let pattern = self.expression(0)?;
                self.expect("|", false)?;
                let update = self.expression(0)?;
                let delete = if self.take(",")? {
                    Some(Box::new(self.expression(0)?))
                } else {
                    None
                };
                self.expect("|", false)?;
                SyntaxKind::Transform(Box::new(pattern), Box::new(update), delete)
            }
            _ => return Err(Error::of("S0211").with_token(operator).at(position)),
        };
        Ok(Syntax::new(kind, position))
    }

    fn infix(
        &mut self,
        operator: &'static str,
        position: usize,
        left: Syntax,
    ) -> Result<Syntax, Error> {
        let power = binding_power(operator);
        let kind = match operator {
            "(" => return self.call(position, left),
            "[" => {
                if self.token.is("]") {
                    self.advance(false)?;
                    return Ok(keep_array(left));
                }
                let predicate = self.expression(0)?;
                self.expect("]", true)?;
                SyntaxKind::Predicate(Box::new(left), Box::new(predicate))
            }
            "{" => SyntaxKind::GroupBy(Box::new(left), self.pairs()?),
            "^" => SyntaxKind::OrderBy(Box::new(left), self.terms()?),
            ":=" => {
                let SyntaxKind::Terminal(TokenKind::Variable(name)) = left.kind else {
                    return Err(Error::of("S0212").at(left.position));
                };
                SyntaxKind::Bind(name, Box::new(self.expression(power - 1)?))
            }
            "@" | "#" => {
                let right = self.expression(power)?;
                let SyntaxKind::Terminal(TokenKind::Variable(name)) = right.kind else {
                    return Err(Error::of("S0214").with_token(operator).at(right.position));
                };
                if operator == "@" {
                    SyntaxKind::Focus(Box::new(left), name)
                } else {
                    SyntaxKind::Index(Box::new(left), name)
                }
            }
            "?" => {
                let then = self.expression(0)?;
                let otherwise = if self.take(":")? {
                    Some(Box::new(self.expression(0)?))
                } else {
                    None
                };
                SyntaxKind::Condition(Box::new(left), Box::new(then), otherwise)
            }
            "?:" => {
                let otherwise = self.expression(0)?;
                SyntaxKind::Default(Presence::Truthy, Box::new(left), Box::new(otherwise))
            }
            "??" => {
                let otherwise = self.expression(0)?;
                SyntaxKind::Default(Presence::Exists, Box::new(left), Box::new(otherwise))
            }
            _ => {
                let right = self.expression(power)?;
                SyntaxKind::Binary(operator, Box::new(left), Box::new(right))
            }
        };
        Ok(Syntax::new(kind, position))
    }

    fn call(&mut self, position: usize, callee: Syntax) -> Result<Syntax, Error> {
        let mut arguments = Vec::new();
        let mut partial = false;
        if !self.token.is(")") {
            loop {
                if self.token.is("?") {
                    partial = true;
                    let token = self.advance(false)?;
                    arguments.push(Syntax::new(
                        SyntaxKind::Terminal(token.kind),
                        token.position,
                    ));
                } else {
                    arguments.push(self.expression(0)?);
                }
                if !self.take(",")? {
                    break;
                }
            }
        }
        self.expect(")", true)?;
        let is_lambda = matches!(&callee.kind,
            SyntaxKind::Terminal(TokenKind::Name(name)) if matches!(&**name, "function" | "λ"));
        let kind = if is_lambda {
            self.lambda(arguments)?
        } else if partial {
            SyntaxKind::Partial(Box::new(callee), arguments)
        } else {
            SyntaxKind::Call(Box::new(callee), arguments)
        };
        Ok(Syntax::new(kind, position))
    }

    fn lambda(&mut self, arguments: Vec<Syntax>) -> Result<SyntaxKind, Error> {
        let mut parameters = Vec::with_capacity(arguments.len());
        for (index, argument) in arguments.into_iter().enumerate() {
            let SyntaxKind::Terminal(TokenKind::Variable(name)) = argument.kind else {
                return Err(Error::of("S0208")
                    .with("value", &(index + 1).to_string())
                    .at(argument.position));
            };
            parameters.push(name);
        }
        let signature = if self.token.is("<") {
            Some(Arc::new(self.signature()?))
        } else {
            None
        };
        self.expect("{", false)?;
        let body = self.expression(0)?;
        self.expect("}", false)?;
        Ok(SyntaxKind::Lambda(parameters, signature, Box::new(body)))
    }

    fn signature(&mut self) -> Result<Signature, Error> {
        let start = self.token.position;
        let mut depth = 1;
        let mut text = "<".to_owned();
        while depth > 0 && !self.token.is("{") && !self.token.is_end() {
            self.advance(false)?;
            if self.token.is(">") {
                depth -= 1;
            } else if self.token.is("<") {
                depth += 1;
            }
            text.push_str(&self.token.text());
        }
        self.expect(">", false)?;
        Signature::parse(&text).map_err(|error| {
            let offset = error.position.unwrap_or(0);
            error.at(start + offset)
        })
    }

    fn block(&mut self) -> Result<Vec<Syntax>, Error> {
        let mut expressions = Vec::new();
        while !self.token.is(")") {
            expressions.push(self.expression(0)?);
            if !self.take(";")? {
                break;
            }
        }
        self.expect(")", true)?;
        Ok(expressions)
    }

    fn array(&mut self) -> Result<Vec<Syntax>, Error> {
        let mut items = Vec::new();
        if !self.token.is("]") {
            loop {
                let mut item = self.expression(0)?;
                if self.token.is("..") {
                    let token = self.advance(false)?;
                    let last = self.expression(0)?;
                    item = Syntax::new(
                        SyntaxKind::Binary("..", Box::new(item), Box::new(last)),
                        token.position,
                    );
                }
                items.push(item);
                if !self.take(",")? {
                    break;
                }
            }
        }
        self.expect("]", true)?;
        Ok(items)
    }

    fn pairs(&mut self) -> Result<Vec<Pair>, Error> {
        let mut pairs = Vec::new();
        if !self.token.is("}") {
            loop {
                let key = self.expression(0)?;
                self.expect(":", false)?;
                let value = self.expression(0)?;
                pairs.push((key, value));
                if !self.take(",")? {
                    break;
                }
            }
        }
        self.expect("}", true)?;
        Ok(pairs)
    }

    fn terms(&mut self) -> Result<Vec<Term>, Error> {
        self.expect("(", false)?;
        let mut terms = Vec::new();
        loop {
            let descending = self.token.is(">");
            if descending || self.token.is("<") {
                self.advance(false)?;
            }
            let expression = self.expression(0)?;
            terms.push(Term {
                descending,
                expression,
            });
            if !self.take(",")? {
                break;
            }
        }
        self.expect(")", false)?;
        Ok(terms)
    }
}

/// Marks the step before all predicates as one whose result stays an array.
fn keep_array(mut syntax: Syntax) -> Syntax {
    {
        let mut step = &mut syntax;
        while matches!(step.kind, SyntaxKind::Predicate(..)) {
            if let SyntaxKind::Predicate(left, _) = &mut step.kind {
                step = left;
            } else {
                break;
            }
        }
        step.keep_array = true;
    }
    syntax
}
