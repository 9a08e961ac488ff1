//! Whether a role that was written by hand has what is needed of it, and what it has beyond.

use std::collections::BTreeSet;

use chrono::Utc;
use iam_policy::{
    Context, Decision, Document, Effect, Lacking, Named, Policies, Principal, Request, Source,
    covers, evaluate, may_assume,
};
use serde::Serialize;
use serde_json::Value;

use super::{Home, Statement};

/// A policy of a role.
#[derive(Debug, Clone)]
pub struct Attached {
    /// What the user knows it by: an inline policy's name, a managed one's ARN.
    pub name: String,
    pub document: Document,
}

/// A role as it was written.
#[derive(Debug, Clone)]
pub struct Role {
    pub arn: String,
    pub policies: Vec<Attached>,
    pub boundary: Option<Document>,
    pub trust: Document,
}

/// What is asked of a role, by somebody who takes it.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The service that takes it: `glue.amazonaws.com`.
    pub service: &'static str,
    /// What the service takes it for, which it names as `aws:SourceArn`.
    pub source_arn: String,
    pub statements: Vec<Statement>,
}

/// Something that a role cannot do and has to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Lack {
    pub action: String,
    pub resource: String,
    /// Why the action is needed.
    pub reason: String,
    /// Why the role cannot do it.
    pub because: String,
}

/// Something that a role can do and nobody asks of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Beyond {
    /// The policy that gives it.
    pub policy: String,
    pub action: String,
    pub resource: String,
    /// What of it would do; empty if nothing is needed.
    pub needed: Vec<String>,
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    pub lacks: Vec<Lack>,
    pub beyond: Vec<Beyond>,
}

/// One action on one resource, under conditions where there are some.
struct Pair<'a> {
    action: &'a str,
    resource: &'a str,
    /// Keys, and the values that it has to be allowed with, each of them.
    conditions: Vec<(&'a str, Vec<&'a str>)>,
    reason: &'a str,
}

/// Compares a role with what is asked of it.
pub fn check(home: &Home, role: &Role, asked: &[Asked]) -> Report {
    let pairs: Vec<Pair> = asked
        .iter()
        .flat_map(|asked| &asked.statements)
        .flat_map(pairs)
        .collect();
    let mut lacks: BTreeSet<Lack> = asked
        .iter()
        .filter_map(|asked| trust(home, role, asked))
        .collect();
    let identity: Vec<Document> = role.policies.iter().map(|p| p.document.clone()).collect();
    lacks.extend(
        pairs
            .iter()
            .filter_map(|pair| lack(home, role, &identity, pair)),
    );
    let beyond: BTreeSet<Beyond> = role
        .policies
        .iter()
        .flat_map(|policy| beyond(policy, &pairs))
        .collect();
    Report {
        lacks: lacks.into_iter().collect(),
        beyond: beyond.into_iter().collect(),
    }
}

fn trust(home: &Home, role: &Role, asked: &Asked) -> Option<Lack> {
    let service = asked.service;
    let mut context = Context::default();
    context.set_request(&home.account_id, &home.region, Utc::now());
    context.set_source(&home.account_id, &asked.source_arn, "check");
    let takes = |name: String| may_assume(&role.trust, &Principal::Service(name), &context);
    // A service may be trusted in its region alone.
    let regional = service.replacen('.', &format!(".{}.", home.region), 1);
    if takes(service.to_owned()) || takes(regional) {
        return None;
    }
    Some(Lack {
        action: "sts:AssumeRole".to_owned(),
        resource: role.arn.clone(),
        reason: format!("{service} takes the role"),
        because: "its trust policy does not let it".to_owned(),
    })
}

fn pairs(statement: &Statement) -> Vec<Pair<'_>> {
    let conditions = conditions(statement);
    let mut pairs = Vec::new();
    for action in statement.actions() {
        for resource in statement.resources() {
            if !goes_with(action, resource) {
                continue;
            }
            pairs.push(Pair {
                action,
                resource,
                conditions: conditions.clone(),
                reason: &statement.reason,
            });
        }
    }
    pairs
}

