//! Where in a definition something is.

use serde_json::Value;

use crate::Diagnostic;

impl Diagnostic {
    /// The names and indices that lead from `definition`, the document that was validated, to what
    /// the finding is of: `["States", "A", "Choices", "0", "Next"]`. Of a member that is wrong by
    /// its very name, the way leads to it. None for a finding of the whole.
    pub fn path(&self, definition: &Value) -> Option<Vec<String>> {
        let location = self.location.as_deref()?;
        if location.starts_with("[Source:") {
            return None;
        }
        let mut path = steps(definition, location.trim_end_matches('/'))?;
        path.reverse();
        if let Some(name) = self.named() {
            let at = path
                .iter()
                .try_fold(definition, |value, step| enter(value, step));
            if at.and_then(|value| value.get(name)).is_some() {
                path.push(name.to_owned());
            }
        }
        Some(path).filter(|path| !path.is_empty())
    }

    /// The member that the message is of: `Field 'Resutl' is not supported`.
    fn named(&self) -> Option<&str> {
        let (_, rest) = self.message.split_once("ield '")?;
        rest.split_once('\'').map(|(name, _)| name)
    }
}

fn enter<'v>(value: &'v Value, step: &str) -> Option<&'v Value> {
    match value {
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        value => value.get(step),
    }
}

/// The steps of a location, the last one first. Names in locations are not escaped, so that a name
/// may hold what separates them: the document decides which is meant.
fn steps(value: &Value, rest: &str) -> Option<Vec<String>> {
    if rest.is_empty() {
        return Some(Vec::new());
    }
    let (step, mut below) = match value {
        Value::Array(items) => {
            let (index, rest) = rest.strip_prefix('[')?.split_once(']')?;
            let item = items.get(index.parse::<usize>().ok()?)?;
            (index, steps(item, rest)?)
        }
        Value::Object(members) => {
            let rest = rest.strip_prefix('/')?;
            let separated = |rest: &str| rest.is_empty() || rest.starts_with(['/', '[']);
            let found = members.iter().find_map(|(name, member)| {
                let rest = rest
                    .strip_prefix(name.as_str())
                    .filter(|rest| separated(rest))?;
                Some((name.as_str(), steps(member, rest)?))
            });
            // What is missing is missing in what is there.
            match found {
                Some(found) => found,
                None if rest.contains(['/', '[']) => return None,
                None => return Some(Vec::new()),
            }
        }
        _ => return None,
    };
    below.push(step.to_owned());
    Some(below)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MachineType, validate};

    fn paths(definition: &str) -> Vec<(String, String)> {
        let document: Value = serde_json::from_str(definition).unwrap();
        validate(definition, MachineType::Standard)
            .iter()
            .map(|found| {
                let path = found.path(&document).unwrap_or_default();
                (found.message.clone(), path.join(" "))
            })
            .collect()
    }

    #[test]
    fn a_finding_is_placed_at_the_member_that_it_is_of() {
        let definition = r#"{"StartAt": "A/B", "States": {
            "A": {"Type": "Succeed"},
            "A/B": {"Type": "Choice", "Choices": [
              {"Variable": "$.x", "IsPresent": true, "Next": "Gone"}], "Default": "A"}}}"#;
        assert_eq!(
            paths(definition),
            [(
                "Missing 'Next' target: Gone".to_owned(),
                "States A/B Choices 0 Next".to_owned()
            )]
        );
    }

    #[test]
    fn a_member_that_is_not_known_is_placed_itself() {
        let definition =
            r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "Resutl": 1, "End": true}}}"#;
        assert_eq!(
            paths(definition),
            [(
                "Field 'Resutl' is not supported".to_owned(),
                "States A Resutl".to_owned()
            )]
        );
    }

    #[test]
    fn a_finding_of_the_whole_has_no_place() {
        let definition = r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "A"}}}"#;
        assert_eq!(paths(definition)[0].1, "");
        let broken = &validate("not json", MachineType::Standard)[0];
        assert_eq!(broken.path(&Value::Null), None);
    }
}
