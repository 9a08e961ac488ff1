//! The form of a mock configuration, in the words of who writes one.

use serde_json::Value;

use crate::stack::nearest;

/// What may stand somewhere. The text is what is told to be expected there.
enum Form {
    Anything,
    Text(&'static str),
    /// An object with any names.
    Each(&'static str, &'static Form),
    /// An object with these names only; those of the second list must be there.
    Members(&'static str, Known, &'static [&'static str]),
    /// An object with one of two names.
    Either(&'static str, Known),
}

/// The names that an object may have, and the form of each.
type Known = &'static [(&'static str, &'static Form)];

static FILE: Form = Form::Members(
    "an object of StateMachines and MockedResponses",
    &[
        (
            "StateMachines",
            &Form::Each("an object of machines by their names", &MACHINE),
        ),
        (
            "MockedResponses",
            &Form::Each("an object of responses by their names", &RESPONSE),
        ),
    ],
    &[],
);

static MACHINE: Form = Form::Members(
    "an object with the machine's TestCases",
    &[(
        "TestCases",
        &Form::Each(
            "an object of test cases by their names",
            &Form::Each(
                "an object that names a mocked response for each state",
                &Form::Text("the name of a mocked response, as a text"),
            ),
        ),
    )],
    &["TestCases"],
);

static RESPONSE: Form = Form::Each(
    "an object that says by the attempt (\"0\", \"1-2\") what is answered",
    &Form::Either(
        "an object with Return, or with Throw",
        &[("Return", &Form::Anything), ("Throw", &THROW)],
    ),
);

static THROW: Form = Form::Members(
    "an object with Error, and with Cause if there is one",
    &[
        ("Error", &Form::Text("the name of an error, as a text")),
        ("Cause", &Form::Text("a text")),
    ],
    &["Error"],
);

/// Something that is not of the form.
pub(super) struct Misfit {
    /// The names that lead to it.
    pub path: Vec<String>,
    /// It is wrong by its very name.
    pub by_name: bool,
    pub told: String,
}

/// The first thing in a file that is not of its form.
pub(super) fn misfit(file: &Value) -> Option<Misfit> {
    FILE.misfit(file, &mut Vec::new())
}

impl Form {
    fn misfit(&self, value: &Value, path: &mut Vec<String>) -> Option<Misfit> {
        let expected = match self {
            Self::Anything => return None,
            Self::Text(_) if value.is_string() => return None,
            Self::Text(expected)
            | Self::Each(expected, _)
            | Self::Members(expected, _, _)
            | Self::Either(expected, _) => expected,
        };
        let (Self::Each(..) | Self::Members(..) | Self::Either(..), Value::Object(members)) =
            (self, value)
        else {
            return Some(Misfit {
                path: path.clone(),
                by_name: false,
                told: format!("expected {expected}, and it is {}", kind(value)),
            });
        };
        for (name, member) in members {
            path.push(name.clone());
            let found = match self.of_member(name) {
                Some(form) => form.misfit(member, path),
                None => Some(Misfit {
                    path: path.clone(),
                    by_name: true,
                    told: self.strange(name, expected),
                }),
            };
            path.pop();
            if found.is_some() {
                return found;
            }
        }
        self.lacks(members).map(|told| Misfit {
            path: path.clone(),
            by_name: true,
            told,
        })
    }

    /// What is wrong with an object whose members may all be there.
    fn lacks(&self, members: &serde_json::Map<String, Value>) -> Option<String> {
        match self {
            Self::Members(expected, _, needed) => {
                let missing = needed.iter().find(|name| !members.contains_key(**name))?;
                Some(format!("`{missing}` is missing: expected {expected}"))
            }
            Self::Either(expected, _) if members.len() != 1 => {
                let has = if members.is_empty() {
                    "neither"
                } else {
                    "both"
                };
                Some(format!("expected {expected}, and it has {has}"))
            }
            _ => None,
        }
    }

    /// The form of a member of an object; none of one that must not be there.
    fn of_member(&self, name: &str) -> Option<&Form> {
        match self {
            Self::Each(_, form) => Some(form),
            Self::Members(_, known, _) | Self::Either(_, known) => known
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, form)| *form),
            Self::Anything | Self::Text(_) => None,
        }
    }

    fn strange(&self, name: &str, expected: &str) -> String {
        let known: &[(&str, &Form)] = match self {
            Self::Members(_, known, _) | Self::Either(_, known) => known,
            _ => &[],
        };
        let near = nearest(name, known.iter().map(|(name, _)| *name));
        let near = near.map(|near| format!("\n  help: did you mean `{near}`?"));
        let near = near.unwrap_or_default();
        format!("`{name}` does not belong here: expected {expected}{near}")
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(file: &Value) -> Option<String> {
        misfit(file).map(|found| format!("{}: {}", found.path.join("/"), found.told))
    }

    #[test]
    fn what_is_not_of_the_form_is_told_in_its_terms() {
        let right = json!({
            "StateMachines": {"m": {"TestCases": {"Happy": {"Query": "Fine"}}}},
            "MockedResponses": {"Fine": {
                "0": {"Throw": {"Error": "Slow", "Cause": "down"}}, "1": {"Return": [1]}}}});
        assert_eq!(told(&right), None);
        let mut wrong = right.clone();
        wrong["StateMachines"]["m"]["TestCases"]["Happy"]["Query"] = json!(7);
        assert_eq!(
            told(&wrong).as_deref(),
            Some(
                "StateMachines/m/TestCases/Happy/Query: expected the name of a mocked response, as a text, and it is a number"
            )
        );
        let mut wrong = right.clone();
        wrong["MockedResponses"]["Fine"]["1"] = json!({"Retrun": 1});
        assert_eq!(
            told(&wrong).as_deref(),
            Some(
                "MockedResponses/Fine/1/Retrun: `Retrun` does not belong here: expected an object with Return, or with Throw\n  help: did you mean `Return`?"
            )
        );
        let mut wrong = right.clone();
        wrong["MockedResponses"]["Fine"]["0"]["Throw"] = json!({"Cause": "down"});
        assert_eq!(
            told(&wrong).as_deref(),
            Some(
                "MockedResponses/Fine/0/Throw: `Error` is missing: expected an object with Error, and with Cause if there is one"
            )
        );
        for (answer, has) in [
            (json!({}), "neither"),
            (json!({"Return": 1, "Throw": {"Error": "Slow"}}), "both"),
        ] {
            let told = told(&json!({"MockedResponses": {"a": {"0": answer}}}));
            assert_eq!(
                told,
                Some(format!(
                    "MockedResponses/a/0: expected an object with Return, or with Throw, and it has {has}"
                ))
            );
        }
        let list = told(&json!([])).unwrap_or_default();
        assert!(list.ends_with("and it is a list"), "{list}");
        let object = told(&json!({"MockedResponses": {"a": {"0": {"Throw": {"Error": {}}}}}}));
        assert!(object.is_some_and(|told| told.contains("it is an object")));
    }
}
