//! JSON_EXISTS, JSON_VALUE, JSON_QUERY, JSON_OBJECT, JSON_ARRAY.

use super::cursor::Parser;
use crate::ast::{
    ExpressionKind, FormattedExpression, JsonArgument, JsonArray, JsonExists, JsonExistsBehavior,
    JsonFormat, JsonObject, JsonObjectMember, JsonPathInvocation, JsonQuery, JsonQueryBehavior,
    JsonQuotes, JsonReturning, JsonValue, JsonValueBehavior, JsonWrapper,
};
use crate::error::Error;

impl Parser<'_> {
    pub fn json_exists(&mut self) -> Result<ExpressionKind, Error> {
        self.advance();
        self.expect("(")?;
        let path = self.json_path_invocation()?;
        let mut on_error = JsonExistsBehavior::default();
        for (word, behavior) in [
            ("TRUE", JsonExistsBehavior::True),
            ("FALSE", JsonExistsBehavior::False),
            ("UNKNOWN", JsonExistsBehavior::Unknown),
            ("ERROR", JsonExistsBehavior::Error),
        ] {
            if self.take(word) {
                on_error = behavior;
                self.expect_all(&["ON", "ERROR"])?;
                break;
            }
        }
        self.expect(")")?;
        Ok(ExpressionKind::JsonExists(Box::new(JsonExists {
            path,
            on_error,
        })))
    }

    pub fn json_value(&mut self) -> Result<ExpressionKind, Error> {
        self.advance();
        self.expect("(")?;
        let path = self.json_path_invocation()?;
        let returning = if self.take("RETURNING") {
            Some(self.data_type()?)
        } else {
            None
        };
        let (on_empty, on_error) = self.on_empty_on_error(Self::json_value_behavior)?;
        self.expect(")")?;
        Ok(ExpressionKind::JsonValue(Box::new(JsonValue {
            path,
            returning,
            on_empty: on_empty.unwrap_or_default(),
            on_error,
        })))
    }

    pub fn json_query(&mut self) -> Result<ExpressionKind, Error> {
        self.advance();
        self.expect("(")?;
        let path = self.json_path_invocation()?;
        let returning = self.json_returning()?;
        let wrapper = self.json_wrapper()?;
        let quotes = self.json_quotes()?;
        let (on_empty, on_error) = self.on_empty_on_error(Self::json_query_behavior)?;
        self.expect(")")?;
        Ok(ExpressionKind::JsonQuery(Box::new(JsonQuery {
            path,
            returning,
            wrapper,
            quotes,
            on_empty: on_empty.unwrap_or_default(),
            on_error: on_error.unwrap_or_default(),
        })))
    }

    pub fn json_object(&mut self) -> Result<ExpressionKind, Error> {
        self.advance();
        self.expect("(")?;
        let mut object = JsonObject {
            members: Vec::new(),
            null_on_null: true,
            unique_keys: false,
            returning: None,
        };
        if !self.at(")") && !self.at("RETURNING") {
            object.members = self.list(Self::json_object_member)?;
            object.null_on_null = self.null_on_null()?.unwrap_or(true);
            if self.take("WITH") {
                object.unique_keys = true;
                self.expect("UNIQUE")?;
                self.take("KEYS");
            } else if self.take("WITHOUT") {
                self.expect("UNIQUE")?;
                self.take("KEYS");
            }
        }
        object.returning = self.json_returning()?;
        self.expect(")")?;
        Ok(ExpressionKind::JsonObject(Box::new(object)))
    }

    /// `KEY k VALUE v`, `k VALUE v`, `k : v`.
    fn json_object_member(&mut self) -> Result<JsonObjectMember, Error> {
        let key_is_name = [",", ")", ".", ":", "[", "||"]
            .iter()
            .any(|next| self.is_ahead(1, next))
            || self.is_ahead(1, "VALUE");
        let with_key = !key_is_name && self.take("KEY");
        let key = self.expression()?;
        if with_key || !self.take(":") {
            self.expect("VALUE")?;
        }
        let value = self.formatted_expression()?;
        Ok(JsonObjectMember { key, value })
    }

    pub fn json_array(&mut self) -> Result<ExpressionKind, Error> {
        self.advance();
        self.expect("(")?;
        let mut array = JsonArray {
            elements: Vec::new(),
            null_on_null: false,
            returning: None,
        };
        if !self.at(")") && !self.at("RETURNING") {
            array.elements = self.list(Self::formatted_expression)?;
            array.null_on_null = self.null_on_null()?.unwrap_or(false);
        }
        array.returning = self.json_returning()?;
        self.expect(")")?;
        Ok(ExpressionKind::JsonArray(Box::new(array)))
    }

    fn json_path_invocation(&mut self) -> Result<JsonPathInvocation, Error> {
        let input = self.formatted_expression()?;
        self.expect(",")?;
        let path = self.string()?;
        let arguments = if self.take("PASSING") {
            self.list(|parser| {
                let value = parser.formatted_expression()?;
                parser.expect("AS")?;
                Ok(JsonArgument {
                    value,
                    name: parser.identifier()?,
                })
            })?
        } else {
            Vec::new()
        };
        Ok(JsonPathInvocation {
            input,
            path,
            arguments,
        })
    }

    fn formatted_expression(&mut self) -> Result<FormattedExpression, Error> {
        let expression = self.expression()?;
        let format = self.json_format()?;
        Ok(FormattedExpression { expression, format })
    }

    fn json_format(&mut self) -> Result<Option<JsonFormat>, Error> {
        if !self.take("FORMAT") {
            return Ok(None);
        }
        self.expect("JSON")?;
        if !self.take("ENCODING") {
            return Ok(Some(JsonFormat::Json));
        }
        for (word, format) in [
            ("UTF8", JsonFormat::Utf8),
            ("UTF16", JsonFormat::Utf16),
            ("UTF32", JsonFormat::Utf32),
        ] {
            if self.take(word) {
                return Ok(Some(format));
            }
        }
        Err(self.mismatch())
    }

    fn json_returning(&mut self) -> Result<Option<JsonReturning>, Error> {
        if !self.take("RETURNING") {
            return Ok(None);
        }
        let data_type = self.data_type()?;
        let format = self.json_format()?;
        Ok(Some(JsonReturning { data_type, format }))
    }

    fn null_on_null(&mut self) -> Result<Option<bool>, Error> {
        let null_on_null = if self.take("NULL") {
            true
        } else if self.take("ABSENT") {
            false
        } else {
            return Ok(None);
        };
        self.expect_all(&["ON", "NULL"])?;
        Ok(Some(null_on_null))
    }

    /// `behavior ON EMPTY behavior ON ERROR`, each if it is there.
    fn on_empty_on_error<T>(
        &mut self,
        behavior: impl Fn(&mut Self) -> Result<Option<T>, Error>,
    ) -> Result<(Option<T>, Option<T>), Error> {
        let mut on_empty = None;
        let Some(mut found) = behavior(self)? else {
            return Ok((None, None));
        };
        self.expect("ON")?;
        if self.take("EMPTY") {
            on_empty = Some(found);
            let Some(second) = behavior(self)? else {
                return Ok((on_empty, None));
            };
            found = second;
            self.expect("ON")?;
        }
        self.expect("ERROR")?;
        Ok((on_empty, Some(found)))
    }

    fn json_value_behavior(&mut self) -> Result<Option<JsonValueBehavior>, Error> {
        Ok(Some(if self.take("ERROR") {
            JsonValueBehavior::Error
        } else if self.take("NULL") {
            JsonValueBehavior::Null
        } else if self.take("DEFAULT") {
            JsonValueBehavior::Default(self.expression()?)
        } else {
            return Ok(None);
        }))
    }

    fn json_query_behavior(&mut self) -> Result<Option<JsonQueryBehavior>, Error> {
        Ok(Some(if self.take("ERROR") {
            JsonQueryBehavior::Error
        } else if self.take("NULL") {
            JsonQueryBehavior::Null
        } else if self.take("EMPTY") {
            if self.take("ARRAY") {
                JsonQueryBehavior::EmptyArray
            } else {
                self.expect("OBJECT")?;
                JsonQueryBehavior::EmptyObject
            }
        } else {
            return Ok(None);
        }))
    }

    fn json_wrapper(&mut self) -> Result<JsonWrapper, Error> {
        let wrapper = if self.take("WITHOUT") {
            JsonWrapper::Without
        } else if self.take("WITH") {
            if self.take("CONDITIONAL") {
                JsonWrapper::Conditional
            } else {
                self.take("UNCONDITIONAL");
                JsonWrapper::Unconditional
            }
        } else {
            return Ok(JsonWrapper::Without);
        };
        self.take("ARRAY");
        self.expect("WRAPPER")?;
        Ok(wrapper)
    }

    fn json_quotes(&mut self) -> Result<Option<JsonQuotes>, Error> {
        let quotes = if self.take("KEEP") {
            JsonQuotes::Keep
        } else if self.take("OMIT") {
            JsonQuotes::Omit
        } else {
            return Ok(None);
        };
        self.expect("QUOTES")?;
        if self.take("ON") {
            self.expect_all(&["SCALAR", "STRING"])?;
        }
        Ok(Some(quotes))
    }
}
