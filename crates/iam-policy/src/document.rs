//! The policy document and its grammar.
//!
//! Source: IAM User Guide, "Grammar of the IAM JSON policy language".

use serde_json::{Map, Value};

use crate::condition::{Condition, parse_conditions};
use crate::error::PolicyError;

/// Whether a statement allows or denies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    Allow,
    Deny,
}

/// Patterns, or with `Not…` everything but them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    These(Vec<String>),
    AllBut(Vec<String>),
}

impl Named {
    /// The patterns as they were written, whichever way they are meant.
    pub fn patterns(&self) -> &[String] {
        match self {
            Self::These(patterns) | Self::AllBut(patterns) => patterns,
        }
    }
}

/// Whom a statement is about: pairs of a type (`AWS`, `Service`, `Federated`, `CanonicalUser`)
/// and a value. `"*"` reads as `AWS: *`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principals {
    pub all_but: bool,
    pub entries: Vec<(String, String)>,
}

/// One statement of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    pub sid: Option<String>,
    pub effect: Effect,
    pub principals: Option<Principals>,
    pub actions: Option<Named>,
    pub resources: Option<Named>,
    pub conditions: Vec<Condition>,
}

/// A policy document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Whether it is of version 2012-10-17, in which policy variables have a meaning.
    pub has_variables: bool,
    pub id: Option<String>,
    pub statements: Vec<Statement>,
}

/// What a document is attached to, which decides the elements it must and must not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Attached to a role, user or group, or a permissions boundary.
    Identity,
    /// Attached to a resource, such as a bucket.
    Resource,
    /// Says who may assume a role.
    Trust,
}

impl Document {
    /// Reads a document, as JSON or as URL-encoded JSON, in which form IAM hands them out.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let text = text.trim();
        let decoded;
        let json = if text.starts_with('%') {
            decoded = percent_encoding::percent_decode_str(text)
                .decode_utf8()
                .map_err(|_| PolicyError::NotJson)?;
            decoded.as_ref()
        } else {
            text
        };
        let value: Value = serde_json::from_str(json).map_err(|_| PolicyError::NotJson)?;
        Self::from_value(&value)
    }

    /// Reads a document that is JSON already.
    pub fn from_value(value: &Value) -> Result<Self, PolicyError> {
        let object = value.as_object().ok_or(PolicyError::Syntax)?;
        if let Some(unknown) = object
            .keys()
            .find(|k| !["Version", "Id", "Statement"].contains(&k.as_str()))
        {
            return Err(PolicyError::Element(format!("unknown element {unknown}")));
        }
        let has_variables = match object.get("Version") {
            None => false,
            Some(Value::String(version)) if version == "2012-10-17" => true,
            Some(Value::String(version)) if version == "2008-10-17" => false,
            Some(_) => {
                return Err(PolicyError::Element(
                    "Version must be 2012-10-17 or 2008-10-17".to_owned(),
                ));
            }
        };
        let statements = match object.get("Statement") {
            Some(Value::Array(statements)) => statements
                .iter()
                .map(parse_statement)
                .collect::<Result<Vec<_>, _>>()?,
            Some(statement @ Value::Object(_)) => vec![parse_statement(statement)?],
            _ => return Err(PolicyError::Syntax),
        };
        if statements.is_empty() {
            return Err(PolicyError::Syntax);
        }
        for (i, statement) in statements.iter().enumerate() {
            if let Some(sid) = &statement.sid
                && statements[..i].iter().any(|s| s.sid.as_ref() == Some(sid))
            {
                return Err(PolicyError::SidNotUnique);
            }
        }
        Ok(Self {
            has_variables,
            id: object.get("Id").and_then(Value::as_str).map(str::to_owned),
            statements,
        })
    }

    /// Reads a document of a kind, with the elements that this kind must and must not have.
    pub fn parse_as(text: &str, kind: Kind) -> Result<Self, PolicyError> {
        let document = Self::parse(text)?;
        for statement in &document.statements {
            check_kind(statement, kind)?;
        }
        Ok(document)
    }
}