/// The keys of a statement's condition, and what they are like.
fn conditions(statement: &Statement) -> Vec<(&str, Vec<&str>)> {
    let keys = statement
        .body()
        .get("Condition")
        .and_then(|condition| condition.get("StringLike"))
        .and_then(Value::as_object);
    let like = keys.into_iter().flatten().map(|(key, values)| {
        let values = values.as_array().into_iter().flatten();
        (key.as_str(), values.filter_map(Value::as_str).collect())
    });
    like.collect()
}

impl<'a> Pair<'a> {
    /// Every combination of what its conditions let their keys be; without any, the one of no key.
    fn contexts(&self) -> Vec<Vec<(&'a str, &'a str)>> {
        let mut contexts: Vec<Vec<(&str, &str)>> = vec![Vec::new()];
        for (key, values) in &self.conditions {
            let mut longer = Vec::new();
            for context in &contexts {
                for value in values {
                    let mut context = context.clone();
                    context.push((*key, *value));
                    longer.push(context);
                }
            }
            contexts = longer;
        }
        contexts
    }
}

/// Whether an action can be on a resource at all. A statement lists the resources of all its
/// actions together.
fn goes_with(action: &str, resource: &str) -> bool {
    match action.split_once(':') {
        Some(("athena", "GetDataCatalog")) => resource.contains(":datacatalog/"),
        Some(("athena", _)) => !resource.contains(":datacatalog/"),
        Some(("glue", "GetDatabase" | "GetDatabases")) => !resource.contains(":table/"),
        // Athena looks whether the default database is there, whatever the query.
        Some(("glue", _)) => !resource.ends_with(":database/default"),
        Some(("logs", "CreateLogGroup")) => !resource.ends_with(":*"),
        Some(("logs", "CreateLogStream" | "PutLogEvents")) => resource.ends_with(":*"),
        _ => true,
    }
}

fn lack(home: &Home, role: &Role, identity: &[Document], pair: &Pair) -> Option<Lack> {
    let name = role.arn.rsplit('/').next().unwrap_or_default();
    let principal = Principal::Role {
        account: home.account_id.clone(),
        role_arn: role.arn.clone(),
        session_arn: format!(
            "arn:{}:sts::{}:assumed-role/{name}/athglue",
            home.partition, home.account_id
        ),
    };
    let mut request = Request::new(principal, pair.action, pair.resource);
    let context = &mut request.context;
    context.set("aws:RequestedRegion", home.region.clone());
    context.set("aws:SecureTransport", "true");
    context.set("aws:ResourceAccount", home.account_id.clone());
    context.set("aws:SourceAccount", home.account_id.clone());
    let policies = Policies {
        identity,
        boundary: role.boundary.as_ref(),
        ..Policies::default()
    };
    let decide = |values: Vec<(&str, &str)>| {
        for (key, value) in values {
            request.context.set(key, value);
        }
        evaluate(&request, &policies)
    };
    let decision = pair
        .contexts()
        .into_iter()
        .map(decide)
        .find(|decision| *decision != Decision::Allowed)
        .unwrap_or(Decision::Allowed);
    let because = match decision {
        Decision::Allowed => return None,
        Decision::ExplicitDeny { source, sid } => {
            let sid = sid.map(|sid| format!(" `{sid}`")).unwrap_or_default();
            let whose = match source {
                Source::Boundary => "of the permissions boundary",
                _ => "of its policies",
            };
            format!("the statement{sid} {whose} denies it")
        }
        Decision::ImplicitDeny {
            lacking: Lacking::Boundary,
        } => "its permissions boundary does not allow it".to_owned(),
        Decision::ImplicitDeny { .. } => "no policy allows it".to_owned(),
    };
    Some(Lack {
        action: pair.action.to_owned(),
        resource: pair.resource.to_owned(),
        reason: pair.reason.to_owned(),
        because,
    })
}

