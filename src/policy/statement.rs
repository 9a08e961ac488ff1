//! A statement of a derived policy, with the reason it is there.

use serde_json::{Map, Value, json};

/// One statement, as it stands in the policy, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    body: Map<String, Value>,
    /// Why it is needed, for whoever reads the policy.
    pub reason: String,
}

impl Statement {
    /// A statement that allows `actions` on `resources`, both in order and without doubles.
    pub(super) fn allow(
        sid: &str,
        actions: impl IntoIterator<Item = impl Into<String>>,
        resources: impl IntoIterator<Item = impl Into<String>>,
        reason: impl Into<String>,
    ) -> Self {
        let mut body = Map::new();
        body.insert("Sid".to_owned(), json!(sid));
        body.insert("Effect".to_owned(), json!("Allow"));
        body.insert("Action".to_owned(), json!(in_order(actions)));
        body.insert("Resource".to_owned(), json!(in_order(resources)));
        Self {
            body,
            reason: reason.into(),
        }
    }

    /// The statement where `key`, too, is like one of `patterns`; with no pattern, whatever it is.
    pub(super) fn where_like(mut self, key: &str, patterns: Vec<String>) -> Self {
        if !patterns.is_empty() {
            let none = || json!({ "StringLike": {} });
            let condition = self.body.entry("Condition").or_insert_with(none);
            condition["StringLike"][key] = json!(in_order(patterns));
        }
        self
    }

    /// The statement for another reason.
    pub(super) fn because(mut self, reason: &str) -> Self {
        reason.clone_into(&mut self.reason);
        self
    }

    /// The statement as the policy says it.
    pub fn body(&self) -> &Map<String, Value> {
        &self.body
    }

    /// Its `Sid`; empty where one written by hand has none.
    pub fn sid(&self) -> &str {
        self.body
            .get("Sid")
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    pub fn actions(&self) -> Vec<&str> {
        self.texts("Action")
    }

    pub fn resources(&self) -> Vec<&str> {
        self.texts("Resource")
    }

    /// A string, or the strings of a list.
    fn texts(&self, member: &str) -> Vec<&str> {
        match self.body.get(member) {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// Takes in another statement's actions, resources and reason.
    pub(super) fn take_in(&mut self, other: &Self) {
        for (member, theirs) in [("Action", other.actions()), ("Resource", other.resources())] {
            let both = self.texts(member).into_iter().chain(theirs);
            let both = json!(in_order(both));
            self.body.insert(member.to_owned(), both);
        }
        if !self.reason.contains(&other.reason) {
            self.reason = format!("{}; {}", self.reason, other.reason);
        }
    }

    fn has_condition(&self) -> bool {
        self.body.contains_key("Condition")
    }

    /// Whether the others together allow all that this one does.
    fn is_covered_by(&self, others: &[Self]) -> bool {
        let covers = |action: &str, resource: &str| {
            others.iter().any(|other| {
                let same_condition = other.body.get("Condition") == self.body.get("Condition");
                (same_condition || !other.has_condition())
                    && other.actions().contains(&action)
                    && other
                        .resources()
                        .iter()
                        .any(|pattern| iam_policy::covers(pattern, resource))
            })
        };
        self.actions().iter().all(|action| {
            self.resources()
                .iter()
                .all(|resource| covers(action, resource))
        })
    }
}

fn in_order(texts: impl IntoIterator<Item = impl Into<String>>) -> Vec<String> {
    let mut texts: Vec<String> = texts.into_iter().map(Into::into).collect();
    texts.sort();
    texts.dedup();
    texts
}

/// Leaves out statements that allow nothing, or nothing that the others do not allow as well; and
/// gives those that are left names of their own.
pub(super) fn without_needless(statements: Vec<Statement>) -> Vec<Statement> {
    let mut left: Vec<Statement> = statements
        .into_iter()
        .filter(|s| !s.actions().is_empty() && !s.resources().is_empty())
        .collect();
    let mut i = 0;
    while i < left.len() {
        let one = left.remove(i);
        if !one.is_covered_by(&left) {
            left.insert(i, one);
            i += 1;
        }
    }
    name_apart(&mut left, &[]);
    left
}

/// Numbers those statements whose `Sid` another one has already, or one of `taken`.
fn name_apart(statements: &mut [Statement], taken: &[String]) {
    let mut used: Vec<String> = taken.to_vec();
    for statement in statements {
        let sid = statement.sid().to_owned();
        let mut free = sid.clone();
        let mut number = 1;
        while used.contains(&free) {
            number += 1;
            free = format!("{sid}{number}");
        }
        statement.body.insert("Sid".to_owned(), json!(free));
        used.push(free);
    }
}

/// The derived statements and those that were written beside them, which keep their names.
pub(super) fn with_extra(mut derived: Vec<Statement>, extra: &[Value]) -> Vec<Statement> {
    let written: Vec<Statement> = extra
        .iter()
        .filter_map(Value::as_object)
        .enumerate()
        .map(|(i, body)| Statement {
            body: body.clone(),
            reason: format!("written in stack.toml: extra_statements.{i}"),
        })
        .collect();
    let taken: Vec<String> = written.iter().map(|s| s.sid().to_owned()).collect();
    name_apart(&mut derived, &taken);
    derived.extend(written);
    derived
}

/// The statements as a policy document.
pub fn document(statements: &[Statement]) -> Value {
    let statements: Vec<&Map<String, Value>> = statements.iter().map(Statement::body).collect();
    json!({ "Version": "2012-10-17", "Statement": statements })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_that_another_covers_is_left_out() {
        let wide = Statement::allow("Read", ["s3:GetObject"], ["arn:aws:s3:::b/*"], "");
        let narrow = Statement::allow("One", ["s3:GetObject"], ["arn:aws:s3:::b/k"], "");
        let other = Statement::allow("Write", ["s3:PutObject"], ["arn:aws:s3:::b/k"], "");
        let left = without_needless(vec![narrow, wide.clone(), other.clone()]);
        assert_eq!(left, [wide, other]);
    }

    #[test]
    fn statements_of_one_name_are_numbered_and_written_ones_keep_theirs() {
        let call = |resource: &str| Statement::allow("Call", ["sns:Publish"], [resource], "");
        let derived = without_needless(vec![call("arn:1"), call("arn:2")]);
        let extra = json!({"Sid": "Call", "Effect": "Deny", "Action": "*", "Resource": "*"});
        let all = with_extra(derived, &[extra]);
        let sids: Vec<&str> = all.iter().map(Statement::sid).collect();
        assert_eq!(sids, ["Call2", "Call22", "Call"]);
    }
}
