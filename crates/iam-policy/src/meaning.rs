//! Whether two documents say the same, however they are written.

use std::collections::BTreeSet;

use crate::condition::{Condition, Operator};
use crate::document::{Document, Effect, Named, Statement};

type Names = Option<(bool, BTreeSet<String>)>;

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Plain {
    sid: Option<String>,
    effect: Effect,
    principals: Option<(bool, BTreeSet<(String, String)>)>,
    actions: Names,
    resources: Names,
    conditions: BTreeSet<Condition>,
}

/// Whether two policy documents, each as JSON or URL-encoded, mean the same.
///
/// The order of statements and lists does not count, nor whether one string is in a list, the
/// case of actions and condition keys, an account's number for its root's ARN, or white space. A
/// `Sid` counts: it decides nothing, but who changes it wants it changed. Texts that are no
/// policies are compared as they are.
pub fn same_meaning(a: &str, b: &str) -> bool {
    match (Document::parse(a), Document::parse(b)) {
        (Ok(a), Ok(b)) => a.means_the_same_as(&b),
        _ => a == b,
    }
}

impl Document {
    /// Whether both decide every request alike and carry the same identifiers.
    pub fn means_the_same_as(&self, other: &Self) -> bool {
        let plain = |d: &Self| d.statements.iter().map(plain).collect::<BTreeSet<_>>();
        self.has_variables == other.has_variables
            && self.id == other.id
            && plain(self) == plain(other)
    }
}

fn plain(statement: &Statement) -> Plain {
    Plain {
        sid: statement.sid.clone(),
        effect: statement.effect,
        principals: statement.principals.as_ref().map(|p| {
            let entries = p
                .entries
                .iter()
                .map(|(kind, value)| (kind.clone(), account(value).unwrap_or(value).to_owned()));
            (p.all_but, entries.collect())
        }),
        actions: statement
            .actions
            .as_ref()
            .map(|n| names(n, str::to_ascii_lowercase)),
        resources: statement
            .resources
            .as_ref()
            .map(|n| names(n, str::to_owned)),
        conditions: statement.conditions.iter().map(plain_condition).collect(),
    }
}

/// The account whose root an ARN names, in whatever partition of AWS.
fn account(arn: &str) -> Option<&str> {
    let parts: Vec<&str> = arn.split(':').collect();
    match parts.as_slice() {
        ["arn", _, "iam", "", account, "root"] => Some(*account),
        _ => None,
    }
}

fn names(named: &Named, plain: impl Fn(&str) -> String) -> (bool, BTreeSet<String>) {
    (
        matches!(named, Named::AllBut(_)),
        named.patterns().iter().map(|p| plain(p)).collect(),
    )
}

fn plain_condition(condition: &Condition) -> Condition {
    let mut plain = condition.clone();
    plain.key.make_ascii_lowercase();
    if matches!(plain.operator, Operator::Bool | Operator::Null) {
        for value in &mut plain.values {
            value.make_ascii_lowercase();
        }
    }
    plain.values.sort();
    plain.values.dedup();
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_it_otherwise_changes_nothing() {
        let one = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"S3:getObject","Resource":["arn:aws:s3:::b","arn:aws:s3:::a"],"Principal":{"AWS":"111122223333"},"Condition":{"Bool":{"aws:SecureTransport":true}}}}"#;
        let other = r#"{"Statement":[{"Condition":{"Bool":{"AWS:SecureTransport":["true"]}},"Resource":["arn:aws:s3:::a","arn:aws:s3:::b"],"Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["s3:GetObject"],"Effect":"Allow"}],"Version":"2012-10-17"}"#;
        assert!(same_meaning(one, other));
        let encoded =
            percent_encoding::utf8_percent_encode(other, percent_encoding::NON_ALPHANUMERIC)
                .to_string();
        assert!(same_meaning(one, &encoded));
    }

    #[test]
    fn an_account_is_its_root_in_every_partition() {
        let trust = |principal: &str| {
            format!(
                r#"{{"Statement":{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{{"AWS":"{principal}"}}}}}}"#
            )
        };
        for partition in ["aws", "aws-cn", "aws-us-gov"] {
            let root = trust(&format!("arn:{partition}:iam::111122223333:root"));
            assert!(same_meaning(&trust("111122223333"), &root));
            let role = trust(&format!("arn:{partition}:iam::111122223333:role/root"));
            assert!(!same_meaning(&trust("111122223333"), &role));
        }
    }

    #[test]
    fn another_meaning_is_told() {
        let one = r#"{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
        assert!(!same_meaning(
            one,
            r#"{"Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}"#
        ));
        assert!(!same_meaning(
            one,
            r#"{"Statement":{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}}"#
        ));
        assert!(!same_meaning(one, "no policy"));
    }
}
