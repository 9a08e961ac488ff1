//! `{% … %}`: one JSONata expression.

use serde_json::Value;

use super::{Environment, Fault, Mistake, Sees, functions};
use crate::jsonata::{Bindings, Expression, NO_JSON, Reference};

#[derive(Clone)]
pub(crate) struct JsonataExpression {
    /// What stands between the delimiters, without the space around it.
    pub text: String,
    expression: Expression,
    mentions: Mentions,
}

impl std::fmt::Debug for JsonataExpression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl JsonataExpression {
    /// Nothing for a text that is no expression but stands for itself.
    pub fn parse(text: &str) -> Option<Result<Self, Mistake>> {
        let opened = text.strip_prefix("{%")?;
        if !text.ends_with("%}") {
            return Some(Err(Mistake {
                code: "SCHEMA_VALIDATION_FAILED",
                message: "JSONata string must start with {% and end with %}".to_owned(),
                below: String::new(),
            }));
        }
        let inner = opened.strip_suffix("%}")?.trim();
        Some(match Expression::parse(inner) {
            Ok(expression) => Ok(Self {
                text: inner.to_owned(),
                expression,
                mentions: Mentions::of(inner),
            }),
            Err(error) => Err(Mistake {
                code: "INVALID_JSONATA_EXPRESSION",
                message: error.message,
                below: String::new(),
            }),
        })
    }

    /// What the expression reads that it does not see: it has no input, so no name that is looked
    /// up in one, and not all parts of `$states` are there everywhere.
    ///
    /// Source: "Transforming data with JSONata", AWS Step Functions developer guide; the words are
    /// those that AWS answers.
    pub fn unseen(&self, sees: Sees) -> Vec<Mistake> {
        let unseen = |reference| match reference {
            Reference::Input(name) => Some(format!(
                "Reference to '{name}' at the top level is not supported."
            )),
            Reference::Root => Some("Reference to '$$' is not supported.".to_owned()),
            Reference::Member(variable, member) => {
                let is_there = match (variable.as_str(), member.as_str()) {
                    ("states", "result") => sees.result,
                    ("states", "errorOutput") => sees.error_output,
                    _ => true,
                };
                (!is_there).then(|| format!("Field '$states.{member}' does not exist."))
            }
        };
        let references = self.expression.references().into_iter();
        references
            .filter_map(unseen)
            .map(|message| Mistake {
                code: "UNSUPPORTED_JSONATA_EXPRESSION",
                message,
                below: String::new(),
            })
            .collect()
    }

    /// The names that the expression sees, as far as it has any of them.
    fn bound<'e>(&self, environment: &'e Environment) -> Bindings<'e> {
        let mut bindings = Bindings::default();
        for name in &self.mentions.variables {
            if let Some((name, value)) = environment.variables.get_key_value(name) {
                bindings.value(name, value);
            }
        }
        if !self.mentions.parts.is_empty() {
            let has = |part: &str| self.mentions.parts.contains(&part);
            let context = has("context").then(|| environment.whole_context());
            let parts = [
                ("input", Some(environment.input)),
                ("context", context),
                ("result", environment.result),
                ("errorOutput", environment.error_output),
            ];
            let parts = parts
                .into_iter()
                .filter(|(part, _)| has(part))
                .filter_map(|(part, value)| Some((part, value?)));
            bindings.object("states", parts.collect());
        }
        bindings
    }

    /// The value, where the field `at` (`Output/v`) holds this expression.
    pub fn evaluate(&self, at: &str, environment: &Environment) -> Result<Value, Fault> {
        let now = environment.context.now();
        let problem = match functions::evaluate(&self.expression, &self.bound(environment), now) {
            Ok(Some(value)) => return Ok(value),
            Ok(None) => "returned nothing (undefined).".to_owned(),
            Err(error) => threw(&error),
        };
        Err(Fault::Query {
            location: Some(at.to_owned()),
            message: format!(
                "The JSONata expression '{}' specified for the field '{at}' {problem}",
                self.text
            ),
        })
    }
}

/// What is told of an error: its code too, unless it is a limit, of one within Step Functions nothing
/// but a number, and of a result that is a function that it is none.
fn threw(error: &crate::jsonata::Error) -> String {
    match error.code.as_str() {
        NO_JSON => "returned an unsupported result type.".to_owned(),
        "U1001" => format!("threw an error during evaluation: {}", error.message),
        functions::INTERNAL => {
            let number = uuid::Uuid::new_v4();
            format!("threw an internal error during evaluation. {number}")
        }
        code => format!(
            "threw an error during evaluation. {code}: {}",
            error.message
        ),
    }
}

/// What a text mentions after a `$`. More than the expression means is no harm, less would be:
/// quotes and comments are not heeded.
#[derive(Clone, Debug, Default)]
struct Mentions {
    variables: Vec<String>,
    /// The parts of `$states`; all of them where it is not plain which.
    parts: Vec<&'static str>,
}

const PARTS: [&str; 4] = ["input", "context", "result", "errorOutput"];

impl Mentions {
    fn of(text: &str) -> Self {
        let mut mentions = Self::default();
        for rest in text.split('$').skip(1) {
            let end = rest
                .find(|c: char| !(c.is_alphanumeric() || c == '_'))
                .unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            if name != "states" {
                mentions.variables.push(name.to_owned());
                continue;
            }
            match PARTS.iter().find(|part| is_step(after, part)) {
                Some(part) => mentions.parts.push(*part),
                None => mentions.parts.extend(PARTS),
            }
        }
        mentions
    }
}

/// Whether a text goes on with `.part`.
fn is_step(text: &str, part: &str) -> bool {
    let step = text.trim_start().strip_prefix('.').map(str::trim_start);
    step.and_then(|step| step.strip_prefix(part))
        .is_some_and(|after| !after.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}

#[cfg(test)]
mod tests {
    use super::Mentions;

    #[test]
    fn an_expression_is_given_what_it_mentions() {
        let of = |text: &str| {
            let mentions = Mentions::of(text);
            (mentions.variables.join(","), mentions.parts.join(","))
        };
        assert_eq!(
            of("$states.input.a + $n"),
            ("n".to_owned(), "input".to_owned())
        );
        assert_eq!(of("$states . result"), (String::new(), "result".to_owned()));
        let all = "input,context,result,errorOutput";
        for text in [
            "$states",
            "$states.*",
            "$states.inputs",
            "$lookup($states, 'input')",
        ] {
            assert_eq!(of(text).1, all, "{text}");
        }
    }
}