/// What a policy gives that none of the pairs asks for.
fn beyond(policy: &Attached, pairs: &[Pair]) -> Vec<Beyond> {
    let mut found = Vec::new();
    let allows = policy
        .document
        .statements
        .iter()
        .filter(|statement| statement.effect == Effect::Allow);
    for statement in allows {
        let (Some(actions), Some(resources)) = (&statement.actions, &statement.resources) else {
            continue;
        };
        let name = match &statement.sid {
            Some(sid) => format!("{} {sid}", policy.name),
            None => policy.name.clone(),
        };
        let is_conditional = !statement.conditions.is_empty();
        for action in patterns(actions, "every action but") {
            for resource in patterns(resources, "everything but") {
                // It gives nothing: a statement lists the resources of all its actions together.
                if !goes_with(&action, &resource) {
                    continue;
                }
                let needed = needed(&action, &resource, pairs, is_conditional);
                if let Some(needed) = needed {
                    found.push(Beyond {
                        policy: name.clone(),
                        action: action.clone(),
                        resource,
                        needed,
                    });
                }
            }
        }
    }
    found
}

fn patterns(named: &Named, all_but: &str) -> Vec<String> {
    match named {
        Named::These(patterns) => patterns.clone(),
        Named::AllBut(patterns) => vec![format!("{all_but} {}", patterns.join(", "))],
    }
}

