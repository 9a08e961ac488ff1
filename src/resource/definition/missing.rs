//! Names without a substitution. They stay in the definition, so that the rest of it is checked;
//! what is wrong because of nothing but them is not told.

use serde_json::Value;

use crate::resource::{Place, Problem};

/// The names, as `${Name}`.
#[derive(Debug)]
pub(super) struct Missing(Vec<String>);

impl Missing {
    pub fn new(names: impl IntoIterator<Item = String>) -> Self {
        let names = names.into_iter();
        Self(names.map(|name| format!("${{{name}}}")).collect())
    }

    pub fn is_in(&self, text: &str) -> bool {
        self.0.iter().any(|name| text.contains(name))
    }

    /// Whether a finding may be gone once they have values. `path` leads to what it is of.
    pub fn explains(&self, message: &str, path: &[String], definition: &Value) -> bool {
        // `Field 'Nxt' is not supported`, whatever its value is.
        let is_of_the_key = message.contains(" supported");
        let is_of_a_way = message.ends_with(" is not reachable.");
        let value = at(definition, path).and_then(Value::as_str);
        (!is_of_the_key && value.is_some_and(|text| self.is_in(text)))
            || (is_of_a_way && self.leads_somewhere(definition))
    }

    /// Whether a text may be of the right form once they have values: one of them stands in the line
    /// of the mistake.
    pub fn explains_form(&self, problem: &Problem) -> bool {
        let (text, span) = match &problem.place {
            Some(Place::File(source, span)) => (source.text.as_str(), span),
            Some(Place::Text(text, span)) => (text.as_str(), span),
            None => return false,
        };
        let line = text.get(..span.start).unwrap_or_default().matches('\n');
        let line = text.lines().nth(line.count()).unwrap_or_default();
        self.is_in(line)
    }

    /// Whether one of them says where a state leads.
    fn leads_somewhere(&self, value: &Value) -> bool {
        match value {
            Value::Object(members) => members.iter().any(|(key, member)| {
                let is_way = matches!(key.as_str(), "StartAt" | "Next" | "Default");
                let to = member.as_str().filter(|_| is_way);
                to.is_some_and(|to| self.is_in(to)) || self.leads_somewhere(member)
            }),
            Value::Array(items) => items.iter().any(|item| self.leads_somewhere(item)),
            _ => false,
        }
    }
}

/// What a path of names and indices leads to.
fn at<'v>(definition: &'v Value, path: &[String]) -> Option<&'v Value> {
    path.iter().try_fold(definition, |value, step| match value {
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        value => value.get(step),
    })
}
