//! `Fail`.

use serde_json::Value;

use super::{
    Interpreter,
    branch::Branch,
    failure::{Failure, Interrupt},
    visit::{Done, Visit},
};
use crate::{
    definition::{Fail, Words},
    query::{Environment, Fault},
};

impl Interpreter<'_> {
    pub(super) fn fail<'s>(
        &self,
        fail: &Fail,
        visit: &Visit<'s>,
        branch: &mut Branch,
    ) -> Result<Done<'s>, Interrupt> {
        let failure = self.query(visit, branch, |context, variables| {
            let input = visit.effective_input(context, variables)?;
            let environment = Environment::new(&input, context, variables);
            let words = |words: &Option<Words>, field| {
                words
                    .as_ref()
                    .map(|words| words.evaluate(field, &environment))
                    .transpose()
            };
            Ok(Failure {
                error: words(&fail.error, "Error")?,
                cause: words(&fail.cause, "Cause")?,
                ..Failure::default()
            })
        })?;
        Err(failure.into())
    }
}

impl Words {
    fn evaluate(&self, field: &str, environment: &Environment) -> Result<String, Fault> {
        let value = match self {
            Self::Literal(text) => return Ok(text.clone()),
            Self::Jsonata(template) => {
                template.evaluate_as("string", Value::is_string, field, environment)?
            }
            Self::Path(path) => path.evaluate(environment)?,
        };
        match (value, self) {
            (Value::String(text), _) => Ok(text),
            (value, Self::Path(path)) => Err(Fault::Runtime(format!(
                "The {} parameter does not reference a string value: {} == {value}",
                path.field, path.text
            ))),
            (value, _) => Ok(value.to_string()),
        }
    }
}