/// What of an action on a resource would do; `None` if all of it is asked for.
fn needed(
    action: &str,
    resource: &str,
    pairs: &[Pair],
    is_conditional: bool,
) -> Option<Vec<String>> {
    let acts = |pair: &Pair| {
        action.starts_with("every action but")
            || covers(&action.to_lowercase(), &pair.action.to_lowercase())
    };
    // A resource that is narrower than what is asked for is no more than that.
    let is_on = |pair: &Pair| {
        resource.starts_with("everything but")
            || covers(resource, pair.resource)
            || covers(pair.resource, resource)
    };
    let of_it: Vec<&Pair> = pairs.iter().filter(|p| acts(p) && is_on(p)).collect();
    let names_one = !action.contains(['*', '?', ' ']);
    let is_exact = of_it.iter().any(|pair| covers(pair.resource, resource))
        && (is_conditional || of_it.iter().all(|pair| pair.conditions.is_empty()));
    if names_one && is_exact {
        return None;
    }
    let told: BTreeSet<String> = of_it
        .iter()
        .map(|pair| {
            let like = pair
                .conditions
                .iter()
                .map(|(key, values)| format!("{key} is like {}", values.join(" or ")));
            let like: Vec<String> = like.collect();
            let condition = match like.join(" and ") {
                like if like.is_empty() => like,
                like => format!(" where {like}"),
            };
            format!("{} on {}{condition}", pair.action, pair.resource)
        })
        .collect();
    Some(told.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::super::{Fact, Need};
    use super::*;
    use serde_json::json;

    fn home() -> Home {
        Home {
            partition: "aws".to_owned(),
            region: "eu-west-1".to_owned(),
            account_id: "111122223333".to_owned(),
        }
    }

    fn asked() -> Asked {
        let need = Need::Crawler {
            name: "films".to_owned(),
            database: "lake".to_owned(),
            table_prefix: String::new(),
            paths: vec!["s3://data/films/".to_owned()],
            catalog_targets: Vec::new(),
            event_queues: Vec::new(),
            extra_statements: Vec::new(),
        };
        let facts: [Fact; 0] = [];
        Asked {
            service: need.service(),
            source_arn: need.source_arn(&home()),
            statements: need.derived(&home(), &facts),
        }
    }

    fn role(statements: Value) -> Role {
        let policy = json!({"Version": "2012-10-17", "Statement": statements});
        let trust = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
            "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}});
        Role {
            arn: "arn:aws:iam::111122223333:role/crawler".to_owned(),
            policies: vec![Attached {
                name: "own".to_owned(),
                document: Document::from_value(&policy).unwrap(),
            }],
            boundary: None,
            trust: Document::from_value(&trust).unwrap(),
        }
    }

    #[test]
    fn the_derived_policy_lacks_nothing_and_has_nothing_beyond() {
        let asked = asked();
        let statements: Vec<Value> = asked
            .statements
            .iter()
            .map(|s| Value::Object(s.body().clone()))
            .collect();
        let report = check(&home(), &role(json!(statements)), &[asked]);
        assert_eq!(report, Report::default());
    }

    #[test]
    fn what_a_role_lacks_is_said_with_the_reason() {
        let all_but_reading = json!([
            {"Effect": "Allow", "Action": ["glue:*", "logs:*", "s3:Get*Location"], "Resource": "*"},
            {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::data"},
        ]);
        let report = check(&home(), &role(all_but_reading), &[asked()]);
        let lacks: Vec<(&str, &str)> = report
            .lacks
            .iter()
            .map(|lack| (lack.action.as_str(), lack.resource.as_str()))
            .collect();
        assert_eq!(lacks, [("s3:GetObject", "arn:aws:s3:::data/films/*")]);
        assert_eq!(report.lacks[0].because, "no policy allows it");
    }

    #[test]
    fn what_a_role_has_beyond_need_is_said_with_what_would_do() {
        let report = check(
            &home(),
            &role(json!([
                {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*"},
                {"Effect": "Allow", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::data/films/*"},
                {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/films/*"},
            ])),
            &[asked()],
        );
        let beyond: Vec<(&str, &str, &[String])> = report
            .beyond
            .iter()
            .map(|b| (b.action.as_str(), b.resource.as_str(), b.needed.as_slice()))
            .collect();
        let would_do = ["s3:GetObject on arn:aws:s3:::data/films/*".to_owned()];
        assert_eq!(
            beyond,
            [
                ("s3:DeleteObject", "arn:aws:s3:::data/films/*", &[][..]),
                ("s3:GetObject", "arn:aws:s3:::data/*", &would_do[..]),
            ]
        );
    }

    #[test]
    fn every_condition_has_to_be_allowed_with_every_value() {
        let machine = "arn:aws:states:eu-west-1:111122223333:stateMachine:m";
        let action = "states:InvokeHTTPEndpoint";
        let statement = Statement::allow("Call", [action], [machine], "`S` calls this API")
            .where_like("states:HTTPEndpoint", vec!["https://a.com/x".to_owned()])
            .where_like(
                "states:HTTPMethod",
                vec!["GET".to_owned(), "PUT".to_owned()],
            );
        let asked = Asked {
            service: "glue.amazonaws.com",
            source_arn: machine.to_owned(),
            statements: vec![statement],
        };
        let lacks = |url: &str, methods: &[&str]| {
            let own = json!({"Effect": "Allow", "Action": action, "Resource": machine, "Condition": {
                "StringLike": {"states:HTTPEndpoint": url}, "StringEquals": {"states:HTTPMethod": methods}}});
            let report = check(&home(), &role(own), std::slice::from_ref(&asked));
            assert_eq!(report.beyond, []);
            report.lacks.len()
        };
        assert_eq!(lacks("https://a.com/*", &["GET", "PUT"]), 0);
        assert_eq!(lacks("https://a.com/*", &["GET"]), 1);
        assert_eq!(lacks("https://b.com/*", &["GET", "PUT"]), 1);
    }

    #[test]
    fn a_trust_policy_may_name_what_the_service_works_for() {
        let mut held = role(json!({"Effect": "Allow", "Action": "*", "Resource": "*"}));
        let mut lacks = |crawler: &str| {
            let trust = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
                "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}, "Bool": {"aws:SecureTransport": "true"},
                    "ArnLike": {"aws:SourceArn": format!("arn:aws:glue:*:111122223333:crawler/{crawler}")}}}});
            held.trust = Document::from_value(&trust).unwrap();
            check(&home(), &held, &[asked()]).lacks.len()
        };
        assert_eq!(lacks("films"), 0);
        assert_eq!(lacks("songs"), 1);
    }

    #[test]
    fn a_denial_and_a_boundary_and_a_trust_policy_are_seen() {
        let mut denied = role(json!([
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {"Sid": "NoReading", "Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*"},
        ]));
        let because = |role: &Role| check(&home(), role, &[asked()]).lacks[0].because.clone();
        assert_eq!(
            because(&denied),
            "the statement `NoReading` of its policies denies it"
        );
        let boundary = json!({"Version": "2012-10-17", "Statement":
            {"Effect": "Allow", "NotAction": "s3:GetBucketLocation", "Resource": "*"}});
        denied.boundary = Some(Document::from_value(&boundary).unwrap());
        assert_eq!(
            because(&denied),
            "its permissions boundary does not allow it"
        );
        let trust = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
            "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}});
        let mut untrusted = role(json!({"Effect": "Allow", "Action": "*", "Resource": "*"}));
        untrusted.trust = Document::from_value(&trust).unwrap();
        assert_eq!(because(&untrusted), "its trust policy does not let it");
    }
}