fn check_kind(statement: &Statement, kind: Kind) -> Result<(), PolicyError> {
    match kind {
        Kind::Identity => {
            if statement.principals.is_some() {
                return Err(PolicyError::PrincipalNotAllowed);
            }
        }
        Kind::Resource | Kind::Trust => {
            if statement.principals.is_none() {
                return Err(PolicyError::Missing("Principal"));
            }
        }
    }
    let actions = statement.actions.as_ref().ok_or(PolicyError::NoActions)?;
    if let Some(sid) = &statement.sid
        && kind != Kind::Resource
        && !sid.chars().all(|c| c.is_ascii_alphanumeric())
    {
        return Err(PolicyError::SidNotAlphanumeric);
    }
    for action in actions.patterns() {
        if action != "*" && !action.contains(':') {
            return Err(PolicyError::NoVendor);
        }
        if kind == Kind::Trust && !action.to_ascii_lowercase().starts_with("sts:") {
            return Err(PolicyError::NotAssumeRole);
        }
    }
    match (&statement.resources, kind) {
        (Some(_), Kind::Trust) => return Err(PolicyError::Prohibited("Resource")),
        (None, Kind::Identity | Kind::Resource) => return Err(PolicyError::NoResources),
        _ => {}
    }
    for resource in statement.resources.iter().flat_map(Named::patterns) {
        if resource != "*" && !(resource.starts_with("arn:") && resource.matches(':').count() >= 5)
        {
            return Err(PolicyError::NotAnArn(resource.clone()));
        }
    }
    Ok(())
}

fn parse_statement(value: &Value) -> Result<Statement, PolicyError> {
    const ELEMENTS: [&str; 9] = [
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    ];
    let object = value.as_object().ok_or(PolicyError::Syntax)?;
    if let Some(unknown) = object.keys().find(|k| !ELEMENTS.contains(&k.as_str())) {
        return Err(PolicyError::Element(format!("unknown element {unknown}")));
    }
    let effect = match object.get("Effect").and_then(Value::as_str) {
        Some("Allow") => Effect::Allow,
        Some("Deny") => Effect::Deny,
        Some(other) => return Err(PolicyError::Element(format!("invalid effect {other}"))),
        None => return Err(PolicyError::Missing("Effect")),
    };
    let sid = match object.get("Sid") {
        None => None,
        Some(Value::String(sid)) if sid.is_empty() => None,
        Some(Value::String(sid)) => Some(sid.clone()),
        Some(_) => return Err(PolicyError::Syntax),
    };
    Ok(Statement {
        sid,
        effect,
        principals: parse_principals(object)?,
        actions: parse_named(object, "Action", "NotAction")?,
        resources: parse_named(object, "Resource", "NotResource")?,
        conditions: match object.get("Condition") {
            None => Vec::new(),
            Some(value) => parse_conditions(value)?,
        },
    })
}

fn parse_named(
    object: &Map<String, Value>,
    these: &str,
    all_but: &str,
) -> Result<Option<Named>, PolicyError> {
    match (object.get(these), object.get(all_but)) {
        (None, None) => Ok(None),
        (Some(value), None) => Ok(Some(Named::These(strings(value)?))),
        (None, Some(value)) => Ok(Some(Named::AllBut(strings(value)?))),
        (Some(_), Some(_)) => Err(PolicyError::Element(format!(
            "{these} and {all_but} exclude each other"
        ))),
    }
}

fn parse_principals(object: &Map<String, Value>) -> Result<Option<Principals>, PolicyError> {
    let (value, all_but) = match (object.get("Principal"), object.get("NotPrincipal")) {
        (None, None) => return Ok(None),
        (Some(value), None) => (value, false),
        (None, Some(value)) => (value, true),
        (Some(_), Some(_)) => {
            return Err(PolicyError::Element(
                "Principal and NotPrincipal exclude each other".to_owned(),
            ));
        }
    };
    let entries = match value {
        Value::String(any) if any == "*" => vec![("AWS".to_owned(), "*".to_owned())],
        Value::Object(types) => {
            let mut entries = Vec::new();
            for (kind, values) in types {
                if !["AWS", "Service", "Federated", "CanonicalUser"].contains(&kind.as_str()) {
                    return Err(PolicyError::Principal(format!("\"{kind}\"")));
                }
                for value in strings(values)? {
                    check_principal(kind, &value)?;
                    entries.push((kind.clone(), value));
                }
            }
            entries
        }
        other => return Err(PolicyError::Principal(other.to_string())),
    };
    Ok(Some(Principals { all_but, entries }))
}

fn check_principal(kind: &str, value: &str) -> Result<(), PolicyError> {
    let wrong = || {
        Err(PolicyError::Principal(format!(
            "\"{}\":\"{value}\"",
            if kind == "Service" { "SERVICE" } else { kind }
        )))
    };
    match kind {
        "AWS" => {
            let is_account = value.len() == 12 && value.bytes().all(|b| b.is_ascii_digit());
            let is_unique_id = value.starts_with("AROA") || value.starts_with("AIDA");
            if value == "*" || is_account || is_unique_id || value.starts_with("arn:") {
                return Ok(());
            }
            wrong()
        }
        "Service" if value == "*" || !value.contains('.') => wrong(),
        _ => Ok(()),
    }
}

/// A string, or a list of strings.
pub(crate) fn strings(value: &Value) -> Result<Vec<String>, PolicyError> {
    match value {
        Value::String(one) => Ok(vec![one.clone()]),
        Value::Array(many) => many
            .iter()
            .map(|v| v.as_str().map(str::to_owned).ok_or(PolicyError::Syntax))
            .collect(),
        _ => Err(PolicyError::Syntax),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str, kind: Kind) -> String {
        Document::parse_as(text, kind).unwrap_err().to_string()
    }

    #[test]
    fn a_document_is_read_url_encoded_too() {
        let plain = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
        let encoded =
            percent_encoding::utf8_percent_encode(plain, percent_encoding::NON_ALPHANUMERIC)
                .to_string();
        assert_eq!(Document::parse(plain), Document::parse(&encoded));
    }

    #[test]
    fn what_is_wrong_is_said_as_aws_says_it() {
        assert_eq!(
            error("{", Kind::Identity),
            "This policy contains invalid Json"
        );
        assert_eq!(
            error(r#"{"Statement":[]}"#, Kind::Identity),
            "Syntax errors in policy."
        );
        assert_eq!(
            error(
                r#"{"Statement":{"Effect":"Allow","Action":"s3:*"}}"#,
                Kind::Identity
            ),
            "Policy statement must contain resources."
        );
        assert_eq!(
            error(
                r#"{"Statement":{"Effect":"Allow","Action":"s3","Resource":"*"}}"#,
                Kind::Identity
            ),
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
        );
        assert_eq!(
            error(
                r#"{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"bucket"}}"#,
                Kind::Identity
            ),
            "Resource bucket must be in ARN format or \"*\"."
        );
        assert_eq!(
            error(
                r#"{"Statement":{"Effect":"Allow","Principal":{"Service":"glue"},"Action":"sts:AssumeRole"}}"#,
                Kind::Trust
            ),
            "Invalid principal in policy: \"SERVICE\":\"glue\""
        );
        assert_eq!(
            error(
                r#"{"Statement":{"Effect":"Allow","Principal":{"Service":"glue.amazonaws.com"},"Action":"sts:AssumeRole","Resource":"*"}}"#,
                Kind::Trust
            ),
            "Has prohibited field Resource"
        );
    }
}
